/* graph_normalise.c -- networks that were trained on normalised images read pixels.
 *
 * With d the mean of the channels' deviations,
 *     (code / 255 - mean_c) / dev_c = (code - zero_c) * scale * (d / dev_c)
 *     zero_c = 255 * mean_c,   scale = 1 / (255 * d)
 * The first two factors are the value that a layer reads, the last one goes into its
 * weights.  Putting all of 1 / (255 * dev_c) there would make the weights of the first
 * layer so small that no learning rate suits it and the others. */
#include <math.h>

#include "nn/graph_internal.h"
#include "nn/quant.h"

static status check_numbers(int32_t C, const double *mean, const double *deviation,
                            struct err *err)
{
    for (int32_t c = 0; c < C; c++) {
        if (!(mean[c] >= 0 && mean[c] <= 1))
            return err_set(err, ST_RANGE,
                           "expected means in 0..1, found %g of channel %d", mean[c],
                           c);
        if (!(deviation[c] >= 1e-3 && deviation[c] <= 1e3))
            return err_set(
                err, ST_RANGE,
                "expected standard deviations in 0.001..1000, found %g of channel %d",
                deviation[c], c);
    }
    return ST_OK;
}

/* w (K, R, S, C) times factor[c]. */
static void scale_channels(struct nn_node *node, const double *factor)
{
    const int64_t n = layer_shape_weights(&node->shape);
    for (int64_t i = 0; i < n; i++)
        node->weights[i] =
            (float)((double)node->weights[i] * factor[i % node->shape.C]);
}

status nn_graph_normalise(struct nn_graph *g, const double *mean,
                          const double *deviation, struct arena *a, struct err *err)
{
    const int32_t C = g->nodes[0].C;
    double d = 0;
    if (g->input_zero)
        return err_set(
            err, ST_UNSUPPORTED,
            "expected a network that is not normalised yet, found pixel code "
            "%g of channel 0 for 0",
            (double)g->input_zero[0]);
    TRY(check_numbers(C, mean, deviation, err));
    float *zero = ARENA_NEW(a, float, (size_t)C);
    double *factor = ARENA_NEW(a, double, (size_t)C);
    if (!zero || !factor) return arena_exhausted(err);
    for (int32_t c = 0; c < C; c++)
        d += deviation[c] / C;
    for (int32_t c = 0; c < C; c++) {
        zero[c] = (float)(255 * mean[c]);
        factor[c] = d / deviation[c];
    }
    g->input_zero = zero;
    const status st = graph_check_zero(g, err);
    if (st != ST_OK) {
        g->input_zero = NULL;
        return st;
    }
    for (int32_t i = 1; i < g->n_nodes; i++)
        if (g->nodes[i].inputs[0] == 0) scale_channels(&g->nodes[i], factor);
    g->input_scale = (float)(1 / (255 * d));
    return ST_OK;
}

int32_t nn_border_code(const struct nn_graph *g, int32_t c, int bits, float step)
{
    return quant_round(g->input_zero[c] * g->input_scale, step, bits, false);
}
