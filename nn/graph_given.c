/* graph_given.c -- bits and steps that a file gave, as a path and the steps of an
 * integer network.
 *
 * The integer network has one step for all tensors of a residual stream, of 8 bits; a
 * file that gave its tensors others is refused, as its results would be. */
#include <stdio.h>

#include "nn/graph_internal.h"
#include "nn/trainer.h"

bool nn_graph_has_given(const struct nn_graph *g)
{
    for (int32_t l = 0; l < g->n_layers; l++) {
        const struct nn_given *given = &g->nodes[g->layer_nodes[l]].given;
        if (given->wbits || given->abits) return true;
    }
    return false;
}

static status missing(const struct nn_graph *g, const struct nn_node *node,
                      const char *what, struct err *err)
{
    return err_set(
        err, ST_UNSUPPORTED,
        "network '%s': node '%s': expected a quantiser of its %s, found none", g->name,
        node->name, what);
}

static status layer_given(const struct nn_graph *g, int32_t l, struct nn_path *path,
                          float *w, float *a, struct err *err)
{
    const struct nn_node *node = &g->nodes[g->layer_nodes[l]];
    const struct nn_given *given = &node->given;
    const bool reads_pixels = node->inputs[0] == 0;
    if (!given->wbits) return missing(g, node, "weights", err);
    if (!given->abits && !reads_pixels) return missing(g, node, "input", err);
    path->wbits[l] = (uint8_t)given->wbits;
    path->abits[l] = (uint8_t)(given->abits ? given->abits : 8);
    w[l] = given->w_step;
    a[l] = given->abits ? given->a_step : g->input_scale;
    return ST_OK;
}

static status stream_given(const struct nn_graph *g, const struct nn_node *node,
                           float *step, struct err *err)
{
    const struct nn_given *given = &node->given;
    if (!given->out_bits) return missing(g, node, "output, which several read", err);
    if (given->out_bits != 8 || (*step > 0 && *step != given->out_step))
        return err_set(err, ST_UNSUPPORTED,
                       "network '%s': node '%s': expected 8 bits of one step on a "
                       "residual stream, found %d bits of %g beside %g",
                       g->name, node->name, given->out_bits, (double)given->out_step,
                       (double)*step);
    *step = given->out_step;
    return ST_OK;
}

status nn_graph_quantise_given(const struct nn_graph *g, struct arena *a,
                               struct qnet **out, struct err *err)
{
    struct nn_path path = {{0}, {0}};
    const size_t n = (size_t)g->n_nodes;
    float *w = ARENA_NEW(a, float, n), *steps = ARENA_NEW(a, float, n);
    float *stream = ARENA_NEW(a, float, n);
    int32_t *group = ARENA_NEW(a, int32_t, n);
    if (!w || !steps || !stream || !group) return arena_exhausted(err);
    nn_stream_groups(g, group);
    for (int32_t l = 0; l < g->n_layers; l++)
        TRY(layer_given(g, l, &path, w, steps, err));
    for (int32_t i = 0; i < g->n_nodes; i++)
        if (group[i] < 0 && g->nodes[i].given.out_twice)
            return err_set(
                err, ST_UNSUPPORTED,
                "network '%s': node '%s': expected one quantiser between two "
                "layers, found two",
                g->name, g->nodes[i].name);
    for (int32_t i = 0; i < g->n_nodes; i++)
        if (group[i] >= 0 && !nn_keeps_grid(g->nodes[i].op))
            TRY(stream_given(g, &g->nodes[i], &stream[group[i]], err));
    const struct qnet_steps all = {.w = w, .a = steps, .stream = stream};
    return qnet_from_graph(g, &path, &all, a, out, err);
}
