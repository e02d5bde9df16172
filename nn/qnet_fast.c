/* qnet_fast.c -- the integer engine on bytes, with the exact products of nn/qconv.h.
 *
 * A node's output of at most 8 bits is kept as bytes, value + zero (128 for a signed
 * grid), channels padded to 16; pixels, and what rescales them, keep their own number
 * of channels.  Every operation is on integers, so the results are those of qnet_ref.c
 * by construction, and a test compares them.  Networks that do not fit (wide grids
 * between layers, sums beyond 32 bits) are left to the products in fp32. */
#include <string.h>

#include "nn/act.h"
#include "nn/qconv.h"
#include "nn/qnet_internal.h"
#include "nn/vector.h"

struct layer { /* of a node that is one */
    struct qconv conv;
    void *packed;
    int32_t *mul;  /* (Kp), 0 beyond K */
    int64_t *bias; /* (Kp) */
};

struct node {
    bool is_narrow;       /* keeps its own number of channels                     */
    int32_t C;            /* channels as stored                                   */
    int64_t size;         /* H * W * C                                            */
    int32_t zero;         /* added to a stored byte                               */
    struct layer layer;   /* QNET_CONV, QNET_GEMM                                 */
    const uint8_t *table; /* (256) QNET_RESCALE of bytes                          */
};

struct workspace {   /* one thread's */
    uint8_t **bytes; /* (n_nodes): (QNET_BATCH, size), NULL where sums hold it    */
    uint8_t **x;     /* (n_nodes): input of a layer with its border               */
    int32_t *sums;   /* (QNET_BATCH, C) of the pool                               */
    int32_t *y;      /* largest (QNET_BATCH, y_image)                             */
    int32_t *logits; /* (QNET_BATCH, n_classes)                                   */
};

struct qnet_fast {
    const struct qnet *q;
    const struct qconv_isa *isa;
    const struct act_isa *act;
    struct node *nodes;
    struct workspace *threads;
};

/* ---- building ---- */

static bool is_layer(const struct qnet_node *n)
{
    return n->op == QNET_CONV || n->op == QNET_GEMM;
}

/* Whether bytes can hold all but the pool's sums and the logits, and every node reads
 * what it can. */
static bool fits(const struct qnet_fast *f, int32_t i)
{
    const struct qnet_node *n = &f->q->nodes[i], *x = &f->q->nodes[n->inputs[0]];
    const bool is_last = i == f->q->n_nodes - 1;
    if (n->op == QNET_INPUT) return true;
    if (n->op != QNET_GAP && n->bits > 8 && !is_last) return false;
    if (x->op == QNET_GAP && n->op != QNET_RESCALE) return false;
    return !f->nodes[n->inputs[0]].is_narrow || is_layer(n) || n->op == QNET_RESCALE;
}

static void describe_node(struct qnet_fast *f, int32_t i)
{
    const struct qnet_node *n = &f->q->nodes[i];
    struct node *node = &f->nodes[i];
    node->is_narrow = n->op == QNET_INPUT ||
                      (n->op == QNET_RESCALE && f->nodes[n->inputs[0]].is_narrow);
    node->C = node->is_narrow ? n->C : qconv_round_up(n->C, QCONV_LANES);
    node->size = (int64_t)n->H * n->W * node->C;
    node->zero = n->is_signed ? QCONV_SIGNED_ZERO : 0;
}

static status describe_layer(struct qnet_fast *f, int32_t i, struct arena *a,
                             struct err *err)
{
    const struct qnet_node *n = &f->q->nodes[i], *x = &f->q->nodes[n->inputs[0]];
    const struct qnet_layer *ql = &f->q->layers[n->i_layer];
    const struct node *in = &f->nodes[n->inputs[0]];
    struct layer *l = &f->nodes[i].layer;
    TRY(qconv_plan(&ql->shape, x->H, x->W, in->is_narrow, a, &l->conv, err));
    const size_t Kp = (size_t)l->conv.Kp;
    l->packed = arena_alloc(a, qconv_forward_bytes(f->isa, &l->conv), 1);
    l->mul = ARENA_NEW(a, int32_t, Kp);
    l->bias = ARENA_NEW(a, int64_t, Kp);
    if (!l->packed || !l->mul || !l->bias) return arena_exhausted(err);
    memcpy(l->mul, ql->requant.mul, sizeof *l->mul * (size_t)ql->requant.n);
    memcpy(l->bias, ql->requant.bias, sizeof *l->bias * (size_t)ql->requant.n);
    qconv_kernels(f->isa, &l->conv)
        ->pack_forward(&l->conv, n->weights, in->zero, l->packed);
    return ST_OK;
}

