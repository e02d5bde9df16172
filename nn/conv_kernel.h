/* conv_kernel.h -- convolution of a few images as tiled im2col and sgemm, NHWC.
 *
 * x (n, H, W, C), w (K, R, S, C / groups), y (n, P, Q, K), row-major.  A tile is a run
 * of output rows whose unfolded input, (rows * Q, R * S * C), fits in half a
 * second-level cache; each tile is one sgemm.  A fully connected layer is the same
 * with P = Q = R = S = 1.  Grouped layers run group by group on copies of their
 * channels; depthwise ones are loops over channels (nn/conv_group.h).  Where operands
 * are grid integers and |sum| < 2^24 the results are exact, whatever the order of
 * summation. */
#ifndef NN_CONV_KERNEL_H
#define NN_CONV_KERNEL_H

#include <stddef.h>

#include "nn/layer_shape.h"

/* Floats of workspace that one call needs. */
size_t nn_conv_workspace(const struct layer_shape *s);

void nn_conv_forward(const struct layer_shape *s, int32_t n, const float *x,
                     const float *w, float *y, float *workspace);
/* dw = sum over images and pixels of dy * unfolded x (written);  dx = gradient in x
 * (written; NULL: not wanted). */
void nn_conv_backward(const struct layer_shape *s, int32_t n, const float *x,
                      const float *w, const float *dy, float *dw, float *dx,
                      float *workspace);

#endif
