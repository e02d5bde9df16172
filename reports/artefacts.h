/* artefacts.h -- what the report knows: the contents of a plan, its verification,
 * the cost model's parity and their provenance, read from their files.
 *
 * The formats belong to their writers (search/plan.h, sim/verify.h, costmodel/);
 * the keys that are read here are listed in reports/README.md.  Keys beyond those
 * are ignored; a required key that is missing is an error that names file and key.
 * Every string is in the arena; a number that no file gave is NAN. */
#ifndef REPORTS_ARTEFACTS_H
#define REPORTS_ARTEFACTS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/json.h"
#include "base/status.h"
#include "reports/parity.h"
#include "reports/source.h"

enum { REPORT_BITS_MAX = 8, REPORT_METRICS_MAX = 16, REPORT_PARTS_MAX = 12 };

/* One metric of the cost model: what was estimated, measured and allowed. */
struct report_metric {
    const char *name; /* "lut", as in the plan                              */
    double est, lo, hi;
    const char *level; /* "exact", "table", "formula"; "" if not given       */
    double budget;     /* INFINITY where there is none                       */
    double meas;
};

struct report_part { /* share of a layer's LUTs */
    const char *name;
    double lut;
};

struct report_layer {
    const char *name;
    int32_t wbits, abits, PE, SIMD;
    int32_t MW, MH, n_vec; /* 0 if there is no accelerator config             */
    double est_lut, est_lut_lo, est_lut_hi, meas_lut;
    double est_cycles, meas_cycles;
    bool has_values; /* the search scored the candidates; then, by bits,        */
    double w_value[REPORT_BITS_MAX + 1]; /* higher is better; NAN: no candidate */
    double a_value[REPORT_BITS_MAX + 1];
    int bit_exact; /* 1 yes, 0 no, -1 not verified                            */
    const char *difference; /* the first, in words; "" if there is none          */
    int32_t n_parts;
    struct report_part parts[REPORT_PARTS_MAX];
};

struct report_uniform {
    int32_t bits;
    double accuracy;
    double cost[REPORT_METRICS_MAX]; /* by index of report.metrics           */
    bool budget_met;
};

struct report_record { /* one line of the search's history */
    int64_t step;
    double loss;
    double expected[REPORT_METRICS_MAX]; /* by index of report.metrics        */
    int32_t n_decided;
};

struct report {
    const char *method, *network, *dataset, *target, *accel;
    int64_t seed;
    double fps, clock_mhz;
    double accuracy, accuracy_float;
    int32_t n_test_images;
    int32_t n_metrics, n_layers, n_uniform, n_records;
    struct report_metric metrics[REPORT_METRICS_MAX];
    struct report_layer *layers;
    struct report_uniform *uniform;
    struct report_record *records;

    bool verified; /* verify.json was given; then: */
    bool bit_exact, budget_met;
    int32_t n_verified_images; /* 0 if not given */

    struct report_parity parity;
    struct report_files files;
};

/* Paths of the artefacts; only plan is required, the others may be NULL. */
struct report_paths {
    const char *plan, *verify, *cost, *parity;
};

/* ST_NOT_FOUND, ST_PARSE, ST_RANGE; ST_MISMATCH where two artefacts contradict
 * each other, for instance a verified layer that the plan does not have. */
status report_load(const struct report_paths *paths, struct arena *a,
                   struct report *out, struct err *err);

/* ---- one reader per artefact; plan first, it names metrics and layers ---- */
status report_read_plan(const char *path, struct arena *a, struct report *r,
                        struct err *err);
status report_read_accel(const char *path, struct arena *a, struct report *r,
                         struct err *err);
status report_read_verify(const char *path, struct arena *a, struct report *r,
                          struct err *err);
status report_read_cost(const char *path, struct arena *a, struct report *r,
                        struct err *err);

/* ---- questions that several parts of the page ask ---- */
/* False if the plan says which cost model it was searched with and the one read is
 * another: their hashes differ. */
bool report_same_cost(const struct report *r);
/* The plan was searched with a table of layers: no accelerator of ours. */
bool report_by_table(const struct report *r);
/* Index of a metric, -1 if the plan does not have it. */
int32_t report_metric_find(const struct report *r, const char *name);
/* Layer of that name, NULL if the plan does not have it. */
struct report_layer *report_layer_find(struct report *r, const char *name);
/* The value to judge by: measured where there is a measurement, else estimated. */
double report_metric_value(const struct report_metric *m);
bool report_metric_met(const struct report_metric *m);
/* The metric with the largest estimate / budget; without budgets lut, else 0. */
int32_t report_binding_metric(const struct report *r);
/* The most accurate uniform baseline that meets the budgets, NULL if none does. */
const struct report_uniform *report_best_uniform(const struct report *r);
/* The toolchain whose LUTs the parity chart shows: the plan's target if it has
 * points, else that of the first LUT point; "" if there are none. */
const char *report_parity_toolchain(const struct report *r);
/* Largest |estimate / measurement - 1| over the layers' LUTs, NAN if unmeasured. */
double report_worst_lut_error(const struct report *r);
/* Every budget is met (and verify agrees), every verified layer is bit-exact. */
bool report_budgets_met(const struct report *r);
/* The same by estimates alone, as the uniform baselines are judged. */
bool report_budgets_met_by_estimate(const struct report *r);

#endif
