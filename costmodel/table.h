/* table.h -- the per-layer table that `bitwright cost` prints.
 *
 * Formats:
 *   table  for people: one line per layer, LUT with its 90 % interval and the level
 *          that answered, then the total
 *   csv    one line per layer: layer, shape, folding, then for each metric its
 *          value, lo, hi and level (name[unit]); the last line is the total
 *   json   {version, provenance, toolchain, energy_profile, layers: [{name, MW, MH,
 *          PE, SIMD, n_vec, wbits, abits, METRIC: {value, lo, hi, level}, ...}], total}
 * Energy is absent (empty, null, "-") without a profile; with one the parts that it is
 * made of follow: a second table, columns energy_PART_uj[uJ], a map "energy_parts" from
 * part to uJ in every layer. */
#ifndef COSTMODEL_TABLE_H
#define COSTMODEL_TABLE_H

#include <stdio.h>

#include "base/provenance.h"
#include "costmodel/energy.h"

enum table_format { TABLE_TEXT, TABLE_CSV, TABLE_JSON };
extern const char *const table_format_names[]; /* NULL-terminated */

struct cost_table {
    const char *toolchain, *profile; /* profile: whose energies; NULL: none */
    int32_t n_rows;
    const struct mvu_config *layers;     /* (n_rows) */
    const struct cost_estimate *costs;   /* (n_rows) */
    const struct cost_estimate *total;   /* NULL: rows are alternatives, no sum */
    double (*energy_uj)[ENERGY_N_PARTS]; /* (n_rows) parts of the energy, NaN where
                                            there is none; NULL: no energy    */
};

status table_write(const struct cost_table *t, enum table_format format,
                   const struct provenance *p, FILE *f, struct err *err);

/* Matrices: for each layer one grid of a metric over wbits (rows) and abits
 * (columns).  t->layers holds n_layers * 64 rows, ordered (layer, wbits, abits). */
void table_print_grids(const struct cost_table *t, enum cost_metric metric, FILE *f);

#endif
