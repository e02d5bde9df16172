/* shortcut.h -- the shortcut without parameters of residual networks: samples of rows
 * and columns, and channels of zeros around those of x.
 *
 *   y[p, q, k] = x[p * stride_h, q * stride_w, k - before], 0 where k - before lies
 *   outside x                                          (option A of He et al., 2015) */
#ifndef NN_SHORTCUT_H
#define NN_SHORTCUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct nn_shortcut {
    int32_t stride_h, stride_w; /* [1, 16]                                    */
    int32_t before, after;      /* channels of zeros               [0, 65535] */
};

/* One shortcut over tensors as they are stored: x (H, W, Cx), y (P, Q, Cy), of whose
 * channels the first C, and before + C + after, are in use. */
struct nn_shortcut_map {
    int32_t H, W, C, Cx, P, Q, Cy;
    struct nn_shortcut how;
};

static inline int32_t nn_shortcut_size(int32_t size, int32_t stride)
{
    return (size + stride - 1) / stride;
}

/* n images of elements of `size` bytes; zero: each byte of a 0. */
void nn_shortcut_forward(const struct nn_shortcut_map *m, int32_t n, size_t size,
                         unsigned char zero, const void *x, void *y);
/* g (n, H, W, Cx) = or += gradient in x of G (n, P, Q, Cy). */
void nn_shortcut_backward(const struct nn_shortcut_map *m, int32_t n, const float *G,
                          bool add, float *g);

#endif
