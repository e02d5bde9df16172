/* trainer_fold.c -- what leaves the trainer: the fp32 graph and the integer network. */
#include <string.h>

#include "nn/trainer_internal.h"

static void copy(float *to, const float *from, int64_t n)
{
    memcpy(to, from, sizeof *to * (size_t)n);
}

status nn_trainer_graph(const struct nn_trainer *t, struct arena *a,
                        struct nn_graph **out, struct err *err)
{
    struct nn_graph *g = nn_graph_copy(t->graph, a);
    if (!g) return arena_exhausted(err);
    for (int32_t i = 0; i < g->n_layers; i++) {
        const struct tr_layer *l = &t->layers[i];
        struct nn_node *n = &g->nodes[l->i_node];
        const int32_t K = l->shape->K;
        copy(n->weights, l->weights.value, l->weights.n);
        if (l->bias.n) copy(n->bias, l->bias.value, K);
        if (!n->bn) continue;
        copy(n->bn->gamma, l->gamma.value, K);
        copy(n->bn->beta, l->beta.value, K);
        copy(n->bn->mean, l->run_mean, K);
        copy(n->bn->var, l->run_var, K);
    }
    *out = g;
    return ST_OK;
}
