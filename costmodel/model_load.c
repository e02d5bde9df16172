/* model_load.c -- reads cost.yaml strictly: every key known, every number in range,
 * every term one that this version has, and no element or formula twice. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/yaml.h"
#include "costmodel/device.h"
#include "costmodel/element_fields.h"
#include "costmodel/model_internal.h"
#include "costmodel/terms.h"

enum { COUNT_MAX = 1 << 30, ELEMENTS_MAX = 1 << 24 };

static const double METRIC_MAX = 1e15;

/* ---- elements ---- */

/* Counts stay integers that a double holds exactly; the others are any number. */
static status load_metrics(const struct yaml_node *n, struct model_element *out,
                           struct err *err)
{
    int n_found = 0;
    for (int i = 0; i < ELEMENT_N_METRICS; i++) {
        const struct yaml_node *value = yaml_find(n, element_metric_names[i]);
        out->value[i] = NAN;
        if (!value) continue;
        TRY(yaml_double(value, 0, METRIC_MAX, &out->value[i], err));
        n_found++;
    }
    if (n_found > 0) return ST_OK;
    return yaml_fail(n, ST_PARSE, err, "expected an element with a metric, found none");
}

static status load_fields(const struct yaml_node *n, struct element *e, struct err *err)
{
    for (const struct element_field *f = element_fields; f->name; f++) {
        int32_t v = 0;
        bool flag = false;
        if (!(f->modules >> e->module & 1)) continue;
        if (f->is_bool) {
            TRY(yaml_need_bool(n, f->name, &flag, err));
            v = flag;
        } else if (f->lo > 0 || yaml_find(n, f->name)) {
            TRY(yaml_need_i32(n, f->name, f->lo, f->hi, &v, err));
        }
        element_field_set(f, e, v);
    }
    return ST_OK;
}

static status check_element(const struct yaml_node *n, const struct element *e,
                            struct err *err)
{
    const struct mac_unit_config u = element_unit(e);
    struct err inner;
    if (!element_is_unit(e->module)) return ST_OK;
    const status st = mac_unit_check(&u, &inner);
    return st == ST_OK ? ST_OK : yaml_fail(n, st, err, "%s", inner.msg);
}

/* Keys of an element: its module's fields and the metrics. */
static status check_keys(const struct yaml_node *n, enum element_module m,
                         struct err *err)
{
    const char *keys[40] = {"module"};
    int n_keys = 1;
    for (const struct element_field *f = element_fields; f->name; f++)
        if (f->modules >> m & 1) keys[n_keys++] = f->name;
    for (int i = 0; i < ELEMENT_N_METRICS; i++)
        keys[n_keys++] = element_metric_names[i];
    keys[n_keys] = NULL;
    return yaml_check_keys(n, keys, err);
}

static status load_element(const struct yaml_node *n, struct device device,
                           struct model_element *out, struct err *err)
{
    int module;
    TRY(yaml_expect(n, YAML_MAP, err));
    TRY(yaml_need_enum(n, "module", element_module_names, &module, err));
    out->e.module = (enum element_module)module;
    if (module >= ELEMENT_CONTROL)
        return yaml_fail(n, ST_PARSE, err, "expected a MAC unit or requant, found %s",
                         element_module_names[module]);
    TRY(check_keys(n, out->e.module, err));
    TRY(load_fields(n, &out->e, err));
    out->e.dsp48e2 = module == ELEMENT_PACKED && device.dsp48e2;
    TRY(check_element(n, &out->e, err));
    return load_metrics(n, out, err);
}

/* ---- formulas ---- */

static status load_term(const struct yaml_node *n, struct model_fit *f, struct err *err)
{
    static const char *const keys[] = {"name", "size", "coefficient", "unit", NULL};
    const char *name;
    const int32_t i = f->formula.n_terms;
    TRY(yaml_expect(n, YAML_MAP, err));
    TRY(yaml_check_keys(n, keys, err));
    TRY(yaml_need_text(n, "name", &name, err));
    f->formula.terms[i] = terms_find(f->module, f->metric, name);
    if (f->formula.terms[i] < 0)
        return yaml_fail(n, ST_PARSE, err, "expected a term of %s for %s, found '%s'",
                         element_module_names[f->module],
                         element_metric_names[f->metric], name);
    TRY(yaml_need_double(n, "coefficient", 0, METRIC_MAX, &f->formula.coefficients[i],
                         err));
    f->formula.n_terms++;
    return ST_OK;
}

