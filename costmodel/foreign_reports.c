/* foreign_reports.c -- rows whose measurements stand in reports of other tools. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "costmodel/foreign_map.h"
#include "costmodel/vendor_report.h"

static const struct {
    enum vendor_quantity q;
    const char *name, *unit;
} targets[] = {
    {VENDOR_LUT, "lut", "LUT"},       {VENDOR_FF, "ff", "FF"},
    {VENDOR_DSP, "dsp", "DSP"},       {VENDOR_BRAM18, "bram18", "BRAM18"},
    {VENDOR_CARRY, "carry", "cell"},  {VENDOR_MUXF, "muxf", "cell"},
    {VENDOR_LUTRAM, "lutram", "LUT"}, {VENDOR_FMAX_MHZ, "fmax", "MHz"},
};

struct filler {
    struct csv *c;
    struct arena *a;
    size_t row;
    int32_t file_col;
};

static const char *text_of(const struct filler *f, const char *name)
{
    const int32_t col = csv_column(f->c, name);
    return col < 0 ? "" : csv_cell(f->c, f->row, col);
}

static status fill(struct filler *f, const char *name, const char *unit, double v,
                   struct err *err)
{
    int32_t col;
    struct csv *c = f->c;
    TRY(foreign_add_column(c, name, unit, f->a, &col, err));
    const char **cell = &c->cells[f->row * (size_t)c->n_cols + (size_t)col];
    if ((*cell)[0])
        return err_set(err, ST_PARSE,
                       "%s:%d:%d: expected one source of '%s', found %s in the report "
                       "and '%s' already",
                       c->path, c->lines[f->row], f->file_col + 1, name,
                       csv_cell(c, f->row, f->file_col), *cell);
    *cell = arena_printf(f->a, "%.12g", v);
    return *cell ? ST_OK : arena_exhausted(err);
}

/* Energy of a product from the dynamic power of a design that runs all the time. */
static status fill_energy(struct filler *f, double dynamic_w, struct err *err)
{
    static const char *const needs[] = {"clock", "products"};
    double v[2];
    const struct csv *c = f->c;
    for (int i = 0; i < 2; i++) {
        const int32_t col = csv_column(c, needs[i]);
        if (col < 0 || !csv_cell(c, f->row, col)[0])
            return err_set(err, ST_PARSE,
                           "%s:%d:%d: power becomes energy by columns clock[MHz] and "
                           "products (per cycle); found no '%s'",
                           c->path, c->lines[f->row], f->file_col + 1, needs[i]);
        TRY(csv_double(c, f->row, col, &v[i], err));
        if (v[i] <= 0)
            return err_set(
                err, ST_RANGE, "%s:%d:%d: expected a number > 0 for '%s', found '%s'",
                c->path, c->lines[f->row], col + 1, needs[i], csv_cell(c, f->row, col));
    }
    if (dynamic_w == 0) return ST_OK; /* too little to be shown: not measured */
    return fill(f, "energy", "pJ", dynamic_w * 1e12 / (v[0] * 1e6 * v[1]), err);
}

static status add_report(struct filler *f, struct err *err)
{
    struct vendor_report r;
    struct err inner;
    struct csv *c = f->c;
    const char *path = file_beside(f->a, c->path, csv_cell(c, f->row, f->file_col));
    if (!path) return arena_exhausted(err);
    const status st = vendor_report_read(path, text_of(f, "instance"),
                                         text_of(f, "toolchain"), f->a, &r, &inner);
    if (st == ST_NOT_FOUND)
        return err_set(err, st, "%s:%d:%d: %s", c->path, c->lines[f->row],
                       f->file_col + 1, inner.msg);
    if (st != ST_OK) return err_set(err, st, "%s", inner.msg);
    for (size_t i = 0; i < sizeof targets / sizeof *targets; i++)
        if (!isnan(r.value[targets[i].q]))
            TRY(fill(f, targets[i].name, targets[i].unit, r.value[targets[i].q], err));
    if (isnan(r.value[VENDOR_DYNAMIC_W])) return ST_OK;
    return fill_energy(f, r.value[VENDOR_DYNAMIC_W], err);
}

status foreign_add_reports(struct csv *csv, struct arena *a, struct err *err)
{
    const int32_t n_cols = csv->n_cols; /* those that are added name no files */
    for (int32_t col = 0; col < n_cols; col++) {
        if (strcmp(csv->units[col], "file") != 0) continue;
        for (size_t row = 0; row < csv->n_rows; row++) {
            struct filler f = {csv, a, row, col};
            if (csv_cell(csv, row, col)[0]) TRY(add_report(&f, err));
        }
    }
    return ST_OK;
}
