/* fit.h -- one formula from measured rows: relative-weighted non-negative least
 * squares, its held-out error, and the choice of its terms.
 *
 * Relative errors and weights: a row counts by (estimate - measured) / max(measured,
 * floor), so a 10-LUT mac matters as much as a 1000-LUT mac.  The floor is 10 for
 * counts: of a few LUTs the last one is the mapper's whim.  Where the rows are parts of
 * something larger, `whole` is what a weight is relative to.
 *
 * Held out.  Rows belong to groups, and a fold leaves out whole groups: for a mac
 * the group is the precision (W, A, signs), so the held-out error is that of
 * precisions the fit has never seen.  With at most FIT_MAX_FOLDS groups every group
 * is a fold of its own (leave one out); else groups are dealt to the folds in turn.
 * Terms are chosen by the cross-validated error inside each training part anew
 * (nested), so the error reported is not the one that was minimised.
 *
 * Prediction interval: the half width is the ceil(0.9 (n + 1))-th smallest held-out
 * |residual|, as if those residuals were exchangeable with the next one (conformal
 * prediction: Vovk, Gammerman and Shafer 2005; with residuals of cross-validation its
 * 90 % is no theorem but a figure that coverage checks).  A residual is relative to
 * max(estimate, floor), which is known where the interval is used.  Below 9 rows no
 * finite interval can promise that; then it is the largest residual.  Coverage is
 * counted with each group's own residuals left out; of a single group with each row's
 * own left out. */
#ifndef COSTMODEL_FIT_H
#define COSTMODEL_FIT_H

#include "base/arena.h"
#include "base/status.h"
#include "costmodel/nnls.h"

enum { FIT_MAX_FOLDS = 24, FIT_MAX_TERMS = 8, FIT_MIN_ROWS = 4 };

extern const double fit_interval_level; /* 0.9 */

struct fit_rows {
    int32_t n, n_sizes;
    const double *sizes;  /* (n, n_sizes), row-major, >= 0                   */
    const double *y;      /* (n) measured, >= 0                              */
    const double *whole;  /* (n) > 0, or NULL: y itself                          */
    double floor;         /* errors are relative to at least this, >= 0          */
    const int32_t *group; /* (n) in [0, n_groups)                            */
    int32_t n_groups;
    const char *const *names; /* (n_sizes) for messages                          */
};

struct fit_formula {
    int32_t n_terms;
    int32_t terms[FIT_MAX_TERMS]; /* columns of sizes                        */
    double coefficients[FIT_MAX_TERMS];
};

/* Relative errors, 0.05 = 5 %. */
struct fit_error {
    double mean, median, max;
    double max_abs;    /* largest |estimate - measured|, in units of y            */
    double half_width; /* of the 90 % interval, relative to max(estimate, floor)  */
    double coverage;   /* share of rows inside it                                 */
};

struct fit_result {
    struct fit_formula formula;
    int32_t n_folds;
    double train_mean, train_max;
    struct fit_error held_out;
    double *predicted;   /* (n) held-out estimate of every row, in arena          */
    double *half_widths; /* (n) interval of each from the other groups, in arena   */
};

double fit_formula_eval(const struct fit_formula *f, const double *sizes);
double fit_relative_error(double estimate, double measured, double floor);

/* Coefficients for given terms on all rows.
 * ST_RANGE: too few rows, or a term is a combination of the others on these rows;
 * the message names both sides. */
status fit_terms(const struct fit_rows *rows, int32_t n_terms, const int32_t *terms,
                 struct arena *scratch, struct fit_formula *out, struct err *err);

/* Chooses terms (n_forced > 0: takes these) and cross-validates. */
status fit_choose(const struct fit_rows *rows, int32_t n_forced, const int32_t *forced,
                  struct arena *a, struct fit_result *out, struct err *err);

/* Held-out estimates beside what was measured. */
struct fit_estimates {
    int32_t n;
    const double *estimates, *measured; /* (n) */
    double floor;
    const int32_t *group; /* (n), as above */
};
/* Errors, interval and coverage.  half_widths: (n), what the interval of each row is by
 * the residuals of the other groups, or NULL. */
status fit_error_of(const struct fit_estimates *h, struct arena *scratch,
                    double *half_widths, struct fit_error *out, struct err *err);

#endif
