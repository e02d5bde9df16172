/* sample.h -- one measurement of one module instance: a row of the database and
 * of the measurement CSV, which `bitwright fit` reads.
 *
 * CSV columns, in this order, with units in the header (format version 1):
 *   key               content hash of everything that determines the row
 *   module            mac_parallel | requant | mvu | ...
 *   toolchain         xc7 | ice40 (Yosys 0.23 synth_xilinx / synth_ice40), or the
 *                     user's own word for his flow
 *   parameters        SIMD, PE, MW, MH, wbits[bit], abits[bit], wsigned, asigned,
 *                     acc_bits[bit], out_bits[bit], out_signed, shift[bit], lanes,
 *                     requant_dsp, ram_block      (0 where a module has none)
 *   measurements      lut[LUT], ff[FF], dsp[DSP], bram18[BRAM18], carry[cell],
 *                     muxf[cell], lutram[LUT], cycles[cycle], n_vec
 *   synth_s[s], sim_s[s], tool_version, options
 * lut counts LUT1..LUT6 (SB_LUT4), and LUT RAM in LUTs (lutram says how many).
 * On ice40 bram18 counts SB_RAM40_4K (4 kbit) blocks.  cycles is 0 where the row
 * has no simulation. */
#ifndef SIM_SAMPLE_H
#define SIM_SAMPLE_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/hash.h"
#include "base/status.h"
#include "rtl/accel_config.h"

struct sample {
    struct hash_key key;
    char module[32], toolchain[16];
    int32_t SIMD, PE, MW, MH;
    int32_t wbits, abits, wsigned, asigned;
    int32_t acc_bits, out_bits, out_signed, shift, lanes;
    int32_t requant_dsp, ram_block;
    int64_t lut, ff, dsp, bram18, carry, muxf, lutram;
    int64_t cycles, n_vec;
    double synth_s, sim_s;
    char tool_version[96], options[160];
};

/* The columns: one table for CSV and database. */
enum sample_type { SAMPLE_TEXT, SAMPLE_I32, SAMPLE_I64, SAMPLE_REAL };
struct sample_column {
    const char *name, *unit; /* unit "" if none                               */
    enum sample_type type;
    size_t offset; /* in struct sample                                        */
    size_t size;   /* of a text, with its NUL                                 */
};
enum { SAMPLE_N_COLUMNS = 31 };
extern const struct sample_column sample_columns[SAMPLE_N_COLUMNS];

/* Header line and row, with a final newline. */
void sample_csv_header(FILE *f);
void sample_csv_row(const struct sample *s, FILE *f);

/* The instance whose parameters these are.  The module must be one of
 * sample_modules; ST_RANGE, ST_UNSUPPORTED as the check of its parameters. */
extern const char *const sample_modules[]; /* NULL-terminated */
status sample_instance(const struct sample *s, struct rtl_instance *out,
                       struct err *err);
/* The same as parameters of an mvu; module must be mvu. */
struct mvu_config sample_mvu(const struct sample *s);
/* "mvu MW=72 MH=16 ..." into text; returns text. */
const char *sample_describe(const struct sample *s, char *text, size_t size);

#endif