static status describe_table(struct qnet_fast *f, int32_t i, struct arena *a,
                             struct err *err)
{
    const struct qnet_node *n = &f->q->nodes[i], *x = &f->q->nodes[n->inputs[0]];
    if (n->op != QNET_RESCALE || x->op == QNET_GAP) return ST_OK;
    uint8_t *table = ARENA_NEW(a, uint8_t, 256);
    if (!table) return arena_exhausted(err);
    const int32_t lo = quant_lo(x->bits, x->is_signed);
    const int32_t hi = quant_hi(x->bits, x->is_signed);
    for (int32_t v = lo; v <= hi; v++)
        table[v + f->nodes[n->inputs[0]].zero] =
            (uint8_t)(requant_apply(&n->rescale, 0, v) + f->nodes[i].zero);
    f->nodes[i].table = table;
    return ST_OK;
}

static status make_workspace(const struct qnet_fast *f, struct arena *a,
                             struct workspace *ws, struct err *err)
{
    const int32_t n = f->q->n_nodes;
    size_t y = 1, sums = 1;
    ws->bytes = ARENA_NEW(a, uint8_t *, (size_t)n);
    ws->x = ARENA_NEW(a, uint8_t *, (size_t)n);
    if (!ws->bytes || !ws->x) return arena_exhausted(err);
    for (int32_t i = 0; i < n; i++) {
        const struct qconv *c = &f->nodes[i].layer.conv;
        const size_t size = (size_t)f->nodes[i].size + QCONV_SLACK;
        ws->bytes[i] = ARENA_NEW(a, uint8_t, QNET_BATCH * size);
        if (!ws->bytes[i]) return arena_exhausted(err);
        if (f->q->nodes[i].op == QNET_GAP && size > sums) sums = size;
        if (!is_layer(&f->q->nodes[i])) continue;
        if (c->y_image > y) y = c->y_image;
        ws->x[i] = ARENA_NEW(a, uint8_t, QNET_BATCH * c->x_image + QCONV_SLACK);
        if (!ws->x[i]) return arena_exhausted(err);
        qconv_clear_input(c, QNET_BATCH,
                          (uint8_t)f->nodes[f->q->nodes[i].inputs[0]].zero, ws->x[i]);
        const uint8_t *border = f->q->layers[f->q->nodes[i].i_layer].border;
        if (border) qconv_clear_border(c, QNET_BATCH, border, ws->x[i]);
    }
    ws->sums = ARENA_NEW(a, int32_t, QNET_BATCH * sums);
    ws->y = ARENA_NEW(a, int32_t, QNET_BATCH * y);
    ws->logits = ARENA_NEW(a, int32_t, QNET_BATCH * (size_t)f->q->n_classes);
    return ws->sums && ws->y && ws->logits ? ST_OK : arena_exhausted(err);
}

static status build(struct qnet_fast *f, int n_threads, struct arena *a,
                    struct err *err)
{
    for (int32_t i = 0; i < f->q->n_nodes; i++) {
        describe_node(f, i);
        if (!fits(f, i))
            return err_set(err, ST_UNSUPPORTED, "node '%s': not on bytes",
                           f->q->nodes[i].name);
        if (is_layer(&f->q->nodes[i])) TRY(describe_layer(f, i, a, err));
        TRY(describe_table(f, i, a, err));
    }
    for (int i = 0; i < n_threads; i++)
        TRY(make_workspace(f, a, &f->threads[i], err));
    return ST_OK;
}

