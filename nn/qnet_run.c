/* qnet_run.c -- classifies images: on bytes where that is possible (qnet_fast.c), else
 * by im2col and sgemm on integers.
 *
 * Every integer here is held in a float and stays below 2^24, where floats and their
 * products and sums are exact in any order; sums that could grow beyond are cut into
 * pieces of MW short enough and added up in int32.  So the results equal those of
 * qnet_ref.c to the last bit, on any number of threads.  Images are run in small
 * batches whose tensors stay in cache. */
#include <cblas.h>
#include <string.h>

#include "base/blas.h"
#include "base/interrupt.h"
#include "nn/conv_group.h"
#include "nn/qnet_internal.h"

enum { BATCH = QNET_BATCH, FLOAT_EXACT = 1 << 24 };

struct workspace {   /* one thread's; all in arena */
    float **values;  /* (n_nodes): (BATCH, H, W, C)                           */
    float *columns;  /* largest (BATCH * n_vec, MW) of the convolutions, or workspace */
    float *sums;     /* largest (BATCH * n_vec, MH)                           */
    int32_t *totals; /* the same, where MW is cut into pieces                 */
};

struct run {
    const struct qnet *q;
    const struct nn_images *images;
    struct workspace *threads;
    struct qnet_fast *fast; /* NULL: fp32 products */
    uint16_t *classes;      /* (n) */
};

/* Longest piece of MW whose sum is exact in float. */
static int32_t piece_of(const struct qnet_layer *l)
{
    const int32_t w = -quant_lo(l->wbits, l->wsigned);
    const int32_t lo = quant_lo(l->abits, l->asigned),
                  hi = quant_hi(l->abits, l->asigned);
    return FLOAT_EXACT / (w * (-lo > hi ? -lo : hi));
}

/* One row of kernel positions: S * C values from row h of the image; outside border
 * (C), NULL: 0. */
static float *gather_row(const struct layer_shape *l, const float *border,
                         const float *x, int32_t h, int32_t w0, float *out)
{
    const size_t C = (size_t)l->C;
    for (int32_t s = 0; s < l->S; s++, out += C) {
        const int32_t w = w0 + s;
        const bool inside = h >= 0 && h < l->H && w >= 0 && w < l->W;
        if (!inside && border)
            memcpy(out, border, C * sizeof *out);
        else if (!inside)
            memset(out, 0, C * sizeof *out);
        else
            memcpy(out, x + ((size_t)h * (size_t)l->W + (size_t)w) * C,
                   C * sizeof *out);
    }
    return out;
}

/* columns (n_vec, MW) of one image x (H, W, C). */
static void im2col(const struct layer_shape *l, const float *border, const float *x,
                   float *columns)
{
    for (int32_t p = 0; p < l->P; p++)
        for (int32_t q = 0; q < l->Q; q++)
            for (int32_t r = 0; r < l->R; r++)
                columns = gather_row(l, border, x, p * l->stride_h - l->pad_top + r,
                                     q * l->stride_w - l->pad_left, columns);
}

/* out[i] = requant of accumulator i, row-major (n_rows, r->n). */
static void requant_rows(const struct requant *r, const int32_t *totals,
                         const float *sums, size_t n_rows, float *out)
{
    const int64_t lo = quant_lo(r->out_bits, r->out_signed);
    const int64_t hi = quant_hi(r->out_bits, r->out_signed);
    const bool bipolar = r->out_bits == 1 && r->out_signed;
    for (size_t i = 0; i < n_rows; i++) {
        for (int32_t k = 0; k < r->n; k++) {
            const int64_t acc = totals ? *totals++ : (int32_t)*sums++;
            int64_t v = (acc * r->mul[k] + r->bias[k]) >> r->shift;
            if (bipolar) v = v >= 0 ? 1 : -1;
            *out++ = (float)(v < lo ? lo : v > hi ? hi : v);
        }
    }
}

/* Sums of columns [from, from + n) of MW: sums (n_rows, MH). */
static void multiply(const struct qnet_node *node, const float *columns, size_t n_rows,
                     int32_t MW, int32_t from, int32_t n, float *sums)
{
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, (int)n_rows, node->C, n, 1.0f,
                columns + from, MW, node->weights + from, MW, 0.0f, sums, node->C);
}

