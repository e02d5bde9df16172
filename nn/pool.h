/* pool.h -- max pooling: the largest value of each window, channel by channel.
 *
 *   y[p, q, c] = max over r, s of x[p * stride_h - pad_top + r,
 *                                   q * stride_w - pad_left + s, c]
 * over the positions inside the image: padding is never the largest.  The maximum of
 * values on a grid is the maximum of their codes, so the same loops serve floats, codes
 * held in floats and codes held in bytes, and nothing is rounded. */
#ifndef NN_POOL_H
#define NN_POOL_H

#include <stdbool.h>
#include <stdint.h>

struct nn_pool {
    int32_t R, S;                                     /* window     [1, 31]   */
    int32_t stride_h, stride_w;                       /*            [1, 16]   */
    int32_t pad_top, pad_left, pad_bottom, pad_right; /* less than the window */
};

/* One pool over tensors as they are stored: x (H, W, C), y (P, Q, C). */
struct nn_pool_map {
    int32_t H, W, P, Q, C;
    struct nn_pool how;
};

/* Output rows (columns) of `size` input ones; at least 1 where the window fits. */
static inline int32_t nn_pool_size(int32_t size, int32_t before, int32_t after,
                                   int32_t kernel, int32_t stride)
{
    return (size + before + after - kernel) / stride + 1;
}

/* n images. */
void nn_pool_forward(const struct nn_pool_map *m, int32_t n, const float *x, float *y);
void nn_pool_forward_bytes(const struct nn_pool_map *m, int32_t n, const uint8_t *x,
                           uint8_t *y);
/* g (n, H, W, C) = or += gradient in x of G (n, P, Q, C): to the first largest value of
 * each window. */
void nn_pool_backward(const struct nn_pool_map *m, int32_t n, const float *x,
                      const float *G, bool add, float *g);
void nn_pool_backward_bytes(const struct nn_pool_map *m, int32_t n, const uint8_t *x,
                            const float *G, bool add, float *g);

#endif
