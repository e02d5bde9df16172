#include "sim/liberty.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/liberty_text.h"

/* What one reading has at hand. */
struct reader {
    const char *path;
    const struct liberty_group *library;
    struct arena *a;
    struct err *err;
    double pf, pj, ns, nw; /* one unit of the file's capacitance, energy, ... */
    int32_t n_power_tables;
};

static status fail_at(const struct reader *r, int32_t line, status code,
                      const char *expected, const char *found)
{
    return err_set(r->err, code, "%s:%d: expected %s, found '%s'", r->path, line,
                   expected, found);
}

/* ---- numbers ---- */

static status to_number(const struct reader *r, int32_t line, const char *text,
                        double *out)
{
    char *end;
    errno = 0;
    *out = strtod(text, &end);
    if (end == text || *end || !isfinite(*out))
        return fail_at(r, line, ST_PARSE, "a number", text);
    return ST_OK;
}

/* A simple attribute; *out stays as it is if the group has none. */
static status read_double(const struct reader *r, const struct liberty_group *g,
                          const char *name, double lo, double *out)
{
    const struct liberty_attr *attr = liberty_attr(g, name);
    if (!attr) return ST_OK;
    TRY(to_number(r, attr->line, attr->n ? attr->values[0] : "", out));
    if (*out < lo) {
        char expected[80];
        (void)snprintf(expected, sizeof expected, "%s of at least %g", name, lo);
        return fail_at(r, attr->line, ST_RANGE, expected, attr->values[0]);
    }
    return ST_OK;
}

static const char *text_of(const struct liberty_group *g, const char *name)
{
    const struct liberty_attr *attr = liberty_attr(g, name);
    return attr && attr->n ? attr->values[0] : NULL;
}

/* All numbers of an attribute; each value may be a quoted list. */
static status read_list(const struct reader *r, const struct liberty_attr *attr,
                        const double **out, int32_t *n)
{
    size_t room = 1;
    for (int32_t i = 0; i < attr->n; i++)
        room += strlen(attr->values[i]) / 2 + 1;
    double *list = ARENA_NEW(r->a, double, room);
    if (!list) return arena_exhausted(r->err);
    *out = list;
    *n = 0;
    for (int32_t i = 0; i < attr->n; i++)
        for (const char *p = attr->values[i] + strspn(attr->values[i], " \t,"); *p;) {
            char *end;
            const double v = strtod(p, &end);
            if (end == p || !isfinite(v))
                return fail_at(r, attr->line, ST_PARSE, "numbers", attr->values[i]);
            list[(*n)++] = v;
            p = end + strspn(end, " \t,");
        }
    return ST_OK;
}

/* ---- units ---- */

/* "1nW", "10ps": value in the base unit given by its name's end. */
static status read_unit(const struct reader *r, const char *name, const char *base,
                        double in_base, double *out)
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
        return fail_at(r, attr->line, ST_UNSUPPORTED, "a unit such as 1ns or 1nW",
                       text);
    *out = v / in_base;
    return ST_OK;
}

static status read_cap_unit(struct reader *r)
{
    const struct liberty_attr *attr = liberty_attr(r->library, "capacitive_load_unit");
    if (!attr)
        return fail_at(r, r->library->line, ST_PARSE,
                       "capacitive_load_unit in the library", "none");
    double n;
    if (attr->n != 2)
        return fail_at(r, attr->line, ST_PARSE, "capacitive_load_unit (number, unit)",
                       attr->n ? attr->values[0] : "");
    TRY(to_number(r, attr->line, attr->values[0], &n));
    const bool pf =
        strcmp(attr->values[1], "pf") == 0 || strcmp(attr->values[1], "pF") == 0;
    const bool ff =
        strcmp(attr->values[1], "ff") == 0 || strcmp(attr->values[1], "fF") == 0;
    if ((!pf && !ff) || n <= 0)
        return fail_at(r, attr->line, ST_UNSUPPORTED, "a positive number of pf or ff",
                       attr->values[1]);
    r->pf = pf ? n : n * 1e-3;
    return ST_OK;
}

static status read_units(struct reader *r, double *voltage)
{
    double volt = 1;
    r->ns = r->nw = 1;
    TRY(read_cap_unit(r));
    TRY(read_unit(r, "voltage_unit", "V", 1, &volt));
    TRY(read_unit(r, "time_unit", "s", 1e-9, &r->ns));
    TRY(read_unit(r, "leakage_power_unit", "W", 1e-9, &r->nw));
    r->pj = r->pf * volt * volt;
    *voltage = NAN;
    TRY(read_double(r, r->library, "nom_voltage", 1e-3, voltage));
    if (isnan(*voltage))
        return fail_at(r, r->library->line, ST_PARSE, "nom_voltage in the library",
                       "none");
    *voltage *= volt;
    return ST_OK;
}

/* ---- power tables ---- */

