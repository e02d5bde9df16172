/* loss_kernel.c -- softmax cross-entropy, shifted by the largest logit. */
#include "nn/loss_kernel.h"

#include <math.h>
#include <stddef.h>

static float logit(const float *acc, int32_t k, float scale, const float *offset)
{
    return acc[k] * scale + (offset ? offset[k] : 0.0f);
}

struct nn_loss_sum nn_loss(const float *acc, int32_t n, int32_t K, float scale,
                           const float *offset, const uint8_t *labels, float weight,
                           float *grad)
{
    struct nn_loss_sum out = {0, 0};
    for (int32_t i = 0; i < n; i++, acc += K) {
        int32_t best = 0;
        for (int32_t k = 1; k < K; k++)
            if (logit(acc, k, scale, offset) > logit(acc, best, scale, offset))
                best = k;
        const double top = (double)logit(acc, best, scale, offset);
        double sum = 0;
        for (int32_t k = 0; k < K; k++)
            sum += exp((double)logit(acc, k, scale, offset) - top);
        const double log_sum = top + log(sum);
        out.loss += log_sum - (double)logit(acc, labels[i], scale, offset);
        out.n_correct += best == labels[i];
        for (int32_t k = 0; grad && k < K; k++) {
            const double p = exp((double)logit(acc, k, scale, offset) - log_sum);
            grad[(size_t)i * (size_t)K + (size_t)k] =
                (float)((double)weight * (p - (k == labels[i] ? 1.0 : 0.0)));
        }
    }
    return out;
}
