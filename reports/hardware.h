/* hardware.h -- what the report on the hardware knows: what every MAC unit costs per
 * product at every precision, and how well the cost models predict it.
 *
 * units.csv is written by `bitwright units` (format: costmodel/unit_costs.h): one
 * row for each toolchain, measured unit and precision that it runs.  Costs are per
 * product and cycle: a unit of 100 LUTs that needs 4 cycles for 2 products costs 200
 * LUTs per product, so units of different speed can be compared. */
#ifndef REPORTS_HARDWARE_H
#define REPORTS_HARDWARE_H

#include "base/csv.h"
#include "reports/operands.h"
#include "reports/parity.h"

enum unit_metric {
    UNIT_LUT,         /* [LUT]                                                */
    UNIT_DSP,         /* [DSP]                                                */
    UNIT_AREA,        /* [um2]                                                */
    UNIT_ENERGY,      /* [pJ], glitches included                              */
    UNIT_ENERGY_ZERO, /* [pJ], without glitches                               */
    UNIT_N_METRICS
};
struct unit_metric_name {
    const char *column, *unit, *title; /* of units.csv; title as people read it */
};
extern const struct unit_metric_name unit_metrics[UNIT_N_METRICS];

struct unit_cost {
    const char *toolchain, *unit; /* unit: "mac_parallel", ...                */
    const char *variant;          /* "", or what tells builds apart: "grouped" */
    int32_t SIMD, wbits, abits;
    bool wsigned, asigned;
    double per_product[UNIT_N_METRICS]; /* NAN: not measured                  */
};

struct hardware {
    struct report_files files;
    int32_t n_costs, n_toolchains, n_units;
    struct unit_cost *costs;      /* (n_costs)                                */
    const char **toolchains;      /* (n_toolchains) in order of appearance    */
    const char **units;           /* (n_units): "unit" or "unit variant"      */
    struct report_parity *parity; /* (n_parity), one per file                 */
    int32_t n_parity;
    struct operand_effects operands; /* n 0: none were given                   */
};

struct hardware_paths {
    const char *units;         /* units.csv                                   */
    const char *const *parity; /* (n_parity) parity.json of `bitwright fit`   */
    int32_t n_parity;
    const char *operands; /* measurements of several stimuli; NULL: none        */
};

/* In arena.  ST_NOT_FOUND, ST_PARSE, ST_RANGE. */
status hardware_load(const struct hardware_paths *paths, struct arena *a,
                     struct hardware *out, struct err *err);

/* "mac_fusion grouped": a unit and its variant, in arena; NULL on exhaustion. */
const char *unit_label(const struct unit_cost *c, struct arena *a);
/* The cheapest build of a unit (a name of h->units, NULL: of any) for signed weights
 * and unsigned activations of these widths, as in networks after ReLU; NULL if none was
 * measured.  A unit that uses DSPs has no place in a comparison of LUTs. */
const struct unit_cost *unit_cheapest(const struct hardware *h, const char *toolchain,
                                      const char *unit, int32_t wbits, int32_t abits,
                                      enum unit_metric m);

/* The first toolchain that has that metric, NULL if none has. */
const char *hardware_toolchain(const struct hardware *h, enum unit_metric m);

/* The precisions at which a fusible unit is compared with units built for one. */
enum { HARDWARE_N_FUSED = 6 };
extern const int32_t hardware_fused[HARDWARE_N_FUSED][2]; /* (wbits, abits) */
/* Cost per product in the cheapest fusible unit over that in the cheapest
 * mac_parallel; NAN if one of them was not measured. */
double hardware_fusibility(const struct hardware *h, const char *toolchain,
                           int32_t wbits, int32_t abits, enum unit_metric m);

#endif
