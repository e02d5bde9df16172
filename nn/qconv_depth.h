/* qconv_depth.h -- depthwise products, for a vector width chosen by whoever includes
 * this file.  Channels lie along the lanes; every output channel reads one input
 * channel, so that nothing is shared between lanes and memory sets the pace.
 *
 *   forward  four kernel rows at once: the bytes of four pixels of one column become
 *            the four bytes of a lane, whose products with four weights are summed by
 *            one instruction; a column serves all outputs that it meets
 *   data     products and sums in fp32, straight from dy with its border
 *   weights  the same; rows of x are widened to fp32 once for all taps
 *
 * The file that includes this one defines
 *   LANES                    of 32 bits
 *   ivec, vec                vectors of s32, of f32
 *   widen(p)                 LANES bytes at p to s32
 *   dot(acc, x, w)           acc plus the four products of bytes u8 x s8 of every lane
 *   to_floats(v)             s32 to f32 */
#include <string.h>

#include "nn/qconv_loops.h"
#include "nn/vector.h"

typedef vec loose __attribute__((aligned(4)));
typedef ivec iloose __attribute__((aligned(4)));
enum { GROUP = QCONV_GROUP_MAX /* channels: a line of cache of x */, MAX_PX = 8 };

NN_INLINE vec load(const float *p) { return *(const loose *)p; }
NN_INLINE void store(float *p, vec v) { *(loose *)p = v; }

/* ---- forward ---- */

struct run { /* neighbouring outputs of LANES channels */
    const uint8_t *x;
    ptrdiff_t pixel, row; /* bytes of x                                       */
    int32_t stride;
    const int32_t *w; /* (rows / 4, S, Kp) fours of weights                   */
    int32_t R, S, Kp;
    const int32_t *start;
    int32_t *y;  /* pixels Kp apart                                           */
    float *sums; /* (2, GROUP) or NULL                                        */
};

NN_INLINE ivec weights_at(const struct run *a, int four, int s)
{
    return *(const iloose *)(a->w + (int64_t)(four * a->S + s) * a->Kp);
}

/* n rows of one column: byte i of a lane is row i. */
NN_INLINE ivec column(const uint8_t *x, ptrdiff_t row, int n)
{
    ivec v = widen(x);
    if (n > 1) v |= widen(x + row) << 8;
    if (n > 2) v |= widen(x + 2 * row) << 16;
    if (n > 3) v |= widen(x + 3 * row) << 24;
    return v;
}

NN_INLINE void finish(const struct run *a, const ivec *acc, int px)
{
#pragma GCC unroll 8
    for (int p = 0; p < px; p++)
        *(iloose *)(a->y + p * a->Kp) = acc[p];
    if (!a->sums) return;
    vec sum = load(a->sums), square = load(a->sums + GROUP);
#pragma GCC unroll 8
    for (int p = 0; p < px; p++) {
        const vec v = to_floats(acc[p]);
        sum += v;
        square += v * v;
    }
    store(a->sums, sum);
    store(a->sums + GROUP, square);
}

/* R rows, at most 4, and S columns known when compiled. */
NN_INLINE void block(const struct run *a, int R, int S, int stride, int px)
{
    ivec acc[MAX_PX], w[4];
#pragma GCC unroll 8
    for (int p = 0; p < px; p++)
        acc[p] = *(const iloose *)a->start;
#pragma GCC unroll 4
    for (int s = 0; s < S; s++)
        w[s] = weights_at(a, 0, s);
#pragma GCC unroll 20
    for (int i = 0; i < (px - 1) * stride + S; i++) {
        const ivec v = column(a->x + i * a->pixel, a->row, R);
#pragma GCC unroll 8
        for (int p = 0; p < px; p++)
            if (i - p * stride >= 0 && i - p * stride < S)
                acc[p] = dot(acc[p], v, w[i - p * stride]);
    }
    finish(a, acc, px);
}

/* Any kernel, one output. */
static void any_kernel(const struct run *a)
{
    ivec acc = *(const iloose *)a->start;
    for (int32_t r = 0; r < a->R; r += 4)
        for (int32_t s = 0; s < a->S; s++) {
            const uint8_t *x = a->x + r * a->row + s * a->pixel;
            const int32_t left = a->R - r;
            acc = dot(acc, column(x, a->row, left < 4 ? left : 4),
                      weights_at(a, r / 4, s));
        }
    finish(a, &acc, 1);
}

static void block_3x3_1(const struct run *a, int32_t px)
{
    if (px == 8) block(a, 3, 3, 1, 8);
    if (px == 4) block(a, 3, 3, 1, 4);
    if (px == 1) block(a, 3, 3, 1, 1);
}

static void block_3x3_2(const struct run *a, int32_t px)
{
    if (px == 8) block(a, 3, 3, 2, 8);
    if (px == 4) block(a, 3, 3, 2, 4);
    if (px == 1) block(a, 3, 3, 2, 1);
}

static void one_pixel(const struct run *a, int32_t px)
{
    (void)px;
    any_kernel(a);
}

