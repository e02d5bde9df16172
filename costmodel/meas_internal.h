/* meas_internal.h -- the columns of a measurement CSV and their cells. */
#ifndef COSTMODEL_MEAS_INTERNAL_H
#define COSTMODEL_MEAS_INTERNAL_H

#include "costmodel/meas.h"

enum column {
    C_MODULE,
    C_TOOLCHAIN,
    C_UNIT, /* from here on parameters */
    C_SIMD,
    C_PE,
    C_MW,
    C_MH,
    C_ROWS,
    C_COLS,
    C_WBITS,
    C_ABITS,
    C_WSIGNED,
    C_ASIGNED,
    C_ACC_BITS,
    C_OUT_BITS,
    C_OUT_SIGNED,
    C_SHIFT,
    C_LANES,
    C_GROUPED,
    C_REQUANT_DSP,
    C_RAM_BLOCK,
    C_OP_WBITS,
    C_OP_ABITS,
    C_LUT, /* from here on measurements, the first as in enum element_metric */
    C_FF,
    C_DSP,
    C_AREA,
    C_DELAY,
    C_ENERGY,
    C_ENERGY_ZERO,
    C_BRAM18,
    C_FMAX,
    C_CYCLES,
    C_N_VEC,
    C_STIMULUS, /* from here on texts */
    C_TOOL_VERSION,
    C_OPTIONS,
    C_FAILED,
    C_N
};

/* Modules whose rows need a parameter, as bits. */
enum {
    N_PARALLEL = 1 << ELEMENT_MAC,
    N_PACKED = 1 << ELEMENT_PACKED,
    N_SERIAL = 1 << ELEMENT_SERIAL,
    N_ACTSERIAL = 1 << ELEMENT_ACTSERIAL,
    N_FUSION = 1 << ELEMENT_FUSION,
    N_REQUANT = 1 << ELEMENT_REQUANT,
    N_MVU = 1 << ELEMENT_CONTROL,
    N_ARRAY = 1 << ELEMENT_N_MODULES,
    N_UNITS = N_PARALLEL | N_PACKED | N_SERIAL | N_ACTSERIAL | N_FUSION,
    N_BUILT = N_PARALLEL | N_PACKED | N_MVU /* for one precision */
};

struct meas_reader {
    const struct csv *csv;
    int32_t col[C_N]; /* -1: the file has none */
};

/* Parameters (0: empty) and measurements (NaN: empty) of one row. */
struct meas_cells {
    int32_t p[C_N];
    double m[C_N];
};

/* ST_PARSE: a column is missing or says another unit. */
status meas_find_columns(struct meas_reader *r, struct err *err);
/* "" if the file has no such column. */
const char *meas_text(const struct meas_reader *r, size_t row, enum column c);
bool meas_is_empty(const struct meas_reader *r, size_t row, int c);
/* Parameters that this module needs, and those beyond that are there in range: cells of
 * other modules' parameters may hold anything. */
status meas_parameters(const struct meas_reader *r, size_t row, int need,
                       struct meas_cells *v, struct err *err);
/* At least one. */
status meas_measurements(const struct meas_reader *r, size_t row, struct meas_cells *v,
                         struct err *err);

#endif
