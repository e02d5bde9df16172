/* trainer_equalise.c -- output channels of one size, before steps are fitted.
 *
 * A layer has one step for all its weights, but trained networks have output channels
 * whose weights differ in size by ten times and more; at 2 bits the small ones all
 * round to 0.  Behind a batch norm the size of a channel means nothing, so every
 * channel is brought to the root mean square of its layer: weights, mean and standard
 * deviation by one factor, which leaves the function as it was.  (Equalisation between
 * layers, without batch norm: Nagel et al. 2019, section 4.1.) */
#include <math.h>

#include "nn/trainer_internal.h"

/* A dead channel stays small: noise is not to be made a signal. */
static const double MOST = 4;

static double rms(const float *w, int64_t n)
{
    double sum = 0;
    for (int64_t i = 0; i < n; i++)
        sum += (double)w[i] * (double)w[i];
    return sqrt(sum / (double)n);
}

static void scale_channel(struct tr_layer *l, int32_t k, double by)
{
    const int64_t MW = layer_shape_MW(l->shape);
    const double eps = (double)l->node->bn->eps;
    for (int64_t i = k * MW; i < (k + 1) * MW; i++)
        l->weights.value[i] = (float)(by * (double)l->weights.value[i]);
    l->run_mean[k] = (float)(by * (double)l->run_mean[k]);
    l->run_var[k] = (float)fmax(by * by * ((double)l->run_var[k] + eps) - eps, 0.0);
}

void tr_equalise(struct nn_trainer *t)
{
    for (int32_t i = 0; i < t->graph->n_layers; i++) {
        struct tr_layer *l = &t->layers[i];
        const int64_t MW = layer_shape_MW(l->shape);
        const double all = rms(l->weights.value, l->weights.n);
        for (int32_t k = 0; l->node->bn && k < l->shape->K; k++) {
            const double own = rms(l->weights.value + k * MW, MW);
            if (own > 0) scale_channel(l, k, fmin(fmax(all / own, 1 / MOST), MOST));
        }
    }
}
