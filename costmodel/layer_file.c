/* layer_file.c -- the file of a table of layers; its format: layer_table.h. */
#include <math.h>
#include <string.h>

#include "base/file.h"
#include "base/yaml.h"
#include "costmodel/layer_table.h"

#define VALUE_MAX 1e18

/* ---- write ---- */

static void put_held_out(struct yaml_out *o, const struct layer_metric *m)
{
    const struct fit_error *e = &m->held_out;
    const struct {
        const char *key;
        double value;
    } pairs[] = {{"mean", e->mean},
                 {"median", e->median},
                 {"max", e->max},
                 {"half_width", e->half_width},
                 {"coverage", e->coverage}};
    yaml_out_key(o, "held_out");
    yaml_out_map(o, true);
    yaml_out_key(o, "n");
    yaml_out_int(o, m->n_held_out);
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        yaml_out_key(o, pairs[i].key);
        yaml_out_double(o, pairs[i].value);
    }
    yaml_out_end(o);
}

static void put_metric(struct yaml_out *o, const struct layer_metric *m)
{
    yaml_out_map(o, false);
    yaml_out_key(o, "metric");
    yaml_out_text(o, cost_metric_names[m->metric]);
    yaml_out_key(o, "form");
    yaml_out_text(o, layer_form_names[m->form]);
    if (m->n_held_out) put_held_out(o, m);
    yaml_out_end(o);
}

static void put_series(struct yaml_out *o, const struct layer_series *s)
{
    yaml_out_map(o, false);
    yaml_out_key(o, "points");
    yaml_out_seq(o, true);
    for (int w = 1; w < 9; w++)
        for (int a = 1; a < 9; a++) {
            if (isnan(s->value[w][a])) continue;
            yaml_out_seq(o, true);
            yaml_out_int(o, w);
            yaml_out_int(o, a);
            yaml_out_double(o, s->value[w][a]);
            yaml_out_end(o);
        }
    yaml_out_end(o);
    if (s->formula.known) {
        yaml_out_key(o, "coefficients");
        yaml_out_seq(o, true);
        for (int k = 0; k < LAYER_N_COEFFICIENTS; k++)
            yaml_out_double(o, s->formula.coefficient[k]);
        yaml_out_end(o);
    }
    yaml_out_end(o);
}

status layer_table_save(const struct layer_table *t, const struct provenance *p,
                        const char *path, struct err *err)
{
    struct yaml_out *o;
    TRY(yaml_out_open(path, &o, err));
    yaml_out_map(o, false);
    yaml_out_key(o, "version");
    yaml_out_int(o, 1);
    yaml_out_key(o, "kind");
    yaml_out_text(o, "layer_table");
    provenance_yaml(p, o);
    yaml_out_key(o, "metrics");
    yaml_out_seq(o, false);
    for (int32_t i = 0; i < t->n_metrics; i++)
        put_metric(o, &t->metrics[i]);
    yaml_out_end(o);
    yaml_out_key(o, "layers");
    yaml_out_seq(o, false);
    for (int32_t l = 0; l < t->n_layers; l++) {
        yaml_out_map(o, false);
        yaml_out_key(o, "name");
        yaml_out_text(o, t->names[l]);
        for (int32_t i = 0; i < t->n_metrics; i++) {
            yaml_out_key(o, cost_metric_names[t->metrics[i].metric]);
            put_series(o, &t->metrics[i].layers[l]);
        }
        yaml_out_end(o);
    }
    yaml_out_end(o);
    yaml_out_end(o);
    return yaml_out_commit(o, err);
}

/* ---- read ---- */

