/* foreign_map.c -- see foreign_map.h. */
#include "costmodel/foreign_map.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cli.h"
#include "base/yaml.h"
#include "rtl/accel_config.h"

/* Names and units of the measurement CSV that a mapping may give. */
static const char *const our_names[] = {
    "module",   "toolchain",   "options",     "tool_version", "unit",
    "SIMD",     "PE",          "MW",          "MH",           "rows",
    "cols",     "wbits",       "abits",       "wsigned",      "asigned",
    "acc_bits", "out_bits",    "out_signed",  "shift",        "lanes",
    "grouped",  "requant_dsp", "ram_block",   "stimulus",     "op_wbits",
    "op_abits", "lut",         "ff",          "dsp",          "bram18",
    "carry",    "muxf",        "lutram",      "area",         "fmax",
    "delay",    "energy",      "energy_zero", "energy_clock", "leakage",
    "cycles",   "n_vec",       "instance",    "clock",        "products",
    NULL};

static const struct {
    const char *name, *unit;
} our_units[] = {
    {"wbits", "bit"},      {"abits", "bit"},       {"acc_bits", "bit"},
    {"out_bits", "bit"},   {"shift", "bit"},       {"op_wbits", "bit"},
    {"op_abits", "bit"},   {"lut", "LUT"},         {"ff", "FF"},
    {"dsp", "DSP"},        {"bram18", "BRAM18"},   {"carry", "cell"},
    {"muxf", "cell"},      {"lutram", "LUT"},      {"area", "um2"},
    {"fmax", "MHz"},       {"delay", "ns"},        {"energy", "pJ"},
    {"energy_zero", "pJ"}, {"energy_clock", "pJ"}, {"leakage", "nW"},
    {"cycles", "cycle"},   {"clock", "MHz"},
};

/* One of the first is `factor` of the second. */
static const struct {
    const char *from, *to;
    double factor;
} conversions[] = {
    {"aJ", "pJ", 1e-6},  {"fJ", "pJ", 1e-3},  {"pJ", "pJ", 1},      {"nJ", "pJ", 1e3},
    {"uJ", "pJ", 1e6},   {"Hz", "MHz", 1e-6}, {"kHz", "MHz", 1e-3}, {"MHz", "MHz", 1},
    {"GHz", "MHz", 1e3}, {"ps", "ns", 1e-3},  {"ns", "ns", 1},      {"us", "ns", 1e3},
    {"um2", "um2", 1},   {"mm2", "um2", 1e6}, {"pW", "nW", 1e-3},   {"nW", "nW", 1},
    {"uW", "nW", 1e3},   {"mW", "nW", 1e6},   {"W", "nW", 1e9},
};
enum { N_CONVERSIONS = sizeof conversions / sizeof *conversions };

struct mapping {
    const char *path;
    const struct csv *user;
    struct foreign_set *out;
    bool *used; /* (columns of the user) taken by one of ours */
    struct arena *a;
};

static const char *unit_of(const char *name)
{
    for (size_t i = 0; i < sizeof our_units / sizeof *our_units; i++)
        if (strcmp(our_units[i].name, name) == 0) return our_units[i].unit;
    return "";
}

/* ---- units ---- */

static bool is_physical(const char *unit)
{
    for (size_t i = 0; i < N_CONVERSIONS; i++)
        if (strcmp(conversions[i].to, unit) == 0) return true;
    return false;
}

/* What the numbers of a column are multiplied by.  said: unit of the mapping, "" if
 * none. */
