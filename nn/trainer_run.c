/* trainer_run.c -- runs a step: the schedule's segments, each a counted loop over
 * chunks of images, on the operations of either engine. */
#include "nn/trainer_fast.h"

struct segment_run {
    struct nn_trainer *t;
    const struct tr_op *ops;
    int32_t n_ops;
    tr_op_fn *const *table; /* by kind */
};

static void run_chunk(void *arg, int i_chunk, int i_thread)
{
    const struct segment_run *run = arg;
    struct tr_item it = {.first = i_chunk * run->t->chunk,
                         .n = tr_chunk_images(run->t, i_chunk),
                         .i_chunk = i_chunk,
                         .i_thread = i_thread};
    for (int32_t i = 0; i < run->n_ops; i++) {
        it.op = &run->ops[i];
        it.node = it.op->node;
        run->table[it.op->kind](run->t, &it);
    }
}

static void run_schedule(struct nn_trainer *t, const struct tr_schedule *s,
                         tr_op_fn *const *table)
{
    for (int32_t i = 0; i < s->n_segments; i++) {
        struct segment_run run = {t, s->ops + s->segments[i].first, s->segments[i].n,
                                  table};
        pool_for(t->pool, t->n_images_chunks, run_chunk, &run);
        for (int32_t k = 0; k < run.n_ops; k++) {
            const struct nn_node *n = &t->graph->nodes[run.ops[k].node];
            if (run.ops[k].kind == OP_LAYER && n->bn && t->batch_stats)
                tr_reduce(t, &t->layers[n->i_layer]);
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
        if (!t->layers[i].node->bn || !t->batch_stats) tr_reduce(t, &t->layers[i]);
        if (!t->layers[i].node->bn) tr_backward_prepare(&t->layers[i]);
    }
    run_schedule(t, &t->forward, t->is_fast ? fast_forward_ops : tr_forward_ops);
    if (t->wants_grad)
        run_schedule(t, &t->backward, t->is_fast ? fast_backward_ops : tr_backward_ops);
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
