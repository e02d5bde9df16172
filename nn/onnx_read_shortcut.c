/* onnx_read_shortcut.c -- Slice, Pad and Concat: on feature maps they make the
 * parameter-free shortcut of residual networks, on integers they are arithmetic.
 *
 * `F.pad(x[:, :, ::2, ::2], (0, 0, 0, 0, 8, 8))` comes as Slice, Slice, Pad;
 * `torch.cat((x[:, :, ::2, ::2], zeros), 1)` as Slice, Slice, Concat; a pool with a
 * kernel of one pixel is a Slice as well.  All of them join one NN_SHORTCUT. */
#include <math.h>
#include <string.h>

#include "nn/onnx_ints.h"
#include "nn/onnx_read_internal.h"

/* What one ONNX node adds: a stride, channels of zeros. */
static status join(struct onnx_reader *r, const Onnx__NodeProto *n,
                   const struct onnx_value *x, const struct nn_shortcut *s,
                   struct err *err)
{
    struct nn_node *node = &r->g->nodes[x->i_node];
    if (node->op != NN_SHORTCUT) {
        const int32_t i_node = x->i_node;
        node = onnx_begin_node(r, n, NN_SHORTCUT, 1);
        node->inputs[0] = i_node;
        node->shortcut = *s;
        return onnx_end_node(r, n, err);
    }
    if (x->shared)
        return onnx_fail(&r->f, n, ST_UNSUPPORTED, err,
                         "expected the only reader of '%.64s', found others",
                         n->input[0]);
    node->shortcut.stride_h *= s->stride_h; /* at most 16 * 65536 */
    node->shortcut.stride_w *= s->stride_w;
    node->shortcut.before += s->before;
    node->shortcut.after += s->after;
    struct err why;
    const status st = graph_infer_node(r->g, x->i_node, &why);
    if (st != ST_OK) return err_set(err, st, "%s: %.400s", r->f.path, why.msg);
    return onnx_define_alias(r, n, x, false, err);
}

status onnx_shortcut(struct onnx_reader *r, const Onnx__NodeProto *n,
                     const struct onnx_value *x, const struct nn_shortcut *s,
                     struct err *err)
{
    if (s->stride_h == 1 && s->stride_w == 1 && s->before == 0 && s->after == 0)
        return onnx_define_alias(r, n, x, false, err);
    TRY(onnx_check_real(r, n, x, true, err));
    return join(r, n, x, s, err);
}

/* ---- Slice ---- */

/* List `name` from the attribute of operator set 9 or from input i; absent: *n is 0. */
static status read_list(struct onnx_reader *r, const Onnx__NodeProto *n,
                        const char *name, size_t i, bool from_attribute, int64_t *out,
                        size_t *n_out, struct err *err)
{
    const Onnx__AttributeProto *attribute = onnx_attribute(n, name);
    struct onnx_ints ints = {.n = 0};
    if (from_attribute && attribute) {
        ints.n = attribute->n_ints;
        ints.elems = attribute->ints;
    }
    if (!from_attribute && onnx_has_input(n, i))
        TRY(onnx_input_ints(r, n, i, &ints, err));
    if (ints.n > ONNX_INTS_DIMS)
        return onnx_fail(&r->f, n, ST_UNSUPPORTED, err,
                         "expected at most %d %s, found %zu", ONNX_INTS_DIMS, name,
                         ints.n);
    if (ints.n) memcpy(out, ints.elems, ints.n * sizeof *out);
    *n_out = ints.n;
    return ST_OK;
}

