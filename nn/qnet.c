/* qnet.c -- the integer network itself: access, and one check for all its makers.
 *
 * qnet_finish_node refuses whatever the engine or the hardware
 * could not compute exactly, so that neither has to look again. */

#include "nn/graph_internal.h"
#include "nn/qnet_internal.h"

int32_t qnet_n_layers(const struct qnet *q) { return q->n_layers; }

const struct qnet_layer *qnet_layer(const struct qnet *q, int32_t i)
{
    return &q->layers[i];
}

const char *qnet_name(const struct qnet *q) { return q->name; }

const char *qnet_provenance(const struct qnet *q) { return q->provenance; }

status qnet_set_provenance(struct qnet *q, const char *json_text, struct arena *a,
                           struct err *err)
{
    q->provenance = arena_strdup(a, json_text);
    return q->provenance ? ST_OK : arena_exhausted(err);
}

int qnet_layer_acc_bits(const struct qnet_layer *l)
{
    return quant_acc_bits(layer_shape_MW(&l->shape), l->wbits, l->wsigned, l->abits,
                          l->asigned);
}

/* ---- checks of the parts ---- */

/* The fields of a requant within the widths that nn/quant.h promises. */
static status check_requant(const char *name, const struct requant *r, int acc_bits,
                            struct err *err)
{
    const int64_t mul_top = INT64_C(1) << (REQUANT_MUL_BITS - 1);
    const int64_t bias_top = INT64_C(1) << (acc_bits + REQUANT_MUL_BITS - 1);
    if (r->shift < 1 || r->shift > REQUANT_MAX_SHIFT)
        return err_set(err, ST_RANGE, "node '%s': expected a shift in 1..%d, found %d",
                       name, REQUANT_MAX_SHIFT, r->shift);
    if (r->out_bits < 1 || r->out_bits > (r->out_signed ? 16 : 8))
        return err_set(err, ST_RANGE,
                       "node '%s': expected out_bits in 1..16 signed or 1..8 unsigned, "
                       "found %d",
                       name, r->out_bits);
    for (int32_t k = 0; k < r->n; k++) {
        if (r->mul[k] < -mul_top || r->mul[k] >= mul_top)
            return err_set(err, ST_RANGE,
                           "node '%s': expected multipliers of %d bits, "
                           "found %d in channel %d",
                           name, REQUANT_MUL_BITS, r->mul[k], k);
        if (r->bias[k] < -bias_top || r->bias[k] >= bias_top)
            return err_set(err, ST_RANGE,
                           "node '%s': expected biases of %d bits, found "
                           "%lld in channel %d",
                           name, acc_bits + REQUANT_MUL_BITS, (long long)r->bias[k], k);
    }
    return ST_OK;
}

static status check_weights(const struct qnet_layer *l, struct err *err)
{
    const int32_t lo = quant_lo(l->wbits, l->wsigned),
                  hi = quant_hi(l->wbits, l->wsigned);
    const int64_t n = layer_shape_weights(&l->shape);
    const bool bipolar = l->wbits == 1 && l->wsigned;
    for (int64_t i = 0; i < n; i++) {
        const int8_t w = l->weights[i];
        if (w >= lo && w <= hi && !(bipolar && w == 0)) continue;
        return err_set(err, ST_RANGE,
                       "layer '%s': expected weights of %d bits, found %d",
                       l->shape.name, l->wbits, w);
    }
    return ST_OK;
}

static bool has_padding(const struct layer_shape *s)
{
    return s->pad_top || s->pad_left || s->pad_bottom || s->pad_right;
}

