/* trainer_forward.c -- the forward operations and the loop over segments. */
#include <math.h>
#include <string.h>

#include "nn/bn_kernel.h"
#include "nn/conv_kernel.h"
#include "nn/loss_kernel.h"
#include "nn/tensor_kernel.h"
#include "nn/trainer_fast.h"

static void layer_op(struct nn_trainer *t, struct tr_layer *l, int32_t i_chunk,
                     int i_thread)
{
    const struct tr_node *in = &t->nodes[l->i_in], *out = &t->nodes[l->i_node];
    const int32_t n = tr_chunk_images(t, i_chunk), K = l->shape->K;
    const int64_t at_in = (int64_t)i_chunk * t->chunk * in->size;
    if (in->code && l->x_used == l->x) {
        const struct nn_lsq_map map = tr_input_map(t, l, n);
        nn_lsq_forward(&map, in->code + at_in, l->x + at_in);
        if (l->border) tr_pixels_centre(l, n, l->x + at_in);
    }
    float *y = tr_node_part(t, out, l->y, i_chunk);
    nn_conv_forward(l->shape, n, l->x_used + at_in, l->wq, y, t->workspace[i_thread]);
    if (!l->node->bn || !t->batch_stats) return;
    double *sum = l->sums + 2 * (int64_t)i_chunk * K;
    memset(sum, 0, sizeof *sum * 2 * (size_t)K);
    const int64_t pixels = (int64_t)l->shape->P * l->shape->Q;
    for (int32_t i = 0; i < n; i++)
        nn_bn_sums(y + i * out->size, pixels, K, sum, sum + K);
}

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

/* Real output = y * scale + offset, and the same in units of the output's step: after
 * all chunks of a layer if that depends on the batch, before the first otherwise. */
static void layer_reduce(struct nn_trainer *t, struct tr_layer *l)
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

static void finish_op(struct nn_trainer *t, int32_t i, int32_t i_chunk)
{
    const struct tr_node *node = &t->nodes[i];
    const struct tr_layer *l = &t->layers[t->graph->nodes[i].i_layer];
    const struct nn_lsq_map map = tr_finish_map(t, i, tr_chunk_images(t, i_chunk));
    float *to = node->group >= 0 ? node->code : t->layers[node->reader].x;
    nn_lsq_forward(&map, tr_node_part(t, node, l->y, i_chunk),
                   tr_node_part(t, node, to, i_chunk));
}

static void add_op(struct nn_trainer *t, int32_t i, int32_t i_chunk)
{
    const struct nn_node *n = &t->graph->nodes[i];
    const struct tr_node *node = &t->nodes[i];
    const float *a = tr_node_part(t, node, t->nodes[n->inputs[0]].code, i_chunk);
    const float *b = tr_node_part(t, node, t->nodes[n->inputs[1]].code, i_chunk);
    nn_add_forward(a, b, tr_chunk_images(t, i_chunk) * node->size, node->grid.lo,
                   node->grid.hi, tr_node_part(t, node, node->code, i_chunk));
}

static void gap_op(struct nn_trainer *t, int32_t i, int32_t i_chunk)
{
    const struct nn_node *n = &t->graph->nodes[i];
    const struct nn_node *in = &t->graph->nodes[n->inputs[0]];
    const struct tr_node *from = &t->nodes[n->inputs[0]], *node = &t->nodes[i];
    nn_gap_forward(tr_node_part(t, from, from->code, i_chunk),
                   tr_chunk_images(t, i_chunk), in->H * in->W, in->C,
                   tr_node_part(t, node, node->code, i_chunk));
}

static void loss_op(struct nn_trainer *t, int32_t i, int32_t i_chunk)
{
    const struct tr_node *node = &t->nodes[i];
    const struct tr_layer *l = &t->layers[t->graph->nodes[i].i_layer];
    const struct nn_loss_sum sum =
        nn_loss(tr_node_part(t, node, l->y, i_chunk), tr_chunk_images(t, i_chunk),
                (int32_t)node->size, l->w_grid.step * l->a_grid.step,
                l->bias.n ? l->bias.value : NULL, t->labels + i_chunk * t->chunk,
                1.0f / (float)t->n_images,
                t->wants_grad ? tr_node_part(t, node, node->grad, i_chunk) : NULL);
    t->loss_parts[i_chunk] = sum.loss;
    t->right_parts[i_chunk] = sum.n_correct;
}

static void run_op(struct nn_trainer *t, const struct tr_op *op, int32_t i_chunk,
                   int i_thread)
{
    switch (op->kind) {
    case OP_LAYER:
        layer_op(t, &t->layers[t->graph->nodes[op->node].i_layer], i_chunk, i_thread);
        break;
    case OP_FINISH:
        finish_op(t, op->node, i_chunk);
        break;
    case OP_ADD:
        add_op(t, op->node, i_chunk);
        break;
    case OP_GAP:
        gap_op(t, op->node, i_chunk);
        break;
    case OP_LOSS:
        loss_op(t, op->node, i_chunk);
        break;
    case OP_SHORTCUT:
    case OP_BACK_SHORTCUT:
        tr_shortcut_op(t, op, i_chunk);
        break;
    default:
        tr_backward_op(t, op, i_chunk, i_thread);
    }
}

struct segment_run {
    struct nn_trainer *t;
    const struct tr_op *ops;
    int32_t n_ops;
};

static void run_chunk(void *arg, int i_chunk, int i_thread)
{
    const struct segment_run *run = arg;
    for (int32_t i = 0; i < run->n_ops; i++)
        (run->t->is_fast ? fast_forward_op : run_op)(run->t, &run->ops[i], i_chunk,
                                                     i_thread);
}

static void run_schedule(struct nn_trainer *t, const struct tr_schedule *s)
{
    for (int32_t i = 0; i < s->n_segments; i++) {
        struct segment_run run = {t, s->ops + s->segments[i].first, s->segments[i].n};
        pool_for(t->pool, t->n_images_chunks, run_chunk, &run);
        for (int32_t k = 0; k < run.n_ops; k++) {
            const struct nn_node *n = &t->graph->nodes[run.ops[k].node];
            if (run.ops[k].kind == OP_LAYER && n->bn && t->batch_stats)
                layer_reduce(t, &t->layers[n->i_layer]);
            if (run.ops[k].kind == OP_BACK_FINISH)
                tr_backward_reduce(t, &t->layers[n->i_layer]);
        }
    }
}

void tr_run(struct nn_trainer *t)
{
    t->n_images_chunks = (t->n_images + t->chunk - 1) / t->chunk;
    if (t->is_fast)
        fast_start(t);
    else if (t->fast)
        t->fast->is_clear = false;
    for (int32_t i = 0; i < t->graph->n_layers; i++) {
        if (!t->layers[i].node->bn || !t->batch_stats) layer_reduce(t, &t->layers[i]);
        if (!t->layers[i].node->bn) tr_backward_prepare(&t->layers[i]);
    }
    run_schedule(t, &t->forward);
    if (t->wants_grad) run_schedule(t, &t->backward);
}

double tr_loss(const struct nn_trainer *t, int32_t *n_right)
{
    double loss = 0;
    int32_t right = 0;
    for (int32_t c = 0; c < t->n_images_chunks; c++) {
        loss += t->loss_parts[c];
        right += t->right_parts[c];
    }
    if (n_right) *n_right = right;
    return loss;
}
