/* onnx_read_layers.c -- operators with arithmetic: Conv, BatchNormalization, Gemm,
 * MatMul, Add, Relu.
 *
 * A batch norm, a bias or a ReLU joins the node whose output it reads, which is right
 * only if nothing else reads that output. */
#include <string.h>

#include "nn/onnx_read_internal.h"

/* ---- Conv ---- */

/* Total padding of one side pair for SAME: the output has ceil(size / stride). */
static void pad_same(int32_t size, int32_t kernel, int32_t stride, bool upper,
                     int32_t *begin, int32_t *end)
{
    const int64_t n_out = ((int64_t)size + stride - 1) / stride;
    int64_t total = (n_out - 1) * stride + kernel - size;
    if (total < 0) total = 0;
    if (total > 62) total = 63; /* out of bounds in any case: refused later */
    const int32_t small = (int32_t)(total / 2), large = (int32_t)(total - total / 2);
    *begin = upper ? small : large;
    *end = upper ? large : small;
}

status onnx_read_pads(struct onnx_reader *r, const Onnx__NodeProto *n,
                      struct onnx_window *w, struct err *err)
{
    int32_t *pads = w->pads;
    const char *mode = "NOTSET";
    memset(w->pads, 0, sizeof w->pads);
    TRY(onnx_attribute_ints(&r->f, n, "pads", 4, pads, err));
    TRY(onnx_attribute_text(&r->f, n, "auto_pad", &mode, err));
    const bool upper = strcmp(mode, "SAME_UPPER") == 0;
    if (upper || strcmp(mode, "SAME_LOWER") == 0) {
        if (w->stride_h < 1 || w->stride_w < 1)
            return onnx_fail(&r->f, n, ST_RANGE, err,
                             "expected strides of at least 1, found %d and %d",
                             w->stride_h, w->stride_w);
        pad_same(w->H, w->R, w->stride_h, upper, &pads[0], &pads[2]);
        pad_same(w->W, w->S, w->stride_w, upper, &pads[1], &pads[3]);
    } else if (strcmp(mode, "VALID") == 0) {
        memset(w->pads, 0, sizeof w->pads);
    } else if (strcmp(mode, "NOTSET") != 0) {
        return onnx_fail(&r->f, n, ST_PARSE, err,
                         "expected auto_pad NOTSET, VALID, SAME_UPPER or SAME_LOWER, "
                         "found '%.32s'",
                         mode);
    }
    return ST_OK;
}

static status read_conv_pads(struct onnx_reader *r, const Onnx__NodeProto *n,
                             const struct nn_node *x, struct layer_shape *l,
                             struct err *err)
{
    struct onnx_window w = {x->H, x->W, l->R, l->S, l->stride_h, l->stride_w, {0}};
    TRY(onnx_read_pads(r, n, &w, err));
    l->pad_top = w.pads[0];
    l->pad_left = w.pads[1];
    l->pad_bottom = w.pads[2];
    l->pad_right = w.pads[3];
    return ST_OK;
}

static status read_conv_shape(struct onnx_reader *r, const Onnx__NodeProto *n,
                              const Onnx__TensorProto *w, struct nn_node *node,
                              struct err *err)
{
    const struct nn_node *x = &r->g->nodes[node->inputs[0]];
    struct layer_shape *l = &node->shape;
    int64_t group = 1;
    int32_t strides[2] = {1, 1}, dilations[2] = {1, 1};
    TRY(onnx_attribute_int(&r->f, n, "group", &group, err));
    TRY(onnx_attribute_ints(&r->f, n, "strides", 2, strides, err));
    TRY(onnx_attribute_ints(&r->f, n, "dilations", 2, dilations, err));
    if (group < 1 || group > x->C || x->C % group)
        return onnx_fail(&r->f, n, ST_RANGE, err,
                         "expected a group that divides the %d in-channels, found %lld",
                         x->C, (long long)group);
    if (dilations[0] != 1 || dilations[1] != 1)
        return onnx_fail(&r->f, n, ST_UNSUPPORTED, err,
                         "expected dilations of 1, found %d and %d", dilations[0],
                         dilations[1]);
    if (w->n_dims != 4 || w->dims[1] != x->C / group)
        return onnx_fail(
            &r->f, n, ST_PARSE, err,
            "expected weights of four dimensions with %lld in-channels, found "
            "%zu dimensions and %lld",
            (long long)(x->C / group), w->n_dims,
            (long long)(w->n_dims > 1 ? w->dims[1] : 0));
    l->groups = (int32_t)group;
    l->K = (int32_t)w->dims[0];
    l->R = (int32_t)w->dims[2];
    l->S = (int32_t)w->dims[3];
    l->stride_h = strides[0];
    l->stride_w = strides[1];
    int32_t kernel[2] = {l->R, l->S};
    TRY(onnx_attribute_ints(&r->f, n, "kernel_shape", 2, kernel, err));
    if (kernel[0] != l->R || kernel[1] != l->S)
        return onnx_fail(&r->f, n, ST_PARSE, err,
                         "expected a kernel_shape of %dx%d as the weights have, found "
                         "%dx%d",
                         l->R, l->S, kernel[0], kernel[1]);
    return read_conv_pads(r, n, x, l, err);
}

