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

status nn_trainer_quantise(const struct nn_trainer *t, const struct nn_path *path,
                           struct arena *a, struct qnet **out, struct err *err)
{
    const int32_t n = t->graph->n_layers;
    float *w = ARENA_NEW(a, float, (size_t)n), *act = ARENA_NEW(a, float, (size_t)n);
    float *stream = ARENA_NEW(a, float, (size_t)t->n_groups + 1);
    struct nn_graph *g;
    if (!w || !act || !stream) return arena_exhausted(err);
    TRY(nn_trainer_graph(t, a, &g, err));
    for (int32_t i = 0; i < n; i++) {
        const struct tr_layer *l = &t->layers[i];
        const int wbits = path->wbits[i], abits = path->abits[i];
        if (wbits < 1 || wbits >= NN_BITS || abits < 1 || abits >= NN_BITS)
            return err_set(err, ST_RANGE,
                           "layer '%s': expected bits in [1, 8], found %d/%d",
                           l->shape->name, wbits, abits);
        const bool is_pixels = t->graph->nodes[l->i_in].op == NN_INPUT && abits == 8;
        w[i] = (float)l->w_step[wbits].value;
        act[i] = is_pixels ? t->graph->input_scale : (float)l->a_step[abits].value;
    }
    for (int32_t k = 0; k < t->n_groups; k++)
        stream[k] = (float)t->groups[k].step.value;
    const struct qnet_steps steps = {w, act, stream};
    return qnet_from_graph(g, path, &steps, a, out, err);
}
