/* qnet_build.c -- folds a trained graph at one precision per layer into integers.
 *
 * Every output gets a grid from its readers (nn/qnet.h): the stream's where its node
 * is in a stream group, else the activation grid of the one layer that reads it.
 * A layer's accumulator is worth  s_w * s_a  per unit, so with batch norm
 *     y = g * (acc * s_w * s_a - mean) + beta,   g = gamma / sqrt(var + eps)
 * and its requant has  scale = g * s_w * s_a / s_out,  offset = (beta - g * mean) /
 * s_out.  The logits' step is the smallest at which no input can clip them. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "nn/graph.h"
#include "nn/qnet_internal.h"
#include "nn/trainer.h"

/* Integers of one output tensor: bits, sign and the real value of 1. */
struct grid {
    int bits;
    bool is_signed;
    double step;
};

struct builder {
    const struct nn_graph *g;
    const struct nn_path *path;
    const struct qnet_steps *steps;
    struct arena *a;
    struct qnet *q;
    const int32_t *group; /* (n_nodes of g): see nn_stream_groups             */
    int32_t *made;        /* (n_nodes of g): node of q with that output       */
    struct grid *grids;   /* (n_nodes of g): of that output                   */
};

/* True if no value of the output is negative. */
static bool is_unsigned(const struct nn_graph *g, int32_t i)
{
    while (g->nodes[i].op == NN_GAP || nn_keeps_grid(g->nodes[i].op))
        i = g->nodes[i].inputs[0];
    return g->nodes[i].op == NN_INPUT || g->nodes[i].relu;
}

static int32_t reader_of(const struct nn_graph *g, int32_t i)
{
    for (int32_t j = i + 1; j < g->n_nodes; j++)
        for (int32_t k = 0; k < g->nodes[j].n_inputs; k++)
            if (g->nodes[j].inputs[k] == i) return j;
    return -1;
}

/* Grid of the activations that layer l reads; x is the node of g it reads. */
static struct grid input_grid(const struct builder *b, int32_t l, int32_t x)
{
    return (struct grid){.bits = b->path->abits[l],
                         .is_signed = !is_unsigned(b->g, x),
                         .step = (double)b->steps->a[l]};
}

static struct grid output_grid(const struct builder *b, int32_t i)
{
    struct grid grid = {.bits = QNET_STREAM_BITS, .is_signed = !is_unsigned(b->g, i)};
    if (b->group[i] >= 0) {
        grid.step = (double)b->steps->stream[b->group[i]];
        return grid;
    }
    return input_grid(b, b->g->nodes[reader_of(b->g, i)].i_layer, i);
}

static struct qnet_node *append(struct builder *b, enum qnet_op op, const char *name,
                                const char *suffix)
{
    struct qnet_node *node = &b->q->nodes[b->q->n_nodes++];
    node->op = op;
    node->i_layer = -1;
    snprintf(node->name, sizeof node->name, "%s%s", name, suffix);
    return node;
}

static status new_requant(struct builder *b, int32_t n, const struct grid *out,
                          struct requant *r, struct err *err)
{
    *r = (struct requant){.n = n, .out_bits = out->bits, .out_signed = out->is_signed};
    r->mul = ARENA_NEW(b->a, int32_t, (size_t)n);
    r->bias = ARENA_NEW(b->a, int64_t, (size_t)n);
    return r->mul && r->bias ? ST_OK : arena_exhausted(err);
}

/* ---- activations ---- */

/* Brings the output of x onto the grid `to`; *out is the node of q to read. */
static status add_rescale(struct builder *b, int32_t x, const char *reader,
                          const struct grid *to, int32_t *out, struct err *err)
{
    const struct grid *from = &b->grids[x];
    *out = b->made[x];
    if (from->bits == to->bits && from->is_signed == to->is_signed &&
        from->step == to->step)
        return ST_OK;
    struct qnet_node *node = append(b, QNET_RESCALE, reader, "/rescale");
    node->n_inputs = 1;
    node->inputs[0] = b->made[x];
    TRY(new_requant(b, 1, to, &node->rescale, err));
    const double scale = from->step / to->step, offset = 0;
    const int acc_bits = from->bits + !from->is_signed;
    if (!requant_fold(&scale, &offset, acc_bits, &node->rescale))
        return err_set(err, ST_RANGE,
                       "layer '%s': the step %g of its input cannot be "
                       "rescaled from %g",
                       reader, to->step, from->step);
    *out = b->q->n_nodes - 1;
    return ST_OK;
}

