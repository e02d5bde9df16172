/* qnet_read.c -- reads a quantised network; the format is in nn/qnet_internal.h.
 *
 * The reader trusts nothing: qnet_finish_node checks every width and range. */
#include <stdio.h>
#include <string.h>

#include "nn/graph_internal.h"
#include "nn/onnx_file.h"
#include "nn/qnet_internal.h"

struct loader {
    struct onnx_file f;
    struct arena *a;
    struct qnet *q;
    const char **outputs; /* (n_nodes of q): tensor names                      */
};

static status find_output(const struct loader *r, const Onnx__NodeProto *n, size_t i,
                          int32_t *out, struct err *err)
{
    const char *name = i < n->n_input ? n->input[i] : "";
    for (int32_t j = 0; j < r->q->n_nodes; j++) {
        if (strcmp(r->outputs[j], name) != 0) continue;
        *out = j;
        return ST_OK;
    }
    return onnx_fail(&r->f, n, ST_PARSE, err,
                     "expected an earlier node's output as input %zu, found '%.64s'", i,
                     name);
}

static status need_tensor(const struct loader *r, const Onnx__NodeProto *n, size_t i,
                          const Onnx__TensorProto **out, struct err *err)
{
    const char *name = i < n->n_input ? n->input[i] : "";
    *out = onnx_initializer(&r->f, name);
    if (*out) return ST_OK;
    return onnx_fail(&r->f, n, ST_PARSE, err,
                     "expected an initializer as input %zu, found '%.64s'", i, name);
}

static status need_int(const struct loader *r, const Onnx__NodeProto *n,
                       const char *name, int64_t lo, int64_t hi, int *out,
                       struct err *err)
{
    int64_t value = 0;
    if (!onnx_attribute(n, name))
        return onnx_fail(&r->f, n, ST_PARSE, err,
                         "expected an attribute '%s', found none", name);
    TRY(onnx_attribute_int(&r->f, n, name, &value, err));
    if (value < lo || value > hi)
        return onnx_fail(&r->f, n, ST_RANGE, err,
                         "expected attribute '%s' in %lld..%lld, found %lld", name,
                         (long long)lo, (long long)hi, (long long)value);
    *out = (int)value;
    return ST_OK;
}

static status need_bool(const struct loader *r, const Onnx__NodeProto *n,
                        const char *name, bool *out, struct err *err)
{
    int value;
    TRY(need_int(r, n, name, 0, 1, &value, err));
    *out = value;
    return ST_OK;
}

/* mul and bias at inputs i and i + 1, `count` channels each. */
static status read_requant(struct loader *r, const Onnx__NodeProto *n, size_t i,
                           size_t count, struct requant *out, struct err *err)
{
    const Onnx__TensorProto *mul, *bias;
    int64_t *wide;
    size_t n_mul, n_bias;
    TRY(need_tensor(r, n, i, &mul, err));
    TRY(need_tensor(r, n, i + 1, &bias, err));
    TRY(onnx_tensor_i64(&r->f, mul, &wide, &n_mul, err));
    TRY(onnx_tensor_i64(&r->f, bias, &out->bias, &n_bias, err));
    if (n_mul != count || n_bias != count)
        return onnx_fail(&r->f, n, ST_PARSE, err,
                         "expected %zu multipliers and biases, found %zu and %zu",
                         count, n_mul, n_bias);
    out->n = (int32_t)count;
    out->mul = ARENA_NEW(r->a, int32_t, count + 1);
    if (!out->mul) return arena_exhausted(err);
    for (size_t k = 0; k < count; k++) {
        if (wide[k] < INT32_MIN || wide[k] > INT32_MAX)
            return onnx_fail(&r->f, n, ST_RANGE, err,
                             "expected 18-bit multipliers, found %lld",
                             (long long)wide[k]);
        out->mul[k] = (int32_t)wide[k];
    }
    TRY(need_int(r, n, "shift", 1, REQUANT_MAX_SHIFT, &out->shift, err));
    TRY(need_int(r, n, "out_bits", 1, 16, &out->out_bits, err));
    return need_bool(r, n, "out_signed", &out->out_signed, err);
}

