/* qconv_f32.h -- the backward products in fp32, for a vector width chosen by whoever
 * includes this file: QCONV_F32_LANES lanes and QCONV_F32_ACC registers for sums, and
 * QCONV_F32(name) for the names of the functions.
 *
 * Written in GCC's vector extension: one source for AVX-512 and AVX2.  Packed weights:
 * group of input channels, tap, output channel, input channel. */
#include <string.h>

#include "nn/qconv_loops.h"
#include "nn/vector.h"

enum { L = QCONV_F32_LANES, MAX_NB = QCONV_F32_ACC >= 16 ? 4 : 2, GROUP = L * MAX_NB };
typedef float vec __attribute__((vector_size(4 * QCONV_F32_LANES)));
typedef float loose __attribute__((vector_size(4 * QCONV_F32_LANES), aligned(4)));

NN_INLINE vec load(const void *p) { return *(const loose *)p; }
NN_INLINE void store(void *p, vec v) { *(loose *)p = v; }
NN_INLINE float scalar(const unsigned char *p)
{
    float f;
    memcpy(&f, p, sizeof f);
    return f;
}

/* ---- data ---- */

NN_INLINE void block(const struct qconv_block *a, int px, int nb)
{
    vec acc[QCONV_F32_ACC];
#pragma GCC unroll 24
    for (int i = 0; i < px * nb; i++)
        acc[i] = (vec){0};
    for (int32_t t = 0; t < a->n_taps; t++) {
        const unsigned char *x = a->x + 4 * (ptrdiff_t)a->taps[t].offset;
        const unsigned char *w = a->w + (size_t)a->taps[t].i * a->w_tap;
        for (int32_t k = 0; k < a->depth; k++, x += 4, w += 4 * L * nb) {
            vec wv[MAX_NB];
#pragma GCC unroll 4
            for (int b = 0; b < nb; b++)
                wv[b] = load(w + 4 * L * b);
#pragma GCC unroll 8
            for (int p = 0; p < px; p++) {
                const float xv = scalar(x + p * a->pixel);
#pragma GCC unroll 4
                for (int b = 0; b < nb; b++)
                    acc[p * nb + b] += xv * wv[b];
            }
        }
    }
#pragma GCC unroll 8
    for (int p = 0; p < px; p++)
#pragma GCC unroll 4
        for (int b = 0; b < nb; b++)
            store(a->y + p * a->y_pixel + 4 * L * b, acc[p * nb + b]);
}

/* clang-format off */
#define B(px, nb) \
    static void block_##px##_##nb(const struct qconv_block *a) { block(a, px, nb); }
#define UP_TO_4(nb) B(1, nb) B(2, nb) B(3, nb) B(4, nb)
#define N(px, nb) block_##px##_##nb
#define TO_4(nb) N(1, nb), N(2, nb), N(3, nb), N(4, nb)

UP_TO_4(1) B(5, 1) B(6, 1) B(7, 1) B(8, 1) UP_TO_4(2)
#if QCONV_F32_ACC >= 16
B(5, 2) B(6, 2) B(7, 2) B(8, 2) UP_TO_4(3) B(5, 3) B(6, 3) UP_TO_4(4) B(5, 4) B(6, 4)
static const int32_t max_px[] = {0, 8, 8, 6, 6};
static const qconv_block_fn table[5][9] = {
    {NULL},
    {NULL, TO_4(1), N(5, 1), N(6, 1), N(7, 1), N(8, 1)},
    {NULL, TO_4(2), N(5, 2), N(6, 2), N(7, 2), N(8, 2)},
    {NULL, TO_4(3), N(5, 3), N(6, 3)},
    {NULL, TO_4(4), N(5, 4), N(6, 4)},
};
#else
static const int32_t max_px[] = {0, 8, 4};
static const qconv_block_fn table[3][9] = {
    {NULL},
    {NULL, TO_4(1), N(5, 1), N(6, 1), N(7, 1), N(8, 1)},
    {NULL, TO_4(2)},
};
#endif
/* clang-format on */

static qconv_block_fn block_of(int32_t px, int32_t nb) { return table[nb][px]; }

static const struct qconv_blocks blocks = {L, GROUP, 4, 4, max_px, block_of};

void QCONV_F32(data)(const struct qconv *c, const struct qconv_scratch *s,
                     const void *packed, float *dx)
{
    qconv_data_loop(&blocks, c, s->dy, packed, dx);
}

void QCONV_F32(pack)(const struct qconv *c, const float *wq, void *packed)
{
    float *to = packed;
    for (int32_t c0 = 0; c0 < c->Cg; c0 += GROUP) {
        const int32_t width = c->Cg - c0 < GROUP ? c->Cg - c0 : GROUP;
        for (int32_t tap = 0; tap < c->n_taps; tap++)
            for (int32_t k = 0; k < c->Kp; k++)
                for (int32_t i = 0; i < width; i++) {
                    const int64_t at = qconv_weight_at(c, k, tap, c0 + i);
                    *to++ = at < 0 ? 0.0f : wq[at];
                }
    }
}

