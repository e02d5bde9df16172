/* onnx_read_quant.c -- quantisers that a file brings along: QONNX's Quant, and pairs of
 * QuantizeLinear and DequantizeLinear.
 *
 * They become given bits and steps (struct nn_given), of weights and of what layers
 * read: constants take the values that the quantiser gives them, values of the network
 * are marked.  What the integers of nn/quant.h cannot represent is an error that says
 * why: zero points, a step per channel, more than 8 bits.  An unsigned quantiser is a
 * ReLU as well; a signed one behind a ReLU has one bit too many. Source: QONNX, Quant
 * (qonnx.custom_op.general); ONNX operators, QuantizeLinear-13. */
#include <math.h>
#include <string.h>

#include "nn/onnx_read_internal.h"

enum {
    INT8 = ONNX__TENSOR_PROTO__DATA_TYPE__INT8,
    UINT8 = ONNX__TENSOR_PROTO__DATA_TYPE__UINT8,
    INT32 = ONNX__TENSOR_PROTO__DATA_TYPE__INT32,
    FLOAT = ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT
};

/* ---- parameters ---- */

static status read_number(struct onnx_reader *r, const Onnx__NodeProto *n, size_t i,
                          const char *what, float *out, struct err *err)
{
    const Onnx__TensorProto *t;
    float *elems;
    size_t count;
    TRY(onnx_input_floats(r, n, i, &t, &elems, &count, err));
    for (size_t k = 1; k < count; k++)
        if (elems[k] != elems[0])
            return onnx_fail(&r->f, n, ST_UNSUPPORTED, err,
                             "expected one %s for the whole tensor, found %zu", what,
                             count);
    if (count < 1)
        return onnx_fail(&r->f, n, ST_PARSE, err, "expected a %s, found none", what);
    *out = elems[0];
    return ST_OK;
}

static status check_grid(struct onnx_reader *r, const Onnx__NodeProto *n,
                         const struct onnx_grid *g, float zero, struct err *err)
{
    if (!(g->step > 0))
        return onnx_fail(&r->f, n, ST_RANGE, err, "expected a positive scale, found %g",
                         (double)g->step);
    if (zero != 0.0f)
        return onnx_fail(&r->f, n, ST_UNSUPPORTED, err,
                         "expected a zero point of 0, found %g: grids here are "
                         "symmetric or begin at 0",
                         (double)zero);
    if (g->bits < 1 || g->bits > 8 || (g->bits == 1 && g->is_signed))
        return onnx_fail(&r->f, n, ST_UNSUPPORTED, err,
                         "expected 1..8 bits, 2..8 if signed, found %d", g->bits);
    return ST_OK;
}

/* ---- constants ---- */

static status define_floats(struct onnx_reader *r, const Onnx__NodeProto *n,
                            const Onnx__TensorProto *like, float *elems, size_t count,
                            const struct onnx_grid *g, struct err *err)
{
    Onnx__TensorProto *t = ARENA_NEW(r->a, Onnx__TensorProto, 1);
    if (!t) return arena_exhausted(err);
    onnx__tensor_proto__init(t);
    t->data_type = FLOAT;
    t->n_dims = like->n_dims;
    t->dims = like->dims;
    t->n_float_data = count;
    t->float_data = elems;
    TRY(onnx_define_constant(r, n, t, err));
    if (g) r->values[r->n_values - 1].grid = *g;
    return ST_OK;
}

static status quantise_constant(struct onnx_reader *r, const Onnx__NodeProto *n,
                                const struct onnx_grid *g, bool narrow, struct err *err)
{
    const Onnx__TensorProto *t;
    float *elems;
    size_t count;
    TRY(onnx_input_floats(r, n, 0, &t, &elems, &count, err));
    const float top = (float)(1 << (g->bits - g->is_signed));
    const float lo = !g->is_signed ? 0 : narrow ? 1 - top : -top;
    for (size_t i = 0; i < count; i++) /* halves to even, as the format has it */
        elems[i] = g->step * fminf(fmaxf(rintf(elems[i] / g->step), lo), top - 1);
    return define_floats(r, n, t, elems, count, g, err);
}

/* ---- values ---- */

