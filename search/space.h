/* space.h -- the search space: per layer the candidate precisions, and for each
 * pair the cheapest folding that meets the throughput target, with its cost.
 *
 * cost[l][w][a] is what every algorithm sees of the hardware.  Cells exist for
 * every pair of 1..8 bits, candidates or not, so that uniform plans of any
 * precision have a cost. */
#ifndef SEARCH_SPACE_H
#define SEARCH_SPACE_H

#include <stdint.h>

#include "base/arena.h"
#include "base/status.h"
#include "costmodel/layer_table.h"
#include "costmodel/model.h"
#include "costmodel/shared.h"
#include "nn/graph.h"
#include "nn/trainer.h"
#include "rtl/accel_config.h"
#include "search/bits.h"
#include "search/budget.h"
#include "search/selectors.h"

struct space_options {
    uint32_t w_mask, a_mask; /* candidate bits; bit b of the mask stands for b   */
    uint32_t first_w_mask, last_mask;  /* policy: first and last layer, default 8   */
    const struct selectors *selectors; /* NULL: every inner layer has the masks above */
    enum rtl_target target;
    int toolchain; /* of the cost model                                       */
    enum rtl_mul requant_mul;
    enum rtl_ram weight_ram;
    double fps; /* throughput target [images/s]               */
    double clock_mhz;
    double max_cycles; /* per image and layer, fill included; INFINITY = none    */
    const struct energy_source *energy; /* NULL: no energy                     */
    const struct layer_table *layers;   /* costs come from it alone; NULL: none */
    const struct shared_accel *shared;  /* the same; at most one of both        */
};
struct space_options space_defaults(void);

/* One candidate of one layer. */
struct space_cell {
    bool known;            /* false: no cost, so only for non-candidates     */
    struct mvu_config mvu; /* with its folding (none on hardware of layers alone);
                              out_bits and shift cost at least what the layer
                              will get                                 */
    struct cost_estimate est;
};

struct space {
    int32_t n_layers;
    struct space_options opt;
    const struct nn_graph *graph;    /* borrowed                          */
    int32_t to_table[NN_MAX_LAYERS]; /* layers of opt.layers, if there are any */
    uint32_t *w_mask, *a_mask;       /* (n_layers)                        */
    int32_t *leader; /* (n_layers) first layer of the same precision; NULL: itself */
    bool *same_bits; /* (n_layers) as many for activations; NULL: need not be     */
    uint32_t w_unpriced, a_unpriced; /* candidates left out of some layer, because the
                                        hardware's costs do not say theirs  */
    struct err unpriced_why;         /* of the first; ST_OK: all are priced */
    struct space_cell (*cell)[9][9]; /* (n_layers)[wbits][abits]          */
};

/* Candidates without a cost are left out (w_unpriced); ST_RANGE if a layer then has
 * none. ST_INFEASIBLE if some layer cannot meet the throughput target.  In arena.
 * graph, model, opt->layers and opt->shared are borrowed; model is NULL where one of
 * the last two is not: every layer then costs what that says. */
status space_build(const struct nn_graph *graph, const struct cost_model *model,
                   const struct space_options *opt, struct arena *a, struct space **out,
                   struct err *err);
/* Leaves out of the masks what some layer's cells do not know; first: why. */
status space_keep_priced(struct space *s, const struct err *first, struct err *err);
/* True if layers have no hardware of their own, so no folding: a table of layers or a
 * shared array says what they cost. */
static inline bool space_of_layers(const struct space_options *o)
{
    return o->layers || o->shared;
}
/* The layer whose choice is that of layer i. */
static inline int32_t space_leader(const struct space *s, int32_t i)
{
    return s->leader ? s->leader[i] : i;
}
/* True if weights and activations of layer i have the same bits. */
static inline bool space_same_bits(const struct space *s, int32_t i)
{
    return s->same_bits && s->same_bits[i];
}
/* Total cost of a path: (COST_N_METRICS). */
void space_cost(const struct space *s, const struct nn_path *path,
                double cost[COST_N_METRICS]);

/* All layers that are searched at `bits`, the others at their fixed precision.
 * ST_RANGE if the cost model does not know some layer at these bits. */
status space_uniform(const struct space *s, int bits, struct nn_path *out,
                     struct err *err);
/* Every tensor at its highest candidate. */
void space_highest(const struct space *s, struct nn_path *out);
/* Turns limits that are relative to a uniform plan into numbers. */
status space_resolve_budget(const struct space *s, struct budget *b, struct err *err);
/* Number of decisions: cells (weights or activations of a layer) with a choice. */
int32_t space_n_cells(const struct space *s);
/* log10 of the number of assignments. */
double space_log10_size(const struct space *s);

/* What one image's folding must fit: the largest fold * n_vec [cycle]. */
double space_cycle_limit(const struct space_options *opt);
/* The folding of least LUT (ties: DSP, cycles) for a layer whose precision is set
 * in *m.  ST_INFEASIBLE if even the widest legal folding is too slow. */
status space_fold(const struct cost_model *model, const struct space_options *opt,
                  struct mvu_config *m, struct cost_estimate *est, struct err *err);
/* True if the codes that this layer reads are signed. */
bool space_input_signed(const struct nn_graph *g, int32_t i_layer);

#endif