static status read_held_out(const struct yaml_node *n, struct layer_metric *m,
                            struct err *err)
{
    static const char *const keys[] = {"n",          "mean",     "median", "max",
                                       "half_width", "coverage", NULL};
    struct fit_error *e = &m->held_out;
    TRY(yaml_expect(n, YAML_MAP, err));
    TRY(yaml_check_keys(n, keys, err));
    TRY(yaml_need_i32(n, "n", 1, INT32_MAX, &m->n_held_out, err));
    TRY(yaml_need_double(n, "mean", 0, VALUE_MAX, &e->mean, err));
    TRY(yaml_need_double(n, "median", 0, VALUE_MAX, &e->median, err));
    TRY(yaml_need_double(n, "max", 0, VALUE_MAX, &e->max, err));
    TRY(yaml_need_double(n, "half_width", 0, VALUE_MAX, &e->half_width, err));
    return yaml_need_double(n, "coverage", 0, 1, &e->coverage, err);
}

static status read_metric(const struct yaml_node *n, struct layer_metric *m,
                          struct err *err)
{
    static const char *const keys[] = {"metric", "form", "held_out", NULL};
    int metric, form;
    TRY(yaml_expect(n, YAML_MAP, err));
    TRY(yaml_check_keys(n, keys, err));
    TRY(yaml_need_enum(n, "metric", cost_metric_names, &metric, err));
    TRY(yaml_need_enum(n, "form", layer_form_names, &form, err));
    *m = (struct layer_metric){.metric = (enum cost_metric)metric,
                               .form = (enum layer_form)form};
    const struct yaml_node *held_out = yaml_find(n, "held_out");
    return held_out ? read_held_out(held_out, m, err) : ST_OK;
}

static status read_point(const struct yaml_node *n, struct layer_series *s,
                         struct err *err)
{
    int64_t w, a;
    TRY(yaml_expect(n, YAML_SEQ, err));
    if (yaml_size(n) != 3)
        return yaml_fail(n, ST_PARSE, err, "expected [wbits, abits, value], found %zu",
                         yaml_size(n));
    TRY(yaml_int(yaml_item(n, 0), 1, 8, &w, err));
    TRY(yaml_int(yaml_item(n, 1), 1, 8, &a, err));
    if (!isnan(s->value[w][a]))
        return yaml_fail(n, ST_PARSE, err, "expected every point once, found it twice");
    s->n_points++;
    struct layer_formula *f = &s->formula;
    if (w < f->w_lo) f->w_lo = (int32_t)w;
    if (w > f->w_hi) f->w_hi = (int32_t)w;
    if (a < f->a_lo) f->a_lo = (int32_t)a;
    if (a > f->a_hi) f->a_hi = (int32_t)a;
    return yaml_double(yaml_item(n, 2), 1e-18, VALUE_MAX, &s->value[w][a], err);
}

static status read_series(const struct yaml_node *n, const struct layer_metric *m,
                          struct layer_series *s, struct err *err)
{
    static const char *const keys[] = {"points", "coefficients", NULL};
    const struct yaml_node *points;
    for (int k = 0; k < 81; k++)
        s->value[k / 9][k % 9] = NAN;
    s->formula = (struct layer_formula){.w_lo = 8, .w_hi = 1, .a_lo = 8, .a_hi = 1};
    TRY(yaml_expect(n, YAML_MAP, err));
    TRY(yaml_check_keys(n, keys, err));
    TRY(yaml_need(n, "points", &points, err));
    TRY(yaml_expect(points, YAML_SEQ, err));
    for (size_t i = 0; i < yaml_size(points); i++)
        TRY(read_point(yaml_item(points, i), s, err));
    const struct yaml_node *c = yaml_find(n, "coefficients");
    if (!c) return ST_OK;
    TRY(yaml_expect(c, YAML_SEQ, err));
    if (yaml_size(c) != LAYER_N_COEFFICIENTS || !m->n_held_out)
        return yaml_fail(c, ST_PARSE, err,
                         "expected %d coefficients of a metric with held_out",
                         LAYER_N_COEFFICIENTS);
    s->formula.known = true;
    for (size_t k = 0; k < LAYER_N_COEFFICIENTS; k++)
        TRY(yaml_double(yaml_item(c, k), 0, VALUE_MAX, &s->formula.coefficient[k],
                        err));
    return ST_OK;
}

