/* bn_kernel.h -- batch norm over (rows, C) tensors, C fastest.
 *
 * Sums are taken per image in single precision and added up in double precision: the
 * first layer sees pixels with a large mean. */
#ifndef NN_BN_KERNEL_H
#define NN_BN_KERNEL_H

#include <stdint.h>

/* sum[c] += sum of y, sum_sq[c] += sum of y^2. */
void nn_bn_sums(const float *y, int64_t rows, int32_t C, double *sum, double *sum_sq);
/* sum_g[c] += sum of g, sum_gy[c] += sum of g * (y - mean[c]). */
void nn_bn_backward_sums(const float *g, const float *y, const float *mean,
                         int64_t rows, int32_t C, double *sum_g, double *sum_gy);
/* g = k0[c] * g + k1[c] * (y - mean[c]) + k2[c], in place. */
void nn_bn_backward(float *g, const float *y, const float *mean, const float *k0,
                    const float *k1, const float *k2, int64_t rows, int32_t C);

#endif
