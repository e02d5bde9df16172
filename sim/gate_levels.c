/* Kahn's algorithm: a gate is ready when all gates that drive its inputs are placed. */
#include "sim/gate_levels.h"

#include <string.h>

struct order {
    int32_t *first;   /* (n_nets + 1) where a net's readers begin               */
    int32_t *readers; /* gates that read it, once per input                    */
    int32_t *waits;   /* (n_gates) inputs whose driver is not placed yet        */
    int32_t *queue;   /* (n_gates) the order                                   */
};

static status make_order(const struct gate_netlist *n, struct arena *a, struct order *o,
                         struct err *err)
{
    const size_t n_gates = (size_t)n->n_gates, n_nets = (size_t)n->n_nets;
    o->first = ARENA_NEW(a, int32_t, n_nets + 1);
    o->readers = ARENA_NEW(a, int32_t, n_gates * LIBERTY_MAX_INPUTS + 1);
    o->waits = ARENA_NEW(a, int32_t, n_gates + 1);
    o->queue = ARENA_NEW(a, int32_t, n_gates + 1);
    if (!o->first || !o->readers || !o->waits || !o->queue) return arena_exhausted(err);
    return ST_OK;
}

static void find_readers(const struct gate_netlist *n, const struct gate *gates,
                         struct order *o)
{
    for (int32_t i = 0; i < n->n_gates; i++)
        for (int32_t k = 0; k < gates[i].n_inputs; k++)
            o->first[gates[i].in[k]]++;
    for (int32_t i = 1; i <= n->n_nets; i++) /* ends; filling makes them begins */
        o->first[i] += o->first[i - 1];
    for (int32_t i = n->n_gates - 1; i >= 0; i--)
        for (int32_t k = 0; k < gates[i].n_inputs; k++)
            o->readers[--o->first[gates[i].in[k]]] = i;
    for (int32_t i = 0; i < n->n_gates; i++)
        for (int32_t k = o->first[gates[i].out]; k < o->first[gates[i].out + 1]; k++)
            o->waits[o->readers[k]]++;
}

static int32_t place(const struct gate_netlist *n, const struct gate *gates,
                     struct order *o)
{
    int32_t tail = 0;
    for (int32_t i = 0; i < n->n_gates; i++)
        if (o->waits[i] == 0) o->queue[tail++] = i;
    for (int32_t head = 0; head < tail; head++) {
        const int32_t out = gates[o->queue[head]].out;
        for (int32_t k = o->first[out]; k < o->first[out + 1]; k++)
            if (--o->waits[o->readers[k]] == 0) o->queue[tail++] = o->readers[k];
    }
    return tail;
}

status gate_levels_sort(const struct gate_netlist *n, struct gate *gates,
                        struct arena *a, struct err *err)
{
    struct order o;
    struct gate *copy = ARENA_NEW(a, struct gate, (size_t)n->n_gates + 1);
    if (!copy) return arena_exhausted(err);
    TRY(make_order(n, a, &o, err));
    find_readers(n, gates, &o);
    if (place(n, gates, &o) != n->n_gates)
        for (int32_t i = 0; i < n->n_gates; i++)
            if (o.waits[i] > 0)
                return err_set(
                    err, ST_UNSUPPORTED,
                    "%s: cell %s: expected no combinational loop, found one through "
                    "or before it",
                    n->path, n->instances[gates[i].instance].name);
    memcpy(copy, gates, (size_t)n->n_gates * sizeof *copy);
    for (int32_t i = 0; i < n->n_gates; i++)
        gates[i] = copy[o.queue[i]];
    return ST_OK;
}
