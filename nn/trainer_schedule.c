/* trainer_schedule.c -- orders the operations of a step and cuts them into segments.
 *
 * List scheduling: pass over the nodes again and again, emit every operation whose
 * inputs exist, and start a new segment when only operations remain that wait for the
 * whole batch (the finish of a batch norm after its layer; the backward convolution
 * after its batch norm's sums).  The order is fixed by the graph, and with it the
 * order in which gradients of a node with several readers are added. */

#include "nn/trainer_internal.h"

enum tr_state { TODO, EMITTED, /* in the open segment */ DONE };

struct builder {
    struct nn_trainer *t;
    struct tr_schedule *out;
    enum tr_state *raw;   /* (n_nodes) OP_LAYER or OP_BACK_FINISH              */
    enum tr_state *ready; /* (n_nodes) output (forward) or gradient passed on  */
    bool *has_grad;       /* (n_nodes) something was written to its gradient   */
    int32_t *n_readers;   /* (n_nodes) that have not yet passed gradients      */
};

static void emit(struct builder *b, enum tr_op_kind kind, int32_t node)
{
    struct tr_op *op = &b->out->ops[b->out->n_ops++];
    const struct nn_node *n = &b->t->graph->nodes[node];
    *op = (struct tr_op){kind, node, {false, false}};
    const bool passes = kind == OP_BACK_LAYER || kind == OP_BACK_ADD ||
                        kind == OP_BACK_GAP || kind == OP_BACK_SHORTCUT ||
                        kind == OP_BACK_MAXPOOL;
    for (int32_t i = 0; passes && i < n->n_inputs; i++) {
        op->add[i] = b->has_grad[n->inputs[i]];
        b->has_grad[n->inputs[i]] = true;
        b->n_readers[n->inputs[i]]--;
    }
}

static void close_segment(struct builder *b)
{
    struct tr_schedule *s = b->out;
    const struct tr_segment *last =
        s->n_segments ? &s->segments[s->n_segments - 1] : NULL;
    const int32_t first = last ? last->first + last->n : 0;
    if (s->n_ops == first) return;
    s->segments[s->n_segments++] = (struct tr_segment){first, s->n_ops - first};
    for (int32_t i = 0; i < b->t->graph->n_nodes; i++)
        if (b->raw[i] == EMITTED) b->raw[i] = DONE;
}

/* Emits what can be emitted of node i; true if anything was. */
static bool forward_node(struct builder *b, int32_t i)
{
    const struct nn_node *n = &b->t->graph->nodes[i];
    if (b->ready[i] == DONE) return false;
    for (int32_t k = 0; k < n->n_inputs; k++)
        if (b->ready[n->inputs[k]] != DONE) return false;
    const bool is_last = i == b->t->graph->n_nodes - 1;
    if (n->i_layer >= 0 && b->raw[i] == TODO) {
        emit(b, OP_LAYER, i);
        b->raw[i] = EMITTED;
        if (n->bn) return true;
    } else if (n->i_layer >= 0 && b->raw[i] == EMITTED) {
        return false; /* its batch norm waits for all chunks */
    }
    if (n->op == NN_ADD)
        emit(b, OP_ADD, i);
    else if (n->op == NN_GAP)
        emit(b, OP_GAP, i);
    else if (n->op == NN_SHORTCUT)
        emit(b, OP_SHORTCUT, i);
    else if (n->op == NN_MAXPOOL)
        emit(b, OP_MAXPOOL, i);
    else if (n->op != NN_INPUT)
        emit(b, is_last ? OP_LOSS : OP_FINISH, i);
    b->ready[i] = DONE;
    return true;
}

static bool backward_node(struct builder *b, int32_t i)
{
    const struct nn_node *n = &b->t->graph->nodes[i];
    if (b->ready[i] == DONE || b->n_readers[i] > 0 || n->op == NN_INPUT) return false;
    if (n->i_layer >= 0 && b->raw[i] == TODO) {
        emit(b, OP_BACK_FINISH, i);
        b->raw[i] = EMITTED;
        if (n->bn) return true;
    } else if (n->i_layer >= 0 && b->raw[i] == EMITTED) {
        return false;
    }
    emit(b,
         n->op == NN_ADD        ? OP_BACK_ADD
         : n->op == NN_GAP      ? OP_BACK_GAP
         : n->op == NN_SHORTCUT ? OP_BACK_SHORTCUT
         : n->op == NN_MAXPOOL  ? OP_BACK_MAXPOOL
                                : OP_BACK_LAYER,
         i);
    b->ready[i] = DONE;
    return true;
}

static status build(struct builder *b, bool is_backward, struct err *err)
{
    const struct nn_graph *g = b->t->graph;
    struct arena *a = b->t->arena;
    const size_t n = (size_t)g->n_nodes;
    b->out->ops = ARENA_NEW(a, struct tr_op, 2 * n);
    b->out->segments = ARENA_NEW(a, struct tr_segment, 2 * n);
    b->raw = ARENA_NEW(a, enum tr_state, n);
    b->ready = ARENA_NEW(a, enum tr_state, n);
    b->has_grad = ARENA_NEW(a, bool, n);
    b->n_readers = ARENA_NEW(a, int32_t, n);
    if (!b->out->ops || !b->out->segments || !b->raw || !b->ready || !b->has_grad ||
        !b->n_readers)
        return arena_exhausted(err);
    for (int32_t i = 0; i < g->n_nodes; i++)
        for (int32_t k = 0; k < g->nodes[i].n_inputs; k++)
            b->n_readers[g->nodes[i].inputs[k]]++;
    for (bool progress = true; progress;) {
        progress = false;
        for (int32_t k = 0; k < g->n_nodes; k++) {
            const int32_t i = is_backward ? g->n_nodes - 1 - k : k;
            progress |= is_backward ? backward_node(b, i) : forward_node(b, i);
        }
        if (progress) continue;
        const int32_t before = b->out->n_segments;
        close_segment(b);
        progress = b->out->n_segments > before;
    }
    return ST_OK;
}

status tr_schedule_build(struct nn_trainer *t, struct err *err)
{
    struct builder forward = {.t = t, .out = &t->forward};
    struct builder backward = {.t = t, .out = &t->backward};
    TRY(build(&forward, false, err));
    return build(&backward, true, err);
}
