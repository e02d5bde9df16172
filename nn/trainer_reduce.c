/* trainer_reduce.c -- from the sums of all chunks to what a layer's next operations
 * need: batch norm's statistics and their gradients.  Parts are added in the order of
 * the chunks, so that results do not depend on the threads. */
#include <math.h>

#include "nn/trainer_internal.h"

/* The batch's mean and 1 / standard deviation of y, from the chunks' sums. */
static void batch_statistics(struct nn_trainer *t, struct tr_layer *l, double unit)
{
    const int32_t K = l->shape->K;
    const double n = (double)t->n_images * l->shape->P * l->shape->Q;
    for (int32_t k = 0; k < K; k++) {
        double sum = 0, sum_sq = 0;
        for (int32_t c = 0; c < t->n_images_chunks; c++) {
            sum += l->sums[(2 * (int64_t)c) * l->n_sums + k];
            sum_sq += l->sums[(2 * (int64_t)c + 1) * l->n_sums + k];
        }
        const double mean = sum / n;
        const double var = fmax(sum_sq / n - mean * mean, 0.0);
        l->mean[k] = (float)mean;
        l->inv[k] = (float)(unit / sqrt(unit * unit * var + (double)l->node->bn->eps));
        l->run_mean[k] += (float)(t->bn_momentum * (unit * (mean - tr_zero_sum(l, k)) -
                                                    (double)l->run_mean[k]));
        l->run_var[k] +=
            (float)(t->bn_momentum * (unit * unit * var - (double)l->run_var[k]));
    }
}

static void running_statistics(struct tr_layer *l, double unit)
{
    for (int32_t k = 0; k < l->shape->K; k++) {
        l->mean[k] = (float)((double)l->run_mean[k] / unit + tr_zero_sum(l, k));
        l->inv[k] =
            (float)(unit / sqrt((double)l->run_var[k] + (double)l->node->bn->eps));
    }
}

void tr_reduce(struct nn_trainer *t, struct tr_layer *l)
{
    const double unit = (double)l->w_grid.step * (double)l->a_grid.step;
    if (l->node->bn && t->batch_stats) batch_statistics(t, l, unit);
    if (l->node->bn && !t->batch_stats) running_statistics(l, unit);
    const double step = (double)tr_finish_map(t, l->i_node, 0).grid.step;
    for (int32_t k = 0; k < l->shape->K; k++) {
        double scale = unit, offset = l->bias.n ? (double)l->bias.value[k] : 0.0;
        if (l->node->bn) {
            scale = (double)l->gamma.value[k] * (double)l->inv[k];
            offset += (double)l->beta.value[k] - scale * (double)l->mean[k];
        } else {
            offset -= unit * tr_zero_sum(l, k);
        }
        l->scale[k] = (float)scale;
        l->offset[k] = (float)offset;
        l->map_scale[k] = (float)(scale / step);
        l->map_offset[k] = (float)(offset / step);
    }
}

void tr_backward_prepare(struct tr_layer *l)
{
    for (int32_t k = 0; k < l->shape->K; k++) {
        l->k0[k] = l->w_grid.step;
        l->k1[k] = l->k2[k] = 0;
    }
}

void tr_backward_reduce(struct nn_trainer *t, struct tr_layer *l)
{
    const int32_t K = l->shape->K;
    const double n = (double)t->n_images * l->shape->P * l->shape->Q;
    for (int32_t k = 0; k < K; k++) {
        double sum_g = 0, sum_gy = 0;
        for (int32_t c = 0; c < t->n_images_chunks; c++) {
            sum_g += l->sums[(2 * (int64_t)c) * l->n_sums + k];
            sum_gy += l->sums[(2 * (int64_t)c + 1) * l->n_sums + k];
        }
        if (l->bias.n) l->bias.gradient[k] = (float)sum_g;
        if (l->sum_g) l->sum_g[k] = (float)sum_g;
        if (!l->node->bn) continue;
        const double inv = (double)l->inv[k]; /* of y; per unit of the accumulator */
        const double unit = (double)l->w_grid.step * (double)l->a_grid.step;
        const double k0 = (double)l->gamma.value[k] * inv / unit;
        l->beta.gradient[k] = (float)sum_g;
        l->gamma.gradient[k] = (float)(inv * sum_gy);
        l->k0[k] = (float)(k0 * (double)l->w_grid.step);
        l->k1[k] = (float)(-k0 * inv * inv * sum_gy / n * (double)l->w_grid.step);
        l->k2[k] = (float)(-k0 * sum_g / n * (double)l->w_grid.step);
    }
}
