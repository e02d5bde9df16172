/* ssps_options.h -- what can be chosen about SSPS.  Each choice is one row of names;
 * the first is the default, the others are there to show what it is worth
 * (reports/ssps-ablations.md). */
#ifndef SEARCH_SSPS_OPTIONS_H
#define SEARCH_SSPS_OPTIONS_H

#include <stdint.h>

/* What holds a budget: a damped multiplier that keeps expected cost / limit at 1, or
 * a penalty of fixed weight: |E/T - 1|, max(0, E/T - 1), E/T (which has no target). */
enum ssps_penalty {
    SSPS_MULTIPLIER,
    SSPS_ABSOLUTE,
    SSPS_HINGE,
    SSPS_LINEAR,
};
extern const char *const ssps_penalty_names[]; /* NULL-terminated, as all below     */

/* What a round fixes a cell to: the choice of the knapsack over all undecided cells,
 * or the cell's own most probable candidate that the budgets still admit. */
enum ssps_decision { SSPS_JOINT, SSPS_ARGMAX };
extern const char *const ssps_decision_names[];

/* Which scores of a step count: <G, Q_k(x) - x> / 2 of the sampled candidate k, or
 * <G, Q_j(x) - x> of every candidate j. */
enum ssps_estimator { SSPS_SAMPLED, SSPS_ALL };
extern const char *const ssps_estimator_names[];

/* Which images the logits learn from: those that train the weights, or held-out ones,
 * for twice the time. */
enum ssps_images { SSPS_ONE_LEVEL, SSPS_HELD_OUT };
extern const char *const ssps_images_names[];

/* What a logit's step is divided by: the mean square over all logits, or its own. */
enum ssps_normaliser { SSPS_SHARED, SSPS_PER_LOGIT };
extern const char *const ssps_normaliser_names[];

struct ssps_options {
    enum ssps_penalty penalty;
    enum ssps_decision decision;
    enum ssps_estimator estimator;
    enum ssps_images images;
    enum ssps_normaliser normaliser;
    double penalty_weight; /* of the penalty forms [nats]                      */
    double weight_lr;      /* of the supernet's weights, constant              */
    double w_recovery;     /* what fine-tuning leaves of the loss that quantised
                              weights add, as a share of what it leaves of that of
                              activations                                      */
    double logit_lr;       /* logits move by about this much per step          */
    double clip;           /* a logit moves by at most clip * logit_lr         */
    double momentum;       /* of the logits                                    */
    double rms_decay;      /* of the shared normaliser                         */
    double warmup;         /* share of the steps before logits move            */
    double first_decision; /* share of the steps before the first round        */
    int32_t n_rounds;      /* of decisions; the last one ends the search; 1: all cells
                              at once                                          */
    double gain_p, gain_i; /* of the multipliers                               */
    int32_t checkpoint_steps;
};
struct ssps_options ssps_defaults(void);

struct hash;
/* Everything that determines a search. */
void ssps_options_hash(const struct ssps_options *o, struct hash *h);

#endif
