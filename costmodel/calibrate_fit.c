/* calibrate_fit.c -- the formula of one metric of one class, and how well a measured
 * sibling carries it.
 *
 * Groups for holding out: elements of one family (same precision) leave together, so
 * the error is that of a precision that was never measured.  Units that are built for
 * all precisions leave by their SIMD, requantisers by their accumulator; an mvu's
 * control is a group of its own.  A class with fewer than FIT_MIN_ROWS precisions
 * leaves by SIMD too, and one with fewer than FIT_MIN_ROWS of those by single rows.
 *
 * Scaled level: the held-out estimate of a row times measured / held-out estimate of
 * its nearest sibling.  Neither estimate has seen the family where families are the
 * groups; of requantisers and of units for all precisions each has seen the other. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "costmodel/calibrate_internal.h"
#include "costmodel/terms.h"

/* ---- one class ---- */

static status sizes_of(const struct calibrate_rows *rows, struct arena *a,
                       struct fit_rows *out, struct err *err)
{
    int32_t n_terms;
    const struct cost_term *terms = terms_of(rows->module, rows->metric, &n_terms);
    const char **names = ARENA_NEW(a, const char *, (size_t)n_terms);
    double *sizes = ARENA_NEW(a, double, (size_t)rows->n *(size_t)n_terms);
    if (!names || !sizes) return arena_exhausted(err);
    for (int32_t j = 0; j < n_terms; j++)
        names[j] = terms[j].name;
    for (int32_t i = 0; i < rows->n; i++)
        terms_eval(&rows->elements[i], rows->metric,
                   sizes + (size_t)i * (size_t)n_terms);
    *out = (struct fit_rows){.n = rows->n,
                             .n_sizes = n_terms,
                             .sizes = sizes,
                             .y = rows->measured,
                             .whole = rows->whole,
                             .floor = element_metric_floor(rows->metric),
                             .group = rows->group,
                             .n_groups = rows->n_groups,
                             .names = names};
    return ST_OK;
}

static void fill_box(const struct calibrate_rows *rows, struct model_fit *f)
{
    for (int32_t i = 0; i < rows->n; i++) {
        int32_t v[BOX_N];
        element_box_values(&rows->elements[i], v);
        for (int k = 0; k < BOX_N; k++) {
            if (i == 0 || v[k] < f->box_lo[k]) f->box_lo[k] = v[k];
            if (i == 0 || v[k] > f->box_hi[k]) f->box_hi[k] = v[k];
        }
    }
}

/* Nearest other row of the same family with a positive estimate, -1 if none. */
static int32_t sibling_row(const struct calibrate_rows *rows, const double *predicted,
                           int32_t i)
{
    const uint64_t family = element_family(&rows->elements[i]);
    int32_t best = -1;
    double least = INFINITY;
    for (int32_t j = 0; j < rows->n; j++) {
        const struct element *e = &rows->elements[j];
        if (j == i || element_family(e) != family || predicted[j] <= 0) continue;
        const double d = element_unlikeness(&rows->elements[i], e);
        if (d < least) {
            least = d;
            best = j;
        }
    }
    return best;
}

/* Held-out error of the scaled level; the fit keeps it only if it is the better. */
static status try_scaled(const struct calibrate_rows *rows, const double *predicted,
                         struct arena *a, struct model_fit *f, struct err *err)
{
    double *est = ARENA_NEW(a, double, (size_t)rows->n);
    double *meas = ARENA_NEW(a, double, (size_t)rows->n);
    int32_t *group = ARENA_NEW(a, int32_t, (size_t)rows->n), n = 0;
    const double floor = element_metric_floor(rows->metric);
    double formula = 0; /* mean error of the formula alone on the same rows */
    struct fit_error scaled;
    if (!est || !meas || !group) return arena_exhausted(err);
    for (int32_t i = 0; i < rows->n; i++) {
        const int32_t j = sibling_row(rows, predicted, i);
        if (j < 0) continue;
        est[n] = predicted[i] * rows->measured[j] / predicted[j];
        meas[n] = rows->measured[i];
        formula += fit_relative_error(predicted[i], meas[n], floor);
        group[n++] = rows->group[i];
    }
    if (n < FIT_MIN_ROWS) return ST_OK;
    const struct fit_estimates h = {n, est, meas, floor, group};
    TRY(fit_error_of(&h, a, NULL, &scaled, err));
    if (scaled.mean >= formula / n) return ST_OK;
    f->scaled = scaled;
    f->n_scaled = n;
    return ST_OK;
}

