/* simulate_point.h -- the cycles of a measured row, on the RTL.
 *
 *   mvu        n_vec vectors
 *   MAC unit   n_vec dot products, back to back, of K = words * mac_unit_products()
 *   array      a product of M = n_vec rows, N = one tile (systolic_width) and
 *              K = words * rows * mac_unit_products()
 *
 * words is the most, up to SIMULATE_WORDS, whose sum acc_bits cannot overflow. Operands
 * are random; outputs are compared, with and without gaps, and the cycles with the
 * count of rtl/mac_unit.h, rtl/systolic.h, or rtl/accel_config.h. */
#ifndef SIM_SIMULATE_POINT_H
#define SIM_SIMULATE_POINT_H

#include "sim/sample.h"

enum { SIMULATE_WORDS = 8 };

/* Fills cycles and sim_s of a sample with n_vec set: nothing to do without.
 * ST_MISMATCH: outputs or cycles are not the expected ones. */
status simulate_point(struct sample *s, struct err *err);

#endif
