/* trainer_fast_back.c -- the backward operations of the engine of quantised paths.
 *
 * A layer's output is passed over twice: OP_BACK_FINISH sums what batch norm and the
 * quantiser's step need, OP_BACK_LAYER makes dy image by image, small enough to stay
 * in cache, and gives it to both products. */
#include <string.h>

#include "nn/trainer_fast.h"

/* ---- scores of a layer's input quantiser ---- */

struct candidates {
    int32_t n;
    int bits[ACT_MAX_CANDIDATES];
    float step[ACT_MAX_CANDIDATES];
    struct act_candidate all[ACT_MAX_CANDIDATES];
    double scores[ACT_MAX_CANDIDATES];
};

static void add_candidate(struct candidates *c, int bits, const struct nn_grid *grid,
                          float path_step)
{
    c->bits[c->n] = bits;
    c->step[c->n] = grid->step;
    c->all[c->n++] = (struct act_candidate){path_step / grid->step, grid->lo, grid->hi,
                                            grid->kind == NN_GRID_BIPOLAR,
                                            grid->kind == NN_GRID_REAL};
}

/* Empty where no scores are wanted.  path_step: of the grid that the path has there. */
static struct candidates candidates_of(const struct nn_trainer *t,
                                       const struct tr_layer *l, float path_step)
{
    struct candidates c = {.n = 0};
    if (!t->wants_scores) return c;
    struct nn_grid grid = nn_grid_real(!l->asigned);
    add_candidate(&c, NN_FLOAT, &grid, path_step);
    for (int bits = 1; bits < NN_BITS; bits++) {
        const float step = (float)l->a_step[bits].value;
        if (!(l->a_mask >> bits & 1) || !(step > 0)) continue;
        grid = nn_grid_of(bits, l->asigned, step);
        add_candidate(&c, bits, &grid, path_step);
    }
    return c;
}

static void keep_scores(const struct candidates *c, struct tr_layer *l, int32_t i_chunk)
{
    if (c->n == 0) return;
    memset(l->score_parts[i_chunk], 0, sizeof l->score_parts[i_chunk]);
    for (int32_t i = 0; i < c->n; i++)
        l->score_parts[i_chunk][c->bits[i]] = c->scores[i] * (double)c->step[i];
}

/* ---- operations ---- */

static void add_sums(const float *part, int32_t n, double *sums)
{
    for (int32_t i = 0; i < n; i++)
        sums[i] += (double)part[i];
}

static void back_finish_op(struct nn_trainer *t, const struct tr_item *it)
{
    const int32_t i = it->node;
    const struct nn_fast *f = t->fast;
    const struct fast_node *node = &f->nodes[i];
    const int32_t i_layer = t->graph->nodes[i].i_layer;
    struct tr_layer *l = &t->layers[i_layer];
    const struct fast_layer *fast = &f->layers[i_layer];
    const struct fast_scratch s = fast_scratch_of(fast, f->scratch[it->i_thread]);
    const bool is_last = i == t->graph->n_nodes - 1;
    const struct act_map map = fast_finish_map(t, i);
    struct tr_layer *reader =
        t->nodes[i].reader >= 0 ? &t->layers[t->nodes[i].reader] : NULL;
    struct candidates c = {.n = 0};
    if (reader) c = candidates_of(t, reader, reader->a_grid.step);
    const int32_t n = it->n, first = it->first;
    const int64_t pixels = node->size / node->C;
    double *sums = l->sums + 2 * (int64_t)it->i_chunk * node->C, step = 0;
    memset(sums, 0, sizeof *sums * 2 * (size_t)node->C);
    for (int32_t k = first; k < first + n; k++) {
        const int32_t *y = fast->y + k * node->size;
        const float *G = node->grad + k * node->size;
        memset(s.sums, 0, sizeof *s.sums * 2 * (size_t)node->C);
        step += f->act->back_sums(is_last ? NULL : &map, pixels, node->C, y, G, l->mean,
                                  s.sums);
        add_sums(s.sums, 2 * node->C, sums);
        if (c.n) f->act->score(&map, pixels, node->C, y, G, c.n, c.all, c.scores);
    }
    if (reader) keep_scores(&c, reader, it->i_chunk);
    if (!is_last)
        (reader ? reader->a_step_parts : t->nodes[i].step_parts)[it->i_chunk] = step;
}

