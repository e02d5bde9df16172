/* reference_net.h -- the trainer's forward pass in double precision, for finite
 * differences.
 *
 * A straight-through gradient is the true derivative of a surrogate: freeze, per
 * element, whether u = x / step is inside the grid and the rounding error c = q - u;
 * then value = x + step * c inside and step * q outside.  The first run takes q from
 * the trainer's buffers (so both nets sit on the same grid points), checks that it is
 * the nearest grid integer, and freezes; later runs are smooth in all parameters. */
#ifndef TESTS_UNIT_NN_REFERENCE_NET_H
#define TESTS_UNIT_NN_REFERENCE_NET_H

#include "tests/cmocka_all.h"

#include <stdlib.h>
#include <string.h>

#include "nn/kernel_ref.h"
#include "nn/trainer_internal.h"

struct frozen {
    int64_t n;
    double *c, *value, *x0; /* (n); value: outside, constant in units of the step */
    bool *inside;
};

struct ref_layer {
    double *w, *gamma, *beta, *bias, w_step, a_step;
    struct frozen weights, input;
    double *push_w, *push_x; /* direction added to the quantised value, or NULL */
    double push;             /* how much of it                               */
};

struct ref_net {
    const struct nn_trainer *t;
    int32_t n; /* images */
    bool is_frozen;
    struct ref_layer *layers;
    double *stream_step; /* (n_groups) */
    struct frozen *nodes;
    double **v; /* (n_nodes) real value of each node */
    double *x, *wv, *y, *z;
    float *codes;
};

static double *doubles(int64_t n) { return calloc((size_t)(n > 0 ? n : 1), 8); }

static double *widened(const float *from, int64_t n)
{
    double *to = doubles(n);
    for (int64_t i = 0; i < n; i++)
        to[i] = (double)from[i];
    return to;
}

static struct frozen frozen_new(int64_t n)
{
    return (struct frozen){n, doubles(n), doubles(n), doubles(n),
                           calloc((size_t)n, sizeof(bool))};
}

static void frozen_free(struct frozen *f)
{
    free(f->c), free(f->value), free(f->x0), free(f->inside);
}

/* After one step of the trainer at learning rate 0. */
static struct ref_net *ref_net_new(const struct nn_trainer *t)
{
    struct ref_net *r = calloc(1, sizeof *r);
    const int32_t n_layers = t->graph->n_layers, n_nodes = t->graph->n_nodes;
    int64_t largest = 1;
    r->t = t;
    r->n = t->n_images;
    r->layers = calloc((size_t)n_layers, sizeof *r->layers);
    r->stream_step = doubles(t->n_groups);
    r->nodes = calloc((size_t)n_nodes, sizeof *r->nodes);
    r->v = calloc((size_t)n_nodes, sizeof *r->v);
    for (int32_t g = 0; g < t->n_groups; g++)
        r->stream_step[g] = t->groups[g].step.value;
    for (int32_t i = 0; i < n_nodes; i++) {
        const int64_t size = r->n * t->nodes[i].size;
        r->v[i] = doubles(size);
        r->nodes[i] = frozen_new(size);
        if (size > largest) largest = size;
    }
    for (int32_t i = 0; i < n_layers; i++) {
        const struct tr_layer *l = &t->layers[i];
        struct ref_layer *rl = &r->layers[i];
        rl->w = widened(l->weights.value, l->weights.n);
        rl->gamma = widened(l->gamma.value, l->gamma.n);
        rl->beta = widened(l->beta.value, l->beta.n);
        rl->bias = widened(l->bias.value, l->bias.n);
        rl->w_step = (double)l->w_grid.step;
        rl->a_step = (double)l->a_grid.step;
        rl->weights = frozen_new(l->weights.n);
        rl->input = frozen_new(r->n * t->nodes[l->i_in].size);
        if (l->weights.n > largest) largest = l->weights.n;
    }
    r->x = doubles(largest), r->y = doubles(largest), r->z = doubles(largest);
    r->wv = doubles(largest);
    r->codes = calloc((size_t)largest, sizeof *r->codes);
    return r;
}

