/* qnet_export.c -- writes an integer network as QONNX: fp32 operators and Quant nodes.
 *
 * Between layers a value is its integer (scale 1); only a Rescale has a scale of its
 * own, 2^shift / mul.  A convolution's requantisation is a batch norm of variance 1
 * with gamma = mul / 2^shift / (scale of the input),   beta = (bias - half) / 2^shift
 * and what single precision cuts off beta goes into the mean, so that a reader gets the
 * same integers back.  The last layer's factor is the scale of its weights.  Pixel
 * codes that stand for 0 go to the metadata, as in nn/onnx_write.c.  Quant rounds
 * halves to even, the integers here round them up: other tools may differ where a sum
 * is a tie. Source: QONNX, Quant (qonnx.custom_op.general). */
#include "nn/qnet_export.h"

#include <math.h>
#include <stdio.h>

#include "nn/onnx_build.h"
#include "nn/qnet_internal.h"

enum {
    FLOAT = ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT,
    INT64 = ONNX__TENSOR_PROTO__DATA_TYPE__INT64
};

struct exporter {
    struct onnx_builder b;
    const struct qnet *q;
    const char **outputs; /* (n_nodes) */
    double *scales;       /* (n_nodes) real value of 1 of each output */
};

static const char *put_tensor(struct exporter *e, const char *node, const char *suffix,
                              int32_t type, int n_dims, const int64_t *dims,
                              const void *elems)
{
    struct onnx_tensor_spec t = {.name = onnx_build_name(&e->b, node, suffix),
                                 .type = type,
                                 .elem_bytes = type == FLOAT ? 4 : 8,
                                 .n_dims = n_dims,
                                 .elems = elems};
    for (int i = 0; i < n_dims; i++)
        t.dims[i] = dims[i];
    onnx_build_tensor(&e->b, &t);
    return t.name;
}

static float *new_floats(struct exporter *e, size_t n)
{
    float *p = ARENA_NEW(e->b.a, float, n + 1);
    if (!p) e->b.exhausted = true;
    return p;
}

static const char *put_number(struct exporter *e, const char *node, const char *suffix,
                              double value)
{
    float *p = new_floats(e, 1);
    if (!p) return "";
    *p = (float)value;
    return put_tensor(e, node, suffix, FLOAT, 0, NULL, p);
}

static const char *put_quant(struct exporter *e, const char *name, const char *x,
                             double scale, int bits, bool is_signed)
{
    const char *out = onnx_build_name(&e->b, name, ":out");
    const char *inputs[] = {x, put_number(e, name, ".scale", scale),
                            put_number(e, name, ".zero_point", 0),
                            put_number(e, name, ".bits", bits), NULL};
    Onnx__NodeProto *n =
        onnx_build_node(&e->b, "qonnx.custom_op.general", "Quant", name, inputs, out);
    onnx_build_int(&e->b, n, "signed", is_signed);
    onnx_build_int(&e->b, n, "narrow", 0);
    return out;
}

static const char *put_simple(struct exporter *e, const char *op, const char *name,
                              const char *x, const char *y)
{
    const char *out = onnx_build_name(&e->b, name, ":out");
    const char *inputs[] = {x, y, NULL};
    onnx_build_node(&e->b, "", op, name, inputs, out);
    return out;
}

/* Behind an operator: the ReLU of an unsigned grid, and the grid. */
static const char *put_grid(struct exporter *e, const char *node, const char *x,
                            int bits, bool is_signed)
{
    if (!is_signed)
        x = put_simple(e, "Relu", onnx_build_name(&e->b, node, "/relu"), x, NULL);
    return put_quant(e, onnx_build_name(&e->b, node, "/quant"), x, 1, bits, is_signed);
}

/* ---- layers ---- */

static double half_of(const struct requant *r)
{
    return r->out_bits == 1 && r->out_signed ? 0 : ldexp(1, r->shift - 1);
}

/* (K, C, R, S) codes as floats from (K, R, S, C); R = H, S = W of a flattened map. */
static const float *weights_of(struct exporter *e, const struct qnet_layer *l,
                               size_t RS, size_t C)
{
    float *w = new_floats(e, (size_t)layer_shape_weights(&l->shape));
    for (size_t k = 0; w && k < (size_t)l->shape.K; k++)
        for (size_t rs = 0; rs < RS; rs++)
            for (size_t c = 0; c < C; c++)
                w[(k * C + c) * RS + rs] = (float)l->weights[(k * RS + rs) * C + c];
    return w;
}

