/* pool.c -- max pooling of floats and bytes, by runs of channels. */
#include "nn/pool.h"

#include <string.h>

#include "nn/vector.h"

/* The part of one window that lies inside the image. */
struct window {
    int32_t h0, h1, w0, w1; /* rows [h0, h1), columns [w0, w1)                */
};

static struct window window_of(const struct nn_pool_map *m, int32_t p, int32_t q)
{
    const struct nn_pool *k = &m->how;
    const int32_t h = p * k->stride_h - k->pad_top, w = q * k->stride_w - k->pad_left;
    return (struct window){h < 0 ? 0 : h, h + k->R > m->H ? m->H : h + k->R,
                           w < 0 ? 0 : w, w + k->S > m->W ? m->W : w + k->S};
}

/* Element of image i at (h, w), channel 0. */
static size_t at(const struct nn_pool_map *m, int32_t i, int32_t h, int32_t w)
{
    return (((size_t)i * (size_t)m->H + (size_t)h) * (size_t)m->W + (size_t)w) *
           (size_t)m->C;
}

NN_VECTOR void nn_pool_forward(const struct nn_pool_map *m, int32_t n, const float *x,
                               float *y)
{
    const size_t run = (size_t)m->C * sizeof *y;
    for (int32_t i = 0; i < n * m->P * m->Q; i++, y += m->C) {
        const int32_t image = i / (m->P * m->Q);
        const struct window v = window_of(m, i / m->Q % m->P, i % m->Q);
        memcpy(y, x + at(m, image, v.h0, v.w0), run);
        for (int32_t h = v.h0; h < v.h1; h++)
            for (int32_t w = v.w0; w < v.w1; w++) {
                const float *restrict from = x + at(m, image, h, w);
                for (int32_t c = 0; c < m->C; c++)
                    y[c] = from[c] > y[c] ? from[c] : y[c];
            }
    }
}

NN_VECTOR void nn_pool_forward_bytes(const struct nn_pool_map *m, int32_t n,
                                     const uint8_t *x, uint8_t *y)
{
    for (int32_t i = 0; i < n * m->P * m->Q; i++, y += m->C) {
        const int32_t image = i / (m->P * m->Q);
        const struct window v = window_of(m, i / m->Q % m->P, i % m->Q);
        memcpy(y, x + at(m, image, v.h0, v.w0), (size_t)m->C);
        for (int32_t h = v.h0; h < v.h1; h++)
            for (int32_t w = v.w0; w < v.w1; w++) {
                const uint8_t *restrict from = x + at(m, image, h, w);
                for (int32_t c = 0; c < m->C; c++)
                    y[c] = from[c] > y[c] ? from[c] : y[c];
            }
    }
}

/* Where channel c's first largest value lies; x are floats or bytes. */
static size_t first_largest(const struct nn_pool_map *m, int32_t image, struct window v,
                            int32_t c, const float *floats, const uint8_t *bytes)
{
    size_t best = at(m, image, v.h0, v.w0) + (size_t)c;
    for (int32_t h = v.h0; h < v.h1; h++)
        for (int32_t w = v.w0; w < v.w1; w++) {
            const size_t i = at(m, image, h, w) + (size_t)c;
            if (floats ? floats[i] > floats[best] : bytes[i] > bytes[best]) best = i;
        }
    return best;
}

static void backward(const struct nn_pool_map *m, int32_t n, const float *floats,
                     const uint8_t *bytes, const float *G, bool add, float *g)
{
    if (!add) memset(g, 0, at(m, n, 0, 0) * sizeof *g);
    for (int32_t i = 0; i < n * m->P * m->Q; i++, G += m->C) {
        const struct window v = window_of(m, i / m->Q % m->P, i % m->Q);
        for (int32_t c = 0; c < m->C; c++)
            g[first_largest(m, i / (m->P * m->Q), v, c, floats, bytes)] += G[c];
    }
}

void nn_pool_backward(const struct nn_pool_map *m, int32_t n, const float *x,
                      const float *G, bool add, float *g)
{
    backward(m, n, x, NULL, G, add, g);
}

void nn_pool_backward_bytes(const struct nn_pool_map *m, int32_t n, const uint8_t *x,
                            const float *G, bool add, float *g)
{
    backward(m, n, NULL, x, G, add, g);
}
