/* graph_yaml.c -- reads a network's architecture from YAML; this file owns the format.
 *
 *   name: resnet8                      name of the network
 *   input: {name: image, H: 28, W: 28, C: 1, scale: 0.00392156862745098}
 *                                      scale: real value of pixel code 1
 *   nodes:                             in topological order; keys depend on op
 *   - {name: stem, op: conv, inputs: [image], channels: 16, kernel: 3, stride: 1,
 *      pad: 1, bn: true, relu: true}   square kernel; bias instead of bn if false
 *                                      groups: N (default 1), clip: 6 (upper end of the
 *                                      ReLU, default none)
 *   - {name: sum, op: add, inputs: [a, b], relu: true}
 *   - {name: skip, op: shortcut, inputs: [sum], channels: 32, stride: 2, before: 8}
 *                                      samples; zeros before and after make up channels
 *   - {name: max, op: maxpool, inputs: [stem], kernel: 3, stride: 2, pad: 1}
 *   - {name: pool, op: gap, inputs: [sum]}
 *   - {name: fc, op: gemm, inputs: [pool], channels: 10}     the last node
 *
 * Weights follow He et al. (2015): normal, variance 2 / MW, each layer from its own
 * stream of the seed, so that adding a layer leaves the others' weights as they were.
 * Batch norms start at the identity and biases at 0. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/rng.h"
#include "base/yaml.h"
#include "nn/graph_internal.h"

/* Stream numbers of the seed used here start at this one. */
static const uint64_t WEIGHT_STREAM = 0x6865; /* "he" */

static const char *const op_names[] = {"conv",     "add",     "gap", "gemm",
                                       "shortcut", "maxpool", NULL};
static const enum nn_op ops[] = {NN_CONV, NN_ADD,      NN_GAP,
                                 NN_GEMM, NN_SHORTCUT, NN_MAXPOOL};

static const char *const *keys_of(enum nn_op op)
{
    static const char *const conv[] = {"name",   "op",     "inputs", "channels",
                                       "kernel", "stride", "pad",    "bn",
                                       "relu",   "groups", "clip",   NULL};
    static const char *const add[] = {"name", "op", "inputs", "relu", NULL};
    static const char *const gap[] = {"name", "op", "inputs", NULL};
    static const char *const gemm[] = {"name", "op", "inputs", "channels", NULL};
    static const char *const shortcut[] = {"name",   "op",     "inputs", "channels",
                                           "stride", "before", NULL};
    static const char *const pool[] = {"name",   "op",  "inputs", "kernel",
                                       "stride", "pad", NULL};
    if (op == NN_MAXPOOL) return pool;
    if (op == NN_CONV) return conv;
    if (op == NN_SHORTCUT) return shortcut;
    if (op == NN_ADD) return add;
    return op == NN_GAP ? gap : gemm;
}

static status read_name(const struct yaml_node *map, char *name, struct err *err)
{
    const struct yaml_node *n;
    const char *text;
    TRY(yaml_need(map, "name", &n, err));
    TRY(yaml_text(n, &text, err));
    if (text[0] == '\0' || strlen(text) >= LAYER_NAME_MAX)
        return yaml_fail(n, ST_RANGE, err,
                         "expected a name of 1..%d characters, found "
                         "%zu",
                         LAYER_NAME_MAX - 1, strlen(text));
    snprintf(name, LAYER_NAME_MAX, "%s", text);
    return ST_OK;
}

static status read_input(const struct yaml_node *map, struct nn_graph *g,
                         struct err *err)
{
    static const char *const keys[] = {"name", "H", "W", "C", "scale", NULL};
    struct nn_node *node = &g->nodes[0];
    double scale;
    TRY(yaml_check_keys(map, keys, err));
    TRY(read_name(map, node->name, err));
    TRY(yaml_need_i32(map, "H", 1, 65536, &node->H, err));
    TRY(yaml_need_i32(map, "W", 1, 65536, &node->W, err));
    TRY(yaml_need_i32(map, "C", 1, 65536, &node->C, err));
    TRY(yaml_need_double(map, "scale", 1e-9, 1e9, &scale, err));
    g->input_scale = (float)scale;
    node->op = NN_INPUT;
    struct err why;
    const status st = graph_infer_node(g, 0, &why);
    return st == ST_OK ? ST_OK : yaml_fail(map, st, err, "%s", why.msg);
}

