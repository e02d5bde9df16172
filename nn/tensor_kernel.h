/* tensor_kernel.h -- the operations between layers: residual sum and global pool. */
#ifndef NN_TENSOR_KERNEL_H
#define NN_TENSOR_KERNEL_H

#include <stdbool.h>
#include <stdint.h>

/* y = clip(a + b, lo, hi), (n) each: the clip at lo = 0 is the ReLU. */
void nn_add_forward(const float *a, const float *b, int64_t n, float lo, float hi,
                    float *y);
/* In place: G = gradient in the sum, which is G where lo < y < hi and 0 elsewhere.
 * Returns sum of G * y over the clipped elements: the clip's share of the gradient of
 * the common step. */
double nn_add_backward(const float *y, int64_t n, float lo, float hi, float *G);
/* to = from, or to += from. */
void nn_copy_or_add(const float *from, int64_t n, bool add, float *to);

/* sum (n, C) = sum over pixels of x (n, pixels, C). */
void nn_gap_forward(const float *x, int32_t n, int32_t pixels, int32_t C, float *sum);
/* g (n, pixels, C) = or += scale * G (n, C). */
void nn_gap_backward(const float *G, int32_t n, int32_t pixels, int32_t C, float scale,
                     bool add, float *g);

#endif