static void ref_net_free(struct ref_net *r)
{
    for (int32_t i = 0; i < r->t->graph->n_layers; i++) {
        struct ref_layer *l = &r->layers[i];
        free(l->w), free(l->gamma), free(l->beta), free(l->bias);
        frozen_free(&l->weights), frozen_free(&l->input);
    }
    for (int32_t i = 0; i < r->t->graph->n_nodes; i++) {
        free(r->v[i]);
        frozen_free(&r->nodes[i]);
    }
    free(r->layers), free(r->stream_step), free(r->nodes), free(r->v);
    free(r->x), free(r->y), free(r->z), free(r->wv), free(r->codes);
    free(r);
}

/* What is an integer but for rounding (a sum of codes, a clipped value) as one: it
 * decides on which side of the end of a grid it lies. */
static double snapped(double u) { return fabs(u - rint(u)) < 1e-9 ? rint(u) : u; }

/* Freezes element i at x; code: what the trainer has there. */
static void freeze(struct frozen *f, int64_t i, const struct nn_grid *g, double x,
                   double step, float code)
{
    const double u = snapped(x / step);
    f->x0[i] = x;
    f->inside[i] = nn_inside_ref(g, u);
    f->value[i] = nn_grid_ref(g, u);
    if (g->kind == NN_GRID_REAL) return;
    /* Single precision may round a tie the other way, by no more than this. */
    if (fabs((double)code - f->value[i]) > 0.5) {
        const double limited = fmin(fmax(u, (double)g->lo), (double)g->hi);
        if (g->kind == NN_GRID_BIPOLAR)
            assert_true(fabs(u) < 1e-4);
        else
            assert_close((double)code, limited, 0, 0.5 + 1e-3);
    }
    f->value[i] = (double)code;
    f->c[i] = f->value[i] - u;
}

/* Quantised values of x (n) into out; codes NULL for a grid that is real. */
static void quantise(struct ref_net *r, struct frozen *f, const struct nn_grid *g,
                     double step, const double *x, const float *codes, double *out)
{
    for (int64_t i = 0; i < f->n; i++) {
        if (!r->is_frozen) freeze(f, i, g, x[i], step, codes ? codes[i] : 0);
        out[i] = f->inside[i] ? x[i] + step * f->c[i] : step * f->value[i];
    }
}

static void push(const struct ref_layer *l, const double *direction, int64_t n,
                 double *out)
{
    for (int64_t i = 0; direction && i < n; i++)
        out[i] += l->push * direction[i];
}

/* Where code zero of the pixels has the value 0: what is around the image, and what the
 * rest of it has too much. */
static void shift_pixels(const struct ref_net *r, const struct tr_layer *l, int64_t n,
                         double *x, double *excess)
{
    const struct nn_graph *g = r->t->graph;
    const int32_t C = l->shape->C;
    for (int32_t c = 0; c < C; c++) {
        const double zero = (double)g->input_zero[c] * (double)g->input_scale;
        const int bits = r->t->path.abits[l->node->i_layer];
        const double a_step = (double)l->a_grid.step;
        const double border =
            bits ? a_step * nn_border_code(g, c, bits, l->a_grid.step) : zero;
        excess[c] = border - zero;
        for (int64_t i = c; i < n; i += C)
            x[i] -= border;
    }
}

/* y += what a map of excess (C) everywhere gives. */
static void add_excess(const struct tr_layer *l, const double *w, const double *excess,
                       int64_t rows, double *y)
{
    const int64_t MW = layer_shape_MW(l->shape), K = l->shape->K;
    for (int64_t k = 0; k < K; k++) {
        double sum = 0;
        for (int64_t i = 0; i < MW; i++)
            sum += w[k * MW + i] * excess[i % l->shape->C];
        for (int64_t i = 0; i < rows; i++)
            y[i * K + k] += sum;
    }
}

