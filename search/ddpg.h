/* ddpg.h -- deep deterministic policy gradient (Lillicrap et al., 2016) for one action
 * in [0, 1]: the agent of haq.c.  Private to search/.
 *
 *   y_t     = r_t - baseline + discount * (1 - end) * Q'(s_t+1, mu'(s_t+1))
 *   critic:   minimise mean (Q(s_t, a_t) - y_t)^2
 *   actor:    maximise mean Q(s_t, mu(s_t))
 *   Q', mu':  follow Q, mu by target_rate per update
 *
 * baseline is a moving average of the mean reward of the batches. */
#ifndef SEARCH_DDPG_H
#define SEARCH_DDPG_H

#include "search/mlp.h"

enum { DDPG_STATE = 10 };

struct ddpg_options {
    int32_t hidden;       /* units of each of two layers        default 300    */
    int32_t batch;        /* transitions per update             default 64     */
    int32_t capacity;     /* transitions kept, the latest       default 4096   */
    double actor_rate;    /* of Adam                            default 1e-4   */
    double critic_rate;   /*                                    default 1e-3   */
    double target_rate;   /*                                    default .01    */
    double discount;      /*                                    default 1      */
    double baseline_rate; /* weight of the latest mean reward   default .5     */
};                        /* defaults: HAQ's published code */
struct ddpg_options ddpg_defaults(void);

struct ddpg_transition {
    float state[DDPG_STATE], next[DDPG_STATE];
    float action, reward;
    float end; /* 1: `next` has no action, else 0 */
};

struct ddpg; /* opaque */

/* In arena. */
status ddpg_new(const struct ddpg_options *opt, uint64_t seed, struct arena *a,
                struct ddpg **out, struct err *err);
/* The actor's action, in (0, 1). */
double ddpg_act(struct ddpg *d, const float state[DDPG_STATE]);
void ddpg_store(struct ddpg *d, const struct ddpg_transition *t);
/* One update of both networks, on a batch drawn from what is stored; nothing while
 * fewer than a batch are. */
void ddpg_update(struct ddpg *d);

#endif
