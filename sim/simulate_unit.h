/* simulate_unit.h -- one MAC unit on random operands of one precision: is it right, and
 * how many cycles does it take. */
#ifndef SIM_SIMULATE_UNIT_H
#define SIM_SIMULATE_UNIT_H

#include "rtl/mac_unit.h"
#include "sim/simulate.h"

/* opt: n_vec dot products of K elements (in each of c->lanes), p_stall the probability
 * of a cycle without i_en in the second run.  The first two dot products are at the
 * ends of the operands' grids.
 * ST_RANGE as mac_unit_check and mac_run_dots; ST_MISMATCH if a sum or the number of
 * cycles differs from what is expected. */
status simulate_unit(const struct mac_unit_config *c, const struct mac_precision *p,
                     int64_t K, const struct simulate_options *opt,
                     struct simulate_result *out, struct err *err);

#endif
