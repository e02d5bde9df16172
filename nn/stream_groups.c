/* stream_groups.c -- which outputs live on the residual stream, and which of them
 * share a step: union-find over the operands and outputs of Adds, shortcuts and max
 * pools, in place. */
#include "nn/graph.h"

/* While merging, group[i] is -1, i itself (a root) or an earlier node of its group. */
static int32_t root_of(const int32_t *group, int32_t i)
{
    while (group[i] != i)
        i = group[i];
    return i;
}

static void merge(int32_t *group, int32_t i, int32_t j)
{
    i = root_of(group, i);
    j = root_of(group, j);
    if (i < j) group[j] = i;
    if (j < i) group[i] = j;
}

/* Puts every output of the stream into a group of its own. */
static void mark_stream(const struct nn_graph *g, int32_t *group)
{
    for (int32_t i = 0; i < g->n_nodes; i++) {
        int n_readers = 0;
        bool on_stream = g->nodes[i].op == NN_ADD || nn_keeps_grid(g->nodes[i].op);
        for (int32_t j = i + 1; j < g->n_nodes; j++) {
            const struct nn_node *reader = &g->nodes[j];
            for (int32_t k = 0; k < reader->n_inputs; k++) {
                if (reader->inputs[k] != i) continue;
                n_readers++;
                on_stream = on_stream || reader->op == NN_ADD || reader->op == NN_GAP ||
                            nn_keeps_grid(reader->op);
            }
        }
        const bool is_image = g->nodes[i].op == NN_INPUT;
        group[i] = !is_image && (on_stream || n_readers > 1) ? i : -1;
    }
}

int32_t nn_stream_groups(const struct nn_graph *g, int32_t *group)
{
    mark_stream(g, group);
    for (int32_t i = 0; i < g->n_nodes; i++) {
        if (g->nodes[i].op != NN_ADD && !nn_keeps_grid(g->nodes[i].op)) continue;
        for (int32_t k = 0; k < g->nodes[i].n_inputs; k++)
            merge(group, i, g->nodes[i].inputs[k]);
    }
    /* Number the groups by their first node.  A root is the first of its group, so
     * one pass upward sees it before the others; -2 - n marks a final number. */
    int32_t n_groups = 0;
    for (int32_t i = 0; i < g->n_nodes; i++) {
        if (group[i] < 0) continue;
        group[i] = group[i] == i ? -2 - n_groups++ : group[group[i]];
    }
    for (int32_t i = 0; i < g->n_nodes; i++)
        if (group[i] < -1) group[i] = -2 - group[i];
    return n_groups;
}
