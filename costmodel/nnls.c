/* nnls.c -- the active-set algorithm of Lawson and Hanson (Solving Least Squares
 * Problems, 1974, chapter 23): a passive set P of columns with positive
 * coefficients grows by the column with the steepest descent; an unconstrained
 * least-squares solution on P (LAPACK dgels) that leaves the feasible region is cut
 * back to its border, and the columns that became 0 leave P.
 *
 * Columns have norm 1 here, so one tolerance fits all of them. */
#include "costmodel/nnls.h"

#include <lapacke.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "base/blas.h"

enum { LD = NNLS_MAX + 1 };

static const double collinear_tolerance = 1e-7; /* about sqrt(DBL_EPSILON), and far
    below what a LUT count, an integer, can tell apart */
static const double descent_tolerance = 1e-12;  /* relative to |b| */

status nnls_reduce(int32_t n_rows, int32_t n_cols, const double *a, const double *b,
                   struct arena *scratch, struct nnls_system *out, struct err *err)
{
    TRY(blas_prepare(1, err)); /* the fit must not depend on the number of cores */
    if (n_rows < 1 || n_cols < 1 || n_cols > NNLS_MAX)
        return err_set(err, ST_RANGE,
                       "least squares: expected at least 1 row and 1 to %d columns, "
                       "found %d rows and %d columns",
                       NNLS_MAX, n_rows, n_cols);
    const size_t rows = (size_t)n_rows, width = (size_t)n_cols + 1;
    double *m = ARENA_NEW(scratch, double, rows *width);
    double tau[LD];
    if (!m) return arena_exhausted(err);
    memset(out, 0, sizeof *out);
    out->n_cols = n_cols;
    for (int32_t j = 0; j < n_cols; j++) {
        double sum = 0;
        for (size_t i = 0; i < rows; i++)
            sum +=
                a[i * (size_t)n_cols + (size_t)j] * a[i * (size_t)n_cols + (size_t)j];
        out->norm[j] = sqrt(sum);
        const double scale = sum > 0 ? 1 / out->norm[j] : 0;
        for (size_t i = 0; i < rows; i++)
            m[(size_t)j * rows + i] = a[i * (size_t)n_cols + (size_t)j] * scale;
    }
    memcpy(m + (size_t)n_cols * rows, b, rows * sizeof *m);
    if (LAPACKE_dgeqrf(LAPACK_COL_MAJOR, n_rows, n_cols + 1, m, n_rows, tau) != 0)
        return err_set(err, ST_RANGE,
                       "least squares: expected finite sizes and measurements, found a "
                       "NaN or an infinity");
    out->n_rows = n_rows < n_cols + 1 ? n_rows : n_cols + 1;
    for (int32_t j = 0; j <= n_cols; j++)
        for (int32_t i = 0; i < out->n_rows && i <= j; i++)
            out->r[j * LD + i] = m[(size_t)j * rows + (size_t)i];
    return ST_OK;
}

static double dot(int32_t n, const double *a, const double *b)
{
    double sum = 0;
    for (int32_t i = 0; i < n; i++)
        sum += a[i] * b[i];
    return sum;
}

/* Unconstrained solution on the columns of the passive set; 0 elsewhere.  False if
 * they are linearly dependent. */
static bool solve_passive(const struct nnls_system *s, int32_t n,
                          const int32_t *columns, const bool *passive, double *z)
{
    double m[LD * NNLS_MAX], rhs[LD] = {0};
    int32_t n_passive = 0;
    for (int32_t j = 0; j < n; j++)
        if (passive[j])
            memcpy(m + LD * n_passive++, s->r + LD * columns[j], LD * sizeof *m);
    if (n_passive > s->n_rows) return false;
    memcpy(rhs, s->r + LD * s->n_cols, LD * sizeof *rhs);
    if (LAPACKE_dgels(LAPACK_COL_MAJOR, 'N', s->n_rows, n_passive, 1, m, LD, rhs, LD))
        return false;
    for (int32_t j = 0, k = 0; j < n; j++)
        z[j] = passive[j] ? rhs[k++] : 0;
    return true;
}

