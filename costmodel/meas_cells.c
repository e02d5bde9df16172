/* meas_cells.c -- which columns there are, and from cells to numbers in range. */
#include <math.h>
#include <string.h>

#include "costmodel/meas_internal.h"

enum kind { TEXT, COUNT, REAL };

static const double real_max = 1e15;

static const struct {
    const char *name, *unit;
    enum kind kind;
    int64_t lo, hi;
    int need;
} columns[C_N] = {
    [C_MODULE] = {"module", "", TEXT, 0, 0, 0},
    [C_TOOLCHAIN] = {"toolchain", "", TEXT, 0, 0, 0},
    [C_UNIT] = {"unit", "", TEXT, 0, 0, N_ARRAY},
    [C_SIMD] = {"SIMD", "", COUNT, 1, MAC_SERIAL_SIMD, N_UNITS | N_MVU},
    [C_PE] = {"PE", "", COUNT, 1, 65536, N_MVU},
    [C_MW] = {"MW", "", COUNT, 1, 1 << 24, N_MVU},
    [C_MH] = {"MH", "", COUNT, 1, 65536, N_MVU},
    [C_ROWS] = {"rows", "", COUNT, 1, 1024, N_ARRAY},
    [C_COLS] = {"cols", "", COUNT, 1, 1024, N_ARRAY},
    [C_WBITS] = {"wbits", "bit", COUNT, 1, 8, N_BUILT | N_ACTSERIAL},
    [C_ABITS] = {"abits", "bit", COUNT, 1, 8, N_BUILT},
    [C_WSIGNED] = {"wsigned", "", COUNT, 0, 1, N_BUILT | N_ACTSERIAL},
    [C_ASIGNED] = {"asigned", "", COUNT, 0, 1, N_BUILT},
    [C_ACC_BITS] = {"acc_bits", "bit", COUNT, 2, 32, N_UNITS | N_MVU | N_REQUANT},
    [C_OUT_BITS] = {"out_bits", "bit", COUNT, 1, 16, N_REQUANT | N_MVU},
    [C_OUT_SIGNED] = {"out_signed", "", COUNT, 0, 1, N_REQUANT | N_MVU},
    [C_SHIFT] = {"shift", "bit", COUNT, 1, 30, N_REQUANT | N_MVU},
    [C_LANES] = {"lanes", "", COUNT, 1, 65536, N_PACKED | N_MVU},
    [C_GROUPED] = {"grouped", "", COUNT, 0, 1, N_FUSION},
    [C_REQUANT_DSP] = {"requant_dsp", "", COUNT, 0, 1, N_REQUANT | N_MVU},
    [C_RAM_BLOCK] = {"ram_block", "", COUNT, 0, 1, N_MVU},
    [C_OP_WBITS] = {"op_wbits", "bit", COUNT, 1, 8, 0},
    [C_OP_ABITS] = {"op_abits", "bit", COUNT, 1, 8, 0},
    [C_LUT] = {"lut", "LUT", COUNT, 0, 1 << 30, 0},
    [C_FF] = {"ff", "FF", COUNT, 0, 1 << 30, 0},
    [C_DSP] = {"dsp", "DSP", COUNT, 0, 1 << 30, 0},
    [C_AREA] = {"area", "um2", REAL, 0, 0, 0},
    [C_DELAY] = {"delay", "ns", REAL, 0, 0, 0},
    [C_ENERGY] = {"energy", "pJ", REAL, 0, 0, 0},
    [C_ENERGY_ZERO] = {"energy_zero", "pJ", REAL, 0, 0, 0},
    [C_BRAM18] = {"bram18", "BRAM18", COUNT, 0, 1 << 30, 0},
    [C_FMAX] = {"fmax", "MHz", REAL, 0, 0, 0},
    [C_CYCLES] = {"cycles", "cycle", COUNT, 0, (int64_t)1 << 50, 0},
    [C_N_VEC] = {"n_vec", "", COUNT, 0, 1 << 30, 0},
    [C_STIMULUS] = {"stimulus", "", TEXT, 0, 0, 0},
    [C_TOOL_VERSION] = {"tool_version", "", TEXT, 0, 0, 0},
    [C_OPTIONS] = {"options", "", TEXT, 0, 0, 0},
    [C_FAILED] = {"failed", "", TEXT, 0, 0, 0},
};

const char *meas_text(const struct meas_reader *r, size_t row, enum column c)
{
    return r->col[c] < 0 ? "" : csv_cell(r->csv, row, r->col[c]);
}

bool meas_is_empty(const struct meas_reader *r, size_t row, int c)
{
    return meas_text(r, row, (enum column)c)[0] == '\0';
}

