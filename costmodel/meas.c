/* meas.c -- from CSV cells to checked parameters. */
#include "costmodel/meas.h"

#include <stdio.h>
#include <string.h>

#include "base/csv.h"

enum column {
    C_MODULE,
    C_TOOLCHAIN,
    C_SIMD,
    C_PE,
    C_MW,
    C_MH,
    C_WBITS,
    C_ABITS,
    C_WSIGNED,
    C_ASIGNED,
    C_ACC_BITS,
    C_OUT_BITS,
    C_OUT_SIGNED,
    C_SHIFT,
    C_LANES,
    C_REQUANT_DSP,
    C_RAM_BLOCK,
    C_LUT,
    C_FF,
    C_DSP,
    C_BRAM18,
    C_CARRY,
    C_MUXF,
    C_CYCLES,
    C_N_VEC,
    C_TOOL_VERSION,
    C_OPTIONS,
    C_FAILED,
    C_N
};

enum { NEED_MAC = 1, NEED_REQUANT = 2, NEED_MVU = 4, NEED_ALL = 7, OPTIONAL = 0 };

static const struct {
    const char *name;
    int64_t lo, hi;
    int need; /* modules that cannot do without it */
} columns[C_N] = {
    [C_MODULE] = {"module", 0, 0, NEED_ALL},
    [C_TOOLCHAIN] = {"toolchain", 0, 0, NEED_ALL},
    [C_SIMD] = {"SIMD", 1, 64, NEED_MAC | NEED_MVU},
    [C_PE] = {"PE", 1, 65536, NEED_MVU},
    [C_MW] = {"MW", 1, 1 << 24, NEED_MVU},
    [C_MH] = {"MH", 1, 65536, NEED_MVU},
    [C_WBITS] = {"wbits", 1, 8, NEED_MAC | NEED_MVU},
    [C_ABITS] = {"abits", 1, 8, NEED_MAC | NEED_MVU},
    [C_WSIGNED] = {"wsigned", 0, 1, NEED_MAC | NEED_MVU},
    [C_ASIGNED] = {"asigned", 0, 1, NEED_MAC | NEED_MVU},
    [C_ACC_BITS] = {"acc_bits", 2, 32, NEED_ALL},
    [C_OUT_BITS] = {"out_bits", 1, 16, NEED_REQUANT | NEED_MVU},
    [C_OUT_SIGNED] = {"out_signed", 0, 1, NEED_REQUANT | NEED_MVU},
    [C_SHIFT] = {"shift", 1, 30, NEED_REQUANT | NEED_MVU},
    [C_LANES] = {"lanes", 1, 65536, NEED_MVU},
    [C_REQUANT_DSP] = {"requant_dsp", 0, 1, NEED_REQUANT | NEED_MVU},
    [C_RAM_BLOCK] = {"ram_block", 0, 1, NEED_MVU},
    [C_LUT] = {"lut", 0, 1 << 30, NEED_ALL},
    [C_FF] = {"ff", 0, 1 << 30, NEED_ALL},
    [C_DSP] = {"dsp", 0, 1 << 30, NEED_ALL},
    [C_BRAM18] = {"bram18", 0, 1 << 30, NEED_ALL},
    [C_CARRY] = {"carry", 0, 1 << 30, OPTIONAL},
    [C_MUXF] = {"muxf", 0, 1 << 30, OPTIONAL},
    [C_CYCLES] = {"cycles", 0, (int64_t)1 << 50, NEED_MVU},
    [C_N_VEC] = {"n_vec", 0, (int64_t)1 << 30, NEED_MVU},
    [C_TOOL_VERSION] = {"tool_version", 0, 0, OPTIONAL},
    [C_OPTIONS] = {"options", 0, 0, OPTIONAL},
    [C_FAILED] = {"failed", 0, 0, OPTIONAL},
};

static const char *const module_names[] = {"mac_parallel", "requant", "mvu"};
static const int module_needs[] = {NEED_MAC, NEED_REQUANT, NEED_MVU};

struct reader {
    const struct csv *csv;
    int32_t col[C_N]; /* -1: the file has none */
};

static int32_t i32(const int64_t v[C_N], enum column c) { return (int32_t)v[c]; }

static void fill_mvu(const int64_t v[C_N], struct mvu_config *m)
{
    snprintf(m->name, sizeof m->name, "mvu");
    m->MW = i32(v, C_MW);
    m->MH = i32(v, C_MH);
    m->PE = i32(v, C_PE);
    m->SIMD = i32(v, C_SIMD);
    m->n_vec = v[C_N_VEC] > 0 ? i32(v, C_N_VEC) : 1;
    m->wbits = i32(v, C_WBITS);
    m->abits = i32(v, C_ABITS);
    m->wsigned = v[C_WSIGNED];
    m->asigned = v[C_ASIGNED];
    m->acc_bits = i32(v, C_ACC_BITS);
    m->out_bits = i32(v, C_OUT_BITS);
    m->out_signed = v[C_OUT_SIGNED];
    m->shift = i32(v, C_SHIFT);
    m->lanes = i32(v, C_LANES);
    m->mul = RTL_MUL_LUT;
    m->requant_mul = v[C_REQUANT_DSP] ? RTL_MUL_DSP : RTL_MUL_LUT;
    m->weight_ram = v[C_RAM_BLOCK] ? RTL_RAM_BLOCK : RTL_RAM_LUT;
}

