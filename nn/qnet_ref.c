/* qnet_ref.c -- the integer network in plain loops: what the numbers mean.
 *
 * The fast engine (qnet_run.c) must give the same integers, and so must the RTL, whose
 * inputs and outputs per layer qnet_trace_image takes from here. */
#include <string.h>

#include "nn/qnet_internal.h"

/* Element (h, w, c) of x, or what stands in the padding: border (C), NULL: 0. */
static int32_t at(const struct qnet_node *x, const uint8_t *border, const int32_t *v,
                  int32_t h, int32_t w, int32_t c)
{
    if (h < 0 || h >= x->H || w < 0 || w >= x->W) return border ? border[c] : 0;
    return v[((size_t)h * (size_t)x->W + (size_t)w) * (size_t)x->C + (size_t)c];
}

/* The vector (r, s, c) that output position (p, q) of a group reads. */
static void gather(const struct qnet_layer *layer, const struct qnet_node *x,
                   const int32_t *v, int32_t i_vec, int32_t group, int32_t *vector)
{
    const struct layer_shape *l = &layer->shape;
    if (l->op == LAYER_GEMM) {
        memcpy(vector, v, (size_t)l->C * sizeof *v);
        return;
    }
    const int32_t Cg = l->C / l->groups;
    const int32_t h0 = i_vec / l->Q * l->stride_h - l->pad_top;
    const int32_t w0 = i_vec % l->Q * l->stride_w - l->pad_left;
    for (int32_t r = 0; r < l->R; r++)
        for (int32_t s = 0; s < l->S; s++)
            for (int32_t c = group * Cg; c < (group + 1) * Cg; c++)
                *vector++ = at(x, layer->border, v, h0 + r, w0 + s, c);
}

static int32_t dot(const int8_t *w, const int32_t *v, int32_t n)
{
    int32_t acc = 0;
    for (int32_t i = 0; i < n; i++)
        acc += w[i] * v[i];
    return acc;
}

/* vector: room for MW. */
static void run_layer(const struct qnet_layer *l, const struct qnet_node *x,
                      const int32_t *v, int32_t *vector, int32_t *out)
{
    const int32_t MW = layer_shape_MW(&l->shape), MH = layer_shape_MH(&l->shape);
    const int32_t n_vec = (int32_t)layer_shape_n_vec(&l->shape);
    const int32_t per_group = MH / l->shape.groups;
    for (int32_t i = 0; i < n_vec; i++) {
        for (int32_t k = 0; k < MH; k++) {
            if (k % per_group == 0) gather(l, x, v, i, k / per_group, vector);
            const int32_t acc = dot(l->weights + (size_t)k * (size_t)MW, vector, MW);
            out[(size_t)i * (size_t)MH + (size_t)k] =
                requant_apply(&l->requant, k, acc);
        }
    }
}

static void run_add(const struct qnet_node *node, const int32_t *x, const int32_t *y,
                    int32_t *out)
{
    const int32_t lo = quant_lo(node->bits, node->is_signed);
    const int32_t hi = quant_hi(node->bits, node->is_signed);
    for (size_t i = 0; i < qnet_n_elements(node); i++) {
        const int32_t sum = x[i] + y[i];
        out[i] = sum < lo ? lo : sum > hi ? hi : sum;
    }
}

static void run_gap(const struct qnet_node *x, const int32_t *v, int32_t *out)
{
    memset(out, 0, (size_t)x->C * sizeof *out);
    for (size_t i = 0; i < qnet_n_elements(x); i++)
        out[i % (size_t)x->C] += v[i];
}

static void run_max_pool(const struct qnet_node *node, const struct qnet_node *x,
                         const int32_t *v, int32_t *out)
{
    const struct nn_pool *k = &node->pool;
    for (int32_t i = 0; i < node->H * node->W * node->C; i++) {
        const int32_t c = i % node->C;
        const int32_t h0 = i / node->C / node->W * k->stride_h - k->pad_top;
        const int32_t w0 = i / node->C % node->W * k->stride_w - k->pad_left;
        out[i] = INT32_MIN;
        for (int32_t h = h0; h < h0 + k->R; h++)
            for (int32_t w = w0; w < w0 + k->S; w++) {
                const bool inside = h >= 0 && h < x->H && w >= 0 && w < x->W;
                if (inside && at(x, NULL, v, h, w, c) > out[i])
                    out[i] = at(x, NULL, v, h, w, c);
            }
    }
}

static void run_shortcut(const struct qnet_node *node, const struct qnet_node *x,
                         const int32_t *v, int32_t *out)
{
    const struct nn_shortcut *s = &node->shortcut;
    for (int32_t p = 0; p < node->H; p++)
        for (int32_t q = 0; q < node->W; q++)
            for (int32_t k = 0; k < node->C; k++) {
                const int32_t c = k - s->before;
                const bool inside = c >= 0 && c < x->C;
                *out++ =
                    inside ? at(x, NULL, v, p * s->stride_h, q * s->stride_w, c) : 0;
            }
}

