/* shortcut.c -- shortcuts without parameters, by copying runs of channels. */
#include "nn/shortcut.h"

#include <string.h>

/* Element of x whose channels output pixel i of all images holds. */
static size_t source(const struct nn_shortcut_map *m, size_t i)
{
    const size_t pixels = (size_t)m->P * (size_t)m->Q, image = i / pixels;
    const size_t p = i % pixels / (size_t)m->Q, q = i % (size_t)m->Q;
    const size_t h = p * (size_t)m->how.stride_h, w = q * (size_t)m->how.stride_w;
    return ((image * (size_t)m->H + h) * (size_t)m->W + w) * (size_t)m->Cx;
}

void nn_shortcut_forward(const struct nn_shortcut_map *m, int32_t n, size_t size,
                         unsigned char zero, const void *x, void *y)
{
    const size_t pixels = (size_t)n * (size_t)m->P * (size_t)m->Q;
    const size_t row = (size_t)m->Cy * size, first = (size_t)m->how.before * size;
    const unsigned char *from = x;
    unsigned char *to = y;
    memset(to, zero, pixels * row);
    for (size_t i = 0; i < pixels; i++)
        memcpy(to + i * row + first, from + source(m, i) * size, (size_t)m->C * size);
}

void nn_shortcut_backward(const struct nn_shortcut_map *m, int32_t n, const float *G,
                          bool add, float *g)
{
    const size_t pixels = (size_t)n * (size_t)m->P * (size_t)m->Q;
    const size_t all = (size_t)n * (size_t)m->H * (size_t)m->W * (size_t)m->Cx;
    if (!add) memset(g, 0, all * sizeof *g);
    for (size_t i = 0; i < pixels; i++) {
        const float *from = G + i * (size_t)m->Cy + m->how.before;
        float *to = g + source(m, i);
        for (int32_t c = 0; c < m->C; c++)
            to[c] += from[c];
    }
}
