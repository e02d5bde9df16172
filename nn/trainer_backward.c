/* trainer_backward.c -- the backward operations on floats.
 *
 * A node's gradient buffer holds, in this order: the gradient in the value that its
 * readers saw; after OP_BACK_FINISH the gradient in batch norm's output; inside
 * OP_BACK_LAYER the gradient in the accumulator, times the weights' step, so that one
 * product with the weight codes gives the gradient in the real input. */
#include <string.h>

#include "nn/bn_kernel.h"
#include "nn/conv_kernel.h"
#include "nn/tensor_kernel.h"
#include "nn/trainer_internal.h"

/* Scores of all candidates of layer l's input quantiser, and of its input as it is;
 * map is that of the path. */
static void score_input(struct nn_trainer *t, struct tr_layer *l,
                        const struct nn_lsq_map *map, const float *x, const float *G,
                        int32_t i_chunk)
{
    if (!t->wants_scores) return;
    struct nn_lsq_map real = *map;
    real.uniform *= map->grid.step;
    real.grid = nn_grid_real(!l->asigned);
    const float clip = t->graph->nodes[l->i_in].clip;
    if (clip > 0) real.grid.hi = clip;
    l->score_parts[i_chunk][NN_FLOAT] = nn_lsq_score(&real, x, G);
    for (int bits = 1; bits < NN_BITS; bits++) {
        const float step = (float)l->a_step[bits].value;
        l->score_parts[i_chunk][bits] = 0;
        if (!(l->a_mask >> bits & 1) || !(step > 0)) continue;
        struct nn_lsq_map candidate = *map;
        candidate.uniform *= map->grid.step / step;
        candidate.grid = nn_grid_of(bits, l->asigned, step);
        l->score_parts[i_chunk][bits] = nn_lsq_score(&candidate, x, G);
    }
}

static void back_finish_op(struct nn_trainer *t, const struct tr_item *it)
{
    const int32_t i = it->node;
    struct tr_node *node = &t->nodes[i];
    struct tr_layer *l = &t->layers[t->graph->nodes[i].i_layer];
    const int32_t n = it->n, K = l->shape->K;
    const float *y = tr_node_part(t, node, l->y, it->i_chunk);
    float *g = tr_node_part(t, node, node->grad, it->i_chunk);
    if (i != t->graph->n_nodes - 1) {
        const struct nn_lsq_map map = tr_finish_map(t, i, n);
        struct tr_layer *reader = node->reader >= 0 ? &t->layers[node->reader] : NULL;
        if (reader) score_input(t, reader, &map, y, g, it->i_chunk);
        double *step_part = reader ? reader->a_step_parts : node->step_parts;
        step_part[it->i_chunk] = nn_lsq_backward(&map, y, g, g, false);
    }
    double *sum = l->sums + 2 * (int64_t)it->i_chunk * K;
    memset(sum, 0, sizeof *sum * 2 * (size_t)K);
    for (int32_t image = 0; image < n; image++)
        nn_bn_backward_sums(g + image * node->size, y + image * node->size, l->mean,
                            node->size / K, K, sum, sum + K);
}

static void back_layer_op(struct nn_trainer *t, const struct tr_item *it)
{
    const struct tr_node *node = &t->nodes[it->node];
    struct tr_layer *l = &t->layers[t->graph->nodes[it->node].i_layer];
    struct tr_node *in = &t->nodes[l->i_in];
    const int32_t n = it->n, K = l->shape->K;
    const int64_t at_in = (int64_t)it->first * in->size;
    float *g = tr_node_part(t, node, node->grad, it->i_chunk);
    nn_bn_backward(g, tr_node_part(t, node, l->y, it->i_chunk), l->mean, l->k0, l->k1,
                   l->k2, n * node->size / K, K);

    const bool is_direct = in->reader >= 0; /* its own operation has the quantiser */
    float *dx = is_direct ? in->grad + at_in : t->dx[it->i_thread];
    nn_conv_backward(l->shape, n, l->x_used + at_in, l->wq, g,
                     l->dw + it->i_chunk * l->weights.n, l->needs_dx ? dx : NULL,
                     t->workspace[it->i_thread]);
    if (is_direct || !l->needs_dx) return;
    const struct nn_lsq_map map = tr_input_map(t, l, n);
    const float *x = in->code + at_in;
    score_input(t, l, &map, x, dx, it->i_chunk);
    float *to = in->grad ? in->grad + at_in : dx; /* pixels have no gradient */
    l->a_step_parts[it->i_chunk] =
        nn_lsq_backward(&map, x, dx, to, in->grad && it->op->add[0]);
}

static void back_add_op(struct nn_trainer *t, const struct tr_item *it)
{
    const struct nn_node *n = &t->graph->nodes[it->node];
    struct tr_node *node = &t->nodes[it->node];
    const int64_t size = it->n * node->size;
    float *g = tr_node_part(t, node, node->grad, it->i_chunk);
    node->step_parts[it->i_chunk] =
        nn_add_backward(tr_node_part(t, node, node->code, it->i_chunk), size,
                        node->grid.lo, node->grid.hi, g);
    for (int k = 0; k < 2; k++)
        nn_copy_or_add(g, size, it->op->add[k],
                       tr_node_part(t, node, t->nodes[n->inputs[k]].grad, it->i_chunk));
}

static void back_gap_op(struct nn_trainer *t, const struct tr_item *it)
{
    const struct nn_node *in = &t->graph->nodes[t->graph->nodes[it->node].inputs[0]];
    const struct tr_node *from = &t->nodes[t->graph->nodes[it->node].inputs[0]];
    struct tr_node *node = &t->nodes[it->node];
    struct tr_layer *reader = &t->layers[node->reader];
    const int32_t n = it->n, pixels = in->H * in->W;
    const struct nn_lsq_map map = tr_input_map(t, reader, n);
    const float *sum = tr_node_part(t, node, node->code, it->i_chunk);
    float *g = tr_node_part(t, node, node->grad, it->i_chunk);
    score_input(t, reader, &map, sum, g, it->i_chunk);
    reader->a_step_parts[it->i_chunk] = nn_lsq_backward(&map, sum, g, g, false);
    nn_gap_backward(g, n, pixels, in->C, 1.0f / (float)pixels, it->op->add[0],
                    tr_node_part(t, from, from->grad, it->i_chunk));
}

tr_op_fn *const tr_backward_ops[TR_N_OPS] = {
    [OP_BACK_FINISH] = back_finish_op,   [OP_BACK_LAYER] = back_layer_op,
    [OP_BACK_ADD] = back_add_op,         [OP_BACK_GAP] = back_gap_op,
    [OP_BACK_SHORTCUT] = tr_shortcut_op, [OP_BACK_MAXPOOL] = tr_pool_op,
};
