/* trainer_state.c -- checks the graph and allocates everything a step needs.
 *
 * Parameters and per-chunk parts come from the trainer's arena, tensors from one block
 * that both engines share: a step allocates nothing and touches no fresh page. */
#include <string.h>

#include "base/pages.h"
#include "nn/conv_kernel.h"
#include "nn/graph_internal.h"
#include "nn/quant.h"
#include "nn/trainer_fast.h"

/* ---- what the graph must look like ---- */

static status unsupported(const struct nn_graph *g, int32_t i, const char *what,
                          struct err *err)
{
    const struct nn_node *n = &g->nodes[i];
    return err_set(err, ST_UNSUPPORTED, "%s: node '%s' (%s): %s", g->name, n->name,
                   graph_op_name(n->op), what);
}

static status check_node(const struct nn_trainer *t, int32_t i, struct err *err)
{
    const struct nn_graph *g = t->graph;
    const struct nn_node *n = &g->nodes[i];
    const bool is_last = i == g->n_nodes - 1;
    if ((n->op == NN_INPUT) != (i == 0))
        return unsupported(g, i, "training expects one input, the first node", err);
    if (is_last && (n->op != NN_GEMM || n->relu))
        return unsupported(g, i, "training expects a fully connected last node", err);
    if (!is_last && n->op == NN_GEMM)
        return unsupported(g, i, "only the last node may be fully connected", err);
    if (is_last || n->op == NN_INPUT) return ST_OK;
    if (t->nodes[i].group < 0 && t->nodes[i].reader < 0)
        return unsupported(g, i, "its output reaches no layer", err);
    if (n->op == NN_GAP && t->nodes[i].group >= 0)
        return unsupported(g, i, "a pool with several readers", err);
    return ST_OK;
}

static status describe_nodes(struct nn_trainer *t, struct err *err)
{
    const struct nn_graph *g = t->graph;
    int32_t *group = ARENA_NEW(t->arena, int32_t, (size_t)g->n_nodes);
    if (!group) return arena_exhausted(err);
    t->n_groups = nn_stream_groups(g, group);
    for (int32_t i = 0; i < g->n_nodes; i++) {
        const struct nn_node *n = &g->nodes[i];
        struct tr_node *node = &t->nodes[i];
        node->group = n->op == NN_INPUT ? -2 : group[i];
        node->reader = -1;
        node->size = (int64_t)n->H * n->W * n->C;
        const bool keeps_sign = n->op == NN_GAP || nn_keeps_grid(n->op);
        node->is_signed = keeps_sign ? t->nodes[n->inputs[0]].is_signed
                                     : n->op != NN_INPUT && !n->relu;
        for (int32_t k = 0; k < n->n_inputs; k++)
            if (n->i_layer >= 0 && t->nodes[n->inputs[k]].group == -1)
                t->nodes[n->inputs[k]].reader = n->i_layer;
    }
    for (int32_t i = 0; i < g->n_nodes; i++)
        TRY(check_node(t, i, err));
    return ST_OK;
}

/* ---- storage ---- */

struct store {
    struct arena *arena;
    bool failed;
};

static void *take(struct store *s, int64_t n, size_t size)
{
    void *p = arena_alloc(s->arena, n > 0 ? (size_t)n : 1, size);
    if (!p) s->failed = true;
    return p;
}
#define TAKE(s, type, n) ((type *)take((s), (n), sizeof(type)))

static struct tr_param param(struct store *s, int64_t n, const float *initial)
{
    struct tr_param p = {n, TAKE(s, float, n), TAKE(s, float, n), TAKE(s, float, n)};
    if (p.value && initial) memcpy(p.value, initial, sizeof *initial * (size_t)n);
    return p;
}

static float *copy_of(struct store *s, int64_t n, const float *initial)
{
    float *p = TAKE(s, float, n);
    if (p && initial) memcpy(p, initial, sizeof *p * (size_t)n);
    return p;
}

/* A bias before a batch norm only moves the mean that is subtracted again. */
static void absorb_bias(struct nn_node *n)
{
    if (!n->bn || !n->bias) return;
    for (int32_t k = 0; k < n->shape.K; k++)
        n->bn->mean[k] -= n->bias[k];
    n->bias = NULL;
}

