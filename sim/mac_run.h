/* mac_run.h -- one MAC unit in simulation: dot products in, accumulators out, cycles
 * counted.
 *
 * Any unit of rtl/mac_unit.h, through rtl/mac/mac_unit.v, so every user (tests,
 * simulate) sees all of them alike.  Steps, control and operands come
 * from rtl/mac_unit.h; here they are only clocked. */
#ifndef SIM_MAC_RUN_H
#define SIM_MAC_RUN_H

#include <stdint.h>

#include "base/status.h"
#include "rtl/mac_unit.h"
#include "sim/dut.h"

struct mac_run; /* opaque */

/* Checks c, builds or finds the model of mac_unit.v.  Owned. */
status mac_run_open(const struct mac_unit_config *c, const struct dut_options *opt,
                    struct mac_run **out, struct err *err);
void mac_run_close(struct mac_run *r); /* NULL allowed */
/* VCD from now on, see dut_trace. */
status mac_run_trace(struct mac_run *r, const char *path, struct err *err);

/* Dot products of one precision, back to back. */
struct mac_dots {
    struct mac_precision p;
    int64_t K;        /* elements                                    [1, 2^20]   */
    int64_t n;        /* dot products, times c->lanes                >= 1        */
    const uint8_t *w; /* (n, lanes, K) codes as in nn/quant.h                    */
    const uint8_t *a; /* (n, K)                                                  */
    double p_gap;     /* probability of a cycle without i_en, whose other pins are
                         random                                      [0, 0.95]   */
    uint64_t seed;    /* of the gaps                                             */
};

/* Fills acc (n, lanes).  *cycles: from the cycle of the first step to the one in which
 * o_acc holds the last result, both included; without gaps
 *
 *   cycles = n * mac_unit_steps() + latency                             [cycle]
 *
 * ST_RANGE: the unit cannot run p or K, or c->acc_bits may overflow.  ST_MISMATCH: an
 * assertion in the RTL has fired. */
status mac_run_dots(struct mac_run *r, const struct mac_dots *d, int32_t *acc,
                    int64_t *cycles, struct err *err);

/* The same accumulators as plain sums of products. */
void mac_reference(const struct mac_dots *d, int32_t lanes, int32_t *acc);
/* ST_MISMATCH with the number of wrong accumulators and the first one. */
status mac_compare(const struct mac_unit_config *c, const struct mac_dots *d,
                   const int32_t *got, const int32_t *want, struct err *err);

#endif
