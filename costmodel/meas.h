/* meas.h -- measurements as the fit reads them: rows of the measurement CSV (format
 * version 2; the older one, in which every cell is a number, reads the same), ours
 * (`bitwright characterize`) or the user's own.
 *
 * Columns that every file must have:
 *   module     one of element_module_names (no mvu_control), mvu, systolic_ws or
 *              systolic_os; rows of other modules are counted and left aside
 *   toolchain  the user's word for the flow that measured the row
 * Columns that a row of the module must have filled in:
 *   mac_parallel   SIMD, wbits[bit], abits[bit], wsigned, asigned, acc_bits[bit]
 *   mac_packed     the same and lanes
 *   mac_serial     SIMD, acc_bits
 *   mac_actserial  SIMD, wbits, wsigned, acc_bits
 *   mac_fusion     SIMD, acc_bits, grouped
 *   requant        acc_bits, out_bits[bit], out_signed, shift[bit], requant_dsp
 *   mvu            those of mac_parallel and requant, MW, MH, PE, lanes, ram_block
 *   systolic_*     unit (a MAC unit, whose columns then count), rows, cols
 * Measurements, at least one of them in every row; empty is "not measured":
 *   lut[LUT], ff[FF], dsp[DSP], bram18[BRAM18]  integers >= 0
 *   area[um2], delay[ns] or fmax[MHz]           > 0
 *   energy[pJ], energy_zero[pJ]                 > 0, per product of op_wbits x
 *       op_abits bits, which a unit of run-time precision then needs; `stimulus` says
 *       of which operands ("uniform" where it is empty)
 *   cycles[cycle], n_vec                        of an mvu; 0: not simulated
 * Columns that are used where present: tool_version, options, failed (a row that says
 * why it failed is counted and left aside).  Others are ignored.  A column that has a
 * unit must say it.  Errors say path:line:column. */
#ifndef COSTMODEL_MEAS_H
#define COSTMODEL_MEAS_H

#include "base/arena.h"
#include "base/csv.h"
#include "base/status.h"
#include "costmodel/element.h"

enum meas_module { MEAS_ELEMENT, MEAS_MVU, MEAS_WS, MEAS_OS };

struct meas_row {
    enum meas_module module;
    int32_t line;
    const char *toolchain;
    const char *stimulus;   /* "" if the file has none                        */
    struct element element; /* as run; of an array: its unit                  */
    struct mvu_config mvu;  /* mvu                                            */
    int32_t rows, cols;     /* systolic_ws, systolic_os                       */
    double value[ELEMENT_N_METRICS]; /* NaN: not measured                     */
    int64_t bram18;                  /* -1: not measured                      */
    int64_t cycles;                  /* of n_vec vectors; 0: not simulated    */
    int64_t n_vec;
    const char *tool_version, *options; /* "" if the file has none            */
};

struct meas {
    const char *path;
    size_t n_rows;
    size_t n_other, n_failed; /* left aside                                   */
    struct meas_row *rows;
    int32_t column[ELEMENT_N_METRICS]; /* 1-based, for messages; 0: none      */
};

/* In arena.  ST_NOT_FOUND, ST_PARSE, ST_RANGE. */
status meas_load(const char *path, struct arena *a, struct meas *out, struct err *err);
/* The same of a table in memory (names, units and cells as above): what other formats
 * are turned into.  csv must live as long as the rows. */
status meas_read(const struct csv *csv, struct arena *a, struct meas *out,
                 struct err *err);

#endif