static status check_layer(const struct qnet_node *node, const struct qnet_node *x,
                          const struct qnet_layer *l, struct err *err)
{
    const char *name = node->name;
    if (l->wbits < 1 || l->wbits > 8 || l->abits < 1 || l->abits > 8 || !l->wsigned)
        return err_set(err, ST_RANGE,
                       "layer '%s': expected signed weights of 1..8 bits and "
                       "activations of 1..8 bits, found %d and %d",
                       name, l->wbits, l->abits);
    if (x->bits != l->abits || x->is_signed != l->asigned)
        return err_set(err, ST_PARSE,
                       "layer '%s': expected input on a grid of %d %s bits, "
                       "found %d %s",
                       name, l->abits, l->asigned ? "signed" : "unsigned", x->bits,
                       x->is_signed ? "signed" : "unsigned");
    if (l->asigned && l->abits == 1 && has_padding(&l->shape))
        return err_set(err, ST_UNSUPPORTED,
                       "layer '%s': zero padding does not exist on a "
                       "grid of 1 signed bit",
                       name);
    for (int32_t c = 0; l->border && c < l->shape.C; c++)
        if (l->asigned || l->border[c] > quant_hi(l->abits, false))
            return err_set(
                err, ST_RANGE,
                "layer '%s': expected padding on a grid of %d unsigned bits, "
                "found %d in channel %d",
                name, l->abits, l->border[c], c);
    const int acc_bits = qnet_layer_acc_bits(l);
    if (acc_bits > 32)
        return err_set(err, ST_RANGE,
                       "layer '%s': expected sums of at most 32 bits, found "
                       "%d",
                       name, acc_bits);
    if (l->shape.groups > 1 && acc_bits > 24)
        return err_set(err, ST_UNSUPPORTED,
                       "layer '%s': expected sums of at most 24 bits in a convolution "
                       "of %d groups, found %d",
                       name, l->shape.groups, acc_bits);
    if (l->shape.groups > 1 && l->border)
        return err_set(err, ST_UNSUPPORTED,
                       "layer '%s': expected one group in a layer with a border, "
                       "found %d",
                       name, l->shape.groups);
    TRY(check_weights(l, err));
    return check_requant(name, &l->requant, acc_bits, err);
}

/* ---- one node ---- */

static void set_output(struct qnet_node *node, int32_t H, int32_t W, int32_t C)
{
    node->H = H;
    node->W = W;
    node->C = C;
}

static status finish_layer(struct qnet *q, struct qnet_node *node,
                           const struct qnet_node *x, struct arena *a, struct err *err)
{
    struct qnet_layer *l = &q->layers[node->i_layer];
    const bool is_conv = node->op == QNET_CONV;
    TRY(is_conv ? graph_infer_conv(&l->shape, x->H, x->W, x->C, err)
                : graph_infer_gemm(&l->shape, x->H, x->W, x->C, err));
    TRY(check_layer(node, x, l, err));
    set_output(node, l->shape.P, l->shape.Q, l->shape.K);
    node->bits = l->requant.out_bits;
    node->is_signed = l->requant.out_signed;
    const size_t n = (size_t)layer_shape_weights(&l->shape);
    float *w = ARENA_NEW(a, float, n);
    if (!w) return arena_exhausted(err);
    for (size_t i = 0; i < n; i++)
        w[i] = (float)l->weights[i];
    node->weights = w;
    if (!l->border) return ST_OK;
    float *border = ARENA_NEW(a, float, (size_t)l->shape.C);
    if (!border) return arena_exhausted(err);
    for (int32_t c = 0; c < l->shape.C; c++)
        border[c] = l->border[c];
    node->border = border;
    return ST_OK;
}

static status finish_rescale(struct qnet_node *node, const struct qnet_node *x,
                             struct arena *a, struct err *err)
{
    const struct requant *r = &node->rescale;
    const int32_t lo = quant_lo(x->bits, x->is_signed);
    const int32_t hi = quant_hi(x->bits, x->is_signed);
    TRY(check_requant(node->name, r, x->bits + !x->is_signed, err));
    set_output(node, x->H, x->W, x->C);
    node->bits = r->out_bits;
    node->is_signed = r->out_signed;
    if (x->bits > QNET_STREAM_BITS) return ST_OK;
    float *table = ARENA_NEW(a, float, (size_t)(hi - lo + 1));
    if (!table) return arena_exhausted(err);
    for (int32_t code = lo; code <= hi; code++)
        table[code - lo] = (float)requant_apply(r, 0, code);
    node->table = table;
    return ST_OK;
}

static status finish_add(struct qnet_node *node, const struct qnet_node *x,
                         const struct qnet_node *y, struct err *err)
{
    if (x->H != y->H || x->W != y->W || x->C != y->C)
        return err_set(err, ST_PARSE,
                       "node '%s': expected operands of one shape, found "
                       "%dx%dx%d and %dx%dx%d",
                       node->name, x->H, x->W, x->C, y->H, y->W, y->C);
    if (x->bits > QNET_STREAM_BITS || y->bits > QNET_STREAM_BITS ||
        node->bits != QNET_STREAM_BITS)
        return err_set(err, ST_RANGE,
                       "node '%s': expected operands and sum of %d bits, "
                       "found %d, %d and %d",
                       node->name, QNET_STREAM_BITS, x->bits, y->bits, node->bits);
    set_output(node, x->H, x->W, x->C);
    return ST_OK;
}