static void run_layer(const struct qnet_node *node, const struct qnet_layer *l,
                      const float *x, int n, struct workspace *ws, float *out)
{
    const struct layer_shape *s = &l->shape;
    const int32_t MW = layer_shape_MW(s), piece = piece_of(l);
    const size_t n_vec = (size_t)layer_shape_n_vec(s), n_rows = (size_t)n * n_vec;
    const size_t n_in = (size_t)s->H * (size_t)s->W * (size_t)s->C;
    const float *columns = x;
    if (s->groups > 1) { /* sums of at most 24 bits: qnet_finish_node */
        nn_group_forward(s, n, x, node->weights, ws->sums, ws->columns);
        requant_rows(&l->requant, NULL, ws->sums, n_rows, out);
        return;
    }
    if (!layer_shape_is_pointwise(s)) {
        for (int i = 0; i < n; i++)
            im2col(s, node->border, x + (size_t)i * n_in,
                   ws->columns + (size_t)i * n_vec * (size_t)MW);
        columns = ws->columns;
    }
    if (MW <= piece) {
        multiply(node, columns, n_rows, MW, 0, MW, ws->sums);
        requant_rows(&l->requant, NULL, ws->sums, n_rows, out);
        return;
    }
    const size_t n_sums = n_rows * (size_t)node->C;
    memset(ws->totals, 0, n_sums * sizeof *ws->totals);
    for (int32_t from = 0; from < MW; from += piece) {
        const int32_t left = MW - from;
        multiply(node, columns, n_rows, MW, from, left < piece ? left : piece,
                 ws->sums);
        for (size_t i = 0; i < n_sums; i++)
            ws->totals[i] += (int32_t)ws->sums[i];
    }
    requant_rows(&l->requant, ws->totals, NULL, n_rows, out);
}

static void run_rescale(const struct qnet_node *node, const struct qnet_node *x,
                        const float *v, size_t n, float *out)
{
    const int32_t lo = quant_lo(x->bits, x->is_signed);
    for (size_t i = 0; i < n; i++)
        out[i] = node->table ? node->table[(int32_t)v[i] - lo]
                             : (float)requant_apply(&node->rescale, 0, (int32_t)v[i]);
}

static void run_add(const struct qnet_node *node, const float *x, const float *y,
                    size_t n, float *out)
{
    const float lo = (float)quant_lo(node->bits, node->is_signed);
    const float hi = (float)quant_hi(node->bits, node->is_signed);
    for (size_t i = 0; i < n; i++) {
        const float sum = x[i] + y[i];
        out[i] = sum < lo ? lo : sum > hi ? hi : sum;
    }
}

static void run_gap(const struct qnet_node *x, const float *v, int n, float *out)
{
    const size_t C = (size_t)x->C, HW = (size_t)x->H * (size_t)x->W;
    memset(out, 0, (size_t)n * C * sizeof *out);
    for (int i = 0; i < n; i++, out += C)
        for (size_t j = 0; j < HW; j++)
            for (size_t c = 0; c < C; c++)
                out[c] += *v++;
}

static void run_shortcut(const struct qnet_node *node, const struct qnet_node *x,
                         const float *v, int n, float *out)
{
    const struct nn_shortcut_map map = {x->H,    x->W,    x->C,    x->C,
                                        node->H, node->W, node->C, node->shortcut};
    nn_shortcut_forward(&map, n, sizeof *v, 0, v, out);
}

static void run_max_pool(const struct qnet_node *node, const struct qnet_node *x,
                         const float *v, int n, float *out)
{
    const struct nn_pool_map map = {x->H, x->W, node->H, node->W, node->C, node->pool};
    nn_pool_forward(&map, n, v, out);
}

/* Runs n <= BATCH images from number `first` on. */
static void run_batch(const struct run *r, int32_t first, int n, struct workspace *ws)
{
    const struct qnet *q = r->q;
    for (int32_t i = 0; i < q->n_nodes; i++) {
        const struct qnet_node *node = &q->nodes[i];
        const struct qnet_node *x = &q->nodes[node->inputs[0]];
        const float *v = ws->values[node->inputs[0]];
        float *out = ws->values[i];
        const size_t size = qnet_n_elements(node), n_all = (size_t)n * size;
        switch (node->op) {
        case QNET_INPUT:
            for (size_t j = 0; j < n_all; j++)
                out[j] = r->images->pixels[(size_t)first * size + j];
            break;
        case QNET_RESCALE:
            run_rescale(node, x, v, n_all, out);
            break;
        case QNET_CONV:
        case QNET_GEMM:
            run_layer(node, &q->layers[node->i_layer], v, n, ws, out);
            break;
        case QNET_ADD:
            run_add(node, v, ws->values[node->inputs[1]], n_all, out);
            break;
        case QNET_GAP:
            run_gap(x, v, n, out);
            break;
        case QNET_SHORTCUT:
            run_shortcut(node, x, v, n, out);
            break;
        case QNET_MAXPOOL:
            run_max_pool(node, x, v, n, out);
            break;
        }
    }
}