/* The real output of a layer, before the grid of whoever reads it, into r->z. */
static void ref_layer_run(struct ref_net *r, int32_t i_layer)
{
    const struct tr_layer *l = &r->t->layers[i_layer];
    struct ref_layer *rl = &r->layers[i_layer];
    const struct layer_shape *s = l->shape;
    const int64_t rows = (int64_t)r->n * s->P * s->Q;
    tr_view_input(r->t, i_layer, r->codes);
    quantise(r, &rl->input, &l->a_grid, rl->a_step, r->v[l->i_in], r->codes, r->x);
    push(rl, rl->push_x, rl->input.n, r->x);
    quantise(r, &rl->weights, &l->w_grid, rl->w_step, rl->w, l->wq, r->wv);
    push(rl, rl->push_w, rl->weights.n, r->wv);
    double excess[8];
    const bool shifts = l->i_in == 0 && r->t->graph->input_zero;
    if (shifts) shift_pixels(r, l, rl->input.n, r->x, excess);
    nn_conv_forward_ref(s, r->n, r->x, r->wv, r->y);
    if (shifts) add_excess(l, r->wv, excess, rows, r->y);
    if (l->node->bn)
        nn_bn_forward_ref(r->y, rows, s->K, rl->gamma, rl->beta,
                          (double)l->node->bn->eps, r->z);
    else
        memcpy(r->z, r->y, sizeof *r->z * (size_t)(rows * s->K));
    for (int64_t i = 0; l->bias.n && i < rows * s->K; i++)
        r->z[i] += rl->bias[i % s->K];
}

static void ref_add(struct ref_net *r, int32_t i)
{
    const struct nn_node *n = &r->t->graph->nodes[i];
    const struct tr_node *node = &r->t->nodes[i];
    const double step =
        node->grid.kind == NN_GRID_REAL ? 1 : r->stream_step[node->group];
    if (!r->is_frozen) tr_view_code(r->t, i, r->codes);
    for (int64_t k = 0; k < r->n * node->size; k++) {
        const double sum = r->v[n->inputs[0]][k] + r->v[n->inputs[1]][k];
        struct frozen *f = &r->nodes[i];
        if (!r->is_frozen) {
            /* the sum of two codes is a code: only the clip acts */
            f->inside[k] = nn_inside_ref(&node->grid, snapped(sum / step));
            f->value[k] =
                fmin(fmax(sum / step, (double)node->grid.lo), (double)node->grid.hi);
            assert_close((double)r->codes[k], f->value[k], 1e-4, 1e-4);
        }
        r->v[i][k] = f->inside[k] ? sum : step * f->value[k];
    }
}

static void ref_gap(struct ref_net *r, int32_t i)
{
    const struct nn_node *in = &r->t->graph->nodes[r->t->graph->nodes[i].inputs[0]];
    const double *from = r->v[r->t->graph->nodes[i].inputs[0]];
    const int64_t pixels = (int64_t)in->H * in->W, C = in->C;
    for (int64_t k = 0; k < r->n * C; k++) {
        r->v[i][k] = 0;
        for (int64_t p = 0; p < pixels; p++)
            r->v[i][k] += from[(k / C * pixels + p) * C + k % C] / (double)pixels;
    }
}

static void ref_shortcut(struct ref_net *r, int32_t i)
{
    const struct nn_node *n = &r->t->graph->nodes[i];
    const struct nn_node *x = &r->t->graph->nodes[n->inputs[0]];
    const int64_t size = (int64_t)n->H * n->W * n->C,
                  from = (int64_t)x->H * x->W * x->C;
    for (int64_t k = 0; k < r->n * size; k++) {
        const int64_t c = k % n->C - n->shortcut.before;
        const int64_t h = k % size / n->C / n->W * n->shortcut.stride_h;
        const int64_t w = k / n->C % n->W * n->shortcut.stride_w;
        r->v[i][k] = 0;
        if (c >= 0 && c < x->C)
            r->v[i][k] =
                r->v[n->inputs[0]][k / size * from + (h * x->W + w) * x->C + c];
    }
}

