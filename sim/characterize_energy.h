/* characterize_energy.h -- energy of the points of one instance; private to
 * sim/characterize*.c.  The unit is mapped when the first point asks for it. */
#ifndef SIM_CHARACTERIZE_ENERGY_H
#define SIM_CHARACTERIZE_ENERGY_H

#include "sim/sweep.h"

struct characterize_energy; /* opaque */

status characterize_energy_new(struct characterize_energy **out, struct err *err);
void characterize_energy_free(struct characterize_energy *e); /* NULL allowed */

/* Fills energy, energy_zero, energy_clock and leakage of p->sample.  All calls must be
 * for the same unit and library. */
status characterize_energy_measure(struct characterize_energy *e, struct sweep_point *p,
                                   double time_limit_s, struct err *err);

#endif