/* ---- columns ---- */

/* A number without its unit is no measurement. */
static status check_unit(const struct meas_reader *r, int c, struct err *err)
{
    const char *unit = r->csv->units[r->col[c]], *name = columns[c].name;
    if (strcmp(unit, columns[c].unit) == 0) return ST_OK;
    if (columns[c].unit[0] == '\0')
        return err_set(err, ST_PARSE,
                       "%s:%d:%d: expected a column '%s' without unit, "
                       "found '%s[%s]'",
                       r->csv->path, r->csv->head_line, r->col[c] + 1, name, name,
                       unit);
    return err_set(err, ST_PARSE,
                   "%s:%d:%d: expected a column '%s[%s]', found '%s%s%s%s'",
                   r->csv->path, r->csv->head_line, r->col[c] + 1, name,
                   columns[c].unit, name, unit[0] ? "[" : "", unit, unit[0] ? "]" : "");
}

status meas_find_columns(struct meas_reader *r, struct err *err)
{
    for (int c = 0; c < C_N; c++) {
        r->col[c] = csv_column(r->csv, columns[c].name);
        if (r->col[c] >= 0) TRY(check_unit(r, c, err));
    }
    TRY(csv_need_column(r->csv, "module", &r->col[C_MODULE], err));
    TRY(csv_need_column(r->csv, "toolchain", &r->col[C_TOOLCHAIN], err));
    /* FF and DSP alone are no measurement of a unit: a name is misspelt. */
    static const enum column what[] = {C_LUT,  C_AREA,   C_DELAY,
                                       C_FMAX, C_ENERGY, C_ENERGY_ZERO};
    for (size_t i = 0; i < sizeof what / sizeof *what; i++)
        if (r->col[what[i]] >= 0) return ST_OK;
    return csv_need_column(r->csv, "lut", &r->col[C_LUT], err);
}

/* ---- numbers ---- */

static status read_count(const struct meas_reader *r, size_t row, int c, int64_t *out,
                         struct err *err)
{
    return csv_int(r->csv, row, r->col[c], columns[c].lo, columns[c].hi, out, err);
}

status meas_parameters(const struct meas_reader *r, size_t row, int need,
                       struct meas_cells *v, struct err *err)
{
    for (int c = C_SIMD; c < C_LUT; c++) {
        int64_t value = 0;
        const bool op = c == C_OP_WBITS || c == C_OP_ABITS;
        const bool wanted =
            (columns[c].need & need) || op ||
            ((need & N_ACTSERIAL) && (c == C_ABITS || c == C_ASIGNED)) ||
            ((need & (N_SERIAL | N_FUSION)) && (c == C_WSIGNED || c == C_ASIGNED));
        v->p[c] = 0;
        if (!wanted) continue;
        int32_t col;
        if (columns[c].need & need)
            TRY(csv_need_column(r->csv, columns[c].name, &col, err));
        else if (meas_is_empty(r, row, c) || (op && meas_text(r, row, c)[0] == '0'))
            continue;
        TRY(read_count(r, row, c, &value, err));
        v->p[c] = (int32_t)value;
    }
    return ST_OK;
}

static status read_real(const struct meas_reader *r, size_t row, int c, double *out,
                        struct err *err)
{
    TRY(csv_double(r->csv, row, r->col[c], out, err));
    if (*out > 0 && *out <= real_max) return ST_OK;
    return err_set(err, ST_RANGE,
                   "%s:%d:%d: expected a number > 0 for '%s', found '%s'", r->csv->path,
                   r->csv->lines[row], r->col[c] + 1, columns[c].name,
                   csv_cell(r->csv, row, r->col[c]));
}

status meas_measurements(const struct meas_reader *r, size_t row, struct meas_cells *v,
                         struct err *err)
{
    int n = 0;
    for (int c = C_LUT; c < C_STIMULUS; c++) {
        int64_t count;
        v->m[c] = NAN;
        if (meas_is_empty(r, row, c)) continue;
        if (columns[c].kind == COUNT) {
            TRY(read_count(r, row, c, &count, err));
            v->m[c] = (double)count;
        } else {
            TRY(read_real(r, row, c, &v->m[c], err));
        }
        n += c != C_CYCLES && c != C_N_VEC && c != C_BRAM18;
    }
    if (n > 0) return ST_OK;
    return err_set(err, ST_PARSE,
                   "%s:%d: expected at least one of lut, ff, dsp, area, delay, fmax, "
                   "energy, energy_zero, found none; a row that failed says why in "
                   "'failed'",
                   r->csv->path, r->csv->lines[row]);
}
