/* trainer_backward.c -- the backward operations of a step.
 *
 * A node's gradient buffer holds, in this order: the gradient in the value that its
 * readers saw; after OP_BACK_FINISH the gradient in batch norm's output; inside
 * OP_BACK_LAYER the gradient in the accumulator, times the weights' step, so that one
 * product with the weight codes gives the gradient in the real input. */
#include <string.h>

#include "nn/bn_kernel.h"
#include "nn/conv_kernel.h"
#include "nn/tensor_kernel.h"
#include "nn/trainer_internal.h"

/* Scores of all candidates of layer l's input quantiser, and of its input as it is;
 * map is that of the path. */
static void score_input(struct nn_trainer *t, struct tr_layer *l,
                        const struct nn_lsq_map *map, const float *x, const float *G,
                        int32_t i_chunk)
{
    if (!t->wants_scores) return;
    struct nn_lsq_map real = *map;
    real.uniform *= map->grid.step;
    real.grid = nn_grid_real(!l->asigned);
    l->score_parts[i_chunk][NN_FLOAT] = nn_lsq_score(&real, x, G);
    for (int bits = 1; bits < NN_BITS; bits++) {
        const float step = (float)l->a_step[bits].value;
        l->score_parts[i_chunk][bits] = 0;
        if (!(l->a_mask >> bits & 1) || !(step > 0)) continue;
        struct nn_lsq_map candidate = *map;
        candidate.uniform *= map->grid.step / step;
        candidate.grid = nn_grid_of(bits, l->asigned, step);
        l->score_parts[i_chunk][bits] = nn_lsq_score(&candidate, x, G);
    }
}

static void back_finish_op(struct nn_trainer *t, int32_t i, int32_t i_chunk)
{
    struct tr_node *node = &t->nodes[i];
    struct tr_layer *l = &t->layers[t->graph->nodes[i].i_layer];
    const int32_t n = tr_chunk_images(t, i_chunk), K = l->shape->K;
    const float *y = tr_node_part(t, node, l->y, i_chunk);
    float *g = tr_node_part(t, node, node->grad, i_chunk);
    if (i != t->graph->n_nodes - 1) {
        const struct nn_lsq_map map = tr_finish_map(t, i, n);
        struct tr_layer *reader = node->reader >= 0 ? &t->layers[node->reader] : NULL;
        if (reader) score_input(t, reader, &map, y, g, i_chunk);
        double *step_part = reader ? reader->a_step_parts : node->step_parts;
        step_part[i_chunk] = nn_lsq_backward(&map, y, g, g, false);
    }
    double *sum = l->sums + 2 * (int64_t)i_chunk * K;
    memset(sum, 0, sizeof *sum * 2 * (size_t)K);
    for (int32_t image = 0; image < n; image++)
        nn_bn_backward_sums(g + image * node->size, y + image * node->size, l->mean,
                            node->size / K, K, sum, sum + K);
}

/* Without batch norm the factors do not wait for the batch. */
void tr_backward_prepare(struct tr_layer *l)
{
    for (int32_t k = 0; k < l->shape->K; k++) {
        l->k0[k] = l->w_grid.step;
        l->k1[k] = l->k2[k] = 0;
    }
}

/* Gradients of batch norm and bias, and the factors of batch norm's backward pass:
 *   dy = gamma * inv * (g - sum_g / n - xhat * sum(g * xhat) / n). */
void tr_backward_reduce(struct nn_trainer *t, struct tr_layer *l)
{
    const int32_t K = l->shape->K;
    const double n = (double)t->n_images * l->shape->P * l->shape->Q;
    for (int32_t k = 0; k < K; k++) {
        double sum_g = 0, sum_gy = 0;
        for (int32_t c = 0; c < t->n_images_chunks; c++) {
            sum_g += l->sums[(2 * (int64_t)c) * l->n_sums + k];
            sum_gy += l->sums[(2 * (int64_t)c + 1) * l->n_sums + k];
        }
        if (l->bias.n) l->bias.gradient[k] = (float)sum_g;
        if (l->sum_g) l->sum_g[k] = (float)sum_g;
        if (!l->node->bn) continue;
        const double inv = (double)l->inv[k]; /* of y; per unit of the accumulator */
        const double unit = (double)l->w_grid.step * (double)l->a_grid.step;
        const double k0 = (double)l->gamma.value[k] * inv / unit;
        l->beta.gradient[k] = (float)sum_g;
        l->gamma.gradient[k] = (float)(inv * sum_gy);
        l->k0[k] = (float)(k0 * (double)l->w_grid.step);
        l->k1[k] = (float)(-k0 * inv * inv * sum_gy / n * (double)l->w_grid.step);
        l->k2[k] = (float)(-k0 * sum_g / n * (double)l->w_grid.step);
    }
}

