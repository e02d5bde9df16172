/* onnx_read_views.c -- operators without weights: pooling over the whole map, and
 * those that only rename or flatten a value. */
#include <string.h>

#include "nn/onnx_read_internal.h"

/* ---- pooling ---- */

/* The graph node of a pool; a pool without kept dimensions gives a flat value. */
static status make_pool(struct onnx_reader *r, const Onnx__NodeProto *n,
                        const struct onnx_value *x, bool flat, struct err *err)
{
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

status onnx_read_average_pool(struct onnx_reader *r, const Onnx__NodeProto *n,
                              struct err *err)
{
    const struct onnx_value *x;
    int32_t kernel[2] = {0, 0}, pads[4] = {0, 0, 0, 0};
    const char *mode = "NOTSET";
    TRY(onnx_input_map(r, n, 0, &x, err));
    TRY(onnx_attribute_ints(&r->f, n, "kernel_shape", 2, kernel, err));
    TRY(onnx_attribute_ints(&r->f, n, "pads", 4, pads, err));
    TRY(onnx_attribute_text(&r->f, n, "auto_pad", &mode, err));
    const struct nn_node *map = &r->g->nodes[x->i_node];
    if (kernel[0] != map->H || kernel[1] != map->W)
        return onnx_fail(&r->f, n, ST_UNSUPPORTED, err,
                         "expected a kernel of the whole map, %dx%d, found %dx%d",
                         map->H, map->W, kernel[0], kernel[1]);
    if (pads[0] || pads[1] || pads[2] || pads[3] || strncmp(mode, "SAME", 4) == 0)
        return onnx_fail(&r->f, n, ST_UNSUPPORTED, err,
                         "expected no padding, found some");
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

/* Only (N, C, H, W) -> (N, C * H * W). */
status onnx_read_reshape(struct onnx_reader *r, const Onnx__NodeProto *n,
                         struct err *err)
{
    const struct onnx_value *x, *shape;
    int64_t *dims;
    size_t n_dims;
    TRY(onnx_input(r, n, 0, &x, err));
    TRY(onnx_input(r, n, 1, &shape, err));
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
