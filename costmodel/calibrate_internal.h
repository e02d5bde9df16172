/* calibrate_internal.h -- the steps of calibrate(). */
#ifndef COSTMODEL_CALIBRATE_INTERNAL_H
#define COSTMODEL_CALIBRATE_INTERNAL_H

#include "costmodel/calibrate.h"

/* What the steps share for one toolchain. */
struct calibrate_work {
    const struct meas *meas;
    const struct calibrate_options *opt;
    struct arena *a;
    struct calibration *out;
    int32_t i_toolchain;
    struct model_toolchain *t;
    /* (n_elements) each: estimate by formula without the element; NaN: none */
    double *held_out[ELEMENT_N_METRICS];
    double *half_width[ELEMENT_N_METRICS]; /* of these, by the other groups */
    double *control_held_out;  /* (meas->n_rows), the same for the control of an mvu */
    double *array_held_out[2]; /* (meas->n_rows) each, LUT and area between units   */
};

/* Elements of one class to fit: rows (n) with one metric. */
struct calibrate_rows {
    enum element_module module;
    int32_t i_class;
    enum element_metric metric;
    int32_t n;
    const struct element *elements; /* (n) */
    const double *measured;         /* (n) */
    const double *whole;  /* (n) what weights are relative to; NULL: measured */
    const int32_t *group; /* (n) in [0, n_groups)                    */
    int32_t n_groups;
};

/* Fits the class; predicted (n) receives held-out estimates (NaN without formula), and
 * half_widths (n) or NULL their intervals by the other groups.  Too few rows are not an
 * error: the class is then table only. */
status calibrate_fit_class(struct calibrate_work *w, const struct calibrate_rows *rows,
                           double *predicted, double *half_widths, struct err *err);
/* The measured elements of the toolchain, each once, with all its metrics. */
status calibrate_table(struct calibrate_work *w, struct err *err);
/* All classes and metrics of the table; fills held_out. */
status calibrate_elements(struct calibrate_work *w, struct err *err);
/* The control of the measured mvus. */
status calibrate_control(struct calibrate_work *w, struct err *err);
/* What lies between the units of the measured arrays. */
status calibrate_arrays(struct calibrate_work *w, struct err *err);
/* Estimates every element again, every mvu, every array. */
void calibrate_check_elements(struct calibrate_work *w);
status calibrate_check_mvus(struct calibrate_work *w, struct err *err);
status calibrate_check_arrays(struct calibrate_work *w, struct err *err);

/* A row of this toolchain that is such a module. */
bool calibrate_is(const struct calibrate_work *w, size_t i_row, enum meas_module m);
struct calibrate_point *calibrate_add_point(struct calibrate_work *w,
                                            const char *module, const char *metric,
                                            const char *label, double meas,
                                            struct cost_value est);
/* Adds a point that structure alone answers, and counts whether it is right. */
void calibrate_check_exact(struct calibrate_work *w, struct calibrate_tally *tally,
                           const char *module, enum cost_metric metric,
                           const char *label, double est, double meas);
/* One metric of a part of something measured whole: from the table (NaN if it is not
 * there), or by formula as if the table had never seen it. */
double calibrate_part(const struct calibrate_work *w, const struct element *e,
                      enum element_metric metric, bool with_table);
void calibrate_add_error(struct calibrate_errors *e, double estimate, double measured);

#endif
