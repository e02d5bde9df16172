/* onnx_read_shapes.c -- operators on constants and shapes that exporters leave behind.
 *
 * Frameworks write `x.view(x.size(0), -1)` as Shape, Gather, Unsqueeze, Concat and
 * Reshape, and the amounts of a pad as arithmetic on lists.  All of it is computed
 * here (nn/onnx_ints.h).  A shape is a constant, except for the batch, which is 0: in
 * Reshape 0 stands for "as it was". */
#include <string.h>

#include "nn/onnx_ints.h"
#include "nn/onnx_read_internal.h"

enum {
    INT32 = ONNX__TENSOR_PROTO__DATA_TYPE__INT32,
    INT64 = ONNX__TENSOR_PROTO__DATA_TYPE__INT64,
    FLOAT = ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT,
    MAX_OPERANDS = 64 /* of one Concat */
};

/* ---- integers in, integers out ---- */

status onnx_input_ints(struct onnx_reader *r, const Onnx__NodeProto *n, size_t i,
                       struct onnx_ints *out, struct err *err)
{
    const struct onnx_value *v;
    size_t count;
    TRY(onnx_input(r, n, i, &v, err));
    if (!v->tensor)
        return onnx_fail(&r->f, n, ST_UNSUPPORTED, err,
                         "expected a constant or a shape as input %zu, found '%.64s'",
                         i, n->input[i]);
    if (v->tensor->n_dims > ONNX_INTS_DIMS)
        return onnx_fail(&r->f, n, ST_UNSUPPORTED, err,
                         "expected integers of at most %d dimensions as input %zu, "
                         "found %zu",
                         ONNX_INTS_DIMS, i, v->tensor->n_dims);
    *out = (struct onnx_ints){.n_dims = v->tensor->n_dims};
    TRY(onnx_tensor_i64(&r->f, v->tensor, &out->elems, &count, err));
    if (count > ONNX_INTS_MAX)
        return onnx_fail(&r->f, n, ST_UNSUPPORTED, err,
                         "expected at most %d integers as input %zu, found %zu",
                         ONNX_INTS_MAX, i, count);
    out->n = count;
    for (size_t d = 0; d < out->n_dims; d++)
        out->dims[d] = v->tensor->dims[d];
    return ST_OK;
}

/* Defines n's output as these integers, if they came about. */
static status define_ints(struct onnx_reader *r, const Onnx__NodeProto *n, status st,
                          const struct err *why, const struct onnx_ints *x,
                          struct err *err)
{
    if (st != ST_OK) return onnx_fail(&r->f, n, st, err, "%.300s", why->msg);
    Onnx__TensorProto *t = ARENA_NEW(r->a, Onnx__TensorProto, 1);
    int64_t *dims = ARENA_NEW(r->a, int64_t, ONNX_INTS_DIMS);
    if (!t || !dims) return arena_exhausted(err);
    onnx__tensor_proto__init(t);
    memcpy(dims, x->dims, sizeof x->dims);
    t->data_type = INT64;
    t->n_dims = x->n_dims;
    t->dims = dims;
    t->n_int64_data = x->n;
    t->int64_data = x->elems;
    return onnx_define_constant(r, n, t, err);
}

/* Axes from the attribute of older operator sets or from input i; NULL if neither. */
static status read_axes(struct onnx_reader *r, const Onnx__NodeProto *n, size_t i,
                        const int64_t **axes, size_t *n_axes, struct err *err)
{
    const Onnx__AttributeProto *attribute = onnx_attribute(n, "axes");
    struct onnx_ints from_input = {.n = 0};
    *axes = attribute ? attribute->ints : NULL;
    *n_axes = attribute ? attribute->n_ints : 0;
    if (attribute || !onnx_has_input(n, i)) return ST_OK;
    TRY(onnx_input_ints(r, n, i, &from_input, err));
    *axes = from_input.elems;
    *n_axes = from_input.n;
    return ST_OK;
}

/* ---- where shapes come from ---- */

/* Keeps dimensions [start, end) (attributes from operator set 15 on). */
static status cut_shape(struct onnx_reader *r, const Onnx__NodeProto *n,
                        const struct onnx_ints *all, struct err *err)
{
    int64_t start = 0, end = INT64_MAX;
    struct onnx_range range;
    struct onnx_ints part;
    struct err why;
    TRY(onnx_attribute_int(&r->f, n, "start", &start, err));
    TRY(onnx_attribute_int(&r->f, n, "end", &end, err));
    status st = onnx_ints_range(all->dims[0], start, end, 1, &range, &why);
    if (st == ST_OK) st = onnx_ints_slice(all, 0, &range, r->a, &part, &why);
    return define_ints(r, n, st, &why, &part, err);
}

