/* calibrate.h -- from measurements to a cost model, with an account of how good it
 * is.
 *
 * Per toolchain: the measured elements become the table; each class of each module
 * gets a formula (costmodel/fit.h) for each metric if there are rows enough; what is
 * left of a whole mvu after its measured parts becomes the control, fitted like a
 * module; then every measured mvu and array is estimated again and compared, with the
 * table and by formula only.  Nothing that estimates a row has seen it: the control of
 * an mvu row comes from the fold that left the row out, and so do, by formula only, its
 * mac and requant. */
#ifndef COSTMODEL_CALIBRATE_H
#define COSTMODEL_CALIBRATE_H

#include "base/cli.h"
#include "costmodel/meas.h"
#include "costmodel/model_internal.h"

struct calibrate_options {
    const char *only;         /* this toolchain alone; NULL = all                */
    struct cli_list *targets; /* "NAME=TARGET" each; NULL = none               */
    const char *stimulus;     /* whose energies are fitted; NULL = "uniform"     */
    int32_t n_forced[ELEMENT_N_MODULES][ELEMENT_N_METRICS]; /* 0: terms are chosen */
    int32_t forced[ELEMENT_N_MODULES][ELEMENT_N_METRICS][FIT_MAX_TERMS];
};

/* One metric of one class of one module: exact by structure, or a formula, or the
 * table alone. */
struct calibrate_class {
    int32_t i_toolchain;
    enum element_module module;
    int32_t i_class;
    enum element_metric metric;
    int32_t n_rows, n_groups;
    bool is_structure;           /* every row equals model_structure()         */
    const struct model_fit *fit; /* NULL: structure or table only              */
    char why[512];               /* if table only                              */
};

/* One measured value beside its estimate. */
struct calibrate_point {
    int32_t i_toolchain;
    const char *module; /* static */
    const char *metric; /* static */
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

/* What is composed, per toolchain: whole mvus, and arrays of MAC units. */
struct calibrate_check {
    int32_t n; /* units or arrays */
    struct calibrate_tally ff, dsp, bram18, cycles;
    struct calibrate_errors lut_table;   /* those whose parts are all measured  */
    struct calibrate_errors lut_formula; /* all that formulas can answer        */
    struct calibrate_errors area_table, area_formula; /* of arrays              */
};

struct calibration {
    struct cost_model *model;
    int32_t n_classes, n_points;
    struct calibrate_class *classes;
    struct calibrate_point *points;
    struct calibrate_check mvus[MODEL_TOOLCHAINS_MAX], arrays[MODEL_TOOLCHAINS_MAX];
    int32_t n_repeated;       /* rows that only repeat what others say           */
    int32_t n_other_stimulus; /* rows whose energies are of another stimulus     */
};

/* In arena.  ST_RANGE: rows that disagree, an unknown toolchain, dependent terms. */
status calibrate(const struct meas *meas, const struct calibrate_options *opt,
                 struct arena *a, struct calibration *out, struct err *err);

#endif