status qnet_fast_new(const struct qnet *q, int n_threads, struct arena *a,
                     struct qnet_fast **out, struct err *err)
{
    enum nn_isa isa;
    *out = NULL;
    TRY(nn_isa_choose(&isa, err));
    if (!qconv_isa_of(isa)) return ST_OK;
    struct qnet_fast *f = ARENA_NEW(a, struct qnet_fast, 1);
    if (!f) return arena_exhausted(err);
    *f = (struct qnet_fast){.q = q, .isa = qconv_isa_of(isa), .act = act_isa_of(isa)};
    f->nodes = ARENA_NEW(a, struct node, (size_t)q->n_nodes);
    f->threads = ARENA_NEW(a, struct workspace, (size_t)n_threads);
    if (!f->nodes || !f->threads) return arena_exhausted(err);
    const status st = build(f, n_threads, a, err);
    if (st == ST_OK) *out = f;
    return st == ST_UNSUPPORTED ? ST_OK : st;
}

/* ---- running ---- */

/* One image from a node's bytes into a layer's input. */
static void read_image(const struct qconv *c, const struct node *in,
                       const uint8_t *from, uint8_t *x)
{
    const struct layer_shape *s = &c->shape;
    for (int32_t h = 0; h < s->H; h++) {
        uint8_t *to = x + (size_t)(((h + c->top) * c->Wp + c->left) * c->Cx);
        const uint8_t *row = from + (size_t)h * (size_t)(s->W * in->C);
        if (in->C == c->Cx) {
            memcpy(to, row, (size_t)(s->W * in->C));
            continue;
        }
        for (int32_t w = 0; w < s->W; w++)
            for (int32_t ch = 0; ch < s->C; ch++)
                to[w * c->Cx + ch] = row[w * in->C + ch];
    }
}

NN_INLINE void requant_all(const struct requant *r, const struct layer *l,
                           int64_t pixels, const int32_t *restrict y, int32_t zero,
                           uint8_t *restrict out, bool is_bipolar)
{
    const int64_t lo = quant_lo(r->out_bits, r->out_signed);
    const int64_t hi = quant_hi(r->out_bits, r->out_signed);
    const int32_t C = l->conv.Kp, *restrict mul = l->mul;
    const int64_t *restrict bias = l->bias;
    const int shift = r->shift;
    for (int64_t i = 0; i < pixels; i++, y += C, out += C)
        for (int32_t c = 0; c < C; c += NN_LANES)
            for (int k = 0; k < NN_LANES; k++) {
                const int64_t product = (int64_t)y[c + k] * (int64_t)mul[c + k];
                const int64_t v = (product + bias[c + k]) >> shift;
                const int64_t top = v < hi ? v : hi, clipped = top > lo ? top : lo;
                const int64_t q = is_bipolar ? (v >= 0 ? 1 : -1) : clipped;
                out[c + k] = (uint8_t)(zero + (int32_t)q);
            }
}

/* n pixels to bytes, as requant_apply. */
NN_VECTOR static void requant_bytes(const struct requant *r, const struct layer *l,
                                    int64_t pixels, const int32_t *y, int32_t zero,
                                    uint8_t *out)
{
    if (r->out_bits == 1 && r->out_signed)
        requant_all(r, l, pixels, y, zero, out, true);
    else
        requant_all(r, l, pixels, y, zero, out, false);
}

static void run_layer(const struct qnet_fast *f, int32_t i, int n, struct workspace *ws)
{
    const struct qnet_node *node = &f->q->nodes[i];
    const struct layer *l = &f->nodes[i].layer;
    const struct qconv *c = &l->conv;
    const struct node *in = &f->nodes[node->inputs[0]];
    const struct requant *r = &f->q->layers[node->i_layer].requant;
    for (int k = 0; k < n; k++)
        read_image(c, in, ws->bytes[node->inputs[0]] + k * in->size,
                   ws->x[i] + (size_t)k * c->x_image);
    qconv_kernels(f->isa, c)->forward(c, n, ws->x[i], l->packed, ws->y, NULL);
    if (i < f->q->n_nodes - 1) {
        requant_bytes(r, l, n * f->nodes[i].size / c->Kp, ws->y, f->nodes[i].zero,
                      ws->bytes[i]);
        return;
    }
    for (int k = 0; k < n; k++)
        for (int32_t j = 0; j < f->q->n_classes; j++)
            ws->logits[k * f->q->n_classes + j] =
                requant_apply(r, j, ws->y[k * c->Kp + j]);
}