static void store_parameters(struct store *s, struct tr_layer *l)
{
    const struct nn_node *n = l->node;
    const int32_t K = l->shape->K;
    l->weights = param(s, layer_shape_weights(l->shape), n->weights);
    if (n->bias) l->bias = param(s, K, n->bias);
    if (!n->bn) return;
    l->gamma = param(s, K, n->bn->gamma);
    l->beta = param(s, K, n->bn->beta);
    l->run_mean = copy_of(s, K, n->bn->mean);
    l->run_var = copy_of(s, K, n->bn->var);
}

static void store_layer(struct nn_trainer *t, struct store *s, struct tr_layer *l)
{
    const struct layer_shape *shape = l->shape;
    const int32_t K = qconv_round_up(shape->K, QCONV_LANES);
    const int64_t n_weights = layer_shape_weights(shape);
    store_parameters(s, l);
    l->wq = TAKE(s, float, n_weights);
    l->sums = TAKE(s, double, 2 * (int64_t)t->n_chunks * K);
    float **per_channel[] = {&l->mean,   &l->inv,       &l->scale,
                             &l->offset, &l->map_scale, &l->map_offset,
                             &l->k0,     &l->k1,        &l->k2};
    for (size_t i = 0; i < sizeof per_channel / sizeof *per_channel; i++)
        *per_channel[i] = TAKE(s, float, K);
    l->a_step_parts = TAKE(s, double, t->n_chunks);
    l->score_parts = take(s, t->n_chunks, sizeof *l->score_parts);
}

static void describe_layer(struct nn_trainer *t, int32_t i_layer)
{
    struct tr_layer *l = &t->layers[i_layer];
    l->i_node = t->graph->layer_nodes[i_layer];
    l->node = &t->graph->nodes[l->i_node];
    l->shape = &l->node->shape;
    l->i_in = l->node->inputs[0];
    l->asigned = t->nodes[l->i_in].is_signed;
    l->w_mask = l->a_mask = NN_ALL_BITS;
    l->needs_dx = t->graph->nodes[l->i_in].op != NN_INPUT;
    for (int bits = 1; bits < NN_BITS; bits++) {
        l->w_step[bits].n_levels =
            (double)layer_shape_weights(l->shape) * quant_hi(bits, true);
        l->a_step[bits].n_levels =
            (double)t->nodes[l->i_in].size * quant_hi(bits, l->asigned);
    }
}

static void store_node(struct nn_trainer *t, struct store *s, int32_t i)
{
    struct tr_node *node = &t->nodes[i];
    if (t->graph->nodes[i].op == NN_INPUT)
        node->code = TAKE(s, float, t->opt.batch * node->size);
    node->step_parts = TAKE(s, double, t->n_chunks);
    if (node->group >= 0 && !nn_keeps_grid(t->graph->nodes[i].op))
        t->groups[node->group].step.n_levels +=
            (double)node->size * quant_hi(NN_STREAM_BITS, node->is_signed);
}

static void store_scratch(struct nn_trainer *t, struct store *s)
{
    const int n_threads = t->pool ? pool_n_threads(t->pool) : 1;
    size_t workspace = 0;
    int64_t dx = 0;
    for (int32_t i = 0; i < t->graph->n_layers; i++) {
        const size_t n = nn_conv_workspace(t->layers[i].shape);
        if (n > workspace) workspace = n;
        const int64_t in = t->nodes[t->layers[i].i_in].size * t->chunk;
        if (in > dx) dx = in;
    }
    t->workspace = TAKE(s, float *, n_threads);
    t->dx = TAKE(s, float *, n_threads);
    for (int i = 0; i < n_threads && !s->failed; i++) {
        t->workspace[i] = TAKE(s, float, (int64_t)workspace);
        t->dx[i] = TAKE(s, float, dx);
    }
    t->labels = TAKE(s, uint16_t, t->opt.batch);
    t->logits = TAKE(s, float, (int64_t)t->opt.batch * t->graph->n_classes);
    t->loss_parts = TAKE(s, double, t->n_chunks);
    t->right_parts = TAKE(s, int32_t, t->n_chunks);
}

/* Each chunk has its own part of every gradient, which bounds their number.  It depends
 * on network and batch only, so that results do not depend on the machine. */
static int32_t chunk_of(const struct nn_trainer *t)
{
    int64_t n_weights = 0;
    for (int32_t i = 0; i < t->graph->n_layers; i++)
        n_weights += layer_shape_weights(nn_graph_layer(t->graph, i));
    int32_t chunk = NN_CHUNK;
    while (chunk < t->opt.batch && (t->opt.batch / chunk) * n_weights > NN_PARTS)
        chunk *= 2;
    return chunk;
}

