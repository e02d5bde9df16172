/* sample.h -- one measurement of one module instance: a row of the database and
 * of the measurement CSV, which `bitwright fit` reads.
 *
 * Measurement CSV, format version 2.  Columns are found by name, in any order, with
 * units in the header.  An empty cell means: not measured, or not a parameter of this
 * module; it never means 0.  One row = module instance x toolchain x stimulus.
 *   identity
 *     key               content hash of everything that determines the row
 *     module            one of sample_modules, or the user's own word
 *     toolchain         one of sim/synth.h (xc7, ..., osu018, lib:PATH), or the user's
 *                       own word for his flow
 *     options           the synthesis command; tool_version: of which program
 *     failed            why measurements are missing that were asked for; empty if
 *                       none is
 *   parameters
 *     SIMD, PE, MW, MH, rows, cols, unit (of an array: which mac), wbits[bit],
 *     abits[bit], wsigned, asigned, acc_bits[bit], out_bits[bit], out_signed,
 *     shift[bit], lanes, grouped, requant_dsp, ram_block
 *   stimulus            of the energy
 *     stimulus          uniform | gauss | layer:NETWORK/LAYER
 *     op_wbits[bit], op_abits[bit]   precision that ran: that of the run for units
 *                       whose precision is set at run time, else wbits, abits;
 *                       wsigned, asigned are then the signs of the run
 *   measurements
 *     lut[LUT]          LUTs of the family (sim/synth.h), those used as RAM included
 *     ff[FF], dsp[DSP], bram18[BRAM18] (block RAMs of the family), carry[cell],
 *     muxf[cell], lutram[LUT]
 *     area[um2]         of the cells of a Liberty library
 *     fmax[MHz]         after place and route (nextpnr), registers around the unit
 *     delay[ns]         critical path (OpenSTA), clock to clock, without wires
 *     energy[pJ]        per product of op_wbits x op_abits bits, glitches included
 *     energy_zero[pJ]   the same without glitches; energy_clock[pJ]: of it, the clock
 *     leakage[nW]       of the instance
 *     cycles[cycle]     of n_vec vectors on the RTL without stalls (what that is for a
 *                       MAC unit and an array: sim/simulate_point.h)
 *     synth_s[s], sim_s[s]   what measuring took */
#ifndef SIM_SAMPLE_H
#define SIM_SAMPLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/hash.h"
#include "base/status.h"
#include "rtl/accel_config.h"
#include "rtl/mac_unit.h"
#include "rtl/systolic.h"

/* Not measured, or no parameter of this module; of reals NaN, of texts "". */
#define SAMPLE_NONE   INT32_MIN
#define SAMPLE_NONE64 INT64_MIN

struct sample {
    struct hash_key key;
    char module[32], toolchain[256], options[192], tool_version[96], failed[160];
    int32_t SIMD, PE, MW, MH, rows, cols;
    char unit[32];
    int32_t wbits, abits, wsigned, asigned;
    int32_t acc_bits, out_bits, out_signed, shift, lanes, grouped;
    int32_t requant_dsp, ram_block;
    char stimulus[96];
    int32_t op_wbits, op_abits;
    int64_t lut, ff, dsp, bram18, carry, muxf, lutram;
    double area, fmax, delay;
    double energy, energy_zero, energy_clock, leakage;
    int64_t cycles, n_vec;
    double synth_s, sim_s;
};
/* Nothing set, nothing measured. */
struct sample sample_empty(void);

/* The columns: one table for CSV and database. */
enum sample_type { SAMPLE_TEXT, SAMPLE_I32, SAMPLE_I64, SAMPLE_REAL };
struct sample_column {
    const char *name, *unit; /* unit "" if none                               */
    enum sample_type type;
    size_t offset; /* in struct sample                                        */
    size_t size;   /* of a text, with its NUL                                 */
};
enum { SAMPLE_N_COLUMNS = 46 };
extern const struct sample_column sample_columns[SAMPLE_N_COLUMNS];
/* The cell is empty. */
bool sample_is_none(const struct sample *s, const struct sample_column *c);

/* Header line and row, with a final newline. */
void sample_csv_header(FILE *f);
void sample_csv_row(const struct sample *s, FILE *f);

/* The instance whose parameters these are.  The module must be one of
 * sample_modules; ST_RANGE, ST_UNSUPPORTED as the check of its parameters. */
extern const char *const sample_modules[]; /* NULL-terminated */
status sample_instance(const struct sample *s, struct rtl_instance *out,
                       struct err *err);
/* The MAC unit of a unit or an array; dsp48e2 is what its toolchain has. ST_UNSUPPORTED
 * for other modules.  Not checked. */
status sample_mac_unit(const struct sample *s, struct mac_unit_config *out,
                       struct err *err);
/* An array of such units. */
struct systolic_config sample_array(const struct sample *s,
                                    const struct mac_unit_config *unit);
/* The precision that runs: op_wbits x op_abits, or what the unit is built for. */
struct mac_precision sample_precision(const struct sample *s);
/* The same as parameters of an mvu; module must be mvu. */
struct mvu_config sample_mvu(const struct sample *s);
/* "mvu MW=72 MH=16 ..." into text; returns text. */
const char *sample_describe(const struct sample *s, char *text, size_t size);

#endif
