/* read_plan.c -- plan.yaml; its format: search/plan.h. */
#include <math.h>
#include <stdlib.h>

#include "reports/artefacts.h"
#include "reports/source.h"

/* Bounds of counts that a plan can hold; only to refuse nonsense. */
enum { LAYERS_MAX = 4096, BITS_MAX = 32 };
#define HUGE_COST 1e18

/* The metric of that name, made if it is new.  NULL if the table is full. */
static struct report_metric *metric_of(struct report *r, struct arena *a,
                                       const char *name)
{
    const int32_t i = report_metric_find(r, name);
    if (i >= 0) return &r->metrics[i];
    if (r->n_metrics == REPORT_METRICS_MAX) return NULL;
    struct report_metric *m = &r->metrics[r->n_metrics];
    *m = (struct report_metric){.est = NAN, .lo = NAN, .hi = NAN, .meas = NAN};
    m->name = arena_strdup(a, name);
    m->level = "";
    m->budget = INFINITY;
    if (m->name == NULL) return NULL;
    r->n_metrics++;
    return m;
}

static status too_many_metrics(const struct yaml_node *n, struct err *err)
{
    return yaml_fail(n, ST_RANGE, err, "expected at most %d metrics",
                     REPORT_METRICS_MAX);
}

static status text_of(const struct yaml_node *map, const char *key, struct arena *a,
                      const char **out, struct err *err)
{
    const char *text;
    TRY(yaml_need_text(map, key, &text, err));
    *out = arena_strdup(a, text);
    return *out == NULL ? arena_exhausted(err) : ST_OK;
}

static status read_estimates(const struct yaml_node *root, struct arena *a,
                             struct report *r, struct err *err)
{
    const struct yaml_node *map;
    TRY(yaml_need(root, "estimate", &map, err));
    TRY(yaml_expect(map, YAML_MAP, err));
    for (size_t i = 0; i < yaml_size(map); i++) {
        const struct yaml_node *v = yaml_pair_value(map, i);
        TRY(yaml_expect(v, YAML_MAP, err));
        struct report_metric *m = metric_of(r, a, yaml_pair_key(map, i));
        if (m == NULL) return too_many_metrics(v, err);
        TRY(yaml_need_double(v, "value", 0, HUGE_COST, &m->est, err));
        TRY(yaml_need_double(v, "lo", -HUGE_COST, HUGE_COST, &m->lo, err));
        TRY(yaml_need_double(v, "hi", 0, HUGE_COST, &m->hi, err));
        if (yaml_find(v, "level") != NULL) TRY(text_of(v, "level", a, &m->level, err));
    }
    return ST_OK;
}

static status read_budget(const struct yaml_node *root, struct arena *a,
                          struct report *r, struct err *err)
{
    const struct yaml_node *map;
    TRY(yaml_need(root, "budget", &map, err));
    TRY(yaml_expect(map, YAML_MAP, err));
    for (size_t i = 0; i < yaml_size(map); i++) {
        const struct yaml_node *v = yaml_pair_value(map, i);
        if (yaml_kind_of(v) != YAML_SCALAR) continue;
        struct report_metric *m = metric_of(r, a, yaml_pair_key(map, i));
        if (m == NULL) return too_many_metrics(v, err);
        TRY(yaml_double(v, 0, HUGE_COST, &m->budget, err));
    }
    return ST_OK;
}

/* Costs under the names of the metrics; NAN where the map has none. */
static status read_costs(const struct yaml_node *map, const struct report *r,
                         double cost[REPORT_METRICS_MAX], struct err *err)
{
    for (int32_t i = 0; i < r->n_metrics; i++) {
        const struct yaml_node *v = yaml_find(map, r->metrics[i].name);
        cost[i] = NAN;
        if (v != NULL) TRY(yaml_double(v, -HUGE_COST, HUGE_COST, &cost[i], err));
    }
    return ST_OK;
}

