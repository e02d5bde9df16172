/* characterize_key.h -- what determines a row of measurements, as a key; private to
 * sim/characterize*.c. */
#ifndef SIM_CHARACTERIZE_KEY_H
#define SIM_CHARACTERIZE_KEY_H

#include "sim/sweep.h"

/* Fills key, options and tool_version of all points.  ST_MISSING_TOOL if a tool that
 * they need is not there, ST_NOT_FOUND if a Liberty file is not. */
status characterize_keys(struct sweep *s, struct arena *a, struct err *err);

#endif
