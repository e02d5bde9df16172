/* conv_group.c -- see conv_group.h.
 *
 * Depthwise layers are loops over channels, which lie side by side, on weights turned
 * to (R, S, C).  Other groups are dense convolutions of one image's channels, copied
 * out and back. */
#include "nn/conv_group.h"

#include <stdbool.h>
#include <string.h>

#include "nn/conv_kernel.h"
#include "nn/vector.h"

/* ---- depthwise ---- */

/* An output position and a kernel position that meet inside the image:
 * offsets of channel 0 in y and x, and the kernel position. */
struct meeting {
    int64_t y, x;
    int32_t tap;
};
struct walk { /* the loops over (p, q, r, s), as a counter */
    int32_t p, q, r, s;
};

static bool next(const struct layer_shape *l, struct walk *at, struct meeting *out)
{
    for (;;) {
        if (at->s == l->S) at->s = 0, at->r++;
        if (at->r == l->R) at->r = 0, at->q++;
        if (at->q == l->Q) at->q = 0, at->p++;
        if (at->p == l->P) return false;
        const int32_t h = at->p * l->stride_h - l->pad_top + at->r;
        const int32_t w = at->q * l->stride_w - l->pad_left + at->s;
        *out = (struct meeting){((int64_t)at->p * l->Q + at->q) * l->C,
                                ((int64_t)h * l->W + w) * l->C, at->r * l->S + at->s};
        at->s++;
        if (h >= 0 && h < l->H && w >= 0 && w < l->W) return true;
    }
}

static void turn(const struct layer_shape *s, const float *w, float *turned)
{
    const int32_t taps = s->R * s->S;
    for (int32_t t = 0; t < taps; t++)
        for (int32_t c = 0; c < s->C; c++)
            turned[t * s->C + c] = w[c * taps + t];
}

/* to += a * b over the channels. */
NN_INLINE void add_product(int32_t C, const float *restrict a, const float *restrict b,
                           float *restrict to)
{
    for (int32_t c = 0; c < C; c++)
        to[c] += a[c] * b[c];
}

NN_VECTOR static void depthwise_forward(const struct layer_shape *s, const float *x,
                                        const float *turned, float *y)
{
    struct walk at = {0, 0, 0, 0};
    struct meeting m;
    while (next(s, &at, &m))
        add_product(s->C, x + m.x, turned + m.tap * s->C, y + m.y);
}

NN_VECTOR static void depthwise_backward(const struct layer_shape *s, const float *x,
                                         const float *turned, const float *dy,
                                         float *dturned, float *dx)
{
    struct walk at = {0, 0, 0, 0};
    struct meeting m;
    while (next(s, &at, &m)) {
        add_product(s->C, x + m.x, dy + m.y, dturned + m.tap * s->C);
        if (dx) add_product(s->C, turned + m.tap * s->C, dy + m.y, dx + m.x);
    }
}

/* ---- other groups ---- */

static struct layer_shape shape_of_group(const struct layer_shape *s)
{
    struct layer_shape g = *s;
    g.C /= s->groups;
    g.K /= s->groups;
    g.groups = 1;
    return g;
}

/* Channels [first, first + n) of every pixel, out of C, or back in. */
static void copy_out(const float *all, int64_t pixels, int32_t C, int32_t first,
                     int32_t n, float *part)
{
    for (int64_t i = 0; i < pixels; i++)
        memcpy(part + i * n, all + i * C + first, sizeof *part * (size_t)n);
}

static void copy_in(const float *part, int64_t pixels, int32_t C, int32_t first,
                    int32_t n, float *all)
{
    for (int64_t i = 0; i < pixels; i++)
        memcpy(all + i * C + first, part + i * n, sizeof *part * (size_t)n);
}

/* One image's share of a group. */
struct part {
    struct layer_shape shape;
    int64_t n_x, n_y, n_w; /* elements                                         */
    float *x, *y, *dx, *dw, *rest;
};

/* Without its buffers. */
static struct part part_sizes(const struct layer_shape *s)
{
    struct part p = {.shape = shape_of_group(s)};
    p.n_x = (int64_t)s->H * s->W * p.shape.C;
    p.n_y = (int64_t)s->P * s->Q * p.shape.K;
    p.n_w = layer_shape_weights(&p.shape);
    return p;
}

