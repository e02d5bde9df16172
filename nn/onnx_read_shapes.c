/* onnx_read_shapes.c -- arithmetic on constants and shapes that exporters leave behind.
 *
 * Frameworks write `x.view(x.size(0), -1)` as Shape, Gather, Unsqueeze, Concat and
 * Reshape.  A shape is a constant here, except for the batch, which is 0: in
 * Reshape 0 stands for "as it was", and no other operator below looks at values. */
#include <string.h>

#include "nn/onnx_read_internal.h"

enum { INT64 = ONNX__TENSOR_PROTO__DATA_TYPE__INT64, MAX_DIMS = 64 };

/* A constant of n integers, (n) or scalar, in arena; NULL on exhaustion. */
static Onnx__TensorProto *new_ints(struct arena *a, size_t n, bool is_scalar)
{
    Onnx__TensorProto *t = ARENA_NEW(a, Onnx__TensorProto, 1);
    int64_t *dims = ARENA_NEW(a, int64_t, 1);
    int64_t *elems = ARENA_NEW(a, int64_t, n + 1);
    if (!t || !dims || !elems) return NULL;
    onnx__tensor_proto__init(t);
    dims[0] = (int64_t)n;
    t->data_type = INT64;
    t->n_dims = !is_scalar;
    t->dims = dims;
    t->n_int64_data = n;
    t->int64_data = elems;
    return t;
}

/* Integers of constant input i, at most MAX_DIMS. */
static status input_ints(struct onnx_reader *r, const Onnx__NodeProto *n, size_t i,
                         int64_t **elems, size_t *count, struct err *err)
{
    const struct onnx_value *v;
    TRY(onnx_input(r, n, i, &v, err));
    if (!v->tensor)
        return onnx_fail(&r->f, n, ST_UNSUPPORTED, err,
                         "expected a constant or a shape as input %zu, found '%.64s'",
                         i, n->input[i]);
    TRY(onnx_tensor_i64(&r->f, v->tensor, elems, count, err));
    if (*count > MAX_DIMS)
        return onnx_fail(&r->f, n, ST_UNSUPPORTED, err,
                         "expected at most %d dimensions, found %zu", MAX_DIMS, *count);
    return ST_OK;
}

status onnx_read_shape(struct onnx_reader *r, const Onnx__NodeProto *n, struct err *err)
{
    const struct onnx_value *x;
    TRY(onnx_input(r, n, 0, &x, err));
    if (x->i_node < 0)
        return onnx_fail(&r->f, n, ST_UNSUPPORTED, err,
                         "expected the shape of a computed tensor, found a constant's");
    const struct nn_node *map = &r->g->nodes[x->i_node];
    Onnx__TensorProto *t = new_ints(r->a, x->flat ? 2 : 4, false);
    if (!t) return arena_exhausted(err);
    t->int64_data[0] = 0; /* the batch */
    t->int64_data[1] = x->flat ? (int64_t)map->H * map->W * map->C : map->C;
    if (!x->flat) {
        t->int64_data[2] = map->H;
        t->int64_data[3] = map->W;
    }
    return onnx_define_constant(r, n, t, err);
}

status onnx_read_gather(struct onnx_reader *r, const Onnx__NodeProto *n,
                        struct err *err)
{
    int64_t axis = 0, *elems, *indices;
    size_t count, n_indices;
    TRY(onnx_attribute_int(&r->f, n, "axis", &axis, err));
    TRY(input_ints(r, n, 0, &elems, &count, err));
    TRY(input_ints(r, n, 1, &indices, &n_indices, err));
    if (axis != 0 || n_indices != 1)
        return onnx_fail(
            &r->f, n, ST_UNSUPPORTED, err,
            "expected one element of a shape, found axis %lld and %zu indices",
            (long long)axis, n_indices);
    int64_t i = indices[0];
    if (i < 0) i += (int64_t)count;
    if (i < 0 || i >= (int64_t)count)
        return onnx_fail(&r->f, n, ST_RANGE, err,
                         "expected an index into %zu dimensions, found %lld", count,
                         (long long)indices[0]);
    const struct onnx_value *index;
    TRY(onnx_input(r, n, 1, &index, err));
    Onnx__TensorProto *t = new_ints(r->a, 1, index->tensor->n_dims == 0);
    if (!t) return arena_exhausted(err);
    t->int64_data[0] = elems[i];
    return onnx_define_constant(r, n, t, err);
}