/* (K, R, S, C) from (K, C, R, S), RS = R * S; in arena, NULL on exhaustion. */
static float *to_krsc(const float *in, size_t K, size_t C, size_t RS, struct arena *a)
{
    float *out = ARENA_NEW(a, float, K *C *RS);
    for (size_t k = 0; out && k < K; k++)
        for (size_t c = 0; c < C; c++)
            for (size_t rs = 0; rs < RS; rs++)
                out[(k * RS + rs) * C + c] = in[(k * C + c) * RS + rs];
    return out;
}

/* K biases from input i, which may have leading and trailing dimensions of 1. */
static status read_bias(struct onnx_reader *r, const Onnx__NodeProto *n, size_t i,
                        int32_t K, float **out, struct err *err)
{
    const Onnx__TensorProto *t;
    size_t count;
    TRY(onnx_input_floats(r, n, i, &t, out, &count, err));
    if (count == (size_t)K) return ST_OK;
    return onnx_fail(&r->f, n, ST_UNSUPPORTED, err,
                     "expected one bias per output channel, %d, found %zu", K, count);
}

status onnx_read_conv(struct onnx_reader *r, const Onnx__NodeProto *n, struct err *err)
{
    const struct onnx_value *x, *weights;
    const Onnx__TensorProto *w;
    float *elems;
    size_t count;
    TRY(onnx_input_map(r, n, 0, &x, err));
    TRY(onnx_input_floats(r, n, 1, &w, &elems, &count, err));
    TRY(onnx_input(r, n, 1, &weights, err));
    struct nn_node *node = onnx_begin_node(r, n, NN_CONV, 1);
    node->inputs[0] = x->i_node;
    onnx_set_given(node, x, weights);
    TRY(read_conv_shape(r, n, w, node, err));
    if (onnx_has_input(n, 2)) TRY(read_bias(r, n, 2, node->shape.K, &node->bias, err));
    TRY(onnx_end_node(r, n, err));
    const struct layer_shape *l = &node->shape;
    node->weights = to_krsc(elems, (size_t)l->K, (size_t)(l->C / l->groups),
                            (size_t)l->R * (size_t)l->S, r->a);
    return node->weights ? ST_OK : arena_exhausted(err);
}

/* ---- what joins the node before it ---- */

static status cannot_join(struct onnx_reader *r, const Onnx__NodeProto *n,
                          const char *what, const struct nn_node *node, struct err *err)
{
    return onnx_fail(&r->f, n, ST_UNSUPPORTED, err, "expected %s, found '%s' (%s)",
                     what, node->name, graph_op_name(node->op));
}

static status read_channel_vector(struct onnx_reader *r, const Onnx__NodeProto *n,
                                  size_t i, int32_t C, float **out, struct err *err)
{
    const Onnx__TensorProto *t;
    size_t count;
    TRY(onnx_input_floats(r, n, i, &t, out, &count, err));
    if (count == (size_t)C) return ST_OK;
    return onnx_fail(&r->f, n, ST_PARSE, err,
                     "expected %d elements in input %zu, one per channel, found %zu", C,
                     i, count);
}