static status read_uniform(const struct yaml_node *accuracy, struct arena *a,
                           struct report *r, struct err *err)
{
    const struct yaml_node *map = yaml_find(accuracy, "uniform");
    if (map == NULL) return ST_OK;
    TRY(yaml_expect(map, YAML_MAP, err));
    const size_t n = yaml_size(map);
    r->uniform = ARENA_NEW(a, struct report_uniform, n);
    if (n > 0 && r->uniform == NULL) return arena_exhausted(err);
    for (size_t i = 0; i < n; i++) {
        const struct yaml_node *v = yaml_pair_value(map, i);
        struct report_uniform *u = &r->uniform[i];
        char *end;
        const char *bits = yaml_pair_key(map, i);
        u->bits = (int32_t)strtol(bits, &end, 10);
        if (*end != '\0' || u->bits < 1 || u->bits > BITS_MAX)
            return yaml_fail(v, ST_RANGE, err, "expected bits from 1 to %d, found '%s'",
                             BITS_MAX, bits);
        TRY(yaml_expect(v, YAML_MAP, err));
        TRY(yaml_need_double(v, "accuracy", 0, 1, &u->accuracy, err));
        TRY(yaml_need_bool(v, "budget_met", &u->budget_met, err));
        TRY(read_costs(v, r, u->cost, err));
    }
    r->n_uniform = (int32_t)n;
    return ST_OK;
}

static status read_accuracy(const struct yaml_node *root, struct arena *a,
                            struct report *r, struct err *err)
{
    const struct yaml_node *map;
    TRY(yaml_need(root, "accuracy", &map, err));
    TRY(yaml_expect(map, YAML_MAP, err));
    TRY(yaml_need_double(map, "plan", 0, 1, &r->accuracy, err));
    r->accuracy_float = NAN;
    if (yaml_find(map, "float") != NULL)
        TRY(yaml_need_double(map, "float", 0, 1, &r->accuracy_float, err));
    TRY(yaml_need_i32(map, "n_images", 0, INT32_MAX, &r->n_test_images, err));
    return read_uniform(map, a, r, err);
}

/* values: {w: {2: 0.1, ...}, a: {...}}; candidates only. */
static status read_values(const struct yaml_node *values, const char *side,
                          double out[REPORT_BITS_MAX + 1], struct err *err)
{
    const struct yaml_node *map;
    TRY(yaml_need(values, side, &map, err));
    TRY(yaml_expect(map, YAML_MAP, err));
    for (int b = 0; b <= REPORT_BITS_MAX; b++) {
        const char key[2] = {(char)('0' + b), '\0'};
        const struct yaml_node *v = yaml_find(map, key);
        out[b] = NAN;
        if (v != NULL) TRY(yaml_double(v, -HUGE_COST, HUGE_COST, &out[b], err));
    }
    return ST_OK;
}

/* A plan by a table of layers knows neither folding nor, often, LUTs. */
static status read_hardware(const struct yaml_node *v, bool by_table,
                            struct report_layer *l, struct err *err)
{
    l->est_lut = l->est_cycles = NAN;
    if (!by_table || yaml_find(v, "lut"))
        TRY(yaml_need_double(v, "lut", 0, HUGE_COST, &l->est_lut, err));
    if (by_table) return ST_OK;
    TRY(yaml_need_i32(v, "PE", 1, INT32_MAX, &l->PE, err));
    TRY(yaml_need_i32(v, "SIMD", 1, INT32_MAX, &l->SIMD, err));
    return yaml_need_double(v, "cycles", 0, HUGE_COST, &l->est_cycles, err);
}

static status read_layer(const struct yaml_node *v, bool by_table, struct arena *a,
                         struct report_layer *l, struct err *err)
{
    TRY(yaml_expect(v, YAML_MAP, err));
    TRY(text_of(v, "name", a, &l->name, err));
    TRY(yaml_need_i32(v, "wbits", 1, BITS_MAX, &l->wbits, err));
    TRY(yaml_need_i32(v, "abits", 1, BITS_MAX, &l->abits, err));
    TRY(read_hardware(v, by_table, l, err));
    l->est_lut_lo = l->est_lut_hi = l->est_lut;
    l->meas_lut = l->meas_cycles = NAN;
    l->bit_exact = -1;
    l->difference = "";
    const struct yaml_node *values = yaml_find(v, "values");
    l->has_values = values != NULL;
    if (values == NULL) return ST_OK;
    TRY(yaml_expect(values, YAML_MAP, err));
    TRY(read_values(values, "w", l->w_value, err));
    return read_values(values, "a", l->a_value, err);
}

