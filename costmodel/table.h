/* table.h -- the per-layer table that `bitwright cost` prints.
 *
 * Formats:
 *   table  for people: one line per layer, LUT with its 90 % interval and the level
 *          that answered, then the total
 *   csv    one line per layer: layer, shape, folding, then for each metric its
 *          value, lo, hi and level (name[unit]); the last line is the total
 *   json   {version, provenance, toolchain, energy_profile, layers: [{name, MW, MH,
 *          PE, SIMD, n_vec, wbits, abits, METRIC: {value, lo, hi, level}, ...}], total}
 * On hardware whose layers have no units of their own PE and SIMD are absent.  Layers
 * of a shared array have columns compute_cycles .. latency_cycles and bound
 * (latency.h), a map "latency" in JSON; what its array costs is said in the head and
 * under "array". Energy is absent (empty, null, "-") without a profile; with one the
 * parts that it is made of follow: a second table, columns energy_PART_uj[uJ], a map
 * "energy_parts" from part to uJ in every layer. */
#ifndef COSTMODEL_TABLE_H
#define COSTMODEL_TABLE_H

#include <stdio.h>

#include "base/provenance.h"
#include "costmodel/energy.h"
#include "costmodel/latency.h"

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
    const struct latency *latencies;     /* (n_rows) of a batch, NaN where there is
                                            none; NULL: no shared array       */
    const struct cost_estimate *array;   /* NULL: the same                    */
    const char *array_name;              /* "8 x 8 mac_fusion, 100 MHz, batch 1" */
};

status table_write(const struct cost_table *t, enum table_format format,
                   const struct provenance *p, FILE *f, struct err *err);

/* Matrices: for each layer one grid of a metric over wbits (rows) and abits
 * (columns).  t->layers holds n_layers * 64 rows, ordered (layer, wbits, abits). */
void table_print_grids(const struct cost_table *t, enum cost_metric metric, FILE *f);

#endif