/* The batch norm's parameters; a bias before it is taken off the mean. */
static status read_norm(struct onnx_reader *r, const Onnx__NodeProto *n,
                        struct nn_node *node, struct err *err)
{
    const int32_t C = node->C;
    struct nn_batch_norm *bn = ARENA_NEW(r->a, struct nn_batch_norm, 1);
    if (!bn) return arena_exhausted(err);
    bn->eps = 1e-5f;
    TRY(onnx_attribute_float(&r->f, n, "epsilon", &bn->eps, err));
    TRY(read_channel_vector(r, n, 1, C, &bn->gamma, err));
    TRY(read_channel_vector(r, n, 2, C, &bn->beta, err));
    TRY(read_channel_vector(r, n, 3, C, &bn->mean, err));
    TRY(read_channel_vector(r, n, 4, C, &bn->var, err));
    for (int32_t c = 0; c < C; c++) {
        if (!(bn->var[c] + bn->eps > 0))
            return onnx_fail(&r->f, n, ST_RANGE, err,
                             "expected a positive variance, found %g in channel %d",
                             (double)bn->var[c], c);
        if (node->bias) bn->mean[c] -= node->bias[c];
    }
    node->bias = NULL;
    node->bn = bn;
    return ST_OK;
}

status onnx_read_batch_norm(struct onnx_reader *r, const Onnx__NodeProto *n,
                            struct err *err)
{
    const struct onnx_value *x;
    int64_t training = 0;
    TRY(onnx_input_map(r, n, 0, &x, err));
    TRY(onnx_attribute_int(&r->f, n, "training_mode", &training, err));
    if (training || n->n_output > 1)
        return onnx_fail(&r->f, n, ST_UNSUPPORTED, err,
                         "expected the inference form, found the training form");
    TRY(onnx_check_real(r, n, x, false, err));
    struct nn_node *node = &r->g->nodes[x->i_node];
    if (node->op != NN_CONV || node->bn || node->relu || x->shared)
        return cannot_join(r, n, "the output of a convolution that nothing else reads",
                           node, err);
    TRY(read_norm(r, n, node, err));
    return onnx_define_alias(r, n, x, false, err);
}

status onnx_read_relu(struct onnx_reader *r, const Onnx__NodeProto *n, struct err *err)
{
    const struct onnx_value *x;
    TRY(onnx_input_map(r, n, 0, &x, err));
    TRY(onnx_check_real(r, n, x, false, err));
    struct nn_node *node = &r->g->nodes[x->i_node];
    if (!node->relu) { /* twice is as good as once */
        if ((node->op != NN_CONV && node->op != NN_ADD) || x->shared)
            return cannot_join(r, n,
                               "the output of a convolution or an addition that "
                               "nothing else reads",
                               node, err);
        node->relu = true;
    }
    return onnx_define_alias(r, n, x, false, err);
}

/* ---- fully connected ---- */

/* Weights (K, C) with C in ONNX's order (c, h, w), from (K, C) or (C, K). */
static status set_gemm_weights(struct onnx_reader *r, struct nn_node *node,
                               const float *w, bool transposed, struct err *err)
{
    const struct nn_node *x = &r->g->nodes[node->inputs[0]];
    const size_t K = (size_t)node->shape.K, C = (size_t)node->shape.C;
    if (!transposed) {
        float *kc = ARENA_NEW(r->a, float, K *C);
        if (!kc) return arena_exhausted(err);
        for (size_t k = 0; k < K; k++)
            for (size_t c = 0; c < C; c++)
                kc[k * C + c] = w[c * K + k];
        w = kc;
    }
    node->weights = to_krsc(w, K, (size_t)x->C, (size_t)x->H * (size_t)x->W, r->a);
    return node->weights ? ST_OK : arena_exhausted(err);
}

/* The layer y = x W' with W' (K, C) if transposed, else (C, K); bias input 2. */
static status read_dense(struct onnx_reader *r, const Onnx__NodeProto *n,
                         bool transposed, struct err *err)
{
    const struct onnx_value *x, *weights;
    const Onnx__TensorProto *w;
    float *elems;
    size_t count;
    TRY(onnx_input(r, n, 0, &x, err));
    if (x->i_node < 0 || !x->flat)
        return onnx_fail(&r->f, n, ST_UNSUPPORTED, err,
                         "expected a flattened feature map as input 0, found '%.64s'",
                         n->input[0]);
    TRY(onnx_input_floats(r, n, 1, &w, &elems, &count, err));
    if (w->n_dims != 2)
        return onnx_fail(&r->f, n, ST_UNSUPPORTED, err,
                         "expected weights of two dimensions, found %zu", w->n_dims);
    TRY(onnx_input(r, n, 1, &weights, err));
    struct nn_node *node = onnx_begin_node(r, n, NN_GEMM, 1);
    node->inputs[0] = x->i_node;
    onnx_set_given(node, x, weights);
    node->shape.K = (int32_t)w->dims[transposed ? 0 : 1];
    const struct nn_node *map = &r->g->nodes[x->i_node];
    const int64_t C = (int64_t)map->H * map->W * map->C;
    if (w->dims[transposed ? 1 : 0] != C)
        return onnx_fail(&r->f, n, ST_PARSE, err,
                         "expected weights for %lld inputs, found %lld", (long long)C,
                         (long long)w->dims[transposed ? 1 : 0]);
    if (onnx_has_input(n, 2)) TRY(read_bias(r, n, 2, node->shape.K, &node->bias, err));
    TRY(onnx_end_node(r, n, err));
    return set_gemm_weights(r, node, elems, transposed, err);
}

