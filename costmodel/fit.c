/* fit.c -- fitting given terms, nested cross-validation, intervals. */
#include "costmodel/fit.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "costmodel/fit_internal.h"

const double fit_interval_level = 0.9;

double fit_formula_eval(const struct fit_formula *f, const double *sizes)
{
    double sum = 0;
    for (int32_t i = 0; i < f->n_terms; i++)
        sum += f->coefficients[i] * sizes[f->terms[i]];
    return sum;
}

double fit_relative_error(double estimate, double measured, double floor)
{
    if (estimate == measured) return 0;
    return fabs(estimate - measured) / fmax(measured, floor);
}

/* ---- one fit ---- */

/* A row of nothing, of what has no floor, weighs like any number that is not 0. */
double fit_whole(const struct fit_rows *rows, int32_t i)
{
    const double whole = fmax(rows->whole ? rows->whole[i] : rows->y[i], rows->floor);
    return whole > 0 ? whole : 1;
}

status fit_reduce(const struct fit_rows *rows, const struct folds *folds, int32_t skip0,
                  int32_t skip1, struct arena *scratch, struct nnls_system *out,
                  struct err *err)
{
    const size_t n = (size_t)rows->n, p = (size_t)rows->n_sizes;
    double *a = ARENA_NEW(scratch, double, n *p);
    double *b = ARENA_NEW(scratch, double, n);
    if (!a || !b) return arena_exhausted(err);
    int32_t n_used = 0;
    for (size_t i = 0; i < n; i++) {
        const int32_t fold = folds ? folds->of_row[i] : -2;
        if (fold == skip0 || fold == skip1) continue;
        const double weight = 1 / fit_whole(rows, (int32_t)i);
        for (size_t j = 0; j < p; j++)
            a[(size_t)n_used * p + j] = rows->sizes[i * p + j] * weight;
        b[n_used++] = rows->y[i] * weight;
    }
    return nnls_reduce(n_used, rows->n_sizes, a, b, scratch, out, err);
}

/* "'acc' = a combination of 'one', 'cells'" */
static status refuse_collinear(const struct fit_rows *rows, int32_t n,
                               const int32_t *terms, int32_t which,
                               const int32_t *partners, struct err *err)
{
    char list[256] = "";
    size_t used = 0;
    for (int32_t k = 0; k < n && used < sizeof list; k++)
        if (partners[k])
            used += (size_t)snprintf(list + used, sizeof list - used, "%s'%s'",
                                     used ? ", " : "", rows->names[terms[k]]);
    if (!used)
        return err_set(err, ST_RANGE,
                       "fit: expected every term to vary, found '%s' is 0 in all rows",
                       rows->names[terms[which]]);
    return err_set(err, ST_RANGE,
                   "fit: expected independent terms, found '%s' is a combination of %s "
                   "in all %d rows; measure rows that vary them independently or leave "
                   "one out",
                   rows->names[terms[which]], list, rows->n);
}

status fit_terms(const struct fit_rows *rows, int32_t n_terms, const int32_t *terms,
                 struct arena *scratch, struct fit_formula *out, struct err *err)
{
    struct nnls_system system;
    int32_t partners[FIT_MAX_TERMS];
    if (n_terms < 1 || n_terms > FIT_MAX_TERMS)
        return err_set(err, ST_RANGE, "fit: expected 1 to %d terms, found %d",
                       FIT_MAX_TERMS, n_terms);
    if (rows->n < FIT_MIN_ROWS || rows->n <= n_terms)
        return err_set(err, ST_RANGE,
                       "fit: expected at least %d rows for %d terms, "
                       "found %d",
                       n_terms + 1 > FIT_MIN_ROWS ? n_terms + 1 : FIT_MIN_ROWS, n_terms,
                       rows->n);
    TRY(fit_reduce(rows, NULL, -1, -1, scratch, &system, err));
    const int32_t dependent = nnls_collinear(&system, n_terms, terms, partners);
    if (dependent >= 0)
        return refuse_collinear(rows, n_terms, terms, dependent, partners, err);
    out->n_terms = n_terms;
    memcpy(out->terms, terms, (size_t)n_terms * sizeof *terms);
    nnls_solve(&system, n_terms, terms, out->coefficients);
    return ST_OK;
}

/* ---- errors and intervals ---- */