static status table_only(struct calibrate_class *c, const struct calibrate_rows *rows,
                         double *predicted, const char *why)
{
    snprintf(c->why, sizeof c->why, "%s", why);
    for (int32_t i = 0; i < rows->n; i++)
        predicted[i] = NAN;
    return ST_OK;
}

status calibrate_fit_class(struct calibrate_work *w, const struct calibrate_rows *rows,
                           double *predicted, double *half_widths, struct err *err)
{
    struct fit_rows design;
    struct fit_result result;
    struct err inner;
    const enum element_module m = rows->module;
    const int32_t n_forced = w->opt->n_forced[m][rows->metric];
    struct calibrate_class *c = &w->out->classes[w->out->n_classes++];
    *c = (struct calibrate_class){.i_toolchain = w->i_toolchain,
                                  .module = m,
                                  .i_class = rows->i_class,
                                  .metric = rows->metric,
                                  .n_rows = rows->n,
                                  .n_groups = rows->n_groups};
    TRY(sizes_of(rows, w->a, &design, err));
    const status st = fit_choose(&design, n_forced, w->opt->forced[m][rows->metric],
                                 w->a, &result, &inner);
    /* Terms that the user asked for must hold in every class that has rows enough. */
    if (st == ST_RANGE && !(n_forced > 0 && rows->n > n_forced))
        return table_only(c, rows, predicted, inner.msg);
    if (st != ST_OK)
        return err_set(err, st, "%s %s class %s %s: %s", w->t->name,
                       element_module_names[m], element_class_name(m, rows->i_class),
                       element_metric_names[rows->metric], inner.msg);
    struct model_fit *f = &w->t->fits[w->t->n_fits++];
    *f = (struct model_fit){.module = m,
                            .i_class = rows->i_class,
                            .metric = rows->metric,
                            .n_rows = rows->n,
                            .n_groups = rows->n_groups,
                            .formula = result.formula,
                            .train_mean = result.train_mean,
                            .train_max = result.train_max,
                            .held_out = result.held_out};
    c->fit = f;
    fill_box(rows, f);
    memcpy(predicted, result.predicted, (size_t)rows->n * sizeof *predicted);
    if (half_widths)
        memcpy(half_widths, result.half_widths, (size_t)rows->n * sizeof *half_widths);
    if (m >= ELEMENT_CONTROL || rows->n_groups == rows->n) return ST_OK;
    return try_scaled(rows, predicted, w->a, f, err);
}

/* ---- classes of the table ---- */

struct gathered {
    struct element *elements;
    double *measured, *predicted, *half_widths;
    int32_t *group, *index; /* index: in the table */
};

static status new_gathered(struct calibrate_work *w, struct gathered *g,
                           struct err *err)
{
    const size_t n = (size_t)w->t->n_elements + 1;
    g->elements = ARENA_NEW(w->a, struct element, n);
    g->measured = ARENA_NEW(w->a, double, n);
    g->predicted = ARENA_NEW(w->a, double, n);
    g->half_widths = ARENA_NEW(w->a, double, n);
    g->group = ARENA_NEW(w->a, int32_t, n);
    g->index = ARENA_NEW(w->a, int32_t, n);
    if (!g->elements || !g->measured || !g->predicted || !g->half_widths || !g->group ||
        !g->index)
        return arena_exhausted(err);
    return ST_OK;
}

/* What leaves together: one precision; one SIMD of what is built for all precisions, or
 * of a class that has too few precisions; one accumulator of a requantiser. */
static bool same_group(const struct element *a, const struct element *b, bool by_SIMD)
{
    if (a->module == ELEMENT_REQUANT) return a->acc_bits == b->acc_bits;
    const bool all_precisions =
        (a->module == ELEMENT_SERIAL || a->module == ELEMENT_FUSION) &&
        a->op_wbits == 0;
    if (by_SIMD || all_precisions) return a->SIMD == b->SIMD;
    return element_family(a) == element_family(b);
}

