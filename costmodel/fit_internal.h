/* fit_internal.h -- folds and reduced systems, shared by fit.c and select.c. */
#ifndef COSTMODEL_FIT_INTERNAL_H
#define COSTMODEL_FIT_INTERNAL_H

#include "costmodel/fit.h"

struct folds {
    int32_t n;
    const int32_t *of_row; /* (n rows) fold of each row */
};

/* What the error of row i is relative to. */
double fit_whole(const struct fit_rows *rows, int32_t i);

/* Relative-weighted system of the rows whose fold is neither skip0 nor skip1
 * (-1: none). */
status fit_reduce(const struct fit_rows *rows, const struct folds *folds, int32_t skip0,
                  int32_t skip1, struct arena *scratch, struct nnls_system *out,
                  struct err *err);

/* Chooses terms by held-out error over the folds other than `outside` (-1: all
 * folds count). */
status fit_select(const struct fit_rows *rows, const struct folds *folds,
                  int32_t outside, struct arena *scratch, struct fit_formula *out,
                  struct err *err);

/* What a choice of terms looks at. */
struct fit_selection {
    const struct fit_rows *rows;
    const struct folds *folds;
    int32_t outside;                  /* fold that does not exist here */
    const struct nnls_system *whole;  /* all rows but `outside` */
    const struct nnls_system *except; /* (folds->n): also without fold i */
    int32_t max_terms;
};

/* The best of all sets of few terms: terms (FIT_MAX_TERMS), *n of them, 0 if none has
 * positive coefficients.  A larger set is taken if it gains `min_gain`. */
status fit_select_start(const struct fit_selection *s, double min_gain,
                        struct arena *scratch, int32_t *terms, int32_t *n,
                        struct err *err);

#endif