static status read_slices(struct onnx_reader *r, const Onnx__NodeProto *n,
                          struct onnx_slices *s, struct err *err)
{
    const bool old = onnx_attribute(n, "starts") != NULL;
    size_t n_ends, n_axes, n_steps;
    TRY(read_list(r, n, "starts", 1, old, s->starts, &s->n, err));
    TRY(read_list(r, n, "ends", 2, old, s->ends, &n_ends, err));
    TRY(read_list(r, n, "axes", 3, old, s->axes, &n_axes, err));
    TRY(read_list(r, n, "steps", 4, old, s->steps, &n_steps, err));
    for (size_t i = 0; i < s->n; i++) {
        if (!n_axes) s->axes[i] = (int64_t)i;
        if (!n_steps) s->steps[i] = 1;
    }
    if (s->n < 1 || n_ends != s->n || (n_axes && n_axes != s->n) ||
        (n_steps && n_steps != s->n))
        return onnx_fail(&r->f, n, ST_PARSE, err,
                         "expected starts, ends, axes and steps of one length, found "
                         "%zu, %zu, %zu and %zu",
                         s->n, n_ends, n_axes, n_steps);
    return ST_OK;
}

/* Stride of one axis of a map; every other choice of pixels or channels is refused. */
static status read_stride(struct onnx_reader *r, const Onnx__NodeProto *n,
                          const struct nn_node *map, const struct onnx_slices *s,
                          size_t i, struct nn_shortcut *out, struct err *err)
{
    size_t axis = 0;
    struct onnx_range range = {0, 0, 0};
    struct err why;
    status st = onnx_ints_axis(s->axes[i], 4, &axis, &why);
    /* Any batch is far below 2^31. */
    const int64_t dims[4] = {INT32_MAX, map->C, map->H, map->W};
    if (st == ST_OK)
        st = onnx_ints_range(dims[axis], s->starts[i], s->ends[i], s->steps[i], &range,
                             &why);
    if (st != ST_OK) return onnx_fail(&r->f, n, st, err, "%.300s", why.msg);
    const int64_t most = axis < 2 ? 1 : 16;
    if (range.start != 0 || range.step < 1 || range.step > most ||
        range.n != (dims[axis] - 1) / range.step + 1)
        return onnx_fail(&r->f, n, ST_UNSUPPORTED, err,
                         "expected every element, or every 2nd to 16th row or column "
                         "from the first to the last, found %lld:%lld:%lld of axis %zu",
                         (long long)s->starts[i], (long long)s->ends[i],
                         (long long)s->steps[i], axis);
    if (axis == 2) out->stride_h = (int32_t)range.step;
    if (axis == 3) out->stride_w = (int32_t)range.step;
    return ST_OK;
}

status onnx_read_slice(struct onnx_reader *r, const Onnx__NodeProto *n, struct err *err)
{
    const struct onnx_value *x;
    struct onnx_slices s = {.n = 0};
    struct nn_shortcut shortcut = {1, 1, 0, 0};
    TRY(onnx_input(r, n, 0, &x, err));
    TRY(read_slices(r, n, &s, err));
    if (x->tensor) return onnx_slice_ints(r, n, &s, err);
    TRY(onnx_input_map(r, n, 0, &x, err));
    for (size_t i = 0; i < s.n; i++)
        TRY(read_stride(r, n, &r->g->nodes[x->i_node], &s, i, &shortcut, err));
    return onnx_shortcut(r, n, x, &shortcut, err);
}

/* ---- Pad ---- */

/* ST_UNSUPPORTED unless pads are filled with zeros. */
static status check_fill(struct onnx_reader *r, const Onnx__NodeProto *n,
                         struct err *err)
{
    const Onnx__TensorProto *t;
    const char *mode = "constant";
    float value = 0, *elems = &value;
    size_t count = 1;
    TRY(onnx_attribute_text(&r->f, n, "mode", &mode, err));
    TRY(onnx_attribute_float(&r->f, n, "value", &value, err));
    if (onnx_has_input(n, 2)) TRY(onnx_input_floats(r, n, 2, &t, &elems, &count, err));
    if (strcmp(mode, "constant") == 0 && count == 1 && elems[0] == 0.0f) return ST_OK;
    return onnx_fail(&r->f, n, ST_UNSUPPORTED, err,
                     "expected padding with zeros, found mode '%.32s' and value %g",
                     mode, count ? (double)elems[0] : NAN);
}