status onnx_read_gemm(struct onnx_reader *r, const Onnx__NodeProto *n, struct err *err)
{
    int64_t trans_a = 0, trans_b = 0;
    float alpha = 1, beta = 1;
    TRY(onnx_attribute_int(&r->f, n, "transA", &trans_a, err));
    TRY(onnx_attribute_int(&r->f, n, "transB", &trans_b, err));
    TRY(onnx_attribute_float(&r->f, n, "alpha", &alpha, err));
    TRY(onnx_attribute_float(&r->f, n, "beta", &beta, err));
    if (trans_a != 0 || alpha != 1.0f || beta != 1.0f)
        return onnx_fail(&r->f, n, ST_UNSUPPORTED, err,
                         "expected transA 0, alpha 1, beta 1, found %lld, %g, %g",
                         (long long)trans_a, (double)alpha, (double)beta);
    return read_dense(r, n, trans_b != 0, err);
}

status onnx_read_matmul(struct onnx_reader *r, const Onnx__NodeProto *n,
                        struct err *err)
{
    return read_dense(r, n, false, err);
}

/* ---- Add ---- */

/* x + constant: the bias of the layer before it. */
static status read_bias_add(struct onnx_reader *r, const Onnx__NodeProto *n,
                            const struct onnx_value *x, size_t i_constant,
                            struct err *err)
{
    TRY(onnx_check_real(r, n, x, false, err));
    struct nn_node *node = &r->g->nodes[x->i_node];
    const bool takes_bias = node->op == NN_GEMM || node->op == NN_CONV;
    if (!takes_bias || node->bias || node->bn || node->relu || x->shared)
        return cannot_join(r, n, "a constant to be the bias of a layer without one",
                           node, err);
    const Onnx__TensorProto *t;
    float *bias;
    size_t count;
    TRY(onnx_input_floats(r, n, i_constant, &t, &bias, &count, err));
    /* Broadcasting: channels are the last dimension of a flat value, else dim -3. */
    const size_t tail = x->flat ? 1 : 3;
    const bool fits = count == (size_t)node->C && t->n_dims >= tail &&
                      t->dims[t->n_dims - tail] == node->C;
    if (!fits)
        return onnx_fail(
            &r->f, n, ST_UNSUPPORTED, err,
            "expected a constant with one element per channel, %d, found %zu "
            "elements",
            node->C, count);
    node->bias = bias;
    return onnx_define_alias(r, n, x, x->flat, err);
}

status onnx_read_add(struct onnx_reader *r, const Onnx__NodeProto *n, struct err *err)
{
    const struct onnx_value *x, *y;
    if (n->n_input != 2)
        return onnx_fail(&r->f, n, ST_UNSUPPORTED, err,
                         "expected two operands, found %zu", n->n_input);
    TRY(onnx_input(r, n, 0, &x, err));
    TRY(onnx_input(r, n, 1, &y, err));
    if (x->tensor && y->tensor) return onnx_read_arithmetic(r, n, err);
    if (x->i_node >= 0 && y->tensor) return read_bias_add(r, n, x, 1, err);
    if (y->i_node >= 0 && x->tensor) return read_bias_add(r, n, y, 0, err);
    TRY(onnx_input_map(r, n, 0, &x, err));
    TRY(onnx_input_map(r, n, 1, &y, err));
    TRY(onnx_check_real(r, n, x, true, err));
    TRY(onnx_check_real(r, n, y, true, err));
    struct nn_node *node = onnx_begin_node(r, n, NN_ADD, 2);
    node->inputs[0] = x->i_node;
    node->inputs[1] = y->i_node;
    return onnx_end_node(r, n, err);
}