/* g = A' (b - A x) on the subset. */
static void descent(const struct nnls_system *s, int32_t n, const int32_t *columns,
                    const double *x, double *g)
{
    double rest[LD];
    memcpy(rest, s->r + LD * s->n_cols, sizeof rest);
    for (int32_t j = 0; j < n; j++)
        for (int32_t i = 0; i < s->n_rows; i++)
            rest[i] -= s->r[LD * columns[j] + i] * x[j];
    for (int32_t j = 0; j < n; j++)
        g[j] = dot(s->n_rows, s->r + LD * columns[j], rest);
}

/* Moves x towards z as far as it stays non-negative; columns that reach 0 leave the
 * passive set.  Returns true if it reached z. */
static bool step_towards(int32_t n, double *x, const double *z, bool *passive)
{
    double alpha = 1;
    int32_t first = -1;
    for (int32_t j = 0; j < n; j++)
        if (passive[j] && z[j] <= 0 && x[j] / (x[j] - z[j]) < alpha) {
            alpha = x[j] / (x[j] - z[j]);
            first = j;
        }
    for (int32_t j = 0; j < n; j++) {
        x[j] += alpha * (z[j] - x[j]);
        if (passive[j] && (j == first || (z[j] <= 0 && x[j] <= 0))) {
            passive[j] = false;
            x[j] = 0;
        }
    }
    return first < 0;
}

/* Column outside P with the steepest descent that is not refused, -1 if none. */
static int32_t steepest(int32_t n, const double *g, const bool *passive,
                        const bool *refused, double tolerance)
{
    int32_t best = -1;
    for (int32_t j = 0; j < n; j++)
        if (!passive[j] && !refused[j] && g[j] > tolerance &&
            (best < 0 || g[j] > g[best]))
            best = j;
    return best;
}

void nnls_solve(const struct nnls_system *s, int32_t n, const int32_t *columns,
                double *x)
{
    bool passive[NNLS_MAX] = {false}, refused[NNLS_MAX] = {false};
    double g[NNLS_MAX], z[NNLS_MAX];
    const double *b = s->r + LD * s->n_cols;
    const double tolerance = descent_tolerance * sqrt(dot(s->n_rows, b, b));
    memset(x, 0, (size_t)n * sizeof *x);
    descent(s, n, columns, x, g);
    /* Each round lowers the error, so it ends; the bound is Lawson and Hanson's. */
    for (int32_t round = 0; round < 3 * NNLS_MAX; round++) {
        const int32_t j = steepest(n, g, passive, refused, tolerance);
        if (j < 0) break;
        passive[j] = true;
        /* A column that dependence or rounding gives no positive part is not a
         * descent direction: try the next. */
        if (!solve_passive(s, n, columns, passive, z) || z[j] <= 0) {
            passive[j] = false;
            refused[j] = true;
            continue;
        }
        while (!step_towards(n, x, z, passive))
            if (!solve_passive(s, n, columns, passive, z)) break;
        memset(refused, 0, sizeof refused);
        descent(s, n, columns, x, g);
    }
    for (int32_t j = 0; j < n; j++)
        x[j] = s->norm[columns[j]] > 0 ? x[j] / s->norm[columns[j]] : 0;
}

int32_t nnls_collinear(const struct nnls_system *s, int32_t n, const int32_t *columns,
                       int32_t *partners)
{
    for (int32_t j = 0; j < n; j++) {
        double m[LD * NNLS_MAX], rhs[LD], rest[LD];
        const double *column = s->r + LD * columns[j];
        memcpy(rest, column, sizeof rest);
        memcpy(rhs, column, sizeof rhs);
        if (partners) memset(partners, 0, (size_t)n * sizeof *partners);
        if (j > 0 && j <= s->n_rows) {
            for (int32_t k = 0; k < j; k++)
                memcpy(m + LD * k, s->r + LD * columns[k], LD * sizeof *m);
            LAPACKE_dgels(LAPACK_COL_MAJOR, 'N', s->n_rows, j, 1, m, LD, rhs, LD);
            for (int32_t k = 0; k < j; k++)
                for (int32_t i = 0; i < s->n_rows; i++)
                    rest[i] -= s->r[LD * columns[k] + i] * rhs[k];
            for (int32_t k = 0; partners && k < j; k++)
                partners[k] = fabs(rhs[k]) > collinear_tolerance;
        }
        if (sqrt(dot(s->n_rows, rest, rest)) < collinear_tolerance) return j;
    }
    return -1;
}
