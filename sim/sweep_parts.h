/* sweep_parts.h -- the mac and the requantiser of a matrix-vector unit, as points of
 * their own; private to sim/sweep*.c. */
#ifndef SIM_SWEEP_PARTS_H
#define SIM_SWEEP_PARTS_H

#include "sim/sample.h"

struct sample sweep_mac_part(const struct sample *unit);
struct sample sweep_requant_part(const struct sample *unit);

#endif
