/* trainer_fast.c -- the forward operations on bytes. */
#include "nn/trainer_fast.h"

#include <string.h>

#include "base/pages.h"

/* Rows of a node's tensor in the input of the layer that reads it. */
struct rows {
    int32_t n, length;    /* rows, bytes of each                                   */
    size_t first, stride; /* bytes, in one image of the layer's input              */
};

static struct rows rows_of(const struct qconv *c)
{
    const struct layer_shape *s = &c->shape;
    const size_t row = (size_t)c->Wp * (size_t)c->Cx;
    return (struct rows){s->H, s->W * c->Cx,
                         (size_t)c->top * row + (size_t)(c->left * c->Cx), row};
}

struct act_grid fast_grid(const struct nn_grid *g, float zero)
{
    return (struct act_grid){g->kind == NN_GRID_BIPOLAR, g->lo, g->hi, zero};
}

struct act_map fast_finish_map(const struct nn_trainer *t, int32_t i_node)
{
    const struct tr_node *node = &t->nodes[i_node];
    const struct nn_lsq_map map = tr_finish_map(t, i_node, 0);
    const float zero = node->group >= 0    ? t->fast->nodes[i_node].zero
                       : node->reader >= 0 ? t->fast->layers[node->reader].zero
                                           : 0;
    return (struct act_map){map.scale, map.offset, fast_grid(&map.grid, zero)};
}

void fast_pack(struct nn_trainer *t, int32_t i)
{
    const struct fast_layer *l = &t->fast->layers[i];
    l->isa->pack_forward(&l->conv, t->layers[i].wq, (int32_t)l->zero, l->forward);
    l->isa->pack_backward(&l->conv, t->layers[i].wq, l->backward);
}

static void clear_layer(void *arg, int i, int i_thread)
{
    struct nn_trainer *t = arg;
    const struct fast_layer *l = &t->fast->layers[i];
    (void)i_thread;
    qconv_clear_input(&l->conv, t->opt.batch, (uint8_t)l->zero, l->x);
}

static void clear(struct nn_trainer *t)
{
    if (t->fast->is_clear) return;
    unsigned char *end = (unsigned char *)t->tensors + t->n_fast_bytes;
    pages_release(end, t->n_tensor_bytes - t->n_fast_bytes); /* the other engine's */
    pool_for(t->pool, t->graph->n_layers, clear_layer, t);
    t->fast->is_clear = true;
}

void fast_start(struct nn_trainer *t)
{
    clear(t);
    tr_pixels_fill(t); /* depends on the path */
}

/* ---- operations ---- */

/* Pixels have their own number of channels, fewer than those of x. */
static void read_pixels(const struct nn_trainer *t, const struct tr_layer *l,
                        const float *pixels, uint8_t *bytes, uint8_t *x)
{
    const struct qconv *c = &t->fast->layers[l->node->i_layer].conv;
    const struct act_grid grid = fast_grid(&l->a_grid, 0);
    const struct layer_shape *s = &c->shape;
    const struct rows rows = rows_of(c);
    const int32_t n = s->W * s->C;
    const float uniform = tr_input_map(t, l, 0).uniform;
    for (int32_t h = 0; h < rows.n; h++, pixels += n) {
        uint8_t *to = x + rows.first + (size_t)h * rows.stride;
        t->fast->act->quantise_floats(&grid, uniform, n, pixels, bytes);
        for (int32_t w = 0; w < s->W; w++)
            for (int32_t ch = 0; ch < s->C; ch++)
                to[w * c->Cx + ch] = bytes[w * s->C + ch];
    }
}

static void read_stream(const struct nn_trainer *t, const struct tr_layer *l,
                        const uint8_t *code, uint8_t *x)
{
    const struct fast_layer *fast = &t->fast->layers[l->node->i_layer];
    const struct act_grid grid = fast_grid(&l->a_grid, fast->zero);
    const struct rows rows = rows_of(&fast->conv);
    const float uniform = tr_input_map(t, l, 0).uniform;
    for (int32_t h = 0; h < rows.n; h++, code += rows.length)
        t->fast->act->requantise(&grid, uniform, rows.length, code,
                                 t->fast->nodes[l->i_in].zero,
                                 x + rows.first + (size_t)h * rows.stride);
}

/* Fills the layer's input unless the finish of the node it reads has done so. */
static void read_input(const struct nn_trainer *t, const struct tr_layer *l,
                       int32_t i_image, unsigned char *scratch, uint8_t *x)
{
    const struct fast_layer *fast = &t->fast->layers[l->node->i_layer];
    const struct fast_node *in = &t->fast->nodes[l->i_in];
    switch (t->graph->nodes[l->i_in].op) {
    case NN_INPUT:
        read_pixels(t, l, t->nodes[l->i_in].code + i_image * t->nodes[l->i_in].size,
                    scratch, x);
        return;
    case NN_GAP: {
        const struct act_grid grid = fast_grid(&l->a_grid, fast->zero);
        t->fast->act->quantise_floats(&grid, tr_input_map(t, l, 0).uniform, in->C,
                                      in->sum + (int64_t)i_image * in->C, x);
        return;
    }
    default:
        if (in->code) read_stream(t, l, in->code + i_image * in->size, x);
    }
}

