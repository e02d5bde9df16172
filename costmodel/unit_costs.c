/* unit_costs.c -- see unit_costs.h. */
#include "costmodel/unit_costs.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "base/csv.h"
#include "rtl/mac_unit.h"

enum unit_field {
    FIELD_LUT,
    FIELD_FF,
    FIELD_DSP,
    FIELD_AREA,
    FIELD_ENERGY,
    FIELD_ENERGY_ZERO,
    N_FIELDS,
    N_UNIT_FIELDS = FIELD_ENERGY /* those of the unit; the others are per product */
};
static const struct {
    const char *name, *unit;
} fields[N_FIELDS] = {{"lut", "LUT"},  {"ff", "FF"},     {"dsp", "DSP"},
                      {"area", "um2"}, {"energy", "pJ"}, {"energy_zero", "pJ"}};

void unit_costs_header(FILE *f)
{
    fprintf(f,
            "toolchain,unit,variant,SIMD,acc_bits[bit],wbits[bit],abits[bit],wsigned,"
            "asigned");
    for (int i = 0; i < N_FIELDS; i++)
        fprintf(f, ",%s[%s]", fields[i].name, fields[i].unit);
    fprintf(f, "\n");
}

/* ---- one measured row ---- */

struct unit_row {
    const char *toolchain;
    struct mac_unit_config config;
    int32_t op_wbits, op_abits; /* 0: no energy was measured */
    double value[N_FIELDS];     /* NAN: not measured */
};

/* Text of a cell by column name, "" if the file has no such column. */
static const char *cell(const struct csv *c, size_t row, const char *column)
{
    const int32_t at = csv_column(c, column);
    return at < 0 ? "" : csv_cell(c, row, at);
}

struct int_range {
    int32_t lo, hi;
};

/* Number in a cell; *out keeps its value where the cell is empty. */
static status int_of(const struct csv *c, size_t row, const char *column,
                     struct int_range range, int32_t *out, struct err *err)
{
    int64_t v;
    if (cell(c, row, column)[0] == '\0') return ST_OK;
    TRY(csv_int(c, row, csv_column(c, column), range.lo, range.hi, &v, err));
    *out = (int32_t)v;
    return ST_OK;
}

static status flag_of(const struct csv *c, size_t row, const char *column, bool *out,
                      struct err *err)
{
    int32_t v = *out;
    TRY(int_of(c, row, column, (struct int_range){0, 1}, &v, err));
    *out = v != 0;
    return ST_OK;
}

static status read_config(const struct csv *c, size_t row, enum mac_unit unit,
                          struct mac_unit_config *out, struct err *err)
{
    const struct int_range bits = {1, 8};
    *out = (struct mac_unit_config){
        .unit = unit, .wbits = 8, .abits = 8, .lanes = 1, .wsigned = true};
    TRY(int_of(c, row, "SIMD", (struct int_range){1, 256}, &out->SIMD, err));
    TRY(int_of(c, row, "wbits", bits, &out->wbits, err));
    TRY(int_of(c, row, "abits", bits, &out->abits, err));
    TRY(flag_of(c, row, "wsigned", &out->wsigned, err));
    TRY(flag_of(c, row, "asigned", &out->asigned, err));
    TRY(int_of(c, row, "acc_bits", (struct int_range){2, 32}, &out->acc_bits, err));
    TRY(int_of(c, row, "lanes", (struct int_range){1, 4}, &out->lanes, err));
    TRY(flag_of(c, row, "grouped", &out->grouped, err));
    if (out->SIMD > 0) return ST_OK;
    return err_set(err, ST_PARSE, "%s:%" PRId32 ": expected a SIMD, found none",
                   c->path, c->lines[row]);
}