static status find_factor(const struct mapping *m, const struct yaml_node *n,
                          const char *name, int32_t col, const char *said, double scale,
                          double *out, struct err *err)
{
    const char *to = unit_of(name), *head = m->user->units[col];
    const char *from = said[0] ? said : head;
    if (said[0] && head[0] && strcmp(said, head) != 0)
        return yaml_fail(n, ST_PARSE, err,
                         "expected unit %s as the header of %s says, found %s", head,
                         m->user->path, said);
    *out = scale;
    if (!is_physical(to)) {
        if (scale != 1 || !from[0] || strcmp(from, to) == 0) return ST_OK;
        return yaml_fail(n, ST_PARSE, err,
                         "expected '%s' in %s, found unit %s; say scale: what one of "
                         "it is in ours",
                         name, to[0] ? to : "no unit", from);
    }
    if (!from[0])
        return yaml_fail(n, ST_PARSE, err,
                         "expected the unit of '%s', which the header of %s does not "
                         "say; add unit: %s or another",
                         name, m->user->path, to);
    char known[96] = "";
    for (size_t i = 0; i < N_CONVERSIONS; i++) {
        if (strcmp(conversions[i].to, to) != 0) continue;
        *out = scale * conversions[i].factor;
        if (strcmp(conversions[i].from, from) == 0) return ST_OK;
        const size_t k = strlen(known);
        snprintf(known + k, sizeof known - k, "%s%s", k ? ", " : "",
                 conversions[i].from);
    }
    return yaml_fail(n, ST_PARSE, err, "expected a unit of '%s', one of %s, found '%s'",
                     name, known, from);
}

/* ---- cells ---- */

static const char **cell_of(struct csv *c, size_t row, int32_t col)
{
    return &c->cells[row * (size_t)c->n_cols + (size_t)col];
}

static status scale_column(struct mapping *m, int32_t col, double factor,
                           struct err *err)
{
    struct csv *c = &m->out->csv;
    for (size_t row = 0; row < c->n_rows && factor != 1; row++) {
        const char **cell = cell_of(c, row, col);
        double v;
        if (!(*cell)[0]) continue;
        TRY(csv_double(c, row, col, &v, err));
        *cell = arena_printf(m->a, "%.12g", v * factor);
        if (!*cell) return arena_exhausted(err);
    }
    return ST_OK;
}

static status translate(struct mapping *m, int32_t col, const struct yaml_node *words,
                        struct err *err)
{
    struct csv *c = &m->out->csv;
    TRY(yaml_expect(words, YAML_MAP, err));
    for (size_t row = 0; row < c->n_rows; row++) {
        const char **cell = cell_of(c, row, col), *text;
        const struct yaml_node *word = yaml_find(words, *cell);
        if (!(*cell)[0]) continue;
        if (!word)
            return err_set(err, ST_PARSE,
                           "%s:%d:%d: expected a word that %s translates, found '%s'",
                           c->path, c->lines[row], col + 1, m->path, *cell);
        TRY(yaml_text(word, &text, err));
        *cell = arena_strdup(m->a, text);
        if (!*cell) return arena_exhausted(err);
    }
    return ST_OK;
}

status foreign_add_column(struct csv *c, const char *name, const char *unit,
                          struct arena *a, int32_t *col, struct err *err)
{
    *col = csv_column(c, name);
    if (*col >= 0) return ST_OK;
    const size_t n = (size_t)c->n_cols;
    const char **names = ARENA_NEW(a, const char *, n + 2);
    const char **units = ARENA_NEW(a, const char *, n + 1);
    const char **cells = ARENA_NEW(a, const char *, (n + 1) * (c->n_rows + 1));
    if (!names || !units || !cells) return arena_exhausted(err);
    memcpy(names, c->names, n * sizeof *names);
    memcpy(units, c->units, n * sizeof *units);
    names[n] = name;
    units[n] = unit;
    for (size_t row = 0; row < c->n_rows; row++) {
        memcpy(cells + row * (n + 1), c->cells + row * n, n * sizeof *cells);
        cells[row * (n + 1) + n] = "";
    }
    c->names = names;
    c->units = units;
    c->cells = cells;
    *col = c->n_cols++;
    return ST_OK;
}

/* ---- entries ---- */

