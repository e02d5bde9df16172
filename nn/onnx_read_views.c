/* onnx_read_views.c -- operators without weights: pooling over the whole map, and
 * those that only rename or flatten a value. */
#include <string.h>

#include "nn/onnx_read_internal.h"

enum { FLOAT = ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT };

/* ---- pooling ---- */

/* The graph node of a pool; a pool without kept dimensions gives a flat value. */
static status make_pool(struct onnx_reader *r, const Onnx__NodeProto *n,
                        const struct onnx_value *x, bool flat, struct err *err)
{
    TRY(onnx_check_real(r, n, x, true, err));
    struct nn_node *node = onnx_begin_node(r, n, NN_GAP, 1);
    node->inputs[0] = x->i_node;
    TRY(onnx_end_node(r, n, err));
    r->values[r->n_values - 1].flat = flat;
    return ST_OK;
}

status onnx_read_global_pool(struct onnx_reader *r, const Onnx__NodeProto *n,
                             struct err *err)
{
    const struct onnx_value *x;
    TRY(onnx_input_map(r, n, 0, &x, err));
    return make_pool(r, n, x, false, err);
}

/* A pool with a kernel of one pixel takes samples. */
static status read_samples(struct onnx_reader *r, const Onnx__NodeProto *n,
                           const struct onnx_value *x, const int32_t *strides,
                           struct err *err)
{
    if (strides[0] < 1 || strides[0] > 16 || strides[1] < 1 || strides[1] > 16)
        return onnx_fail(&r->f, n, ST_RANGE, err,
                         "expected strides of 1 to 16, found %d and %d", strides[0],
                         strides[1]);
    const struct nn_shortcut s = {strides[0], strides[1], 0, 0};
    return onnx_shortcut(r, n, x, &s, err);
}

status onnx_read_average_pool(struct onnx_reader *r, const Onnx__NodeProto *n,
                              struct err *err)
{
    const struct onnx_value *x;
    int32_t kernel[2] = {0, 0}, pads[4] = {0, 0, 0, 0}, strides[2] = {1, 1};
    const char *mode = "NOTSET";
    TRY(onnx_input_map(r, n, 0, &x, err));
    TRY(onnx_attribute_ints(&r->f, n, "kernel_shape", 2, kernel, err));
    TRY(onnx_attribute_ints(&r->f, n, "pads", 4, pads, err));
    TRY(onnx_attribute_text(&r->f, n, "auto_pad", &mode, err));
    TRY(onnx_attribute_ints(&r->f, n, "strides", 2, strides, err));
    const struct nn_node *map = &r->g->nodes[x->i_node];
    const bool one_pixel = kernel[0] == 1 && kernel[1] == 1;
    if (!one_pixel && (kernel[0] != map->H || kernel[1] != map->W))
        return onnx_fail(&r->f, n, ST_UNSUPPORTED, err,
                         "expected a kernel of the whole map, %dx%d, found %dx%d",
                         map->H, map->W, kernel[0], kernel[1]);
    if (pads[0] || pads[1] || pads[2] || pads[3] || strncmp(mode, "SAME", 4) == 0)
        return onnx_fail(&r->f, n, ST_UNSUPPORTED, err,
                         "expected no padding, found some");
    if (one_pixel && (map->H > 1 || map->W > 1))
        return read_samples(r, n, x, strides, err);
    return make_pool(r, n, x, false, err);
}

status onnx_read_reduce_mean(struct onnx_reader *r, const Onnx__NodeProto *n,
                             struct err *err)
{
    const struct onnx_value *x;
    int32_t axes[2] = {0, 0};
    int64_t keepdims = 1;
    TRY(onnx_input_map(r, n, 0, &x, err));
    const Onnx__AttributeProto *attribute = onnx_attribute(n, "axes");
    if (attribute && attribute->n_ints == 2)
        TRY(onnx_attribute_ints(&r->f, n, "axes", 2, axes, err));
    TRY(onnx_attribute_int(&r->f, n, "keepdims", &keepdims, err));
    for (int i = 0; i < 2; i++)
        if (axes[i] < 0) axes[i] += 4;
    const int32_t first = axes[0] < axes[1] ? axes[0] : axes[1];
    const int32_t second = axes[0] < axes[1] ? axes[1] : axes[0];
    if (first != 2 || second != 3)
        return onnx_fail(
            &r->f, n, ST_UNSUPPORTED, err,
            "expected the axes of rows and columns, 2 and 3, found others");
    return make_pool(r, n, x, keepdims == 0, err);
}

