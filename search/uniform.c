/* uniform.c -- the baseline: the largest uniform precision that meets the budgets. */
#include <stdio.h>

#include "base/progress.h"
#include "search/search.h"

static bool candidate(const struct space *s, int bits)
{
    for (int32_t i = 1; i < s->n_layers - 1; i++)
        if (!(s->w_mask[i] >> bits & 1u) || !(s->a_mask[i] >> bits & 1u)) return false;
    return true;
}

static status run(const struct search_task *task, struct arena *a,
                  struct search_result *out, struct err *err)
{
    (void)a; /* nothing to allocate: no history */
    const double start_s = clock_now_s();
    double cost[COST_N_METRICS], ratio = 0;
    int least = 0;
    for (int bits = 8; bits >= 1; bits--) {
        if (!candidate(task->space, bits)) continue;
        TRY(space_uniform(task->space, bits, &out->path, err));
        space_cost(task->space, &out->path, cost);
        if (budget_met(task->budget, cost)) {
            out->search_s = clock_now_s() - start_s;
            return ST_OK;
        }
        least = bits;
    }
    if (least == 0)
        return err_set(err, ST_RANGE,
                       "method uniform: no precision is a candidate for weights and "
                       "activations alike");
    const enum cost_metric m = budget_binding(task->budget, cost, &ratio);
    return err_set(err, ST_INFEASIBLE,
                   "no uniform plan meets the budget: at %d bits %s is %.6g against a "
                   "limit of %.6g (%.3f x)",
                   least, cost_metric_names[m], cost[m], task->budget->limit[m], ratio);
}

const struct search_method search_method_uniform = {
    .name = "uniform",
    .summary = "the largest uniform precision that meets the budgets",
    .run = run,
};