/* Our column in the place of theirs, or a copy if that is taken. */
static status take_column(struct mapping *m, const char *name, int32_t theirs,
                          int32_t *col, struct err *err)
{
    struct csv *c = &m->out->csv;
    *col = theirs;
    if (m->used[theirs]) {
        TRY(foreign_add_column(c, name, unit_of(name), m->a, col, err));
        for (size_t row = 0; row < c->n_rows; row++)
            *cell_of(c, row, *col) = csv_cell(m->user, row, theirs);
    }
    m->used[theirs] = true;
    c->names[*col] = name;
    c->units[*col] = unit_of(name);
    return ST_OK;
}

static status find_theirs(const struct mapping *m, const struct yaml_node *n,
                          const char *wanted, int32_t *theirs, struct err *err)
{
    *theirs = csv_column(m->user, wanted);
    if (*theirs >= 0) return ST_OK;
    const char *near = cli_nearest(wanted, m->user->names);
    return yaml_fail(n, ST_PARSE, err, "expected a column of %s, found '%s'%s%s",
                     m->user->path, wanted, near ? "; the nearest is " : "",
                     near ? near : "");
}

static status map_constant(struct mapping *m, const char *name, const char *value,
                           struct err *err)
{
    int32_t col;
    struct csv *c = &m->out->csv;
    const char *text = arena_strdup(m->a, value);
    if (!text) return arena_exhausted(err);
    TRY(foreign_add_column(c, name, unit_of(name), m->a, &col, err));
    for (size_t row = 0; row < c->n_rows; row++)
        *cell_of(c, row, col) = text;
    return ST_OK;
}

static status map_entry(struct mapping *m, const char *name, const struct yaml_node *n,
                        struct err *err)
{
    static const char *const keys[] = {"column", "value", "unit",
                                       "scale",  "words", NULL};
    const char *column, *value, *unit = "";
    double scale = 1, factor;
    int32_t theirs, col;
    if (yaml_kind_of(n) == YAML_SCALAR) {
        TRY(yaml_text(n, &column, err));
        TRY(find_theirs(m, n, column, &theirs, err));
        TRY(find_factor(m, n, name, theirs, "", 1, &factor, err));
        TRY(take_column(m, name, theirs, &col, err));
        return scale_column(m, col, factor, err);
    }
    TRY(yaml_expect(n, YAML_MAP, err));
    TRY(yaml_check_keys(n, keys, err));
    if (yaml_find(n, "value")) {
        if (yaml_size(n) != 1)
            return yaml_fail(n, ST_PARSE, err, "expected value alone, found more keys");
        TRY(yaml_need_text(n, "value", &value, err));
        return map_constant(m, name, value, err);
    }
    TRY(yaml_need_text(n, "column", &column, err));
    TRY(find_theirs(m, yaml_find(n, "column"), column, &theirs, err));
    if (yaml_find(n, "unit")) TRY(yaml_need_text(n, "unit", &unit, err));
    if (yaml_find(n, "scale"))
        TRY(yaml_need_double(n, "scale", 1e-18, 1e18, &scale, err));
    TRY(find_factor(m, n, name, theirs, unit, scale, &factor, err));
    TRY(take_column(m, name, theirs, &col, err));
    if (yaml_find(n, "words")) TRY(translate(m, col, yaml_find(n, "words"), err));
    return scale_column(m, col, factor, err);
}

static status map_reports(struct mapping *m, const struct yaml_node *n, struct err *err)
{
    TRY(yaml_expect(n, YAML_SEQ, err));
    for (size_t i = 0; i < yaml_size(n); i++) {
        const char *column;
        int32_t theirs;
        TRY(yaml_text(yaml_item(n, i), &column, err));
        TRY(find_theirs(m, yaml_item(n, i), column, &theirs, err));
        m->used[theirs] = true;
        m->out->csv.units[theirs] = "file";
    }
    return ST_OK;
}

