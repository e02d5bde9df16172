/* sgd_kernel.c -- the update of parameters and the ordered sum of gradient parts. */
#include "nn/sgd_kernel.h"

#include <string.h>

#include "nn/vector.h"

NN_VECTOR void nn_sgd_update(const struct nn_sgd *o, int64_t n, const float *restrict g,
                             float *restrict v, float *restrict w)
{
    const float lr = o->lr, momentum = o->momentum, decay = o->weight_decay;
    for (int64_t i = 0; i < n; i++) {
        v[i] = momentum * v[i] + g[i] + decay * w[i];
        w[i] -= lr * v[i];
    }
}

NN_VECTOR void nn_sum_parts(int32_t n_parts, int64_t n, const float *restrict parts,
                            float scale, float *restrict sum)
{
    memcpy(sum, parts, sizeof *sum * (size_t)n);
    for (int32_t p = 1; p < n_parts; p++)
        for (int64_t i = 0; i < n; i++)
            sum[i] += parts[p * n + i];
    for (int64_t i = 0; i < n; i++)
        sum[i] *= scale;
}