static bool is_positive(const struct nn_graph *g, int32_t i)
{
    while (g->nodes[i].op == NN_GAP || nn_keeps_grid(g->nodes[i].op))
        i = g->nodes[i].inputs[0];
    return g->nodes[i].op == NN_INPUT || g->nodes[i].relu;
}

static status quantise_value(struct onnx_reader *r, const Onnx__NodeProto *n,
                             const struct onnx_value *x, struct onnx_grid g,
                             struct err *err)
{
    struct nn_node *node = &r->g->nodes[x->i_node];
    const bool can_clip = (node->op == NN_CONV || node->op == NN_ADD) && !x->shared;
    if (x->grid.bits && x->grid.bits != 8)
        return onnx_fail(
            &r->f, n, ST_UNSUPPORTED, err,
            "expected a value of 8 bits or not quantised yet, found '%.64s'",
            n->input[0]);
    if (is_positive(r->g, x->i_node)) {
        if (g.is_signed) g.bits--;
        g.is_signed = false;
    } else if (!g.is_signed && can_clip) {
        node->relu = true;
    } else if (!g.is_signed) {
        return onnx_fail(&r->f, n, ST_UNSUPPORTED, err,
                         "expected the output of a ReLU before an unsigned grid, found "
                         "'%s'",
                         node->name);
    }
    if (x->grid.bits) {
        node->given.out_twice = true;
    } else if (node->op != NN_INPUT) {
        node->given.out_bits = g.bits;
        node->given.out_step = g.step;
    }
    TRY(onnx_define_alias(r, n, x, x->flat, err));
    r->values[r->n_values - 1].grid = g;
    return ST_OK;
}

static status quantise(struct onnx_reader *r, const Onnx__NodeProto *n,
                       const struct onnx_grid *g, bool narrow, struct err *err)
{
    const struct onnx_value *x;
    TRY(onnx_input(r, n, 0, &x, err));
    return x->tensor ? quantise_constant(r, n, g, narrow, err)
                     : quantise_value(r, n, x, *g, err);
}

/* ---- Quant ---- */

status onnx_read_quant(struct onnx_reader *r, const Onnx__NodeProto *n, struct err *err)
{
    struct onnx_grid g = {0};
    float zero, bits;
    int64_t is_signed = 1, narrow = 0;
    const char *rounding = "ROUND";
    TRY(read_number(r, n, 1, "scale", &g.step, err));
    TRY(read_number(r, n, 2, "zero point", &zero, err));
    TRY(read_number(r, n, 3, "bit width", &bits, err));
    TRY(onnx_attribute_int(&r->f, n, "signed", &is_signed, err));
    TRY(onnx_attribute_int(&r->f, n, "narrow", &narrow, err));
    TRY(onnx_attribute_text(&r->f, n, "rounding_mode", &rounding, err));
    if (strcmp(rounding, "ROUND") != 0 && strcmp(rounding, "HALF_UP") != 0)
        return onnx_fail(&r->f, n, ST_UNSUPPORTED, err,
                         "expected rounding to nearest, found rounding_mode '%.32s'",
                         rounding);
    g.bits = bits >= 1 && bits <= 32 && bits == floorf(bits) ? (int)bits : 0;
    g.is_signed = is_signed != 0;
    TRY(check_grid(r, n, &g, zero, err));
    return quantise(r, n, &g, narrow != 0, err);
}

/* ---- QuantizeLinear, DequantizeLinear ---- */

/* Sign of the integers by the zero point's type; it must be 0. */
static status read_zero(struct onnx_reader *r, const Onnx__NodeProto *n,
                        bool *is_signed, float *zero, struct err *err)
{
    const struct onnx_value *v;
    *is_signed = false;
    *zero = 0;
    if (!onnx_has_input(n, 2)) return ST_OK;
    TRY(onnx_input(r, n, 2, &v, err));
    const Onnx__TensorProto *t = v->tensor;
    if (!t || (t->data_type != INT8 && t->data_type != UINT8 && t->data_type != INT32))
        return onnx_fail(&r->f, n, ST_UNSUPPORTED, err,
                         "expected a constant zero point of 8 bits, found '%.64s'",
                         n->input[2]);
    *is_signed = t->data_type != UINT8;
    for (size_t i = 0; t->has_raw_data && i < t->raw_data.len; i++)
        if (t->raw_data.data[i]) *zero = (float)t->raw_data.data[i];
    for (size_t i = 0; i < t->n_int32_data; i++)
        if (t->int32_data[i]) *zero = (float)t->int32_data[i];
    return ST_OK;
}

