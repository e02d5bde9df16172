/* onnx_write.c -- writes a graph as an fp32 ONNX file, opset 13.
 *
 * One graph node becomes Conv [BatchNormalization] [Relu or Clip], Add [Relu or Clip],
 * MaxPool, GlobalAveragePool, Flatten Gemm, or (a shortcut) Slice [Pad] or Pad. Weights
 * go from our (K, R, S, C) to ONNX's (K, C, R, S) without a change of bits; a graph
 * that is read back is the same. The scale of the pixels has no place in ONNX and goes
 * to metadata_props as `bitwright.input_scale`, and so do the pixel codes that stand
 * for 0, as `bitwright.input_zero`. */
#include <stdio.h>

#include "nn/graph_internal.h"
#include "nn/onnx_build.h"

enum {
    OPSET = 13,
    FLOAT = ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT,
    INT64 = ONNX__TENSOR_PROTO__DATA_TYPE__INT64
};

struct writer {
    struct onnx_builder b;
    const struct nn_graph *g;
    const char **outputs; /* (n_nodes): name of each node's output tensor       */
};

static const char *put_vector(struct writer *w, const char *node, const char *suffix,
                              const float *elems, int32_t n)
{
    const char *name = onnx_build_name(&w->b, node, suffix);
    const struct onnx_tensor_spec t = {.name = name,
                                       .type = FLOAT,
                                       .elem_bytes = sizeof(float),
                                       .n_dims = 1,
                                       .dims = {n},
                                       .elems = elems};
    onnx_build_tensor(&w->b, &t);
    return name;
}

static const char *put_scalar(struct writer *w, const char *node, const char *suffix,
                              const float *value)
{
    const char *name = onnx_build_name(&w->b, node, suffix);
    const struct onnx_tensor_spec t = {.name = name,
                                       .type = FLOAT,
                                       .elem_bytes = sizeof(float),
                                       .n_dims = 0,
                                       .elems = value};
    onnx_build_tensor(&w->b, &t);
    return name;
}

/* out (K, C, R, S) from in (K, R, S, C). */
static void to_kcrs(const struct layer_shape *l, const float *in, float *out)
{
    const size_t C = (size_t)(l->C / l->groups), RS = (size_t)l->R * (size_t)l->S;
    for (size_t k = 0; k < (size_t)l->K; k++)
        for (size_t rs = 0; rs < RS; rs++)
            for (size_t c = 0; c < C; c++)
                out[(k * C + c) * RS + rs] = in[(k * RS + rs) * C + c];
}

static const char *put_conv_weights(struct writer *w, const struct nn_node *node)
{
    const struct layer_shape *l = &node->shape;
    const char *name = onnx_build_name(&w->b, node->name, ".weight");
    float *kcrs = ARENA_NEW(w->b.a, float, (size_t)layer_shape_weights(l));
    if (!kcrs) {
        w->b.exhausted = true;
        return name;
    }
    to_kcrs(l, node->weights, kcrs);
    const struct onnx_tensor_spec t = {.name = name,
                                       .type = FLOAT,
                                       .elem_bytes = sizeof(float),
                                       .n_dims = 4,
                                       .dims = {l->K, l->C / l->groups, l->R, l->S},
                                       .elems = kcrs};
    onnx_build_tensor(&w->b, &t);
    return name;
}

/* (K, C), C in ONNX's order: a flattened map has (c, h, w) there, (h, w, c) here. */
static const char *put_gemm_weights(struct writer *w, const struct nn_node *node)
{
    const struct nn_node *x = &w->g->nodes[node->inputs[0]];
    const struct layer_shape map = {
        .K = node->shape.K, .C = x->C, .R = x->H, .S = x->W, .groups = 1};
    const char *name = onnx_build_name(&w->b, node->name, ".weight");
    float *kc = ARENA_NEW(w->b.a, float, (size_t)layer_shape_weights(&node->shape));
    if (!kc) {
        w->b.exhausted = true;
        return name;
    }
    to_kcrs(&map, node->weights, kc);
    const struct onnx_tensor_spec t = {.name = name,
                                       .type = FLOAT,
                                       .elem_bytes = sizeof(float),
                                       .n_dims = 2,
                                       .dims = {node->shape.K, node->shape.C},
                                       .elems = kc};
    onnx_build_tensor(&w->b, &t);
    return name;
}

