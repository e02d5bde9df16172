/* qconv_madd.c -- the exact forward product on AVX2: 16 products of s16 per
 * instruction, summed in pairs into s32.
 *
 * The instruction for bytes would saturate, so four channels of x are split into two
 * pairs of s16, (0, 2) and (1, 3), by a mask and a shift.  Packed weights, s16: group
 * of 16 output channels, tap, 4 input channels, pair, output channel, place in pair. */
#include "nn/qconv_back.h"

#if defined(__AVX2__)
#include <immintrin.h>
#include <string.h>

#include "nn/qconv_loops.h"
#include "nn/vector.h"

enum { LANES = 8, GROUP = 16, NB = 2, MAX_PX = 4 };

NN_INLINE void add_to_sums(const __m256i *acc, int px, float *sums)
{
#pragma GCC unroll 2
    for (int b = 0; b < NB; b++) {
        float *at = sums + LANES * b;
        __m256 s = _mm256_loadu_ps(at), q = _mm256_loadu_ps(at + QCONV_GROUP_MAX);
#pragma GCC unroll 4
        for (int p = 0; p < px; p++) {
            const __m256 v = _mm256_cvtepi32_ps(acc[p * NB + b]);
            s = _mm256_add_ps(s, v);
            q = _mm256_fmadd_ps(v, v, q);
        }
        _mm256_storeu_ps(at, s);
        _mm256_storeu_ps(at + QCONV_GROUP_MAX, q);
    }
}

NN_INLINE __m256i bytes(const unsigned char *p)
{
    return _mm256_loadu_si256((const void *)p);
}

NN_INLINE void block(const struct qconv_block *a, int px)
{
    __m256i acc[MAX_PX * NB];
    const __m256i even = _mm256_set1_epi32(0x00ff00ff);
#pragma GCC unroll 8
    for (int i = 0; i < px * NB; i++)
        acc[i] = bytes((const unsigned char *)(a->start + LANES * (i % NB)));
    for (int32_t t = 0; t < a->n_taps; t++) {
        const unsigned char *x = a->x + a->taps[t].offset;
        const unsigned char *w = a->w + (size_t)a->taps[t].i * a->w_tap;
        for (int32_t c = 0; c < a->depth; c += 4, x += 4, w += 128) {
            const __m256i w0 = bytes(w), w1 = bytes(w + 32);
            const __m256i w2 = bytes(w + 64), w3 = bytes(w + 96);
#pragma GCC unroll 4
            for (int p = 0; p < px; p++) {
                int32_t quad;
                memcpy(&quad, x + p * a->pixel, sizeof quad);
                const __m256i xv = _mm256_set1_epi32(quad);
                const __m256i x02 = _mm256_and_si256(xv, even);
                const __m256i x13 = _mm256_srli_epi16(xv, 8);
                acc[NB * p] = _mm256_add_epi32(
                    acc[NB * p], _mm256_add_epi32(_mm256_madd_epi16(x02, w0),
                                                  _mm256_madd_epi16(x13, w2)));
                acc[NB * p + 1] = _mm256_add_epi32(
                    acc[NB * p + 1], _mm256_add_epi32(_mm256_madd_epi16(x02, w1),
                                                      _mm256_madd_epi16(x13, w3)));
            }
        }
    }
#pragma GCC unroll 8
    for (int i = 0; i < px * NB; i++)
        _mm256_storeu_si256((void *)(a->y + i / NB * a->y_pixel + 32 * (i % NB)),
                            acc[i]);
    if (a->sums) add_to_sums(acc, px, a->sums);
}

static void block_1(const struct qconv_block *a) { block(a, 1); }
static void block_2(const struct qconv_block *a) { block(a, 2); }
static void block_3(const struct qconv_block *a) { block(a, 3); }
static void block_4(const struct qconv_block *a) { block(a, 4); }

static qconv_block_fn block_of(int32_t px, int32_t nb)
{
    static const qconv_block_fn table[] = {NULL, block_1, block_2, block_3, block_4};
    (void)nb; /* groups are full: Kp is a multiple of 16 */
    return table[px];
}

static const int32_t max_px[] = {0, MAX_PX, MAX_PX};
static const struct qconv_blocks blocks = {LANES, GROUP, 1, 2, max_px, block_of};

void qconv_madd_pack(const struct qconv *c, const float *wq, int32_t zero, void *packed)
{
    int16_t *to = packed;
    for (int32_t k0 = 0; k0 < c->Kp; k0 += GROUP)
        for (int32_t tap = 0; tap < c->n_taps; tap++)
            for (int32_t c4 = 0; c4 < c->Cx; c4 += 4)
                for (int32_t i = 0; i < 4 * GROUP; i++) {
                    const int32_t pair = i / (2 * GROUP), k = i / 2 % GROUP;
                    const int64_t at =
                        qconv_weight_at(c, k0 + k, tap, c4 + pair + 2 * (i % 2));
                    *to++ = at < 0 ? 0 : (int16_t)wq[at];
                }
    qconv_start(c, wq, zero, (int32_t *)(void *)to);
}

void qconv_madd_forward(const struct qconv *c, int32_t n, const uint8_t *x,
                        const void *packed, int32_t *y, double *sums)
{
    qconv_forward_loop(&blocks, c, n, x, packed, y, sums);
}

double qconv_madd_peak(int64_t n, float *sink)
{
    enum { CHAINS = 8 };
    __m256i acc[CHAINS];
    const __m256i x = _mm256_set1_epi32((int32_t)n);
    for (int i = 0; i < CHAINS; i++)
        acc[i] = _mm256_set1_epi32(i);
    for (int64_t k = 0; k < n; k++)
#pragma GCC unroll 8
        for (int i = 0; i < CHAINS; i++) /* of the sums, so that none is constant */
            acc[i] = _mm256_add_epi32(acc[i], _mm256_madd_epi16(acc[i], x));
    for (int i = 1; i < CHAINS; i++)
        acc[0] = _mm256_xor_si256(acc[0], acc[i]);
    *sink += (float)_mm256_extract_epi32(acc[0], 0);
    return 2.0 * 16 * CHAINS * (double)n;
}
#endif