static const struct liberty_group *find_template(const struct reader *r,
                                                 const char *name)
{
    const struct liberty_group *g = NULL;
    while ((g = liberty_next(r->library, g, "power_lut_template")) != NULL)
        if (g->n_args == 1 && strcmp(g->args[0], name) == 0) return g;
    return NULL;
}

struct axis {
    const double *v; /* (n) */
    int32_t n;
    bool is_load;
};

/* Axis i (1, 2) of a table: its own index, or that of its template. */
static status read_axis(const struct reader *r, const struct liberty_group *table,
                        const struct liberty_group *template, int i, struct axis *out)
{
    char name[16];
    (void)snprintf(name, sizeof name, "variable_%d", i);
    const char *variable = text_of(template, name);
    (void)snprintf(name, sizeof name, "index_%d", i);
    const struct liberty_attr *attr = liberty_attr(table, name);
    if (!attr) attr = liberty_attr(template, name);
    *out = (struct axis){.n = 0};
    if (!variable) return ST_OK;
    if (!attr) return fail_at(r, table->line, ST_PARSE, name, "none");
    TRY(read_list(r, attr, &out->v, &out->n));
    out->is_load = strcmp(variable, "total_output_net_capacitance") == 0 ||
                   strcmp(variable, "equal_or_opposite_output_net_capacitance") == 0;
    if (!out->is_load && strcmp(variable, "input_transition_time") != 0)
        return fail_at(r, template->line, ST_UNSUPPORTED,
                       "a table over output capacitance and input transition time",
                       variable);
    double *scaled = ARENA_NEW(r->a, double, (size_t)(out->n ? out->n : 1));
    if (!scaled) return arena_exhausted(r->err);
    for (int32_t k = 0; k < out->n; k++) {
        scaled[k] = out->v[k] * (out->is_load ? r->pf : r->ns);
        if (k && scaled[k] <= scaled[k - 1])
            return fail_at(r, attr->line, ST_PARSE, "a rising index", attr->values[0]);
    }
    out->v = scaled;
    return out->n ? ST_OK : fail_at(r, attr->line, ST_PARSE, "an index", "nothing");
}

/* Stores values (n_1, n_2) as (load, slew). */
static status place_values(const struct reader *r, const struct axis axes[2],
                           const double *v, struct liberty_table *out)
{
    static const double any[1] = {0};
    const int load = axes[0].n && axes[0].is_load   ? 0
                     : axes[1].n && axes[1].is_load ? 1
                                                    : -1;
    const int slew = axes[0].n && !axes[0].is_load   ? 0
                     : axes[1].n && !axes[1].is_load ? 1
                                                     : -1;
    out->n_load = load >= 0 ? axes[load].n : 1;
    out->n_slew = slew >= 0 ? axes[slew].n : 1;
    out->load_pf = load >= 0 ? axes[load].v : any;
    out->slew_ns = slew >= 0 ? axes[slew].v : any;
    double *pj = ARENA_NEW(r->a, double, (size_t)out->n_load *(size_t)out->n_slew);
    if (!pj) return arena_exhausted(r->err);
    for (int32_t i = 0; i < out->n_load; i++)
        for (int32_t k = 0; k < out->n_slew; k++)
            pj[i * out->n_slew + k] =
                r->pj * v[load == 1 ? k * out->n_load + i : i * out->n_slew + k];
    out->pj = pj;
    return ST_OK;
}

static status read_table(struct reader *r, const struct liberty_group *g,
                         struct liberty_table *out)
{
    *out = (struct liberty_table){.n_load = 0};
    if (!g) return ST_OK;
    const char *name = g->n_args ? g->args[0] : "";
    struct axis axes[2] = {{.n = 0}, {.n = 0}};
    if (strcmp(name, "scalar") != 0) {
        const struct liberty_group *t = find_template(r, name);
        if (!t)
            return fail_at(r, g->line, ST_PARSE,
                           "a power_lut_template of the library or scalar", name);
        TRY(read_axis(r, g, t, 1, &axes[0]));
        TRY(read_axis(r, g, t, 2, &axes[1]));
    }
    const struct liberty_attr *attr = liberty_attr(g, "values");
    if (!attr) return fail_at(r, g->line, ST_PARSE, "values in the table", "none");
    const double *v;
    int32_t n, want = (axes[0].n ? axes[0].n : 1) * (axes[1].n ? axes[1].n : 1);
    TRY(read_list(r, attr, &v, &n));
    if (n != want)
        return err_set(r->err, ST_PARSE, "%s:%d: expected %d values, found %d", r->path,
                       attr->line, want, n);
    if (axes[0].n && axes[1].n && axes[0].is_load == axes[1].is_load)
        return fail_at(r, g->line, ST_UNSUPPORTED, "two different variables", name);
    r->n_power_tables++;
    return place_values(r, axes, v, out);
}

