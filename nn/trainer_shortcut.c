/* trainer_shortcut.c -- shortcuts without parameters, forward and backward, in both
 * engines: codes of the stream and gradients are copied, nothing is rounded. */
#include "nn/trainer_fast.h"

/* Cx, Cy: channels as stored. */
static struct nn_shortcut_map map_of(const struct nn_trainer *t, int32_t i, int32_t Cx,
                                     int32_t Cy)
{
    const struct nn_node *n = &t->graph->nodes[i];
    const struct nn_node *x = &t->graph->nodes[n->inputs[0]];
    return (struct nn_shortcut_map){x->H, x->W, x->C, Cx, n->H, n->W, Cy, n->shortcut};
}

static void run_fast(struct nn_trainer *t, const struct tr_item *it)
{
    const struct fast_node *y = &t->fast->nodes[it->node];
    const struct fast_node *x = &t->fast->nodes[t->graph->nodes[it->node].inputs[0]];
    const struct nn_shortcut_map map = map_of(t, it->node, x->C, y->C);
    const int64_t first = it->first;
    const int32_t n = it->n;
    if (it->op->kind == OP_SHORTCUT)
        nn_shortcut_forward(&map, n, 1, (unsigned char)y->zero,
                            x->code + first * x->size, y->code + first * y->size);
    else
        nn_shortcut_backward(&map, n, y->grad + first * y->size, it->op->add[0],
                             x->grad + first * x->size);
}

void tr_shortcut_op(struct nn_trainer *t, const struct tr_item *it)
{
    if (t->is_fast) {
        run_fast(t, it);
        return;
    }
    const struct nn_node *node = &t->graph->nodes[it->node];
    const struct tr_node *y = &t->nodes[it->node], *x = &t->nodes[node->inputs[0]];
    const struct nn_shortcut_map map =
        map_of(t, it->node, t->graph->nodes[node->inputs[0]].C, node->C);
    const int32_t n = it->n;
    if (it->op->kind == OP_SHORTCUT)
        nn_shortcut_forward(&map, n, sizeof *x->code, 0,
                            tr_node_part(t, x, x->code, it->i_chunk),
                            tr_node_part(t, y, y->code, it->i_chunk));
    else
        nn_shortcut_backward(&map, n, tr_node_part(t, y, y->grad, it->i_chunk),
                             it->op->add[0], tr_node_part(t, x, x->grad, it->i_chunk));
}
