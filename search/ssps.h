/* ssps.h -- SSPS, sequential single path search (Sun et al., arXiv 2103.02904), in
 * parts that are pure functions of their state.
 *
 *   cell       weights or activations of one layer: logits over its candidate bits
 *   path       each step samples one candidate per cell and trains that network
 *   score      <G, Q_k(x) - x> / 2 of the sampled candidate k, G the gradient that
 *              arrives at the quantiser, from the same backward pass; its mean is the
 *              loss that quantising this tensor to k bits adds (ssps_cells.c)
 *   pressure   d(expected cost / limit) weighted by a multiplier per budget
 *   decision   in rounds, the most certain cells are fixed to what an exact knapsack
 *              over all undecided cells chooses under the remaining budget
 *
 * A logit is kept as two sums, evidence (from the losses) and pressure (from the
 * costs); probabilities follow their sum, decisions the losses alone, because the
 * knapsack knows the costs exactly. */
#ifndef SEARCH_SSPS_H
#define SEARCH_SSPS_H

#include "base/rng.h"
#include "search/search.h"

enum ssps_side { SSPS_W, SSPS_A, SSPS_N_SIDES };

struct ssps_cell {
    uint32_t left; /* candidate bits left; a single one: decided              */
    double evidence[9], pressure[9];     /* parts of the logit, by bits            */
    double evidence_v[9], pressure_v[9]; /* their momentum                     */
    double square[9];                    /* mean, of each logit's steps        */
    double score_sum[9], score_n[9];     /* of the steps that sampled b        */
};

/* Keeps expected cost / limit at 1, a PI controller of log lambda:
 *   log lambda = log mu + gain_p * e,  log mu += gain_i * e,  e = E / T - 1. */
struct ssps_multiplier {
    double mu, lambda;
    double floor; /* of mu, so that a budget that does not bind can come back */
};

enum { SSPS_MAX_RECORDS = 96 };

/* Everything that a checkpoint holds; plain data. */
struct ssps_state {
    int32_t n_layers;
    int64_t step, n_steps;
    struct rng rng;
    /* of the first layer of a group, and of its weights where both sides are alike;
     * the others have no candidates (left 0) and follow it */
    struct ssps_cell cell[SSPS_N_SIDES][NN_MAX_LAYERS];
    int32_t leader[NN_MAX_LAYERS];
    bool same_bits[NN_MAX_LAYERS];
    struct ssps_multiplier multiplier[COST_N_METRICS];
    double mean_square;  /* of the loss gradients: the shared normaliser       */
    bool started;        /* the warm-up is over                                */
    int32_t n_decisions; /* rounds done                                       */
    double loss_sum;     /* since the last record                             */
    int32_t loss_n, n_records;
    struct search_record records[SSPS_MAX_RECORDS];
};

/* The cell that decides that side of layer i. */
static inline const struct ssps_cell *ssps_cell_of(const struct ssps_state *s,
                                                   enum ssps_side side, int32_t i)
{
    return &s->cell[s->same_bits[i] ? SSPS_W : side][s->leader[i]];
}

/* ---- cells (ssps_cells.c) ---- */
/* p[b]: softmax over the candidates left, 0 elsewhere. */
void ssps_probabilities(const struct ssps_cell *c, double p[9]);
int ssps_sample(const struct ssps_cell *c, struct rng *r);
/* 1 - normalised entropy, in [0, 1]; 1 if decided. */
double ssps_certainty(const struct ssps_cell *c);
/* advantage[b] = s[b] - sum p s; p[b] times it is the gradient of the expected score
 * in the logits. */
void ssps_advantage(const double p[9], const double score[9], double advantage[9]);
/* One more observation of a cell that was at `bits`. */
void ssps_observe(struct ssps_cell *c, enum ssps_estimator estimator, int bits,
                  const double score[9]);
/* Estimated loss that each candidate adds, in nats; falls with bits. */
void ssps_losses(const struct ssps_cell *c, double loss[9]);

/* ---- budgets (ssps_budget.c) ---- */
/* Expected cost of all metrics under the cells' probabilities; exact for sums, because
 * cells are sampled independently. */
void ssps_expected(const struct ssps_state *s, const struct space *space,
                   double expected[COST_N_METRICS]);
/* Advantages of the expected cost / limit for the candidates of one cell. */
void ssps_cost_advantage(const struct ssps_state *s, const struct space *space,
                         enum cost_metric m, double limit, enum ssps_side side,
                         int32_t i_layer, double advantage[9]);
/* The same profile -kappa * bits in every cell, kappa such that the worst expected
 * cost / limit is 1 (or as near as kappa in [-5, 5] brings it). */
void ssps_tilt(struct ssps_state *s, const struct space *space,
               const struct budget *budget);

/* ---- updates (ssps_update.c) ---- */
/* Observes the scores of a step in every cell. */
void ssps_gather(struct ssps_state *s, const struct ssps_options *opt,
                 const struct nn_path *path, const struct nn_scores *scores);
/* End of the warm-up: scales and the first multiplier. */
void ssps_start(struct ssps_state *s, const struct space *space,
                const struct budget *budget);
/* Moves the logits one step. */
void ssps_update(struct ssps_state *s, const struct ssps_options *opt,
                 const struct space *space, const struct budget *budget);

/* ---- decisions (ssps_decide.c) ---- */
/* Fixes the `n_fix` most certain undecided cells to the joint optimum.  ST_INFEASIBLE
 * cannot happen once the start was feasible. */
status ssps_decide(struct ssps_state *s, enum ssps_decision decision,
                   const struct space *space, const struct budget *budget,
                   int32_t n_fix, struct err *err);
/* All cells decided: the path; by joint decisions raised where the budget is not spent.
 */
status ssps_finish(const struct ssps_state *s, enum ssps_decision decision,
                   const struct space *space, const struct budget *budget,
                   struct nn_path *out, struct nn_scores *values, struct err *err);
int32_t ssps_n_undecided(const struct ssps_state *s);

/* ---- state (ssps_state.c) ---- */
void ssps_init(struct ssps_state *s, const struct space *space, uint64_t seed,
               int64_t n_steps);
/* key: of everything that determines the search. */
status ssps_save(const struct ssps_state *s, const char *key, const char *path,
                 struct err *err);
/* ST_PARSE if damaged, ST_RANGE if it belongs to another search. */
status ssps_load(struct ssps_state *s, const char *key, const char *path,
                 struct err *err);

/* ---- the search (ssps.c) ---- */
/* What is searched over: training a supernet, or anything else with scores. */
struct ssps_objective {
    void *context;
    /* One step along a path.  scores is NULL while they are not needed. */
    status (*step)(void *context, int64_t i_step, const struct nn_path *path,
                   double *loss, struct nn_scores *scores, struct err *err);
    /* Scores of a path on images that train nothing; for SSPS_HELD_OUT. */
    status (*score)(void *context, int64_t i_step, const struct nn_path *path,
                    struct nn_scores *scores, struct err *err);
    status (*save)(void *context, const char *path, struct err *err);
    status (*load)(void *context, const char *path, struct err *err);
};
/* Uses space, budget, seed, checkpoint and quiet of the task. */
status ssps_search(const struct search_task *task, const struct ssps_options *opt,
                   const struct ssps_objective *objective, int64_t n_steps,
                   struct arena *a, struct search_result *out, struct err *err);

#endif