static uint16_t first_maximum(const float *logits, int32_t n)
{
    int32_t best = 0;
    for (int32_t i = 1; i < n; i++)
        if (logits[i] > logits[best]) best = i;
    return (uint16_t)best;
}

static void classify_batch(void *arg, int i_batch, int i_thread)
{
    const struct run *r = arg;
    if (interrupt_requested()) return;
    const int32_t first = i_batch * BATCH, left = r->images->n - first;
    const int n = left < BATCH ? left : BATCH;
    if (r->fast) {
        const size_t size = qnet_n_elements(&r->q->nodes[0]);
        const int32_t *logits = qnet_fast_run(
            r->fast, r->images->pixels + (size_t)first * size, n, i_thread);
        for (int i = 0; i < n; i++)
            r->classes[first + i] =
                qnet_first_maximum(logits + i * r->q->n_classes, r->q->n_classes);
        return;
    }
    struct workspace *ws = &r->threads[i_thread];
    run_batch(r, first, n, ws);
    const float *logits = ws->values[r->q->n_nodes - 1];
    for (int i = 0; i < n; i++)
        r->classes[first + i] = first_maximum(
            logits + (size_t)i * (size_t)r->q->n_classes, r->q->n_classes);
}

static status make_workspace(const struct qnet *q, struct arena *a,
                             struct workspace *ws, struct err *err)
{
    size_t n_columns = 1, n_sums = 1, n_totals = 1;
    for (int32_t i = 0; i < q->n_layers; i++) {
        const struct layer_shape *l = &q->layers[i].shape;
        const size_t n_vec = (size_t)layer_shape_n_vec(l) * BATCH;
        const size_t n_col = l->groups > 1 ? nn_group_workspace(l)
                             : layer_shape_is_pointwise(l)
                                 ? 0
                                 : n_vec * (size_t)layer_shape_MW(l);
        const size_t n_out = n_vec * (size_t)l->K;
        if (n_col > n_columns) n_columns = n_col;
        if (n_out > n_sums) n_sums = n_out;
        if (layer_shape_MW(l) > piece_of(&q->layers[i]) && n_out > n_totals)
            n_totals = n_out;
    }
    ws->columns = ARENA_NEW(a, float, n_columns);
    ws->sums = ARENA_NEW(a, float, n_sums);
    ws->totals = ARENA_NEW(a, int32_t, n_totals);
    ws->values = ARENA_NEW(a, float *, (size_t)q->n_nodes);
    if (!ws->columns || !ws->sums || !ws->totals || !ws->values)
        return arena_exhausted(err);
    for (int32_t i = 0; i < q->n_nodes; i++) {
        ws->values[i] = ARENA_NEW(a, float, qnet_n_elements(&q->nodes[i]) * BATCH);
        if (!ws->values[i]) return arena_exhausted(err);
    }
    return ST_OK;
}

static status classify(struct run *r, struct pool *pool, struct arena *a,
                       struct err *err)
{
    const int n_threads = pool ? pool_n_threads(pool) : 1;
    TRY(qnet_fast_new(r->q, n_threads, a, &r->fast, err));
    r->threads = ARENA_NEW(a, struct workspace, (size_t)n_threads);
    if (!r->threads) return arena_exhausted(err);
    for (int i = 0; i < n_threads && !r->fast; i++)
        TRY(make_workspace(r->q, a, &r->threads[i], err));
    if (!r->classes) r->classes = ARENA_NEW(a, uint16_t, (size_t)r->images->n + 1);
    if (!r->classes) return arena_exhausted(err);
    pool_for(pool, (r->images->n + BATCH - 1) / BATCH, classify_batch, r);
    if (interrupt_requested())
        return interrupt_status(err, "run the same command again");
    return ST_OK;
}

status qnet_classify(const struct qnet *q, const struct nn_images *images,
                     struct pool *pool, uint16_t *classes, int32_t *n_correct,
                     struct err *err)
{
    TRY(qnet_check_images(q, images, err));
    if (n_correct && images->n_classes > q->n_classes)
        return err_set(err, ST_RANGE,
                       "network '%s': expected images of at most %d "
                       "classes, found %d",
                       q->name, q->n_classes, images->n_classes);
    TRY(blas_prepare(pool ? pool_n_threads(pool) : 1, err));
    struct arena *a = arena_new();
    if (!a) return arena_exhausted(err);
    struct run r = {.q = q, .images = images, .classes = classes};
    const status st = classify(&r, pool, a, err);
    if (st == ST_OK && n_correct) {
        *n_correct = 0;
        for (int32_t i = 0; i < images->n; i++)
            *n_correct += r.classes[i] == images->labels[i];
    }
    arena_free(a);
    return st;
}
