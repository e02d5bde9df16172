/* cost_rows.c -- the rows that `bitwright cost` prints: layers of an accelerator, or
 * every layer of a network at all 64 precisions. */
#include <math.h>

#include "base/cli.h"
#include "costmodel/cost_job.h"
#include "costmodel/precisions.h"

void cost_forget(struct cost_estimate *e)
{
    *e = (struct cost_estimate){.outside = NULL};
    for (int m = 0; m < COST_N_METRICS; m++)
        e->metric[m] = (struct cost_value){NAN, NAN, NAN, COST_LEVEL_FORMULA};
}

/* What each estimate's energy is made of. */
static status energy_parts(struct cost_job *job, double (**out)[ENERGY_N_PARTS],
                           struct err *err)
{
    const struct cost_table *t = &job->table;
    *out = NULL;
    if (!job->energy_or_null) return ST_OK;
    *out = arena_alloc(job->a, (size_t)t->n_rows, sizeof **out);
    if (!*out) return arena_exhausted(err);
    for (int32_t i = 0; i < t->n_rows; i++) {
        struct cost_value total;
        const char *outside;
        const bool known = !isnan(t->costs[i].metric[COST_ENERGY_UJ].value);
        if (known && energy_mvu(job->energy_or_null, &t->layers[i], &t->costs[i],
                                (*out)[i], &total, &outside, err) != ST_OK)
            return err->code;
        for (int k = 0; k < ENERGY_N_PARTS && !known; k++)
            (*out)[i][k] = NAN;
    }
    return ST_OK;
}

status cost_note_missing(int32_t n, int32_t n_missing, const struct err *first,
                         struct err *err)
{
    if (n_missing == n) return err_set(err, first->code, "%s", first->msg);
    if (n_missing > 0)
        cli_note("no cost for %d of %d rows, which stay empty; first: %s",
                 (int)n_missing, (int)n, first->msg);
    return ST_OK;
}

/* Accelergy's formats hold macs alone: a model of macs is enough, of any target. */
static bool holds_macs_alone(const struct cost_job *job)
{
    const int form = job->args->i_format;
    return form == EXPORT_ACCELERGY || form == EXPORT_ERT || form == EXPORT_ART;
}

static status estimate_rows(struct cost_job *job, int32_t n,
                            const struct mvu_config *layers, struct err *err)
{
    struct cost_estimate *costs = ARENA_NEW(job->a, struct cost_estimate, (size_t)n);
    if (!costs) return arena_exhausted(err);
    struct err first = {.msg = ""};
    int32_t n_missing = 0;
    job->table = (struct cost_table){
        .toolchain = cost_model_toolchain(job->model, job->toolchain),
        .profile = job->energy_or_null ? job->energy.name : NULL,
        .n_rows = n,
        .layers = layers,
        .costs = costs};
    for (int32_t i = 0; i < n; i++)
        cost_forget(&costs[i]);
    if (holds_macs_alone(job)) return ST_OK;
    for (int32_t i = 0; i < n; i++) {
        struct err inner;
        const status st = cost_mvu(job->model, job->toolchain, &layers[i],
                                   job->energy_or_null, &costs[i], &inner);
        if (st == ST_OK) continue;
        if (st != ST_RANGE || job->args->accel)
            return err_set(err, st, "layer '%s': %s", layers[i].name, inner.msg);
        if (n_missing++ == 0)
            err_set(&first, st, "layer '%s': %s", layers[i].name, inner.msg);
        cost_forget(&costs[i]);
    }
    TRY(cost_note_missing(n, n_missing, &first, err));
    return energy_parts(job, &job->table.energy_uj, err);
}

/* The toolchain that the accelerator is for. */
static status select_target(struct cost_job *job, const struct accel_config *accel,
                            struct err *err)
{
    const char *name =
        job->args->toolchain ? job->args->toolchain : rtl_target_names[accel->target];
    TRY(cost_model_select(job->model, name, &job->toolchain, err));
    if (cost_model_target(job->model, job->toolchain) == accel->target) return ST_OK;
    return err_set(err, ST_RANGE,
                   "%s: expected a toolchain for target %s, found '%s' for %s",
                   job->args->accel, rtl_target_names[accel->target], name,
                   cost_model_target_name(job->model, job->toolchain));
}

