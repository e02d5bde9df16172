/* onnx_read.c -- reads an fp32 ONNX network (opsets 9 to 17) into a graph.
 *
 * ONNX lists its nodes in topological order, so one pass suffices: a table gives each
 * operator's reader and the attributes it understands, and anything outside the table
 * is ST_UNSUPPORTED naming node and operator.  NCHW becomes NHWC on the way:
 * weights (K, C, R, S) become (K, R, S, C), tensors are never moved. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nn/onnx_read_internal.h"

enum { OPSET_MIN = 9, OPSET_MAX = 17 };

struct op_row {
    const char *op;
    onnx_op_reader read;
    const char *attributes; /* understood, each followed by a space              */
};

static const struct op_row op_rows[] = {
    {"Conv", onnx_read_conv, "auto_pad dilations group kernel_shape pads strides "},
    {"BatchNormalization", onnx_read_batch_norm, "epsilon momentum training_mode "},
    {"Gemm", onnx_read_gemm, "alpha beta transA transB "},
    {"MatMul", onnx_read_matmul, ""},
    {"Add", onnx_read_add, ""},
    {"Sum", onnx_read_add, ""},
    {"Relu", onnx_read_relu, ""},
    {"Clip", onnx_read_clip, "max min "},
    {"MaxPool", onnx_read_max_pool,
     "auto_pad ceil_mode dilations kernel_shape pads storage_order strides "},
    {"GlobalAveragePool", onnx_read_global_pool, ""},
    {"AveragePool", onnx_read_average_pool,
     "auto_pad ceil_mode count_include_pad kernel_shape pads strides "},
    {"ReduceMean", onnx_read_reduce_mean, "axes keepdims "},
    {"Flatten", onnx_read_flatten, "axis "},
    {"Reshape", onnx_read_reshape, "allowzero "},
    {"Identity", onnx_read_identity, ""},
    {"Dropout", onnx_read_dropout, "ratio seed "},
    {"Constant", onnx_read_constant,
     "value value_float value_floats value_int value_ints "},
    {"Shape", onnx_read_shape, "start end "},
    {"Gather", onnx_read_gather, "axis "},
    {"Unsqueeze", onnx_read_unsqueeze, "axes "},
    {"Squeeze", onnx_read_squeeze, "axes "},
    {"Concat", onnx_read_concat, "axis "},
    {"Cast", onnx_read_cast, "to "},
    {"Sub", onnx_read_arithmetic, ""},
    {"Mul", onnx_read_arithmetic, ""},
    {"Div", onnx_read_arithmetic, ""},
    {"ConstantOfShape", onnx_read_constant_of_shape, "value "},
    {"Slice", onnx_read_slice, "axes ends starts "},
    {"Pad", onnx_read_pad, "mode pads value "},
    {"Quant", onnx_read_quant, "narrow rounding_mode signed "},
    {"QuantizeLinear", onnx_read_quantize, "axis "},
    {"DequantizeLinear", onnx_read_dequantize, "axis "},
    {"Transpose", onnx_read_transpose, "perm "},
};

/* ---- values ---- */

static const struct onnx_value *find_value(const struct onnx_reader *r,
                                           const char *name)
{
    for (int32_t i = r->n_values - 1; i >= 0; i--)
        if (strcmp(r->values[i].name, name) == 0) return &r->values[i];
    return NULL;
}

bool onnx_has_input(const Onnx__NodeProto *n, size_t i)
{
    return i < n->n_input && n->input[i][0];
}

status onnx_input(struct onnx_reader *r, const Onnx__NodeProto *n, size_t i,
                  const struct onnx_value **out, struct err *err)
{
    if (!onnx_has_input(n, i))
        return onnx_fail(&r->f, n, ST_PARSE, err, "expected an input %zu, found none",
                         i);
    *out = find_value(r, n->input[i]);
    if (*out) return ST_OK;
    return onnx_fail(&r->f, n, ST_PARSE, err,
                     "expected the name of an earlier tensor, found '%.64s'",
                     n->input[i]);
}

status onnx_input_map(struct onnx_reader *r, const Onnx__NodeProto *n, size_t i,
                      const struct onnx_value **out, struct err *err)
{
    TRY(onnx_input(r, n, i, out, err));
    if ((*out)->i_node >= 0 && !(*out)->flat) return ST_OK;
    return onnx_fail(&r->f, n, ST_UNSUPPORTED, err,
                     "expected a feature map as input %zu, found '%.64s'", i,
                     n->input[i]);
}

status onnx_input_floats(struct onnx_reader *r, const Onnx__NodeProto *n, size_t i,
                         const Onnx__TensorProto **tensor, float **elems, size_t *count,
                         struct err *err)
{
    const struct onnx_value *v;
    TRY(onnx_input(r, n, i, &v, err));
    if (!v->tensor)
        return onnx_fail(&r->f, n, ST_UNSUPPORTED, err,
                         "expected a constant as input %zu, found the computed '%.64s'",
                         i, n->input[i]);
    *tensor = v->tensor;
    TRY(onnx_tensor_floats(&r->f, v->tensor, elems, count, err));
    for (size_t j = 0; j < *count; j++)
        if (!isfinite((*elems)[j]))
            return onnx_fail(&r->f, n, ST_RANGE, err,
                             "expected finite numbers in '%.64s', found %g at element "
                             "%zu",
                             n->input[i], (double)(*elems)[j], j);
    return ST_OK;
}