void qnet_run_ref(const struct qnet *q, const uint8_t *image, int32_t *const *out)
{
    int32_t *const vector = out[q->n_nodes]; /* scratch, see ref_buffers */
    for (int32_t i = 0; i < q->n_nodes; i++) {
        const struct qnet_node *node = &q->nodes[i];
        const struct qnet_node *x = &q->nodes[node->inputs[0]];
        const int32_t *v = out[node->inputs[0]];
        switch (node->op) {
        case QNET_INPUT:
            for (size_t j = 0; j < qnet_n_elements(node); j++)
                out[i][j] = image[j];
            break;
        case QNET_RESCALE:
            for (size_t j = 0; j < qnet_n_elements(node); j++)
                out[i][j] = requant_apply(&node->rescale, 0, v[j]);
            break;
        case QNET_CONV:
        case QNET_GEMM:
            run_layer(&q->layers[node->i_layer], x, v, vector, out[i]);
            break;
        case QNET_ADD:
            run_add(node, v, out[node->inputs[1]], out[i]);
            break;
        case QNET_GAP:
            run_gap(x, v, out[i]);
            break;
        case QNET_SHORTCUT:
            run_shortcut(node, x, v, out[i]);
            break;
        case QNET_MAXPOOL:
            run_max_pool(node, x, v, out[i]);
            break;
        }
    }
}

int32_t **qnet_ref_buffers(const struct qnet *q, struct arena *a)
{
    int32_t **out = ARENA_NEW(a, int32_t *, (size_t)q->n_nodes + 1);
    int32_t max_MW = 1;
    for (int32_t i = 0; i < q->n_layers; i++) {
        const int32_t MW = layer_shape_MW(&q->layers[i].shape);
        if (MW > max_MW) max_MW = MW;
    }
    for (int32_t i = 0; out && i < q->n_nodes; i++) {
        out[i] = ARENA_NEW(a, int32_t, qnet_n_elements(&q->nodes[i]));
        if (!out[i]) return NULL;
    }
    if (out) out[q->n_nodes] = ARENA_NEW(a, int32_t, (size_t)max_MW);
    return out && out[q->n_nodes] ? out : NULL;
}

uint16_t qnet_first_maximum(const int32_t *logits, int32_t n)
{
    int32_t best = 0;
    for (int32_t i = 1; i < n; i++)
        if (logits[i] > logits[best]) best = i;
    return (uint16_t)best;
}

/* ---- traces ---- */

static status trace_layer(const struct qnet *q, const struct qnet_node *node,
                          int32_t *const *values, struct arena *a, struct qnet_trace *t,
                          struct err *err)
{
    const struct qnet_layer *layer = &q->layers[node->i_layer];
    const struct layer_shape *l = &layer->shape;
    const struct qnet_node *x = &q->nodes[node->inputs[0]];
    if (l->groups > 1)
        return err_set(
            err, ST_UNSUPPORTED,
            "layer '%s': a convolution of %d groups has a vector for each of "
            "them; a trace and the matrix-vector unit have one",
            l->name, l->groups);
    t->MW = layer_shape_MW(l);
    t->MH = layer_shape_MH(l);
    t->n_vec = (int32_t)layer_shape_n_vec(l);
    const size_t MW = (size_t)t->MW, n_out = (size_t)t->n_vec * (size_t)t->MH;
    int16_t *vectors = ARENA_NEW(a, int16_t, (size_t)t->n_vec * MW);
    int16_t *outputs = ARENA_NEW(a, int16_t, n_out);
    if (!vectors || !outputs) return arena_exhausted(err);
    int32_t *vector = values[q->n_nodes];
    for (int32_t i = 0; i < t->n_vec; i++) {
        gather(layer, x, values[node->inputs[0]], i, 0, vector);
        for (size_t j = 0; j < MW; j++)
            vectors[(size_t)i * MW + j] = (int16_t)vector[j];
    }
    const int32_t *result = values[node - q->nodes];
    for (size_t j = 0; j < n_out; j++)
        outputs[j] = (int16_t)result[j]; /* an unsigned grid has at most 8 bits here */
    t->vectors = vectors;
    t->outputs = outputs;
    return ST_OK;
}

status qnet_trace_image(const struct qnet *q, const struct nn_images *images, int32_t i,
                        struct arena *a, struct qnet_trace *traces, uint16_t *class_out,
                        struct err *err)
{
    TRY(qnet_check_images(q, images, err));
    if (i < 0 || i >= images->n)
        return err_set(err, ST_RANGE, "expected an image in 0..%d, found %d",
                       images->n - 1, i);
    struct arena *tmp = arena_new();
    int32_t **values = tmp ? qnet_ref_buffers(q, tmp) : NULL;
    status st = values ? ST_OK : arena_exhausted(err);
    if (values)
        qnet_run_ref(q, images->pixels + (size_t)i * qnet_n_elements(&q->nodes[0]),
                     values);
    for (int32_t j = 0; j < q->n_nodes && st == ST_OK; j++) {
        const struct qnet_node *node = &q->nodes[j];
        if (node->i_layer < 0) continue;
        st = trace_layer(q, node, values, a, &traces[node->i_layer], err);
    }
    if (st == ST_OK)
        *class_out = qnet_first_maximum(values[q->n_nodes - 1], q->n_classes);
    arena_free(tmp);
    return st;
}