/* ---- weights ---- */

static status quantise_weights(struct builder *b, const struct nn_node *node,
                               double step, struct qnet_layer *l, struct err *err)
{
    const size_t n = (size_t)layer_shape_weights(&node->shape);
    int8_t *w = ARENA_NEW(b->a, int8_t, n);
    if (!w) return arena_exhausted(err);
    for (size_t i = 0; i < n; i++) {
        if (!isfinite(node->weights[i]))
            return err_set(err, ST_RANGE,
                           "layer '%s': expected finite weights, found %g", node->name,
                           (double)node->weights[i]);
        w[i] = (int8_t)quant_round(node->weights[i], (float)step, l->wbits, l->wsigned);
    }
    l->weights = w;
    return ST_OK;
}

/* Largest magnitude that channel k's accumulator can reach. */
static double largest_sum(const struct qnet_layer *l, int32_t k)
{
    const int32_t MW = layer_shape_MW(&l->shape);
    const int32_t lo = quant_lo(l->abits, l->asigned),
                  hi = quant_hi(l->abits, l->asigned);
    const int8_t *w = l->weights + (size_t)k * (size_t)MW;
    double least = 0, most = 0;
    for (int32_t i = 0; i < MW; i++) {
        most += w[i] > 0 ? w[i] * hi : w[i] * lo;
        least += w[i] > 0 ? w[i] * lo : w[i] * hi;
    }
    return fmax(-least, most);
}

/* ---- layers ---- */

/* y_k = factor[k] * (value of the accumulator) + shift[k] in real numbers. */
static void real_affine(const struct nn_node *node, int32_t k, double *factor,
                        double *shift)
{
    *factor = 1;
    *shift = node->bias ? (double)node->bias[k] : 0;
    if (!node->bn) return;
    const struct nn_batch_norm *bn = node->bn;
    const double g = (double)bn->gamma[k] / sqrt((double)bn->var[k] + (double)bn->eps);
    *factor = g;
    *shift = (double)bn->beta[k] + g * (*shift - (double)bn->mean[k]);
}

static struct grid logit_grid(const struct nn_node *node, const struct qnet_layer *l,
                              double unit)
{
    double bound = 0;
    for (int32_t k = 0; k < node->shape.K; k++) {
        double factor, shift;
        real_affine(node, k, &factor, &shift);
        bound = fmax(bound, fabs(factor) * unit * largest_sum(l, k) + fabs(shift));
    }
    struct grid grid = {.bits = QNET_LOGIT_BITS, .is_signed = true};
    grid.step = bound > 0 ? bound / quant_hi(QNET_LOGIT_BITS, true) : 1;
    return grid;
}

/* Real value of channel k's accumulator where every pixel is one that stands for 0. */
static double zero_sum(const struct builder *b, const struct nn_node *node, int32_t k,
                       const struct qnet_layer *l)
{
    const int32_t MW = layer_shape_MW(&l->shape);
    double sum = 0;
    if (node->inputs[0] != 0 || !b->g->input_zero) return 0;
    for (int32_t i = 0; i < MW; i++)
        sum += l->weights[(size_t)k * (size_t)MW + (size_t)i] *
               (double)b->g->input_zero[i % node->shape.C];
    return (double)b->steps->w[node->i_layer] * sum * (double)b->g->input_scale;
}

static status make_border(struct builder *b, const struct nn_node *node,
                          struct qnet_layer *l, struct err *err)
{
    const int32_t C = node->shape.C;
    if (node->inputs[0] != 0 || !b->g->input_zero) return ST_OK;
    uint8_t *border = ARENA_NEW(b->a, uint8_t, (size_t)C);
    if (!border) return arena_exhausted(err);
    for (int32_t c = 0; c < C; c++)
        border[c] =
            (uint8_t)nn_border_code(b->g, c, l->abits, b->steps->a[node->i_layer]);
    l->border = border;
    return ST_OK;
}

