/* trainer_pixels.c -- layers that read normalised images (nn_graph_normalise).
 *
 * A pixel's value is input_scale * (code - zero), so that a quantised layer computes
 *     w_step * a_step * (sum of wq * x - sum of wq * shift),   a_step * shift = value
 * of the border in the real network, which is 0.  The integer engine's accumulator is
 * sum of wq * x with the nearest code, `border`, around the image.
 *   - on bytes, x are codes, with that border in place;
 *   - in fp32 products, which pad with 0, x are codes - border, and shift is less by as
 *     much: the same accumulators but for a constant.
 * Without quantisers border is exact and shift is 0. */
#include "nn/trainer_fast.h"

static bool reads_pixels(const struct nn_trainer *t, const struct tr_layer *l)
{
    return t->graph->nodes[l->i_in].op == NN_INPUT && t->graph->input_zero;
}

status tr_pixels_build(struct nn_trainer *t, struct err *err)
{
    for (int32_t i = 0; i < t->graph->n_layers; i++) {
        struct tr_layer *l = &t->layers[i];
        const size_t C = (size_t)l->shape->C, K = (size_t)l->shape->K;
        if (!reads_pixels(t, l)) continue;
        l->border = ARENA_NEW(t->arena, float, C);
        l->shift = ARENA_NEW(t->arena, float, C);
        l->zero_sum = ARENA_NEW(t->arena, double, K);
        l->sum_g = ARENA_NEW(t->arena, float, K);
        l->border_code = ARENA_NEW(t->arena, uint8_t, C);
        if (!l->border || !l->border_code || !l->shift || !l->zero_sum || !l->sum_g)
            return arena_exhausted(err);
    }
    return ST_OK;
}

static void set_border(const struct nn_trainer *t, struct tr_layer *l, int abits)
{
    const struct nn_graph *g = t->graph;
    for (int32_t c = 0; c < l->shape->C; c++) {
        const float zero = g->input_zero[c] * g->input_scale / l->a_grid.step;
        l->border[c] =
            abits ? (float)nn_border_code(g, c, abits, l->a_grid.step) : zero;
        l->shift[c] = t->is_fast ? zero : zero - l->border[c];
    }
}

static void sum_zeros(struct tr_layer *l)
{
    const int64_t MW = layer_shape_MW(l->shape);
    for (int32_t k = 0; k < l->shape->K; k++) {
        l->zero_sum[k] = 0;
        for (int64_t i = 0; i < MW; i++)
            l->zero_sum[k] +=
                (double)l->wq[k * MW + i] *
                (double)l->shift[layer_shape_channel(l->shape, k, (int32_t)i)];
    }
}

void tr_pixels_set(struct nn_trainer *t)
{
    for (int32_t i = 0; i < t->graph->n_layers; i++) {
        struct tr_layer *l = &t->layers[i];
        if (!l->border) continue;
        set_border(t, l, t->path.abits[i]);
        sum_zeros(l);
    }
}

void tr_pixels_fill(struct nn_trainer *t)
{
    for (int32_t i = 0; i < t->graph->n_layers; i++) {
        const struct tr_layer *l = &t->layers[i];
        const struct fast_layer *fast = &t->fast->layers[i];
        if (!l->border) continue;
        for (int32_t c = 0; c < l->shape->C; c++)
            l->border_code[c] = (uint8_t)l->border[c];
        qconv_clear_border(&fast->conv, t->n_images, l->border_code, fast->x);
    }
}

void tr_pixels_centre(const struct tr_layer *l, int32_t n, float *x)
{
    const int32_t C = l->shape->C;
    const int64_t pixels = (int64_t)n * l->shape->H * l->shape->W;
    for (int64_t i = 0; i < pixels; i++)
        for (int32_t c = 0; c < C; c++)
            x[i * C + c] -= l->border[c];
}

/* With batch norm the gradients of an output channel sum to 0: no share. */
void tr_pixels_gradient(struct tr_layer *l)
{
    const int32_t MW = layer_shape_MW(l->shape);
    float *gradient = l->weights.gradient;
    if (!l->border || l->node->bn) return;
    for (int32_t k = 0; k < l->shape->K; k++)
        for (int32_t i = 0; i < MW; i++)
            *gradient++ -= l->a_grid.step *
                           l->shift[layer_shape_channel(l->shape, k, i)] * l->sum_g[k];
}