/* Numbers the groups; returns how many there are. */
static int32_t deal_groups(const struct element *elements, int32_t n, bool by_SIMD,
                           int32_t *group)
{
    int32_t n_groups = 0;
    for (int32_t i = 0; i < n; i++) {
        int32_t k = i - 1;
        while (k >= 0 && !same_group(&elements[k], &elements[i], by_SIMD))
            k--;
        group[i] = k < 0 ? n_groups++ : group[k];
    }
    return n_groups;
}

static int32_t deal_rows(int32_t n, int32_t *group)
{
    for (int32_t i = 0; i < n; i++)
        group[i] = i;
    return n;
}

static void gather(const struct calibrate_work *w, struct gathered *g,
                   struct calibrate_rows *rows)
{
    rows->n = 0;
    for (int32_t i = 0; i < w->t->n_elements; i++) {
        const struct model_element *m = &w->t->elements[i];
        if (m->e.module != rows->module || element_class(&m->e) != rows->i_class ||
            isnan(m->value[rows->metric]))
            continue;
        g->elements[rows->n] = m->e;
        g->measured[rows->n] = m->value[rows->metric];
        g->index[rows->n++] = i;
    }
    rows->n_groups = deal_groups(g->elements, rows->n, false, g->group);
    if (rows->n_groups < FIT_MIN_ROWS)
        rows->n_groups = deal_groups(g->elements, rows->n, true, g->group);
    if (rows->n_groups < FIT_MIN_ROWS) rows->n_groups = deal_rows(rows->n, g->group);
    rows->elements = g->elements;
    rows->measured = g->measured;
    rows->group = g->group;
}

/* All rows as structure says: nothing to fit. */
static bool is_structure(const struct calibrate_work *w,
                         const struct calibrate_rows *rows)
{
    for (int32_t i = 0; i < rows->n; i++)
        if (rows->measured[i] !=
            model_structure(w->t, &rows->elements[i], rows->metric))
            return false;
    return true;
}

static status one_class(struct calibrate_work *w, struct gathered *g,
                        struct calibrate_rows *rows, struct err *err)
{
    gather(w, g, rows);
    if (rows->n == 0) return ST_OK;
    if (is_structure(w, rows)) {
        w->out->classes[w->out->n_classes++] =
            (struct calibrate_class){.i_toolchain = w->i_toolchain,
                                     .module = rows->module,
                                     .i_class = rows->i_class,
                                     .metric = rows->metric,
                                     .n_rows = rows->n,
                                     .n_groups = rows->n_groups,
                                     .is_structure = true};
        memcpy(g->predicted, g->measured, (size_t)rows->n * sizeof *g->predicted);
    } else {
        TRY(calibrate_fit_class(w, rows, g->predicted, g->half_widths, err));
    }
    for (int32_t i = 0; i < rows->n; i++) {
        w->held_out[rows->metric][g->index[i]] = g->predicted[i];
        w->half_width[rows->metric][g->index[i]] = g->half_widths[i];
    }
    return ST_OK;
}

status calibrate_elements(struct calibrate_work *w, struct err *err)
{
    struct gathered g;
    TRY(new_gathered(w, &g, err));
    for (int m = 0; m < ELEMENT_CONTROL; m++)
        for (int32_t c = 0; c < element_n_classes((enum element_module)m); c++)
            for (int k = 0; k < ELEMENT_N_METRICS; k++) {
                struct calibrate_rows rows = {.module = (enum element_module)m,
                                              .i_class = c,
                                              .metric = (enum element_metric)k};
                TRY(one_class(w, &g, &rows, err));
            }
    return ST_OK;
}

/* ---- points ---- */

void calibrate_check_elements(struct calibrate_work *w)
{
    for (int32_t i = 0; i < w->t->n_elements; i++)
        for (int k = 0; k < ELEMENT_N_METRICS; k++) {
            const struct model_element *m = &w->t->elements[i];
            const enum element_metric metric = (enum element_metric)k;
            const double est = w->held_out[k][i];
            char label[128];
            if (isnan(m->value[k]) || isnan(est)) continue;
            const struct model_fit *f = model_fit_of(w->t, &m->e, metric);
            const struct cost_value exact = {est, est, est, COST_LEVEL_EXACT};
            calibrate_add_point(
                w, element_module_names[m->e.module], element_metric_names[k],
                element_describe(&m->e, label, sizeof label), m->value[k],
                f ? model_within(est, w->half_width[k][i], element_metric_floor(metric),
                                 COST_LEVEL_FORMULA)
                  : exact);
        }
}