/* Where the first largest code of a window lies; it stays there. */
static int64_t ref_largest(const struct nn_node *x, const struct nn_node *n,
                           const float *codes, int64_t k)
{
    const int64_t size = (int64_t)n->H * n->W * n->C, C = n->C;
    const int64_t image = k / size * x->H * x->W * C, c = k % C;
    const int64_t p = k % size / C / n->W, q = k / C % n->W;
    int64_t best = -1;
    for (int64_t r = 0; r < n->pool.R; r++)
        for (int64_t s = 0; s < n->pool.S; s++) {
            const int64_t h = p * n->pool.stride_h - n->pool.pad_top + r;
            const int64_t w = q * n->pool.stride_w - n->pool.pad_left + s;
            const int64_t at = image + (h * x->W + w) * C + c;
            if (h < 0 || h >= x->H || w < 0 || w >= x->W) continue;
            if (best < 0 || codes[at] > codes[best]) best = at;
        }
    return best;
}

static void ref_max_pool(struct ref_net *r, int32_t i)
{
    const struct nn_node *n = &r->t->graph->nodes[i];
    const struct nn_node *x = &r->t->graph->nodes[n->inputs[0]];
    struct frozen *f = &r->nodes[i];
    if (!r->is_frozen) tr_view_code(r->t, n->inputs[0], r->codes);
    for (int64_t k = 0; k < r->n * r->t->nodes[i].size; k++) {
        if (!r->is_frozen) f->value[k] = (double)ref_largest(x, n, r->codes, k);
        r->v[i][k] = r->v[n->inputs[0]][(int64_t)f->value[k]];
    }
}

/* Mean loss of the batch that the trainer holds. */
static double ref_net_loss(struct ref_net *r)
{
    const struct nn_graph *g = r->t->graph;
    for (int64_t i = 0; i < r->n * r->t->nodes[0].size; i++)
        r->v[0][i] = (double)r->t->nodes[0].code[i] * (double)g->input_scale;
    for (int32_t i = 1; i < g->n_nodes; i++) {
        const struct tr_node *node = &r->t->nodes[i];
        if (g->nodes[i].op == NN_ADD) ref_add(r, i);
        if (g->nodes[i].op == NN_GAP) ref_gap(r, i);
        if (g->nodes[i].op == NN_SHORTCUT) ref_shortcut(r, i);
        if (g->nodes[i].op == NN_MAXPOOL) ref_max_pool(r, i);
        if (g->nodes[i].i_layer < 0) continue;
        ref_layer_run(r, g->nodes[i].i_layer);
        if (node->group < 0)
            memcpy(r->v[i], r->z, sizeof *r->z * (size_t)(r->n * node->size));
        else {
            if (!r->is_frozen) tr_view_code(r->t, i, r->codes);
            quantise(r, &r->nodes[i], &node->grid,
                     node->grid.kind == NN_GRID_REAL ? 1 : r->stream_step[node->group],
                     r->z, r->codes, r->v[i]);
        }
    }
    r->is_frozen = true;
    return nn_loss_ref(r->v[g->n_nodes - 1], r->n, g->n_classes, r->t->labels) / r->n;
}

/* Central difference of the loss in one parameter. */
static double ref_net_difference(struct ref_net *r, double *at)
{
    const double keep = *at, eps = 1e-5 * fmax(fabs(keep), 1e-2);
    *at = keep + eps;
    const double up = ref_net_loss(r);
    *at = keep - eps;
    const double down = ref_net_loss(r);
    *at = keep;
    return (up - down) / (2 * eps);
}

#endif