status onnx_read_quantize(struct onnx_reader *r, const Onnx__NodeProto *n,
                          struct err *err)
{
    struct onnx_grid g = {.bits = 8};
    float zero;
    TRY(read_number(r, n, 1, "scale", &g.step, err));
    TRY(read_zero(r, n, &g.is_signed, &zero, err));
    TRY(check_grid(r, n, &g, zero, err));
    return quantise(r, n, &g, false, err);
}

/* Weights of 8 bits, or biases of 32, which stay real numbers. */
static status dequantise_constant(struct onnx_reader *r, const Onnx__NodeProto *n,
                                  const Onnx__TensorProto *t, struct err *err)
{
    struct onnx_grid g = {.bits = 8, .is_signed = true};
    const bool is_bias = t->data_type == INT32;
    const Onnx__TensorProto *scale;
    float zero, *steps;
    int8_t *weights = NULL;
    int64_t *biases = NULL;
    size_t n_steps, count;
    bool is_signed;
    TRY(onnx_input_floats(r, n, 1, &scale, &steps, &n_steps, err));
    TRY(read_zero(r, n, &is_signed, &zero, err));
    if (!is_bias) TRY(read_number(r, n, 1, "scale", &g.step, err));
    if (is_bias) g.step = 1;
    TRY(check_grid(r, n, &g, zero, err));
    TRY(is_bias ? onnx_tensor_i64(&r->f, t, &biases, &count, err)
                : onnx_tensor_i8(&r->f, t, &weights, &count, err));
    if (n_steps != 1 && n_steps != count && is_bias)
        return onnx_fail(&r->f, n, ST_PARSE, err, "expected 1 or %zu scales, found %zu",
                         count, n_steps);
    float *elems = ARENA_NEW(r->a, float, count + 1);
    if (!elems) return arena_exhausted(err);
    for (size_t i = 0; i < count; i++)
        elems[i] = is_bias ? (float)biases[i] * steps[n_steps == 1 ? 0 : i]
                           : (float)weights[i] * g.step;
    return define_floats(r, n, t, elems, count, is_bias ? NULL : &g, err);
}

status onnx_read_dequantize(struct onnx_reader *r, const Onnx__NodeProto *n,
                            struct err *err)
{
    const struct onnx_value *x;
    float step;
    TRY(onnx_input(r, n, 0, &x, err));
    if (x->tensor && x->tensor->data_type != FLOAT)
        return dequantise_constant(r, n, x->tensor, err);
    TRY(read_number(r, n, 1, "scale", &step, err));
    if (!x->grid.bits || x->grid.step != step)
        return onnx_fail(&r->f, n, ST_UNSUPPORTED, err,
                         "expected the output of a QuantizeLinear of scale %g, found "
                         "'%.64s'",
                         (double)step, n->input[0]);
    if (x->tensor) {
        TRY(onnx_define_constant(r, n, x->tensor, err));
        r->values[r->n_values - 1].grid = x->grid;
        return ST_OK;
    }
    return onnx_define_alias(r, n, x, x->flat, err);
}

/* ---- who reads them ---- */

void onnx_set_given(struct nn_node *node, const struct onnx_value *x,
                    const struct onnx_value *w)
{
    node->given.abits = x->grid.bits;
    node->given.a_step = x->grid.step;
    node->given.wbits = w->grid.bits;
    node->given.w_step = w->grid.step;
}

status onnx_check_real(struct onnx_reader *r, const Onnx__NodeProto *n,
                       const struct onnx_value *x, bool on_stream, struct err *err)
{
    if (!x->grid.bits || (on_stream && x->grid.bits == 8)) return ST_OK;
    return onnx_fail(&r->f, n, ST_UNSUPPORTED, err,
                     on_stream ? "expected values of 8 bits between layers, found %d"
                               : "expected a value before its quantiser, found one of "
                                 "%d bits",
                     x->grid.bits);
}