status onnx_read_shape(struct onnx_reader *r, const Onnx__NodeProto *n, struct err *err)
{
    const struct onnx_value *x;
    struct onnx_ints shape;
    int64_t n_dims;
    TRY(onnx_input(r, n, 0, &x, err));
    if (!x->tensor && x->i_node < 0)
        return onnx_fail(&r->f, n, ST_UNSUPPORTED, err,
                         "expected the shape of a computed tensor or of a constant");
    n_dims = x->tensor ? (int64_t)x->tensor->n_dims : x->flat ? 2 : 4;
    TRY(onnx_ints_new(1, &n_dims, r->a, &shape, err));
    for (int64_t d = 0; x->tensor && d < n_dims; d++)
        shape.elems[d] = x->tensor->dims[d];
    if (!x->tensor) {
        const struct nn_node *map = &r->g->nodes[x->i_node];
        const int64_t dims[4] = {0, map->C, map->H, map->W}; /* the batch is 0 */
        memcpy(shape.elems, dims, sizeof *dims * (size_t)n_dims);
        if (x->flat) shape.elems[1] = (int64_t)map->H * map->W * map->C;
    }
    return cut_shape(r, n, &shape, err);
}

/* Zeros, or what attribute value says; integers, or floats of one value. */
status onnx_read_constant_of_shape(struct onnx_reader *r, const Onnx__NodeProto *n,
                                   struct err *err)
{
    const Onnx__AttributeProto *value = onnx_attribute(n, "value");
    struct onnx_ints shape, out;
    struct err why;
    int64_t *fill = NULL;
    size_t count = 1;
    TRY(onnx_input_ints(r, n, 0, &shape, err));
    if (!value || !value->t || value->t->data_type == FLOAT)
        return onnx_define_filled(r, n, &shape, value ? value->t : NULL, err);
    TRY(onnx_tensor_i64(&r->f, value->t, &fill, &count, err));
    if (count != 1)
        return onnx_fail(&r->f, n, ST_PARSE, err, "expected one value, found %zu",
                         count);
    const status st = onnx_ints_new(shape.n, shape.elems, r->a, &out, &why);
    for (size_t i = 0; st == ST_OK && i < out.n; i++)
        out.elems[i] = fill[0];
    return define_ints(r, n, st, &why, &out, err);
}

/* ---- arithmetic ---- */

status onnx_read_arithmetic(struct onnx_reader *r, const Onnx__NodeProto *n,
                            struct err *err)
{
    static const struct {
        const char *op;
        char symbol;
    } rows[] = {{"Add", '+'}, {"Sub", '-'}, {"Mul", '*'}, {"Div", '/'}};
    struct onnx_ints x, y, out;
    struct err why;
    char symbol = '+';
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (strcmp(rows[i].op, onnx_op_type(n)) == 0) symbol = rows[i].symbol;
    TRY(onnx_input_ints(r, n, 0, &x, err));
    TRY(onnx_input_ints(r, n, 1, &y, err));
    const status st = onnx_ints_binary(symbol, &x, &y, r->a, &out, &why);
    return define_ints(r, n, st, &why, &out, err);
}

/* Of integers to integers; those of 32 bits must fit. */
status onnx_read_cast(struct onnx_reader *r, const Onnx__NodeProto *n, struct err *err)
{
    const struct onnx_value *x;
    int64_t to = 0;
    struct onnx_ints ints;
    TRY(onnx_attribute_int(&r->f, n, "to", &to, err));
    TRY(onnx_input_ints(r, n, 0, &ints, err));
    if (to != INT64 && to != INT32)
        return onnx_fail(&r->f, n, ST_UNSUPPORTED, err,
                         "expected a cast to INT64 or INT32, found ONNX type %lld",
                         (long long)to);
    for (size_t i = 0; to == INT32 && i < ints.n; i++)
        if (ints.elems[i] < INT32_MIN || ints.elems[i] > INT32_MAX)
            return onnx_fail(&r->f, n, ST_RANGE, err,
                             "expected integers of 32 bits, found %lld",
                             (long long)ints.elems[i]);
    TRY(onnx_input(r, n, 0, &x, err));
    return onnx_define_alias(r, n, x, false, err);
}

/* ---- rearranging ---- */

status onnx_read_gather(struct onnx_reader *r, const Onnx__NodeProto *n,
                        struct err *err)
{
    int64_t axis = 0;
    struct onnx_ints x, indices, out;
    struct err why;
    TRY(onnx_attribute_int(&r->f, n, "axis", &axis, err));
    TRY(onnx_input_ints(r, n, 0, &x, err));
    TRY(onnx_input_ints(r, n, 1, &indices, err));
    const status st = onnx_ints_gather(&x, &indices, axis, r->a, &out, &why);
    return define_ints(r, n, st, &why, &out, err);
}

