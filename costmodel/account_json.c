/* account_json.c -- the same as data. */
#include <math.h>
#include <string.h>

#include "costmodel/account.h"
#include "costmodel/terms.h"

static json_t *error_json(int32_t n, const struct fit_error *e)
{
    return json_pack("{s:i, s:f, s:f, s:f, s:f, s:f, s:f}", "n", (int)n, "mean",
                     e->mean, "median", e->median, "max", e->max, "max_absolute",
                     e->max_abs, "half_width", e->half_width, "coverage", e->coverage);
}

static json_t *terms_json(const struct model_fit *f)
{
    int32_t n;
    const struct cost_term *terms = terms_of(f->module, f->metric, &n);
    json_t *list = json_array();
    for (int32_t i = 0; list && i < f->formula.n_terms; i++) {
        const struct cost_term *t = &terms[f->formula.terms[i]];
        char unit[32];
        terms_unit(t, f->metric, unit, sizeof unit);
        json_t *term = json_pack("{s:s, s:s, s:f, s:s, s:s}", "name", t->name, "size",
                                 t->size, "coefficient", f->formula.coefficients[i],
                                 "unit", unit, "reason", t->reason);
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
    struct goal goal;
    json_t *o = json_pack("{s:s, s:s, s:s, s:i, s:i}", "module",
                          element_module_names[c->module], "class",
                          element_class_name(c->module, c->i_class), "metric",
                          element_metric_names[c->metric], "n_rows", (int)c->n_rows,
                          "n_groups", (int)c->n_groups);
    if (c->is_structure) {
        if (json_object_set_new(o, "exact", json_true()) != 0) goto fail;
        return o;
    }
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
    if (goal_of_class(c, &goal) &&
        json_object_set_new(o, "goal_met", json_boolean(goal.met)) != 0)
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
    return json_pack("{s:i, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "n", (int)c->n,
                     "ff", tally_json(&c->ff), "dsp", tally_json(&c->dsp), "bram18",
                     tally_json(&c->bram18), "cycles", tally_json(&c->cycles),
                     "lut_table", errors_json(&c->lut_table), "lut_formula",
                     errors_json(&c->lut_formula), "area_table",
                     errors_json(&c->area_table), "area_formula",
                     errors_json(&c->area_formula));
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
    return json_pack("{s:s, s:s, s:s, s:s, s:i, s:o, s:o, s:o}", "name", t->name,
                     "target", cost_model_target_name(c->model, i), "tool_version",
                     t->tool_version, "stimulus", t->stimulus, "n_elements",
                     (int)t->n_elements, "classes", classes, "mvu",
                     check_json(&c->mvus[i]), "array", check_json(&c->arrays[i]));
}

static json_t *goal_json(const struct calibration *c, const struct goal *g)
{
    json_t *o = json_pack("{s:s, s:s, s:i, s:f, s:f, s:f, s:b}", "toolchain",
                          c->model->toolchains[g->i_toolchain].name, "what", g->what,
                          "n", (int)g->n, "mean", g->mean, "max", g->max, "limit_mean",
                          g->limit_mean, "met", (int)g->met);
    if (o && isfinite(g->limit_max) &&
        json_object_set_new(o, "limit_max", json_real(g->limit_max)) != 0) {
        json_decref(o);
        return NULL;
    }
    return o;
}

json_t *account_json(const struct calibration *c, int32_t n_goals,
                     const struct goal *goals, const struct provenance *p)
{
    json_t *list = json_array(), *judged = json_array();
    int bad = !list || !judged;
    for (int32_t i = 0; i < c->model->n_toolchains && !bad; i++)
        bad = json_array_append_new(list, toolchain_json(c, i));
    for (int32_t i = 0; i < n_goals && !bad; i++)
        bad = json_array_append_new(judged, goal_json(c, &goals[i]));
    if (bad) {
        json_decref(list);
        json_decref(judged);
        return NULL;
    }
    return json_pack("{s:i, s:o, s:o, s:o}", "version", 2, "provenance",
                     provenance_json(p), "toolchains", list, "goals", judged);
}

/* ---- parity ---- */

static json_t *point_json(const struct calibration *c, const struct calibrate_point *p)
{
    return json_pack("{s:s, s:s, s:s, s:s, s:f, s:f, s:f, s:f, s:s, s:b}", "toolchain",
                     c->model->toolchains[p->i_toolchain].name, "module", p->module,
                     "metric", p->metric, "label", p->label, "meas", p->meas, "est",
                     p->est.value, "lo", p->est.lo, "hi", p->est.hi, "level",
                     cost_level_names[p->est.level], "held_out", (int)p->held_out);
}

/* Smallest amount that an error is relative to: as in the fit, 1 of other counts. */
static double floor_of(const char *metric)
{
    for (int i = 0; i < ELEMENT_N_METRICS; i++)
        if (strcmp(metric, element_metric_names[i]) == 0)
            return element_metric_floor((enum element_metric)i);
    return 1;
}

/* Held-out errors of one metric over all points; NULL if it has none. */
static json_t *metric_json(const struct calibration *c, const char *metric)
{
    double sum = 0, max = 0;
    int n = 0;
    for (int32_t i = 0; i < c->n_points; i++) {
        const struct calibrate_point *p = &c->points[i];
        if (strcmp(p->metric, metric) != 0 || !p->held_out) continue;
        const double e = fit_relative_error(p->est.value, p->meas, floor_of(metric));
        sum += e;
        if (e > max) max = e;
        n++;
    }
    return n == 0 ? NULL
                  : json_pack("{s:i, s:f, s:f}", "n", n, "mean_error", sum / n,
                              "max_error", max);
}

static int add_metrics(const struct calibration *c, const char *const names[],
                       json_t *metrics)
{
    int bad = 0;
    for (int i = 0; names[i] && !bad; i++) {
        json_t *o =
            json_object_get(metrics, names[i]) ? NULL : metric_json(c, names[i]);
        if (o) bad = json_object_set_new(metrics, names[i], o);
    }
    return bad;
}

/* "xc7" or "xc7, ice40" */
static json_t *toolchains_text(const struct calibration *c)
{
    char text[MODEL_TOOLCHAINS_MAX * 66] = "";
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
    if (!bad) bad = add_metrics(c, element_metric_names, metrics);
    if (!bad) bad = add_metrics(c, cost_metric_names, metrics);
    if (bad) {
        json_decref(points);
        json_decref(metrics);
        return NULL;
    }
    return json_pack("{s:i, s:o, s:o, s:o, s:o}", "version", 1, "provenance",
                     provenance_json(p), "toolchain", toolchains_text(c), "points",
                     points, "metrics", metrics);
}
