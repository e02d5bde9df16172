/* unit_costs.h -- what one product costs in every measured MAC unit, so that units of
 * different speed can be compared.
 *
 *   cost per product = cost of the unit * steps / products of these steps
 *
 * units.csv (version 1), one row for each measured unit and precision that it runs:
 *   toolchain, unit (mac_parallel, ...), variant ("", or "grouped", "2 lanes"),
 *   SIMD, acc_bits[bit], wbits[bit], abits[bit], wsigned, asigned,
 *   lut[LUT], ff[FF], dsp[DSP], area[um2]   of the unit, per product and cycle
 *   energy[pJ], energy_zero[pJ]             per product, with and without glitches
 * An empty cell was not measured.  A unit whose precision is set at run time gives a
 * row for each of its precisions, at signed weights and unsigned activations. */
#ifndef COSTMODEL_UNIT_COSTS_H
#define COSTMODEL_UNIT_COSTS_H

#include <stdio.h>

#include "base/arena.h"
#include "base/status.h"

/* Appends the rows of one measurement CSV (sim/sample.h, version 2) to f; rows of other
 * modules, failed rows and energies of other stimuli than uniform are left aside.
 * *n_units: measured units seen.  ST_NOT_FOUND, ST_PARSE, ST_RANGE. */
status unit_costs_append(const char *path, FILE *f, struct arena *a, size_t *n_units,
                         struct err *err);
void unit_costs_header(FILE *f);

#endif
