/* vega.h -- Vega inside the page, and the chart specs with the report's data.
 *
 * Debian ships Vega (libjs-vega) as one file per module and no bundle.  Each file
 * is a CommonJS module, so the page carries a dozen lines of loader (page/modules.js)
 * and the modules themselves; nothing is compiled or downloaded. */
#ifndef REPORTS_VEGA_H
#define REPORTS_VEGA_H

#include <stdio.h>

#include "base/arena.h"
#include "base/json.h"
#include "base/status.h"

#define VEGA_DIR "/usr/share/javascript/vega"

/* Writes the definitions of the modules as JavaScript.  ST_MISSING_TOOL names the
 * file and the package. */
status vega_put_modules(FILE *f, const char *dir, struct arena *a, struct err *err);
/* Vega's copyright file, "" if the system does not have it. */
status vega_licence(struct arena *a, const char **out, struct err *err);

/* Loads charts/NAME.vg.json from dir and puts in the data: `content` is
 *   {"data": {DATASET: [rows]}, "signals": {SIGNAL: value}}
 * and replaces the sample values of those names in the spec.  *out is owned.
 * ST_NOT_FOUND, ST_PARSE; ST_MISMATCH if the spec lacks one of the names. */
status vega_spec_load(const char *dir, const char *name, json_t *content,
                      struct arena *a, json_t **out, struct err *err);

#endif
