/* qnet_write.c -- writes a quantised network; the format is in nn/qnet_internal.h. */
#include "nn/onnx_build.h"
#include "nn/qnet_internal.h"

enum {
    UINT8 = ONNX__TENSOR_PROTO__DATA_TYPE__UINT8,
    INT8 = ONNX__TENSOR_PROTO__DATA_TYPE__INT8,
    INT16 = ONNX__TENSOR_PROTO__DATA_TYPE__INT16,
    INT32 = ONNX__TENSOR_PROTO__DATA_TYPE__INT32,
    INT64 = ONNX__TENSOR_PROTO__DATA_TYPE__INT64,
};

const char *qnet_op_type(enum qnet_op op)
{
    static const char *const names[] = {[QNET_INPUT] = "",
                                        [QNET_RESCALE] = "Rescale",
                                        [QNET_CONV] = "QConv",
                                        [QNET_ADD] = "QAdd",
                                        [QNET_GAP] = "QGap",
                                        [QNET_GEMM] = "QGemm",
                                        [QNET_SHORTCUT] = "QShortcut",
                                        [QNET_MAXPOOL] = "QMaxPool"};
    return names[op];
}

static const char *put_tensor(struct onnx_builder *b, const char *node,
                              const char *suffix, struct onnx_tensor_spec t)
{
    t.name = onnx_build_name(b, node, suffix);
    onnx_build_tensor(b, &t);
    return t.name;
}

/* mul and bias as inputs 1 and 2 of a Rescale, 2 and 3 of a layer. */
static void put_requant(struct onnx_builder *b, const char *node,
                        const struct requant *r, const char **inputs)
{
    inputs[0] = put_tensor(b, node, ".mul",
                           (struct onnx_tensor_spec){.type = INT32,
                                                     .elem_bytes = sizeof *r->mul,
                                                     .n_dims = 1,
                                                     .dims = {r->n},
                                                     .elems = r->mul});
    inputs[1] = put_tensor(b, node, ".bias",
                           (struct onnx_tensor_spec){.type = INT64,
                                                     .elem_bytes = sizeof *r->bias,
                                                     .n_dims = 1,
                                                     .dims = {r->n},
                                                     .elems = r->bias});
}

static void put_requant_attributes(struct onnx_builder *b, Onnx__NodeProto *n,
                                   const struct requant *r)
{
    onnx_build_int(b, n, "shift", r->shift);
    onnx_build_int(b, n, "out_bits", r->out_bits);
    onnx_build_int(b, n, "out_signed", r->out_signed);
}

static void put_border(struct onnx_builder *b, Onnx__NodeProto *n,
                       const struct qnet_layer *l)
{
    const size_t C = (size_t)l->shape.C;
    int64_t *codes = ARENA_NEW(b->a, int64_t, C);
    for (size_t c = 0; codes && c < C; c++)
        codes[c] = l->border[c];
    if (codes)
        onnx_build_ints(b, n, "border", C, codes);
    else
        b->exhausted = true;
}

static void put_layer(struct onnx_builder *b, const struct qnet_node *node,
                      const struct qnet_layer *l, const char *x, const char *out)
{
    const struct layer_shape *s = &l->shape;
    const bool is_conv = node->op == QNET_CONV;
    struct onnx_tensor_spec w = {.type = INT8, .elem_bytes = 1, .elems = l->weights};
    w.n_dims = is_conv ? 4 : 2;
    w.dims[0] = s->K;
    w.dims[1] = is_conv ? s->R : s->C;
    w.dims[2] = s->S;
    w.dims[3] = s->C / s->groups;
    const char *inputs[5] = {x, put_tensor(b, node->name, ".weight", w)};
    put_requant(b, node->name, &l->requant, &inputs[2]);
    Onnx__NodeProto *n = onnx_build_node(b, QNET_DOMAIN, qnet_op_type(node->op),
                                         node->name, inputs, out);
    if (is_conv) {
        const int64_t kernel[2] = {s->R, s->S}, strides[2] = {s->stride_h, s->stride_w};
        const int64_t pads[4] = {s->pad_top, s->pad_left, s->pad_bottom, s->pad_right};
        onnx_build_ints(b, n, "kernel_shape", 2, kernel);
        onnx_build_ints(b, n, "strides", 2, strides);
        onnx_build_ints(b, n, "pads", 4, pads);
        if (l->border) put_border(b, n, l);
        if (s->groups > 1) onnx_build_int(b, n, "group", s->groups);
    }
    onnx_build_int(b, n, "wbits", l->wbits);
    onnx_build_int(b, n, "wsigned", l->wsigned);
    onnx_build_int(b, n, "abits", l->abits);
    onnx_build_int(b, n, "asigned", l->asigned);
    put_requant_attributes(b, n, &l->requant);
}

