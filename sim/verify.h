/* verify.h -- the plan on the hardware that the plan itself describes.
 *
 * Every layer is run on its Verilated unit with its real weights and the real
 * activations of test images, some with random stalls; its outputs must equal the
 * integer engine's to the last bit, its cycles the plan's, and the class read from the
 * last layer's outputs the integer engine's class.  Since every layer is fed what the
 * integer engine feeds it and returns what the integer engine returns, the chain of
 * layers is verified with its links.  Then the same units are synthesised, and what was
 * measured must meet the plan's budgets.  The Verilog folder that the plan names must
 * hold the text that is simulated. */
#ifndef SIM_VERIFY_H
#define SIM_VERIFY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/status.h"
#include "rtl/accel_config.h"
#include "sim/plan_view.h"
#include "sim/synth.h"

struct verify_options {
    int32_t n_images; /* test images run on the RTL, the first ones   >= 1    */
    double p_stall;   /* of every second run                         [0, 0.95] */
    uint64_t seed;    /* of the stalls                                        */
    bool synth;
    int n_workers;
    double time_limit_s; /* of the synthesis of one layer                     */
    bool quiet;
};
struct verify_options verify_defaults(void);

struct verify_layer {
    const struct mvu_config *mvu;
    const struct plan_view_layer *plan;
    status st; /* ST_OK, or ST_MISMATCH: why says what differs                */
    struct err why;
    bool bit_exact;
    int64_t meas_cycles; /* of one image, without stalls                       */
    double build_s, sim_s;
    bool synthesised;
    struct synth_result synth;
};

struct verify_result {
    struct plan_view plan;
    struct accel_config accel;
    struct verify_layer *layers; /* (n_layers)                                */
    int32_t n_layers, n_images;
    bool bit_exact;     /* all outputs of all layers, and all classes          */
    bool cycles_equal;  /* measured = estimated in all layers                  */
    bool classes_equal; /* from the RTL and from the integer engine            */
    double accuracy;    /* the integer engine's, on all test images            */
    int32_t n_test_images;
    bool accuracy_equal; /* to the plan's; true if the plan has none           */
    int64_t meas_cycles, est_cycles; /* slowest layer                          */
    struct cell_count meas;          /* sums; valid if synthesised             */
    bool synthesised;                /* all layers                             */
};

/* Runs everything and fills out (contents in arena).  Differences are not errors
 * here: they are in out and verify_verdict tells them. */
status verify_plan(const char *path, const struct verify_options *opt, struct arena *a,
                   struct verify_result *out, struct err *err);
/* ST_OK, or ST_MISMATCH with the first difference; ST_TOOL if a synthesis failed. */
status verify_verdict(const struct verify_result *r, struct err *err);

/* One budget of the plan against what was measured or, where a metric is not
 * measured, estimated.  False if there is neither. */
bool verify_budget(const struct verify_result *r, const struct plan_metric *budget,
                   double *value, bool *measured);
bool verify_budgets_met(const struct verify_result *r);

#endif