static const char *put_batch_norm(struct writer *w, const struct nn_node *node,
                                  const char *x)
{
    const struct nn_batch_norm *bn = node->bn;
    const char *name = onnx_build_name(&w->b, node->name, "/bn");
    const char *out = onnx_build_name(&w->b, name, ":out");
    const char *inputs[] = {
        x,
        put_vector(w, node->name, ".bn.weight", bn->gamma, node->shape.K),
        put_vector(w, node->name, ".bn.bias", bn->beta, node->shape.K),
        put_vector(w, node->name, ".bn.running_mean", bn->mean, node->shape.K),
        put_vector(w, node->name, ".bn.running_var", bn->var, node->shape.K),
        NULL};
    Onnx__NodeProto *n =
        onnx_build_node(&w->b, "", "BatchNormalization", name, inputs, out);
    onnx_build_float(&w->b, n, "epsilon", bn->eps);
    return out;
}

static const char *put_relu(struct writer *w, const struct nn_node *node, const char *x)
{
    const char *name = onnx_build_name(&w->b, node->name, "/relu");
    const char *out = onnx_build_name(&w->b, name, ":out");
    if (node->clip > 0) {
        static const float zero = 0;
        const char *limits[] = {x, put_scalar(w, node->name, ".min", &zero),
                                put_scalar(w, node->name, ".max", &node->clip), NULL};
        onnx_build_node(&w->b, "", "Clip", name, limits, out);
        return out;
    }
    const char *inputs[] = {x, NULL};
    onnx_build_node(&w->b, "", "Relu", name, inputs, out);
    return out;
}

static const char *put_conv(struct writer *w, const struct nn_node *node, const char *x)
{
    const struct layer_shape *l = &node->shape;
    const int64_t kernel[2] = {l->R, l->S}, strides[2] = {l->stride_h, l->stride_w};
    const int64_t pads[4] = {l->pad_top, l->pad_left, l->pad_bottom, l->pad_right};
    const int64_t ones[2] = {1, 1};
    const char *out = onnx_build_name(&w->b, node->name, ":out");
    const char *weights = put_conv_weights(w, node);
    const char *bias =
        node->bias ? put_vector(w, node->name, ".bias", node->bias, l->K) : NULL;
    const char *inputs[] = {x, weights, bias, NULL};
    Onnx__NodeProto *n = onnx_build_node(&w->b, "", "Conv", node->name, inputs, out);
    onnx_build_ints(&w->b, n, "dilations", 2, ones);
    onnx_build_int(&w->b, n, "group", l->groups);
    onnx_build_ints(&w->b, n, "kernel_shape", 2, kernel);
    onnx_build_ints(&w->b, n, "pads", 4, pads);
    onnx_build_ints(&w->b, n, "strides", 2, strides);
    if (node->bn) out = put_batch_norm(w, node, out);
    return node->relu ? put_relu(w, node, out) : out;
}

static const char *put_gemm(struct writer *w, const struct nn_node *node, const char *x)
{
    const char *flat_name = onnx_build_name(&w->b, node->name, "/flatten");
    const char *flat = onnx_build_name(&w->b, flat_name, ":out");
    const char *out = onnx_build_name(&w->b, node->name, ":out");
    const char *flat_inputs[] = {x, NULL};
    Onnx__NodeProto *n =
        onnx_build_node(&w->b, "", "Flatten", flat_name, flat_inputs, flat);
    onnx_build_int(&w->b, n, "axis", 1);
    const char *weights = put_gemm_weights(w, node);
    const char *bias =
        node->bias ? put_vector(w, node->name, ".bias", node->bias, node->shape.K)
                   : NULL;
    const char *inputs[] = {flat, weights, bias, NULL};
    n = onnx_build_node(&w->b, "", "Gemm", node->name, inputs, out);
    onnx_build_int(&w->b, n, "transB", 1);
    return out;
}

static const char *put_ints(struct writer *w, const char *node, const char *suffix,
                            int32_t n, const int64_t *elems)
{
    const char *name = onnx_build_name(&w->b, node, suffix);
    const struct onnx_tensor_spec t = {.name = name,
                                       .type = INT64,
                                       .elem_bytes = sizeof(int64_t),
                                       .n_dims = 1,
                                       .dims = {n},
                                       .elems = elems};
    onnx_build_tensor(&w->b, &t);
    return name;
}

static const char *put_shortcut(struct writer *w, const struct nn_node *node,
                                const char *x)
{
    const struct nn_shortcut *s = &node->shortcut;
    const int64_t starts[2] = {0, 0}, ends[2] = {INT64_MAX, INT64_MAX};
    const int64_t axes[2] = {2, 3}, steps[2] = {s->stride_h, s->stride_w};
    const int64_t pads[8] = {0, s->before, 0, 0, 0, s->after, 0, 0};
    const bool pads_channels = s->before || s->after;
    const char *out = onnx_build_name(&w->b, node->name, ":out");
    const char *name = node->name;
    if (s->stride_h > 1 || s->stride_w > 1 || !pads_channels) {
        const char *inputs[] = {x,
                                put_ints(w, name, ".starts", 2, starts),
                                put_ints(w, name, ".ends", 2, ends),
                                put_ints(w, name, ".axes", 2, axes),
                                put_ints(w, name, ".steps", 2, steps),
                                NULL};
        onnx_build_node(&w->b, "", "Slice", name, inputs, out);
        if (!pads_channels) return out;
        name = onnx_build_name(&w->b, name, "/pad");
        x = out;
        out = onnx_build_name(&w->b, name, ":out");
    }
    const char *inputs[] = {x, put_ints(w, node->name, ".pads", 8, pads), NULL};
    onnx_build_node(&w->b, "", "Pad", name, inputs, out);
    return out;
}

