/* meas.h -- measurements as the fit reads them: rows of the measurement CSV, ours
 * (`bitwright characterize`) or the user's own.
 *
 * Columns that every file must have:
 *   module     mac_parallel | requant | mvu (rows of other modules are counted and
 *              left aside)
 *   toolchain  the user's word for the flow that measured the row
 *   lut[LUT], ff[FF], dsp[DSP], bram18[BRAM18]     integers >= 0
 * Columns that a row of the module must have:
 *   mac_parallel  SIMD, wbits, abits, wsigned, asigned, acc_bits
 *   requant       acc_bits, out_bits, out_signed, shift, requant_dsp
 *   mvu           all of these and MW, MH, PE, lanes, ram_block, cycles, n_vec
 * Columns that are used where present: tool_version, options, carry, muxf, failed (a
 * row that says why it failed is left aside).  cycles and n_vec may be empty.
 * Others are ignored.  Errors say path:line:column. */
#ifndef COSTMODEL_MEAS_H
#define COSTMODEL_MEAS_H

#include "base/arena.h"
#include "base/status.h"
#include "costmodel/element.h"

enum meas_module { MEAS_MAC, MEAS_REQUANT, MEAS_MVU, MEAS_N_MODULES };

struct meas_row {
    enum meas_module module;
    int32_t line;
    const char *toolchain;
    struct element element; /* mac_parallel, requant                          */
    struct mvu_config mvu;  /* mvu                                            */
    int64_t lut, ff, dsp, bram18, carry, muxf;
    int64_t cycles; /* of n_vec vectors; 0 = not simulated                    */
    int64_t n_vec;
    const char *tool_version, *options; /* "" if the file has none            */
};

struct meas {
    const char *path;
    size_t n_rows, n_other; /* n_other: rows of modules that are not modelled  */
    struct meas_row *rows;
    int32_t lut_column; /* 1-based, for messages */
};

/* In arena.  ST_NOT_FOUND, ST_PARSE, ST_RANGE. */
status meas_load(const char *path, struct arena *a, struct meas *out, struct err *err);

#endif