/* unit: real value of 1 in the accumulator. */
static status fold_layer(struct builder *b, const struct nn_node *node, double unit,
                         const struct grid *out, struct qnet_layer *l, struct err *err)
{
    const int32_t K = node->shape.K;
    double *scale = ARENA_NEW(b->a, double, (size_t)K);
    double *offset = ARENA_NEW(b->a, double, (size_t)K);
    if (!scale || !offset) return arena_exhausted(err);
    TRY(new_requant(b, K, out, &l->requant, err));
    for (int32_t k = 0; k < K; k++) {
        real_affine(node, k, &scale[k], &offset[k]);
        offset[k] -= scale[k] * zero_sum(b, node, k, l);
        scale[k] *= unit / out->step;
        offset[k] /= out->step;
    }
    const int acc_bits = qnet_layer_acc_bits(l);
    if (acc_bits > 32)
        return err_set(err, ST_RANGE,
                       "layer '%s': expected sums of at most 32 bits, found "
                       "%d",
                       node->name, acc_bits);
    if (!requant_fold(scale, offset, acc_bits, &l->requant))
        return err_set(
            err, ST_RANGE,
            "layer '%s': its output scale cannot be represented "
            "by an %d-bit multiplier; steps: weights and activations %g, output "
            "%g",
            node->name, REQUANT_MUL_BITS, unit, out->step);
    return ST_OK;
}

static status check_step(const char *layer, const char *what, float step,
                         struct err *err)
{
    if (isfinite(step) && step > 0) return ST_OK;
    return err_set(err, ST_RANGE,
                   "layer '%s': expected a positive step of its %s, found %g", layer,
                   what, (double)step);
}

static status check_precision(const struct builder *b, const struct nn_node *node,
                              struct err *err)
{
    const int32_t l = node->i_layer;
    const int wbits = b->path->wbits[l], abits = b->path->abits[l];
    if (wbits < 1 || wbits > 8 || abits < 1 || abits > 8)
        return err_set(err, ST_RANGE,
                       "layer '%s': expected 1..8 bits of weights and "
                       "activations, found %d and %d",
                       node->name, wbits, abits);
    TRY(check_step(node->name, "weights", b->steps->w[l], err));
    return check_step(node->name, "input activations", b->steps->a[l], err);
}

static status build_layer(struct builder *b, int32_t i, struct err *err)
{
    const struct nn_node *node = &b->g->nodes[i];
    const int32_t l = node->i_layer, x = node->inputs[0];
    struct qnet_layer *layer = &b->q->layers[l];
    TRY(check_precision(b, node, err));
    const struct grid in = input_grid(b, l, x);
    const double w_step = (double)b->steps->w[l], unit = w_step * in.step;
    int32_t input;
    TRY(add_rescale(b, x, node->name, &in, &input, err));
    layer->shape = node->shape;
    layer->wbits = b->path->wbits[l];
    layer->wsigned = true;
    layer->abits = in.bits;
    layer->asigned = in.is_signed;
    TRY(quantise_weights(b, node, w_step, layer, err));
    TRY(make_border(b, node, layer, err));
    b->grids[i] =
        i == b->g->n_nodes - 1 ? logit_grid(node, layer, unit) : output_grid(b, i);
    TRY(fold_layer(b, node, unit, &b->grids[i], layer, err));
    const enum qnet_op op = node->op == NN_CONV ? QNET_CONV : QNET_GEMM;
    struct qnet_node *made = append(b, op, node->name, "");
    made->n_inputs = 1;
    made->inputs[0] = input;
    made->i_layer = l;
    return ST_OK;
}

/* ---- the other nodes ---- */

static void build_add(struct builder *b, int32_t i)
{
    const struct nn_node *node = &b->g->nodes[i];
    struct qnet_node *made = append(b, QNET_ADD, node->name, "");
    b->grids[i] = output_grid(b, i);
    made->n_inputs = 2;
    made->inputs[0] = b->made[node->inputs[0]];
    made->inputs[1] = b->made[node->inputs[1]];
    made->bits = b->grids[i].bits;
    made->is_signed = b->grids[i].is_signed;
}