static status load_terms(const struct yaml_node *n, struct model_fit *f,
                         struct err *err)
{
    TRY(yaml_expect(n, YAML_SEQ, err));
    if (yaml_size(n) < 1 || yaml_size(n) > FIT_MAX_TERMS)
        return yaml_fail(n, ST_RANGE, err, "expected 1 to %d terms, found %zu",
                         FIT_MAX_TERMS, yaml_size(n));
    for (size_t i = 0; i < yaml_size(n); i++)
        TRY(load_term(yaml_item(n, i), f, err));
    return ST_OK;
}

static status load_error(const struct yaml_node *n, int32_t *n_rows,
                         struct fit_error *e, struct err *err)
{
    static const char *const keys[] = {
        "n", "mean", "median", "max", "max_absolute", "half_width", "coverage", NULL};
    TRY(yaml_expect(n, YAML_MAP, err));
    TRY(yaml_check_keys(n, keys, err));
    TRY(yaml_need_i32(n, "n", 1, COUNT_MAX, n_rows, err));
    TRY(yaml_need_double(n, "mean", 0, COUNT_MAX, &e->mean, err));
    TRY(yaml_need_double(n, "median", 0, COUNT_MAX, &e->median, err));
    TRY(yaml_need_double(n, "max", 0, COUNT_MAX, &e->max, err));
    TRY(yaml_need_double(n, "max_absolute", 0, METRIC_MAX, &e->max_abs, err));
    TRY(yaml_need_double(n, "half_width", 0, COUNT_MAX, &e->half_width, err));
    return yaml_need_double(n, "coverage", 0, 1, &e->coverage, err);
}

static status load_box(const struct yaml_node *n, struct model_fit *f, struct err *err)
{
    TRY(yaml_expect(n, YAML_MAP, err));
    TRY(yaml_check_keys(n, box_parameter_names, err));
    for (int i = 0; i < BOX_N; i++) {
        const struct yaml_node *range = yaml_find(n, box_parameter_names[i]);
        int64_t lo = 0, hi = 0;
        if (range) {
            TRY(yaml_expect(range, YAML_SEQ, err));
            if (yaml_size(range) != 2)
                return yaml_fail(range, ST_PARSE, err,
                                 "expected [lowest, highest], found %zu items",
                                 yaml_size(range));
            TRY(yaml_int(yaml_item(range, 0), 0, COUNT_MAX, &lo, err));
            TRY(yaml_int(yaml_item(range, 1), lo, COUNT_MAX, &hi, err));
        }
        f->box_lo[i] = (int32_t)lo;
        f->box_hi[i] = (int32_t)hi;
    }
    return ST_OK;
}

static status load_identity(const struct yaml_node *n, struct model_fit *f,
                            struct err *err)
{
    int module, metric;
    const char *name;
    TRY(yaml_need_enum(n, "module", element_module_names, &module, err));
    TRY(yaml_need_enum(n, "metric", element_metric_names, &metric, err));
    TRY(yaml_need_text(n, "class", &name, err));
    f->module = (enum element_module)module;
    f->metric = (enum element_metric)metric;
    f->i_class = element_class_find(f->module, name);
    if (f->i_class < 0)
        return yaml_fail(n, ST_PARSE, err, "expected a class of %s, found '%s'",
                         element_module_names[module], name);
    return ST_OK;
}

