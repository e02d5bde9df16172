/* meas.c -- from CSV cells to checked parameters and measurements. */
#include "costmodel/meas.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

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

enum kind { TEXT, COUNT, REAL };

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

struct reader {
    const struct csv *csv;
    int32_t col[C_N]; /* -1: the file has none */
};

/* Parameters (0: empty) and measurements (NaN: empty) of one row. */
struct cells {
    int32_t p[C_N];
    double m[C_N];
};

static const char *text_cell(const struct reader *r, size_t row, enum column c)
{
    return r->col[c] < 0 ? "" : csv_cell(r->csv, row, r->col[c]);
}

static bool is_empty(const struct reader *r, size_t row, int c)
{
    return text_cell(r, row, (enum column)c)[0] == '\0';
}

/* ---- columns ---- */

/* A number without its unit is no measurement. */
static status check_unit(const struct reader *r, int c, struct err *err)
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

static status find_columns(struct reader *r, struct err *err)
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

static status read_count(const struct reader *r, size_t row, int c, int64_t *out,
                         struct err *err)
{
    return csv_int(r->csv, row, r->col[c], columns[c].lo, columns[c].hi, out, err);
}

/* Parameters that this module needs, and those beyond that are there in range: cells
 * of other modules' parameters may hold anything. */
static status read_parameters(const struct reader *r, size_t row, int need,
                              struct cells *v, struct err *err)
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
        else if (is_empty(r, row, c) || (op && text_cell(r, row, c)[0] == '0'))
            continue;
        TRY(read_count(r, row, c, &value, err));
        v->p[c] = (int32_t)value;
    }
    return ST_OK;
}

static status read_real(const struct reader *r, size_t row, int c, double *out,
                        struct err *err)
{
    TRY(csv_double(r->csv, row, r->col[c], out, err));
    if (*out > 0 && *out <= real_max) return ST_OK;
    return err_set(err, ST_RANGE,
                   "%s:%d:%d: expected a number > 0 for '%s', found '%s'", r->csv->path,
                   r->csv->lines[row], r->col[c] + 1, columns[c].name,
                   csv_cell(r->csv, row, r->col[c]));
}

