/* layer_table.c -- answers of a table of layers, and what `bitwright fit` says of it.
 */
#include "costmodel/layer_table.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/cli.h"

/* ---- answers ---- */

static status one_cost(const struct layer_table *t, const struct layer_metric *m,
                       int32_t i_layer, int w, int a, struct cost_estimate *e,
                       struct err *err)
{
    const struct layer_series *s = &m->layers[i_layer];
    const struct layer_formula *f = &s->formula;
    const double measured = s->value[w][a];
    struct cost_value *out = &e->metric[m->metric];
    if (!isnan(measured)) {
        *out = (struct cost_value){measured, measured, measured, COST_LEVEL_TABLE};
        return ST_OK;
    }
    if (!f->known)
        return err_set(
            err, ST_RANGE,
            "%s: layer %s: %s was not measured at %d-bit weights and %d-bit "
            "activations, and %d points make no formula; measure that one, or "
            "%d that vary wbits and abits independently",
            t->path, t->names[i_layer], cost_metric_names[m->metric], w, a,
            (int)s->n_points, LAYER_TABLE_MIN_POINTS);
    const double v = layer_formula_eval(f, m->form, w, a);
    const double half = m->held_out.half_width;
    *out = (struct cost_value){v, fmax(0, v * (1 - half)), v * (1 + half),
                               COST_LEVEL_FORMULA};
    if (w < f->w_lo || w > f->w_hi) e->outside = "wbits";
    if (a < f->a_lo || a > f->a_hi) e->outside = "abits";
    if (e->outside) e->outside_box = true;
    return ST_OK;
}

status layer_table_cost(const struct layer_table *t, int32_t i_layer, int w, int a,
                        struct cost_estimate *out, struct err *err)
{
    out->outside_box = false;
    out->outside = NULL;
    for (int32_t i = 0; i < t->n_metrics; i++)
        TRY(one_cost(t, &t->metrics[i], i_layer, w, a, out, err));
    return ST_OK;
}

/* "a, b, c" of names(i), cut to fit. */
static void join_names(const struct layer_table *t, const struct nn_graph *g,
                       char *text, size_t size)
{
    const int32_t n = g ? g->n_layers : t->n_layers;
    size_t used = 0;
    text[0] = '\0';
    for (int32_t i = 0; i < n && used + 1 < size; i++) {
        const int k = snprintf(text + used, size - used, "%s%s", i ? ", " : "",
                               g ? nn_graph_layer(g, i)->name : t->names[i]);
        if (k < 0) return;
        used += (size_t)k;
    }
    if (used >= size) strcpy(text + size - 4, "...");
}

status layer_table_match(const struct layer_table *t, const struct nn_graph *g,
                         int32_t *to_table, struct err *err)
{
    bool used[NN_MAX_LAYERS] = {false};
    char list[256];
    for (int32_t i = 0; i < g->n_layers; i++) {
        const char *name = nn_graph_layer(g, i)->name;
        to_table[i] = layer_table_find(t, name);
        if (to_table[i] >= 0) {
            if (to_table[i] < NN_MAX_LAYERS) used[to_table[i]] = true;
            continue;
        }
        join_names(t, NULL, list, sizeof list);
        return err_set(err, ST_PARSE,
                       "%s: expected layer '%s' of network %s, found only %s", t->path,
                       name, g->name, list);
    }
    for (int32_t l = 0; l < t->n_layers; l++) {
        if (l < NN_MAX_LAYERS && used[l]) continue;
        join_names(t, g, list, sizeof list);
        return err_set(err, ST_PARSE,
                       "%s: expected layers of network %s (%s), found '%s'", t->path,
                       g->name, list, t->names[l]);
    }
    return ST_OK;
}

/* ---- account ---- */

