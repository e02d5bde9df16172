/* operands.h -- what real operands change: energy per product with uniform operands,
 * bell-shaped ones, and those of the layers of networks, from a measurement CSV
 * (format: sim/sample.h). */
#ifndef REPORTS_OPERANDS_H
#define REPORTS_OPERANDS_H

#include <stdio.h>

#include "base/csv.h"
#include "reports/source.h"

/* One unit at one precision; energies [pJ], NAN: not measured. */
struct operand_effect {
    const char *toolchain, *unit;
    int32_t SIMD, wbits, abits; /* precision that ran */
    double uniform, gauss;
    int32_t n_layers;
    double least, sum, largest; /* over the layers */
};

struct operand_effects {
    int32_t n;
    struct operand_effect *rows; /* (n) in order of appearance */
};

/* Rows with a stimulus and an energy.  In arena.  ST_NOT_FOUND, ST_PARSE, and ST_RANGE
 * if a unit has other operands but no uniform ones to compare with. */
status operand_effects_load(const char *path, struct arena *a,
                            struct report_files *files, struct operand_effects *out,
                            struct err *err);

/* Tables: the energy of uniform operands, and the others' times that. */
void operand_effects_markdown(const struct operand_effects *e, FILE *f);
void operand_effects_html(const struct operand_effects *e, FILE *f);

#endif