static void put_pool(struct onnx_builder *b, Onnx__NodeProto *n,
                     const struct nn_pool *p)
{
    const int64_t kernel[2] = {p->R, p->S}, strides[2] = {p->stride_h, p->stride_w};
    const int64_t pads[4] = {p->pad_top, p->pad_left, p->pad_bottom, p->pad_right};
    onnx_build_ints(b, n, "kernel_shape", 2, kernel);
    onnx_build_ints(b, n, "strides", 2, strides);
    onnx_build_ints(b, n, "pads", 4, pads);
}

static void put_node(struct onnx_builder *b, const struct qnet *q,
                     const struct qnet_node *node, const char *const *outputs,
                     const char *out)
{
    const char *inputs[4] = {outputs[node->inputs[0]], NULL};
    if (node->op == QNET_CONV || node->op == QNET_GEMM) {
        put_layer(b, node, &q->layers[node->i_layer], inputs[0], out);
        return;
    }
    if (node->op == QNET_ADD) inputs[1] = outputs[node->inputs[1]];
    if (node->op == QNET_RESCALE)
        put_requant(b, node->name, &node->rescale, &inputs[1]);
    Onnx__NodeProto *n = onnx_build_node(b, QNET_DOMAIN, qnet_op_type(node->op),
                                         node->name, inputs, out);
    if (node->op == QNET_RESCALE) put_requant_attributes(b, n, &node->rescale);
    if (node->op == QNET_ADD) onnx_build_int(b, n, "out_signed", node->is_signed);
    if (node->op == QNET_MAXPOOL) put_pool(b, n, &node->pool);
    if (node->op != QNET_SHORTCUT) return;
    const int64_t strides[2] = {node->shortcut.stride_h, node->shortcut.stride_w};
    onnx_build_ints(b, n, "strides", 2, strides);
    onnx_build_int(b, n, "before", node->shortcut.before);
    onnx_build_int(b, n, "after", node->shortcut.after);
}

static status write_qnet(const struct qnet *q, struct arena *a, const char *path,
                         struct err *err)
{
    const struct qnet_node *in = &q->nodes[0];
    const int64_t in_dims[4] = {ONNX_BATCH, in->H, in->W, in->C};
    const int64_t out_dims[2] = {ONNX_BATCH, q->n_classes};
    const char **outputs = ARENA_NEW(a, const char *, (size_t)q->n_nodes);
    struct onnx_builder b;
    onnx_build_init(&b, a, q->name);
    if (!outputs || b.exhausted) return arena_exhausted(err);
    onnx_build_opset(&b, QNET_DOMAIN, QNET_OPSET);
    if (q->provenance) onnx_build_metadata(&b, "bitwright.provenance", q->provenance);
    onnx_build_value(&b, false, in->name, UINT8, 4, in_dims);
    outputs[0] = in->name;
    for (int32_t i = 1; i < q->n_nodes; i++) {
        outputs[i] = onnx_build_name(&b, q->nodes[i].name, ":out");
        put_node(&b, q, &q->nodes[i], outputs, outputs[i]);
    }
    onnx_build_value(&b, true, outputs[q->n_nodes - 1], INT16, 2, out_dims);
    return onnx_build_save(&b, path, err);
}

status qnet_save(const struct qnet *q, const char *path, struct err *err)
{
    struct arena *a = arena_new();
    if (!a) return arena_exhausted(err);
    const status st = write_qnet(q, a, path, err);
    arena_free(a);
    return st;
}
