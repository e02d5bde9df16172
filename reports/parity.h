/* parity.h -- the cost model's estimates beside the measurements, from parity.json
 * (format: costmodel/README.md). */
#ifndef REPORTS_PARITY_H
#define REPORTS_PARITY_H

#include <stdbool.h>

#include "reports/source.h"

struct report_point { /* one estimate beside its measurement */
    const char *label, *module, *metric, *toolchain;
    double meas, est, lo, hi;
    bool held_out;
};

struct report_parity {
    int32_t n;
    struct report_point *points; /* (n), in arena */
};

/* ST_NOT_FOUND, ST_PARSE.  The file joins `files`. */
status report_parity_read(const char *path, struct arena *a, struct report_files *files,
                          struct report_parity *out, struct err *err);

#endif