status onnx_read_unsqueeze(struct onnx_reader *r, const Onnx__NodeProto *n,
                           struct err *err)
{
    const int64_t *axes;
    size_t n_axes;
    struct onnx_ints x, out;
    struct err why;
    TRY(onnx_input_ints(r, n, 0, &x, err));
    TRY(read_axes(r, n, 1, &axes, &n_axes, err));
    if (!axes) return onnx_fail(&r->f, n, ST_PARSE, err, "expected axes, found none");
    const status st = onnx_ints_unsqueeze(&x, axes, n_axes, &out, &why);
    return define_ints(r, n, st, &why, &out, err);
}

/* Of integers; of a pooled map it is the flattening. */
status onnx_read_squeeze(struct onnx_reader *r, const Onnx__NodeProto *n,
                         struct err *err)
{
    const struct onnx_value *v;
    const int64_t *axes;
    size_t n_axes;
    struct onnx_ints x, out;
    struct err why;
    TRY(onnx_input(r, n, 0, &v, err));
    TRY(read_axes(r, n, 1, &axes, &n_axes, err));
    if (v->tensor) {
        TRY(onnx_input_ints(r, n, 0, &x, err));
        const status st = onnx_ints_squeeze(&x, axes, n_axes, &out, &why);
        return define_ints(r, n, st, &why, &out, err);
    }
    TRY(onnx_input_map(r, n, 0, &v, err));
    const struct nn_node *map = &r->g->nodes[v->i_node];
    unsigned mask = 0;
    for (size_t i = 0; i < n_axes; i++)
        if (axes[i] >= -4 && axes[i] < 4) mask |= 1u << (axes[i] & 3);
    if (map->H != 1 || map->W != 1 || n_axes != 2 || mask != 0xc)
        return onnx_fail(&r->f, n, ST_UNSUPPORTED, err,
                         "expected a map of one pixel without its axes 2 and 3, found "
                         "%dx%d",
                         map->H, map->W);
    return onnx_define_alias(r, n, v, true, err);
}

status onnx_concat_ints(struct onnx_reader *r, const Onnx__NodeProto *n,
                        struct err *err)
{
    int64_t axis = 0;
    struct onnx_ints parts[MAX_OPERANDS], out;
    struct err why;
    TRY(onnx_attribute_int(&r->f, n, "axis", &axis, err));
    if (n->n_input > MAX_OPERANDS)
        return onnx_fail(&r->f, n, ST_UNSUPPORTED, err,
                         "expected at most %d operands, found %zu", MAX_OPERANDS,
                         n->n_input);
    for (size_t i = 0; i < n->n_input; i++)
        TRY(onnx_input_ints(r, n, i, &parts[i], err));
    const status st = onnx_ints_concat(parts, n->n_input, axis, r->a, &out, &why);
    return define_ints(r, n, st, &why, &out, err);
}

status onnx_reshape_ints(struct onnx_reader *r, const Onnx__NodeProto *n,
                         struct err *err)
{
    int64_t allow_zero = 0;
    struct onnx_ints x, shape, out;
    struct err why;
    TRY(onnx_attribute_int(&r->f, n, "allowzero", &allow_zero, err));
    TRY(onnx_input_ints(r, n, 0, &x, err));
    TRY(onnx_input_ints(r, n, 1, &shape, err));
    const status st = onnx_ints_reshape(&x, &shape, allow_zero, &out, &why);
    return define_ints(r, n, st, &why, &out, err);
}

status onnx_slice_ints(struct onnx_reader *r, const Onnx__NodeProto *n,
                       const struct onnx_slices *s, struct err *err)
{
    struct onnx_ints x;
    struct err why;
    TRY(onnx_input_ints(r, n, 0, &x, err));
    for (size_t i = 0; i < s->n; i++) {
        struct onnx_range range;
        struct onnx_ints part = {.n = 0};
        size_t d = 0;
        status st = onnx_ints_axis(s->axes[i], x.n_dims, &d, &why);
        if (st == ST_OK)
            st = onnx_ints_range(x.dims[d], s->starts[i], s->ends[i], s->steps[i],
                                 &range, &why);
        if (st == ST_OK)
            st = onnx_ints_slice(&x, s->axes[i], &range, r->a, &part, &why);
        if (st != ST_OK) return define_ints(r, n, st, &why, NULL, err);
        x = part;
    }
    return define_ints(r, n, ST_OK, &why, &x, err);
}

status onnx_transpose_ints(struct onnx_reader *r, const Onnx__NodeProto *n,
                           struct err *err)
{
    const Onnx__AttributeProto *perm = onnx_attribute(n, "perm");
    struct onnx_ints x, out;
    struct err why;
    TRY(onnx_input_ints(r, n, 0, &x, err));
    const status st = onnx_ints_transpose(&x, perm ? perm->ints : NULL,
                                          perm ? perm->n_ints : 0, r->a, &out, &why);
    return define_ints(r, n, st, &why, &out, err);
}