static status map_head(struct mapping *m, const struct yaml_node *root, struct err *err)
{
    const char *toolchain, *rest;
    int64_t version;
    int target;
    TRY(yaml_need_int(root, "version", 1, 1, &version, err));
    TRY(yaml_need_text(root, "toolchain", &toolchain, err));
    m->out->toolchain = arena_strdup(m->a, toolchain);
    if (yaml_find(root, "target")) {
        TRY(yaml_need_enum(root, "target", rtl_target_names, &target, err));
        m->out->target = rtl_target_names[target];
    }
    if (yaml_find(root, "rest")) {
        TRY(yaml_need_text(root, "rest", &rest, err));
        m->out->rest = arena_strdup(m->a, rest);
    }
    if (!m->out->toolchain || !m->out->rest) return arena_exhausted(err);
    return map_constant(m, "toolchain", toolchain, err);
}

static status map_root(struct mapping *m, const struct yaml_node *root, struct err *err)
{
    static const char *const keys[] = {"version", "toolchain", "target", "rest",
                                       "columns", "reports",   NULL};
    const struct yaml_node *columns;
    TRY(yaml_expect(root, YAML_MAP, err));
    TRY(yaml_check_keys(root, keys, err));
    TRY(yaml_need(root, "columns", &columns, err));
    TRY(yaml_expect(columns, YAML_MAP, err));
    TRY(yaml_check_keys(columns, our_names, err));
    for (size_t i = 0; i < yaml_size(columns); i++) {
        const char *name = yaml_pair_key(columns, i);
        for (int k = 0; our_names[k]; k++) /* static, and outlives the document */
            if (strcmp(our_names[k], name) == 0) name = our_names[k];
        if (strcmp(name, "toolchain") == 0)
            return yaml_fail(columns, ST_PARSE, err,
                             "expected the toolchain once, beside columns");
        TRY(map_entry(m, name, yaml_pair_value(columns, i), err));
    }
    if (yaml_find(root, "reports"))
        TRY(map_reports(m, yaml_find(root, "reports"), err));
    return map_head(m, root, err);
}

/* Columns of the file that nobody takes get names that are none of ours. */
static status hide_columns(struct csv *c, struct arena *a, struct err *err)
{
    for (int32_t i = 0; i < c->n_cols; i++) {
        c->names[i] = arena_printf(a, "(%s)", c->names[i]);
        c->units[i] = "";
        if (!c->names[i]) return arena_exhausted(err);
    }
    return ST_OK;
}

/* A copy whose names, units and cells may be changed. */
static status copy_csv(const struct csv *from, struct arena *a, struct csv *to,
                       struct err *err)
{
    const size_t n = (size_t)from->n_cols;
    *to = *from;
    to->names = ARENA_NEW(a, const char *, n + 1);
    to->units = ARENA_NEW(a, const char *, n + 1);
    to->cells = ARENA_NEW(a, const char *, n * from->n_rows + 1);
    if (!to->names || !to->units || !to->cells) return arena_exhausted(err);
    memcpy(to->names, from->names, n * sizeof *to->names);
    memcpy(to->units, from->units, n * sizeof *to->units);
    memcpy(to->cells, from->cells, n * from->n_rows * sizeof *to->cells);
    return ST_OK;
}

static status apply_mapping(struct mapping *m, struct err *err)
{
    struct yaml_doc *doc;
    TRY(hide_columns(&m->out->csv, m->a, err));
    TRY(yaml_open(m->path, &doc, err));
    const status st = map_root(m, yaml_root(doc), err);
    yaml_close(doc);
    return st;
}

status foreign_read(const char *csv_path, const char *map_path, struct arena *a,
                    struct foreign_set *out, struct err *err)
{
    struct csv user;
    *out = (struct foreign_set){.toolchain = "", .target = "", .rest = ""};
    TRY(csv_load(csv_path, a, &user, err));
    TRY(copy_csv(&user, a, &out->csv, err));
    if (map_path) {
        struct mapping m = {map_path, &user, out, NULL, a};
        m.used = ARENA_NEW(a, bool, (size_t)user.n_cols + 1);
        if (!m.used) return arena_exhausted(err);
        TRY(apply_mapping(&m, err));
    }
    return foreign_add_reports(&out->csv, a, err);
}