static status read_conv_shape(struct loader *r, const Onnx__NodeProto *n,
                              const int64_t *dims, struct layer_shape *s,
                              struct err *err)
{
    int32_t kernel[2] = {0, 0}, strides[2] = {1, 1}, pads[4] = {0, 0, 0, 0};
    TRY(onnx_attribute_ints(&r->f, n, "kernel_shape", 2, kernel, err));
    TRY(onnx_attribute_ints(&r->f, n, "strides", 2, strides, err));
    TRY(onnx_attribute_ints(&r->f, n, "pads", 4, pads, err));
    if (kernel[0] != dims[1] || kernel[1] != dims[2])
        return onnx_fail(&r->f, n, ST_PARSE, err,
                         "expected a kernel_shape as the weights have, found %dx%d",
                         kernel[0], kernel[1]);
    s->R = kernel[0];
    s->S = kernel[1];
    s->stride_h = strides[0];
    s->stride_w = strides[1];
    s->pad_top = pads[0];
    s->pad_left = pads[1];
    s->pad_bottom = pads[2];
    s->pad_right = pads[3];
    return ST_OK;
}

/* The weights' dimensions must agree with the input that the layer will read. */
static status read_weights(struct loader *r, const Onnx__NodeProto *n,
                           const struct qnet_node *node, struct qnet_layer *l,
                           struct err *err)
{
    const struct qnet_node *x = &r->q->nodes[node->inputs[0]];
    const bool is_conv = node->op == QNET_CONV;
    const Onnx__TensorProto *w;
    int8_t *weights;
    size_t count;
    TRY(need_tensor(r, n, 1, &w, err));
    TRY(onnx_tensor_i8(&r->f, w, &weights, &count, err));
    int64_t group = 1;
    if (is_conv) TRY(onnx_attribute_int(&r->f, n, "group", &group, err));
    if (group < 1 || group > x->C || x->C % group)
        return onnx_fail(&r->f, n, ST_RANGE, err,
                         "expected a group that divides the %d in-channels, found %lld",
                         x->C, (long long)group);
    l->shape.groups = (int32_t)group;
    const int64_t C = is_conv ? x->C / group : (int64_t)x->H * x->W * x->C;
    const size_t n_dims = is_conv ? 4 : 2;
    if (w->n_dims != n_dims || w->dims[n_dims - 1] != C || count == 0)
        return onnx_fail(
            &r->f, n, ST_PARSE, err,
            "expected weights of %zu dimensions for %lld in-channels, found "
            "others",
            n_dims, (long long)C);
    l->weights = weights;
    l->shape.K = (int32_t)w->dims[0];
    return is_conv ? read_conv_shape(r, n, w->dims, &l->shape, err) : ST_OK;
}

/* Codes of the padding, where they are not 0. */
static status read_border(struct loader *r, const Onnx__NodeProto *n, int32_t C,
                          const uint8_t **out, struct err *err)
{
    if (!onnx_attribute(n, "border")) return ST_OK;
    int32_t *codes = ARENA_NEW(r->a, int32_t, (size_t)C);
    uint8_t *border = ARENA_NEW(r->a, uint8_t, (size_t)C);
    if (!codes || !border) return arena_exhausted(err);
    TRY(onnx_attribute_ints(&r->f, n, "border", (size_t)C, codes, err));
    for (int32_t c = 0; c < C; c++) {
        if (codes[c] < 0 || codes[c] > 255)
            return onnx_fail(&r->f, n, ST_RANGE, err,
                             "expected attribute 'border' in 0..255, found %d",
                             codes[c]);
        border[c] = (uint8_t)codes[c];
    }
    *out = border;
    return ST_OK;
}

