/* haq.c -- HAQ: bits of one layer after the other by a reinforcement-learning agent.
 *
 * Wang et al., CVPR 2019, after its published code.  An episode walks through the
 * layers; at each it chooses the weight bits, then the activation bits:
 *
 *   state (10 numbers) --actor, noise--> action in [0, 1] --> index in the candidates
 *
 * At its end the budgets are enforced, the path is scored on held-out images, and
 * every transition of the episode gets the reward (accuracy - accuracy of the highest
 * candidates) in tenths of a percent point.  The best feasible path is the result.
 *
 * Budgets (--haq-rule): HAQ_BACK_TO_FRONT, HAQ's own, lowers one tensor after the
 * other by one candidate, from the last layer to the first, activations before weights,
 * again and again until the budgets are met; HAQ_NEAREST takes the feasible path with
 * the least change of bits in all.
 *
 * What differs from the published code: the reward comes from held-out images, not
 * from those of training; a path is scored without training (ptq.h) instead of after
 * one epoch; actions are indices of any list of bits; the state is computed anew at
 * each step, never kept from the episode before; one epoch of search is PTQ_PER_EPOCH
 * episodes (600 there: --epochs 12.5). */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/progress.h"
#include "search/ddpg.h"
#include "search/ptq.h"

const char *const haq_rule_names[] = {"back-to-front", "nearest", NULL};

enum {
    MAX_EPISODES = 16000,
    WARM_UP = 20, /* episodes of uniform random actions                     */
    MAX_STEPS = 2 * NN_MAX_LAYERS,
};

/* One decision: the weights or activations of a layer with more than one candidate;
 * layers that share a precision follow their leader's. */
struct decision {
    int32_t i_layer;
    bool is_activation;
    uint32_t mask;
    float state[DDPG_STATE]; /* scaled to [0, 1]; [8], the last action, is open */
};

struct haq {
    const struct search_task *task;
    struct ptq *ptq;
    struct ddpg *agent;
    struct rng rng;
    int32_t n; /* decisions of an episode */
    struct decision decisions[MAX_STEPS];
    double reference; /* accuracy of the highest candidates */
};

/* ---- states ---- */

enum { LAST_ACTION = 8 };

static void fill_state(const struct nn_graph *g, struct decision *d)
{
    const struct layer_shape *l = nn_graph_layer(g, d->i_layer);
    const bool gemm = l->op == LAYER_GEMM;
    const double state[DDPG_STATE] = {l->groups > 1 && l->groups == l->C,
                                      l->C,
                                      l->K,
                                      gemm ? 0 : l->stride_h,
                                      l->R,
                                      (double)layer_shape_weights(l),
                                      (double)l->H * l->W,
                                      d->i_layer,
                                      0,
                                      d->is_activation};
    for (int k = 0; k < DDPG_STATE; k++)
        d->state[k] = (float)state[k];
}

/* Each number to [0, 1] by its least and largest value over all decisions. */
static void scale_states(struct haq *h)
{
    for (int k = 0; k < DDPG_STATE; k++) {
        float least = INFINITY, most = -INFINITY;
        for (int32_t i = 0; i < h->n; i++) {
            least = fminf(least, h->decisions[i].state[k]);
            most = fmaxf(most, h->decisions[i].state[k]);
        }
        for (int32_t i = 0; i < h->n; i++) {
            float *x = &h->decisions[i].state[k];
            *x = most > least ? (*x - least) / (most - least) : 0;
        }
    }
}

static void list_decisions(struct haq *h)
{
    const struct space *s = h->task->space;
    for (int32_t i = 0; i < s->n_layers; i++)
        for (int side = 0; side < 2; side++) {
            const uint32_t mask = side ? s->a_mask[i] : s->w_mask[i];
            if (mask_count(mask) < 2 || space_leader(s, i) != i) continue;
            if (side && space_same_bits(s, i)) continue;
            struct decision *d = &h->decisions[h->n++];
            *d = (struct decision){i, side, mask, {0}};
            fill_state(h->task->graph, d);
        }
    scale_states(h);
}

/* ---- actions ---- */

static void follow_leaders(const struct space *s, struct nn_path *path)
{
    for (int32_t i = 0; i < s->n_layers; i++) {
        const int32_t k = space_leader(s, i);
        path->wbits[i] = path->wbits[k];
        path->abits[i] = space_same_bits(s, k) ? path->wbits[k] : path->abits[k];
    }
}

/* Equal shares of [0, 1] to the candidates, ascending. */
static int bits_of(double action, uint32_t mask)
{
    const int n = mask_count(mask);
    int k = (int)(action * n);
    if (k > n - 1) k = n - 1;
    for (int b = 1; b < 9; b++)
        if ((mask >> b & 1u) && k-- == 0) return b;
    return mask_highest(mask);
}

/* Normal around the actor's action, truncated to [0, 1]; uniform where the actor has
 * none, its weights having grown beyond all numbers. */
static double explore(struct rng *r, double action, double sigma)
{
    if (!isfinite(action)) return rng_unit(r);
    for (;;) {
        const double x = action + sigma * rng_normal(r);
        if (x >= 0 && x <= 1) return x;
    }
}

/* The transitions of one episode and its path, still without reward and budgets. */
static void walk(struct haq *h, int32_t episode, struct ddpg_transition *t,
                 struct nn_path *path)
{
    const double sigma = .5 * pow(.99, fmax(0, episode - WARM_UP));
    float last = 0;
    space_highest(h->task->space, path);
    for (int32_t i = 0; i < h->n; i++) {
        const struct decision *d = &h->decisions[i];
        memcpy(t[i].state, d->state, sizeof d->state);
        t[i].state[LAST_ACTION] = last;
        t[i].action =
            (float)(episode < WARM_UP
                        ? rng_unit(&h->rng)
                        : explore(&h->rng, ddpg_act(h->agent, t[i].state), sigma));
        last = t[i].action;
        uint8_t *bits = d->is_activation ? path->abits : path->wbits;
        bits[d->i_layer] = (uint8_t)bits_of(last, d->mask);
        if (i > 0) memcpy(t[i - 1].next, t[i].state, sizeof d->state);
    }
    follow_leaders(h->task->space, path);
    for (int32_t i = 0; i < h->n; i++)
        t[i].end = i == h->n - 1;
}

