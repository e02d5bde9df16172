/* loss_kernel.c -- softmax cross-entropy, shifted by the largest logit. */
#include "nn/loss_kernel.h"

#include <math.h>
#include <stddef.h>

static float logit(const float *acc, int32_t k, float scale, const float *offset)
{
    return acc[k] * scale + (offset ? offset[k] : 0.0f);
}

struct nn_loss_sum nn_loss(const float *acc, int32_t n, int32_t K, float scale,
                           const float *offset, const uint16_t *labels, float weight,
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

/* Normaliser of softmax(z / T), as log(sum of exp). */
static double log_sum_of(const float *acc, int32_t K, float scale, const float *offset,
                         double temperature)
{
    double top = -INFINITY, sum = 0;
    for (int32_t k = 0; k < K; k++)
        top = fmax(top, (double)logit(acc, k, scale, offset) / temperature);
    for (int32_t k = 0; k < K; k++)
        sum += exp((double)logit(acc, k, scale, offset) / temperature - top);
    return top + log(sum);
}

void nn_loss_teach(const struct nn_teaching *teaching, const float *acc, int32_t n,
                   int32_t K, float scale, const float *offset, float weight,
                   float *grad)
{
    const double T = (double)teaching->temperature, share = (double)teaching->share;
    const float *t = teaching->logits;
    for (int32_t i = 0; i < n; i++, acc += K, t += K, grad += K) {
        const double z_sum = log_sum_of(acc, K, scale, offset, T);
        const double t_sum = log_sum_of(t, K, 1, NULL, T);
        for (int32_t k = 0; k < K; k++) {
            const double p = exp((double)logit(acc, k, scale, offset) / T - z_sum);
            const double q = exp((double)t[k] / T - t_sum);
            grad[k] = (float)((1 - share) * (double)grad[k] +
                              (double)weight * share * T * (p - q));
        }
    }
}
