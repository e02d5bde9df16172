/* qconv_depth.c -- packed weights of depthwise layers, the same for all instruction
 * sets.
 *
 *   forward   kernel rows in fours: (rows / 4, S, Kp, 4) s8, rows beyond R are 0
 *   backward  (R * S, Kp) f32 */
#include "nn/qconv_back.h"
#include "nn/qconv_loops.h"

static float weight(const struct qconv *c, const float *wq, int32_t k, int32_t tap)
{
    return k < c->shape.K ? wq[(int64_t)k * c->n_taps + tap] : 0.0f;
}

void qconv_depth_pack_forward(const struct qconv *c, const float *wq, int32_t zero,
                              void *packed)
{
    const int32_t R = c->shape.R, S = c->shape.S;
    int8_t *to = packed;
    for (int32_t r = 0; r < R; r += 4)
        for (int32_t s = 0; s < S; s++)
            for (int32_t k = 0; k < c->Kp; k++)
                for (int32_t i = r; i < r + 4; i++)
                    *to++ = i < R ? (int8_t)weight(c, wq, k, i * S + s) : 0;
    qconv_start(c, wq, zero, (int32_t *)(void *)to);
}

void qconv_depth_pack_backward(const struct qconv *c, const float *wq, void *packed)
{
    float *to = packed;
    for (int32_t tap = 0; tap < c->n_taps; tap++)
        for (int32_t k = 0; k < c->Kp; k++)
            *to++ = weight(c, wq, k, tap);
}
