/* qconv_bf16.c -- the backward products in bf16 with sums in fp32: 32 products per
 * instruction, summed in pairs.  Grid integers are exact in bf16; dy is rounded.
 *
 *   data     pairs of output channels (k, k + 1) of one pixel
 *   weights  pairs of neighbouring output pixels of one channel; a row of an odd
 *            number of pixels ends in a zero
 *
 * Column s of the kernel reads input pixels s + q * stride_w.  At stride 1 the pairs of
 * column s are those of column s - 2 one place on, so that two copies of x serve all
 * columns; at other strides each column has its own. */
#include "nn/qconv_back.h"

#if defined(__AVX512BF16__)
#define QCONV_X_BYTES 2
#define QCONV_DOT(acc, x, w) \
    (__m512i) _mm512_dpbf16_ps((__m512)(acc), (__m512bh)(w), (__m512bh)(x))
#define QCONV_SUMS 0
#include "nn/qconv_avx512.h"

/* ---- data ---- */

static const struct qconv_blocks blocks = {QCONV_LANES, GROUP, 2, 2, max_px, block_of};

void qconv_bf16_data(const struct qconv *c, const struct qconv_scratch *s,
                     const void *packed, float *dx)
{
    qconv_data_loop(&blocks, c, s->dy, packed, dx);
}

/* Grid integers are exact: their low half is zero. */
static uint16_t bf16_of(float integer)
{
    uint32_t bits;
    memcpy(&bits, &integer, sizeof bits);
    return (uint16_t)(bits >> 16);
}

void qconv_bf16_pack(const struct qconv *c, const float *wq, void *packed)
{
    uint16_t *to = packed;
    for (int32_t c0 = 0; c0 < c->Cg; c0 += GROUP) {
        const int32_t width = c->Cg - c0 < GROUP ? c->Cg - c0 : GROUP;
        for (int32_t tap = 0; tap < c->n_taps; tap++)
            for (int32_t k = 0; k < c->Kp; k += 2)
                for (int32_t i = 0; i < 2 * width; i++) {
                    const int64_t at = qconv_weight_at(c, k + i % 2, tap, c0 + i / 2);
                    *to++ = at < 0 ? 0 : bf16_of(wq[at]);
                }
    }
}

/* ---- weights ---- */

NN_INLINE __m512bh broadcast(const unsigned char *at)
{
    int32_t pair;
    memcpy(&pair, at, sizeof pair);
    return (__m512bh)_mm512_set1_epi32(pair);
}

NN_INLINE void wblock(const struct qconv_wblock *a, int nc, int nb)
{
    __m512 acc[16];
#pragma GCC unroll 16
    for (int i = 0; i < nc * nb; i++)
        acc[i] = _mm512_loadu_ps(a->dw + (ptrdiff_t)(i / nb) * a->dw_row +
                                 QCONV_LANES * (i % nb));
    for (int32_t image = 0; image < a->n_images; image++)
        for (int32_t row = 0; row < a->n_rows; row++) {
            const unsigned char *x = a->x + image * a->x_image + row * a->x_row;
            const unsigned char *dy = a->dy + image * a->dy_image + row * a->dy_row;
            for (int32_t i = 0; i < a->n_steps; i++, x += a->x_step, dy += a->dy_step) {
                __m512bh d[4];
#pragma GCC unroll 4
                for (int b = 0; b < nb; b++)
                    d[b] = (__m512bh)_mm512_loadu_si512(dy + 64 * b);
#pragma GCC unroll 16
                for (int ch = 0; ch < nc; ch++) {
                    const __m512bh xv = broadcast(x + 4 * ch);
#pragma GCC unroll 4
                    for (int b = 0; b < nb; b++)
                        acc[ch * nb + b] = _mm512_dpbf16_ps(acc[ch * nb + b], d[b], xv);
                }
            }
        }
#pragma GCC unroll 16
    for (int i = 0; i < nc * nb; i++)
        _mm512_storeu_ps(
            a->dw + (ptrdiff_t)(i / nb) * a->dw_row + QCONV_LANES * (i % nb), acc[i]);
}

/* clang-format off */
#define W(nc, nb) \
    static void wblock_##nc##_##nb(const struct qconv_wblock *a) { wblock(a, nc, nb); }
W(4, 1) W(8, 1) W(16, 1) W(4, 2) W(8, 2) W(4, 4)
    /* clang-format on */

    static qconv_wblock_fn wblock_of(int32_t nc, int32_t nb)
{
    if (nb == 4) return wblock_4_4;
    if (nb == 2) return nc == 8 ? wblock_8_2 : wblock_4_2;
    return nc == 16 ? wblock_16_1 : nc == 8 ? wblock_8_1 : wblock_4_1;
}

static const int32_t max_nc[] = {0, 16, 8, 0, 4};

static int32_t n_copies(const struct qconv *c)
{
    if (c->shape.stride_w > 1) return c->shape.S;
    return c->shape.S > 1 ? 2 : 1;
}

static int32_t pairs_of(const struct qconv *c) { return (c->shape.Q + 1) / 2; }

/* Pairs in one copy of a row of x. */
static int32_t copy_pairs(const struct qconv *c)
{
    return c->shape.stride_w > 1 ? pairs_of(c) : pairs_of(c) + (c->shape.S - 1) / 2;
}

static int32_t x_column(const struct qconv *c, int32_t s)
{
    const int32_t copy = c->shape.stride_w > 1 ? s : s % 2;
    const int32_t pair = c->shape.stride_w > 1 ? 0 : s / 2;
    return (copy * copy_pairs(c) + pair) * c->Cx;
}

static size_t x_row(const struct qconv *c)
{
    return (size_t)(n_copies(c) * copy_pairs(c)) * (size_t)c->Cx;
}