/* Accumulator of channel k where every pixel is one that stands for 0. */
static double zero_sum(const struct qnet_layer *l, int32_t k)
{
    const int32_t MW = layer_shape_MW(&l->shape);
    double sum = 0;
    for (int32_t i = 0; l->border && i < MW; i++)
        sum += l->weights[(size_t)k * (size_t)MW + (size_t)i] *
               (double)l->border[i % l->shape.C];
    return sum;
}

static const char *put_norm(struct exporter *e, const struct qnet_node *node,
                            const struct qnet_layer *l, double in_scale, const char *x)
{
    const struct requant *r = &l->requant;
    const size_t K = (size_t)l->shape.K;
    const int64_t dims[1] = {l->shape.K};
    float *p[4]; /* gamma, beta, mean, variance */
    for (int i = 0; i < 4; i++)
        if (!(p[i] = new_floats(e, K))) return "";
    for (size_t k = 0; k < K; k++) {
        const double gamma = ldexp(r->mul[k], -r->shift);
        const double beta = ldexp((double)r->bias[k] - half_of(r), -r->shift) +
                            gamma * zero_sum(l, (int32_t)k);
        p[0][k] = (float)(gamma / in_scale);
        p[1][k] = (float)beta;
        p[2][k] =
            p[0][k] != 0.0f ? (float)(((double)p[1][k] - beta) / (double)p[0][k]) : 0;
        p[3][k] = 1;
    }
    const char *name = onnx_build_name(&e->b, node->name, "/bn");
    const char *out = onnx_build_name(&e->b, name, ":out");
    const char *inputs[] = {x,
                            put_tensor(e, name, ".weight", FLOAT, 1, dims, p[0]),
                            put_tensor(e, name, ".bias", FLOAT, 1, dims, p[1]),
                            put_tensor(e, name, ".mean", FLOAT, 1, dims, p[2]),
                            put_tensor(e, name, ".var", FLOAT, 1, dims, p[3]),
                            NULL};
    Onnx__NodeProto *n =
        onnx_build_node(&e->b, "", "BatchNormalization", name, inputs, out);
    onnx_build_float(&e->b, n, "epsilon", 0);
    return out;
}

static const char *put_conv(struct exporter *e, const struct qnet_node *node,
                            const struct qnet_layer *l, double in_scale, const char *x)
{
    const struct layer_shape *s = &l->shape;
    const int32_t Cg = s->C / s->groups;
    const int64_t dims[4] = {s->K, Cg, s->R, s->S};
    const int64_t kernel[2] = {s->R, s->S}, strides[2] = {s->stride_h, s->stride_w};
    const int64_t pads[4] = {s->pad_top, s->pad_left, s->pad_bottom, s->pad_right};
    const float *codes = weights_of(e, l, (size_t)(s->R * s->S), (size_t)Cg);
    if (!codes) return "";
    const char *w = put_tensor(e, node->name, ".weight", FLOAT, 4, dims, codes);
    w = put_quant(e, onnx_build_name(&e->b, node->name, "/weight"), w, 1, l->wbits,
                  true);
    const char *out = onnx_build_name(&e->b, node->name, ":out");
    const char *inputs[] = {x, w, NULL};
    Onnx__NodeProto *n = onnx_build_node(&e->b, "", "Conv", node->name, inputs, out);
    onnx_build_int(&e->b, n, "group", s->groups);
    onnx_build_ints(&e->b, n, "kernel_shape", 2, kernel);
    onnx_build_ints(&e->b, n, "pads", 4, pads);
    onnx_build_ints(&e->b, n, "strides", 2, strides);
    out = put_norm(e, node, l, in_scale, out);
    return put_grid(e, node->name, out, l->requant.out_bits, l->requant.out_signed);
}

