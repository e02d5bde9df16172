/* onnx_read_pool.c -- max pools, and clips as upper ends of ReLUs.
 *
 * ONNX lets an output row start in the padding behind the image (ceil_mode): padding at
 * that end makes the plain formula give as many rows, and takes part in no maximum. */
#include <math.h>
#include <string.h>

#include "nn/onnx_read_internal.h"

/* ---- MaxPool ---- */

/* Padding at the end for which rows rounded down are those that ceil_mode asks for. */
static int32_t pad_for_ceil(int32_t size, int32_t before, int32_t after, int32_t kernel,
                            int32_t stride)
{
    const int64_t span = (int64_t)size + before + after - kernel;
    if (stride < 1 || span < 0 || span % stride == 0) return after;
    const int64_t n = span / stride + 2;                          /* rounded up */
    if ((n - 1) * stride >= (int64_t)size + before) return after; /* starts behind it */
    return after + (int32_t)(stride - span % stride);
}

static status read_window(struct onnx_reader *r, const Onnx__NodeProto *n,
                          const struct nn_node *x, struct nn_pool *p, struct err *err)
{
    int32_t kernel[2] = {0, 0}, strides[2] = {1, 1}, dilations[2] = {1, 1};
    struct onnx_window w = {.H = x->H, .W = x->W};
    int64_t ceil_mode = 0, order = 0;
    TRY(onnx_attribute_ints(&r->f, n, "kernel_shape", 2, kernel, err));
    TRY(onnx_attribute_ints(&r->f, n, "strides", 2, strides, err));
    TRY(onnx_attribute_ints(&r->f, n, "dilations", 2, dilations, err));
    TRY(onnx_attribute_int(&r->f, n, "ceil_mode", &ceil_mode, err));
    TRY(onnx_attribute_int(&r->f, n, "storage_order", &order, err));
    if (dilations[0] != 1 || dilations[1] != 1 || n->n_output > 1)
        return onnx_fail(&r->f, n, ST_UNSUPPORTED, err,
                         "expected dilations of 1 and one output, found %d, %d and %zu",
                         dilations[0], dilations[1], n->n_output);
    w.R = p->R = kernel[0];
    w.S = p->S = kernel[1];
    w.stride_h = p->stride_h = strides[0];
    w.stride_w = p->stride_w = strides[1];
    TRY(onnx_read_pads(r, n, &w, err));
    p->pad_top = w.pads[0];
    p->pad_left = w.pads[1];
    p->pad_bottom = w.pads[2];
    p->pad_right = w.pads[3];
    if (!ceil_mode) return ST_OK;
    p->pad_bottom = pad_for_ceil(x->H, p->pad_top, p->pad_bottom, p->R, p->stride_h);
    p->pad_right = pad_for_ceil(x->W, p->pad_left, p->pad_right, p->S, p->stride_w);
    return ST_OK;
}

status onnx_read_max_pool(struct onnx_reader *r, const Onnx__NodeProto *n,
                          struct err *err)
{
    const struct onnx_value *x;
    TRY(onnx_input_map(r, n, 0, &x, err));
    TRY(onnx_check_real(r, n, x, true, err));
    const int32_t i_x = x->i_node;
    struct nn_pool pool = {0};
    TRY(read_window(r, n, &r->g->nodes[i_x], &pool, err));
    struct nn_node *node = onnx_begin_node(r, n, NN_MAXPOOL, 1);
    node->inputs[0] = i_x;
    node->pool = pool;
    return onnx_end_node(r, n, err);
}

/* ---- Clip ---- */

/* Limit of a Clip: the attribute of operator sets up to 10, or a constant input. */
static status read_limit(struct onnx_reader *r, const Onnx__NodeProto *n,
                         const char *name, size_t i, float *out, struct err *err)
{
    const Onnx__TensorProto *t;
    float *elems;
    size_t count;
    TRY(onnx_attribute_float(&r->f, n, name, out, err));
    if (!onnx_has_input(n, i)) return ST_OK;
    TRY(onnx_input_floats(r, n, i, &t, &elems, &count, err));
    if (count != 1)
        return onnx_fail(&r->f, n, ST_PARSE, err,
                         "expected one number as '%s', found %zu", name, count);
    *out = elems[0];
    return ST_OK;
}

/* A Clip from 0 up is a ReLU with an upper end: ReLU6 and its kin. */
status onnx_read_clip(struct onnx_reader *r, const Onnx__NodeProto *n, struct err *err)
{
    const struct onnx_value *x;
    float lo = -INFINITY, hi = INFINITY;
    TRY(onnx_input_map(r, n, 0, &x, err));
    const int32_t i_x = x->i_node;
    TRY(read_limit(r, n, "min", 1, &lo, err));
    TRY(read_limit(r, n, "max", 2, &hi, err));
    if (lo != 0.0f || !(hi > 0.0f))
        return onnx_fail(&r->f, n, ST_UNSUPPORTED, err,
                         "expected a clip from 0 to a positive number, as ReLU6 is, "
                         "found %g to %g",
                         (double)lo, (double)hi);
    TRY(onnx_read_relu(r, n, err));
    struct nn_node *node = &r->g->nodes[i_x];
    const bool has_end = hi < 3.4e38f; /* exporters write the largest float for none */
    if (has_end && !(node->clip > 0 && node->clip <= hi)) node->clip = hi;
    return ST_OK;
}