static int32_t find_node(const struct nn_graph *g, int32_t n, const char *name)
{
    for (int32_t i = 0; i < n; i++)
        if (strcmp(g->nodes[i].name, name) == 0) return i;
    return -1;
}

static status read_inputs(const struct yaml_node *map, struct nn_graph *g, int32_t i,
                          struct err *err)
{
    struct nn_node *node = &g->nodes[i];
    const struct yaml_node *list;
    TRY(yaml_need(map, "inputs", &list, err));
    TRY(yaml_expect(list, YAML_SEQ, err));
    node->n_inputs = node->op == NN_ADD ? 2 : 1;
    if (yaml_size(list) != (size_t)node->n_inputs)
        return yaml_fail(list, ST_PARSE, err, "expected %d inputs of '%s', found %zu",
                         node->n_inputs, node->name, yaml_size(list));
    for (int32_t k = 0; k < node->n_inputs; k++) {
        const struct yaml_node *item = yaml_item(list, (size_t)k);
        const char *name;
        TRY(yaml_text(item, &name, err));
        node->inputs[k] = find_node(g, i, name);
        if (node->inputs[k] < 0)
            return yaml_fail(item, ST_PARSE, err,
                             "expected the name of an earlier node, "
                             "found '%s'",
                             name);
    }
    return ST_OK;
}

static status read_conv(const struct yaml_node *map, struct nn_node *node, bool *has_bn,
                        struct err *err)
{
    struct layer_shape *l = &node->shape;
    TRY(yaml_need_i32(map, "channels", 1, 65536, &l->K, err));
    TRY(yaml_need_i32(map, "kernel", 1, 31, &l->R, err));
    TRY(yaml_need_i32(map, "stride", 1, 16, &l->stride_h, err));
    TRY(yaml_need_i32(map, "pad", 0, 31, &l->pad_top, err));
    l->S = l->R;
    l->stride_w = l->stride_h;
    l->pad_left = l->pad_bottom = l->pad_right = l->pad_top;
    if (yaml_find(map, "groups"))
        TRY(yaml_need_i32(map, "groups", 1, 65536, &l->groups, err));
    return yaml_need_bool(map, "bn", has_bn, err);
}

static status read_clip(const struct yaml_node *map, struct nn_node *node,
                        struct err *err)
{
    double clip;
    if (!yaml_find(map, "clip")) return ST_OK;
    TRY(yaml_need_double(map, "clip", 1e-6, 1e6, &clip, err));
    if (!node->relu)
        return yaml_fail(yaml_find(map, "clip"), ST_RANGE, err,
                         "expected relu: true beside clip, found false");
    node->clip = (float)clip;
    return ST_OK;
}

static status read_pool(const struct yaml_node *map, struct nn_pool *p, struct err *err)
{
    TRY(yaml_need_i32(map, "kernel", 1, 31, &p->R, err));
    TRY(yaml_need_i32(map, "stride", 1, 16, &p->stride_h, err));
    TRY(yaml_need_i32(map, "pad", 0, 15, &p->pad_top, err));
    p->S = p->R;
    p->stride_w = p->stride_h;
    p->pad_left = p->pad_bottom = p->pad_right = p->pad_top;
    return ST_OK;
}

/* x: the node it reads, known by now. */
static status read_shortcut(const struct yaml_node *map, const struct nn_node *x,
                            struct nn_shortcut *s, struct err *err)
{
    int32_t channels;
    TRY(yaml_need_i32(map, "channels", 1, 65536, &channels, err));
    TRY(yaml_need_i32(map, "stride", 1, 16, &s->stride_h, err));
    TRY(yaml_need_i32(map, "before", 0, 65535, &s->before, err));
    s->stride_w = s->stride_h;
    s->after = channels - x->C - s->before;
    if (s->after >= 0) return ST_OK;
    return yaml_fail(map, ST_RANGE, err,
                     "expected at least %d channels, those of '%s' and %d before them, "
                     "found %d",
                     x->C + s->before, x->name, s->before, channels);
}