status cost_of_accel(struct cost_job *job, struct err *err)
{
    struct accel_config *accel = ARENA_NEW(job->a, struct accel_config, 1);
    struct cost_estimate *total = ARENA_NEW(job->a, struct cost_estimate, 1);
    if (!accel || !total) return arena_exhausted(err);
    TRY(accel_config_load(job->args->accel, job->a, accel, err));
    job->clock_mhz = accel->clock_mhz;
    TRY(provenance_input(&job->provenance, job->args->accel, err));
    if (holds_macs_alone(job))
        TRY(cost_select_toolchain(job, err));
    else
        TRY(select_target(job, accel, err));
    TRY(estimate_rows(job, accel->n_layers, accel->layers, err));
    cost_total(job->table.costs, accel->n_layers, total);
    job->table.total = total;
    return ST_OK;
}

status cost_select_toolchain(struct cost_job *job, struct err *err)
{
    if (job->args->toolchain)
        return cost_model_select(job->model, job->args->toolchain, &job->toolchain,
                                 err);
    job->toolchain = 0;
    if (cost_model_n_toolchains(job->model) == 1) return ST_OK;
    return cost_model_select(job->model, "(none given: say --toolchain NAME)",
                             &job->toolchain, err);
}

static void precision_options(struct cost_job *job, struct precision_options *o)
{
    const struct cost_args *args = job->args;
    const bool xc7 = cost_model_target(job->model, job->toolchain) == RTL_XC7;
    o->pe = (int32_t)args->pe;
    o->simd = (int32_t)args->simd;
    o->requant_mul = xc7 ? RTL_MUL_DSP : RTL_MUL_LUT;
    o->weight_ram = xc7 ? RTL_RAM_LUT : RTL_RAM_BLOCK;
    if (args->i_requant_mul >= 0) o->requant_mul = (enum rtl_mul)args->i_requant_mul;
    if (args->i_weight_ram >= 0) o->weight_ram = (enum rtl_ram)args->i_weight_ram;
}

status cost_of_network(struct cost_job *job, struct err *err)
{
    struct nn_graph *g;
    struct precision_options o;
    struct mvu_config *rows;
    TRY(cost_select_toolchain(job, err));
    precision_options(job, &o);
    TRY(nn_graph_load(job->args->network, 0, job->a, &g, err));
    TRY(provenance_input(&job->provenance, job->args->network, err));
    TRY(precisions_of_network(g, &o, job->a, &rows, err));
    return estimate_rows(job, g->n_layers * PRECISIONS, rows, err);
}

status cost_by_layers(struct cost_job *job, struct err *err)
{
    struct nn_graph *g;
    struct precision_options o = {.weight_ram = RTL_RAM_BLOCK};
    struct mvu_config *rows;
    struct err first = {.msg = ""}, inner;
    int32_t to_table[NN_MAX_LAYERS], n_missing = 0;
    TRY(nn_graph_load(job->args->network, 0, job->a, &g, err));
    TRY(provenance_input(&job->provenance, job->args->network, err));
    TRY(layer_table_match(job->layers, g, to_table, err));
    TRY(precisions_of_network(g, &o, job->a, &rows, err));
    const int32_t n = g->n_layers * PRECISIONS;
    struct cost_estimate *costs = ARENA_NEW(job->a, struct cost_estimate, (size_t)n);
    if (!costs) return arena_exhausted(err);
    for (int32_t i = 0; i < n; i++) {
        struct mvu_config *c = &rows[i];
        c->PE = c->SIMD = 0; /* no folding of ours */
        const double weights = (double)c->MW * c->MH, size = weights * c->wbits / 8;
        const double bitops = weights * c->n_vec * c->wbits * c->abits;
        cost_forget(&costs[i]);
        if (layer_table_cost(job->layers, to_table[i / PRECISIONS], c->wbits, c->abits,
                             &costs[i], &inner) != ST_OK) {
            if (n_missing++ == 0) first = inner;
            cost_forget(&costs[i]);
        }
        costs[i].metric[COST_SIZE_BYTES] =
            (struct cost_value){size, size, size, COST_LEVEL_EXACT};
        costs[i].metric[COST_BITOPS] =
            (struct cost_value){bitops, bitops, bitops, COST_LEVEL_EXACT};
    }
    job->table = (struct cost_table){
        .toolchain = "none", .n_rows = n, .layers = rows, .costs = costs};
    return cost_note_missing(n, n_missing, &first, err);
}