static void run_row(struct run a, int32_t n)
{
    const bool is_3x3 = a.R == 3 && a.S == 3 && a.stride <= 2;
    void (*const pixels)(const struct run *, int32_t) = !is_3x3         ? one_pixel
                                                        : a.stride == 1 ? block_3x3_1
                                                                        : block_3x3_2;
    for (int32_t px; n > 0; n -= px) {
        px = !is_3x3 || n < 4 ? 1 : n < 8 ? 4 : 8;
        pixels(&a, px);
        a.x += px * a.stride * a.pixel;
        a.y += px * a.Kp;
    }
}

/* Channels [k0, k0 + n) of one image. */
static void forward_group(const struct qconv *c, const uint8_t *x, const void *packed,
                          int32_t k0, int32_t n, int32_t *y, double *sums)
{
    const struct layer_shape *s = &c->shape;
    float part[2 * GROUP] = {0};
    const int32_t *w = packed, Kp = c->Kp;
    const int32_t *start = w + qconv_round_up(s->R, 4) / 4 * s->S * Kp;
    struct run a = {.pixel = c->Cx,
                    .row = (ptrdiff_t)c->Wp * c->Cx,
                    .stride = s->stride_w,
                    .R = s->R,
                    .S = s->S,
                    .Kp = Kp};
    for (int32_t p = 0; p < s->P; p++)
        for (int32_t k = k0; k < k0 + n; k += LANES) {
            a.x = x + p * s->stride_h * a.row + k;
            a.y = y + (int64_t)p * s->Q * Kp + k;
            a.w = w + k;
            a.start = start + k;
            a.sums = sums ? part + k - k0 : NULL;
            run_row(a, s->Q);
        }
    for (int32_t k = 0; sums && k < n; k++) {
        sums[k0 + k] += (double)part[k];
        sums[Kp + k0 + k] += (double)part[GROUP + k];
    }
}

static void forward(const struct qconv *c, int32_t n, const uint8_t *x,
                    const void *packed, int32_t *y, double *sums)
{
    for (int32_t i = 0; i < n; i++)
        for (int32_t k0 = 0; k0 < c->Kp; k0 += GROUP)
            forward_group(c, x + (size_t)i * c->x_image, packed, k0,
                          c->Kp - k0 < GROUP ? c->Kp - k0 : GROUP,
                          y + (size_t)i * c->y_image, sums);
}

/* ---- backward ---- */

static void scratch_bytes(const struct qconv *c, size_t *dy, size_t *dy_pack_image,
                          size_t *x_pack_image)
{
    *dy = sizeof(float) * c->dy_image;
    *dy_pack_image = sizeof(float) * c->y_image;
    *x_pack_image = sizeof(float) * (size_t)(c->shape.R * c->Wp * LANES);
}

NN_INLINE void data_block(const struct qconv *c, const struct qconv_phase *ph,
                          const float *dy, const float *w, float *dx, int px)
{
    vec acc[MAX_PX];
#pragma GCC unroll 8
    for (int p = 0; p < px; p++)
        acc[p] = (vec){0};
    for (int32_t t = 0; t < ph->n_taps; t++) {
        const float *d = dy + ph->taps[t].offset;
        const vec v = load(w + (int64_t)ph->taps[t].i * c->Kp);
#pragma GCC unroll 8
        for (int p = 0; p < px; p++)
            acc[p] += load(d + p * c->Kp) * v;
    }
#pragma GCC unroll 8
    for (int p = 0; p < px; p++)
        store(dx + p * c->shape.stride_w * c->Cg, acc[p]);
}

static void data_row(const struct qconv *c, const struct qconv_phase *ph,
                     const float *dy, const float *w, float *dx)
{
    for (int32_t n = ph->n_cols, px; n > 0; n -= px) {
        px = n < 4 ? 1 : n < MAX_PX ? 4 : MAX_PX;
        if (px == MAX_PX) data_block(c, ph, dy, w, dx, MAX_PX);
        if (px == 4) data_block(c, ph, dy, w, dx, 4);
        if (px == 1) data_block(c, ph, dy, w, dx, 1);
        dy += px * c->Kp;
        dx += px * c->shape.stride_w * c->Cg;
    }
}

static void data(const struct qconv *c, const struct qconv_scratch *s,
                 const void *packed, float *dx)
{
    const struct layer_shape *l = &c->shape;
    for (int32_t i = 0; i < c->n_phases; i++) {
        const struct qconv_phase *ph = &c->phases[i];
        for (int32_t row = 0; row < ph->n_rows; row++) {
            const int64_t h = ph->row0 + (int64_t)row * l->stride_h;
            for (int32_t ch = 0; ch < c->Cg; ch += LANES)
                data_row(c, ph, (const float *)s->dy + row * c->Wd * c->Kp + ch,
                         (const float *)packed + ch,
                         dx + (h * l->W + ph->col0) * c->Cg + ch);
        }
    }
}