/* The gradient of a layer that reads the stream, the pool or pixels. */
struct input_gradient {
    struct nn_trainer *t;
    struct tr_layer *l;
    struct candidates candidates;
    struct act_grid grid;
    float uniform;
    bool adds;
    double step;
};

/* dx (H, W, C) of image k, in the quantiser's value. */
static void stream_gradient(struct input_gradient *r, int32_t k, const float *dx)
{
    const struct nn_fast *f = r->t->fast;
    const struct fast_node *in = &f->nodes[r->l->i_in];
    const uint8_t *code = in->code + k * in->size;
    struct candidates *c = &r->candidates;
    r->step += f->act->back_requantise(&r->grid, r->uniform, in->size, code, in->zero,
                                       dx, r->adds, in->grad + k * in->size);
    if (c->n)
        f->act->score_codes(r->uniform, in->size, code, in->zero, dx, c->n, c->all,
                            c->scores);
}

/* Pixels are floats; their gradient goes nowhere but into the step. */
static void pixel_gradient(struct input_gradient *r, int32_t k, const float *dx)
{
    const struct tr_node *in = &r->t->nodes[r->l->i_in];
    const int32_t C = r->t->graph->nodes[r->l->i_in].C;
    const int32_t Cg = r->t->fast->nodes[r->l->i_in].C;
    const float *pixels = in->code + k * in->size;
    struct nn_lsq_map map = tr_input_map(r->t, r->l, 1);
    map.C = C;
    for (int64_t i = 0; i < in->size / C; i++) {
        float unused[256];
        for (int32_t ch = 0; ch < C; ch += 256) {
            map.C = C - ch < 256 ? C - ch : 256;
            map.rows = 1;
            const float *x = pixels + i * C + ch, *G = dx + i * Cg + ch;
            r->step += nn_lsq_backward(&map, x, G, unused, false);
            for (int32_t n = 0; n < r->candidates.n; n++) {
                const struct act_candidate *a = &r->candidates.all[n];
                struct nn_lsq_map other = map;
                other.uniform *= a->ratio;
                other.grid = (struct nn_grid){a->is_real      ? NN_GRID_REAL
                                              : a->is_bipolar ? NN_GRID_BIPOLAR
                                                              : NN_GRID_LINEAR,
                                              1.0f, a->lo, a->hi};
                r->candidates.scores[n] += nn_lsq_score(&other, x, G);
            }
        }
    }
}

/* Where dx of image k goes: straight into the gradient of a node off the stream. */
static float *data_target(const struct nn_trainer *t, const struct tr_layer *l,
                          int32_t k, const struct fast_scratch *s)
{
    const struct fast_node *in = &t->fast->nodes[l->i_in];
    return t->nodes[l->i_in].reader >= 0 ? in->grad + k * in->size : s->dx;
}

static void back_image(struct input_gradient *r, const struct act_map *map, int32_t k,
                       int32_t i, const struct fast_scratch *s)
{
    const struct nn_trainer *t = r->t;
    const struct tr_layer *l = r->l;
    const struct nn_fast *f = t->fast;
    const struct fast_layer *fast = &f->layers[l->node->i_layer];
    const struct fast_node *node = &f->nodes[l->i_node];
    const struct act_norm norm = {l->mean, l->k0, l->k1, l->k2};
    f->act->back_norm(map, node->size / node->C, node->C, fast->y + k * node->size,
                      node->grad + k * node->size, &norm, s->dy);
    fast->isa->spread(&fast->conv, s->dy, i, &s->conv);
    if (!l->needs_dx) return;
    float *dx = data_target(t, l, k, s);
    fast->isa->data(&fast->conv, &s->conv, fast->backward, dx);
    if (t->graph->nodes[l->i_in].op == NN_INPUT)
        pixel_gradient(r, k, dx);
    else if (f->nodes[l->i_in].code)
        stream_gradient(r, k, dx);
}

