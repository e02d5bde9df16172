/* verify_report.h -- what verification found, as a table and as verify.json.
 *
 * verify.json (version 1):
 *   version, provenance, plan, data, n_images, n_test_images
 *   bit_exact         every output of every layer, and every class
 *   cycles_equal      measured = estimated in every layer
 *   cycles_est, cycles_meas   of the slowest layer, per image
 *   lut_est, lut_meas, the same for ff, dsp, bram18: sums over the
 *                     layers; _meas is absent without synthesis, _est where the plan
 *                     has none
 *   accuracy_plan     of the integer engine on all test images
 *   accuracy_uniform  {"4": ..., ...} as the plan has them
 *   budget_met        all budgets, with measured values where there are
 *   budgets           {lut: {limit, value, measured, met}, ...}
 *   layers            [{name, wbits, abits, PE, SIMD, bit_exact, cycles_est,
 *                      cycles_meas, lut_est, lut_meas, ff_meas, dsp_meas, bram18_meas,
 *                      parts: {mac_parallel: LUT, ...}, difference}] */
#ifndef SIM_VERIFY_REPORT_H
#define SIM_VERIFY_REPORT_H

#include <stdio.h>

#include "base/json.h"
#include "base/provenance.h"
#include "sim/verify.h"

void verify_print(const struct verify_result *r, FILE *f);
/* Owned by the caller; NULL on exhaustion. */
json_t *verify_json(const struct verify_result *r, const struct provenance *p);

#endif