/* The sum of H * W integers; the engine needs it below 2^24. */
static status finish_gap(struct qnet_node *node, const struct qnet_node *x,
                         struct err *err)
{
    const int bits = x->bits > QNET_STREAM_BITS
                         ? 32
                         : quant_acc_bits(x->H * x->W, 1, false, x->bits, x->is_signed);
    if (bits > 24)
        return err_set(err, ST_RANGE,
                       "node '%s': expected sums of at most 24 bits, found "
                       "%d bits over %dx%d",
                       node->name, bits, x->H, x->W);
    set_output(node, 1, 1, x->C);
    node->bits = bits;
    node->is_signed = true;
    return ST_OK;
}

static status finish_shortcut(struct qnet_node *node, const struct qnet_node *x,
                              struct err *err)
{
    const struct nn_shortcut *s = &node->shortcut;
    const int64_t channels = (int64_t)s->before + x->C + s->after;
    if (s->stride_h < 1 || s->stride_h > 16 || s->stride_w < 1 || s->stride_w > 16 ||
        s->before < 0 || s->after < 0 || channels > 65536)
        return err_set(
            err, ST_RANGE,
            "node '%s': expected strides in 1..16 and at most 65536 channels, "
            "found %d, %d and %lld",
            node->name, s->stride_h, s->stride_w, (long long)channels);
    if (x->is_signed && x->bits == 1)
        return err_set(
            err, ST_UNSUPPORTED,
            "node '%s': channels of zeros do not exist on a grid of 1 signed "
            "bit",
            node->name);
    set_output(node, nn_shortcut_size(x->H, s->stride_h),
               nn_shortcut_size(x->W, s->stride_w), (int32_t)channels);
    node->bits = x->bits;
    node->is_signed = x->is_signed;
    return ST_OK;
}

static status finish_max_pool(struct qnet_node *node, const struct qnet_node *x,
                              struct err *err)
{
    int32_t P, Q;
    TRY(graph_infer_pool(node->name, &node->pool, x->H, x->W, &P, &Q, err));
    set_output(node, P, Q, x->C);
    node->bits = x->bits;
    node->is_signed = x->is_signed;
    return ST_OK;
}

static status derive_node(struct qnet *q, int32_t i, struct arena *a, struct err *err)
{
    struct qnet_node *node = &q->nodes[i];
    const struct qnet_node *x = node->n_inputs > 0 ? &q->nodes[node->inputs[0]] : NULL;
    switch (node->op) {
    case QNET_INPUT:
        node->bits = QNET_STREAM_BITS;
        node->is_signed = false;
        return ST_OK;
    case QNET_RESCALE:
        return finish_rescale(node, x, a, err);
    case QNET_CONV:
    case QNET_GEMM:
        return finish_layer(q, node, x, a, err);
    case QNET_ADD:
        return finish_add(node, x, &q->nodes[node->inputs[1]], err);
    case QNET_GAP:
        return finish_gap(node, x, err);
    case QNET_SHORTCUT:
        return finish_shortcut(node, x, err);
    case QNET_MAXPOOL:
        return finish_max_pool(node, x, err);
    }
    return ST_OK;
}

status qnet_finish_node(struct qnet *q, int32_t i, struct arena *a, struct err *err)
{
    const struct qnet_node *node = &q->nodes[i];
    TRY(derive_node(q, i, a, err));
    const int64_t n = (int64_t)node->H * node->W; /* at most 2^34 by the bounds */
    if (n <= GRAPH_MAX_ELEMENTS && n * node->C <= GRAPH_MAX_ELEMENTS) return ST_OK;
    return err_set(err, ST_RANGE,
                   "node '%s': expected at most %d output elements, found "
                   "%dx%dx%d",
                   node->name, GRAPH_MAX_ELEMENTS, node->H, node->W, node->C);
}

status qnet_finish(struct qnet *q, struct err *err)
{
    if (q->n_layers > NN_MAX_LAYERS)
        return err_set(err, ST_RANGE, "expected at most %d layers, found %d",
                       NN_MAX_LAYERS, q->n_layers);
    const struct qnet_node *last = &q->nodes[q->n_nodes - 1];
    if (last->op != QNET_GEMM || last->C < 2 || last->C > 65535)
        return err_set(err, ST_PARSE,
                       "node '%s': expected a QGemm of 2..65535 classes as "
                       "the last node, found another",
                       last->name);
    q->n_classes = last->C;
    return ST_OK;
}

status qnet_check_images(const struct qnet *q, const struct nn_images *images,
                         struct err *err)
{
    const struct qnet_node *in = &q->nodes[0];
    if (images->H == in->H && images->W == in->W && images->C == in->C) return ST_OK;
    return err_set(err, ST_RANGE,
                   "network '%s': expected images of %dx%dx%d, found "
                   "%dx%dx%d",
                   q->name, in->H, in->W, in->C, images->H, images->W, images->C);
}