static int compare_doubles(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Rank (from 1) of the residual that is the conformal half width of n. */
static int32_t interval_rank(int32_t n)
{
    const int32_t rank = (int32_t)ceil(fit_interval_level * (n + 1) - 1e-9);
    return rank <= n ? rank : n;
}

/* |measured - estimate| relative to the estimate, as the interval is applied.  Where
 * there is nothing to be relative to, no interval would do. */
static double residual(double estimate, double measured, double floor)
{
    const double base = fmax(estimate, floor);
    if (estimate == measured) return 0;
    return base > 0 ? fabs(measured - estimate) / base : 1;
}

struct residual {
    double size;
    int32_t row, group;
};

static int compare_residuals(const void *a, const void *b)
{
    const struct residual *x = a, *y = b;
    return (x->size > y->size) - (x->size < y->size);
}

/* Half width from the residuals of other groups than that of `own`; where there is no
 * other group, from those of the other rows.  sorted: (n) */
static double half_width_without(int32_t n, const struct residual *sorted,
                                 const struct residual *own)
{
    int32_t n_others = 0, k = -1;
    for (int32_t i = 0; i < n; i++)
        n_others += sorted[i].group != own->group;
    const bool by_row = n_others == 0;
    if (by_row) n_others = n - 1;
    if (n_others == 0) return INFINITY;
    for (int32_t left = interval_rank(n_others); left > 0;) {
        k++;
        left -= by_row ? sorted[k].row != own->row : sorted[k].group != own->group;
    }
    return sorted[k].size;
}

status fit_error_of(const struct fit_estimates *h, struct arena *scratch,
                    double *half_widths, struct fit_error *out, struct err *err)
{
    const int32_t n = h->n;
    double *errors = ARENA_NEW(scratch, double, (size_t)n);
    struct residual *sorted = ARENA_NEW(scratch, struct residual, (size_t)n);
    if (!errors || !sorted) return arena_exhausted(err);
    double sum = 0;
    int32_t n_inside = 0;
    out->max_abs = 0;
    for (int32_t i = 0; i < n; i++) {
        const double est = h->estimates[i], meas = h->measured[i];
        out->max_abs = fmax(out->max_abs, fabs(est - meas));
        errors[i] = fit_relative_error(est, meas, h->floor);
        sorted[i] = (struct residual){residual(est, meas, h->floor), i, h->group[i]};
        sum += errors[i];
    }
    qsort(sorted, (size_t)n, sizeof *sorted, compare_residuals);
    for (int32_t i = 0; i < n; i++) {
        const double half = half_width_without(n, sorted, &sorted[i]);
        n_inside += sorted[i].size <= half;
        if (half_widths) half_widths[sorted[i].row] = half;
    }
    out->coverage = (double)n_inside / n;
    out->half_width = sorted[interval_rank(n) - 1].size;
    qsort(errors, (size_t)n, sizeof *errors, compare_doubles);
    out->mean = sum / n;
    out->median = (errors[(n - 1) / 2] + errors[n / 2]) / 2;
    out->max = errors[n - 1];
    return ST_OK;
}

/* ---- cross-validation ---- */

static status deal_folds(const struct fit_rows *rows, struct arena *a,
                         struct folds *out, struct err *err)
{
    int32_t *of_row = ARENA_NEW(a, int32_t, (size_t)rows->n);
    if (!of_row) return arena_exhausted(err);
    out->n = rows->n_groups < FIT_MAX_FOLDS ? rows->n_groups : FIT_MAX_FOLDS;
    for (int32_t i = 0; i < rows->n; i++)
        of_row[i] = rows->group[i] % out->n;
    out->of_row = of_row;
    return ST_OK;
}

/* Formula for the rows outside one fold: forced terms, or chosen without it. */
static status fit_without(const struct fit_rows *rows, const struct folds *folds,
                          int32_t fold, int32_t n_forced, const int32_t *forced,
                          struct arena *scratch, struct fit_formula *out,
                          struct err *err)
{
    struct nnls_system system;
    if (n_forced == 0) return fit_select(rows, folds, fold, scratch, out, err);
    TRY(fit_reduce(rows, folds, fold, -1, scratch, &system, err));
    out->n_terms = n_forced;
    memcpy(out->terms, forced, (size_t)n_forced * sizeof *forced);
    nnls_solve(&system, n_forced, forced, out->coefficients);
    return ST_OK;
}

static status predict_held_out(const struct fit_rows *rows, const struct folds *folds,
                               int32_t n_forced, const int32_t *forced,
                               double *predicted, struct err *err)
{
    status st = ST_OK;
    for (int32_t fold = 0; fold < folds->n && st == ST_OK; fold++) {
        struct fit_formula f;
        struct arena *scratch = arena_new();
        if (!scratch) return arena_exhausted(err);
        st = fit_without(rows, folds, fold, n_forced, forced, scratch, &f, err);
        for (int32_t i = 0; i < rows->n && st == ST_OK; i++)
            if (folds->of_row[i] == fold)
                predicted[i] = fit_formula_eval(
                    &f, rows->sizes + (size_t)i * (size_t)rows->n_sizes);
        arena_free(scratch);
    }
    return st;
}

static void training_error(const struct fit_rows *rows, struct fit_result *out)
{
    double sum = 0;
    out->train_max = 0;
    for (int32_t i = 0; i < rows->n; i++) {
        const double *sizes = rows->sizes + (size_t)i * (size_t)rows->n_sizes;
        const double e = fit_relative_error(fit_formula_eval(&out->formula, sizes),
                                            rows->y[i], rows->floor);
        sum += e;
        if (e > out->train_max) out->train_max = e;
    }
    out->train_mean = sum / rows->n;
}

status fit_choose(const struct fit_rows *rows, int32_t n_forced, const int32_t *forced,
                  struct arena *a, struct fit_result *out, struct err *err)
{
    struct folds folds;
    if (rows->n < FIT_MIN_ROWS)
        return err_set(err, ST_RANGE, "fit: expected at least %d rows, found %d",
                       FIT_MIN_ROWS, rows->n);
    if (rows->n_groups < 2)
        return err_set(err, ST_RANGE,
                       "fit: expected at least 2 groups to hold one out, found %d",
                       rows->n_groups);
    TRY(deal_folds(rows, a, &folds, err));
    out->n_folds = folds.n;
    if (n_forced > 0)
        TRY(fit_terms(rows, n_forced, forced, a, &out->formula, err));
    else
        TRY(fit_select(rows, &folds, -1, a, &out->formula, err));
    out->predicted = ARENA_NEW(a, double, (size_t)rows->n);
    out->half_widths = ARENA_NEW(a, double, (size_t)rows->n);
    if (!out->predicted || !out->half_widths) return arena_exhausted(err);
    TRY(predict_held_out(rows, &folds, n_forced, forced, out->predicted, err));
    training_error(rows, out);
    const struct fit_estimates h = {rows->n, out->predicted, rows->y, rows->floor,
                                    rows->group};
    return fit_error_of(&h, a, out->half_widths, &out->held_out, err);
}
