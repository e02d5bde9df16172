/* synth_stat.h -- from Yosys' `stat -json` to counts; private to sim/synth*.c. */
#ifndef SIM_SYNTH_STAT_H
#define SIM_SYNTH_STAT_H

#include <jansson.h>

#include "sim/synth.h"

/* Parses the file; *out is owned (json_decref).  ST_TOOL if it is not what we know. */
status synth_stat_load(const char *path, struct arena *a, json_t **out,
                       struct err *err);

/* Fills total and parts of the module `type` (its name in stat, e.g. "\\top"), which
 * was called `name` in the source.  toolchain: its name, for cells that count otherwise
 * elsewhere.  ST_UNSUPPORTED names a cell that we cannot count. */
status synth_stat_module(json_t *stat, const char *type, const char *name,
                         const char *toolchain, struct synth_result *out,
                         struct err *err);

/* Area [um2] of the last module in the text of `stat -liberty`.  ST_UNSUPPORTED names a
 * cell that the library does not have. */
status synth_stat_area(const char *path, struct arena *a, double *out, struct err *err);

#endif
