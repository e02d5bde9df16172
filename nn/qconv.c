/* qconv.c -- the table of instruction sets, and their plain twin. */
#include "nn/qconv.h"

#include <string.h>

#include "nn/qconv_back.h"
#include "nn/qconv_loops.h"

/* ---- the plain twin ---- */

static void ref_pack_forward(const struct qconv *c, const float *wq, int32_t zero,
                             void *packed)
{
    int8_t *w = packed;
    memset(w, 0, c->dw_size);
    for (int64_t i = 0; i < layer_shape_weights(&c->shape); i++)
        w[i] = (int8_t)wq[i];
    qconv_start(c, wq, zero, (int32_t *)(void *)(w + c->dw_size));
}

static void ref_pack_backward(const struct qconv *c, const float *wq, void *packed)
{
    memcpy(packed, wq, sizeof *wq * (size_t)layer_shape_weights(&c->shape));
}

/* Offset in x of channel 0 that output (p, q) meets at kernel position i. */
static size_t x_at(const struct qconv *c, int32_t image, int32_t p, int32_t q,
                   int32_t i)
{
    const int32_t row = p * c->shape.stride_h + i / c->shape.S;
    const int32_t column = q * c->shape.stride_w + i % c->shape.S;
    return (size_t)image * c->x_image + (size_t)((row * c->Wp + column) * c->Cx);
}

static int32_t ref_output(const struct qconv *c, const uint8_t *x, const int8_t *w,
                          int32_t k, int32_t image, int32_t p, int32_t q)
{
    const int32_t first = layer_shape_channel(&c->shape, k, 0);
    int32_t sum = 0;
    for (int32_t i = 0; i < c->n_taps; i++)
        for (int32_t ch = first; ch < first + c->shape.C / c->shape.groups; ch++)
            sum += x[x_at(c, image, p, q, i) + (size_t)ch] *
                   w[qconv_weight_at(c, k, i, ch)];
    return sum;
}

static void ref_forward(const struct qconv *c, int32_t n, const uint8_t *x,
                        const void *packed, int32_t *y, double *sums)
{
    const int8_t *w = packed;
    const int32_t *start = (const int32_t *)(const void *)(w + c->dw_size);
    for (int32_t i = 0; i < n * c->shape.P * c->shape.Q; i++)
        for (int32_t k = 0; k < c->Kp; k++, y++) {
            const int32_t at = i % (c->shape.P * c->shape.Q);
            *y = 0;
            if (k < c->shape.K)
                *y = start[k] + ref_output(c, x, w, k, i / (c->shape.P * c->shape.Q),
                                           at / c->shape.Q, at % c->shape.Q);
            if (!sums) continue;
            sums[k] += *y;
            sums[c->Kp + k] += (double)*y * *y;
        }
}

static void ref_scratch_bytes(const struct qconv *c, size_t *dy, size_t *dy_pack_image,
                              size_t *x_pack_image)
{
    *dy = *dy_pack_image = sizeof(float) * c->y_image;
    *x_pack_image = 0;
}

static void ref_spread(const struct qconv *c, const float *dy, int32_t i,
                       const struct qconv_scratch *s)
{
    memcpy(s->dy, dy, sizeof *dy * c->y_image);
    memcpy((unsigned char *)s->dy_pack + (size_t)i * s->dy_pack_image, dy,
           sizeof *dy * c->y_image);
}

static double ref_input(const struct qconv *c, const float *dy, const float *w,
                        int32_t h, int32_t v, int32_t ch)
{
    const struct layer_shape *s = &c->shape;
    double sum = 0;
    for (int32_t i = 0; i < c->n_taps; i++) {
        const int32_t p = h + s->pad_top - i / s->S, q = v + s->pad_left - i % s->S;
        if (p < 0 || q < 0 || p % s->stride_h || q % s->stride_w) continue;
        if (p / s->stride_h >= s->P || q / s->stride_w >= s->Q) continue;
        const float *d = dy + (p / s->stride_h * s->Q + q / s->stride_w) * c->Kp;
        for (int32_t k = 0; k < s->K; k++) {
            const int64_t at = qconv_weight_at(c, k, i, ch);
            if (at >= 0) sum += (double)d[k] * (double)w[at];
        }
    }
    return sum;
}

