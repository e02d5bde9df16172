/* trainer_fixture.h -- a small residual network, random images and a trainer. */
#ifndef TESTS_UNIT_NN_TRAINER_FIXTURE_H
#define TESTS_UNIT_NN_TRAINER_FIXTURE_H

#include "tests/cmocka_all.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/rng.h"
#include "nn/trainer_internal.h"

/* Every kind of edge: a bias instead of batch norm, an identity, a convolved and a
 * parameter-free shortcut, a layer off the stream, channels that do not fill a block of
 * lanes. */
static const char fixture_yaml[] =
    "name: small\n"
    "input: {name: image, H: 8, W: 7, C: 1, scale: 0.00392156862745098}\n"
    "nodes:\n"
    "- {name: stem, op: conv, inputs: [image], channels: 6, kernel: 3, stride: 1,"
    " pad: 1, bn: true, relu: true}\n"
    "- {name: c1, op: conv, inputs: [stem], channels: 5, kernel: 3, stride: 1, pad: 1,"
    " bn: false, relu: true}\n"
    "- {name: c2, op: conv, inputs: [c1], channels: 6, kernel: 3, stride: 1, pad: 1,"
    " bn: true, relu: false}\n"
    "- {name: a1, op: add, inputs: [c2, stem], relu: true}\n"
    "- {name: c3, op: conv, inputs: [a1], channels: 17, kernel: 3, stride: 2, pad: 1,"
    " bn: true, relu: true}\n"
    "- {name: c4, op: conv, inputs: [c3], channels: 8, kernel: 3, stride: 1, pad: 1,"
    " bn: true, relu: false}\n"
    "- {name: s4, op: conv, inputs: [a1], channels: 8, kernel: 1, stride: 2, pad: 0,"
    " bn: true, relu: false}\n"
    "- {name: a2, op: add, inputs: [c4, s4], relu: true}\n"
    "- {name: m2, op: maxpool, inputs: [a2], kernel: 3, stride: 1, pad: 1}\n"
    "- {name: c5, op: conv, inputs: [m2], channels: 11, kernel: 3, stride: 2, pad: 1,"
    " bn: true, relu: false}\n"
    "- {name: s5, op: shortcut, inputs: [m2], channels: 11, stride: 2, before: 2}\n"
    "- {name: a3, op: add, inputs: [c5, s5], relu: true}\n"
    "- {name: pool, op: gap, inputs: [a3]}\n"
    "- {name: fc, op: gemm, inputs: [pool], channels: 4}\n";

struct fixture {
    struct arena *a;
    struct nn_graph *graph;
    struct nn_images images;
    struct err err;
};

/* Images with a bright spot whose place says the class, and noise. */
static void fixture_images(struct fixture *x, int32_t n)
{
    struct rng r = rng_seed(7, 0);
    uint8_t *pixels = ARENA_NEW(x->a, uint8_t, (size_t)n * 56);
    uint16_t *labels = ARENA_NEW(x->a, uint16_t, (size_t)n);
    for (int32_t i = 0; i < n; i++) {
        labels[i] = (uint16_t)rng_below(&r, 4);
        for (int32_t k = 0; k < 56; k++) {
            const int32_t dy = k / 7 - (labels[i] / 2 ? 5 : 2);
            const int32_t dx = k % 7 - (labels[i] % 2 ? 5 : 1);
            const int32_t spot = dy * dy + dx * dx <= 2 ? 120 : 0;
            pixels[i * 56 + k] = (uint8_t)(spot + (int32_t)rng_below(&r, 100));
        }
    }
    x->images = (struct nn_images){n, 8, 7, 1, 4, pixels, labels};
}

/* x->graph from the text of an architecture file. */
static status fixture_graph(struct fixture *x, const char *yaml)
{
    char path[64];
    snprintf(path, sizeof path, "/tmp/bitwright_trainer_%d.yaml", (int)getpid());
    FILE *f = fopen(path, "w");
    fputs(yaml, f);
    fclose(f);
    const status st = nn_graph_load(path, 5, x->a, &x->graph, &x->err);
    unlink(path);
    return st;
}

static int fixture_setup(void **state)
{
    struct fixture *x = calloc(1, sizeof *x);
    x->a = arena_new();
    if (fixture_graph(x, fixture_yaml) != ST_OK) return -1;
    fixture_images(x, 96);
    *state = x;
    return 0;
}

static int fixture_teardown(void **state)
{
    struct fixture *x = *state;
    arena_free(x->a);
    free(x);
    return 0;
}

static struct nn_trainer_options fixture_options(void)
{
    struct nn_trainer_options o = nn_trainer_defaults();
    o.batch = 12; /* one and a half chunks */
    o.augment = false;
    o.warmup_steps = 0;
    return o;
}

static struct nn_trainer *fixture_trainer(struct fixture *x,
                                          const struct nn_trainer_options *o,
                                          struct pool *pool)
{
    struct nn_trainer *t;
    assert_ok(nn_trainer_new(x->graph, o, pool, &t, &x->err), x->err);
    return t;
}

/* Inner layers at wbits/abits, first and last at 8/8; NN_FLOAT for none. */
static struct nn_path fixture_path(const struct fixture *x, int wbits, int abits)
{
    struct nn_path p = {{NN_FLOAT}, {NN_FLOAT}};
    for (int32_t i = 0; i < x->graph->n_layers; i++) {
        const bool is_edge = i == 0 || i == x->graph->n_layers - 1;
        p.wbits[i] = (uint8_t)(is_edge && wbits ? 8 : wbits);
        p.abits[i] = (uint8_t)(is_edge && abits ? 8 : abits);
    }
    return p;
}

#endif
