/* account_json.c -- the same as data. */
#include <string.h>

#include "costmodel/account.h"
#include "costmodel/terms.h"

static json_t *error_json(int32_t n, const struct fit_error *e)
{
    return json_pack("{s:i, s:f, s:f, s:f, s:f, s:f, s:f}", "n", (int)n, "mean",
                     e->mean, "median", e->median, "max", e->max, "max_lut", e->max_lut,
                     "half_width", e->half_width, "coverage", e->coverage);
}

static json_t *terms_json(const struct model_fit *f)
{
    int32_t n;
    const struct cost_term *terms = terms_of(f->module, &n);
    json_t *list = json_array();
    for (int32_t i = 0; list && i < f->formula.n_terms; i++) {
        const struct cost_term *t = &terms[f->formula.terms[i]];
        json_t *term = json_pack("{s:s, s:s, s:f, s:s, s:s}", "name", t->name, "size",
                                 t->size, "coefficient", f->formula.coefficients[i],
                                 "unit", t->unit, "reason", t->reason);
        if (json_array_append_new(list, term) != 0) {
            json_decref(list);
            return NULL;
        }
    }
    return list;
}

static json_t *class_json(const struct calibrate_class *c)
{
    const struct model_fit *f = c->fit;
    json_t *o =
        json_pack("{s:s, s:s, s:i, s:i}", "module", element_module_names[c->module],
                  "class", element_class_name(c->module, c->i_class), "n_rows",
                  (int)c->n_rows, "n_groups", (int)c->n_groups);
    if (!f) {
        if (json_object_set_new(o, "table_only", json_string(c->why)) != 0) goto fail;
        return o;
    }
    if (json_object_set_new(o, "terms", terms_json(f)) != 0 ||
        json_object_set_new(
            o, "train",
            json_pack("{s:f, s:f}", "mean", f->train_mean, "max", f->train_max)) != 0 ||
        json_object_set_new(o, "formula", error_json(f->n_rows, &f->held_out)) != 0)
        goto fail;
    if (f->n_scaled > 0 &&
        json_object_set_new(o, "scaled", error_json(f->n_scaled, &f->scaled)) != 0)
        goto fail;
    if (json_object_set_new(o, "goal_met",
                            json_boolean(goal_met_by_formula(&f->held_out))) != 0)
        goto fail;
    return o;
fail:
    json_decref(o);
    return NULL;
}

static json_t *tally_json(const struct calibrate_tally *t)
{
    return json_pack("{s:i, s:i}", "n", (int)t->n, "n_equal", (int)t->n_equal);
}

static json_t *errors_json(const struct calibrate_errors *e)
{
    return json_pack("{s:i, s:f, s:f}", "n", (int)e->n, "mean", e->mean, "max", e->max);
}

static json_t *check_json(const struct calibrate_check *c)
{
    return json_pack("{s:i, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "n", (int)c->n_mvu,
                     "element_ff", tally_json(&c->element_ff), "ff", tally_json(&c->ff),
                     "dsp", tally_json(&c->dsp), "bram18", tally_json(&c->bram18),
                     "cycles", tally_json(&c->cycles), "lut_table",
                     errors_json(&c->lut_table), "lut_formula",
                     errors_json(&c->lut_formula));
}

static json_t *toolchain_json(const struct calibration *c, int32_t i)
{
    const struct model_toolchain *t = &c->model->toolchains[i];
    json_t *classes = json_array();
    for (int32_t k = 0; classes && k < c->n_classes; k++)
        if (c->classes[k].i_toolchain == i &&
            json_array_append_new(classes, class_json(&c->classes[k])) != 0) {
            json_decref(classes);
            return NULL;
        }
    return json_pack("{s:s, s:s, s:s, s:i, s:o, s:o}", "name", t->name, "target",
                     rtl_target_names[t->target], "tool_version", t->tool_version,
                     "n_elements", (int)t->n_elements, "classes", classes, "mvu",
                     check_json(&c->checks[i]));
}

json_t *account_json(const struct calibration *c, const struct provenance *p)
{
    json_t *list = json_array();
    for (int32_t i = 0; list && i < c->model->n_toolchains; i++)
        if (json_array_append_new(list, toolchain_json(c, i)) != 0) {
            json_decref(list);
            return NULL;
        }
    return json_pack("{s:i, s:o, s:o}", "version", 1, "provenance", provenance_json(p),
                     "toolchains", list);
}

/* ---- parity ---- */

static json_t *point_json(const struct calibration *c, const struct calibrate_point *p)
{
    return json_pack("{s:s, s:s, s:s, s:s, s:f, s:f, s:f, s:f, s:s, s:b}", "toolchain",
                     c->model->toolchains[p->i_toolchain].name, "module", p->module,
                     "metric", cost_metric_names[p->metric], "label", p->label, "meas",
                     p->meas, "est", p->est.value, "lo", p->est.lo, "hi", p->est.hi,
                     "level", cost_level_names[p->est.level], "held_out",
                     (int)p->held_out);
}

/* Held-out errors of one metric over all points; NULL if it has none. */
static json_t *metric_json(const struct calibration *c, enum cost_metric metric)
{
    double sum = 0, max = 0;
    int n = 0;
    for (int32_t i = 0; i < c->n_points; i++) {
        const struct calibrate_point *p = &c->points[i];
        if (p->metric != metric || !p->held_out) continue;
        const double e = fit_relative_error(p->est.value, p->meas);
        sum += e;
        if (e > max) max = e;
        n++;
    }
    return n == 0 ? NULL
                  : json_pack("{s:i, s:f, s:f}", "n", n, "mean_error", sum / n,
                              "max_error", max);
}

/* "xc7" or "xc7, ice40" */
static json_t *toolchains_text(const struct calibration *c)
{
    char text[MODEL_TOOLCHAINS_MAX * 36] = "";
    for (int32_t i = 0; i < c->model->n_toolchains; i++) {
        if (i) strcat(text, ", ");
        strcat(text, c->model->toolchains[i].name);
    }
    return json_string(text);
}

json_t *account_parity(const struct calibration *c, const struct provenance *p)
{
    json_t *points = json_array(), *metrics = json_object();
    int bad = !points || !metrics;
    for (int32_t i = 0; i < c->n_points && !bad; i++)
        bad = json_array_append_new(points, point_json(c, &c->points[i]));
    for (int m = 0; m < COST_N_METRICS && !bad; m++) {
        json_t *o = metric_json(c, (enum cost_metric)m);
        if (o) bad = json_object_set_new(metrics, cost_metric_names[m], o);
    }
    if (bad) {
        json_decref(points);
        json_decref(metrics);
        return NULL;
    }
    return json_pack("{s:i, s:o, s:o, s:o, s:o}", "version", 1, "provenance",
                     provenance_json(p), "toolchain", toolchains_text(c), "points",
                     points, "metrics", metrics);
}
