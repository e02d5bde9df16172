/* stimulus.h -- random operands for one matrix-vector unit.
 *
 * Weights and activations are uniform over their grids; the first two vectors and the
 * first two rows of weights hold the extremes, which together reach both ends of the
 * accumulator.  Three channels in four are scaled so that outputs spread over their
 * grid, the fourth has any mul and bias at all. */
#ifndef SIM_STIMULUS_H
#define SIM_STIMULUS_H

#include <stdint.h>

#include "base/arena.h"
#include "base/status.h"
#include "nn/quant.h"
#include "rtl/accel_config.h"

struct stimulus {
    int32_t n_vec;
    int16_t *weights; /* (MH, MW)                                             */
    int16_t *vectors; /* (n_vec, MW)                                          */
    struct requant requant;
};

/* In arena; depends on c, n_vec and seed only. */
status stimulus_random(const struct mvu_config *c, int32_t n_vec, uint64_t seed,
                       struct arena *a, struct stimulus *out, struct err *err);

#endif
