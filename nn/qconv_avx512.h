/* qconv_avx512.h -- the correlation block on AVX-512: px neighbouring outputs of
 * nb * 16 channels in registers; every instruction multiplies 4 bytes of a pixel,
 * spread to all lanes, with 4 bytes of each of 16 channels.
 *
 * Whoever includes this file defines
 *   QCONV_X_BYTES        of one element of x
 *   QCONV_DOT(acc, x, w) acc plus the products of x and w, all of type __m512i
 *   QCONV_SUMS           1: forward, with sums of y and y^2; 0: no sums
 * and is compiled for AVX-512, entered only where nn/isa.h found it. */
#include <immintrin.h>
#include <string.h>

#include "nn/qconv_loops.h"
#include "nn/vector.h"

enum { GROUP = 64, MAX_ACC = 28 /* of 32 registers; the rest hold operands */ };

/* Pixel p of up to 28 from a few base pointers: addresses of the form base, base +
 * stride, base + 2 * stride, base + stride3 need no register per pixel. */
struct pixels {
    const unsigned char *base[7];
    ptrdiff_t one, three;
};

NN_INLINE struct pixels pixels_at(const unsigned char *x, ptrdiff_t one, int px)
{
    struct pixels v = {.one = one, .three = 3 * one};
#pragma GCC unroll 7
    for (int i = 0; i < (px + 3) / 4; i++)
        v.base[i] = x + 4 * i * one;
    return v;
}

NN_INLINE __m512i four_bytes_of(const struct pixels *v, int p)
{
    const unsigned char *base = v->base[p / 4];
    const ptrdiff_t at = p % 4 == 3 ? v->three : p % 4 * v->one;
    int32_t four;
    memcpy(&four, base + at, sizeof four);
    return _mm512_set1_epi32(four);
}

NN_INLINE void advance(struct pixels *v, ptrdiff_t by, int px)
{
#pragma GCC unroll 7
    for (int i = 0; i < (px + 3) / 4; i++)
        v->base[i] += by;
}

NN_INLINE void add_to_sums(const __m512i *acc, int px, int nb, float *sums)
{
#pragma GCC unroll 4
    for (int b = 0; b < nb; b++) {
        float *at = sums + QCONV_LANES * b;
        __m512 s = _mm512_loadu_ps(at), q = _mm512_loadu_ps(at + QCONV_GROUP_MAX);
#pragma GCC unroll 16
        for (int p = 0; p < px; p++) {
            const __m512 v = _mm512_cvtepi32_ps(acc[p * nb + b]);
            s = _mm512_add_ps(s, v);
            q = _mm512_fmadd_ps(v, v, q);
        }
        _mm512_storeu_ps(at, s);
        _mm512_storeu_ps(at + QCONV_GROUP_MAX, q);
    }
}

NN_INLINE void block(const struct qconv_block *a, int px, int nb)
{
    __m512i acc[MAX_ACC];
    const ptrdiff_t step = 64 * nb;
#pragma GCC unroll 28
    for (int i = 0; i < px * nb; i++)
        acc[i] = QCONV_SUMS ? _mm512_loadu_si512(a->start + QCONV_LANES * (i % nb))
                            : _mm512_setzero_si512();
    for (int32_t t = 0; t < a->n_taps; t++) {
        struct pixels x = pixels_at(a->x + QCONV_X_BYTES * (ptrdiff_t)a->taps[t].offset,
                                    a->pixel, px);
        const unsigned char *w = a->w + (size_t)a->taps[t].i * a->w_tap;
        for (int32_t c = 0; c < a->depth * QCONV_X_BYTES; c += 4, w += step) {
            __m512i wv[4];
#pragma GCC unroll 4
            for (int b = 0; b < nb; b++)
                wv[b] = _mm512_loadu_si512(w + 64 * b);
#pragma GCC unroll 16
            for (int p = 0; p < px; p++) {
                const __m512i xv = four_bytes_of(&x, p);
#pragma GCC unroll 4
                for (int b = 0; b < nb; b++)
                    acc[p * nb + b] = QCONV_DOT(acc[p * nb + b], xv, wv[b]);
            }
            advance(&x, 4, px);
        }
    }
#pragma GCC unroll 16
    for (int p = 0; p < px; p++)
#pragma GCC unroll 4
        for (int b = 0; b < nb; b++)
            _mm512_storeu_si512(a->y + p * a->y_pixel + 64 * b, acc[p * nb + b]);
    if (QCONV_SUMS && a->sums) add_to_sums(acc, px, nb, a->sums);
}

static double peak(int64_t n, float *sink)
{
    enum { CHAINS = 16 };
    __m512i acc[CHAINS];
    const __m512i x = _mm512_set1_epi32((int32_t)n), w = _mm512_set1_epi32(0x01010101);
    for (int i = 0; i < CHAINS; i++)
        acc[i] = _mm512_setzero_si512();
    for (int64_t k = 0; k < n; k++)
#pragma GCC unroll 16
        for (int i = 0; i < CHAINS; i++)
            acc[i] = QCONV_DOT(acc[i], x, w);
    for (int i = 1; i < CHAINS; i++)
        acc[0] = _mm512_xor_si512(acc[0], acc[i]);
    *sink += (float)_mm512_reduce_add_epi32(acc[0]);
    return 2.0 * 64 / QCONV_X_BYTES * CHAINS * (double)n;
}

/* clang-format off */
#define B(px, nb) \
    static void block_##px##_##nb(const struct qconv_block *a) { block(a, px, nb); }
#define UP_TO_7(nb) B(1, nb) B(2, nb) B(3, nb) B(4, nb) B(5, nb) B(6, nb) B(7, nb)
#define UP_TO_14(nb) \
    UP_TO_7(nb) B(8, nb) B(9, nb) B(10, nb) B(11, nb) B(12, nb) B(13, nb) B(14, nb)
UP_TO_14(1) B(15, 1) B(16, 1) UP_TO_14(2) UP_TO_7(3) B(8, 3) B(9, 3) UP_TO_7(4)

#define N(px, nb) block_##px##_##nb
#define TO_7(nb) N(1, nb), N(2, nb), N(3, nb), N(4, nb), N(5, nb), N(6, nb), N(7, nb)
#define TO_14(nb) \
    TO_7(nb), N(8, nb), N(9, nb), N(10, nb), N(11, nb), N(12, nb), N(13, nb), N(14, nb)
    /* clang-format on */
    static const int32_t max_px[] = {0, 16, 14, 9, 7};

static qconv_block_fn block_of(int32_t px, int32_t nb)
{
    static const qconv_block_fn table[5][17] = {
        {NULL},           {NULL, TO_14(1), N(15, 1), N(16, 1)},
        {NULL, TO_14(2)}, {NULL, TO_7(3), N(8, 3), N(9, 3)},
        {NULL, TO_7(4)},
    };
    return table[nb][px];
}
