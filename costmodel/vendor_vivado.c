/* vendor_vivado.c -- Vivado's reports are tables in text:
 *
 *   +-----------+------+
 *   | Site Type | Used |
 *   +-----------+------+
 *   | Slice LUTs|   12 |
 *   +-----------+------+
 *
 * Which table it is, its first header cell says; report_power's summary has none. */
#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "costmodel/vendor_internal.h"

enum { COLUMNS_MAX = 24, CELL_MAX = 128 };

struct row {
    int n;
    char cell[COLUMNS_MAX][CELL_MAX]; /* trimmed, without footnote star */
};

struct scan {
    const char *path, *instance, *p;
    int line;
    struct row head, row;
    bool in_table, has_head;
    bool found; /* something that we looked for */
    struct vendor_report *out;
};

static void trim(char *s)
{
    size_t n = strlen(s);
    while (n > 0 && (isspace((unsigned char)s[n - 1]) || s[n - 1] == '*'))
        s[--n] = '\0';
    memmove(s, s + strspn(s, " \t"), strlen(s + strspn(s, " \t")) + 1);
}

/* "| a | b |": cells of the line from p to end. */
static void split(const char *p, const char *end, struct row *r)
{
    r->n = 0;
    p++;
    while (p < end && r->n < COLUMNS_MAX) {
        const char *bar = memchr(p, '|', (size_t)(end - p));
        if (!bar) return;
        snprintf(r->cell[r->n], CELL_MAX, "%.*s", (int)(bar - p), p);
        trim(r->cell[r->n++]);
        p = bar + 1;
    }
}

static status number(const struct scan *s, const char *text, double *out,
                     struct err *err)
{
    char *end;
    *out = strtod(text, &end);
    if (end != text && !*end && isfinite(*out) && *out >= 0) return ST_OK;
    return err_set(err, ST_PARSE, "%s:%d: expected a number >= 0 for '%s', found '%s'",
                   s->path, s->line, s->row.cell[0], text);
}

static void add(struct scan *s, enum vendor_quantity q, double v)
{
    double *to = &s->out->value[q];
    *to = isnan(*to) ? v : *to + v;
    s->found = true;
}

/* ---- flat utilisation ---- */

static const struct {
    const char *name;
    enum vendor_quantity q;
    double scale;
} sites[] = {
    {"Slice LUTs", VENDOR_LUT, 1},        {"CLB LUTs", VENDOR_LUT, 1},
    {"LUT as Memory", VENDOR_LUTRAM, 1},  {"Slice Registers", VENDOR_FF, 1},
    {"CLB Registers", VENDOR_FF, 1},      {"F7 Muxes", VENDOR_MUXF, 1},
    {"F8 Muxes", VENDOR_MUXF, 1},         {"F9 Muxes", VENDOR_MUXF, 1},
    {"Block RAM Tile", VENDOR_BRAM18, 2}, {"DSPs", VENDOR_DSP, 1},
    {"DSP Slices", VENDOR_DSP, 1},        {"CARRY8", VENDOR_CARRY, 2},
};

static status read_site(struct scan *s, struct err *err)
{
    double v;
    for (size_t i = 0; i < sizeof sites / sizeof *sites; i++) {
        if (strcmp(s->row.cell[0], sites[i].name) != 0) continue;
        TRY(number(s, s->row.cell[1], &v, err));
        add(s, sites[i].q, sites[i].scale * v);
    }
    return ST_OK;
}

/* "Ref Name | Used | Functional Category" */
static status read_primitive(struct scan *s, struct err *err)
{
    double v;
    if (strcmp(s->row.cell[0], "CARRY4") != 0) return ST_OK;
    TRY(number(s, s->row.cell[1], &v, err));
    add(s, VENDOR_CARRY, v);
    return ST_OK;
}

/* ---- hierarchical utilisation ---- */

static const struct {
    const char *name;
    enum vendor_quantity q;
    double scale;
} columns[] = {
    {"Total LUTs", VENDOR_LUT, 1}, {"LUTRAMs", VENDOR_LUTRAM, 1},
    {"SRLs", VENDOR_LUTRAM, 1},    {"FFs", VENDOR_FF, 1},
    {"RAMB36", VENDOR_BRAM18, 2},  {"RAMB18", VENDOR_BRAM18, 1},
    {"DSP Blocks", VENDOR_DSP, 1}, {"DSP48 Blocks", VENDOR_DSP, 1},
    {"DSP Slices", VENDOR_DSP, 1},
};

