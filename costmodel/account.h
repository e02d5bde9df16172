/* account.h -- what `bitwright fit` says about a calibration: text for people, JSON
 * for programs, and the parity of measured and estimated values for the report. */
#ifndef COSTMODEL_ACCOUNT_H
#define COSTMODEL_ACCOUNT_H

#include <stdio.h>

#include "base/json.h"
#include "base/provenance.h"
#include "costmodel/calibrate.h"

void account_print(const struct calibration *c, FILE *f);

/* Owned by the caller, NULL on exhaustion.
 *   account: {version, provenance, toolchains: [{name, target, n_elements, classes:
 *            [{module, class, n_rows, n_groups, terms, train, formula, scaled,
 * goal_met} or {..., table_only: why}], mvu: {...}}]} parity:  {version, provenance,
 * toolchain, points: [{toolchain, module, metric, label, meas, est, lo, hi, level,
 * held_out}], metrics: {METRIC: {n, mean_error, max_error}}}; errors are held-out and
 * relative. */
json_t *account_json(const struct calibration *c, const struct provenance *p);
json_t *account_parity(const struct calibration *c, const struct provenance *p);

#endif
