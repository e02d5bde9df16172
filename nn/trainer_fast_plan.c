/* trainer_fast_plan.c -- what the engine of quantised paths keeps, and where. */
#include <string.h>

#include "nn/graph_internal.h"
#include "nn/trainer_fast.h"

enum { ALIGN = 64 };

static size_t rounded(size_t bytes)
{
    return (bytes + QCONV_SLACK + ALIGN - 1) / ALIGN * ALIGN;
}

/* Images whose operands the pass over the weights' gradients takes at once: as many as
 * half a second-level cache holds; more where the gradients themselves do not fit. */
enum { GROUP_BYTES = 512 * 1024, LARGE_GROUP_BYTES = 4 * 1024 * 1024 };

static void plan_scratch(struct nn_trainer *t, struct fast_layer *l)
{
    l->isa->scratch_bytes(&l->conv, &l->dy_bytes, &l->dy_pack_image, &l->x_pack_image);
    const bool is_large = sizeof(float) * l->conv.dw_size > GROUP_BYTES;
    const size_t images = (is_large ? LARGE_GROUP_BYTES : GROUP_BYTES) /
                          (l->dy_pack_image + l->x_pack_image);
    l->chunk = t->chunk;
    l->group = images < 1 ? 1 : images > (size_t)t->chunk ? t->chunk : (int32_t)images;
}

/* In the order of the fields of struct fast_scratch; the sizes of one layer. */
static void scratch_sizes(const struct fast_layer *l, size_t *sizes)
{
    const size_t logits = (size_t)l->chunk * (size_t)l->conv.Kp;
    const size_t y = l->conv.y_image > logits ? l->conv.y_image : logits;
    const size_t dx = l->conv.dx_image > logits ? l->conv.dx_image : logits;
    sizes[0] = rounded(l->dy_bytes);
    sizes[1] = rounded((size_t)l->group * l->dy_pack_image);
    sizes[2] = rounded((size_t)l->group * l->x_pack_image);
    sizes[3] = rounded(sizeof(float) * y);
    sizes[4] = rounded(sizeof(float) * dx);
    sizes[5] = rounded(2 * sizeof(float) * (size_t)l->conv.Kp);
}

struct fast_scratch fast_scratch_of(const struct fast_layer *l, unsigned char *at)
{
    size_t sizes[6];
    unsigned char *p[6];
    scratch_sizes(l, sizes);
    for (int i = 0; i < 6; at += sizes[i++])
        p[i] = at;
    return (struct fast_scratch){{p[0], p[1], p[2], l->dy_pack_image, l->x_pack_image},
                                 (float *)(void *)p[3],
                                 (float *)(void *)p[4],
                                 (float *)(void *)p[5]};
}

/* ---- which finish computes a residual sum ---- */

static int32_t n_readers(const struct nn_graph *g, int32_t i)
{
    int32_t n = 0;
    for (int32_t j = i + 1; j < g->n_nodes; j++)
        for (int32_t k = 0; k < g->nodes[j].n_inputs; k++)
            n += g->nodes[j].inputs[k] == i;
    return n;
}

static int32_t op_of(const struct tr_schedule *s, enum tr_op_kind kind, int32_t node)
{
    for (int32_t i = 0; i < s->n_ops; i++)
        if (s->ops[i].kind == kind && s->ops[i].node == node) return i;
    return -1;
}

/* Operation that makes a node's code. */
static int32_t made_at(const struct nn_trainer *t, int32_t node)
{
    const struct nn_node *n = &t->graph->nodes[node];
    return op_of(&t->forward,
                 n->i_layer >= 0        ? OP_FINISH
                 : n->op == NN_SHORTCUT ? OP_SHORTCUT
                 : n->op == NN_MAXPOOL  ? OP_MAXPOOL
                                        : OP_ADD,
                 node);
}

static void fuse_add(struct nn_trainer *t, int32_t i)
{
    const struct nn_node *n = &t->graph->nodes[i];
    const int32_t a = n->inputs[0], b = n->inputs[1];
    const int32_t last = made_at(t, a) > made_at(t, b) ? a : b;
    if (t->graph->nodes[last].i_layer < 0 || n_readers(t->graph, last) != 1) return;
    t->fast->nodes[last].i_add = i;
    t->fast->nodes[i].is_fused = true;
}

/* ---- gradients: who shares which memory ---- */

struct sharing {
    struct nn_trainer *t;
    const struct tr_schedule *s;
};

