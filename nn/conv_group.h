/* conv_group.h -- grouped convolutions in fp32: what nn/conv_kernel.h calls for groups
 * > 1, with its operands. */
#ifndef NN_CONV_GROUP_H
#define NN_CONV_GROUP_H

#include <stddef.h>

#include "nn/layer_shape.h"

size_t nn_group_workspace(const struct layer_shape *s);
void nn_group_forward(const struct layer_shape *s, int32_t n, const float *x,
                      const float *w, float *y, float *workspace);
void nn_group_backward(const struct layer_shape *s, int32_t n, const float *x,
                       const float *w, const float *dy, float *dw, float *dx,
                       float *workspace);

#endif
