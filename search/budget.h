/* budget.h -- upper limits on metrics of the cost model.
 *
 * `--budget lut=20000 --budget energy_uj=5` on the command line, or a file
 * (configs/budget/NAME.yaml, version 1): name, target, source, limits: {lut: ...}.
 * Both may be given; the tighter limit of a metric holds. */
#ifndef SEARCH_BUDGET_H
#define SEARCH_BUDGET_H

#include "base/cli.h"
#include "base/status.h"
#include "costmodel/model.h"

struct budget {
    char name[64];                /* "" if only from the command line        */
    double limit[COST_N_METRICS]; /* INFINITY where there is none            */
};

/* Each item is "metric=value" or a path to a budget file. */
status budget_parse(const struct cli_list *items, struct budget *out, struct err *err);
bool budget_met(const struct budget *b, const double cost[COST_N_METRICS]);
/* The metric with the largest cost / limit; *ratio is that quotient. */
enum cost_metric budget_binding(const struct budget *b,
                                const double cost[COST_N_METRICS], double *ratio);

#endif