/* ---- weights ---- */

enum { MAX_WACC = QCONV_F32_ACC >= 16 ? 16 : 8 };

NN_INLINE void wblock(const struct qconv_wblock *a, int nc, int nb)
{
    vec acc[MAX_WACC];
#pragma GCC unroll 16
    for (int i = 0; i < nc * nb; i++)
        acc[i] = load(a->dw + (ptrdiff_t)(i / nb) * a->dw_row + L * (i % nb));
    for (int32_t image = 0; image < a->n_images; image++)
        for (int32_t row = 0; row < a->n_rows; row++) {
            const unsigned char *x = a->x + image * a->x_image + row * a->x_row;
            const unsigned char *dy = a->dy + image * a->dy_image + row * a->dy_row;
            for (int32_t i = 0; i < a->n_steps; i++, x += a->x_step, dy += a->dy_step) {
                vec d[MAX_NB];
#pragma GCC unroll 4
                for (int b = 0; b < nb; b++)
                    d[b] = load(dy + 4 * L * b);
#pragma GCC unroll 16
                for (int ch = 0; ch < nc; ch++) {
                    const float xv = scalar(x + 4 * ch);
#pragma GCC unroll 4
                    for (int b = 0; b < nb; b++)
                        acc[ch * nb + b] += xv * d[b];
                }
            }
        }
#pragma GCC unroll 16
    for (int i = 0; i < nc * nb; i++)
        store(a->dw + (ptrdiff_t)(i / nb) * a->dw_row + L * (i % nb), acc[i]);
}

/* clang-format off */
#define W(nc, nb) \
    static void wblock_##nc##_##nb(const struct qconv_wblock *a) { wblock(a, nc, nb); }
W(4, 1) W(8, 1) W(4, 2)
#if QCONV_F32_ACC >= 16
W(16, 1) W(8, 2) W(4, 4)
static const int32_t max_nc[] = {0, 16, 8, 0, 4};
#else
static const int32_t max_nc[] = {0, 8, 4};
#endif
/* clang-format on */

static qconv_wblock_fn wblock_of(int32_t nc, int32_t nb)
{
#if QCONV_F32_ACC >= 16
    if (nb == 4) return wblock_4_4;
    if (nb == 2 && nc == 8) return wblock_8_2;
    if (nc == 16) return wblock_16_1;
#endif
    if (nb == 2) return wblock_4_2;
    return nc == 8 ? wblock_8_1 : wblock_4_1;
}

static int32_t x_column(const struct qconv *c, int32_t s) { return s * c->Cx; }

void QCONV_F32(scratch_bytes)(const struct qconv *c, size_t *dy, size_t *dy_pack_image,
                              size_t *x_pack_image)
{
    *dy = sizeof(float) * c->dy_image;
    *dy_pack_image = sizeof(float) * c->y_image;
    *x_pack_image = sizeof(float) * c->x_image;
}

void QCONV_F32(weights)(const struct qconv *c, int32_t n, const uint8_t *x,
                        int32_t zero, const struct qconv_scratch *s, float *dw)
{
    const struct qconv_wpack w = {.lanes = L,
                                  .bytes = 4,
                                  .n_steps = c->shape.Q,
                                  .x_row = (size_t)(c->Wp * c->Cx),
                                  .x_image = c->x_image,
                                  .x_step = c->shape.stride_w * c->Cx,
                                  .x_column = x_column,
                                  .block = wblock_of,
                                  .max_nc = max_nc,
                                  .max_nb = MAX_NB};
    float *to = s->x_pack;
    const size_t n_all = (size_t)n * c->x_image;
    for (size_t i = 0; i < n_all; i++)
        to[i] = (float)((int32_t)x[i] - zero);
    qconv_weights_loop(&w, c, n, s, dw);
}

double QCONV_F32(peak)(int64_t n, float *sink)
{
    vec acc[QCONV_F32_ACC];
    const vec x = (vec){0} + 0.5f / (float)(n + 1), w = (vec){0} + 0.25f;
    for (int i = 0; i < QCONV_F32_ACC; i++)
        acc[i] = (vec){0};
    for (int64_t k = 0; k < n; k++)
#pragma GCC unroll 24
        for (int i = 0; i < QCONV_F32_ACC; i++)
            acc[i] = acc[i] * x + w;
    for (int i = 0; i < QCONV_F32_ACC; i++)
        *sink += acc[i][0];
    return 2.0 * L * QCONV_F32_ACC * (double)n;
}
