/* foreign_map.h -- a user's own CSV as a measurement CSV: which of the columns is
 * what, in which unit, and what is the same in every row.
 *
 * Mapping file (version 1):
 *   version: 1
 *   toolchain: vivado-2022.2     # word for the flow
 *   target: xc7                  # which memories and multipliers there are;
 *                                # without it units are priced, not whole layers
 *   rest: cost.yaml              # optional: model that gives the parts that were not
 *                                # measured (requantisers, control): a path from
 *                                # here, or the name of a shipped model
 *   columns:                     # ours: theirs
 *     module: {value: mac_parallel}                   the same in every row
 *     SIMD: lanes                                     one of the columns, as it is
 *     wsigned: {column: sign, words: {s: 1, u: 0}}    words
 *     energy: {column: E_mac, unit: fJ}               unit, where the header has none
 *     bram18: {column: RAMB36, scale: 2}              our number is scale times theirs
 *   reports: [util, power]       # optional: columns that name reports of other tools
 * Ours are the columns of sim/sample.h, and for reports `instance` (of a hierarchical
 * report), `clock` [MHz] and `products` (per cycle), by which power becomes energy:
 *
 *   energy per product = dynamic power / (clock * products)              [pJ]
 *
 * Columns that the mapping does not name are left aside.  A CSV needs no mapping
 * if its columns have our names; report columns then have the unit [file]. */
#ifndef COSTMODEL_FOREIGN_MAP_H
#define COSTMODEL_FOREIGN_MAP_H

#include "base/csv.h"

struct foreign_set {
    struct csv csv;            /* our names and units, lines and places of the file */
    const char *toolchain;     /* "" without a mapping                         */
    const char *target, *rest; /* "" if none                                   */
};

/* map_path may be NULL.  In arena.  ST_NOT_FOUND, ST_PARSE, ST_RANGE. */
status foreign_read(const char *csv_path, const char *map_path, struct arena *a,
                    struct foreign_set *out, struct err *err);

/* Fills what the reports say into empty cells: columns of unit [file] name the files,
 * beside the CSV.  (foreign_reports.c) */
status foreign_add_reports(struct csv *csv, struct arena *a, struct err *err);
/* Adds an empty column of that name and unit, unless there is one; its index. */
status foreign_add_column(struct csv *csv, const char *name, const char *unit,
                          struct arena *a, int32_t *col, struct err *err);

#endif