static bool writes_to(const struct sharing *r, const struct tr_op *op, int32_t node)
{
    const struct nn_node *n = &r->t->graph->nodes[op->node];
    if (op->kind == OP_BACK_ADD && op->node == node) return true;
    for (int32_t k = 0; op->kind != OP_BACK_FINISH && k < n->n_inputs; k++)
        if (n->inputs[k] == node && op->add[k]) return true;
    return false;
}

static int32_t first_write(const struct sharing *r, int32_t node, int32_t after)
{
    for (int32_t i = after + 1; i < r->s->n_ops; i++)
        if (writes_to(r, &r->s->ops[i], node)) return i;
    return r->s->n_ops;
}

/* Where a node passes its gradient on. */
static int32_t last_read(const struct sharing *r, int32_t node)
{
    const enum nn_op op = r->t->graph->nodes[node].op;
    return op_of(r->s,
                 op == NN_ADD        ? OP_BACK_ADD
                 : op == NN_GAP      ? OP_BACK_GAP
                 : op == NN_SHORTCUT ? OP_BACK_SHORTCUT
                 : op == NN_MAXPOOL  ? OP_BACK_MAXPOOL
                                     : OP_BACK_LAYER,
                 node);
}

static void use(struct nn_fast *f, int32_t node, int32_t buffer)
{
    f->nodes[node].i_grad = buffer;
    f->buffers[buffer].n_users++;
}

/* The smallest unused buffer that is large enough, or a new one. */
static void use_new(struct nn_fast *f, int32_t node)
{
    const int64_t size = f->nodes[node].size;
    int32_t best = -1;
    for (int32_t i = 0; i < f->n_buffers; i++)
        if (f->buffers[i].n_users == 0 && f->buffers[i].size >= size &&
            (best < 0 || f->buffers[i].size < f->buffers[best].size))
            best = i;
    if (best < 0) {
        best = f->n_buffers++;
        f->buffers[best].size = size;
    }
    use(f, node, best);
}

static void share_add(const struct sharing *r, int32_t i_op)
{
    const struct tr_op *op = &r->s->ops[i_op];
    const int32_t *in = r->t->graph->nodes[op->node].inputs;
    struct nn_fast *f = r->t->fast;
    const int32_t own = f->nodes[op->node].i_grad;
    for (int k = 0; k < 2; k++) {
        if (op->add[k]) continue;
        const bool other_shares = k == 1 && f->nodes[in[0]].i_grad == own;
        if (other_shares && (first_write(r, in[1], i_op) < last_read(r, in[0]) ||
                             first_write(r, in[0], i_op) < last_read(r, in[1]))) {
            f->nodes[op->node].copies[k] = true;
            use_new(f, in[k]);
        } else {
            use(f, in[k], own);
        }
    }
}

static void share_op(const struct sharing *r, int32_t i_op)
{
    const struct tr_op *op = &r->s->ops[i_op];
    const int32_t in = r->t->graph->nodes[op->node].inputs[0];
    if (op->kind == OP_BACK_ADD)
        share_add(r, i_op);
    else if (op->kind != OP_BACK_FINISH && !op->add[0] &&
             r->t->graph->nodes[in].op != NN_INPUT)
        use_new(r->t->fast, in);
}

/* Memory is given back at the end of a segment only: within one, chunks of images are
 * at different operations. */
static void share_gradients(struct nn_trainer *t)
{
    const struct sharing r = {t, &t->backward};
    struct nn_fast *f = t->fast;
    use_new(f, t->graph->n_nodes - 1);
    for (int32_t i = 0; i < r.s->n_segments; i++) {
        const struct tr_segment *s = &r.s->segments[i];
        for (int32_t k = s->first; k < s->first + s->n; k++)
            share_op(&r, k);
        for (int32_t k = s->first; k < s->first + s->n; k++)
            if (r.s->ops[k].kind != OP_BACK_FINISH)
                f->buffers[f->nodes[r.s->ops[k].node].i_grad].n_users--;
    }
}

/* ---- all together ---- */

static void describe_node(struct nn_trainer *t, int32_t i)
{
    const struct nn_node *n = &t->graph->nodes[i];
    struct fast_node *node = &t->fast->nodes[i];
    node->C = qconv_round_up(n->C, QCONV_LANES);
    node->size = (int64_t)n->H * n->W * node->C;
    node->zero = t->nodes[i].is_signed ? QCONV_SIGNED_ZERO : 0;
    node->i_add = node->i_grad = -1;
}