/* Channels of zeros; rows and columns are padded by convolutions only. */
status onnx_read_pad(struct onnx_reader *r, const Onnx__NodeProto *n, struct err *err)
{
    const struct onnx_value *x;
    const Onnx__AttributeProto *attribute = onnx_attribute(n, "pads");
    struct onnx_ints pads = {.n = attribute ? attribute->n_ints : 0,
                             .elems = attribute ? attribute->ints : NULL};
    TRY(onnx_input_map(r, n, 0, &x, err));
    if (!attribute) TRY(onnx_input_ints(r, n, 1, &pads, err));
    if (pads.n != 8)
        return onnx_fail(&r->f, n, ST_PARSE, err,
                         "expected 8 pads of four dimensions, found %zu", pads.n);
    for (size_t i = 0; i < 8; i++) {
        const int64_t most = i % 4 == 1 ? 65535 : 0;
        if (pads.elems[i] < 0 || pads.elems[i] > most)
            return onnx_fail(&r->f, n, ST_UNSUPPORTED, err,
                             "expected padding by 0 but for channels, found %lld of "
                             "axis %zu; only convolutions pad rows and columns",
                             (long long)pads.elems[i], i % 4);
    }
    const struct nn_shortcut s = {1, 1, (int32_t)pads.elems[1], (int32_t)pads.elems[5]};
    if (s.before || s.after) TRY(check_fill(r, n, err));
    return onnx_shortcut(r, n, x, &s, err);
}

/* ---- Concat ---- */

/* Channels of a constant operand, which must be zeros of the map's size. */
static status read_zeros(struct onnx_reader *r, const Onnx__NodeProto *n, size_t i,
                         const struct nn_node *map, int32_t *channels, struct err *err)
{
    const Onnx__TensorProto *t;
    float *elems;
    size_t count;
    TRY(onnx_input_floats(r, n, i, &t, &elems, &count, err));
    bool fits = t->n_dims == 4 && t->dims[0] <= 1 && t->dims[1] <= 65535 &&
                t->dims[2] == map->H && t->dims[3] == map->W;
    for (size_t k = 0; fits && k < count; k++)
        fits = elems[k] == 0.0f;
    if (!fits)
        return onnx_fail(&r->f, n, ST_UNSUPPORTED, err,
                         "expected zeros of (1, channels, %d, %d) as input %zu, found "
                         "another constant",
                         map->H, map->W, i);
    *channels += (int32_t)t->dims[1]; /* at most 8 * 65535 */
    return ST_OK;
}

static status concat_map(struct onnx_reader *r, const Onnx__NodeProto *n, size_t i_map,
                         struct err *err)
{
    enum { MAX_OPERANDS = 8 };
    const struct onnx_value *x, *v;
    struct nn_shortcut s = {1, 1, 0, 0};
    int64_t axis = 0;
    TRY(onnx_attribute_int(&r->f, n, "axis", &axis, err));
    TRY(onnx_input_map(r, n, i_map, &x, err));
    if ((axis != 1 && axis != -3) || n->n_input > MAX_OPERANDS)
        return onnx_fail(&r->f, n, ST_UNSUPPORTED, err,
                         "expected at most %d operands joined along channels, axis 1, "
                         "found %zu along axis %lld",
                         MAX_OPERANDS, n->n_input, (long long)axis);
    for (size_t i = 0; i < n->n_input; i++) {
        if (i == i_map) continue;
        TRY(onnx_input(r, n, i, &v, err));
        if (!v->tensor)
            return onnx_fail(&r->f, n, ST_UNSUPPORTED, err,
                             "expected one feature map and zeros, found '%.64s' and "
                             "'%.64s'",
                             n->input[i_map], n->input[i]);
        TRY(read_zeros(r, n, i, &r->g->nodes[x->i_node],
                       i < i_map ? &s.before : &s.after, err));
    }
    return onnx_shortcut(r, n, x, &s, err);
}

status onnx_read_concat(struct onnx_reader *r, const Onnx__NodeProto *n,
                        struct err *err)
{
    for (size_t i = 0; i < n->n_input; i++) {
        const struct onnx_value *v;
        TRY(onnx_input(r, n, i, &v, err));
        if (v->i_node >= 0) return concat_map(r, n, i, err);
    }
    return onnx_concat_ints(r, n, err);
}