status tr_state_build(struct nn_trainer *t, struct err *err)
{
    const struct nn_graph *g = t->graph;
    if (g->n_layers > NN_MAX_LAYERS)
        return err_set(err, ST_UNSUPPORTED, "%s: %d layers, at most %d are supported",
                       g->name, (int)g->n_layers, (int)NN_MAX_LAYERS);
    t->chunk = chunk_of(t);
    t->n_chunks = (t->opt.batch + t->chunk - 1) / t->chunk;
    struct store s = {t->arena, false};
    t->nodes = TAKE(&s, struct tr_node, g->n_nodes);
    t->layers = TAKE(&s, struct tr_layer, g->n_layers);
    t->groups = TAKE(&s, struct tr_group, g->n_nodes);
    if (s.failed) return arena_exhausted(err);
    TRY(describe_nodes(t, err));
    for (int32_t i = 0; i < g->n_nodes; i++)
        absorb_bias(&t->graph->nodes[i]); /* nodes are the trainer's own copy */
    for (int32_t i = 0; i < g->n_layers; i++)
        describe_layer(t, i);
    TRY(tr_pixels_build(t, err));
    for (int32_t i = 0; i < g->n_layers && !s.failed; i++)
        store_layer(t, &s, &t->layers[i]);
    for (int32_t i = 0; i < g->n_nodes && !s.failed; i++)
        store_node(t, &s, i);
    if (!s.failed) store_scratch(t, &s);
    return s.failed ? arena_exhausted(err) : ST_OK;
}

/* ---- tensors: one block, laid out for either engine ---- */

struct layout {
    unsigned char *base; /* NULL: only counts */
    size_t at;
};

static float *next_floats(struct layout *b, int64_t n)
{
    float *p = b->base ? (float *)(void *)(b->base + b->at) : NULL;
    b->at += (sizeof *p * (size_t)n + 63) / 64 * 64;
    return p;
}

static int64_t larger(int64_t a, int64_t b) { return a > b ? a : b; }

/* Accumulators and gradient parts serve both engines. */
static void place_shared(struct nn_trainer *t, struct layout *b)
{
    for (int32_t i = 0; i < t->graph->n_layers; i++) {
        struct tr_layer *l = &t->layers[i];
        const struct fast_layer *fast = t->fast ? &t->fast->layers[i] : NULL;
        l->y = next_floats(b, t->opt.batch *
                                  larger(t->nodes[l->i_node].size,
                                         fast ? (int64_t)fast->conv.y_image : 0));
        l->dw = next_floats(
            b,
            t->n_chunks * larger(l->weights.n, fast ? (int64_t)fast->conv.dw_size : 0));
        if (t->fast) t->fast->layers[i].y = (int32_t *)(void *)l->y;
    }
}

static void place_floats(struct nn_trainer *t, struct layout *b)
{
    for (int32_t i = 0; i < t->graph->n_layers; i++)
        t->layers[i].x =
            next_floats(b, t->opt.batch * t->nodes[t->layers[i].i_in].size);
    for (int32_t i = 1; i < t->graph->n_nodes; i++) {
        struct tr_node *node = &t->nodes[i];
        if (node->group >= 0 || t->graph->nodes[i].op == NN_GAP)
            node->code = next_floats(b, t->opt.batch * node->size);
    }
    for (int32_t i = 1; i < t->graph->n_nodes; i++) /* last: the rest needs no memory */
        t->nodes[i].grad = next_floats(b, t->opt.batch * t->nodes[i].size);
}

static size_t place(struct nn_trainer *t, unsigned char *base)
{
    struct layout b = {base, 0};
    place_shared(t, &b);
    const size_t shared = b.at;
    place_floats(t, &b);
    const size_t fast = t->fast ? fast_place(t, base ? base + shared : NULL) : 0;
    t->n_fast_bytes = shared + fast;
    return b.at > shared + fast ? b.at : shared + fast;
}

status tr_tensors_build(struct nn_trainer *t, struct err *err)
{
    TRY(fast_build(t, err));
    t->n_tensor_bytes = place(t, NULL);
    t->tensors = pages_new(t->n_tensor_bytes);
    if (!t->tensors) return arena_exhausted(err);
    place(t, t->tensors);
    return ST_OK;
}
