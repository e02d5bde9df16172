/* trainer_pool.c -- max pools, forward and backward, in both engines: codes of the
 * stream and gradients go where the largest value is, nothing is rounded. */
#include "nn/trainer_fast.h"

/* C: channels as stored. */
static struct nn_pool_map map_of(const struct nn_trainer *t, int32_t i, int32_t C)
{
    const struct nn_node *n = &t->graph->nodes[i];
    const struct nn_node *x = &t->graph->nodes[n->inputs[0]];
    return (struct nn_pool_map){x->H, x->W, n->H, n->W, C, n->pool};
}

static void run_fast(struct nn_trainer *t, const struct tr_item *it)
{
    const struct fast_node *y = &t->fast->nodes[it->node];
    const struct fast_node *x = &t->fast->nodes[t->graph->nodes[it->node].inputs[0]];
    const struct nn_pool_map map = map_of(t, it->node, y->C);
    const int64_t first = it->first;
    if (it->op->kind == OP_MAXPOOL)
        nn_pool_forward_bytes(&map, it->n, x->code + first * x->size,
                              y->code + first * y->size);
    else
        nn_pool_backward_bytes(&map, it->n, x->code + first * x->size,
                               y->grad + first * y->size, it->op->add[0],
                               x->grad + first * x->size);
}

void tr_pool_op(struct nn_trainer *t, const struct tr_item *it)
{
    if (t->is_fast) {
        run_fast(t, it);
        return;
    }
    const struct nn_node *node = &t->graph->nodes[it->node];
    const struct tr_node *y = &t->nodes[it->node], *x = &t->nodes[node->inputs[0]];
    const struct nn_pool_map map = map_of(t, it->node, node->C);
    const float *codes = tr_node_part(t, x, x->code, it->i_chunk);
    if (it->op->kind == OP_MAXPOOL)
        nn_pool_forward(&map, it->n, codes, tr_node_part(t, y, y->code, it->i_chunk));
    else
        nn_pool_backward(&map, it->n, codes, tr_node_part(t, y, y->grad, it->i_chunk),
                         it->op->add[0], tr_node_part(t, x, x->grad, it->i_chunk));
}