static status read_layers(const struct yaml_node *root, struct arena *a,
                          struct report *r, struct err *err)
{
    const struct yaml_node *seq;
    TRY(yaml_need(root, "layers", &seq, err));
    TRY(yaml_expect(seq, YAML_SEQ, err));
    const size_t n = yaml_size(seq);
    if (n < 1 || n > LAYERS_MAX)
        return yaml_fail(seq, ST_RANGE, err, "expected 1 to %d layers, found %zu",
                         LAYERS_MAX, n);
    r->layers = ARENA_NEW(a, struct report_layer, n);
    if (r->layers == NULL) return arena_exhausted(err);
    for (size_t i = 0; i < n; i++)
        TRY(read_layer(yaml_item(seq, i), report_by_table(r), a, &r->layers[i], err));
    r->n_layers = (int32_t)n;
    return ST_OK;
}

static status read_record(const struct yaml_node *v, const struct report *r,
                          struct report_record *out, struct err *err)
{
    TRY(yaml_expect(v, YAML_MAP, err));
    TRY(yaml_need_int(v, "step", 0, INT64_MAX, &out->step, err));
    TRY(yaml_need_double(v, "loss", -HUGE_COST, HUGE_COST, &out->loss, err));
    TRY(yaml_need_i32(v, "decided", 0, INT32_MAX, &out->n_decided, err));
    return read_costs(v, r, out->expected, err);
}

static status read_history(const struct yaml_node *root, struct arena *a,
                           struct report *r, struct err *err)
{
    const struct yaml_node *seq = yaml_find(root, "history");
    if (seq == NULL) return ST_OK;
    TRY(yaml_expect(seq, YAML_SEQ, err));
    const size_t n = yaml_size(seq);
    r->records = ARENA_NEW(a, struct report_record, n);
    if (n > 0 && r->records == NULL) return arena_exhausted(err);
    for (size_t i = 0; i < n; i++)
        TRY(read_record(yaml_item(seq, i), r, &r->records[i], err));
    r->n_records = (int32_t)n;
    return ST_OK;
}

static status read_heading(const struct yaml_node *root, struct arena *a,
                           struct report *r, struct err *err)
{
    TRY(report_source_version(root, 1, err));
    TRY(text_of(root, "method", a, &r->method, err));
    TRY(text_of(root, "network", a, &r->network, err));
    TRY(text_of(root, "data", a, &r->dataset, err));
    TRY(text_of(root, "target", a, &r->target, err));
    TRY(yaml_need_int(root, "seed", 0, INT64_MAX, &r->seed, err));
    r->fps = r->clock_mhz = 0;
    if (!report_by_table(r)) {
        TRY(yaml_need_double(root, "fps", 0, HUGE_COST, &r->fps, err));
        TRY(yaml_need_double(root, "clock_mhz", 0, HUGE_COST, &r->clock_mhz, err));
    }
    r->accel = "";
    const struct yaml_node *files = yaml_find(root, "files");
    if (files == NULL) return ST_OK;
    TRY(yaml_expect(files, YAML_MAP, err));
    if (yaml_find(files, "accel") != NULL)
        TRY(text_of(files, "accel", a, &r->accel, err));
    return ST_OK;
}

status report_read_plan(const char *path, struct arena *a, struct report *r,
                        struct err *err)
{
    struct yaml_doc *doc;
    struct report_file *file;
    status st;
    TRY(yaml_open(path, &doc, err));
    const struct yaml_node *root = yaml_root(doc);
    TRY_OUT(report_source_add(&r->files, "plan", path, a, &file, err));
    TRY_OUT(read_heading(root, a, r, err));
    TRY_OUT(read_estimates(root, a, r, err));
    TRY_OUT(read_budget(root, a, r, err));
    TRY_OUT(read_accuracy(root, a, r, err));
    TRY_OUT(read_layers(root, a, r, err));
    TRY_OUT(read_history(root, a, r, err));
    st = report_source_yaml(file, root, a, err);
out:
    yaml_close(doc);
    return st;
}