/* ---- budgets ---- */

static bool met(const struct haq *h, const struct nn_path *path)
{
    double cost[COST_N_METRICS];
    space_cost(h->task->space, path, cost);
    return budget_met(h->task->budget, cost);
}

static bool lower(uint8_t *bits, uint32_t mask)
{
    const uint32_t below = mask & ((1u << *bits) - 1);
    if (below) *bits = (uint8_t)mask_highest(below);
    return below;
}

/* False if all are at their lowest and a budget is still exceeded. */
static bool back_to_front(const struct haq *h, struct nn_path *path)
{
    const struct space *s = h->task->space;
    for (bool any = true; any;) {
        any = false;
        for (int32_t i = s->n_layers - 1; i >= 0; i--) {
            if (space_leader(s, i) != i) continue;
            if (met(h, path)) return true;
            if (!space_same_bits(s, i)) any |= lower(&path->abits[i], s->a_mask[i]);
            follow_leaders(s, path);
            if (met(h, path)) return true;
            any |= lower(&path->wbits[i], s->w_mask[i]);
            follow_leaders(s, path);
        }
    }
    return met(h, path);
}

/* The feasible path whose bits differ least from those of *path in all. */
static status nearest(const struct haq *h, struct nn_path *path, struct err *err)
{
    const struct search_task *t = h->task;
    struct nn_scores value;
    for (int32_t i = 0; i < t->space->n_layers; i++)
        for (int b = 0; b < 9; b++) {
            value.w[i][b] = -abs(b - path->wbits[i]);
            value.a[i][b] = -abs(b - path->abits[i]);
        }
    return search_best_under_budget(t->space, t->budget, &value, NULL, NULL, path, err);
}

static status enforce(const struct haq *h, struct nn_path *path, struct err *err)
{
    if (h->task->method.haq_rule == HAQ_BACK_TO_FRONT && back_to_front(h, path))
        return ST_OK;
    /* costs that are not monotone in bits may keep the rule from any feasible path */
    return nearest(h, path, err);
}

/* ---- episodes ---- */

static status run_episode(struct haq *h, int32_t episode, struct nn_path *path,
                          struct search_score *score, struct err *err)
{
    struct ddpg_transition t[MAX_STEPS];
    walk(h, episode, t, path);
    TRY(enforce(h, path, err));
    TRY(ptq_score(h->ptq, path, score, err));
    for (int32_t i = 0; i < h->n; i++) {
        t[i].reward = (float)(10 * (score->accuracy - h->reference));
        ddpg_store(h->agent, &t[i]);
        if (episode >= WARM_UP) ddpg_update(h->agent);
    }
    return ST_OK;
}

static status run_episodes(struct haq *h, struct search_result *out, struct err *err)
{
    struct progress p;
    struct search_score best = {INFINITY, -1};
    char note[64];
    progress_start(&p, "search", "episodes", out->n_records, h->task->quiet);
    for (int32_t k = 0; k < out->n_records; k++) {
        struct nn_path path;
        struct search_score score;
        struct search_record *rec = &out->records[k];
        TRY(run_episode(h, k, &path, &score, err));
        rec->step = k + 1;
        rec->loss = score.loss;
        rec->n_decided = h->n;
        space_cost(h->task->space, &path, rec->expected);
        if (score.accuracy > best.accuracy ||
            (score.accuracy == best.accuracy && score.loss < best.loss)) {
            best = score;
            out->path = path;
        }
        snprintf(note, sizeof note, "best accuracy %.4f", best.accuracy);
        progress_update(&p, k + 1, note);
    }
    progress_end(&p, note);
    return ST_OK;
}

static status search(struct haq *h, struct arena *a, struct search_result *out,
                     struct err *err)
{
    struct nn_path highest;
    struct search_score score;
    struct ddpg_options opt = ddpg_defaults();
    list_decisions(h);
    opt.capacity = 128 * (h->n > 0 ? h->n : 1);
    TRY(ddpg_new(&opt, h->task->seed, a, &h->agent, err));
    space_highest(h->task->space, &highest);
    TRY(ptq_score(h->ptq, &highest, &score, err));
    h->reference = score.accuracy;
    return run_episodes(h, out, err);
}

static status run(const struct search_task *task, struct arena *a,
                  struct search_result *out, struct err *err)
{
    const double start_s = clock_now_s();
    bool several;
    TRY(search_feasible(task->space, task->budget, NULL, NULL, &several, err));
    struct haq *h = ARENA_NEW(a, struct haq, 1);
    const double want =
        fmax(1, fmin(MAX_EPISODES, round(task->epochs * PTQ_PER_EPOCH)));
    out->n_records = (int32_t)want;
    out->records = ARENA_NEW(a, struct search_record, (size_t)out->n_records);
    if (!h || !out->records) return arena_exhausted(err);
    h->task = task;
    h->rng = rng_seed(task->seed, 8);
    TRY(ptq_open(task, &h->ptq, err));
    const status st = search(h, a, out, err);
    ptq_close(h->ptq);
    out->search_s = clock_now_s() - start_s;
    return st;
}

const struct search_method search_method_haq = {
    .name = "haq",
    .summary = "reinforcement learning: an agent walks through the layers",
    .run = run,
};
