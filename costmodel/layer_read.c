/* layer_read.c -- tables of layers from CSV and from HAQ's .npy. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/cli.h"
#include "base/csv.h"
#include "base/npy.h"
#include "costmodel/layer_table.h"

/* What a unit measures, and what one of it is in the metric's own unit. */
static const struct {
    const char *unit;
    enum cost_metric metric;
    double scale;
} units[] = {
    {"s", COST_LATENCY_US, 1e6},
    {"ms", COST_LATENCY_US, 1e3},
    {"us", COST_LATENCY_US, 1},
    {"ns", COST_LATENCY_US, 1e-3},
    {"cycle", COST_LATENCY_US, NAN}, /* by the clock */
    {"J", COST_ENERGY_UJ, 1e6},
    {"mJ", COST_ENERGY_UJ, 1e3},
    {"uJ", COST_ENERGY_UJ, 1},
    {"nJ", COST_ENERGY_UJ, 1e-3},
    {"pJ", COST_ENERGY_UJ, 1e-6},
    {"LUT", COST_LUT, 1},
    {"FF", COST_FF, 1},
    {"DSP", COST_DSP, 1},
    {"BRAM18", COST_BRAM18, 1},
};
enum { N_UNITS = sizeof units / sizeof *units };

/* where: what the message begins with. */
static status find_unit(const char *where, const char *unit, double clock_mhz,
                        enum cost_metric *metric, double *scale, struct err *err)
{
    char known[128] = "";
    for (size_t i = 0; i < N_UNITS; i++) {
        const size_t n = strlen(known);
        snprintf(known + n, sizeof known - n, "%s%s", i ? ", " : "", units[i].unit);
        if (strcmp(units[i].unit, unit) != 0) continue;
        *metric = units[i].metric;
        *scale = isnan(units[i].scale) ? 1 / clock_mhz : units[i].scale;
        if (isfinite(*scale)) return ST_OK;
        return err_set(err, ST_USAGE,
                       "%s: cycles become time by the clock: give --clock MHZ", where);
    }
    return err_set(err, ST_PARSE, "%s: expected a unit, one of %s, found '%s'", where,
                   known, unit);
}

static status new_metric(struct layer_table *t, const char *where,
                         enum cost_metric metric, int32_t n_layers, struct arena *a,
                         struct err *err)
{
    for (int32_t i = 0; i < t->n_metrics; i++)
        if (t->metrics[i].metric == metric)
            return err_set(err, ST_PARSE,
                           "%s: expected one column of %s, found a second", where,
                           cost_metric_names[metric]);
    if (t->n_metrics == LAYER_TABLE_METRICS)
        return err_set(err, ST_UNSUPPORTED, "%s: expected at most %d metrics", where,
                       LAYER_TABLE_METRICS);
    struct layer_metric *m = &t->metrics[t->n_metrics++];
    *m = (struct layer_metric){.metric = metric};
    m->layers = ARENA_NEW(a, struct layer_series, (size_t)n_layers + 1);
    if (!m->layers) return arena_exhausted(err);
    for (int32_t l = 0; l < n_layers; l++)
        for (int k = 0; k < 81; k++)
            m->layers[l].value[k / 9][k % 9] = NAN;
    return ST_OK;
}

int32_t layer_table_find(const struct layer_table *t, const char *name)
{
    for (int32_t i = 0; i < t->n_layers; i++)
        if (strcmp(t->names[i], name) == 0) return i;
    return -1;
}

/* ---- CSV ---- */

struct columns {
    int32_t layer, wbits, abits, n;
    int32_t col[LAYER_TABLE_METRICS];
    double scale[LAYER_TABLE_METRICS];
};

static status check_bit_unit(const struct csv *c, int32_t col, struct err *err)
{
    if (!c->units[col][0] || strcmp(c->units[col], "bit") == 0) return ST_OK;
    return err_set(err, ST_PARSE, "%s:1:%d: expected unit bit for '%s', found '%s'",
                   c->path, col + 1, c->names[col], c->units[col]);
}

static status read_columns(const struct csv *c, const struct layer_read_options *o,
                           struct arena *a, struct layer_table *t, struct columns *out,
                           struct err *err)
{
    TRY(csv_need_column(c, "layer", &out->layer, err));
    TRY(csv_need_column(c, "wbits", &out->wbits, err));
    TRY(csv_need_column(c, "abits", &out->abits, err));
    TRY(check_bit_unit(c, out->wbits, err));
    TRY(check_bit_unit(c, out->abits, err));
    for (int32_t i = 0; i < c->n_cols; i++) {
        char where[300];
        enum cost_metric metric;
        if (i == out->layer || i == out->wbits || i == out->abits) continue;
        snprintf(where, sizeof where, "%.200s:1:%d: column '%.60s'", c->path, i + 1,
                 c->names[i]);
        double scale;
        TRY(find_unit(where, c->units[i], o->clock_mhz, &metric, &scale, err));
        TRY(new_metric(t, where, metric, (int32_t)c->n_rows, a, err));
        out->scale[out->n] = scale;
        out->col[out->n++] = i;
    }
    if (out->n) return ST_OK;
    return err_set(err, ST_PARSE,
                   "%s:1: expected a column with a unit beside layer, wbits and abits, "
                   "such as value[us], found none",
                   c->path);
}

static status layer_of(const struct csv *c, size_t row, int32_t col,
                       struct layer_table *t, int32_t *out, struct err *err)
{
    const char *name = csv_cell(c, row, col);
    *out = layer_table_find(t, name);
    if (*out >= 0) return ST_OK;
    if (!name[0] || strlen(name) >= LAYER_NAME_MAX)
        return err_set(err, ST_PARSE,
                       "%s:%d:%d: expected a layer's name of 1 to %d characters, found "
                       "'%.80s'",
                       c->path, c->lines[row], col + 1, LAYER_NAME_MAX - 1, name);
    *out = t->n_layers++;
    strcpy(t->names[*out], name);
    return ST_OK;
}

