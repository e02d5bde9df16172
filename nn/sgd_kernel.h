/* sgd_kernel.h -- stochastic gradient descent with momentum. */
#ifndef NN_SGD_KERNEL_H
#define NN_SGD_KERNEL_H

#include <stdint.h>

struct nn_sgd {
    float lr, momentum, weight_decay;
};

/* v = momentum * v + g + weight_decay * w;  w -= lr * v.  All (n). */
void nn_sgd_update(const struct nn_sgd *o, int64_t n, const float *g, float *v,
                   float *w);
/* sum[i] = scale * (parts[0][i] + parts[1][i] + ...), added in that order.
 * parts: (n_parts, n). */
void nn_sum_parts(int32_t n_parts, int64_t n, const float *parts, float scale,
                  float *sum);

#endif