/* The last layer: its logits stay real numbers. */
static const char *put_gemm(struct exporter *e, const struct qnet_node *node,
                            const struct qnet_layer *l, double in_scale, const char *x)
{
    const struct qnet_node *map = &e->q->nodes[node->inputs[0]];
    const struct requant *r = &l->requant;
    const int64_t dims[2] = {l->shape.K, l->shape.C}, one[1] = {l->shape.K};
    const float *codes = weights_of(e, l, (size_t)(map->H * map->W), (size_t)map->C);
    float *w = new_floats(e, (size_t)layer_shape_weights(&l->shape));
    float *bias = new_floats(e, (size_t)l->shape.K);
    if (!codes || !w || !bias) return "";
    const float scale = (float)(ldexp(r->mul[0], -r->shift) / in_scale);
    for (int64_t i = 0; i < layer_shape_weights(&l->shape); i++)
        w[i] = codes[i] * scale;
    for (int32_t k = 0; k < l->shape.K; k++)
        bias[k] = (float)ldexp((double)r->bias[k] - half_of(r), -r->shift);
    const char *name = onnx_build_name(&e->b, node->name, "/weight");
    const char *weights = put_tensor(e, node->name, ".weight", FLOAT, 2, dims, w);
    weights = put_quant(e, name, weights, (double)scale, l->wbits, true);
    x = put_simple(e, "Flatten", onnx_build_name(&e->b, node->name, "/flatten"), x,
                   NULL);
    const char *out = onnx_build_name(&e->b, node->name, ":out");
    const char *inputs[] = {
        x, weights, put_tensor(e, node->name, ".bias", FLOAT, 1, one, bias), NULL};
    onnx_build_int(&e->b, onnx_build_node(&e->b, "", "Gemm", node->name, inputs, out),
                   "transB", 1);
    return out;
}

/* ---- the other nodes ---- */

static const char *put_shortcut(struct exporter *e, const struct qnet_node *node,
                                const char *x)
{
    const struct nn_shortcut *s = &node->shortcut;
    static const int64_t starts[2] = {0, 0}, ends[2] = {INT64_MAX, INT64_MAX};
    static const int64_t axes[2] = {2, 3}, two[1] = {2}, eight[1] = {8};
    int64_t *steps = ARENA_NEW(e->b.a, int64_t, 2),
            *pads = ARENA_NEW(e->b.a, int64_t, 8);
    if (!steps || !pads) {
        e->b.exhausted = true;
        return "";
    }
    steps[0] = s->stride_h;
    steps[1] = s->stride_w;
    pads[1] = s->before;
    pads[5] = s->after;
    const char *name = onnx_build_name(&e->b, node->name, "/slice");
    const char *out = onnx_build_name(&e->b, name, ":out");
    const char *inputs[] = {x,
                            put_tensor(e, name, ".starts", INT64, 1, two, starts),
                            put_tensor(e, name, ".ends", INT64, 1, two, ends),
                            put_tensor(e, name, ".axes", INT64, 1, two, axes),
                            put_tensor(e, name, ".steps", INT64, 1, two, steps),
                            NULL};
    onnx_build_node(&e->b, "", "Slice", name, inputs, out);
    return put_simple(e, "Pad", node->name, out,
                      put_tensor(e, node->name, ".pads", INT64, 1, eight, pads));
}

static const char *put_pool(struct exporter *e, const struct qnet_node *node,
                            const char *x)
{
    const struct nn_pool *p = &node->pool;
    const int64_t kernel[2] = {p->R, p->S}, strides[2] = {p->stride_h, p->stride_w};
    const int64_t pads[4] = {p->pad_top, p->pad_left, p->pad_bottom, p->pad_right};
    const char *out = onnx_build_name(&e->b, node->name, ":out");
    const char *inputs[] = {x, NULL};
    Onnx__NodeProto *n = onnx_build_node(&e->b, "", "MaxPool", node->name, inputs, out);
    onnx_build_ints(&e->b, n, "kernel_shape", 2, kernel);
    onnx_build_ints(&e->b, n, "pads", 4, pads);
    onnx_build_ints(&e->b, n, "strides", 2, strides);
    return out;
}

static const char *put_node(struct exporter *e, int32_t i)
{
    const struct qnet_node *node = &e->q->nodes[i];
    const int32_t from = node->inputs[0];
    const struct qnet_node *in = &e->q->nodes[from];
    const struct qnet_layer *l =
        node->i_layer >= 0 ? &e->q->layers[node->i_layer] : NULL;
    const char *x = e->outputs[from];
    e->scales[i] = 1;
    switch (node->op) {
    case QNET_INPUT:
        return node->name;
    case QNET_RESCALE:
        e->scales[i] =
            e->scales[from] * ldexp(1, node->rescale.shift) / node->rescale.mul[0];
        return put_quant(e, node->name, x, e->scales[i], node->bits, node->is_signed);
    case QNET_CONV:
        return put_conv(e, node, l, e->scales[from], x);
    case QNET_GEMM:
        return put_gemm(e, node, l, e->scales[from], x);
    case QNET_ADD:
        return put_grid(
            e, node->name,
            put_simple(e, "Add", node->name, x, e->outputs[node->inputs[1]]),
            node->bits, node->is_signed);
    case QNET_GAP: /* a mean there, a sum here */
        e->scales[i] = 1.0 / (in->H * in->W);
        return put_simple(e, "GlobalAveragePool", node->name, x, NULL);
    case QNET_SHORTCUT:
        return put_shortcut(e, node, x);
    case QNET_MAXPOOL:
        return put_pool(e, node, x);
    }
    return "";
}

