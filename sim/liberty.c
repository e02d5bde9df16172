#include "sim/liberty.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/liberty_read.h"

/* ---- units ---- */

/* "1nW", "10ps": value in the base unit given by its name's end. */
static status read_unit(const struct liberty_reader *r, const char *name,
                        const char *base, double in_base, double *out)
{
    static const struct {
        char letter;
        double factor;
    } prefixes[] = {{'m', 1e-3}, {'u', 1e-6}, {'n', 1e-9}, {'p', 1e-12}, {'f', 1e-15}};
    const struct liberty_attr *attr = liberty_attr(r->library, name);
    if (!attr) return ST_OK;
    const char *text = attr->n ? attr->values[0] : "";
    char *unit;
    double v = strtod(text, &unit);
    if (unit == text) v = NAN;
    if (strcmp(unit, base) != 0)
        for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++)
            if (*unit == prefixes[i].letter && strcmp(unit + 1, base) == 0) {
                v *= prefixes[i].factor;
                unit++;
                break;
            }
    if (!(v > 0) || strcmp(unit, base) != 0)
        return liberty_fail_at(r, attr->line, ST_UNSUPPORTED,
                               "a unit such as 1ns or 1nW", text);
    *out = v / in_base;
    return ST_OK;
}

static status read_cap_unit(struct liberty_reader *r)
{
    const struct liberty_attr *attr = liberty_attr(r->library, "capacitive_load_unit");
    if (!attr)
        return liberty_fail_at(r, r->library->line, ST_PARSE,
                               "capacitive_load_unit in the library", "none");
    double n;
    if (attr->n != 2)
        return liberty_fail_at(r, attr->line, ST_PARSE,
                               "capacitive_load_unit (number, unit)",
                               attr->n ? attr->values[0] : "");
    TRY(liberty_number(r, attr->line, attr->values[0], &n));
    const bool pf =
        strcmp(attr->values[1], "pf") == 0 || strcmp(attr->values[1], "pF") == 0;
    const bool ff =
        strcmp(attr->values[1], "ff") == 0 || strcmp(attr->values[1], "fF") == 0;
    if ((!pf && !ff) || n <= 0)
        return liberty_fail_at(r, attr->line, ST_UNSUPPORTED,
                               "a positive number of pf or ff", attr->values[1]);
    r->pf = pf ? n : n * 1e-3;
    return ST_OK;
}

static status read_units(struct liberty_reader *r, double *voltage)
{
    double volt = 1;
    r->ns = r->nw = 1;
    TRY(read_cap_unit(r));
    TRY(read_unit(r, "voltage_unit", "V", 1, &volt));
    TRY(read_unit(r, "time_unit", "s", 1e-9, &r->ns));
    TRY(read_unit(r, "leakage_power_unit", "W", 1e-9, &r->nw));
    r->pj = r->pf * volt * volt;
    *voltage = NAN;
    TRY(liberty_read_double(r, r->library, "nom_voltage", 1e-3, voltage));
    if (isnan(*voltage))
        return liberty_fail_at(r, r->library->line, ST_PARSE,
                               "nom_voltage in the library", "none");
    *voltage *= volt;
    return ST_OK;
}

/* ---- cells ---- */

static int count_groups(const struct liberty_group *g, const char *name)
{
    int n = 0;
    for (const struct liberty_group *at = NULL; (at = liberty_next(g, at, name));)
        n++;
    return n;
}

static bool is_true(const struct liberty_group *g, const char *name)
{
    const char *text = liberty_text_of(g, name);
    return text && strcmp(text, "true") == 0;
}

/* NaN where neither the pin nor the library says it: an unknown load is no 0. */
static status read_capacitance(const struct liberty_reader *r,
                               const struct liberty_group *g, double *out)
{
    double rise = NAN, fall = NAN;
    *out = NAN;
    TRY(liberty_read_double(r, r->library, "default_input_pin_cap", 0, out));
    TRY(liberty_read_double(r, g, "rise_capacitance", 0, &rise));
    TRY(liberty_read_double(r, g, "fall_capacitance", 0, &fall));
    if (!isnan(rise) && !isnan(fall)) *out = (rise + fall) / 2;
    TRY(liberty_read_double(r, g, "capacitance", 0, out));
    *out *= r->pf;
    return ST_OK;
}

static status read_pin(struct liberty_reader *r, const struct liberty_group *g,
                       const char *name, struct liberty_pin *out)
{
    const char *direction = liberty_text_of(g, "direction");
    const struct liberty_attr *function = liberty_attr(g, "function");
    if (!direction)
        return liberty_fail_at(r, g->line, ST_PARSE, "direction of the pin", "none");
    out->name = name;
    out->is_input = strcmp(direction, "input") == 0;
    out->is_output = strcmp(direction, "output") == 0;
    out->is_clock = is_true(g, "clock");
    out->is_tristate = liberty_attr(g, "three_state") != NULL;
    out->function = function && function->n ? function->values[0] : NULL;
    out->function_line = function ? function->line : g->line;
    TRY(read_capacitance(r, g, &out->capacitance_pf));
    const int n = count_groups(g, "internal_power");
    struct liberty_power *powers =
        ARENA_NEW(r->a, struct liberty_power, (size_t)(n ? n : 1));
    if (!powers) return arena_exhausted(r->err);
    const struct liberty_group *at = NULL;
    for (int i = 0; i < n; i++) {
        at = liberty_next(g, at, "internal_power");
        TRY(liberty_read_power(r, at, &powers[i]));
    }
    out->powers = powers;
    out->n_powers = n;
    return ST_OK;
}

