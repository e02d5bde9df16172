/* bench_cost.h -- how fast the cost model answers. */
#ifndef COSTMODEL_BENCH_COST_H
#define COSTMODEL_BENCH_COST_H

#include "base/bench.h"
#include "base/json.h"
#include "costmodel/model.h"

struct bench_cost_result {
    int64_t n_table, n_formula;        /* layer costs computed               */
    double table_per_s, formula_per_s; /* layer costs per second, one core   */
};

/* Prices mvus of 64 precisions again and again for about `seconds` in each of two
 * models built here: one that has measured every element, one that has none of them
 * and answers by formula. */
status bench_cost(double seconds, struct bench_cost_result *out, struct err *err);

/* The same as an object: {table_per_s, formula_per_s, unit}; owned by the caller. */
json_t *bench_cost_json(const struct bench_cost_result *r);

/* As a figure of `bitwright bench`. */
extern const struct bench_figure cost_figure;

#endif
