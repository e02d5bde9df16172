/* tiny_qnet.h -- the tiny network folded at given precisions, and images for it. */
#ifndef TESTS_TINY_QNET_H
#define TESTS_TINY_QNET_H

#include "nn/qnet_internal.h"
#include "nn/trainer.h"
#include "tests/unit/nn/tiny_network.h"

struct tiny_steps {
    float w[16], a[16], stream[16];
};

/* Plausible steps: weights at their largest value, activations around one. */
static inline struct qnet_steps tiny_steps_for(const struct nn_graph *g,
                                               const struct nn_path *path,
                                               struct tiny_steps *s)
{
    assert_true(g->n_layers <= 16);
    for (int32_t l = 0; l < g->n_layers; l++) {
        const struct nn_node *node = &g->nodes[g->layer_nodes[l]];
        float top = 0;
        for (int64_t i = 0; i < layer_shape_weights(&node->shape); i++)
            top = fmaxf(top, fabsf(node->weights[i]));
        s->w[l] =
            path->wbits[l] == 1 ? 0.4f * top : top / (float)(1 << (path->wbits[l] - 1));
        s->a[l] = 2.5f / (float)((1 << path->abits[l]) - 1);
    }
    s->a[0] = path->abits[0] == 8 ? g->input_scale : 1.0f / (1 << path->abits[0]);
    for (int i = 0; i < 16; i++)
        s->stream[i] = 0.017f + 0.003f * (float)i;
    return (struct qnet_steps){.w = s->w, .a = s->a, .stream = s->stream};
}

static inline struct qnet *fold(struct scratch *x, const struct nn_graph *g,
                                const struct nn_path *path)
{
    struct tiny_steps storage;
    const struct qnet_steps steps = tiny_steps_for(g, path, &storage);
    struct qnet *q = NULL;
    assert_ok(qnet_from_graph(g, path, &steps, x->a, &q, &x->err), x->err);
    return q;
}

static inline struct nn_path uniform_path(int wbits, int abits)
{
    struct nn_path path;
    memset(path.wbits, wbits, sizeof path.wbits);
    memset(path.abits, abits, sizeof path.abits);
    return path;
}

/* n random images of the network's input shape, in arena. */
static inline struct nn_images random_images(struct scratch *x,
                                             const struct nn_graph *g, int32_t n)
{
    const struct nn_node *in = &g->nodes[0];
    const size_t size = (size_t)n * (size_t)in->H * (size_t)in->W * (size_t)in->C;
    uint8_t *pixels = ARENA_NEW(x->a, uint8_t, size);
    uint16_t *labels = ARENA_NEW(x->a, uint16_t, (size_t)n);
    struct rng rng = rng_seed(99, 0);
    for (size_t i = 0; i < size; i++)
        pixels[i] = (uint8_t)rng_below(&rng, 256);
    for (int32_t i = 0; i < n; i++)
        labels[i] = (uint16_t)rng_below(&rng, (uint64_t)g->n_classes);
    return (struct nn_images){.n = n,
                              .H = in->H,
                              .W = in->W,
                              .C = in->C,
                              .n_classes = g->n_classes,
                              .pixels = pixels,
                              .labels = labels};
}

#endif
