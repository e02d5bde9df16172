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
    double *held_out; /* (n_elements) LUT by formula without the element; NaN: none */
    double *control_held_out; /* (meas->n_rows), the same for the control of an mvu */
};

/* Elements of one class to fit: rows (n) with their LUT. */
struct calibrate_rows {
    enum element_module module;
    int32_t i_class, n;
    const struct element *elements; /* (n) */
    const double *lut;              /* (n) */
    const double *whole;            /* (n) LUT that errors are relative to; NULL: lut */
    const int32_t *group;           /* (n) in [0, n_groups)                    */
    int32_t n_groups;
};

/* Fits the class; predicted (n) receives held-out estimates (NaN without formula).
 * Too few rows are not an error: the class is then table only. */
status calibrate_fit_class(struct calibrate_work *w, const struct calibrate_rows *rows,
                           double *predicted, struct err *err);
/* All classes of mac_parallel and requant; fills held_out. */
status calibrate_elements(struct calibrate_work *w, struct err *err);
/* The control of the measured mvus. */
status calibrate_control(struct calibrate_work *w, struct err *err);
/* Estimates everything again. */
status calibrate_check_all(struct calibrate_work *w, struct err *err);

struct calibrate_point *calibrate_add_point(struct calibrate_work *w);

#endif
