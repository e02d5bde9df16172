/* ddpg.c -- deep deterministic policy gradient: see ddpg.h. */
#include "search/ddpg.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

struct ddpg {
    struct ddpg_options opt;
    struct rng rng;
    struct mlp *actor, *critic, *actor_target, *critic_target;
    int64_t n_stored;               /* so far; the latest `capacity` are kept   */
    struct ddpg_transition *replay; /* (capacity), a ring                       */
    struct ddpg_transition *batch;  /* (batch)                                  */
    double baseline;
    bool has_baseline;
};

struct ddpg_options ddpg_defaults(void)
{
    return (struct ddpg_options){.hidden = 300,
                                 .batch = 64,
                                 .capacity = 4096,
                                 .actor_rate = 1e-4,
                                 .critic_rate = 1e-3,
                                 .target_rate = .01,
                                 .discount = 1,
                                 .baseline_rate = .5};
}

status ddpg_new(const struct ddpg_options *opt, uint64_t seed, struct arena *a,
                struct ddpg **out, struct err *err)
{
    struct ddpg *d = ARENA_NEW(a, struct ddpg, 1);
    if (!d) return arena_exhausted(err);
    const int32_t h = opt->hidden, actor[] = {DDPG_STATE, h, h, 1},
                  critic[] = {DDPG_STATE + 1, h, h, 1};
    d->opt = *opt;
    d->rng = rng_seed(seed, 7);
    TRY(mlp_new(actor, opt->batch, &d->rng, a, &d->actor, err));
    TRY(mlp_new(critic, opt->batch, &d->rng, a, &d->critic, err));
    TRY(mlp_new(actor, opt->batch, &d->rng, a, &d->actor_target, err));
    TRY(mlp_new(critic, opt->batch, &d->rng, a, &d->critic_target, err));
    mlp_follow(d->actor_target, d->actor, 1);
    mlp_follow(d->critic_target, d->critic, 1);
    d->replay = ARENA_NEW(a, struct ddpg_transition, (size_t)opt->capacity);
    d->batch = ARENA_NEW(a, struct ddpg_transition, (size_t)opt->batch);
    if (!d->replay || !d->batch) return arena_exhausted(err);
    *out = d;
    return ST_OK;
}

static float sigmoid(float x) { return 1 / (1 + expf(-x)); }

/* The actor's actions in its output, from the states in its input. */
static void act(struct mlp *actor, int32_t n)
{
    mlp_forward(actor, n);
    float *y = actor->y[MLP_LAYERS];
    for (int32_t k = 0; k < n; k++)
        y[k] = sigmoid(y[k]);
}

double ddpg_act(struct ddpg *d, const float state[DDPG_STATE])
{
    memcpy(d->actor->y[0], state, sizeof *state * DDPG_STATE);
    act(d->actor, 1);
    return d->actor->y[MLP_LAYERS][0];
}

void ddpg_store(struct ddpg *d, const struct ddpg_transition *t)
{
    d->replay[d->n_stored++ % d->opt.capacity] = *t;
}

static void draw_batch(struct ddpg *d)
{
    const int64_t n =
        d->n_stored < d->opt.capacity ? d->n_stored : (int64_t)d->opt.capacity;
    double mean = 0;
    for (int32_t k = 0; k < d->opt.batch; k++) {
        d->batch[k] = d->replay[rng_below(&d->rng, (uint64_t)n)];
        mean += (double)d->batch[k].reward / d->opt.batch;
    }
    const double rate = d->has_baseline ? d->opt.baseline_rate : 1;
    d->baseline += rate * (mean - d->baseline);
    d->has_baseline = true;
}

/* (state, action) of transition k as input of a critic. */
static void put_pair(struct mlp *critic, int32_t k, const float *state, float action)
{
    float *x = critic->y[0] + (int64_t)k * (DDPG_STATE + 1);
    memcpy(x, state, sizeof *x * DDPG_STATE);
    x[DDPG_STATE] = action;
}

static void update_critic(struct ddpg *d)
{
    const int32_t n = d->opt.batch;
    for (int32_t k = 0; k < n; k++)
        memcpy(d->actor_target->y[0] + (int64_t)k * DDPG_STATE, d->batch[k].next,
               sizeof(float) * DDPG_STATE);
    act(d->actor_target, n);
    for (int32_t k = 0; k < n; k++) {
        const struct ddpg_transition *t = &d->batch[k];
        put_pair(d->critic_target, k, t->next, d->actor_target->y[MLP_LAYERS][k]);
        put_pair(d->critic, k, t->state, t->action);
    }
    mlp_forward(d->critic_target, n);
    mlp_forward(d->critic, n);
    for (int32_t k = 0; k < n; k++) {
        const struct ddpg_transition *t = &d->batch[k];
        const double next = (double)d->critic_target->y[MLP_LAYERS][k] * (1 - t->end);
        const double y = t->reward - d->baseline + d->opt.discount * next;
        d->critic->dy[MLP_LAYERS][k] =
            (float)(2 * (d->critic->y[MLP_LAYERS][k] - y) / n);
    }
    mlp_backward(d->critic, n);
    mlp_update(d->critic, d->opt.critic_rate);
}

/* Up the critic's gradient by the action, through the sigmoid. */
static void update_actor(struct ddpg *d)
{
    const int32_t n = d->opt.batch;
    for (int32_t k = 0; k < n; k++)
        memcpy(d->actor->y[0] + (int64_t)k * DDPG_STATE, d->batch[k].state,
               sizeof(float) * DDPG_STATE);
    act(d->actor, n);
    const float *action = d->actor->y[MLP_LAYERS];
    for (int32_t k = 0; k < n; k++) {
        put_pair(d->critic, k, d->batch[k].state, action[k]);
        d->critic->dy[MLP_LAYERS][k] = -1.0f / (float)n;
    }
    mlp_forward(d->critic, n);
    mlp_backward(d->critic, n);
    for (int32_t k = 0; k < n; k++)
        d->actor->dy[MLP_LAYERS][k] =
            d->critic->dy[0][(int64_t)k * (DDPG_STATE + 1) + DDPG_STATE] * action[k] *
            (1 - action[k]);
    mlp_backward(d->actor, n);
    mlp_update(d->actor, d->opt.actor_rate);
}

void ddpg_update(struct ddpg *d)
{
    if (d->n_stored < d->opt.batch) return;
    draw_batch(d);
    update_critic(d);
    update_actor(d);
    mlp_follow(d->critic_target, d->critic, d->opt.target_rate);
    mlp_follow(d->actor_target, d->actor, d->opt.target_rate);
}