/* ---- what Quant cannot express ---- */

static status check_node(const struct qnet *q, int32_t i, struct err *err)
{
    const struct qnet_node *node = &q->nodes[i];
    const struct qnet_layer *l = node->i_layer >= 0 ? &q->layers[node->i_layer] : NULL;
    const char *why = NULL;
    if (l && l->wbits == 1) why = "bipolar weights of 1 bit";
    if (node->bits == 1 && node->is_signed) why = "a bipolar output of 1 bit";
    for (int32_t k = 1; l && node->op == QNET_GEMM && k < l->shape.K; k++)
        if (l->requant.mul[k] != l->requant.mul[0]) why = "a factor per class";
    if (node->op == QNET_RESCALE &&
        (node->rescale.mul[0] <= 0 ||
         (double)node->rescale.bias[0] != half_of(&node->rescale)))
        why = "a rescale with an offset";
    for (int32_t k = 0;
         node->op == QNET_RESCALE && node->inputs[0] == 0 && k < q->n_layers; k++)
        if (q->layers[k].border) why = "normalised pixels of fewer than 8 bits";
    if (!why) return ST_OK;
    return err_set(err, ST_UNSUPPORTED,
                   "node '%s': expected what a Quant node can express, found %s",
                   node->name, why);
}

static void put_metadata(struct exporter *e)
{
    const uint8_t *border = NULL;
    const size_t C = (size_t)e->q->nodes[0].C, size = 5 * C + 1;
    for (int32_t l = 0; l < e->q->n_layers; l++)
        if (e->q->layers[l].border) border = e->q->layers[l].border;
    onnx_build_metadata(&e->b, "bitwright.input_scale", "1");
    if (!border) return;
    char *text = ARENA_NEW(e->b.a, char, size);
    size_t at = 0;
    for (size_t c = 0; text && c < C; c++)
        at += (size_t)snprintf(text + at, size - at, "%s%d", c ? "," : "", border[c]);
    if (text)
        onnx_build_metadata(&e->b, "bitwright.input_zero", text);
    else
        e->b.exhausted = true;
}

static status export(struct exporter *e, struct arena *a, const char *path,
                     struct err *err)
{
    const struct qnet *q = e->q;
    const struct qnet_node *in = &q->nodes[0];
    const int64_t in_dims[4] = {ONNX_BATCH, in->C, in->H, in->W};
    const int64_t out_dims[2] = {ONNX_BATCH, q->n_classes};
    onnx_build_init(&e->b, a, q->name);
    e->outputs = ARENA_NEW(a, const char *, (size_t)q->n_nodes);
    e->scales = ARENA_NEW(a, double, (size_t)q->n_nodes);
    if (!e->outputs || !e->scales || e->b.exhausted) return arena_exhausted(err);
    for (int32_t i = 0; i < q->n_nodes; i++)
        TRY(check_node(q, i, err));
    onnx_build_opset(&e->b, "", 13);
    onnx_build_opset(&e->b, "qonnx.custom_op.general", 1);
    put_metadata(e);
    if (q->provenance)
        onnx_build_metadata(&e->b, "bitwright.provenance", q->provenance);
    onnx_build_value(&e->b, false, in->name, FLOAT, 4, in_dims);
    for (int32_t i = 0; i < q->n_nodes; i++)
        e->outputs[i] = put_node(e, i);
    onnx_build_value(&e->b, true, e->outputs[q->n_nodes - 1], FLOAT, 2, out_dims);
    return onnx_build_save(&e->b, path, err);
}

status qnet_export_qonnx(const struct qnet *q, const char *path, struct err *err)
{
    struct arena *a = arena_new();
    if (!a) return arena_exhausted(err);
    struct exporter e = {.q = q};
    const status st = export(&e, a, path, err);
    arena_free(a);
    return st;
}