static status load_fit(const struct yaml_node *n, struct model_fit *f, struct err *err)
{
    static const char *const keys[] = {"module",   "class",  "metric", "n_rows",
                                       "n_groups", "terms",  "train",  "box",
                                       "formula",  "scaled", NULL};
    static const char *const train_keys[] = {"mean", "max", NULL};
    const struct yaml_node *child;
    int32_t n_rows;
    TRY(yaml_expect(n, YAML_MAP, err));
    TRY(yaml_check_keys(n, keys, err));
    TRY(load_identity(n, f, err));
    TRY(yaml_need_i32(n, "n_rows", 1, COUNT_MAX, &f->n_rows, err));
    TRY(yaml_need_i32(n, "n_groups", 1, COUNT_MAX, &f->n_groups, err));
    TRY(yaml_need(n, "terms", &child, err));
    TRY(load_terms(child, f, err));
    TRY(yaml_need(n, "train", &child, err));
    TRY(yaml_expect(child, YAML_MAP, err));
    TRY(yaml_check_keys(child, train_keys, err));
    TRY(yaml_need_double(child, "mean", 0, COUNT_MAX, &f->train_mean, err));
    TRY(yaml_need_double(child, "max", 0, COUNT_MAX, &f->train_max, err));
    TRY(yaml_need(n, "formula", &child, err));
    TRY(load_error(child, &n_rows, &f->held_out, err));
    child = yaml_find(n, "scaled");
    if (child) TRY(load_error(child, &f->n_scaled, &f->scaled, err));
    TRY(yaml_need(n, "box", &child, err));
    return load_box(child, f, err);
}

/* ---- toolchains ---- */

/* Lists come with their length, so that a truncated file cannot pass for a shorter
 * one.  n: the list; `key` of `map` says how many items it has. */
static status check_count(const struct yaml_node *map, const char *key,
                          const struct yaml_node *n, struct err *err)
{
    int64_t count;
    TRY(yaml_expect(n, YAML_SEQ, err));
    TRY(yaml_need_int(map, key, 0, COUNT_MAX, &count, err));
    if ((size_t)count == yaml_size(n)) return ST_OK;
    return yaml_fail(n, ST_PARSE, err, "expected %lld items, as %s says, found %zu",
                     (long long)count, key, yaml_size(n));
}

static status load_fits(const struct yaml_node *n, struct arena *a,
                        struct model_toolchain *t, struct err *err)
{
    t->fits = ARENA_NEW(a, struct model_fit, yaml_size(n) + 1);
    if (!t->fits) return arena_exhausted(err);
    for (size_t i = 0; i < yaml_size(n); i++) {
        struct model_fit *f = &t->fits[t->n_fits];
        TRY(load_fit(yaml_item(n, i), f, err));
        for (int32_t k = 0; k < t->n_fits; k++)
            if (t->fits[k].module == f->module && t->fits[k].i_class == f->i_class &&
                t->fits[k].metric == f->metric)
                return yaml_fail(
                    yaml_item(n, i), ST_PARSE, err,
                    "expected one formula for the %s of %s class %s, found a "
                    "second",
                    element_metric_names[f->metric], element_module_names[f->module],
                    element_class_name(f->module, f->i_class));
        t->n_fits++;
    }
    return ST_OK;
}

static status load_elements(const struct yaml_node *n, struct arena *a,
                            struct model_toolchain *t, struct err *err)
{
    if (yaml_size(n) > ELEMENTS_MAX)
        return yaml_fail(n, ST_RANGE, err, "expected at most %d elements, found %zu",
                         ELEMENTS_MAX, yaml_size(n));
    t->elements = ARENA_NEW(a, struct model_element, yaml_size(n) + 1);
    if (!t->elements) return arena_exhausted(err);
    for (size_t i = 0; i < yaml_size(n); i++)
        TRY(load_element(yaml_item(n, i), device_of(t->name), &t->elements[i], err));
    t->n_elements = (int32_t)yaml_size(n);
    TRY(model_index(t, a, err));
    for (int32_t i = 1; i < t->n_elements; i++) {
        char text[128];
        if (t->elements[i].key == t->elements[i - 1].key)
            return yaml_fail(n, ST_PARSE, err,
                             "expected every element once, found %s %s twice",
                             element_module_names[t->elements[i].e.module],
                             element_describe(&t->elements[i].e, text, sizeof text));
    }
    return ST_OK;
}