void qconv_bf16_scratch_bytes(const struct qconv *c, size_t *dy, size_t *dy_pack_image,
                              size_t *x_pack_image)
{
    *dy = 2 * c->dy_image;
    *dy_pack_image = 4 * (size_t)c->shape.P * (size_t)pairs_of(c) * (size_t)c->Kp;
    *x_pack_image = 4 * x_row(c) * (size_t)c->Hp;
}

/* Two pixels of 16 channels: rounded to bf16, one after the other and interleaved. */
NN_INLINE void spread_pair(__m512 v0, __m512 v1, uint16_t *d0, uint16_t *d1,
                           uint32_t *pair)
{
    static const uint16_t order[32] = {0,  16, 1,  17, 2,  18, 3,  19, 4,  20, 5,
                                       21, 6,  22, 7,  23, 8,  24, 9,  25, 10, 26,
                                       11, 27, 12, 28, 13, 29, 14, 30, 15, 31};
    const __m512i both = (__m512i)_mm512_cvtne2ps_pbh(v1, v0);
    _mm256_storeu_si256((void *)d0, _mm512_castsi512_si256(both));
    if (d1) _mm256_storeu_si256((void *)d1, _mm512_extracti64x4_epi64(both, 1));
    _mm512_storeu_si512(pair,
                        _mm512_permutexvar_epi16(_mm512_loadu_si512(order), both));
}

void qconv_bf16_spread(const struct qconv *c, const float *dy, int32_t i,
                       const struct qconv_scratch *s)
{
    const int32_t Q = c->shape.Q, Kp = c->Kp;
    uint32_t *pair = (uint32_t *)(void *)((unsigned char *)s->dy_pack +
                                          (size_t)i * s->dy_pack_image);
    for (int32_t p = 0; p < c->shape.P; p++) {
        uint16_t *row = (uint16_t *)s->dy + ((p + c->dtop) * c->Wd + c->dleft) * Kp;
        for (int32_t q = 0; q < Q; q += 2, dy += 2 * Kp, row += 2 * Kp, pair += Kp) {
            const bool has_two = q + 1 < Q;
            for (int32_t k = 0; k < Kp; k += QCONV_LANES)
                spread_pair(_mm512_loadu_ps(dy + k),
                            has_two ? _mm512_loadu_ps(dy + Kp + k)
                                    : _mm512_setzero_ps(),
                            row + k, has_two ? row + Kp + k : NULL, pair + k);
        }
        if (Q % 2) dy -= Kp;
    }
}

/* Exact: 0..255 less the zero point has at most 8 significant bits. */
NN_INLINE __m512i bf16_high(const uint8_t *x, __m512i zero)
{
    const __m128i bytes = _mm_loadu_si128((const void *)x);
    const __m512i v = _mm512_sub_epi32(_mm512_cvtepu8_epi32(bytes), zero);
    return (__m512i)_mm512_cvtepi32_ps(v);
}

static void pack_pair(const uint8_t *x0, const uint8_t *x1, int32_t Cx, int32_t zero,
                      uint32_t *to)
{
    const __m512i z = _mm512_set1_epi32(zero);
    int32_t ch = 0;
    for (; ch + QCONV_LANES <= Cx; ch += QCONV_LANES) {
        const __m512i v0 = bf16_high(x0 + ch, z);
        const __m512i v1 = x1 ? bf16_high(x1 + ch, z) : _mm512_setzero_si512();
        _mm512_storeu_si512(to + ch, _mm512_or_si512(_mm512_srli_epi32(v0, 16), v1));
    }
    for (; ch < Cx; ch++) {
        const uint32_t v0 = bf16_of((float)(x0[ch] - zero));
        const uint32_t v1 = x1 ? bf16_of((float)(x1[ch] - zero)) : 0;
        to[ch] = v0 | v1 << 16;
    }
}

/* One row of x (Wp, Cx) into its copies. */
static void pack_row(const struct qconv *c, const uint8_t *x, int32_t zero,
                     uint32_t *to)
{
    const int32_t stride = c->shape.stride_w;
    for (int32_t copy = 0; copy < n_copies(c); copy++)
        for (int32_t i = 0; i < copy_pairs(c); i++, to += c->Cx) {
            const int32_t at = 2 * i * stride + copy, next = at + stride;
            if (at < c->Wp)
                pack_pair(x + at * c->Cx, next < c->Wp ? x + next * c->Cx : NULL, c->Cx,
                          zero, to);
            else
                memset(to, 0, sizeof *to * (size_t)c->Cx);
        }
}

void qconv_bf16_weights(const struct qconv *c, int32_t n, const uint8_t *x,
                        int32_t zero, const struct qconv_scratch *s, float *dw)
{
    const struct qconv_wpack w = {.lanes = QCONV_LANES,
                                  .bytes = 4,
                                  .n_steps = pairs_of(c),
                                  .x_row = x_row(c),
                                  .x_image = x_row(c) * (size_t)c->Hp,
                                  .x_step = c->Cx,
                                  .x_column = x_column,
                                  .block = wblock_of,
                                  .max_nc = max_nc,
                                  .max_nb = 4};
    for (int32_t i = 0; i < n; i++)
        for (int32_t row = 0; row < c->Hp; row++)
            pack_row(c, x + (size_t)i * c->x_image + row * c->Wp * c->Cx, zero,
                     (uint32_t *)s->x_pack + (size_t)i * w.x_image +
                         (size_t)row * w.x_row);
    qconv_weights_loop(&w, c, n, s, dw);
}

double qconv_bf16_peak(int64_t n, float *sink) { return peak(n, sink); }
#endif
