/* plan_view.h -- what verification needs to know of a plan.
 *
 * Reads these keys of plan.yaml (format: search/plan.h) and no others:
 *   data, target, files.quantised, files.accel, files.verilog, budget.*,
 * estimate.*.value, accuracy.plan, accuracy.n_images, accuracy.uniform.*.accuracy,
 *   layers[].name, wbits, abits, PE, SIMD, lut, cycles and, where present, ff, dsp,
 *   bram18. */
#ifndef SIM_PLAN_VIEW_H
#define SIM_PLAN_VIEW_H

#include <stdint.h>

#include "base/arena.h"
#include "base/status.h"

struct plan_metric {
    const char *name; /* lut, ff, ...                                         */
    double value;
};

struct plan_view_layer {
    const char *name;
    int32_t wbits, abits, PE, SIMD;
    double lut, ff, dsp, bram18; /* estimates; NaN where the plan has none     */
    int64_t cycles;
};

struct plan_uniform_view {
    const char *bits;
    double accuracy;
};

struct plan_view {
    const char *path, *data, *target;
    const char *quantised, *accel, *verilog; /* paths that can be opened       */
    double accuracy; /* NaN where the plan has none              */
    int64_t n_images;
    int32_t n_budgets, n_estimates, n_uniform, n_layers;
    struct plan_metric *budgets, *estimates;
    struct plan_uniform_view *uniform;
    struct plan_view_layer *layers;
};

/* In arena.  ST_NOT_FOUND, ST_PARSE, ST_RANGE with line and column. */
status plan_view_load(const char *path, struct arena *a, struct plan_view *out,
                      struct err *err);
/* Value of a metric, NaN if absent. */
double plan_metric_find(const struct plan_metric *m, int32_t n, const char *name);

#endif