static void layer_op(struct nn_trainer *t, const struct tr_item *it)
{
    const int32_t i_layer = t->graph->nodes[it->node].i_layer;
    struct tr_layer *l = &t->layers[i_layer];
    const struct fast_layer *fast = &t->fast->layers[i_layer];
    const struct qconv *c = &fast->conv;
    const int32_t n = it->n, first = it->first;
    uint8_t *x = fast->x + (size_t)first * c->x_image;
    double *sums = NULL;
    for (int32_t i = 0; i < n; i++)
        read_input(t, l, first + i, t->fast->scratch[it->i_thread],
                   x + (size_t)i * c->x_image);
    if (l->node->bn && t->batch_stats) {
        sums = l->sums + 2 * (int64_t)it->i_chunk * c->Kp;
        memset(sums, 0, sizeof *sums * 2 * (size_t)c->Kp);
    }
    fast->isa->forward(c, n, x, fast->forward, fast->y + (size_t)first * c->y_image,
                       sums);
}

/* A node off the stream writes straight into the input of its reader. */
static void finish_direct(const struct nn_trainer *t, int32_t i, const int32_t *y,
                          uint8_t *x)
{
    const struct qconv *to = &t->fast->layers[t->nodes[i].reader].conv;
    const struct act_map map = fast_finish_map(t, i);
    const struct rows rows = rows_of(to);
    for (int32_t h = 0; h < rows.n; h++, y += rows.length)
        t->fast->act->quantise(&map, rows.length / to->Cx, to->Cx, y,
                               x + rows.first + (size_t)h * rows.stride);
}

static void finish_stream(const struct nn_trainer *t, int32_t i, int32_t i_image,
                          const int32_t *y)
{
    const struct fast_node *node = &t->fast->nodes[i];
    const struct act_map map = fast_finish_map(t, i);
    const int64_t at = i_image * node->size, pixels = node->size / node->C;
    if (node->i_add < 0) {
        t->fast->act->quantise(&map, pixels, node->C, y, node->code + at);
        return;
    }
    const int32_t *in = t->graph->nodes[node->i_add].inputs;
    const struct fast_node *other = &t->fast->nodes[in[0] == i ? in[1] : in[0]];
    const struct fast_node *sum = &t->fast->nodes[node->i_add];
    const struct act_grid to = fast_grid(&t->nodes[node->i_add].grid, sum->zero);
    t->fast->act->quantise_add(&map, pixels, node->C, y, other->code + at, other->zero,
                               &to, sum->code + at);
}

static void finish_op(struct nn_trainer *t, const struct tr_item *it)
{
    const int32_t i = it->node;
    const struct fast_layer *l = &t->fast->layers[t->graph->nodes[i].i_layer];
    const int32_t n = it->n, first = it->first;
    for (int32_t k = first; k < first + n; k++) {
        const int32_t *y = l->y + (size_t)k * l->conv.y_image;
        if (t->nodes[i].group >= 0) {
            finish_stream(t, i, k, y);
        } else {
            const struct fast_layer *to = &t->fast->layers[t->nodes[i].reader];
            finish_direct(t, i, y, to->x + (size_t)k * to->conv.x_image);
        }
    }
}

static void add_op(struct nn_trainer *t, const struct tr_item *it)
{
    const int32_t i = it->node;
    const int32_t *in = t->graph->nodes[i].inputs;
    const struct fast_node *node = &t->fast->nodes[i];
    const struct fast_node *a = &t->fast->nodes[in[0]], *b = &t->fast->nodes[in[1]];
    const struct act_grid grid = fast_grid(&t->nodes[i].grid, node->zero);
    const int64_t at = (int64_t)it->first * node->size;
    if (node->is_fused) return;
    t->fast->act->add(&grid, it->n * node->size, a->code + at, a->zero, b->code + at,
                      b->zero, node->code + at);
}

static void gap_op(struct nn_trainer *t, const struct tr_item *it)
{
    const int32_t i = it->node;
    const struct fast_node *node = &t->fast->nodes[i];
    const struct fast_node *in = &t->fast->nodes[t->graph->nodes[i].inputs[0]];
    const int32_t n = it->n, first = it->first;
    for (int32_t k = first; k < first + n; k++)
        t->fast->act->pool((int32_t)(in->size / in->C), in->C, in->code + k * in->size,
                           in->zero, node->sum + (int64_t)k * node->C);
}

static void loss_op(struct nn_trainer *t, const struct tr_item *it)
{
    const int32_t i = it->node;
    const struct fast_node *node = &t->fast->nodes[i];
    const int32_t i_layer = t->graph->nodes[i].i_layer, K = t->graph->nodes[i].C;
    const struct fast_layer *fast = &t->fast->layers[i_layer];
    const struct fast_scratch s = fast_scratch_of(fast, t->fast->scratch[it->i_thread]);
    const int32_t n = it->n, first = it->first;
    const int32_t *y = fast->y + (size_t)first * fast->conv.y_image;
    for (int32_t k = 0; k < n * K; k++)
        s.dy[k] = (float)y[k / K * fast->conv.Kp + k % K];
    tr_loss_images(t, it->i_chunk, s.dy, t->wants_grad ? s.dx : NULL);
    for (int32_t k = 0; t->wants_grad && k < n * node->C; k++)
        node->grad[(int64_t)first * node->C + k] =
            k % node->C < K ? s.dx[k / node->C * K + k % node->C] : 0.0f;
}

tr_op_fn *const fast_forward_ops[TR_N_OPS] = {
    [OP_LAYER] = layer_op,     [OP_FINISH] = finish_op,        [OP_ADD] = add_op,
    [OP_GAP] = gap_op,         [OP_SHORTCUT] = tr_shortcut_op, [OP_LOSS] = loss_op,
    [OP_MAXPOOL] = tr_pool_op,
};