static status read_power(struct reader *r, const struct liberty_group *g,
                         struct liberty_power *out)
{
    const char *supply = text_of(g, "related_pg_pin");
    const struct liberty_group *both = liberty_next(g, NULL, "power");
    const struct liberty_group *rise = liberty_next(g, NULL, "rise_power");
    const struct liberty_group *fall = liberty_next(g, NULL, "fall_power");
    out->supply = supply ? supply : "";
    TRY(read_table(r, rise ? rise : both, &out->rise));
    return read_table(r, fall ? fall : both, &out->fall);
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
    const char *text = text_of(g, name);
    return text && strcmp(text, "true") == 0;
}

static status read_pin(struct reader *r, const struct liberty_group *g,
                       const char *name, struct liberty_pin *out)
{
    const char *direction = text_of(g, "direction");
    const struct liberty_attr *function = liberty_attr(g, "function");
    if (!direction)
        return fail_at(r, g->line, ST_PARSE, "direction of the pin", "none");
    out->name = name;
    out->is_input = strcmp(direction, "input") == 0;
    out->is_output = strcmp(direction, "output") == 0;
    out->is_clock = is_true(g, "clock");
    out->is_tristate = liberty_attr(g, "three_state") != NULL;
    out->function = function && function->n ? function->values[0] : NULL;
    out->function_line = function ? function->line : g->line;
    TRY(read_double(r, g, "capacitance", 0, &out->capacitance_pf));
    out->capacitance_pf *= r->pf;
    const int n = count_groups(g, "internal_power");
    struct liberty_power *powers =
        ARENA_NEW(r->a, struct liberty_power, (size_t)(n ? n : 1));
    if (!powers) return arena_exhausted(r->err);
    const struct liberty_group *at = NULL;
    for (int i = 0; i < n; i++) {
        at = liberty_next(g, at, "internal_power");
        TRY(read_power(r, at, &powers[i]));
    }
    out->powers = powers;
    out->n_powers = n;
    return ST_OK;
}

/* pin (A) {...} and pin (A, B) {...} */
static status read_pins(struct reader *r, const struct liberty_group *g,
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

static status read_ff(const struct reader *r, const struct liberty_group *g,
                      const struct liberty_ff **out)
{
    *out = NULL;
    if (!g) return ST_OK;
    struct liberty_ff *ff = ARENA_NEW(r->a, struct liberty_ff, 1);
    if (!ff) return arena_exhausted(r->err);
    ff->line = g->line;
    ff->iq = g->n_args > 0 ? g->args[0] : "";
    ff->iqn = g->n_args > 1 ? g->args[1] : "";
    ff->next_state = text_of(g, "next_state");
    ff->clocked_on = text_of(g, "clocked_on");
    ff->has_async = text_of(g, "clear") || text_of(g, "preset");
    if (!ff->next_state || !ff->clocked_on)
        return fail_at(r, g->line, ST_PARSE, "next_state and clocked_on", "none");
    *out = ff;
    return ST_OK;
}

/* cell_leakage_power, or the mean over the leakage_power conditions. */
static status read_leakage(const struct reader *r, const struct liberty_group *g,
                           double *out)
{
    *out = NAN;
    TRY(read_double(r, g, "cell_leakage_power", 0, out));
    double sum = 0;
    int n = 0;
    for (const struct liberty_group *at = NULL;
         isnan(*out) && (at = liberty_next(g, at, "leakage_power"));) {
        double v = NAN;
        TRY(read_double(r, at, "value", 0, &v));
        if (isnan(v)) continue;
        sum += v;
        n++;
    }
    if (n) *out = sum / n;
    *out *= r->nw;
    return ST_OK;
}

static status read_cell(struct reader *r, const struct liberty_group *g,
                        struct liberty_cell *out)
{
    if (g->n_args != 1)
        return fail_at(r, g->line, ST_PARSE, "cell (name)",
                       g->n_args ? g->args[0] : "");
    *out = (struct liberty_cell){.name = g->args[0], .line = g->line, .area_um2 = NAN};
    out->has_latch = count_groups(g, "latch") || count_groups(g, "statetable") ||
                     count_groups(g, "ff_bank") || count_groups(g, "latch_bank");
    TRY(read_double(r, g, "area", 0, &out->area_um2));
    TRY(read_leakage(r, g, &out->leakage_nw));
    TRY(read_ff(r, liberty_next(g, NULL, "ff"), &out->ff));
    return read_pins(r, g, out);
}

static int by_name(const void *x, const void *y)
{
    const struct liberty_cell *a = x, *b = y;
    return strcmp(a->name, b->name);
}

static status read_cells(struct reader *r, struct liberty *out)
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
            return fail_at(r, cells[i].line, ST_PARSE, "each cell once", cells[i].name);
    out->cells = cells;
    out->n_cells = n;
    return ST_OK;
}

status liberty_load(const char *path, struct arena *a, struct liberty *out,
                    struct err *err)
{
    struct liberty_group *root;
    TRY(liberty_text_load(path, a, &root, err));
    struct reader r = {.path = path, .library = root, .a = a, .err = err};
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
