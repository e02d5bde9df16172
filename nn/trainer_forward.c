/* trainer_forward.c -- the forward operations on floats. */
#include <string.h>

#include "nn/bn_kernel.h"
#include "nn/conv_kernel.h"
#include "nn/tensor_kernel.h"
#include "nn/trainer_fast.h"

static void layer_op(struct nn_trainer *t, const struct tr_item *it)
{
    struct tr_layer *l = &t->layers[t->graph->nodes[it->node].i_layer];
    const struct tr_node *in = &t->nodes[l->i_in], *out = &t->nodes[l->i_node];
    const int32_t n = it->n, K = l->shape->K;
    const int64_t at_in = (int64_t)it->first * in->size;
    if (in->code && l->x_used == l->x) {
        const struct nn_lsq_map map = tr_input_map(t, l, n);
        nn_lsq_forward(&map, in->code + at_in, l->x + at_in);
        if (l->border) tr_pixels_centre(l, n, l->x + at_in);
    }
    float *y = tr_node_part(t, out, l->y, it->i_chunk);
    nn_conv_forward(l->shape, n, l->x_used + at_in, l->wq, y,
                    t->workspace[it->i_thread]);
    if (!l->node->bn || !t->batch_stats) return;
    double *sum = l->sums + 2 * (int64_t)it->i_chunk * K;
    memset(sum, 0, sizeof *sum * 2 * (size_t)K);
    const int64_t pixels = (int64_t)l->shape->P * l->shape->Q;
    for (int32_t i = 0; i < n; i++)
        nn_bn_sums(y + i * out->size, pixels, K, sum, sum + K);
}

static void finish_op(struct nn_trainer *t, const struct tr_item *it)
{
    const int32_t i = it->node;
    const struct tr_node *node = &t->nodes[i];
    const struct tr_layer *l = &t->layers[t->graph->nodes[i].i_layer];
    const struct nn_lsq_map map = tr_finish_map(t, i, it->n);
    float *to = node->group >= 0 ? node->code : t->layers[node->reader].x;
    nn_lsq_forward(&map, tr_node_part(t, node, l->y, it->i_chunk),
                   tr_node_part(t, node, to, it->i_chunk));
}

static void add_op(struct nn_trainer *t, const struct tr_item *it)
{
    const int32_t i = it->node;
    const struct nn_node *n = &t->graph->nodes[i];
    const struct tr_node *node = &t->nodes[i];
    const float *a = tr_node_part(t, node, t->nodes[n->inputs[0]].code, it->i_chunk);
    const float *b = tr_node_part(t, node, t->nodes[n->inputs[1]].code, it->i_chunk);
    nn_add_forward(a, b, it->n * node->size, node->grid.lo, node->grid.hi,
                   tr_node_part(t, node, node->code, it->i_chunk));
}

static void gap_op(struct nn_trainer *t, const struct tr_item *it)
{
    const int32_t i = it->node;
    const struct nn_node *n = &t->graph->nodes[i];
    const struct nn_node *in = &t->graph->nodes[n->inputs[0]];
    const struct tr_node *from = &t->nodes[n->inputs[0]], *node = &t->nodes[i];
    nn_gap_forward(tr_node_part(t, from, from->code, it->i_chunk), it->n, in->H * in->W,
                   in->C, tr_node_part(t, node, node->code, it->i_chunk));
}

static void loss_op(struct nn_trainer *t, const struct tr_item *it)
{
    const int32_t i = it->node;
    const struct tr_node *node = &t->nodes[i];
    const struct tr_layer *l = &t->layers[t->graph->nodes[i].i_layer];
    tr_loss_images(t, it->i_chunk, tr_node_part(t, node, l->y, it->i_chunk),
                   t->wants_grad ? tr_node_part(t, node, node->grad, it->i_chunk)
                                 : NULL);
}

tr_op_fn *const tr_forward_ops[TR_N_OPS] = {
    [OP_LAYER] = layer_op,     [OP_FINISH] = finish_op,        [OP_ADD] = add_op,
    [OP_GAP] = gap_op,         [OP_SHORTCUT] = tr_shortcut_op, [OP_LOSS] = loss_op,
    [OP_MAXPOOL] = tr_pool_op,
};
