/* trainer_view.c -- the codes of the running step as floats, for tests. */
#include <string.h>

#include "nn/trainer_fast.h"

void tr_view_input(const struct nn_trainer *t, int32_t i_layer, float *out)
{
    const struct tr_layer *l = &t->layers[i_layer];
    const struct tr_node *in = &t->nodes[l->i_in];
    if (!t->is_fast) {
        const int64_t n = t->n_images * in->size;
        memcpy(out, l->x_used, sizeof *out * (size_t)n);
        for (int64_t i = 0; l->border && i < n; i++)
            out[i] += l->border[i % l->shape->C];
        return;
    }
    const struct fast_layer *fast = &t->fast->layers[i_layer];
    const struct qconv *c = &fast->conv;
    const struct layer_shape *s = &c->shape;
    for (int32_t i = 0; i < t->n_images; i++)
        for (int32_t h = 0; h < s->H; h++)
            for (int32_t w = 0; w < s->W; w++)
                for (int32_t ch = 0; ch < s->C; ch++)
                    *out++ =
                        (float)fast
                            ->x[(size_t)i * c->x_image +
                                (size_t)(((h + c->top) * c->Wp + w + c->left) * c->Cx +
                                         ch)] -
                        fast->zero;
}

/* The operand of a residual sum that its finish computed is not kept: once more. */
static void view_operand(const struct nn_trainer *t, int32_t i_node, int32_t i_pixel,
                         uint8_t *code)
{
    const struct fast_node *node = &t->fast->nodes[i_node];
    const struct fast_layer *l = &t->fast->layers[t->graph->nodes[i_node].i_layer];
    const struct act_map map = fast_finish_map(t, i_node);
    t->fast->act->quantise(&map, 1, node->C, l->y + (int64_t)i_pixel * node->C, code);
}

void tr_view_code(const struct nn_trainer *t, int32_t i_node, float *out)
{
    const struct tr_node *node = &t->nodes[i_node];
    const int32_t C = t->graph->nodes[i_node].C;
    if (!t->is_fast) {
        memcpy(out, node->code, sizeof *out * (size_t)(t->n_images * node->size));
        return;
    }
    const struct fast_node *fast = &t->fast->nodes[i_node];
    const int64_t pixels = t->n_images * node->size / C;
    for (int64_t i = 0; i < pixels; i++) {
        uint8_t *code = fast->code + i * fast->C;
        if (fast->i_add >= 0) view_operand(t, i_node, (int32_t)i, code);
        for (int32_t ch = 0; ch < C; ch++)
            *out++ = (float)code[ch] - fast->zero;
    }
}
