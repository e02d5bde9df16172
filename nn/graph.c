/* graph.c -- access to a graph, copying it, and choosing its reader. */
#include "nn/graph.h"

#include <string.h>

#include "nn/graph_internal.h"

const struct layer_shape *nn_graph_layer(const struct nn_graph *g, int32_t i_layer)
{
    return &g->nodes[g->layer_nodes[i_layer]].shape;
}

static bool has_suffix(const char *path, const char *suffix)
{
    const size_t n = strlen(path), m = strlen(suffix);
    return n > m && strcmp(path + n - m, suffix) == 0;
}

status nn_graph_load(const char *path, uint64_t seed, struct arena *a,
                     struct nn_graph **out, struct err *err)
{
    if (has_suffix(path, ".onnx")) return graph_load_onnx(path, a, out, err);
    if (has_suffix(path, ".yaml") || has_suffix(path, ".yml"))
        return graph_load_yaml(path, seed, a, out, err);
    return err_set(err, ST_UNSUPPORTED,
                   "%s: expected a network file named *.onnx or "
                   "*.yaml",
                   path);
}

const char *graph_op_name(enum nn_op op)
{
    static const char *const names[] = {"input", "conv",     "add",    "gap",
                                        "gemm",  "shortcut", "maxpool"};
    return names[op];
}

struct nn_batch_norm *graph_new_batch_norm(int32_t C, struct arena *a)
{
    const size_t n = (size_t)C;
    struct nn_batch_norm *bn = ARENA_NEW(a, struct nn_batch_norm, 1);
    if (!bn) return NULL;
    bn->gamma = ARENA_NEW(a, float, n);
    bn->beta = ARENA_NEW(a, float, n);
    bn->mean = ARENA_NEW(a, float, n);
    bn->var = ARENA_NEW(a, float, n);
    if (!bn->gamma || !bn->beta || !bn->mean || !bn->var) return NULL;
    for (size_t i = 0; i < n; i++)
        bn->gamma[i] = bn->var[i] = 1.0f;
    bn->eps = 1e-5f;
    return bn;
}

/* Replaces *p, if not NULL, by a copy in arena b. */
static bool copy_floats(float **p, size_t n, struct arena *b)
{
    if (!*p) return true;
    float *copy = ARENA_NEW(b, float, n);
    if (!copy) return false;
    memcpy(copy, *p, n * sizeof *copy);
    *p = copy;
    return true;
}

static bool copy_tensors(struct nn_node *node, struct arena *b)
{
    const size_t K = (size_t)node->shape.K;
    if (node->i_layer < 0) return true;
    if (!copy_floats(&node->weights, (size_t)layer_shape_weights(&node->shape), b) ||
        !copy_floats(&node->bias, K, b))
        return false;
    if (!node->bn) return true;
    struct nn_batch_norm *bn = ARENA_NEW(b, struct nn_batch_norm, 1);
    if (!bn) return false;
    *bn = *node->bn;
    node->bn = bn;
    return copy_floats(&bn->gamma, K, b) && copy_floats(&bn->beta, K, b) &&
           copy_floats(&bn->mean, K, b) && copy_floats(&bn->var, K, b);
}

struct nn_graph *nn_graph_copy(const struct nn_graph *g, struct arena *b)
{
    struct nn_graph *copy = ARENA_NEW(b, struct nn_graph, 1);
    if (!copy) return NULL;
    *copy = *g;
    if (g->provenance && !(copy->provenance = arena_strdup(b, g->provenance)))
        return NULL;
    if (!copy_floats(&copy->input_zero, (size_t)g->nodes[0].C, b)) return NULL;
    copy->nodes = ARENA_NEW(b, struct nn_node, (size_t)g->n_nodes);
    copy->layer_nodes = ARENA_NEW(b, int32_t, (size_t)g->n_layers);
    if (!copy->nodes || !copy->layer_nodes) return NULL;
    memcpy(copy->layer_nodes, g->layer_nodes, (size_t)g->n_layers * sizeof(int32_t));
    for (int32_t i = 0; i < g->n_nodes; i++) {
        copy->nodes[i] = g->nodes[i];
        if (!copy_tensors(&copy->nodes[i], b)) return NULL;
    }
    return copy;
}
