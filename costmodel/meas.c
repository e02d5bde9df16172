/* meas.c -- from rows of cells to checked modules and their measurements. */
#include "costmodel/meas.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "costmodel/device.h"
#include "costmodel/meas_internal.h"

/* ---- configurations ---- */

static void fill_mvu(const struct meas_cells *v, struct mvu_config *m)
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

static struct element requant_of(const struct meas_cells *v)
{
    return (struct element){.module = ELEMENT_REQUANT,
                            .acc_bits = v->p[C_ACC_BITS],
                            .out_bits = v->p[C_OUT_BITS],
                            .out_signed = v->p[C_OUT_SIGNED],
                            .shift = v->p[C_SHIFT],
                            .requant_dsp = v->p[C_REQUANT_DSP]};
}

/* A unit of run-time precision is built for 8 bits where the file does not say. */
static struct element unit_of(enum element_module m, const struct meas_cells *v,
                              const char *toolchain)
{
    const struct mac_unit_config u = {.unit = (enum mac_unit)m,
                                      .SIMD = v->p[C_SIMD],
                                      .wbits = v->p[C_WBITS] ? v->p[C_WBITS] : 8,
                                      .abits = v->p[C_ABITS] ? v->p[C_ABITS] : 8,
                                      .wsigned = v->p[C_WSIGNED],
                                      .asigned = v->p[C_ASIGNED],
                                      .acc_bits = v->p[C_ACC_BITS],
                                      .lanes = v->p[C_LANES],
                                      .dsp48e2 = m == ELEMENT_PACKED &&
                                                 device_of(toolchain).dsp48e2,
                                      .grouped = v->p[C_GROUPED]};
    const struct mac_precision run = {.wbits = v->p[C_OP_WBITS],
                                      .abits = v->p[C_OP_ABITS],
                                      .wsigned = v->p[C_WSIGNED],
                                      .asigned = v->p[C_ASIGNED]};
    return element_of_unit(&u, run.wbits && run.abits ? &run : NULL);
}

/* An accumulator that holds the products, and logic: 0 LUTs are those of a MAC in DSPs.
 */
static status check_plausible(const struct meas_reader *r, const struct meas_row *out,
                              struct err *err)
{
    const struct element *e = &out->element;
    const struct mac_config mac = {e->SIMD,    e->wbits,    e->abits,   e->wsigned,
                                   e->asigned, e->acc_bits, RTL_MUL_LUT};
    struct err inner;
    if (e->module == ELEMENT_MAC && mac_config_check(&mac, &inner) != ST_OK)
        return err_set(err, ST_RANGE, "%s:%d:%d: %s", r->csv->path, out->line,
                       r->col[C_ACC_BITS] + 1, inner.msg);
    if (out->value[ELEMENT_LUT] != 0 || out->value[ELEMENT_DSP] > 0) return ST_OK;
    return err_set(
        err, ST_RANGE,
        "%s:%d:%d: expected LUTs, or DSPs, of a %s, found neither; leave the "
        "cell of what was not measured empty",
        r->csv->path, out->line, r->col[C_LUT] + 1, element_module_names[e->module]);
}

/* Limits of the unit, and the precision that its energy is of. */
static status check_unit_row(const struct meas_reader *r, size_t row,
                             const struct meas_row *out, struct err *err)
{
    const struct element *e = &out->element;
    const bool has_energy =
        !isnan(out->value[ELEMENT_ENERGY]) || !isnan(out->value[ELEMENT_ENERGY_ZERO]);
    const struct mac_unit_config u = element_unit(e);
    struct err inner;
    if (mac_unit_check(&u, &inner) != ST_OK)
        return err_set(err, ST_RANGE, "%s:%d: %s", r->csv->path, out->line, inner.msg);
    TRY(check_plausible(r, out, err));
    if (!has_energy || !element_has_modes(e->module) || e->op_wbits > 0) return ST_OK;
    return err_set(
        err, ST_PARSE,
        "%s:%d: expected op_wbits[bit] and op_abits[bit], the precision that "
        "ran, beside the energy of a %s, found '%s' and '%s'",
        r->csv->path, out->line, element_module_names[e->module],
        meas_text(r, row, C_OP_WBITS), meas_text(r, row, C_OP_ABITS));
}

static void fill_values(const struct meas_cells *v, struct meas_row *out)
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
static status array_unit(const struct meas_reader *r, size_t row, struct identity *id,
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

static status check_mvu(const struct meas_reader *r, const struct meas_row *out,
                        struct err *err)
{
    struct err inner;
    if (mvu_config_check(&out->mvu, &inner) == ST_OK) return ST_OK;
    return err_set(err, ST_RANGE, "%s:%d: %s", r->csv->path, out->line, inner.msg);
}

static status read_row(const struct meas_reader *r, size_t row, struct identity id,
                       struct meas_row *out, struct err *err)
{
    struct meas_cells v;
    int need = 0;
    if (id.module == MEAS_WS || id.module == MEAS_OS) {
        need = N_ARRAY;
        TRY(array_unit(r, row, &id, err));
    }
    TRY(meas_parameters(r, row, need | 1 << id.element, &v, err));
    TRY(meas_measurements(r, row, &v, err));
    *out = (struct meas_row){.module = id.module,
                             .line = r->csv->lines[row],
                             .toolchain = meas_text(r, row, C_TOOLCHAIN),
                             .stimulus = meas_text(r, row, C_STIMULUS),
                             .rows = v.p[C_ROWS],
                             .cols = v.p[C_COLS],
                             .tool_version = meas_text(r, row, C_TOOL_VERSION),
                             .options = meas_text(r, row, C_OPTIONS)};
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
    out->element = unit_of((enum element_module)id.element, &v, out->toolchain);
    return check_unit_row(r, row, out, err);
}

status meas_read(const struct csv *csv, struct arena *a, struct meas *out,
                 struct err *err)
{
    struct meas_reader r = {.csv = csv};
    TRY(meas_find_columns(&r, err));
    *out = (struct meas){.path = csv->path};
    for (int i = 0; i < ELEMENT_N_METRICS; i++)
        out->column[i] = r.col[C_LUT + i] + 1;
    out->rows = ARENA_NEW(a, struct meas_row, csv->n_rows + 1);
    if (!out->rows) return arena_exhausted(err);
    for (size_t i = 0; i < csv->n_rows; i++) {
        struct identity id;
        const bool known = identify(meas_text(&r, i, C_MODULE), &id);
        const bool failed = !meas_is_empty(&r, i, C_FAILED);
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