static void back_layer_op(struct nn_trainer *t, const struct tr_op *op, int32_t i_chunk,
                          int i_thread)
{
    const struct tr_node *node = &t->nodes[op->node];
    struct tr_layer *l = &t->layers[t->graph->nodes[op->node].i_layer];
    struct tr_node *in = &t->nodes[l->i_in];
    const int32_t n = tr_chunk_images(t, i_chunk), K = l->shape->K;
    const int64_t at_in = (int64_t)i_chunk * t->chunk * in->size;
    float *g = tr_node_part(t, node, node->grad, i_chunk);
    nn_bn_backward(g, tr_node_part(t, node, l->y, i_chunk), l->mean, l->k0, l->k1,
                   l->k2, n * node->size / K, K);

    const bool is_direct = in->reader >= 0; /* its own operation has the quantiser */
    float *dx = is_direct ? in->grad + at_in : t->dx[i_thread];
    nn_conv_backward(l->shape, n, l->x_used + at_in, l->wq, g,
                     l->dw + i_chunk * l->weights.n, l->needs_dx ? dx : NULL,
                     t->workspace[i_thread]);
    if (is_direct || !l->needs_dx) return;
    const struct nn_lsq_map map = tr_input_map(t, l, n);
    const float *x = in->code + at_in;
    score_input(t, l, &map, x, dx, i_chunk);
    float *to = in->grad ? in->grad + at_in : dx; /* pixels have no gradient */
    l->a_step_parts[i_chunk] = nn_lsq_backward(&map, x, dx, to, in->grad && op->add[0]);
}

static void back_add_op(struct nn_trainer *t, const struct tr_op *op, int32_t i_chunk)
{
    const struct nn_node *n = &t->graph->nodes[op->node];
    struct tr_node *node = &t->nodes[op->node];
    const int64_t size = tr_chunk_images(t, i_chunk) * node->size;
    float *g = tr_node_part(t, node, node->grad, i_chunk);
    node->step_parts[i_chunk] =
        nn_add_backward(tr_node_part(t, node, node->code, i_chunk), size, node->grid.lo,
                        node->grid.hi, g);
    for (int k = 0; k < 2; k++)
        nn_copy_or_add(g, size, op->add[k],
                       tr_node_part(t, node, t->nodes[n->inputs[k]].grad, i_chunk));
}

static void back_gap_op(struct nn_trainer *t, const struct tr_op *op, int32_t i_chunk)
{
    const struct nn_node *in = &t->graph->nodes[t->graph->nodes[op->node].inputs[0]];
    const struct tr_node *from = &t->nodes[t->graph->nodes[op->node].inputs[0]];
    struct tr_node *node = &t->nodes[op->node];
    struct tr_layer *reader = &t->layers[node->reader];
    const int32_t n = tr_chunk_images(t, i_chunk), pixels = in->H * in->W;
    const struct nn_lsq_map map = tr_input_map(t, reader, n);
    const float *sum = tr_node_part(t, node, node->code, i_chunk);
    float *g = tr_node_part(t, node, node->grad, i_chunk);
    score_input(t, reader, &map, sum, g, i_chunk);
    reader->a_step_parts[i_chunk] = nn_lsq_backward(&map, sum, g, g, false);
    nn_gap_backward(g, n, pixels, in->C, 1.0f / (float)pixels, op->add[0],
                    tr_node_part(t, from, from->grad, i_chunk));
}

void tr_backward_op(struct nn_trainer *t, const struct tr_op *op, int32_t i_chunk,
                    int i_thread)
{
    switch (op->kind) {
    case OP_BACK_FINISH:
        back_finish_op(t, op->node, i_chunk);
        break;
    case OP_BACK_LAYER:
        back_layer_op(t, op, i_chunk, i_thread);
        break;
    case OP_BACK_ADD:
        back_add_op(t, op, i_chunk);
        break;
    case OP_BACK_GAP:
        back_gap_op(t, op, i_chunk);
        break;
    default: /* forward operations are trainer_forward.c's */
        break;
    }
}