static status init_weights(struct nn_node *node, bool has_bn, uint64_t seed,
                           uint64_t i_layer, struct arena *a, struct err *err)
{
    const size_t n = (size_t)layer_shape_weights(&node->shape);
    const double deviation = sqrt(2.0 / layer_shape_MW(&node->shape));
    struct rng rng = rng_seed(seed, WEIGHT_STREAM + i_layer);
    node->weights = ARENA_NEW(a, float, n);
    if (has_bn)
        node->bn = graph_new_batch_norm(node->shape.K, a);
    else
        node->bias = ARENA_NEW(a, float, (size_t)node->shape.K);
    if (!node->weights || (!node->bn && !node->bias)) return arena_exhausted(err);
    for (size_t i = 0; i < n; i++)
        node->weights[i] = (float)(deviation * rng_normal(&rng));
    return ST_OK;
}

static status read_node(const struct yaml_node *map, struct nn_graph *g, int32_t i,
                        uint64_t seed, struct arena *a, struct err *err)
{
    struct nn_node *node = &g->nodes[i];
    int i_op;
    bool has_bn = false;
    TRY(yaml_expect(map, YAML_MAP, err));
    TRY(yaml_need_enum(map, "op", op_names, &i_op, err));
    node->op = ops[i_op];
    TRY(yaml_check_keys(map, keys_of(node->op), err));
    TRY(read_name(map, node->name, err));
    TRY(read_inputs(map, g, i, err));
    if (node->op == NN_CONV) TRY(read_conv(map, node, &has_bn, err));
    if (node->op == NN_SHORTCUT)
        TRY(read_shortcut(map, &g->nodes[node->inputs[0]], &node->shortcut, err));
    if (node->op == NN_GEMM)
        TRY(yaml_need_i32(map, "channels", 1, 65536, &node->shape.K, err));
    if (node->op == NN_CONV || node->op == NN_ADD)
        TRY(yaml_need_bool(map, "relu", &node->relu, err));
    if (node->op == NN_CONV) TRY(read_clip(map, node, err));
    if (node->op == NN_MAXPOOL) TRY(read_pool(map, &node->pool, err));
    struct err why;
    const status st = graph_infer_node(g, i, &why);
    if (st != ST_OK) return yaml_fail(map, st, err, "%s", why.msg);
    if (node->op != NN_CONV && node->op != NN_GEMM) return ST_OK;
    return init_weights(node, has_bn, seed, (uint64_t)g->n_layers++, a, err);
}

static status read_graph(const struct yaml_node *root, uint64_t seed, struct arena *a,
                         struct nn_graph *g, struct err *err)
{
    static const char *const keys[] = {"name", "input", "nodes", NULL};
    const struct yaml_node *input, *nodes;
    TRY(yaml_check_keys(root, keys, err));
    TRY(read_name(root, g->name, err));
    TRY(yaml_need(root, "input", &input, err));
    TRY(yaml_need(root, "nodes", &nodes, err));
    TRY(yaml_expect(nodes, YAML_SEQ, err));
    if (yaml_size(nodes) < 1 || yaml_size(nodes) > 4096)
        return yaml_fail(nodes, ST_RANGE, err, "expected 1..4096 nodes, found %zu",
                         yaml_size(nodes));
    g->n_nodes = (int32_t)yaml_size(nodes) + 1;
    g->nodes = ARENA_NEW(a, struct nn_node, (size_t)g->n_nodes);
    if (!g->nodes) return arena_exhausted(err);
    TRY(read_input(input, g, err));
    for (int32_t i = 1; i < g->n_nodes; i++)
        TRY(read_node(yaml_item(nodes, (size_t)i - 1), g, i, seed, a, err));
    struct err why;
    const status st = graph_finish(g, a, &why);
    return st == ST_OK ? ST_OK : yaml_fail(nodes, st, err, "%s", why.msg);
}

status graph_load_yaml(const char *path, uint64_t seed, struct arena *a,
                       struct nn_graph **out, struct err *err)
{
    struct yaml_doc *doc = NULL;
    TRY(yaml_open(path, &doc, err));
    struct nn_graph *g = ARENA_NEW(a, struct nn_graph, 1);
    const status st =
        g ? read_graph(yaml_root(doc), seed, a, g, err) : arena_exhausted(err);
    yaml_close(doc);
    if (st == ST_OK) *out = g;
    return st;
}