static void run_rescale(const struct qnet_fast *f, int32_t i, int n,
                        struct workspace *ws)
{
    const struct qnet_node *node = &f->q->nodes[i];
    const struct node *fast = &f->nodes[i];
    const uint8_t *from = ws->bytes[node->inputs[0]];
    const int64_t n_all = n * fast->size;
    for (int64_t k = 0; k < n_all; k++)
        ws->bytes[i][k] =
            fast->table
                ? fast->table[from[k]]
                : (uint8_t)(requant_apply(&node->rescale, 0, ws->sums[k]) + fast->zero);
}

static void run_add(const struct qnet_fast *f, int32_t i, int n, struct workspace *ws)
{
    const struct qnet_node *node = &f->q->nodes[i];
    const int32_t a = node->inputs[0], b = node->inputs[1];
    const struct act_grid to = {false, (float)quant_lo(node->bits, node->is_signed),
                                (float)quant_hi(node->bits, node->is_signed),
                                (float)f->nodes[i].zero};
    f->act->add(&to, n * f->nodes[i].size, ws->bytes[a], (float)f->nodes[a].zero,
                ws->bytes[b], (float)f->nodes[b].zero, ws->bytes[i]);
}

static void run_gap(const struct qnet_fast *f, int32_t i, int n, struct workspace *ws)
{
    const int32_t i_in = f->q->nodes[i].inputs[0], C = f->nodes[i].C;
    const struct node *in = &f->nodes[i_in];
    const int32_t pixels = (int32_t)(in->size / C);
    const uint8_t *from = ws->bytes[i_in];
    for (int k = 0; k < n; k++) {
        int32_t *sum = ws->sums + k * C;
        for (int32_t c = 0; c < C; c++)
            sum[c] = -in->zero * pixels;
        for (int32_t p = 0; p < pixels; p++, from += C)
            for (int32_t c = 0; c < C; c++)
                sum[c] += from[c];
    }
}

static void run_shortcut(const struct qnet_fast *f, int32_t i, int n,
                         struct workspace *ws)
{
    const struct qnet_node *node = &f->q->nodes[i];
    const int32_t i_in = node->inputs[0];
    const struct qnet_node *x = &f->q->nodes[i_in];
    const struct nn_shortcut_map map = {
        x->H,    x->W,    x->C,          f->nodes[i_in].C,
        node->H, node->W, f->nodes[i].C, node->shortcut};
    nn_shortcut_forward(&map, n, 1, (unsigned char)f->nodes[i].zero, ws->bytes[i_in],
                        ws->bytes[i]);
}

static void run_max_pool(const struct qnet_fast *f, int32_t i, int n,
                         struct workspace *ws)
{
    const struct qnet_node *node = &f->q->nodes[i];
    const struct qnet_node *x = &f->q->nodes[node->inputs[0]];
    const struct nn_pool_map map = {x->H,    x->W,          node->H,
                                    node->W, f->nodes[i].C, node->pool};
    nn_pool_forward_bytes(&map, n, ws->bytes[node->inputs[0]], ws->bytes[i]);
}

const int32_t *qnet_fast_run(const struct qnet_fast *f, const uint8_t *images, int n,
                             int i_thread)
{
    struct workspace *ws = &f->threads[i_thread];
    for (int32_t i = 0; i < f->q->n_nodes; i++)
        switch (f->q->nodes[i].op) {
        case QNET_INPUT:
            memcpy(ws->bytes[i], images, (size_t)(n * f->nodes[i].size));
            break;
        case QNET_RESCALE:
            run_rescale(f, i, n, ws);
            break;
        case QNET_CONV:
        case QNET_GEMM:
            run_layer(f, i, n, ws);
            break;
        case QNET_ADD:
            run_add(f, i, n, ws);
            break;
        case QNET_GAP:
            run_gap(f, i, n, ws);
            break;
        case QNET_SHORTCUT:
            run_shortcut(f, i, n, ws);
            break;
        case QNET_MAXPOOL:
            run_max_pool(f, i, n, ws);
            break;
        }
    return ws->logits;
}
