/* account.h -- what `bitwright fit` says about a calibration: text for people, JSON
 * for programs, and the parity of measured and estimated values for the report. */
#ifndef COSTMODEL_ACCOUNT_H
#define COSTMODEL_ACCOUNT_H

#include <stdio.h>

#include "base/json.h"
#include "base/provenance.h"
#include "costmodel/goals.h"

/* Formulas, errors and coverage of every class, then every goal with its figure. */
void account_print(const struct calibration *c, int32_t n_goals,
                   const struct goal *goals, FILE *f);

/* Owned by the caller, NULL on exhaustion.
 *   account: {version, provenance, toolchains: [{name, target, tool_version, stimulus,
 *            n_elements, classes: [{module, class, metric, n_rows, n_groups, and either
 *            exact: true, or terms, train, formula, scaled, goal_met, or table_only:
 *            why}], mvu: {...}, array: {...}}], goals: [{toolchain, what, n, mean, max,
 *            limit_mean, limit_max, met}]}
 *   parity:  {version, provenance, toolchain, points: [{toolchain, module, metric,
 *            label, meas, est, lo, hi, level, held_out}], metrics: {METRIC: {n,
 *            mean_error, max_error}}}; errors are held-out and relative. */
json_t *account_json(const struct calibration *c, int32_t n_goals,
                     const struct goal *goals, const struct provenance *p);
json_t *account_parity(const struct calibration *c, const struct provenance *p);

#endif
