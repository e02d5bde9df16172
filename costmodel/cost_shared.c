/* cost_shared.c -- `bitwright cost` of a network on a shared array. */
#include <math.h>
#include <stdio.h>

#include "base/cli.h"
#include "costmodel/cost_job.h"
#include "costmodel/precisions.h"

/* What the array takes, where a model prices such arrays; else empty, with a note. */
static status price_array(struct cost_job *job, struct cost_estimate *out,
                          struct err *err)
{
    cost_forget(out);
    if (!job->model) return ST_OK;
    TRY(cost_select_toolchain(job, err));
    return shared_accel_price(job->shared, job->model, job->toolchain, out->metric,
                              err);
}

/* Rows of one precision each, in the order of precisions.h. */
static status price_rows(struct cost_job *job, const struct nn_graph *g,
                         const struct mvu_config *rows, struct cost_estimate *costs,
                         struct latency *latencies, struct err *err)
{
    const int32_t n = g->n_layers * PRECISIONS;
    double(*parts)[ENERGY_N_PARTS] = arena_alloc(job->a, (size_t)n, sizeof *parts);
    struct err first = {.msg = ""}, inner;
    int32_t n_missing = 0;
    if (!parts) return arena_exhausted(err);
    for (int32_t i = 0; i < n; i++) {
        const int32_t layer = i / PRECISIONS;
        const struct shared_layer l =
            shared_layer_of(nn_graph_layer(g, layer), rows[i].wbits, rows[i].abits,
                            rows[i].asigned, layer == g->n_layers - 1);
        if (shared_layer_cost(job->shared, &l, job->energy_or_null, &costs[i],
                              &latencies[i], parts[i], &inner) == ST_OK)
            continue;
        if (n_missing++ == 0)
            err_set(&first, inner.code, "layer '%s': %s", rows[i].name, inner.msg);
        cost_forget(&costs[i]);
        latencies[i].total = NAN;
        for (int k = 0; k < ENERGY_N_PARTS; k++)
            parts[i][k] = NAN;
    }
    if (job->energy_or_null) job->table.energy_uj = parts;
    return cost_note_missing(n, n_missing, &first, err);
}

status cost_on_shared(struct cost_job *job, struct err *err)
{
    const struct shared_accel *s = job->shared;
    const struct precision_options o = {.weight_ram = RTL_RAM_BLOCK};
    struct nn_graph *g;
    struct mvu_config *rows;
    TRY(nn_graph_load(job->args->network, 0, job->a, &g, err));
    TRY(provenance_input(&job->provenance, job->args->network, err));
    TRY(precisions_of_network(g, &o, job->a, &rows, err));
    const size_t n = (size_t)g->n_layers * PRECISIONS;
    struct cost_estimate *costs = ARENA_NEW(job->a, struct cost_estimate, n);
    struct cost_estimate *array = ARENA_NEW(job->a, struct cost_estimate, 1);
    struct latency *latencies = ARENA_NEW(job->a, struct latency, n);
    const char *name = arena_printf(
        job->a, "%s: %d x %d %s of SIMD %d, %s, %g MHz, batch %d", s->name,
        (int)s->array.rows, (int)s->array.cols, mac_unit_names[s->array.unit.unit],
        (int)s->array.unit.SIMD, latency_schedule_names[s->array.schedule],
        s->clock_mhz, (int)s->array.batch);
    if (!costs || !array || !latencies || !name) return arena_exhausted(err);
    for (size_t i = 0; i < n; i++)
        rows[i].PE = rows[i].SIMD = 0; /* layers have no units of their own */
    TRY(price_array(job, array, err));
    job->table = (struct cost_table){
        .toolchain =
            job->model ? cost_model_toolchain(job->model, job->toolchain) : "none",
        .profile = job->energy_or_null ? job->energy.name : NULL,
        .n_rows = (int32_t)n,
        .layers = rows,
        .costs = costs,
        .latencies = latencies,
        .array = array,
        .array_name = name};
    return price_rows(job, g, rows, costs, latencies, err);
}