/* How often the file reads a tensor; being an output of the graph counts. */
static int n_readers(const struct onnx_reader *r, const char *name)
{
    const Onnx__GraphProto *g = r->f.model->graph;
    int n = 0;
    for (size_t i = 0; i < g->n_node; i++)
        for (size_t j = 0; j < g->node[i]->n_input; j++)
            n += strcmp(g->node[i]->input[j], name) == 0;
    for (size_t i = 0; i < g->n_output; i++)
        n += g->output[i]->name && strcmp(g->output[i]->name, name) == 0;
    return n;
}

static status define(struct onnx_reader *r, const Onnx__NodeProto *n,
                     struct onnx_value value, struct err *err)
{
    if (n->n_output < 1 || !n->output[0][0])
        return onnx_fail(&r->f, n, ST_PARSE, err, "expected an output, found none");
    value.name = n->output[0];
    if (find_value(r, value.name))
        return onnx_fail(
            &r->f, n, ST_PARSE, err,
            "expected every tensor to be defined once, found '%.64s' again",
            value.name);
    r->values[r->n_values++] = value;
    return ST_OK;
}

/* Defines n's first output as that of graph node i_node. */
static status define_output(struct onnx_reader *r, const Onnx__NodeProto *n,
                            int32_t i_node, bool flat, bool shared, struct err *err)
{
    const bool read_twice = n->n_output > 0 && n_readers(r, n->output[0]) > 1;
    const struct onnx_value v = {
        .i_node = i_node, .flat = flat, .shared = shared || read_twice};
    return define(r, n, v, err);
}

status onnx_define_alias(struct onnx_reader *r, const Onnx__NodeProto *n,
                         const struct onnx_value *v, bool flat, struct err *err)
{
    if (v->tensor) return onnx_define_constant(r, n, v->tensor, err);
    const struct onnx_grid grid = v->grid;
    TRY(define_output(r, n, v->i_node, flat, v->shared, err));
    r->values[r->n_values - 1].grid = grid;
    return ST_OK;
}

status onnx_define_constant(struct onnx_reader *r, const Onnx__NodeProto *n,
                            const Onnx__TensorProto *tensor, struct err *err)
{
    const struct onnx_value v = {.i_node = -1, .tensor = tensor};
    return define(r, n, v, err);
}

/* ---- nodes ---- */

/* The end of a long name says more than its start.  Control characters have no place
 * in tables and messages. */
void onnx_copy_name(char *to, const char *from)
{
    const size_t length = strlen(from);
    if (length >= LAYER_NAME_MAX) from += length - (LAYER_NAME_MAX - 1);
    snprintf(to, LAYER_NAME_MAX, "%s", from);
    for (char *p = to; *p; p++)
        if ((unsigned char)*p < ' ' || *p == 0x7f) *p = '_';
}

static bool is_taken(const struct onnx_reader *r, const char *name)
{
    for (int32_t i = 0; i < r->g->n_nodes; i++)
        if (strcmp(r->g->nodes[i].name, name) == 0) return true;
    return false;
}

/* Names are optional in ONNX: nodes without one of their own are called Conv_3, by
 * operator and position. */
static void name_node(const struct onnx_reader *r, const Onnx__NodeProto *n,
                      struct nn_node *node)
{
    if (n->name) onnx_copy_name(node->name, n->name);
    if (node->name[0] && !is_taken(r, node->name)) return;
    char text[LAYER_NAME_MAX];
    snprintf(text, sizeof text, "%.40s_%d", onnx_op_type(n), r->g->n_nodes);
    onnx_copy_name(node->name, text);
}

struct nn_node *onnx_begin_node(struct onnx_reader *r, const Onnx__NodeProto *n,
                                enum nn_op op, int32_t n_inputs)
{
    struct nn_node *node = &r->g->nodes[r->g->n_nodes];
    name_node(r, n, node);
    node->op = op;
    node->n_inputs = n_inputs;
    return node;
}

status onnx_end_node(struct onnx_reader *r, const Onnx__NodeProto *n, struct err *err)
{
    const int32_t i = r->g->n_nodes;
    struct err why;
    const status st = graph_infer_node(r->g, i, &why);
    if (st != ST_OK) return err_set(err, st, "%s: %.400s", r->f.path, why.msg);
    r->g->n_nodes++;
    return define_output(r, n, i, r->g->nodes[i].op == NN_GEMM, false, err);
}

