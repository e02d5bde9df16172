/* calibrate.h -- from measurements to a cost model, with an account of how good it
 * is.
 *
 * Per toolchain: the measured elements become the table; each class of each module
 * gets a formula (costmodel/fit.h) if there are rows enough; what is left of a whole
 * mvu after its measured parts becomes the control, fitted like a module; then every
 * measured mvu is estimated again and compared, with the table and by formula only.
 * Nothing that estimates a row has seen it: the control of an mvu row comes from the
 * fold that left the row out, and so do, by formula only, its mac and requant. */
#ifndef COSTMODEL_CALIBRATE_H
#define COSTMODEL_CALIBRATE_H

#include "base/cli.h"
#include "costmodel/meas.h"
#include "costmodel/model_internal.h"

/* The goals: relative errors of LUT, on what was not in the fit. */
extern const double goal_table_mean, goal_formula_mean, goal_formula_max;
/* An element of a few LUTs cannot be met within 15 % but exactly: a formula that is
 * never off by more than a LUT meets the goal too. */
bool goal_met_by_formula(const struct fit_error *e);

struct calibrate_options {
    const char *only;         /* this toolchain alone; NULL = all                */
    struct cli_list *targets; /* "NAME=TARGET" each; NULL = none               */
    int32_t n_forced[ELEMENT_N_MODULES]; /* 0: terms are chosen               */
    int32_t forced[ELEMENT_N_MODULES][FIT_MAX_TERMS];
};

/* One class of one module. */
struct calibrate_class {
    int32_t i_toolchain;
    enum element_module module;
    int32_t i_class, n_rows, n_groups;
    const struct model_fit *fit; /* NULL: table only                           */
    char why[512];               /* if so                                      */
};

/* One measured value beside its estimate. */
struct calibrate_point {
    int32_t i_toolchain;
    const char *module; /* static */
    enum cost_metric metric;
    char label[128];
    double meas;
    struct cost_value est;
    bool held_out;
};

struct calibrate_tally {
    int32_t n, n_equal;
};
struct calibrate_errors {
    int32_t n;
    double mean, max; /* relative */
};

/* Whole mvu rows and FF of elements, per toolchain. */
struct calibrate_check {
    int32_t n_mvu;
    struct calibrate_tally element_ff, ff, dsp, bram18, cycles;
    struct calibrate_errors lut_table;   /* rows whose mac and requant are measured */
    struct calibrate_errors lut_formula; /* all rows that formulas can answer       */
};

struct calibration {
    struct cost_model *model;
    int32_t n_classes, n_points;
    struct calibrate_class *classes;
    struct calibrate_point *points;
    struct calibrate_check checks[MODEL_TOOLCHAINS_MAX];
    int32_t n_repeated; /* rows measured twice with the same result */
};

/* In arena.  ST_RANGE: rows that disagree, an unknown toolchain, dependent terms. */
status calibrate(const struct meas *meas, const struct calibrate_options *opt,
                 struct arena *a, struct calibration *out, struct err *err);

#endif