static status read_row(const struct csv *c, size_t row, enum mac_unit unit,
                       struct unit_row *out, struct err *err)
{
    const struct int_range bits = {1, 8};
    *out = (struct unit_row){.toolchain = cell(c, row, "toolchain")};
    TRY(read_config(c, row, unit, &out->config, err));
    TRY(int_of(c, row, "op_wbits", bits, &out->op_wbits, err));
    TRY(int_of(c, row, "op_abits", bits, &out->op_abits, err));
    for (int i = 0; i < N_FIELDS; i++) {
        out->value[i] = NAN;
        if (cell(c, row, fields[i].name)[0] != '\0')
            TRY(csv_double(c, row, csv_column(c, fields[i].name), &out->value[i], err));
    }
    return ST_OK;
}

/* ---- the rows that it gives ---- */

static void put_variant(const struct mac_unit_config *c, FILE *f)
{
    if (c->unit == MAC_PACKED) fprintf(f, "%" PRId32 " lanes", c->lanes);
    if (c->unit == MAC_FUSION && c->grouped) fputs("grouped", f);
}

static void put_row(const struct unit_row *r, const struct mac_precision *p,
                    bool with_energy, FILE *f)
{
    const struct mac_unit_config *c = &r->config;
    const int64_t K = mac_unit_products(c, p);
    const double steps_per_product =
        (double)mac_unit_steps(c, p, K) / (double)(K * c->lanes);
    csv_put(f, r->toolchain);
    fprintf(f, ",%s,", mac_unit_names[c->unit]);
    put_variant(c, f);
    fprintf(f, ",%" PRId32 ",", c->SIMD);
    if (c->acc_bits > 0) fprintf(f, "%" PRId32, c->acc_bits);
    fprintf(f, ",%" PRId32 ",%" PRId32 ",%d,%d", p->wbits, p->abits, p->wsigned,
            p->asigned);
    for (int i = 0; i < N_FIELDS; i++) {
        const bool known = !isnan(r->value[i]) && (i < N_UNIT_FIELDS || with_energy);
        const double per = i < N_UNIT_FIELDS ? steps_per_product : 1;
        if (known)
            fprintf(f, ",%.6g", r->value[i] * per);
        else
            fputc(',', f);
    }
    fputc('\n', f);
}

/* Every precision that the unit runs; its energy is known only for the one measured. */
static void put_rows(const struct unit_row *r, FILE *f)
{
    const struct mac_unit_config *c = &r->config;
    const bool any_w = c->unit == MAC_SERIAL || c->unit == MAC_FUSION;
    const bool any_a = any_w || c->unit == MAC_ACTSERIAL;
    for (int32_t w = any_w ? 1 : c->wbits; w <= c->wbits; w++)
        for (int32_t x = any_a ? 1 : c->abits; x <= c->abits; x++) {
            const struct mac_precision p = {w, x, any_w || c->wsigned,
                                            !any_a && c->asigned};
            if (mac_unit_precision_check(c, &p, NULL) != ST_OK) continue;
            put_row(r, &p, w == r->op_wbits && x == r->op_abits, f);
        }
}

/* MAC_N_UNITS if the module is none. */
static enum mac_unit unit_of(const char *module)
{
    int i = 0;
    while (i < MAC_N_UNITS && strcmp(module, mac_unit_names[i]) != 0)
        i++;
    return (enum mac_unit)i;
}

static bool is_wanted(const struct csv *c, size_t row)
{
    const char *stimulus = cell(c, row, "stimulus");
    return cell(c, row, "failed")[0] == '\0' &&
           (stimulus[0] == '\0' || strcmp(stimulus, "uniform") == 0);
}

status unit_costs_append(const char *path, FILE *f, struct arena *a, size_t *n_units,
                         struct err *err)
{
    struct csv c;
    int32_t module, toolchain;
    TRY(csv_load(path, a, &c, err));
    TRY(csv_need_column(&c, "module", &module, err));
    TRY(csv_need_column(&c, "toolchain", &toolchain, err));
    for (size_t row = 0; row < c.n_rows; row++) {
        const enum mac_unit unit = unit_of(csv_cell(&c, row, module));
        struct unit_row r;
        if (unit == MAC_N_UNITS || !is_wanted(&c, row)) continue;
        TRY(read_row(&c, row, unit, &r, err));
        put_rows(&r, f);
        ++*n_units;
    }
    return ST_OK;
}
