/* qconv_vnni.c -- the exact forward product on AVX-512 VNNI: 64 products of u8 and s8
 * per instruction, summed in fours into s32 without saturation.
 *
 * Packed weights: group of up to 64 output channels, tap, 4 input channels, output
 * channel, input channel. */
#include "nn/qconv_back.h"

#if defined(__AVX512VNNI__)
#define QCONV_X_BYTES        1
#define QCONV_DOT(acc, x, w) _mm512_dpbusd_epi32(acc, x, w)
#define QCONV_SUMS           1
#include "nn/qconv_avx512.h"

static const struct qconv_blocks blocks = {QCONV_LANES, GROUP, 1, 1, max_px, block_of};

static void pack_quads(const struct qconv *c, const float *wq, int32_t tap, int32_t k0,
                       int32_t width, int8_t *to)
{
    for (int32_t c4 = 0; c4 < c->Cx; c4 += 4)
        for (int32_t k = 0; k < width; k++)
            for (int32_t j = 0; j < 4; j++) {
                const int64_t at = qconv_weight_at(c, k0 + k, tap, c4 + j);
                *to++ = at < 0 ? 0 : (int8_t)wq[at];
            }
}

void qconv_vnni_pack(const struct qconv *c, const float *wq, int32_t zero, void *packed)
{
    int8_t *to = packed;
    for (int32_t k0 = 0; k0 < c->Kp; k0 += GROUP) {
        const int32_t width = c->Kp - k0 < GROUP ? c->Kp - k0 : GROUP;
        for (int32_t tap = 0; tap < c->n_taps; tap++, to += c->Cx * width)
            pack_quads(c, wq, tap, k0, width, to);
    }
    qconv_start(c, wq, zero, (int32_t *)(void *)to);
}

void qconv_vnni_forward(const struct qconv *c, int32_t n, const uint8_t *x,
                        const void *packed, int32_t *y, double *sums)
{
    qconv_forward_loop(&blocks, c, n, x, packed, y, sums);
}

double qconv_vnni_peak(int64_t n, float *sink) { return peak(n, sink); }
#endif