static void count_points(const struct layer_metric *m, int32_t n_layers, int32_t *lo,
                         int32_t *hi, int32_t *n_formulas)
{
    *lo = 64;
    *hi = *n_formulas = 0;
    for (int32_t l = 0; l < n_layers; l++) {
        const struct layer_series *s = &m->layers[l];
        if (s->n_points < *lo) *lo = s->n_points;
        if (s->n_points > *hi) *hi = s->n_points;
        *n_formulas += s->formula.known;
    }
}

static status print_curve(const struct layer_table *t, int32_t i, FILE *f,
                          struct err *err)
{
    static const int32_t tries[] = {4, 6, 9, 16};
    for (size_t k = 0; k < sizeof tries / sizeof *tries; k++) {
        int32_t n;
        double mean, max;
        TRY(layer_table_try_points(t, i, tries[k], &n, &mean, &max, err));
        if (n == 0) continue;
        fprintf(f,
                "  from %2d points a layer: mean error %.2f %%, largest %.1f %% on the "
                "other %d\n",
                (int)tries[k], 100 * mean, 100 * max, (int)n);
    }
    return ST_OK;
}

status layer_table_print(const struct layer_table *t, FILE *f, struct err *err)
{
    for (int32_t i = 0; i < t->n_metrics; i++) {
        const struct layer_metric *m = &t->metrics[i];
        const struct fit_error *e = &m->held_out;
        int32_t lo, hi, n_formulas;
        count_points(m, t->n_layers, &lo, &hi, &n_formulas);
        fprintf(f, "%s [%s]: %d layers, %d to %d points each, %d with a formula\n",
                cost_metric_names[m->metric], cost_metric_units[m->metric],
                (int)t->n_layers, (int)lo, (int)hi, (int)n_formulas);
        if (!m->n_held_out) {
            fprintf(f, "  only what was measured can be asked for\n");
            continue;
        }
        fprintf(f, "  form %s (held-out mean: roofline %.2f %%, sum %.2f %%)\n",
                layer_form_names[m->form], 100 * m->form_error[LAYER_ROOFLINE],
                100 * m->form_error[LAYER_SUM]);
        fprintf(f,
                "  each point from the others: mean %.2f %%, median %.2f %%, largest "
                "%.1f %% of %d; 90 %% interval +-%.1f %%, covers %.1f %%\n",
                100 * e->mean, 100 * e->median, 100 * e->max, (int)m->n_held_out,
                100 * e->half_width, 100 * e->coverage);
        TRY(print_curve(t, i, f, err));
    }
    return ST_OK;
}

static json_t *metric_json(const struct layer_table *t, const struct layer_metric *m)
{
    const struct fit_error *e = &m->held_out;
    int32_t lo, hi, n_formulas;
    count_points(m, t->n_layers, &lo, &hi, &n_formulas);
    json_t *o =
        json_pack("{s:s, s:i, s:i, s:i, s:i}", "metric", cost_metric_names[m->metric],
                  "n_layers", (int)t->n_layers, "n_formulas", (int)n_formulas,
                  "n_points_min", (int)lo, "n_points_max", (int)hi);
    if (!o || !m->n_held_out) return o;
    int bad = json_object_set_new(o, "form", json_string(layer_form_names[m->form]));
    bad |= json_object_set_new(o, "held_out",
                               json_pack("{s:i, s:f, s:f, s:f, s:f, s:f}", "n",
                                         (int)m->n_held_out, "mean", e->mean, "median",
                                         e->median, "max", e->max, "half_width",
                                         e->half_width, "coverage", e->coverage));
    if (!bad) return o;
    json_decref(o);
    return NULL;
}

json_t *layer_table_json(const struct layer_table *t, const struct provenance *p)
{
    json_t *metrics = json_array();
    int bad = !metrics;
    for (int32_t i = 0; i < t->n_metrics && !bad; i++)
        bad = json_array_append_new(metrics, metric_json(t, &t->metrics[i]));
    if (bad) {
        json_decref(metrics);
        return NULL;
    }
    return json_pack("{s:i, s:s, s:o, s:o}", "version", 1, "kind", "layer_table",
                     "provenance", provenance_json(p), "metrics", metrics);
}
