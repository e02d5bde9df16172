/* select_start.c -- where the choice of terms starts: the best of all sets of at most
 * three terms.
 *
 * Adding one term at a time misses terms that only help together.  Three are few enough
 * to try every set, by normal equations: a fold's products of columns, and those of the
 * rows that it leaves out, give coefficients and held-out error without a look at any
 * row.  A set with a coefficient that is not positive is passed over: the same without
 * that term is tried too.  (The chosen set is solved again, by costmodel/nnls.h.) */
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "costmodel/fit_internal.h"

enum { COLUMNS = NNLS_MAX + 1, START_TERMS = 3 };
/* Below this share of its diagonal a pivot is rounding: the columns are dependent. */
static const double pivot_tolerance = 1e-9;
/* A smaller sum of squares per row is rounding: nothing is left for another term. */
static const double perfect = 1e-12;

/* Products of all pairs of columns, the measured values last. */
struct products {
    double of[COLUMNS][COLUMNS];
};

static void multiply(const struct nnls_system *s, int32_t n, struct products *out)
{
    for (int32_t i = 0; i <= n; i++)
        for (int32_t j = 0; j <= i; j++) {
            double sum = 0;
            for (int32_t k = 0; k < s->n_rows; k++)
                sum += s->r[COLUMNS * i + k] * s->r[COLUMNS * j + k];
            sum *= (i < n ? s->norm[i] : 1) * (j < n ? s->norm[j] : 1);
            out->of[i][j] = out->of[j][i] = sum;
        }
}

/* Coefficients of a set of terms; false: dependent terms or one that is not positive.
 */
static bool solve(const struct products *p, int32_t n_sizes, int32_t n,
                  const int32_t *terms, double *x)
{
    double m[START_TERMS][START_TERMS];
    for (int32_t i = 0; i < n; i++) { /* Cholesky */
        x[i] = p->of[terms[i]][n_sizes];
        for (int32_t j = 0; j <= i; j++) {
            m[i][j] = p->of[terms[i]][terms[j]];
            for (int32_t k = 0; k < j; k++)
                m[i][j] -= m[i][k] * m[j][k];
            if (j < i) m[i][j] /= m[j][j];
        }
        if (!(m[i][i] > pivot_tolerance * p->of[terms[i]][terms[i]])) return false;
        m[i][i] = sqrt(m[i][i]);
        for (int32_t j = 0; j < i; j++)
            x[i] -= m[i][j] * x[j];
        x[i] /= m[i][i];
    }
    for (int32_t i = n - 1; i >= 0; i--) {
        for (int32_t j = i + 1; j < n; j++)
            x[i] -= m[j][i] * x[j];
        x[i] /= m[i][i];
        if (!(x[i] > 0)) return false;
    }
    return true;
}

struct start {
    int32_t n_sizes, n_folds;
    const struct products *except, *left; /* (n_folds) without a fold; of it alone   */
};

/* Sum of squared held-out errors; infinite if a fold has no positive solution. */
static double error_of(const struct start *s, int32_t n, const int32_t *terms)
{
    double sum = 0, x[START_TERMS];
    for (int32_t f = 0; f < s->n_folds; f++) {
        const struct products *h = &s->left[f];
        if (!solve(&s->except[f], s->n_sizes, n, terms, x)) return INFINITY;
        sum += h->of[s->n_sizes][s->n_sizes];
        for (int32_t i = 0; i < n; i++) {
            sum -= 2 * x[i] * h->of[terms[i]][s->n_sizes];
            for (int32_t j = 0; j < n; j++)
                sum += x[i] * x[j] * h->of[terms[i]][terms[j]];
        }
    }
    return sum > 0 ? sum : 0;
}

/* The next set of n out of n_sizes, in order; false after the last. */
static bool next_set(int32_t n_sizes, int32_t n, int32_t *terms)
{
    int32_t i = n - 1;
    while (i >= 0 && terms[i] == n_sizes - n + i)
        i--;
    if (i < 0) return false;
    terms[i]++;
    for (; i + 1 < n; i++)
        terms[i + 1] = terms[i] + 1;
    return true;
}

/* false: none is below *least. */
static bool best_of_size(const struct start *s, int32_t n, int32_t *best, double *least)
{
    int32_t terms[START_TERMS];
    bool found = false;
    for (int32_t i = 0; i < n; i++)
        terms[i] = i;
    do {
        const double e = error_of(s, n, terms);
        if (e >= *least) continue;
        *least = e;
        found = true;
        memcpy(best, terms, (size_t)n * sizeof *best);
    } while (next_set(s->n_sizes, n, terms));
    return found;
}

/* Products with and without the rows of each fold. */
static status multiply_folds(const struct fit_selection *s, struct arena *scratch,
                             struct start *out, struct err *err)
{
    const int32_t n = s->whole->n_cols;
    struct products *all = ARENA_NEW(scratch, struct products, 1);
    struct products *except = ARENA_NEW(scratch, struct products, (size_t)s->folds->n);
    struct products *left = ARENA_NEW(scratch, struct products, (size_t)s->folds->n);
    *out = (struct start){n, 0, except, left};
    if (!all || !except || !left) return arena_exhausted(err);
    multiply(s->whole, n, all);
    for (int32_t f = 0; f < s->folds->n; f++) {
        if (f == s->outside) continue;
        struct products *of = &except[out->n_folds], *rest = &left[out->n_folds++];
        multiply(&s->except[f], n, of);
        for (int32_t i = 0; i <= n; i++)
            for (int32_t j = 0; j <= n; j++)
                rest->of[i][j] = all->of[i][j] - of->of[i][j];
    }
    return ST_OK;
}

status fit_select_start(const struct fit_selection *s, double min_gain,
                        struct arena *scratch, int32_t *terms, int32_t *n,
                        struct err *err)
{
    const double gain = (1 - min_gain) * (1 - min_gain); /* of squares */
    struct start start;
    double least = INFINITY;
    TRY(multiply_folds(s, scratch, &start, err));
    *n = 0;
    for (int32_t k = 1; k <= START_TERMS && k <= s->max_terms; k++) {
        double limit = least * gain;
        if (least < perfect * s->rows->n) break;
        int32_t best[START_TERMS];
        if (k > start.n_sizes || !best_of_size(&start, k, best, &limit)) continue;
        least = limit;
        *n = k;
        memcpy(terms, best, (size_t)k * sizeof *terms);
    }
    return ST_OK;
}
