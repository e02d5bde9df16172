/* budget.h -- upper limits on metrics of the cost model.
 *
 * `--budget lut=20000 --budget energy_uj=5` on the command line, or a file
 * (version 1), by path or by the name of a file in configs/budget/:
 *
 *   version: 1
 *   name: zynq7020
 *   target: xc7                  # xc7 | ice40
 *   source: the data sheet that the figures come from
 *   limits: {lut: 53200, ff: 106400, dsp: 220, bram18: 280}
 *
 * Several may be given; the tighter limit of a metric holds.  A limit may also be a
 * share of what a uniform plan costs, `lut=0.97*uniform4`: it is then known only
 * when the space is (space_resolve_budget). */
#ifndef SEARCH_BUDGET_H
#define SEARCH_BUDGET_H

#include "base/cli.h"
#include "base/status.h"
#include "costmodel/model.h"

struct budget {
    char name[64];   /* "" if only from the command line                     */
    char target[16]; /* of the file; "" if only from the command line        */
    double limit[COST_N_METRICS]; /* INFINITY where there is none            */
    struct {
        double ratio; /* share of the uniform plan's cost; 0: none         */
        int32_t bits; /* of that plan                                      */
    } relative[COST_N_METRICS];
};

/* A budget that limits nothing. */
struct budget budget_none(void);
/* Each item is "metric=value", "metric=ratio*uniformB", a path to a budget file, or
 * the name of one in configs/budget/. */
status budget_parse(const struct cli_list *items, struct budget *out, struct err *err);
/* A cost may exceed its limit by rounding of sums only (a relative 1e-9). */
bool budget_met(const struct budget *b, const double cost[COST_N_METRICS]);
/* The metric with the largest cost / limit; *ratio is that quotient.  Metrics
 * without limit do not count; without any limit *ratio is 0. */
enum cost_metric budget_binding(const struct budget *b,
                                const double cost[COST_N_METRICS], double *ratio);
/* "lut 12000, dsp 20" of the metrics that have a limit, cut to fit. */
void budget_describe(const struct budget *b, const double cost[COST_N_METRICS],
                     char *text, size_t size);

#endif