/* The sum's grid: 1 is worth one part in H * W of the stream's step. */
static void build_gap(struct builder *b, int32_t i)
{
    const struct nn_node *node = &b->g->nodes[i], *x = &b->g->nodes[node->inputs[0]];
    const struct grid *in = &b->grids[node->inputs[0]];
    struct qnet_node *made = append(b, QNET_GAP, node->name, "");
    made->n_inputs = 1;
    made->inputs[0] = b->made[node->inputs[0]];
    b->grids[i] = (struct grid){.is_signed = true, .step = in->step / (x->H * x->W)};
    b->grids[i].bits = quant_acc_bits(x->H * x->W, 1, false, in->bits, in->is_signed);
}

/* Shortcut or max pool. */
static void build_copy(struct builder *b, int32_t i)
{
    const struct nn_node *node = &b->g->nodes[i];
    const enum qnet_op op = node->op == NN_SHORTCUT ? QNET_SHORTCUT : QNET_MAXPOOL;
    struct qnet_node *made = append(b, op, node->name, "");
    made->n_inputs = 1;
    made->inputs[0] = b->made[node->inputs[0]];
    made->shortcut = node->shortcut;
    made->pool = node->pool;
    b->grids[i] = b->grids[node->inputs[0]];
}

static void build_input(struct builder *b)
{
    const struct nn_node *node = &b->g->nodes[0];
    struct qnet_node *made = append(b, QNET_INPUT, node->name, "");
    made->H = node->H;
    made->W = node->W;
    made->C = node->C;
    b->grids[0] = (struct grid){.bits = QNET_STREAM_BITS,
                                .is_signed = false,
                                .step = (double)b->g->input_scale};
}

static status build_nodes(struct builder *b, struct err *err)
{
    for (int32_t i = 0; i < b->g->n_nodes; i++) {
        switch (b->g->nodes[i].op) {
        case NN_INPUT:
            build_input(b);
            break;
        case NN_CONV:
        case NN_GEMM:
            TRY(build_layer(b, i, err));
            break;
        case NN_ADD:
            build_add(b, i);
            break;
        case NN_GAP:
            build_gap(b, i);
            break;
        case NN_SHORTCUT:
        case NN_MAXPOOL:
            build_copy(b, i);
            break;
        }
        b->made[i] = b->q->n_nodes - 1;
    }
    return ST_OK;
}

static status check_streams(const struct builder *b, int32_t n_groups, struct err *err)
{
    for (int32_t i = 0; i < n_groups; i++)
        if (!isfinite(b->steps->stream[i]) || !(b->steps->stream[i] > 0))
            return err_set(err, ST_RANGE,
                           "network '%s': expected a positive step of "
                           "stream group %d, found %g",
                           b->g->name, i, (double)b->steps->stream[i]);
    return ST_OK;
}

status qnet_from_graph(const struct nn_graph *g, const struct nn_path *path,
                       const struct qnet_steps *steps, struct arena *a,
                       struct qnet **out, struct err *err)
{
    const size_t n = (size_t)g->n_nodes;
    int32_t *group = ARENA_NEW(a, int32_t, n);
    struct builder b = {.g = g, .path = path, .steps = steps, .a = a, .group = group};
    b.q = ARENA_NEW(a, struct qnet, 1);
    b.made = ARENA_NEW(a, int32_t, n);
    b.grids = ARENA_NEW(a, struct grid, n);
    if (!group || !b.q || !b.made || !b.grids) return arena_exhausted(err);
    b.q->nodes = ARENA_NEW(a, struct qnet_node, 2 * n); /* a Rescale before each */
    b.q->layers = ARENA_NEW(a, struct qnet_layer, (size_t)g->n_layers);
    if (!b.q->nodes || !b.q->layers) return arena_exhausted(err);
    memcpy(b.q->name, g->name, sizeof b.q->name);
    b.q->n_layers = g->n_layers;
    if (g->provenance) TRY(qnet_set_provenance(b.q, g->provenance, a, err));
    TRY(check_streams(&b, nn_stream_groups(g, group), err));
    TRY(build_nodes(&b, err));
    for (int32_t i = 0; i < b.q->n_nodes; i++)
        TRY(qnet_finish_node(b.q, i, a, err));
    TRY(qnet_finish(b.q, err));
    *out = b.q;
    return ST_OK;
}