static const char *put_max_pool(struct writer *w, const struct nn_node *node,
                                const char *x)
{
    const struct nn_pool *p = &node->pool;
    const int64_t kernel[2] = {p->R, p->S}, strides[2] = {p->stride_h, p->stride_w};
    const int64_t pads[4] = {p->pad_top, p->pad_left, p->pad_bottom, p->pad_right};
    const char *out = onnx_build_name(&w->b, node->name, ":out");
    const char *inputs[] = {x, NULL};
    Onnx__NodeProto *n = onnx_build_node(&w->b, "", "MaxPool", node->name, inputs, out);
    onnx_build_ints(&w->b, n, "kernel_shape", 2, kernel);
    onnx_build_ints(&w->b, n, "pads", 4, pads);
    onnx_build_ints(&w->b, n, "strides", 2, strides);
    return out;
}

static const char *put_node(struct writer *w, const struct nn_node *node)
{
    const char *x = node->n_inputs > 0 ? w->outputs[node->inputs[0]] : NULL;
    const char *out = onnx_build_name(&w->b, node->name, ":out");
    switch (node->op) {
    case NN_INPUT:
        return node->name;
    case NN_CONV:
        return put_conv(w, node, x);
    case NN_GEMM:
        return put_gemm(w, node, x);
    case NN_ADD: {
        const char *inputs[] = {x, w->outputs[node->inputs[1]], NULL};
        onnx_build_node(&w->b, "", "Add", node->name, inputs, out);
        return node->relu ? put_relu(w, node, out) : out;
    }
    case NN_GAP: {
        const char *inputs[] = {x, NULL};
        onnx_build_node(&w->b, "", "GlobalAveragePool", node->name, inputs, out);
        return out;
    }
    case NN_SHORTCUT:
        return put_shortcut(w, node, x);
    case NN_MAXPOOL:
        return put_max_pool(w, node, x);
    }
    return "";
}

/* One number per channel, separated by commas. */
static void put_zero(struct writer *w, struct arena *a)
{
    const size_t C = (size_t)w->g->nodes[0].C, size = 17 * C + 1; /* %.9g */
    char *text = ARENA_NEW(a, char, size);
    size_t at = 0;
    for (size_t c = 0; text && c < C; c++)
        at += (size_t)snprintf(text + at, size - at, "%s%.9g", c ? "," : "",
                               (double)w->g->input_zero[c]);
    if (text)
        onnx_build_metadata(&w->b, "bitwright.input_zero", text);
    else
        w->b.exhausted = true;
}

static status write_graph(struct writer *w, struct arena *a, const char *path,
                          struct err *err)
{
    const struct nn_graph *g = w->g;
    const int64_t in_dims[4] = {ONNX_BATCH, g->nodes[0].C, g->nodes[0].H,
                                g->nodes[0].W};
    const int64_t out_dims[2] = {ONNX_BATCH, g->n_classes};
    char scale[32];
    w->outputs = ARENA_NEW(a, const char *, (size_t)g->n_nodes);
    onnx_build_init(&w->b, a, g->name);
    if (!w->outputs || w->b.exhausted) return arena_exhausted(err);
    snprintf(scale, sizeof scale, "%.9g", (double)g->input_scale);
    onnx_build_opset(&w->b, "", OPSET);
    onnx_build_metadata(&w->b, "bitwright.input_scale", scale);
    if (g->input_zero) put_zero(w, a);
    if (g->provenance)
        onnx_build_metadata(&w->b, "bitwright.provenance", g->provenance);
    onnx_build_value(&w->b, false, g->nodes[0].name, FLOAT, 4, in_dims);
    for (int32_t i = 0; i < g->n_nodes; i++)
        w->outputs[i] = put_node(w, &g->nodes[i]);
    onnx_build_value(&w->b, true, w->outputs[g->n_nodes - 1], FLOAT, 2, out_dims);
    return onnx_build_save(&w->b, path, err);
}

status nn_graph_save_onnx(const struct nn_graph *g, const char *path, struct err *err)
{
    struct arena *a = arena_new();
    if (!a) return arena_exhausted(err);
    struct writer w = {.g = g};
    const status st = write_graph(&w, a, path, err);
    arena_free(a);
    return st;
}
