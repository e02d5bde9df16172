/* search.h -- one small interface, several algorithms.
 *
 * An algorithm gets the space, the budgets and an evaluator, and returns a path
 * that meets the budgets.  What is shared lives here: exact repair under budgets,
 * feasibility, and evaluation. */
#ifndef SEARCH_SEARCH_H
#define SEARCH_SEARCH_H

#include "base/pool.h"
#include "nn/dataset.h"
#include "nn/trainer.h"
#include "search/budget.h"
#include "search/space.h"
#include "search/ssps_options.h"

/* How the loss that a candidate adds alone is found (sensitivity.h). */
enum sensitivity { SENS_LOSS, SENS_FISHER };
extern const char *const sensitivity_names[]; /* "loss", "fisher", NULL */
/* How an episode's bits are brought within the budgets (haq.c). */
enum haq_rule { HAQ_BACK_TO_FRONT, HAQ_NEAREST };
extern const char *const haq_rule_names[]; /* "back-to-front", "nearest", NULL */

/* What single methods let the user choose. */
struct search_method_options {
    enum sensitivity sensitivity; /* ilp, greedy                              */
    enum haq_rule haq_rule;       /* haq                                      */
};

/* Scores a path without training, on held-out images. */
struct search_score {
    double loss, accuracy; /* mean cross-entropy; [0, 1]                      */
};
struct search_evaluator {
    void *context;
    status (*score)(void *context, const struct nn_path *path, struct search_score *out,
                    struct err *err);
};

struct search_task {
    const struct space *space;
    const struct budget *budget;
    const struct nn_graph *graph;     /* fp32 starting point                  */
    const struct nn_dataset *dataset; /* train and held-out; never test       */
    struct pool *pool;
    uint64_t seed;
    bool fp32_backward; /* of nn/trainer.h                      */
    double epochs;      /* length of the search                 */
    struct search_method_options method;
    struct ssps_options ssps;
    const struct search_evaluator *evaluator; /* NULL: the network (ptq.h)  */
    const char *checkpoint;                   /* resumable state; NULL = none         */
    bool quiet;
};

/* One line of the search's history, for the report. */
struct search_record {
    int32_t step;
    double loss;
    double expected[COST_N_METRICS]; /* expected cost under the logits       */
    int32_t n_decided;               /* cells decided so far                 */
};

struct search_result {
    struct nn_path path;
    int32_t n_records;
    struct search_record *records; /* in arena                             */
    double search_s;
    bool has_values;         /* the algorithm scores candidates               */
    struct nn_scores values; /* higher is better; only candidates are set      */
    /* of a method that optimises an additive proxy: the sum of values of its path,
     * and a bound that no path exceeds; NaN where there is none */
    double proxy_value, proxy_bound;
};

struct search_method {
    const char *name, *summary;
    status (*run)(const struct search_task *task, struct arena *a,
                  struct search_result *out, struct err *err);
};
extern const struct search_method *const search_methods[]; /* NULL-terminated   */
/* ST_USAGE lists the known ones. */
status search_method_find(const char *name, const struct search_method **out,
                          struct err *err);
extern const struct search_method search_method_ssps, search_method_uniform,
    search_method_random, search_method_greedy, search_method_ilp, search_method_haq;

/* Best path under the budgets for additive scores: maximise
 *   sum_l score_w[l][w_l] + score_a[l][a_l]   subject to every budget.
 * w_left, a_left: (n_layers) masks of bits still allowed; NULL: all candidates of the
 * space.  Layers whose masks have one bit are fixed.  Exact for one sum budget at the
 * resolution stated in search/repair.c; heuristic with a final check beyond.
 * ST_INFEASIBLE: err names the binding metric and the nearest feasible point, which is
 * then in *out. */
status search_best_under_budget(const struct space *space, const struct budget *budget,
                                const struct nn_scores *scores, const uint32_t *w_left,
                                const uint32_t *a_left, struct nn_path *out,
                                struct err *err);

/* ST_INFEASIBLE as above.  *several is false if the budgets admit a single
 * assignment only, so that there is nothing to search. */
status search_feasible(const struct space *space, const struct budget *budget,
                       const uint32_t *w_left, const uint32_t *a_left, bool *several,
                       struct err *err);

#endif