/* ---- views ---- */

status onnx_read_flatten(struct onnx_reader *r, const Onnx__NodeProto *n,
                         struct err *err)
{
    const struct onnx_value *x;
    int64_t axis = 1;
    TRY(onnx_input(r, n, 0, &x, err));
    TRY(onnx_attribute_int(&r->f, n, "axis", &axis, err));
    if (x->i_node < 0 || (axis != 1 && axis != (x->flat ? -1 : -3)))
        return onnx_fail(
            &r->f, n, ST_UNSUPPORTED, err,
            "expected a feature map flattened from axis 1, found axis %lld",
            (long long)axis);
    return onnx_define_alias(r, n, x, true, err);
}

/* Of a map only (N, C, H, W) -> (N, C * H * W). */
status onnx_read_reshape(struct onnx_reader *r, const Onnx__NodeProto *n,
                         struct err *err)
{
    const struct onnx_value *x, *shape;
    int64_t *dims;
    size_t n_dims;
    TRY(onnx_input(r, n, 0, &x, err));
    TRY(onnx_input(r, n, 1, &shape, err));
    if (x->tensor && shape->tensor) return onnx_reshape_ints(r, n, err);
    if (x->i_node < 0 || !shape->tensor)
        return onnx_fail(
            &r->f, n, ST_UNSUPPORTED, err,
            "expected a feature map and a constant shape, found a computed "
            "shape or a constant");
    TRY(onnx_tensor_i64(&r->f, shape->tensor, &dims, &n_dims, err));
    const struct nn_node *map = &r->g->nodes[x->i_node];
    const int64_t size = (int64_t)map->H * map->W * map->C;
    const bool rest =
        n_dims == 2 && (dims[1] == size || (dims[1] == -1 && dims[0] != -1));
    if (!rest || dims[0] < -1)
        return onnx_fail(&r->f, n, ST_UNSUPPORTED, err,
                         "expected a reshape to (N, %lld), found another shape",
                         (long long)size);
    return onnx_define_alias(r, n, x, true, err);
}

status onnx_read_identity(struct onnx_reader *r, const Onnx__NodeProto *n,
                          struct err *err)
{
    const struct onnx_value *x;
    TRY(onnx_input(r, n, 0, &x, err));
    return onnx_define_alias(r, n, x, x->flat, err);
}

/* At inference a dropout passes its input on; the mask is not defined. */
status onnx_read_dropout(struct onnx_reader *r, const Onnx__NodeProto *n,
                         struct err *err)
{
    if (onnx_has_input(n, 2))
        return onnx_fail(&r->f, n, ST_UNSUPPORTED, err,
                         "expected the inference form, found an input training_mode");
    return onnx_read_identity(r, n, err);
}

/* ---- Constant ---- */

/* A tensor of one dimension (none if scalar) over an attribute's values. */
static Onnx__TensorProto *tensor_of(const Onnx__AttributeProto *v, struct arena *a)
{
    Onnx__TensorProto *t = ARENA_NEW(a, Onnx__TensorProto, 1);
    int64_t *dims = ARENA_NEW(a, int64_t, 1);
    float *f = ARENA_NEW(a, float, 1);
    int64_t *i = ARENA_NEW(a, int64_t, 1);
    if (!t || !dims || !f || !i) return NULL;
    onnx__tensor_proto__init(t);
    const bool is_list =
        strcmp(v->name, "value_floats") == 0 || strcmp(v->name, "value_ints") == 0;
    const bool is_float = strncmp(v->name, "value_float", 11) == 0;
    *f = v->f;
    *i = v->i;
    t->data_type = is_float ? ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT
                            : ONNX__TENSOR_PROTO__DATA_TYPE__INT64;
    t->n_float_data = !is_float ? 0 : is_list ? v->n_floats : 1;
    t->float_data = is_list ? v->floats : f;
    t->n_int64_data = is_float ? 0 : is_list ? v->n_ints : 1;
    t->int64_data = is_list ? v->ints : i;
    t->n_dims = is_list;
    t->dims = dims;
    dims[0] = (int64_t)(t->n_float_data + t->n_int64_data);
    return t;
}

