/* tiny_network.h -- a residual network of four layers for tests, and a scratch folder.
 */
#ifndef TESTS_TINY_NETWORK_H
#define TESTS_TINY_NETWORK_H

#include "tests/cmocka_all.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/rng.h"
#include "nn/graph.h"

static const char tiny_yaml[] =
    "name: tiny\n"
    "input: {name: image, H: 6, W: 5, C: 2, scale: 0.00390625}\n"
    "nodes:\n"
    "- {name: c1, op: conv, inputs: [image], channels: 4, kernel: 3, stride: 2, pad: "
    "1, "
    "bn: true, relu: true}\n"
    "- {name: c2, op: conv, inputs: [c1], channels: 4, kernel: 3, stride: 1, pad: 1, "
    "bn: true, relu: true}\n"
    "- {name: c3, op: conv, inputs: [c2], channels: 4, kernel: 1, stride: 1, pad: 0, "
    "bn: false, relu: false}\n"
    "- {name: sum, op: add, inputs: [c3, c1], relu: true}\n"
    "- {name: pool, op: gap, inputs: [sum]}\n"
    "- {name: fc, op: gemm, inputs: [pool], channels: 3}\n";

struct scratch {
    struct arena *a;
    char dir[48], path[80]; /* path: a file in dir */
    struct err err;
};

static inline int make_scratch(void **state)
{
    struct scratch *x = calloc(1, sizeof *x);
    x->a = arena_new();
    snprintf(x->dir, sizeof x->dir, "/tmp/bitwright_nn_XXXXXX");
    if (!mkdtemp(x->dir)) return -1;
    snprintf(x->path, sizeof x->path, "%s/net.onnx", x->dir);
    *state = x;
    return 0;
}

static inline int drop_scratch(void **state)
{
    struct scratch *x = *state;
    struct err err;
    arena_free(x->a);
    if (file_remove_tree(x->dir, &err) != ST_OK) return -1;
    free(x);
    return 0;
}

/* The whole of x->path, without the fsync of file_write: thousands of them take their
 * time. */
static inline void write_quickly(const struct scratch *x, const char *bytes, size_t n)
{
    FILE *f = fopen(x->path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(bytes, 1, n, f), n);
    assert_int_equal(fclose(f), 0);
}

/* Gives every parameter a value as after training. */
static inline void make_trained(struct nn_graph *g, uint64_t seed)
{
    struct rng rng = rng_seed(seed, 1);
    for (int32_t i = 0; i < g->n_nodes; i++) {
        struct nn_node *node = &g->nodes[i];
        for (int32_t k = 0; node->i_layer >= 0 && k < node->shape.K; k++) {
            if (node->bias) node->bias[k] = (float)(0.1 * rng_normal(&rng));
            if (!node->bn) continue;
            node->bn->gamma[k] = (float)(0.5 + rng_unit(&rng));
            node->bn->beta[k] = (float)(0.2 * rng_normal(&rng));
            node->bn->mean[k] = (float)(0.2 * rng_normal(&rng));
            node->bn->var[k] = (float)(0.2 + rng_unit(&rng));
        }
    }
}

/* The tiny network with the first `from` of its text replaced by `to`. */
static inline struct nn_graph *tiny_network_with(struct scratch *x, const char *from,
                                                 const char *to)
{
    char path[80];
    snprintf(path, sizeof path, "%s/tiny.yaml", x->dir);
    FILE *f = fopen(path, "w");
    const char *at = strstr(tiny_yaml, from);
    assert_non_null(f);
    assert_non_null(at);
    fprintf(f, "%.*s%s%s", (int)(at - tiny_yaml), tiny_yaml, to, at + strlen(from));
    fclose(f);
    struct nn_graph *g = NULL;
    assert_ok(nn_graph_load(path, 7, x->a, &g, &x->err), x->err);
    make_trained(g, 11);
    return g;
}

static inline struct nn_graph *tiny_network(struct scratch *x)
{
    return tiny_network_with(x, "", "");
}

#define SCRATCH_TEST(f) cmocka_unit_test_setup_teardown(f, make_scratch, drop_scratch)

#endif
