/* simulate.h -- one matrix-vector unit on random operands: is it right, and how many
 * cycles does it take. */
#ifndef SIM_SIMULATE_H
#define SIM_SIMULATE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"
#include "rtl/accel_config.h"

struct simulate_options {
    int32_t n_vec;  /* vectors                                    >= 1     */
    double p_stall; /* of the second run; 0: no second run        [0, 0.95] */
    uint64_t seed;
    int opt_level;     /* of the C++ compiler [0, 3]; -1: by dut_opt_level    */
    const char *trace; /* VCD file of the first run; NULL: none               */
};
struct simulate_options simulate_defaults(void);

struct simulate_result {
    int64_t meas_cycles, est_cycles; /* without stalls                        */
    int64_t stalled_cycles;          /* with stalls; 0 if not run             */
    double build_s;                  /* or load from the cache, and loading   */
    double sim_s;                    /* of the run without stalls             */
    double macs_per_s;               /* of that run                           */
};

/* ST_MISMATCH if an output or the number of cycles differs from what is expected. */
status simulate_mvu(const struct mvu_config *c, const struct simulate_options *opt,
                    struct simulate_result *out, struct err *err);

#endif
