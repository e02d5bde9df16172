/* characterize_key.h -- what determines a row of measurements, as a key; private to
 * sim/characterize*.c. */
#ifndef SIM_CHARACTERIZE_KEY_H
#define SIM_CHARACTERIZE_KEY_H

#include "sim/sweep.h"

/* What is synthesised for a point: a unit alone, or, for a Liberty library, in the
 * wrapper whose ports all units have in common, because its energy is measured there.
 */
status characterize_instance(const struct sweep_point *p, struct rtl_instance *out,
                             struct err *err);

/* Fills key, options and tool_version of all points.  ST_MISSING_TOOL if a tool that
 * they need is not there, ST_NOT_FOUND if a Liberty file is not. */
status characterize_keys(struct sweep *s, struct arena *a, struct err *err);

#endif
