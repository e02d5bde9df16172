/* select.c -- which terms a formula uses.
 *
 * Forward selection with elimination: starting from the best set of few terms
 * (costmodel/select_start.c), the term is added that lowers the held-out
 * root-mean-square relative error most; after each addition, a term that the others
 * have made useless is dropped; where no addition helps, one term may be exchanged for
 * another.  It stops when no change gains at least `min_gain`.  Held-out error decides,
 * so a term that only describes the training rows is never taken.
 *
 * The rows of each (outer fold, inner fold) pair are reduced once (costmodel/nnls.h);
 * trying a subset of terms then costs one small solve per fold. */
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "costmodel/fit_internal.h"

/* A smaller gain is within the noise of which precisions happened to be measured. */
static const double min_gain = 0.01;
/* Below this error there is nothing to gain: a ten-thousandth of a LUT in a hundred. */
static const double perfect = 1e-6;

/* Held-out RMS relative error of a set of terms; infinite if they are dependent. */
static double score(const struct fit_selection *s, int32_t n, const int32_t *terms)
{
    double sum = 0;
    int32_t n_rows = 0;
    if (nnls_collinear(s->whole, n, terms, NULL) >= 0) return INFINITY;
    for (int32_t fold = 0; fold < s->folds->n; fold++) {
        struct fit_formula f = {.n_terms = n};
        if (fold == s->outside) continue;
        memcpy(f.terms, terms, (size_t)n * sizeof *terms);
        nnls_solve(&s->except[fold], n, terms, f.coefficients);
        for (int32_t i = 0; i < s->rows->n; i++) {
            if (s->folds->of_row[i] != fold) continue;
            const double *sizes = s->rows->sizes + (size_t)i * (size_t)s->rows->n_sizes;
            const double e =
                (fit_formula_eval(&f, sizes) - s->rows->y[i]) / fit_whole(s->rows, i);
            sum += e * e;
            n_rows++;
        }
    }
    return n_rows > 0 ? sqrt(sum / n_rows) : INFINITY;
}

static int has_term(int32_t n, const int32_t *terms, int32_t term)
{
    for (int32_t i = 0; i < n; i++)
        if (terms[i] == term) return 1;
    return 0;
}

/* Adds the best term in place if it gains enough; returns the number of terms. */
static int32_t try_add(const struct fit_selection *s, int32_t n, int32_t *terms,
                       double *best)
{
    int32_t winner = -1;
    double limit = n == 0 ? INFINITY : *best * (1 - min_gain) - perfect;
    for (int32_t t = 0; t < s->rows->n_sizes && n < s->max_terms; t++) {
        if (has_term(n, terms, t)) continue;
        terms[n] = t;
        const double e = score(s, n + 1, terms);
        if (e < limit) {
            limit = e;
            winner = t;
        }
    }
    if (winner < 0) return n;
    terms[n] = winner;
    *best = limit;
    return n + 1;
}

/* Drops terms, worst first, while that does not raise the error. */
static int32_t try_drop(const struct fit_selection *s, int32_t n, int32_t *terms,
                        double *best)
{
    for (int32_t i = 0; i < n && n > 1; i++) {
        int32_t rest[FIT_MAX_TERMS], n_rest = 0;
        for (int32_t k = 0; k < n; k++)
            if (k != i) rest[n_rest++] = terms[k];
        const double e = score(s, n_rest, rest);
        if (e > *best) continue;
        memcpy(terms, rest, (size_t)n_rest * sizeof *rest);
        *best = e;
        n = n_rest;
        i = -1;
    }
    return n;
}

/* Replaces one term by another where that gains enough; true if it did. */
static bool try_swap(const struct fit_selection *s, int32_t n, int32_t *terms,
                     double *best)
{
    int32_t at = -1, winner = -1;
    double limit = *best * (1 - min_gain) - perfect;
    for (int32_t i = 0; i < n; i++) {
        const int32_t mine = terms[i];
        for (int32_t t = 0; t < s->rows->n_sizes; t++) {
            if (has_term(n, terms, t)) continue;
            terms[i] = t;
            const double e = score(s, n, terms);
            terms[i] = mine;
            if (e >= limit) continue;
            limit = e;
            at = i;
            winner = t;
        }
    }
    if (winner < 0) return false;
    terms[at] = winner;
    *best = limit;
    return true;
}

/* Removes terms whose coefficient is 0: they are not part of the formula. */
static void drop_zeros(struct fit_formula *f)
{
    int32_t n = 0;
    for (int32_t i = 0; i < f->n_terms; i++)
        if (f->coefficients[i] > 0) {
            f->terms[n] = f->terms[i];
            f->coefficients[n++] = f->coefficients[i];
        }
    f->n_terms = n;
}

status fit_select(const struct fit_rows *rows, const struct folds *folds,
                  int32_t outside, struct arena *scratch, struct fit_formula *out,
                  struct err *err)
{
    struct nnls_system whole;
    struct nnls_system *except =
        ARENA_NEW(scratch, struct nnls_system, (size_t)folds->n);
    if (!except) return arena_exhausted(err);
    TRY(fit_reduce(rows, folds, outside, -1, scratch, &whole, err));
    int32_t n_rows = 0;
    for (int32_t i = 0; i < rows->n; i++)
        n_rows += folds->of_row[i] != outside;
    for (int32_t fold = 0; fold < folds->n; fold++)
        if (fold != outside && (outside < 0 || folds->n > 2))
            TRY(fit_reduce(rows, folds, outside, fold, scratch, &except[fold], err));
        else
            except[fold] = whole; /* two folds: nothing is left to hold out twice */
    /* About three rows per coefficient, or the choice is a matter of luck. */
    const int32_t cap = (n_rows + 2) / 3;
    const struct fit_selection s = {rows,    folds,
                                    outside, &whole,
                                    except,  cap < FIT_MAX_TERMS ? cap : FIT_MAX_TERMS};
    int32_t n, n_more;
    TRY(fit_select_start(&s, min_gain, scratch, out->terms, &n, err));
    double best = n > 0 ? score(&s, n, out->terms) : INFINITY;
    /* Every addition and exchange lowers the error by min_gain, so this ends. */
    do {
        while ((n_more = try_add(&s, n, out->terms, &best)) > n)
            n = try_drop(&s, n_more, out->terms, &best);
    } while (try_swap(&s, n, out->terms, &best));
    out->n_terms = n;
    nnls_solve(&whole, n, out->terms, out->coefficients);
    drop_zeros(out);
    if (out->n_terms == 0)
        return err_set(err, ST_RANGE,
                       "fit: expected measurements that grow with some term, found %d "
                       "rows that no term describes",
                       n_rows);
    return ST_OK;
}
