/* kernel_ref.h -- plain double-precision twins of the training kernels.
 *
 * One loop per index, no blocking: what the kernels must compute, for tests.  Forward
 * twins are smooth enough in double precision for finite differences. */
#ifndef NN_KERNEL_REF_H
#define NN_KERNEL_REF_H

#include <stdbool.h>
#include <stdint.h>

#include "nn/layer_shape.h"
#include "nn/lsq_kernel.h"

/* x (n, H, W, C), w (K, R, S, C / groups), y (n, P, Q, K). */
void nn_conv_forward_ref(const struct layer_shape *s, int32_t n, const double *x,
                         const double *w, double *y);
void nn_conv_backward_ref(const struct layer_shape *s, int32_t n, const double *x,
                          const double *w, const double *dy, double *dw, double *dx);

/* One element of a quantiser: its grid integer; is u inside the grid. */
double nn_grid_ref(const struct nn_grid *g, double u);
bool nn_inside_ref(const struct nn_grid *g, double u);

/* z = gamma * (y - mean) / sqrt(var + eps) + beta with the batch's own statistics over
 * rows; y, z (rows, C). */
void nn_bn_forward_ref(const double *y, int64_t rows, int32_t C, const double *gamma,
                       const double *beta, double eps, double *z);

/* Sum over images of -log softmax(logits)[label]. */
double nn_loss_ref(const double *logits, int32_t n, int32_t K, const uint16_t *labels);

#endif
