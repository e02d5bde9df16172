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

/* Errors on the measurements that the estimating model never saw: of one metric of one
 * module under one toolchain, |est / meas - 1|. */
struct parity_group {
    const char *toolchain, *module, *metric;
    int32_t n;        /* held-out points; those that measure 0 are left out    */
    int32_t n_inside; /* of these, within their prediction interval            */
    double mean, max;
};

/* Groups with a held-out point, in order of appearance; *out: (n), in arena. */
status parity_groups(const struct report_parity *p, struct arena *a,
                     struct parity_group **out, int32_t *n, struct err *err);

#endif
