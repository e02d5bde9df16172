/* space.h -- the search space: per layer the candidate precisions, and for each
 * pair the cheapest folding that meets the throughput target, with its cost.
 *
 * cost[l][w][a] is what every algorithm sees of the hardware. */
#ifndef SEARCH_SPACE_H
#define SEARCH_SPACE_H

#include <stdint.h>

#include "base/arena.h"
#include "base/status.h"
#include "costmodel/model.h"
#include "nn/graph.h"
#include "nn/trainer.h"
#include "rtl/accel_config.h"

struct space_options {
    uint32_t w_mask, a_mask;        /* candidate bits; bit b stands for b         */
    int32_t first_wbits, last_bits; /* policy: first and last layer, default 8 */
    enum rtl_target target;
    enum rtl_mul requant_mul;
    enum rtl_ram weight_ram;
    double fps; /* throughput target [images/s]               */
    double clock_mhz;
    const struct energy_profile *profile; /* NULL: no energy                   */
};
struct space_options space_defaults(void);

/* One candidate of one layer. */
struct space_cell {
    struct mvu_config mvu; /* with its folding; shift is a placeholder   */
    struct cost_estimate est;
};

struct space {
    int32_t n_layers;
    const struct nn_graph *graph;    /* borrowed                          */
    uint32_t *w_mask, *a_mask;       /* (n_layers)                        */
    struct space_cell (*cell)[9][9]; /* (n_layers)[wbits][abits]          */
};

/* ST_INFEASIBLE if some layer cannot meet the throughput target. In arena. */
status space_build(const struct nn_graph *graph, const struct cost_model *model,
                   const struct space_options *opt, struct arena *a, struct space **out,
                   struct err *err);
/* Total cost of a path: (COST_N_METRICS). */
void space_cost(const struct space *s, const struct nn_path *path,
                double cost[COST_N_METRICS]);

#endif