static status load_toolchain(const struct yaml_node *n, struct arena *a,
                             struct model_toolchain *t, struct err *err)
{
    static const char *const keys[] = {
        "name",   "target", "tool_version", "options",  "stimulus",
        "n_fits", "fits",   "n_elements",   "elements", NULL};
    static const char *const targets[] = {"xc7", "ice40", "none", NULL};
    const char *name, *version, *options, *stimulus;
    const struct yaml_node *child;
    int target;
    TRY(yaml_expect(n, YAML_MAP, err));
    TRY(yaml_check_keys(n, keys, err));
    TRY(yaml_need_text(n, "name", &name, err));
    TRY(yaml_need_enum(n, "target", targets, &target, err));
    TRY(yaml_need_text(n, "tool_version", &version, err));
    TRY(yaml_need_text(n, "options", &options, err));
    TRY(yaml_need_text(n, "stimulus", &stimulus, err));
    if (!name[0] || strlen(name) >= sizeof t->name)
        return yaml_fail(n, ST_RANGE, err,
                         "expected a name of 1 to %zu characters, found '%s'",
                         sizeof t->name - 1, name);
    snprintf(t->name, sizeof t->name, "%s", name);
    snprintf(t->tool_version, sizeof t->tool_version, "%s", version);
    snprintf(t->options, sizeof t->options, "%s", options);
    snprintf(t->stimulus, sizeof t->stimulus, "%s", stimulus);
    t->target = (enum rtl_target)target;
    TRY(yaml_need(n, "fits", &child, err));
    TRY(check_count(n, "n_fits", child, err));
    TRY(load_fits(child, a, t, err));
    TRY(yaml_need(n, "elements", &child, err));
    TRY(check_count(n, "n_elements", child, err));
    return load_elements(child, a, t, err);
}

/* Before anything else is looked at: other versions have other keys. */
static status check_version(const struct yaml_node *root, struct err *err)
{
    int64_t version;
    TRY(yaml_need_int(root, "version", 1, INT32_MAX, &version, err));
    if (version == COST_MODEL_VERSION) return ST_OK;
    return yaml_fail(yaml_find(root, "version"), ST_UNSUPPORTED, err,
                     "expected a cost model of version %d, found version %lld; %s",
                     COST_MODEL_VERSION, (long long)version,
                     version < COST_MODEL_VERSION
                         ? "fit the measurements again (bitwright fit)"
                         : "it is of a later bitwright");
}

static status load_model(const struct yaml_node *root, struct arena *a,
                         struct cost_model *m, struct err *err)
{
    static const char *const keys[] = {"version", "provenance", "n_toolchains",
                                       "toolchains", NULL};
    const struct yaml_node *list;
    TRY(yaml_expect(root, YAML_MAP, err));
    TRY(check_version(root, err));
    TRY(yaml_check_keys(root, keys, err));
    TRY(yaml_need(root, "toolchains", &list, err));
    TRY(check_count(root, "n_toolchains", list, err));
    if (yaml_size(list) < 1 || yaml_size(list) > MODEL_TOOLCHAINS_MAX)
        return yaml_fail(list, ST_RANGE, err, "expected 1 to %d toolchains, found %zu",
                         MODEL_TOOLCHAINS_MAX, yaml_size(list));
    for (size_t i = 0; i < yaml_size(list); i++) {
        struct model_toolchain *t = &m->toolchains[i];
        TRY(load_toolchain(yaml_item(list, i), a, t, err));
        for (int32_t k = 0; k < m->n_toolchains; k++)
            if (strcmp(m->toolchains[k].name, t->name) == 0)
                return yaml_fail(yaml_item(list, i), ST_PARSE, err,
                                 "expected every toolchain once, found '%s' twice",
                                 t->name);
        m->n_toolchains++;
    }
    return ST_OK;
}

status cost_model_load(const char *path, struct arena *a, struct cost_model **out,
                       struct err *err)
{
    struct yaml_doc *doc;
    *out = ARENA_NEW(a, struct cost_model, 1);
    if (!*out) return arena_exhausted(err);
    TRY(yaml_open(path, &doc, err));
    const status st = load_model(yaml_root(doc), a, *out, err);
    yaml_close(doc);
    return st;
}