static status read_instance(struct scan *s, struct err *err)
{
    double v;
    const bool top = !s->instance[0];
    if (s->found || (!top && strcmp(s->row.cell[0], s->instance) != 0)) return ST_OK;
    for (int c = 0; c < s->head.n && c < s->row.n; c++)
        for (size_t i = 0; i < sizeof columns / sizeof *columns; i++) {
            if (strcmp(s->head.cell[c], columns[i].name) != 0) continue;
            TRY(number(s, s->row.cell[c], &v, err));
            add(s, columns[i].q, columns[i].scale * v);
        }
    return ST_OK;
}

/* ---- power ---- */

static status read_power(struct scan *s, struct err *err)
{
    double v;
    const bool by_name = s->has_head && strcmp(s->head.cell[0], "Name") == 0;
    const char *wanted = s->instance[0] ? s->instance : "Dynamic (W)";
    if ((s->instance[0] && !by_name) || strcmp(s->row.cell[0], wanted) != 0 || s->found)
        return ST_OK;
    /* "<0.001" W, less than can be shown, is no measurement: 0, as "0.000" is */
    const bool too_little = s->row.cell[1][0] == '<';
    TRY(number(s, s->row.cell[1] + too_little, &v, err));
    add(s, VENDOR_DYNAMIC_W, too_little ? 0 : v);
    return ST_OK;
}

/* ---- lines ---- */

static status read_row(struct scan *s, bool power, struct err *err)
{
    if (s->row.n < 2) return ST_OK;
    if (power) return read_power(s, err);
    if (!s->has_head) return ST_OK;
    const char *first = s->head.cell[0];
    if (strcmp(first, "Instance") == 0) return read_instance(s, err);
    if (s->instance[0]) return ST_OK;
    if (strcmp(first, "Site Type") == 0) return read_site(s, err);
    if (strcmp(first, "Ref Name") == 0) return read_primitive(s, err);
    return ST_OK;
}

/* One rule of '-' and '+' opens a table, the next one closes its header, the third
 * the table. */
static status read_line(struct scan *s, const char *end, bool power, int *rules,
                        struct err *err)
{
    if (s->p[0] == '+') {
        ++*rules;
        s->in_table = true;
        s->has_head = *rules == 2;
        if (*rules == 2) s->head = s->row;
        return ST_OK;
    }
    if (s->p[0] != '|') {
        *rules = 0;
        s->in_table = s->has_head = false;
        return ST_OK;
    }
    split(s->p, end, &s->row);
    if (s->in_table && *rules == 2 && s->row.n != s->head.n && s->head.n > 0)
        return err_set(err, ST_PARSE,
                       "%s:%d: expected a row of %d cells, found %d: is the report "
                       "truncated?",
                       s->path, s->line, s->head.n, s->row.n);
    /* the summary of power has rows where others have a header */
    if (*rules == 2 || (power && *rules == 1)) return read_row(s, power, err);
    return ST_OK;
}

static status read_lines(struct scan *s, bool power, struct err *err)
{
    int rules = 0;
    while (*s->p) {
        const char *end = s->p + strcspn(s->p, "\n");
        s->line++;
        TRY(read_line(s, end, power, &rules, err));
        s->p = *end ? end + 1 : end;
    }
    if (rules == 0 || rules == 3 || (power && rules == 2)) return ST_OK;
    return err_set(err, ST_PARSE,
                   "%s:%d: expected the rest of a table, found the end of the file",
                   s->path, s->line);
}

bool vendor_is_vivado(const char *text)
{
    return strstr(text, "| Site Type") || strstr(text, "Site Type ") ||
           strstr(text, " Total LUTs ") || strstr(text, "Total On-Chip Power (W)");
}

status vendor_read_vivado(const char *path, const char *text, const char *instance,
                          struct vendor_report *out, struct err *err)
{
    const bool power = strstr(text, "Total On-Chip Power (W)") != NULL;
    struct scan *s = calloc(1, sizeof *s);
    if (!s) return arena_exhausted(err);
    *s = (struct scan){.path = path, .instance = instance, .p = text, .out = out};
    status st = read_lines(s, power, err);
    if (st == ST_OK && !s->found)
        st = instance[0]
                 ? err_set(err, ST_RANGE,
                           "%s: expected a row of instance '%s', found none; is it a "
                           "hierarchical report?",
                           path, instance)
                 : err_set(err, ST_PARSE, "%s: expected %s, found none", path,
                           power ? "a row 'Dynamic (W)'"
                                 : "counts of LUTs or registers");
    free(s);
    return st;
}