static void ref_data(const struct qconv *c, const struct qconv_scratch *s,
                     const void *packed, float *dx)
{
    for (int32_t h = 0; h < c->shape.H; h++)
        for (int32_t w = 0; w < c->shape.W; w++)
            for (int32_t ch = 0; ch < c->Cg; ch++)
                *dx++ = ch < c->shape.C ? (float)ref_input(c, s->dy, packed, h, w, ch)
                                        : 0.0f;
}

static double ref_weight(const struct qconv *c, int32_t n, const uint8_t *x,
                         int32_t zero, const struct qconv_scratch *s, int32_t i,
                         int32_t ch, int32_t k)
{
    double sum = 0;
    for (int32_t image = 0; image < n; image++) {
        const float *d = (const float *)s->dy_pack + (size_t)image * c->y_image + k;
        for (int32_t p = 0; p < c->shape.P; p++)
            for (int32_t q = 0; q < c->shape.Q; q++, d += c->Kp)
                sum += (double)*d * (x[x_at(c, image, p, q, i) + (size_t)ch] - zero);
    }
    return sum;
}

static void ref_weights(const struct qconv *c, int32_t n, const uint8_t *x,
                        int32_t zero, const struct qconv_scratch *s, float *dw)
{
    for (int32_t i = 0; i < c->n_taps; i++)
        for (int32_t row = 0; row < c->Cw; row++)
            for (int32_t k = 0; k < c->Kp; k++, dw++) {
                const int32_t ch = c->is_depthwise ? k : row;
                if (qconv_weight_at(c, k, i, ch) >= 0)
                    *dw += (float)ref_weight(c, n, x, zero, s, i, ch, k);
            }
}

const struct qconv_isa qconv_ref = {.name = "ref",
                                    .depthwise = &qconv_ref,
                                    .forward_bytes = sizeof(int8_t),
                                    .backward_bytes = sizeof(float),
                                    .pack_forward = ref_pack_forward,
                                    .pack_backward = ref_pack_backward,
                                    .forward = ref_forward,
                                    .scratch_bytes = ref_scratch_bytes,
                                    .spread = ref_spread,
                                    .data = ref_data,
                                    .weights = ref_weights};

/* ---- the table ---- */

#if defined(__x86_64__) && defined(__GNUC__)
#define ROW(title, front, f_bytes, back, b_bytes, spreads, depth)                      \
    {                                                                                  \
        .name = title, .depthwise = &(depth), .forward_bytes = f_bytes,                \
        .backward_bytes = b_bytes, .pack_forward = front##_pack,                       \
        .forward = front##_forward, .pack_backward = back##_pack,                      \
        .scratch_bytes = back##_scratch_bytes, .spread = spreads, .data = back##_data, \
        .weights = back##_weights, .forward_peak = front##_peak,                       \
        .backward_peak = back##_peak                                                   \
    }
static const struct qconv_isa sets[NN_N_ISAS] = {
    [NN_ISA_AVX2] = ROW("avx2", qconv_madd, 2, qconv_f32_avx2, 4, qconv_spread_floats,
                        qconv_depth_avx2),
    [NN_ISA_AVX512] = ROW("avx512", qconv_vnni, 1, qconv_f32_avx512, 4,
                          qconv_spread_floats, qconv_depth_avx512),
    [NN_ISA_AVX512_BF16] = ROW("avx512_bf16", qconv_vnni, 1, qconv_bf16, 2,
                               qconv_bf16_spread, qconv_depth_avx512),
};

const struct qconv_isa *qconv_isa_of(enum nn_isa isa)
{
    return isa == NN_ISA_BLAS ? NULL : &sets[isa];
}
#else
const struct qconv_isa *qconv_isa_of(enum nn_isa isa)
{
    (void)isa;
    return NULL;
}
#endif