status onnx_read_constant(struct onnx_reader *r, const Onnx__NodeProto *n,
                          struct err *err)
{
    if (n->n_attribute != 1)
        return onnx_fail(&r->f, n, ST_PARSE, err, "expected one attribute, found %zu",
                         n->n_attribute);
    const Onnx__AttributeProto *v = n->attribute[0];
    if (strcmp(v->name, "value") != 0) {
        const Onnx__TensorProto *t = tensor_of(v, r->a);
        return t ? onnx_define_constant(r, n, t, err) : arena_exhausted(err);
    }
    if (!v->t)
        return onnx_fail(&r->f, n, ST_PARSE, err,
                         "expected a tensor in attribute 'value', found none");
    return onnx_define_constant(r, n, v->t, err);
}

/* ---- floats ---- */

/* The largest fully connected layer of the usual networks has half as many. */
enum { FILLED_MAX = 1 << 22 };

status onnx_define_filled(struct onnx_reader *r, const Onnx__NodeProto *n,
                          const struct onnx_ints *shape, const Onnx__TensorProto *fill,
                          struct err *err)
{
    float zero = 0, *value = &zero;
    size_t count = 1, size = 1;
    if (fill) TRY(onnx_tensor_floats(&r->f, fill, &value, &count, err));
    if (count != 1 || shape->n < 1 || shape->n > ONNX_INTS_DIMS)
        return onnx_fail(&r->f, n, ST_UNSUPPORTED, err,
                         "expected one value and 1 to %d dimensions, found %zu and %zu",
                         ONNX_INTS_DIMS, count, shape->n);
    int64_t *dims = ARENA_NEW(r->a, int64_t, ONNX_INTS_DIMS);
    if (!dims) return arena_exhausted(err);
    for (size_t i = 0; i < shape->n; i++) {
        dims[i] = i == 0 && shape->elems[0] == 0 ? 1 : shape->elems[i];
        if (dims[i] < 0 || dims[i] > FILLED_MAX ||
            (size *= (size_t)dims[i]) > FILLED_MAX)
            return onnx_fail(&r->f, n, ST_UNSUPPORTED, err,
                             "expected at most %d elements, found dimension %zu of "
                             "%lld",
                             FILLED_MAX, i, (long long)dims[i]);
    }
    Onnx__TensorProto *t = ARENA_NEW(r->a, Onnx__TensorProto, 1);
    float *elems = ARENA_NEW(r->a, float, size + 1);
    if (!t || !elems) return arena_exhausted(err);
    for (size_t i = 0; *value != 0.0f && i < size; i++)
        elems[i] = *value;
    onnx__tensor_proto__init(t);
    t->data_type = FLOAT;
    t->n_dims = shape->n;
    t->dims = dims;
    t->n_float_data = size;
    t->float_data = elems;
    return onnx_define_constant(r, n, t, err);
}

/* Of a matrix of weights, or of integers. */
status onnx_read_transpose(struct onnx_reader *r, const Onnx__NodeProto *n,
                           struct err *err)
{
    const struct onnx_value *x;
    const Onnx__TensorProto *w;
    float *elems;
    size_t count;
    int32_t perm[2] = {1, 0};
    TRY(onnx_input(r, n, 0, &x, err));
    if (x->tensor && x->tensor->data_type != FLOAT)
        return onnx_transpose_ints(r, n, err);
    if (!x->tensor || x->tensor->n_dims != 2)
        return onnx_fail(&r->f, n, ST_UNSUPPORTED, err,
                         "expected a constant of two dimensions, found another tensor");
    TRY(onnx_input_floats(r, n, 0, &w, &elems, &count, err));
    TRY(onnx_attribute_ints(&r->f, n, "perm", 2, perm, err));
    if (perm[0] == 0 && perm[1] == 1) return onnx_define_alias(r, n, x, false, err);
    if (perm[0] != 1 || perm[1] != 0)
        return onnx_fail(&r->f, n, ST_PARSE, err,
                         "expected a permutation of two axes, found %d %d", perm[0],
                         perm[1]);
    Onnx__TensorProto *t = ARENA_NEW(r->a, Onnx__TensorProto, 1);
    int64_t *dims = ARENA_NEW(r->a, int64_t, 2);
    float *out = ARENA_NEW(r->a, float, count + 1);
    if (!t || !dims || !out) return arena_exhausted(err);
    onnx__tensor_proto__init(t);
    t->data_type = w->data_type;
    t->n_dims = 2;
    t->dims = dims;
    t->n_float_data = count;
    t->float_data = out;
    dims[0] = w->dims[1];
    dims[1] = w->dims[0];
    for (size_t i = 0; i < count; i++) {
        const size_t row = i / (size_t)dims[0], column = i % (size_t)dims[0];
        out[column * (size_t)dims[1] + row] = elems[i];
    }
    return onnx_define_constant(r, n, t, err);
}
