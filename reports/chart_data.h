/* chart_data.h -- the report's numbers in the form that each chart's spec expects.
 *
 * Each returns {"data": {...}, "signals": {...}} (owned, NULL on exhaustion) for
 * the spec reports/charts/NAME.vg.json of the same name. */
#ifndef REPORTS_CHART_DATA_H
#define REPORTS_CHART_DATA_H

#include "reports/artefacts.h"

json_t *chart_bits(const struct report *r);
json_t *chart_tradeoff(const struct report *r);
json_t *chart_convergence(const struct report *r);
json_t *chart_values(const struct report *r);
/* The points of one metric under one toolchain. */
json_t *chart_parity(const struct report_parity *parity, const char *toolchain,
                     const char *metric, bool held_out_only);
json_t *chart_lut(const struct report *r);
json_t *chart_breakdown(const struct report *r);

#endif