static status read_layer(const struct yaml_node *n, struct layer_table *t,
                         struct err *err)
{
    const char *keys[LAYER_TABLE_METRICS + 2] = {"name"};
    const char *name;
    for (int32_t i = 0; i < t->n_metrics; i++)
        keys[i + 1] = cost_metric_names[t->metrics[i].metric];
    TRY(yaml_expect(n, YAML_MAP, err));
    TRY(yaml_check_keys(n, keys, err));
    TRY(yaml_need_text(n, "name", &name, err));
    if (strlen(name) >= LAYER_NAME_MAX || layer_table_find(t, name) >= 0)
        return yaml_fail(n, ST_PARSE, err,
                         "expected a name of its own of at most %d characters, found "
                         "'%.80s'",
                         LAYER_NAME_MAX - 1, name);
    strcpy(t->names[t->n_layers], name);
    for (int32_t i = 0; i < t->n_metrics; i++) {
        const struct yaml_node *series;
        TRY(yaml_need(n, keys[i + 1], &series, err));
        TRY(read_series(series, &t->metrics[i], &t->metrics[i].layers[t->n_layers],
                        err));
    }
    t->n_layers++;
    return ST_OK;
}

static status read_root(const struct yaml_node *root, struct arena *a,
                        struct layer_table *t, struct err *err)
{
    static const char *const keys[] = {"version", "kind",   "provenance",
                                       "metrics", "layers", NULL};
    static const char *const kinds[] = {"layer_table", NULL};
    const struct yaml_node *metrics, *layers;
    int64_t version;
    int kind;
    TRY(yaml_expect(root, YAML_MAP, err));
    TRY(yaml_check_keys(root, keys, err));
    TRY(yaml_need_int(root, "version", 1, 1, &version, err));
    TRY(yaml_need_enum(root, "kind", kinds, &kind, err));
    TRY(yaml_need(root, "metrics", &metrics, err));
    TRY(yaml_expect(metrics, YAML_SEQ, err));
    TRY(yaml_need(root, "layers", &layers, err));
    TRY(yaml_expect(layers, YAML_SEQ, err));
    if (yaml_size(metrics) < 1 || yaml_size(metrics) > LAYER_TABLE_METRICS)
        return yaml_fail(metrics, ST_RANGE, err, "expected 1 to %d metrics, found %zu",
                         LAYER_TABLE_METRICS, yaml_size(metrics));
    t->names = arena_alloc(a, yaml_size(layers) + 1, sizeof *t->names);
    if (!t->names) return arena_exhausted(err);
    for (size_t i = 0; i < yaml_size(metrics); i++) {
        struct layer_metric *m = &t->metrics[t->n_metrics++];
        TRY(read_metric(yaml_item(metrics, i), m, err));
        m->layers = ARENA_NEW(a, struct layer_series, yaml_size(layers) + 1);
        if (!m->layers) return arena_exhausted(err);
    }
    for (size_t l = 0; l < yaml_size(layers); l++)
        TRY(read_layer(yaml_item(layers, l), t, err));
    return ST_OK;
}

status layer_table_load(const char *path, struct arena *a, struct layer_table *out,
                        struct err *err)
{
    struct yaml_doc *doc;
    *out = (struct layer_table){.path = path};
    TRY(yaml_open(path, &doc, err));
    const status st = read_root(yaml_root(doc), a, out, err);
    yaml_close(doc);
    return st;
}

bool layer_table_is_file(const char *path)
{
    struct yaml_doc *doc;
    const char *kind;
    if (yaml_open(path, &doc, NULL) != ST_OK) return false;
    const struct yaml_node *root = yaml_root(doc);
    const struct yaml_node *n =
        yaml_kind_of(root) == YAML_MAP ? yaml_find(root, "kind") : NULL;
    const bool is = n && yaml_kind_of(n) == YAML_SCALAR &&
                    yaml_text(n, &kind, NULL) == ST_OK &&
                    strcmp(kind, "layer_table") == 0;
    yaml_close(doc);
    return is;
}
