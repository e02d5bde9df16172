/* csv.h -- CSV (RFC 4180) whose header names carry units: `name[unit]`.
 *
 * Lines that start with '#' before the header are provenance and are kept as
 * text.  Reading is strict: ragged rows, NaN and empty numbers are errors with
 * line and column. */
#ifndef BASE_CSV_H
#define BASE_CSV_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/arena.h"
#include "base/status.h"

struct csv {
    const char *path;
    int32_t n_cols;
    size_t n_rows;
    int32_t head_line;    /* 1-based line of the header                           */
    const char **names;   /* (n_cols), without the unit; NULL-terminated       */
    const char **units;   /* (n_cols), "" if none                              */
    const char **cells;   /* (n_rows, n_cols), row-major                       */
    int32_t *lines;       /* (n_rows), 1-based line of each row                */
    const char *preamble; /* the '#' lines, "" if none                        */
};

/* All of it in arena.  ST_NOT_FOUND, ST_PARSE. */
status csv_load(const char *path, struct arena *a, struct csv *out, struct err *err);
/* Column of that name, -1 if absent. */
int32_t csv_column(const struct csv *c, const char *name);
/* The same, but ST_PARSE names the missing column and the nearest present one. */
status csv_need_column(const struct csv *c, const char *name, int32_t *out,
                       struct err *err);
const char *csv_cell(const struct csv *c, size_t row, int32_t col);
/* Number in a cell: finite.  ST_PARSE, ST_RANGE with line and column. */
status csv_double(const struct csv *c, size_t row, int32_t col, double *out,
                  struct err *err);
status csv_int(const struct csv *c, size_t row, int32_t col, int64_t lo, int64_t hi,
               int64_t *out, struct err *err);

/* One field, quoted where needed. */
void csv_put(FILE *f, const char *text);

#endif