static void fill_element(const int64_t v[C_N], enum meas_module module,
                         struct element *e)
{
    const struct mac_config mac = {.SIMD = i32(v, C_SIMD),
                                   .wbits = i32(v, C_WBITS),
                                   .abits = i32(v, C_ABITS),
                                   .wsigned = v[C_WSIGNED],
                                   .asigned = v[C_ASIGNED],
                                   .acc_bits = i32(v, C_ACC_BITS)};
    const struct requant_config requant = {.acc_bits = i32(v, C_ACC_BITS),
                                           .out_bits = i32(v, C_OUT_BITS),
                                           .out_signed = v[C_OUT_SIGNED],
                                           .shift = i32(v, C_SHIFT),
                                           .mul = v[C_REQUANT_DSP] ? RTL_MUL_DSP
                                                                   : RTL_MUL_LUT};
    *e = module == MEAS_MAC ? element_of_mac(&mac) : element_of_requant(&requant);
}

/* An empty cell: not measured. */
static bool may_be_empty(int c)
{
    return columns[c].need == OPTIONAL || c == C_CYCLES || c == C_N_VEC;
}

/* Columns that this module needs, as numbers; the others are 0. */
static status read_numbers(const struct reader *r, size_t row, int need,
                           int64_t values[C_N], struct err *err)
{
    for (int c = C_SIMD; c < C_TOOL_VERSION; c++) {
        values[c] = 0;
        if (!(columns[c].need & need) && columns[c].need != OPTIONAL) continue;
        if (r->col[c] < 0 && columns[c].need == OPTIONAL) continue;
        int32_t col;
        TRY(csv_need_column(r->csv, columns[c].name, &col, err));
        if (may_be_empty(c) && csv_cell(r->csv, row, col)[0] == '\0') continue;
        TRY(csv_int(r->csv, row, col, columns[c].lo, columns[c].hi, &values[c], err));
    }
    return ST_OK;
}

static const char *text_cell(const struct reader *r, size_t row, enum column c)
{
    return r->col[c] < 0 ? "" : csv_cell(r->csv, row, r->col[c]);
}

static status read_row(const struct reader *r, size_t row, enum meas_module module,
                       struct meas_row *out, struct err *err)
{
    int64_t v[C_N];
    struct err inner;
    TRY(read_numbers(r, row, module_needs[module], v, err));
    *out = (struct meas_row){.module = module,
                             .line = r->csv->lines[row],
                             .toolchain = text_cell(r, row, C_TOOLCHAIN),
                             .lut = v[C_LUT],
                             .ff = v[C_FF],
                             .dsp = v[C_DSP],
                             .bram18 = v[C_BRAM18],
                             .carry = v[C_CARRY],
                             .muxf = v[C_MUXF],
                             .cycles = v[C_CYCLES],
                             .n_vec = v[C_N_VEC],
                             .tool_version = text_cell(r, row, C_TOOL_VERSION),
                             .options = text_cell(r, row, C_OPTIONS)};
    if (!out->toolchain[0])
        return err_set(err, ST_PARSE,
                       "%s:%d:%d: expected the name of a toolchain, "
                       "found nothing",
                       r->csv->path, out->line, r->col[C_TOOLCHAIN] + 1);
    if (module != MEAS_MVU) {
        fill_element(v, module, &out->element);
        return ST_OK;
    }
    fill_mvu(v, &out->mvu);
    if (mvu_config_check(&out->mvu, &inner) != ST_OK)
        return err_set(err, ST_RANGE, "%s:%d: %s", r->csv->path, out->line, inner.msg);
    return ST_OK;
}

/* -1 for a module that is not modelled. */
static int module_of(const char *name)
{
    for (int m = 0; m < MEAS_N_MODULES; m++)
        if (strcmp(name, module_names[m]) == 0) return m;
    return -1;
}

status meas_load(const char *path, struct arena *a, struct meas *out, struct err *err)
{
    struct csv csv;
    struct reader r = {.csv = &csv};
    int32_t module_col;
    TRY(csv_load(path, a, &csv, err));
    for (int c = 0; c < C_N; c++)
        r.col[c] = csv_column(&csv, columns[c].name);
    TRY(csv_need_column(&csv, "module", &module_col, err));
    TRY(csv_need_column(&csv, "toolchain", &r.col[C_TOOLCHAIN], err));
    *out = (struct meas){.path = path, .lut_column = r.col[C_LUT] + 1};
    out->rows = ARENA_NEW(a, struct meas_row, csv.n_rows + 1);
    if (!out->rows) return arena_exhausted(err);
    for (size_t i = 0; i < csv.n_rows; i++) {
        const int module = module_of(csv_cell(&csv, i, module_col));
        if (module < 0 || text_cell(&r, i, C_FAILED)[0]) {
            out->n_other++;
            continue;
        }
        TRY(read_row(&r, i, (enum meas_module)module, &out->rows[out->n_rows], err));
        out->n_rows++;
    }
    if (out->n_rows == 0)
        return err_set(err, ST_RANGE,
                       "%s: expected rows of mac_parallel, requant or mvu, found none "
                       "among %zu rows",
                       path, csv.n_rows);
    return ST_OK;
}
