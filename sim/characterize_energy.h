/* characterize_energy.h -- energy of the points of one instance, from the netlist that
 * its synthesis left; private to sim/characterize*.c. */
#ifndef SIM_CHARACTERIZE_ENERGY_H
#define SIM_CHARACTERIZE_ENERGY_H

#include "sim/sweep.h"

struct characterize_energy; /* opaque */

/* *out is NULL for a point that asks for no energy. */
status characterize_energy_new(const struct sweep_point *p,
                               struct characterize_energy **out, struct err *err);
void characterize_energy_free(struct characterize_energy *e); /* NULL allowed */

/* Where the synthesis is to leave the netlist; NULL if e is NULL. */
const char *characterize_energy_netlist(const struct characterize_energy *e);

/* Fills energy, energy_zero, energy_clock and leakage of p->sample.  All calls must be
 * for the same unit and library. */
status characterize_energy_measure(struct characterize_energy *e, struct sweep_point *p,
                                   struct err *err);

#endif