/* Kernel row of n columns, from column `first` on, over one row of outputs. */
NN_INLINE void weights_columns(const float *x, const float *dy, const struct qconv *c,
                               int n, vec *sum)
{
    const int32_t step = c->shape.stride_w * LANES;
    vec acc[4];
#pragma GCC unroll 4
    for (int s = 0; s < n; s++)
        acc[s] = sum[s];
    for (int32_t q = 0; q < c->shape.Q; q++, x += step, dy += c->Kp) {
        const vec d = load(dy);
#pragma GCC unroll 4
        for (int s = 0; s < n; s++)
            acc[s] += d * load(x + s * LANES);
    }
#pragma GCC unroll 4
    for (int s = 0; s < n; s++)
        sum[s] = acc[s];
}

/* The same for three rows of three columns at once. */
static void weights_3x3(const float *const x[3], const float *dy, const struct qconv *c,
                        vec *sum)
{
    const int32_t step = c->shape.stride_w * LANES;
    vec acc[9];
#pragma GCC unroll 9
    for (int i = 0; i < 9; i++)
        acc[i] = sum[i];
    for (int32_t q = 0, at = 0; q < c->shape.Q; q++, at += step, dy += c->Kp) {
        const vec d = load(dy);
#pragma GCC unroll 9
        for (int i = 0; i < 9; i++)
            acc[i] += d * load(x[i / 3] + at + i % 3 * LANES);
    }
#pragma GCC unroll 9
    for (int i = 0; i < 9; i++)
        sum[i] = acc[i];
}

static void weights_row(const float *x, const float *dy, const struct qconv *c,
                        vec *sum)
{
    for (int32_t s = 0; s < c->shape.S; s += 4) {
        const int32_t n = c->shape.S - s;
        if (n >= 4) weights_columns(x + s * LANES, dy, c, 4, sum + s);
        if (n == 3) weights_columns(x + s * LANES, dy, c, 3, sum + s);
        if (n == 2) weights_columns(x + s * LANES, dy, c, 2, sum + s);
        if (n == 1) weights_columns(x + s * LANES, dy, c, 1, sum + s);
    }
}

/* The latest R rows of x, widened, of LANES channels; row h is at h % R. */
struct ring {
    float *rows; /* (R, Wp, LANES)                                             */
    int32_t n;   /* rows widened so far                                        */
};

static void widen_rows(const struct qconv *c, const uint8_t *x, int32_t zero,
                       int32_t end, struct ring *ring)
{
    const ivec z = (ivec){0} + zero;
    const int32_t first = end - c->shape.R;
    if (ring->n < first) ring->n = first; /* strides larger than the kernel */
    for (; ring->n < end; ring->n++) {
        float *to = ring->rows + ring->n % c->shape.R * c->Wp * LANES;
        const uint8_t *from = x + (size_t)(ring->n * c->Wp) * (size_t)c->Cx;
        for (int32_t w = 0; w < c->Wp; w++, to += LANES, from += c->Cx)
            store(to, to_floats(widen(from) - z));
    }
}

/* LANES channels of one image; sum (R * S). */
static void weights_image(const struct qconv *c, const uint8_t *x, int32_t zero,
                          const float *dy, struct ring ring, vec *sum)
{
    const struct layer_shape *s = &c->shape;
    const int32_t row = c->Wp * LANES;
    for (int32_t p = 0; p < s->P; p++, dy += s->Q * c->Kp) {
        const int32_t h = p * s->stride_h;
        widen_rows(c, x, zero, h + s->R, &ring);
        if (s->R == 3 && s->S == 3) {
            const float *const rows[3] = {ring.rows + h % 3 * row,
                                          ring.rows + (h + 1) % 3 * row,
                                          ring.rows + (h + 2) % 3 * row};
            weights_3x3(rows, dy, c, sum);
            continue;
        }
        for (int32_t r = 0; r < s->R; r++)
            weights_row(ring.rows + (h + r) % s->R * row, dy, c, sum + r * s->S);
    }
}

static void weights(const struct qconv *c, int32_t n, const uint8_t *x, int32_t zero,
                    const struct qconv_scratch *s, float *dw)
{
    enum { MAX_TAPS = 31 * 31 }; /* nn/layer_shape.h */
    vec sum[MAX_TAPS];
    for (int32_t i = 0; i < n; i++) {
        const float *dy = (const float *)s->dy_pack + (size_t)i * c->y_image;
        for (int32_t k = 0; k < c->Kp; k += LANES) {
            const struct ring ring = {s->x_pack, 0};
            for (int32_t t = 0; t < c->n_taps; t++)
                sum[t] = load(dw + t * c->Kp + k);
            weights_image(c, x + (size_t)i * c->x_image + k, zero, dy + k, ring, sum);
            for (int32_t t = 0; t < c->n_taps; t++)
                store(dw + t * c->Kp + k, sum[t]);
        }
    }
}

#define QCONV_DEPTH(title)                                                           \
    {                                                                                \
        .name = title, .pack_forward = qconv_depth_pack_forward,                     \
        .pack_backward = qconv_depth_pack_backward, .forward = forward,              \
        .scratch_bytes = scratch_bytes, .spread = qconv_spread_floats, .data = data, \
        .weights = weights                                                           \
    }