static status read_value(const struct csv *c, size_t row, int32_t col, double scale,
                         int w, int a, struct layer_series *s, struct err *err)
{
    double v;
    if (!csv_cell(c, row, col)[0]) return ST_OK; /* not measured */
    TRY(csv_double(c, row, col, &v, err));
    if (v <= 0)
        return err_set(
            err, ST_RANGE, "%s:%d:%d: expected a number above 0 for '%s', found '%s'",
            c->path, c->lines[row], col + 1, c->names[col], csv_cell(c, row, col));
    double *to = &s->value[w][a];
    if (!isnan(*to) && *to != v * scale)
        return err_set(err, ST_RANGE,
                       "%s:%d:%d: expected %g as before for the same layer and bits, "
                       "found %g",
                       c->path, c->lines[row], col + 1, *to / scale, v);
    s->n_points += isnan(*to);
    *to = v * scale;
    return ST_OK;
}

static status read_csv(const char *path, const struct layer_read_options *o,
                       struct arena *a, struct layer_table *t, struct err *err)
{
    struct csv c;
    struct columns cols = {.n = 0};
    TRY(csv_load(path, a, &c, err));
    TRY(read_columns(&c, o, a, t, &cols, err));
    t->names = arena_alloc(a, c.n_rows + 1, sizeof *t->names);
    if (!t->names) return arena_exhausted(err);
    for (size_t row = 0; row < c.n_rows; row++) {
        int32_t l;
        int64_t w, b;
        TRY(layer_of(&c, row, cols.layer, t, &l, err));
        TRY(csv_int(&c, row, cols.wbits, 1, 8, &w, err));
        TRY(csv_int(&c, row, cols.abits, 1, 8, &b, err));
        for (int32_t i = 0; i < cols.n; i++)
            TRY(read_value(&c, row, cols.col[i], cols.scale[i], (int)w, (int)b,
                           &t->metrics[i].layers[l], err));
    }
    if (t->n_layers > 0) return ST_OK;
    return err_set(err, ST_RANGE, "%s: expected rows of layers, found none", path);
}

/* ---- .npy ---- */

static status check_npy(const char *path, const struct layer_read_options *o,
                        const struct npy *x, struct err *err)
{
    char shape[96];
    npy_shape_text(x, shape, sizeof shape);
    if (x->n_dims != 3 || x->shape[1] != 8 || x->shape[2] != 8)
        return err_set(err, ST_PARSE, "%s: expected shape (layers, 8, 8), found %s",
                       path, shape);
    if (!o->graph)
        return err_set(err, ST_USAGE,
                       "%s: a .npy names no layers: give the network that it was "
                       "measured on, --network FILE",
                       path);
    if (x->shape[0] != (size_t)o->graph->n_layers)
        return err_set(err, ST_PARSE,
                       "%s: expected shape (%d, 8, 8) for the layers of network %s, "
                       "found %s",
                       path, (int)o->graph->n_layers, o->graph->name, shape);
    if (!o->unit)
        return err_set(err, ST_USAGE,
                       "%s: a .npy has no unit: say it, such as --unit us or --unit "
                       "cycle --clock MHZ",
                       path);
    return ST_OK;
}

static status read_npy(const char *path, const struct layer_read_options *o,
                       struct arena *a, struct layer_table *t, struct err *err)
{
    struct npy x;
    enum cost_metric metric;
    double scale;
    TRY(npy_load(path, a, &x, err));
    TRY(check_npy(path, o, &x, err));
    TRY(find_unit("--unit", o->unit, o->clock_mhz, &metric, &scale, err));
    TRY(new_metric(t, path, metric, o->graph->n_layers, a, err));
    t->n_layers = o->graph->n_layers;
    t->names = arena_alloc(a, (size_t)t->n_layers, sizeof *t->names);
    if (!t->names) return arena_exhausted(err);
    for (int32_t l = 0; l < t->n_layers; l++) {
        struct layer_series *s = &t->metrics[0].layers[l];
        strcpy(t->names[l], nn_graph_layer(o->graph, l)->name);
        for (int k = 0; k < 64; k++) {
            const double v = x.values[64 * l + k];
            if (isnan(v)) continue;
            if (!(v > 0) || !isfinite(v))
                return err_set(err, ST_RANGE,
                               "%s: [%d][%d][%d]: expected a finite number above 0 or "
                               "NaN, found %g",
                               path, (int)l, k / 8, k % 8, v);
            s->value[k / 8 + 1][k % 8 + 1] = v * scale;
            s->n_points++;
        }
    }
    return ST_OK;
}

/* ---- either ---- */

static bool is_npy(const char *path)
{
    const size_t n = strlen(path);
    return n > 4 && strcmp(path + n - 4, ".npy") == 0;
}

bool layer_table_is_input(const char *path)
{
    struct csv c;
    if (is_npy(path)) return true;
    struct arena *a = arena_new();
    if (!a) return false;
    const bool is = csv_load(path, a, &c, NULL) == ST_OK &&
                    csv_column(&c, "layer") >= 0 && csv_column(&c, "module") < 0;
    arena_free(a);
    return is;
}

status layer_table_read(const char *path, const struct layer_read_options *o,
                        struct arena *a, struct layer_table *out, struct err *err)
{
    *out = (struct layer_table){.path = path};
    return is_npy(path) ? read_npy(path, o, a, out, err)
                        : read_csv(path, o, a, out, err);
}
