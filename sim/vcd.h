/* vcd.h -- toggles of the scalar nets of a value change dump (IEEE 1364-2005, 18). */
#ifndef SIM_VCD_H
#define SIM_VCD_H

#include <stdint.h>

#include "base/arena.h"
#include "base/status.h"

/* toggles: (n_nets), of the nets named n0, n1, ...; other names are ignored.  Changes
 * between 0 and 1 count from time `from` on, in units of the file; a change to or from
 * x or z from then on is ST_MISMATCH: the simulation is not yet in a known state. */
status vcd_toggles(const char *path, int64_t from, int32_t n_nets, uint64_t *toggles,
                   struct err *err);

#endif
