/* gate_calibrate.h -- how much of the unit-delay glitches a library's path delays let
 * live: one factor per kind of unit, from a few of each against Icarus.
 *
 * The factor is the least-squares one of the relative errors of the total energy.  The
 * points are built in: precisions and signs from 1 to 8 bits, some of which are not
 * fitted but only met, and count in the errors.  A unit that this version
 * does not have is left out. */
#ifndef SIM_GATE_CALIBRATE_H
#define SIM_GATE_CALIBRATE_H

#include <stdio.h>

#include "sim/gate_energy.h"

/* Sets lib->glitch and lib->provenance; prints a line per point on
 * f (NULL: none).  ST_MISMATCH: zero-delay toggles differ from Icarus's. */
status gate_calibrate(struct gate_library *lib, int32_t n_cycles, uint64_t seed,
                      struct arena *a, FILE *f, struct err *err);

#endif
