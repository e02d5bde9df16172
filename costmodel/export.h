/* export.h -- tables of costs in the formats of other tools.
 *
 *   HAQ        .npy, '<i8', (layers, 8, 8), index [layer][wbits - 1][abits - 1]; in
 *              whole units: energy_uj in pJ, latency_us in ns, others in their own
 *   Accelergy  library CSV of a MAC unit: one row per action and pair of widths, energy
 *              in pJ per product, area in um^2 (in LUTs where a head line says so)
 *   Accelergy  ERT and ART YAML, version 0.4, of an accelerator: for the macs of every
 *              layer, energy per product [pJ] and area per product [um^2]
 * Sources: the readers of mit-han-lab/haq, Accelergy-Project/accelergy and its library
 * plug-in.  A cost that is missing is an error, as these formats have no gaps. */
#ifndef COSTMODEL_EXPORT_H
#define COSTMODEL_EXPORT_H

#include <stdio.h>

#include "base/provenance.h"
#include "costmodel/table.h"

/* Where energies and areas of MAC units come from. */
struct export_source {
    const struct cost_model *model;
    int toolchain;
    const struct energy_profile *profile; /* where the model has no energies; or NULL */
};

/* t: n_layers * 64 rows.  *unit: of the numbers written; static. */
status export_npy(const struct cost_table *t, enum cost_metric metric, const char *path,
                  const char **unit, struct err *err);
/* Signed weights, unsigned activations, macs of SIMD products.  Precisions that the
 * model cannot price are left out; ST_RANGE if none is left. */
status export_accelergy(const struct export_source *s, int32_t SIMD,
                        const struct provenance *p, FILE *f, struct err *err);
/* t: the layers of an accelerator. */
status export_ert(const struct export_source *s, const struct cost_table *t,
                  double clock_mhz, const char *path, struct err *err);
status export_art(const struct export_source *s, const struct cost_table *t,
                  const char *path, struct err *err);

#endif