static status check_attributes(const struct onnx_reader *r, const Onnx__NodeProto *n,
                               const char *known, struct err *err)
{
    for (size_t i = 0; i < n->n_attribute; i++) {
        const char *name = n->attribute[i]->name ? n->attribute[i]->name : "";
        const size_t length = strlen(name);
        const char *p = known;
        while (*p && !(strncmp(p, name, length) == 0 && p[length] == ' '))
            p += strcspn(p, " ") + 1;
        if (!*p || !length)
            return onnx_fail(&r->f, n, ST_UNSUPPORTED, err,
                             "attribute '%.64s' is not supported", name);
        if (n->attribute[i]->ref_attr_name && n->attribute[i]->ref_attr_name[0])
            return onnx_fail(&r->f, n, ST_UNSUPPORTED, err,
                             "attribute '%.64s' refers to a function's", name);
    }
    return ST_OK;
}

/* QONNX's Quant, under the names that its writers have used. */
static bool is_quant(const Onnx__NodeProto *n, const char *domain)
{
    return strcmp(onnx_op_type(n), "Quant") == 0 &&
           (strcmp(domain, "qonnx.custom_op.general") == 0 ||
            strcmp(domain, "finn.custom_op.general") == 0 ||
            strcmp(domain, "onnx.brevitas") == 0);
}

static status read_node(struct onnx_reader *r, const Onnx__NodeProto *n,
                        struct err *err)
{
    const char *domain = onnx_domain(n);
    if (domain[0] && !is_quant(n, domain))
        return onnx_fail(&r->f, n, ST_UNSUPPORTED, err,
                         "operators of the domain '%.64s' are not supported", domain);
    for (size_t i = 0; i < sizeof op_rows / sizeof *op_rows; i++) {
        if (strcmp(op_rows[i].op, onnx_op_type(n)) != 0) continue;
        TRY(check_attributes(r, n, op_rows[i].attributes, err));
        return op_rows[i].read(r, n, err);
    }
    return onnx_fail(&r->f, n, ST_UNSUPPORTED, err, "this operator is not supported");
}

/* ---- the graph's ends ---- */

static status check_output(struct onnx_reader *r, struct err *err)
{
    const Onnx__GraphProto *g = r->f.model->graph;
    if (g->n_output != 1 || !g->output[0]->name)
        return err_set(err, ST_UNSUPPORTED, "%s: expected one output, found %zu",
                       r->f.path, g->n_output);
    const struct onnx_value *v = find_value(r, g->output[0]->name);
    if (!v || v->i_node != r->g->n_nodes - 1)
        return err_set(err, ST_UNSUPPORTED,
                       "%s: expected the last layer's output as the "
                       "network's, found '%.64s'",
                       r->f.path, g->output[0]->name);
    return ST_OK;
}

static status check_opset(const struct onnx_reader *r, struct err *err)
{
    const int64_t opset = onnx_opset(&r->f, "");
    if (onnx_opset(&r->f, "bitwright") != 0)
        return err_set(err, ST_UNSUPPORTED,
                       "%s: expected an fp32 network, found a quantised "
                       "network of ours",
                       r->f.path);
    if (opset >= OPSET_MIN && opset <= OPSET_MAX) return ST_OK;
    return err_set(err, ST_UNSUPPORTED,
                   "%s: expected an ai.onnx operator set in %d..%d, "
                   "found %lld",
                   r->f.path, OPSET_MIN, OPSET_MAX, (long long)opset);
}

static status allocate(struct onnx_reader *r, struct err *err)
{
    const Onnx__GraphProto *g = r->f.model->graph;
    r->g = ARENA_NEW(r->a, struct nn_graph, 1);
    r->values = ARENA_NEW(r->a, struct onnx_value, g->n_initializer + g->n_node + 1);
    if (r->g) r->g->nodes = ARENA_NEW(r->a, struct nn_node, g->n_node + 1);
    if (!r->g || !r->values || !r->g->nodes) return arena_exhausted(err);
    onnx_copy_name(r->g->name, g->name && g->name[0] ? g->name : "network");
    return ST_OK;
}

static status read_network(struct onnx_reader *r, struct err *err)
{
    const Onnx__GraphProto *g = r->f.model->graph;
    TRY(check_opset(r, err));
    TRY(allocate(r, err));
    for (size_t i = 0; i < g->n_initializer; i++) {
        const Onnx__TensorProto *t = g->initializer[i];
        if (!t->name || !t->name[0]) continue;
        r->values[r->n_values++] =
            (struct onnx_value){.name = t->name, .i_node = -1, .tensor = t};
    }
    TRY(onnx_read_image(r, err));
    TRY(onnx_read_metadata(r, err));
    for (size_t i = 0; i < g->n_node; i++)
        TRY(read_node(r, g->node[i], err));
    TRY(check_output(r, err));
    struct err why;
    const status st = graph_finish(r->g, r->a, &why);
    return st == ST_OK ? ST_OK : err_set(err, st, "%s: %.400s", r->f.path, why.msg);
}

status graph_load_onnx(const char *path, struct arena *a, struct nn_graph **out,
                       struct err *err)
{
    struct onnx_reader r = {.a = a};
    TRY(onnx_open(path, a, &r.f, err));
    TRY(read_network(&r, err));
    *out = r.g;
    return ST_OK;
}
