/* nnls.h -- least squares with non-negative coefficients.
 *
 *   minimise |A x - b|  subject to  x >= 0
 *
 * A problem of any height is first reduced by one QR factorisation of (A | b) to a
 * triangle of at most NNLS_MAX + 1 rows that has the same minimisers for every
 * subset of the columns.  Fitting many subsets to the same rows, as term selection
 * does, then costs the same for ten rows as for ten thousand. */
#ifndef COSTMODEL_NNLS_H
#define COSTMODEL_NNLS_H

#include <stdint.h>

#include "base/arena.h"
#include "base/status.h"

enum { NNLS_MAX = 24 }; /* columns */

struct nnls_system {
    int32_t n_rows, n_cols; /* n_rows <= n_cols + 1                             */
    double norm[NNLS_MAX];  /* (n_cols) Euclidean norm of each column of A       */
    double r[(NNLS_MAX + 1) * (NNLS_MAX + 1)];
    /* (n_cols + 1, n_rows): columns of A scaled to norm 1, then b, each contiguous;
     * the leading dimension is NNLS_MAX + 1 */
};

/* a: (n_rows, n_cols), row-major; b: (n_rows).  Scratch memory from arena.
 * ST_NOMEM; ST_RANGE if there are no rows or too many columns. */
status nnls_reduce(int32_t n_rows, int32_t n_cols, const double *a, const double *b,
                   struct arena *scratch, struct nnls_system *out, struct err *err);

/* Solves for a subset of the columns: columns (n), x (n). */
void nnls_solve(const struct nnls_system *s, int32_t n, const int32_t *columns,
                double *x);

/* First column of the subset that is (to 1e-7 of its norm) a linear combination of
 * the columns before it, or -1.  partners (n), may be NULL: 1 for those of the
 * columns before it that have a part in the combination, else 0. */
int32_t nnls_collinear(const struct nnls_system *s, int32_t n, const int32_t *columns,
                       int32_t *partners);

#endif