static status read_measurements(const struct reader *r, size_t row, struct cells *v,
                                struct err *err)
{
    int n = 0;
    for (int c = C_LUT; c < C_STIMULUS; c++) {
        int64_t count;
        v->m[c] = NAN;
        if (is_empty(r, row, c)) continue;
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

/* ---- configurations ---- */

static void fill_mvu(const struct cells *v, struct mvu_config *m)
{
    snprintf(m->name, sizeof m->name, "mvu");
    m->MW = v->p[C_MW];
    m->MH = v->p[C_MH];
    m->PE = v->p[C_PE];
    m->SIMD = v->p[C_SIMD];
    m->n_vec = v->m[C_N_VEC] >= 1 ? (int32_t)v->m[C_N_VEC] : 1;
    m->wbits = v->p[C_WBITS];
    m->abits = v->p[C_ABITS];
    m->wsigned = v->p[C_WSIGNED];
    m->asigned = v->p[C_ASIGNED];
    m->acc_bits = v->p[C_ACC_BITS];
    m->out_bits = v->p[C_OUT_BITS];
    m->out_signed = v->p[C_OUT_SIGNED];
    m->shift = v->p[C_SHIFT];
    m->lanes = v->p[C_LANES];
    m->mul = RTL_MUL_LUT;
    m->requant_mul = v->p[C_REQUANT_DSP] ? RTL_MUL_DSP : RTL_MUL_LUT;
    m->weight_ram = v->p[C_RAM_BLOCK] ? RTL_RAM_BLOCK : RTL_RAM_LUT;
}

static struct element requant_of(const struct cells *v)
{
    return (struct element){.module = ELEMENT_REQUANT,
                            .acc_bits = v->p[C_ACC_BITS],
                            .out_bits = v->p[C_OUT_BITS],
                            .out_signed = v->p[C_OUT_SIGNED],
                            .shift = v->p[C_SHIFT],
                            .requant_dsp = v->p[C_REQUANT_DSP]};
}

/* A unit of run-time precision is built for 8 bits where the file does not say. */
static struct element unit_of(enum element_module m, const struct cells *v)
{
    const struct mac_unit_config u = {.unit = (enum mac_unit)m,
                                      .SIMD = v->p[C_SIMD],
                                      .wbits = v->p[C_WBITS] ? v->p[C_WBITS] : 8,
                                      .abits = v->p[C_ABITS] ? v->p[C_ABITS] : 8,
                                      .wsigned = v->p[C_WSIGNED],
                                      .asigned = v->p[C_ASIGNED],
                                      .acc_bits = v->p[C_ACC_BITS],
                                      .lanes = v->p[C_LANES],
                                      .grouped = v->p[C_GROUPED]};
    const struct mac_precision run = {.wbits = v->p[C_OP_WBITS],
                                      .abits = v->p[C_OP_ABITS],
                                      .wsigned = v->p[C_WSIGNED],
                                      .asigned = v->p[C_ASIGNED]};
    return element_of_unit(&u, run.wbits && run.abits ? &run : NULL);
}

/* Limits of the unit, and the precision that its energy is of. */
static status check_unit_row(const struct reader *r, size_t row,
                             const struct meas_row *out, struct err *err)
{
    const struct element *e = &out->element;
    const bool has_energy =
        !isnan(out->value[ELEMENT_ENERGY]) || !isnan(out->value[ELEMENT_ENERGY_ZERO]);
    struct mac_unit_config u = element_unit(e);
    struct err inner;
    u.dsp48e2 =
        u.unit == MAC_PACKED; /* the larger one: which it is, the toolchain says */
    if (mac_unit_check(&u, &inner) != ST_OK)
        return err_set(err, ST_RANGE, "%s:%d: %s", r->csv->path, out->line, inner.msg);
    if (!has_energy || !element_has_modes(e->module) || e->op_wbits > 0) return ST_OK;
    return err_set(
        err, ST_PARSE,
        "%s:%d: expected op_wbits[bit] and op_abits[bit], the precision that "
        "ran, beside the energy of a %s, found '%s' and '%s'",
        r->csv->path, out->line, element_module_names[e->module],
        text_cell(r, row, C_OP_WBITS), text_cell(r, row, C_OP_ABITS));
}

static void fill_values(const struct cells *v, struct meas_row *out)
{
    for (int i = 0; i < ELEMENT_N_METRICS; i++)
        out->value[i] = v->m[C_LUT + i];
    if (isnan(out->value[ELEMENT_DELAY]) && !isnan(v->m[C_FMAX]))
        out->value[ELEMENT_DELAY] = 1000 / v->m[C_FMAX];
    out->bram18 = isnan(v->m[C_BRAM18]) ? -1 : (int64_t)v->m[C_BRAM18];
    out->cycles = isnan(v->m[C_CYCLES]) ? 0 : (int64_t)v->m[C_CYCLES];
    out->n_vec = isnan(v->m[C_N_VEC]) ? 0 : (int64_t)v->m[C_N_VEC];
}

/* ---- rows ---- */

static int unit_named(const char *name)
{
    for (int m = 0; element_is_unit((enum element_module)m); m++)
        if (strcmp(name, element_module_names[m]) == 0) return m;
    return -1;
}

/* What a row is: the kind of module, and which element. */
struct identity {
    enum meas_module module;
    int element; /* enum element_module; ELEMENT_CONTROL of an mvu */
};

/* false: a module that is not modelled. */
static bool identify(const char *name, struct identity *out)
{
    out->module = MEAS_ELEMENT;
    out->element = strcmp(name, "requant") == 0 ? ELEMENT_REQUANT : unit_named(name);
    if (out->element >= 0) return true;
    out->module = strcmp(name, "mvu") == 0           ? MEAS_MVU
                  : strcmp(name, "systolic_ws") == 0 ? MEAS_WS
                  : strcmp(name, "systolic_os") == 0 ? MEAS_OS
                                                     : MEAS_ELEMENT;
    out->element = ELEMENT_CONTROL;
    return out->module != MEAS_ELEMENT;
}

/* The unit of an array. */
static status array_unit(const struct reader *r, size_t row, struct identity *id,
                         struct err *err)
{
    int32_t col;
    TRY(csv_need_column(r->csv, "unit", &col, err));
    id->element = unit_named(csv_cell(r->csv, row, col));
    if (id->element >= 0) return ST_OK;
    return err_set(
        err, ST_PARSE,
        "%s:%d:%d: expected a MAC unit (mac_parallel, ...) for 'unit', found "
        "'%s'",
        r->csv->path, r->csv->lines[row], col + 1, csv_cell(r->csv, row, col));
}

static status check_mvu(const struct reader *r, const struct meas_row *out,
                        struct err *err)
{
    struct err inner;
    if (mvu_config_check(&out->mvu, &inner) == ST_OK) return ST_OK;
    return err_set(err, ST_RANGE, "%s:%d: %s", r->csv->path, out->line, inner.msg);
}

static status read_row(const struct reader *r, size_t row, struct identity id,
                       struct meas_row *out, struct err *err)
{
    struct cells v;
    int need = 0;
    if (id.module == MEAS_WS || id.module == MEAS_OS) {
        need = N_ARRAY;
        TRY(array_unit(r, row, &id, err));
    }
    TRY(read_parameters(r, row, need | 1 << id.element, &v, err));
    TRY(read_measurements(r, row, &v, err));
    *out = (struct meas_row){.module = id.module,
                             .line = r->csv->lines[row],
                             .toolchain = text_cell(r, row, C_TOOLCHAIN),
                             .stimulus = text_cell(r, row, C_STIMULUS),
                             .rows = v.p[C_ROWS],
                             .cols = v.p[C_COLS],
                             .tool_version = text_cell(r, row, C_TOOL_VERSION),
                             .options = text_cell(r, row, C_OPTIONS)};
    fill_values(&v, out);
    if (!out->toolchain[0])
        return err_set(err, ST_PARSE,
                       "%s:%d:%d: expected the name of a toolchain, "
                       "found nothing",
                       r->csv->path, out->line, r->col[C_TOOLCHAIN] + 1);
    if (id.module == MEAS_MVU) {
        fill_mvu(&v, &out->mvu);
        return check_mvu(r, out, err);
    }
    if (id.element == ELEMENT_REQUANT) {
        out->element = requant_of(&v);
        return ST_OK;
    }
    out->element = unit_of((enum element_module)id.element, &v);
    return check_unit_row(r, row, out, err);
}

status meas_read(const struct csv *csv, struct arena *a, struct meas *out,
                 struct err *err)
{
    struct reader r = {.csv = csv};
    TRY(find_columns(&r, err));
    *out = (struct meas){.path = csv->path};
    for (int i = 0; i < ELEMENT_N_METRICS; i++)
        out->column[i] = r.col[C_LUT + i] + 1;
    out->rows = ARENA_NEW(a, struct meas_row, csv->n_rows + 1);
    if (!out->rows) return arena_exhausted(err);
    for (size_t i = 0; i < csv->n_rows; i++) {
        struct identity id;
        const bool known = identify(text_cell(&r, i, C_MODULE), &id);
        const bool failed = !is_empty(&r, i, C_FAILED);
        out->n_other += !known;
        out->n_failed += known && failed;
        if (!known || failed) continue;
        TRY(read_row(&r, i, id, &out->rows[out->n_rows], err));
        out->n_rows++;
    }
    if (out->n_rows == 0)
        return err_set(err, ST_RANGE,
                       "%s: expected rows of MAC units, requant, mvu or systolic "
                       "arrays, found none among %zu rows%s",
                       csv->path, csv->n_rows,
                       out->n_failed > 0 ? " (some failed)" : "");
    return ST_OK;
}

status meas_load(const char *path, struct arena *a, struct meas *out, struct err *err)
{
    struct csv *csv = ARENA_NEW(a, struct csv, 1);
    if (!csv) return arena_exhausted(err);
    TRY(csv_load(path, a, csv, err));
    return meas_read(csv, a, out, err);
}