static status read_layer(struct loader *r, const Onnx__NodeProto *n,
                         struct qnet_node *node, struct err *err)
{
    struct qnet_layer *l = &r->q->layers[r->q->n_layers];
    if (strlen(node->name) >= LAYER_NAME_MAX)
        return onnx_fail(&r->f, n, ST_RANGE, err,
                         "expected a name of at most %d characters",
                         LAYER_NAME_MAX - 1);
    memcpy(l->shape.name, node->name, sizeof l->shape.name);
    node->i_layer = r->q->n_layers;
    TRY(read_weights(r, n, node, l, err));
    if (node->op == QNET_CONV)
        TRY(read_border(r, n, r->q->nodes[node->inputs[0]].C, &l->border, err));
    TRY(need_int(r, n, "wbits", 1, 8, &l->wbits, err));
    TRY(need_bool(r, n, "wsigned", &l->wsigned, err));
    TRY(need_int(r, n, "abits", 1, 8, &l->abits, err));
    TRY(need_bool(r, n, "asigned", &l->asigned, err));
    TRY(read_requant(r, n, 2, (size_t)l->shape.K, &l->requant, err));
    r->q->n_layers++;
    return ST_OK;
}

static status read_shortcut(struct loader *r, const Onnx__NodeProto *n,
                            struct nn_shortcut *s, struct err *err)
{
    int32_t strides[2] = {0, 0};
    int before, after;
    TRY(onnx_attribute_ints(&r->f, n, "strides", 2, strides, err));
    TRY(need_int(r, n, "before", 0, 65535, &before, err));
    TRY(need_int(r, n, "after", 0, 65535, &after, err));
    *s = (struct nn_shortcut){strides[0], strides[1], before, after};
    return ST_OK;
}

static status read_pool(struct loader *r, const Onnx__NodeProto *n, struct nn_pool *p,
                        struct err *err)
{
    int32_t kernel[2] = {0, 0}, strides[2] = {0, 0}, pads[4] = {0, 0, 0, 0};
    TRY(onnx_attribute_ints(&r->f, n, "kernel_shape", 2, kernel, err));
    TRY(onnx_attribute_ints(&r->f, n, "strides", 2, strides, err));
    TRY(onnx_attribute_ints(&r->f, n, "pads", 4, pads, err));
    *p = (struct nn_pool){kernel[0], kernel[1], strides[0], strides[1],
                          pads[0],   pads[1],   pads[2],    pads[3]};
    return ST_OK;
}

static status read_op(const struct loader *r, const Onnx__NodeProto *n,
                      enum qnet_op *out, struct err *err)
{
    if (strcmp(onnx_domain(n), QNET_DOMAIN) == 0) {
        for (int op = QNET_RESCALE; op <= QNET_MAXPOOL; op++) {
            if (strcmp(onnx_op_type(n), qnet_op_type((enum qnet_op)op)) != 0) continue;
            *out = (enum qnet_op)op;
            return ST_OK;
        }
    }
    return onnx_fail(
        &r->f, n, ST_UNSUPPORTED, err,
        "expected an operator of the domain '%s' version %d, found another",
        QNET_DOMAIN, QNET_OPSET);
}

static status read_node(struct loader *r, const Onnx__NodeProto *n, struct err *err)
{
    struct qnet_node *node = &r->q->nodes[r->q->n_nodes];
    TRY(read_op(r, n, &node->op, err));
    if (strlen(onnx_node_name(n)) >= LAYER_NAME_MAX + 15 || n->n_output != 1)
        return onnx_fail(&r->f, n, ST_PARSE, err,
                         "expected a short name and one output, found others");
    snprintf(node->name, sizeof node->name, "%s", onnx_node_name(n));
    node->i_layer = -1;
    node->n_inputs = node->op == QNET_ADD ? 2 : 1;
    for (int32_t i = 0; i < node->n_inputs; i++)
        TRY(find_output(r, n, (size_t)i, &node->inputs[i], err));
    if (node->op == QNET_CONV || node->op == QNET_GEMM)
        TRY(read_layer(r, n, node, err));
    if (node->op == QNET_RESCALE) TRY(read_requant(r, n, 1, 1, &node->rescale, err));
    if (node->op == QNET_MAXPOOL) TRY(read_pool(r, n, &node->pool, err));
    if (node->op == QNET_SHORTCUT) TRY(read_shortcut(r, n, &node->shortcut, err));
    node->bits = QNET_STREAM_BITS;
    if (node->op == QNET_ADD) TRY(need_bool(r, n, "out_signed", &node->is_signed, err));
    struct err why;
    const status st = qnet_finish_node(r->q, r->q->n_nodes, r->a, &why);
    if (st != ST_OK) return err_set(err, st, "%s: %.400s", r->f.path, why.msg);
    r->outputs[r->q->n_nodes++] = n->output[0];
    return ST_OK;
}