/* pin (A) {...} and pin (A, B) {...} */
static status read_pins(struct liberty_reader *r, const struct liberty_group *g,
                        struct liberty_cell *out)
{
    int n = 0;
    for (const struct liberty_group *at = NULL; (at = liberty_next(g, at, "pin"));)
        n += at->n_args;
    struct liberty_pin *pins = ARENA_NEW(r->a, struct liberty_pin, (size_t)(n ? n : 1));
    if (!pins) return arena_exhausted(r->err);
    for (const struct liberty_group *at = NULL; (at = liberty_next(g, at, "pin"));)
        for (int32_t i = 0; i < at->n_args; i++)
            TRY(read_pin(r, at, at->args[i], &pins[out->n_pins++]));
    out->pins = pins;
    return ST_OK;
}

static status read_ff(const struct liberty_reader *r, const struct liberty_group *g,
                      const struct liberty_ff **out)
{
    *out = NULL;
    if (!g) return ST_OK;
    struct liberty_ff *ff = ARENA_NEW(r->a, struct liberty_ff, 1);
    if (!ff) return arena_exhausted(r->err);
    ff->line = g->line;
    ff->iq = g->n_args > 0 ? g->args[0] : "";
    ff->iqn = g->n_args > 1 ? g->args[1] : "";
    ff->next_state = liberty_text_of(g, "next_state");
    ff->clocked_on = liberty_text_of(g, "clocked_on");
    ff->has_async = liberty_text_of(g, "clear") || liberty_text_of(g, "preset");
    if (!ff->next_state || !ff->clocked_on)
        return liberty_fail_at(r, g->line, ST_PARSE, "next_state and clocked_on",
                               "none");
    *out = ff;
    return ST_OK;
}

/* cell_leakage_power, or the mean over the leakage_power conditions. */
static status read_leakage(const struct liberty_reader *r,
                           const struct liberty_group *g, double *out)
{
    *out = NAN;
    TRY(liberty_read_double(r, g, "cell_leakage_power", 0, out));
    double sum = 0;
    int n = 0;
    for (const struct liberty_group *at = NULL;
         isnan(*out) && (at = liberty_next(g, at, "leakage_power"));) {
        double v = NAN;
        TRY(liberty_read_double(r, at, "value", 0, &v));
        if (isnan(v)) continue;
        sum += v;
        n++;
    }
    if (n) *out = sum / n;
    *out *= r->nw;
    return ST_OK;
}

static status read_cell(struct liberty_reader *r, const struct liberty_group *g,
                        struct liberty_cell *out)
{
    if (g->n_args != 1)
        return liberty_fail_at(r, g->line, ST_PARSE, "cell (name)",
                               g->n_args ? g->args[0] : "");
    *out = (struct liberty_cell){.name = g->args[0], .line = g->line, .area_um2 = NAN};
    out->has_latch = count_groups(g, "latch") || count_groups(g, "statetable") ||
                     count_groups(g, "ff_bank") || count_groups(g, "latch_bank");
    TRY(liberty_read_double(r, g, "area", 0, &out->area_um2));
    TRY(read_leakage(r, g, &out->leakage_nw));
    TRY(read_ff(r, liberty_next(g, NULL, "ff"), &out->ff));
    return read_pins(r, g, out);
}

static int by_name(const void *x, const void *y)
{
    const struct liberty_cell *a = x, *b = y;
    return strcmp(a->name, b->name);
}

static status read_cells(struct liberty_reader *r, struct liberty *out)
{
    const int n = count_groups(r->library, "cell");
    struct liberty_cell *cells =
        ARENA_NEW(r->a, struct liberty_cell, (size_t)(n ? n : 1));
    if (!cells) return arena_exhausted(r->err);
    const struct liberty_group *at = NULL;
    for (int i = 0; i < n; i++) {
        at = liberty_next(r->library, at, "cell");
        TRY(read_cell(r, at, &cells[i]));
    }
    qsort(cells, (size_t)n, sizeof *cells, by_name);
    for (int i = 1; i < n; i++)
        if (strcmp(cells[i - 1].name, cells[i].name) == 0)
            return liberty_fail_at(r, cells[i].line, ST_PARSE, "each cell once",
                                   cells[i].name);
    out->cells = cells;
    out->n_cells = n;
    return ST_OK;
}

status liberty_load(const char *path, struct arena *a, struct liberty *out,
                    struct err *err)
{
    struct liberty_group *root;
    TRY(liberty_text_load(path, a, &root, err));
    struct liberty_reader r = {.path = path, .library = root, .a = a, .err = err};
    *out = (struct liberty){.path = path, .name = root->n_args ? root->args[0] : ""};
    TRY(read_units(&r, &out->voltage));
    TRY(read_cells(&r, out));
    if (out->n_cells == 0)
        return err_set(err, ST_PARSE, "%s: expected cells, found none", path);
    if (r.n_power_tables == 0)
        return err_set(err, ST_UNSUPPORTED,
                       "%s: expected internal_power tables, found none; the energy of "
                       "its cells cannot be known",
                       path);
    return ST_OK;
}
