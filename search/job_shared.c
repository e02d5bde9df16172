/* job_shared.c -- a search for a shared array: its file, and what the array itself
 * costs, which no choice of bits changes. */
#include <math.h>

#include "search/job.h"

const char *job_cost_name(const struct job *j)
{
    return j->opt->accel ? j->opt->accel : j->opt->cost;
}

/* Block RAMs of xc7 as 2 KiB of data each, both buffers. */
static void count_buffers(struct job *j)
{
    const struct shared_accel *s = j->shared;
    const double n =
        ceil(s->weight_buffer_bytes / 2048) + ceil(s->act_buffer_bytes / 2048);
    j->array_cost[COST_BRAM18] = (struct cost_value){n, n, n, COST_LEVEL_EXACT};
}

static status price_array(struct job *j, const char *model, struct err *err)
{
    const struct job_options *o = j->opt;
    const char *path;
    TRY(cost_model_find(model, j->arena, &path, err));
    TRY(provenance_input(&j->provenance, path, err));
    TRY(cost_model_load(path, j->arena, &j->model, err));
    TRY(cost_model_select(
        j->model, o->toolchain ? o->toolchain : cost_model_toolchain(j->model, 0),
        &j->toolchain, err));
    TRY(shared_accel_price(j->shared, j->model, j->toolchain, j->array_cost, err));
    const bool known = !isnan(j->array_cost[COST_LUT].value);
    if (known && cost_model_target(j->model, j->toolchain) == RTL_XC7) count_buffers(j);
    return ST_OK;
}

status job_load_shared(struct job *j, struct err *err)
{
    const char *path;
    for (int m = 0; m < COST_N_METRICS; m++)
        j->array_cost[m] = (struct cost_value){NAN, NAN, NAN, COST_LEVEL_EXACT};
    TRY(shared_accel_find(j->opt->accel, j->arena, &path, err));
    TRY(provenance_input(&j->provenance, path, err));
    j->shared = ARENA_NEW(j->arena, struct shared_accel, 1);
    if (!j->shared) return arena_exhausted(err);
    TRY(shared_accel_load(path, j->shared, err));
    const char *model = j->opt->cost ? j->opt->cost : j->shared->cost_model;
    return model[0] ? price_array(j, model, err) : ST_OK;
}

status job_settle_array(struct job *j, struct err *err)
{
    for (int m = 0; m < COST_N_METRICS; m++) {
        const double cost = j->array_cost[m].value, limit = j->budget.limit[m];
        if (isnan(cost) || !isfinite(limit)) continue;
        if (cost > limit)
            return err_set(err, ST_INFEASIBLE,
                           "no plan meets the budget: the array of %s takes %s %.6g "
                           "whatever the bits, against a limit of %.6g; choose a "
                           "smaller array",
                           j->shared->name, cost_metric_names[m], cost, limit);
        cli_note("the array of %s takes %s %.6g of %.6g, whatever the bits",
                 j->shared->name, cost_metric_names[m], cost, limit);
        j->budget.limit[m] = INFINITY;
    }
    return ST_OK;
}