/* Only of integers: a scalar becomes a list of one. */
status onnx_read_unsqueeze(struct onnx_reader *r, const Onnx__NodeProto *n,
                           struct err *err)
{
    int64_t *elems;
    size_t count;
    TRY(input_ints(r, n, 0, &elems, &count, err));
    if (count != 1)
        return onnx_fail(&r->f, n, ST_UNSUPPORTED, err,
                         "expected one integer, found %zu", count);
    Onnx__TensorProto *t = new_ints(r->a, 1, false);
    if (!t) return arena_exhausted(err);
    t->int64_data[0] = elems[0];
    return onnx_define_constant(r, n, t, err);
}

status onnx_read_concat(struct onnx_reader *r, const Onnx__NodeProto *n,
                        struct err *err)
{
    int64_t axis = 0, *elems, all[MAX_DIMS];
    size_t count, n_all = 0;
    TRY(onnx_attribute_int(&r->f, n, "axis", &axis, err));
    for (size_t i = 0; i < n->n_input; i++) {
        TRY(input_ints(r, n, i, &elems, &count, err));
        if (axis != 0 || n_all + count > MAX_DIMS)
            return onnx_fail(&r->f, n, ST_UNSUPPORTED, err,
                             "expected shapes joined on axis 0, found axis %lld",
                             (long long)axis);
        memcpy(all + n_all, elems, count * sizeof *all);
        n_all += count;
    }
    Onnx__TensorProto *t = new_ints(r->a, n_all, false);
    if (!t) return arena_exhausted(err);
    memcpy(t->int64_data, all, n_all * sizeof *all);
    return onnx_define_constant(r, n, t, err);
}

/* Of integers to integers. */
status onnx_read_cast(struct onnx_reader *r, const Onnx__NodeProto *n, struct err *err)
{
    const struct onnx_value *x;
    int64_t to = 0, *elems;
    size_t count;
    TRY(onnx_attribute_int(&r->f, n, "to", &to, err));
    TRY(input_ints(r, n, 0, &elems, &count, err));
    if (to != INT64)
        return onnx_fail(&r->f, n, ST_UNSUPPORTED, err,
                         "expected a cast to INT64, found ONNX type %lld",
                         (long long)to);
    TRY(onnx_input(r, n, 0, &x, err));
    return onnx_define_alias(r, n, x, false, err);
}

/* Padding by nothing, which average pools are exported with. */
status onnx_read_pad(struct onnx_reader *r, const Onnx__NodeProto *n, struct err *err)
{
    const struct onnx_value *x;
    const Onnx__AttributeProto *pads = onnx_attribute(n, "pads");
    int64_t *elems = pads ? pads->ints : NULL;
    size_t count = pads ? pads->n_ints : 0;
    TRY(onnx_input_map(r, n, 0, &x, err));
    if (!pads) TRY(input_ints(r, n, 1, &elems, &count, err));
    for (size_t i = 0; i < count; i++)
        if (elems[i] != 0)
            return onnx_fail(&r->f, n, ST_UNSUPPORTED, err,
                             "expected padding by 0, found %lld; only convolutions pad",
                             (long long)elems[i]);
    return onnx_define_alias(r, n, x, false, err);
}

/* Of a matrix of weights. */
status onnx_read_transpose(struct onnx_reader *r, const Onnx__NodeProto *n,
                           struct err *err)
{
    const struct onnx_value *x;
    const Onnx__TensorProto *w;
    float *elems;
    size_t count;
    int32_t perm[2] = {1, 0};
    TRY(onnx_input(r, n, 0, &x, err));
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
