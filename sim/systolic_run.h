/* systolic_run.h -- a systolic array in simulation: a matrix product in, results and
 * cycles out.  The order in which operands come is the one that rtl/systolic.h counts.
 */
#ifndef SIM_SYSTOLIC_RUN_H
#define SIM_SYSTOLIC_RUN_H

#include <stdint.h>

#include "base/status.h"
#include "rtl/systolic.h"
#include "sim/dut.h"

struct systolic_run; /* opaque */

/* Checks c, builds or finds the model.  Owned. */
status systolic_run_open(const struct systolic_config *c, const struct dut_options *opt,
                         struct systolic_run **out, struct err *err);
void systolic_run_close(struct systolic_run *r); /* NULL allowed */

struct systolic_job {
    struct systolic_shape s;
    const uint8_t *a; /* (M, K) codes as in nn/quant.h                            */
    const uint8_t *w; /* (N, K)                                                   */
    double p_gap;     /* probability of a cycle without i_en, whose other pins are
                         random                                      [0, 0.95]   */
    uint64_t seed;    /* of the gaps                                              */
};

/* Fills out (M, N).  *cycles, without the gaps: systolic_cycles() exactly.
 * ST_RANGE: the array cannot run the shape, or acc_bits may overflow. */
status systolic_run_job(struct systolic_run *r, const struct systolic_job *j,
                        int32_t *out, int64_t *cycles, struct err *err);

/* The same results as plain sums of products. */
void systolic_reference(const struct systolic_job *j, int32_t *out);
/* ST_MISMATCH with the number of wrong results and the first one. */
status systolic_compare(const struct systolic_config *c, const struct systolic_job *j,
                        const int32_t *got, const int32_t *want, struct err *err);

#endif