static void back_layer_op(struct nn_trainer *t, const struct tr_item *it)
{
    const int32_t i_layer = t->graph->nodes[it->node].i_layer;
    struct tr_layer *l = &t->layers[i_layer];
    const struct fast_layer *fast = &t->fast->layers[i_layer];
    const struct qconv *c = &fast->conv;
    const struct fast_scratch s = fast_scratch_of(fast, t->fast->scratch[it->i_thread]);
    const struct act_map map = fast_finish_map(t, it->node);
    const bool is_last = it->node == t->graph->n_nodes - 1;
    const bool is_direct = t->nodes[l->i_in].reader >= 0;
    struct input_gradient r = {t,
                               l,
                               {.n = 0},
                               fast_grid(&l->a_grid, fast->zero),
                               tr_input_map(t, l, 0).uniform,
                               it->op->add[0],
                               0};
    if (!is_direct && l->needs_dx) r.candidates = candidates_of(t, l, l->a_grid.step);
    const int32_t n = it->n, first = it->first;
    float *dw = l->dw + (size_t)it->i_chunk * c->dw_size;
    memset(dw, 0, sizeof *dw * c->dw_size);
    memset(s.conv.dy, 0, fast->dy_bytes); /* its border */
    for (int32_t i = 0; i < n; i += fast->group) {
        const int32_t m = n - i < fast->group ? n - i : fast->group;
        for (int32_t k = 0; k < m; k++)
            back_image(&r, is_last ? NULL : &map, first + i + k, k, &s);
        fast->isa->weights(c, m, fast->x + (size_t)(first + i) * c->x_image,
                           (int32_t)fast->zero, &s.conv, dw);
    }
    if (is_direct || !l->needs_dx) return;
    keep_scores(&r.candidates, l, it->i_chunk);
    l->a_step_parts[it->i_chunk] = r.step;
}

static void back_add_op(struct nn_trainer *t, const struct tr_item *it)
{
    const struct nn_fast *f = t->fast;
    const struct fast_node *node = &f->nodes[it->node];
    const struct act_grid grid = fast_grid(&t->nodes[it->node].grid, node->zero);
    const int64_t n = it->n * node->size;
    const int64_t at = (int64_t)it->first * node->size;
    float *G = node->grad + at;
    t->nodes[it->node].step_parts[it->i_chunk] =
        f->act->back_add(&grid, n, node->code + at, G);
    for (int k = 0; k < 2; k++) {
        float *to = f->nodes[t->graph->nodes[it->node].inputs[k]].grad + at;
        if (node->copies[k]) memcpy(to, G, sizeof *G * (size_t)n);
        for (int64_t i = 0; it->op->add[k] && i < n; i++)
            to[i] += G[i];
    }
}

static void back_gap_op(struct nn_trainer *t, const struct tr_item *it)
{
    const struct nn_fast *f = t->fast;
    const int32_t i_in = t->graph->nodes[it->node].inputs[0];
    const struct fast_node *in = &f->nodes[i_in], *node = &f->nodes[it->node];
    struct tr_layer *reader = &t->layers[t->nodes[it->node].reader];
    const int32_t pixels = (int32_t)(in->size / in->C);
    struct nn_lsq_map map = tr_input_map(t, reader, 1);
    map.C = node->C; /* padded channels: 0 in, no gradient */
    struct candidates c = candidates_of(t, reader, reader->a_grid.step);
    double step = 0;
    const int32_t n = it->n, first = it->first;
    for (int32_t k = first; k < first + n; k++) {
        const float *sum = node->sum + (int64_t)k * node->C;
        float *G = node->grad + k * node->size, *g = in->grad + k * in->size;
        for (int32_t i = 0; i < c.n; i++) {
            struct nn_lsq_map other = map;
            other.uniform *= c.all[i].ratio;
            other.grid = (struct nn_grid){c.all[i].is_real      ? NN_GRID_REAL
                                          : c.all[i].is_bipolar ? NN_GRID_BIPOLAR
                                                                : NN_GRID_LINEAR,
                                          1.0f, c.all[i].lo, c.all[i].hi};
            c.scores[i] += nn_lsq_score(&other, sum, G);
        }
        step += nn_lsq_backward(&map, sum, G, G, false);
        for (int32_t p = 0; p < pixels; p++, g += in->C)
            for (int32_t ch = 0; ch < in->C; ch++)
                g[ch] = (it->op->add[0] ? g[ch] : 0.0f) + G[ch] / (float)pixels;
    }
    keep_scores(&c, reader, it->i_chunk);
    reader->a_step_parts[it->i_chunk] = step;
}

tr_op_fn *const fast_backward_ops[TR_N_OPS] = {
    [OP_BACK_FINISH] = back_finish_op,   [OP_BACK_LAYER] = back_layer_op,
    [OP_BACK_ADD] = back_add_op,         [OP_BACK_GAP] = back_gap_op,
    [OP_BACK_SHORTCUT] = tr_shortcut_op, [OP_BACK_MAXPOOL] = tr_pool_op,
};