static status describe_layer(struct nn_trainer *t, int32_t i, struct err *err)
{
    const struct tr_layer *l = &t->layers[i];
    struct fast_layer *fast = &t->fast->layers[i];
    const struct nn_node *in = &t->graph->nodes[l->i_in];
    TRY(qconv_plan(l->shape, in->H, in->W, in->op == NN_INPUT, t->arena, &fast->conv,
                   err));
    const struct qconv_isa *isa = qconv_kernels(t->fast->isa, &fast->conv);
    fast->isa = isa;
    fast->zero = l->asigned ? QCONV_SIGNED_ZERO : 0;
    fast->forward = arena_alloc(t->arena, qconv_forward_bytes(isa, &fast->conv), 1);
    fast->backward = arena_alloc(t->arena, qconv_backward_bytes(isa, &fast->conv), 1);
    if (!fast->forward || !fast->backward) return arena_exhausted(err);
    plan_scratch(t, fast);
    size_t sizes[6], bytes = 0;
    scratch_sizes(fast, sizes);
    for (int k = 0; k < 6; k++)
        bytes += sizes[k];
    if (bytes > t->fast->scratch_bytes) t->fast->scratch_bytes = bytes;
    return ST_OK;
}

static status new_scratch(struct nn_trainer *t, struct err *err)
{
    const int n = pool_n_threads(t->pool);
    struct nn_fast *f = t->fast;
    f->scratch = ARENA_NEW(t->arena, unsigned char *, (size_t)n);
    for (int i = 0; f->scratch && i < n; i++) {
        f->scratch[i] = arena_alloc(t->arena, f->scratch_bytes, 1);
        if (!f->scratch[i]) return arena_exhausted(err);
    }
    return f->scratch ? ST_OK : arena_exhausted(err);
}

static status describe(struct nn_trainer *t, struct err *err)
{
    const struct nn_graph *g = t->graph;
    for (int32_t i = 0; i < g->n_nodes; i++)
        describe_node(t, i);
    for (int32_t i = 0; i < g->n_layers; i++)
        TRY(describe_layer(t, i, err));
    for (int32_t i = 0; i < g->n_nodes; i++)
        if (g->nodes[i].op == NN_ADD) fuse_add(t, i);
    share_gradients(t);
    return new_scratch(t, err);
}

status fast_build(struct nn_trainer *t, struct err *err)
{
    enum nn_isa isa;
    TRY(nn_isa_choose(&isa, err));
    if (isa == NN_ISA_AVX512_BF16 && t->opt.fp32_backward) isa = NN_ISA_AVX512;
    if (!qconv_isa_of(isa)) return ST_OK;
    struct nn_fast *f = ARENA_NEW(t->arena, struct nn_fast, 1);
    if (!f) return arena_exhausted(err);
    f->isa = qconv_isa_of(isa);
    f->act = act_isa_of(isa);
    f->layers = ARENA_NEW(t->arena, struct fast_layer, (size_t)t->graph->n_layers);
    f->nodes = ARENA_NEW(t->arena, struct fast_node, (size_t)t->graph->n_nodes);
    f->buffers = ARENA_NEW(t->arena, struct fast_buffer, (size_t)t->graph->n_nodes);
    if (!f->layers || !f->nodes || !f->buffers) return arena_exhausted(err);
    t->fast = f;
    const status st = describe(t, err);
    /* A layer beyond the kernels' limits leaves the whole network to fp32 products. */
    if (st == ST_UNSUPPORTED) t->fast = NULL;
    return st == ST_UNSUPPORTED ? ST_OK : st;
}

static unsigned char *next(unsigned char **at, size_t *total, size_t bytes)
{
    unsigned char *p = *at;
    if (*at) *at += rounded(bytes);
    *total += rounded(bytes);
    return p;
}

size_t fast_place(struct nn_trainer *t, unsigned char *at)
{
    const size_t batch = (size_t)t->opt.batch;
    struct nn_fast *f = t->fast;
    size_t total = 0;
    for (int32_t i = 0; i < t->graph->n_layers; i++)
        f->layers[i].x = next(&at, &total, batch * f->layers[i].conv.x_image);
    for (int32_t i = 0; i < t->graph->n_nodes; i++) {
        struct fast_node *n = &f->nodes[i];
        if (t->nodes[i].group >= 0)
            n->code = next(&at, &total, batch * (size_t)n->size);
        if (t->graph->nodes[i].op == NN_GAP)
            n->sum = (float *)(void *)next(&at, &total,
                                           sizeof(float) * batch * (size_t)n->size);
    }
    for (int32_t i = 0; i < f->n_buffers; i++)
        f->buffers[i].values = (float *)(void *)next(
            &at, &total, sizeof(float) * batch * (size_t)f->buffers[i].size);
    for (int32_t i = 0; at && i < t->graph->n_nodes; i++)
        if (f->nodes[i].i_grad >= 0)
            f->nodes[i].grad = f->buffers[f->nodes[i].i_grad].values;
    return total;
}