static struct part part_of(const struct layer_shape *s, float *workspace)
{
    struct part p = part_sizes(s);
    p.x = workspace;
    p.y = p.x + p.n_x;
    p.dx = p.y + p.n_y;
    p.dw = p.dx + p.n_x;
    p.rest = p.dw + p.n_w;
    return p;
}

size_t nn_group_workspace(const struct layer_shape *s)
{
    if (layer_shape_is_depthwise(s)) return 2 * (size_t)layer_shape_weights(s);
    const struct part p = part_sizes(s);
    return (size_t)(2 * p.n_x + p.n_y + p.n_w) + nn_conv_workspace(&p.shape);
}

static void group_forward(const struct layer_shape *s, const float *x, const float *w,
                          float *y, float *workspace)
{
    const struct part p = part_of(s, workspace);
    for (int32_t g = 0; g < s->groups; g++) {
        copy_out(x, (int64_t)s->H * s->W, s->C, g * p.shape.C, p.shape.C, p.x);
        nn_conv_forward(&p.shape, 1, p.x, w + g * p.n_w, p.y, p.rest);
        copy_in(p.y, (int64_t)s->P * s->Q, s->K, g * p.shape.K, p.shape.K, y);
    }
}

/* dw += */
static void group_backward(const struct layer_shape *s, const float *x, const float *w,
                           const float *dy, float *dw, float *dx, float *workspace)
{
    const struct part p = part_of(s, workspace);
    for (int32_t g = 0; g < s->groups; g++) {
        copy_out(x, (int64_t)s->H * s->W, s->C, g * p.shape.C, p.shape.C, p.x);
        copy_out(dy, (int64_t)s->P * s->Q, s->K, g * p.shape.K, p.shape.K, p.y);
        nn_conv_backward(&p.shape, 1, p.x, w + g * p.n_w, p.y, p.dw, dx ? p.dx : NULL,
                         p.rest);
        if (dx) copy_in(p.dx, (int64_t)s->H * s->W, s->C, g * p.shape.C, p.shape.C, dx);
        for (int64_t i = 0; i < p.n_w; i++)
            dw[g * p.n_w + i] += p.dw[i];
    }
}

/* ---- both ---- */

void nn_group_forward(const struct layer_shape *s, int32_t n, const float *x,
                      const float *w, float *y, float *workspace)
{
    const bool is_depthwise = layer_shape_is_depthwise(s);
    const int64_t n_x = (int64_t)s->H * s->W * s->C, n_y = (int64_t)s->P * s->Q * s->K;
    if (is_depthwise) {
        turn(s, w, workspace);
        memset(y, 0, sizeof *y * (size_t)(n * n_y));
    }
    for (int32_t i = 0; i < n; i++, x += n_x, y += n_y)
        if (is_depthwise)
            depthwise_forward(s, x, workspace, y);
        else
            group_forward(s, x, w, y, workspace);
}

void nn_group_backward(const struct layer_shape *s, int32_t n, const float *x,
                       const float *w, const float *dy, float *dw, float *dx,
                       float *workspace)
{
    const bool is_depthwise = layer_shape_is_depthwise(s);
    const int64_t n_x = (int64_t)s->H * s->W * s->C, n_y = (int64_t)s->P * s->Q * s->K;
    const int64_t n_w = layer_shape_weights(s);
    float *dturned = workspace + n_w;
    memset(dw, 0, sizeof *dw * (size_t)n_w);
    if (is_depthwise) {
        turn(s, w, workspace);
        memset(dturned, 0, sizeof *dturned * (size_t)n_w);
        if (dx) memset(dx, 0, sizeof *dx * (size_t)(n * n_x));
    }
    for (int32_t i = 0; i < n; i++, x += n_x, dy += n_y, dx = dx ? dx + n_x : NULL)
        if (is_depthwise)
            depthwise_backward(s, x, workspace, dy, dturned, dx);
        else
            group_backward(s, x, w, dy, dw, dx, workspace);
    const int32_t taps = s->R * s->S;
    for (int64_t k = 0; is_depthwise && k < n_w; k++)
        dw[k] = dturned[k % taps * s->C + k / taps];
}
