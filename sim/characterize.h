/* characterize.h -- measures the points of a sweep, each once, whatever happens.
 *
 * A point's key is a hash of everything that determines its numbers: the text of the
 * Verilog files that its module needs, module and parameters, the synthesis command, a
 * Liberty library, stimulus, number of vectors, and the versions of the tools that run.
 * Points whose key is in the database are not measured again.  The others are done by
 * workers that each run their tools as processes; a point's row is committed when it is
 * done, so a killed run loses at most the points in flight and the same command goes on
 * from there.  A point whose tool fails or exceeds its time limit is marked as failed,
 * and tried again by the next run. */
#ifndef SIM_CHARACTERIZE_H
#define SIM_CHARACTERIZE_H

#include <stdbool.h>

#include "sim/meas_db.h"
#include "sim/sweep.h"

struct characterize_options {
    int n_workers;       /* >= 1                                              */
    double time_limit_s; /* of one run of one tool                            */
    bool quiet;
};
struct characterize_options characterize_defaults(void);

struct characterize_result {
    int32_t n_points;   /* of the sweep                                        */
    int32_t n_known;    /* were in the database                                */
    int32_t n_repeated; /* of a point that the sweep already has              */
    int32_t n_measured, n_failed;
    int32_t n_todo;       /* neither known nor repeated                            */
    bool *present;        /* (n_points) the point's row holds its measurements     */
    struct err *why;      /* (n_points) of the failed ones                         */
    double known_synth_s; /* mean of the known rows' synth_s, 0 if none       */
};

/* Fills the keys of all points and the rows of those already in the database. */
status characterize_look_up(struct sweep *s, struct meas_db *db, struct arena *a,
                            struct characterize_result *out, struct err *err);
/* Measures what is missing after characterize_look_up.  A point that fails is in
 * out->why, and the rest goes on.  ST_INTERRUPTED: what was finished is saved. */
status characterize_run(struct sweep *s, struct meas_db *db,
                        const struct characterize_options *opt, struct arena *a,
                        struct characterize_result *out, struct err *err);

#endif