static status read_input(struct loader *r, struct err *err)
{
    const Onnx__GraphProto *g = r->f.model->graph;
    const Onnx__ValueInfoProto *v = g->n_input == 1 ? g->input[0] : NULL;
    const Onnx__TypeProto *type = v && v->name ? v->type : NULL;
    if (!type || type->value_case != ONNX__TYPE_PROTO__VALUE_TENSOR_TYPE ||
        type->tensor_type->elem_type != ONNX__TENSOR_PROTO__DATA_TYPE__UINT8 ||
        !type->tensor_type->shape || type->tensor_type->shape->n_dim != 4 ||
        strlen(v->name) >= LAYER_NAME_MAX)
        return err_set(err, ST_PARSE,
                       "%s: expected one input, UINT8 (N, H, W, C), found "
                       "another",
                       r->f.path);
    struct qnet_node *node = &r->q->nodes[0];
    int32_t *const sizes[3] = {&node->H, &node->W, &node->C};
    int64_t n = 1;
    for (size_t i = 0; i < 3; i++) {
        const int64_t d = onnx_dim(type->tensor_type->shape, i + 1);
        if (d < 1 || d > 65536 || n * d > GRAPH_MAX_ELEMENTS)
            return err_set(err, ST_RANGE,
                           "%s: input '%s': expected dimensions in "
                           "1..65536, found %lld",
                           r->f.path, v->name, (long long)d);
        n *= d;
        *sizes[i] = (int32_t)d;
    }
    snprintf(node->name, sizeof node->name, "%s", v->name);
    node->op = QNET_INPUT;
    node->i_layer = -1;
    r->outputs[0] = v->name;
    r->q->n_nodes = 1;
    return qnet_finish_node(r->q, 0, r->a, err);
}

static status read_qnet(struct loader *r, struct err *err)
{
    const Onnx__GraphProto *g = r->f.model->graph;
    if (onnx_opset(&r->f, QNET_DOMAIN) != QNET_OPSET)
        return err_set(err, ST_UNSUPPORTED,
                       "%s: expected a quantised network (domain '%s' "
                       "version %d), found version %lld",
                       r->f.path, QNET_DOMAIN, QNET_OPSET,
                       (long long)onnx_opset(&r->f, QNET_DOMAIN));
    r->q = ARENA_NEW(r->a, struct qnet, 1);
    r->outputs = ARENA_NEW(r->a, const char *, g->n_node + 1);
    if (!r->q || !r->outputs) return arena_exhausted(err);
    r->q->nodes = ARENA_NEW(r->a, struct qnet_node, g->n_node + 1);
    r->q->layers = ARENA_NEW(r->a, struct qnet_layer, g->n_node);
    if (!r->q->nodes || !r->q->layers) return arena_exhausted(err);
    snprintf(r->q->name, sizeof r->q->name, "%s", g->name ? g->name : "");
    r->q->provenance = onnx_metadata(&r->f, "bitwright.provenance");
    TRY(read_input(r, err));
    for (size_t i = 0; i < g->n_node; i++)
        TRY(read_node(r, g->node[i], err));
    struct err why;
    const status st = qnet_finish(r->q, &why);
    return st == ST_OK ? ST_OK : err_set(err, st, "%s: %.400s", r->f.path, why.msg);
}

status qnet_load(const char *path, struct arena *a, struct qnet **out, struct err *err)
{
    struct loader r = {.a = a};
    TRY(onnx_open(path, a, &r.f, err));
    TRY(read_qnet(&r, err));
    *out = r.q;
    return ST_OK;
}

status qnet_is_quantised(const char *path, bool *out, struct err *err)
{
    struct arena *a = arena_new();
    struct onnx_file f;
    const status st = a ? onnx_open(path, a, &f, err) : arena_exhausted(err);
    if (st == ST_OK) *out = onnx_opset(&f, QNET_DOMAIN) != 0;
    arena_free(a);
    return st;
}
