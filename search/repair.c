/* repair.c -- the best path under the budgets, for additive scores.
 *
 *   maximise sum_l value_l(choice_l)   subject to   sum_l share_lm(choice_l) <= 1
 *                                                   for every limited metric m
 *
 * One budget on a sum: the multiple-choice knapsack of knapsack.c, exact while its
 * fronts stay below KNAPSACK_STATES states.
 * Several: surrogate multipliers (Glover, 1968).  With weights u_m >= 0, sum 1, the
 * knapsack over the one cost sum_m u_m share_m <= 1 is solved exactly; what it admits
 * too much of gets more weight.  Every pick that meets all budgets is kept, improved
 * by local exchanges, and the best one is the answer: feasible by check, not by hope.
 * Budgets of maximum type only remove choices.  Both ways a repair is needed, down to
 * the budget and up to spend it, are this one problem. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "search/choices.h"
#include "search/knapsack.h"

enum {
    SURROGATE_ROUNDS = 24,   /* the weights settle within about ten            */
    SURROGATE_STATES = 2048, /* fronts of the inner knapsacks: speed           */
};

/* pick from the knapsack over sum_k weight[k] * share of sums[k]. */
static status solve_weighted(const struct choices *c, const double *weight,
                             int32_t n_states, struct arena *a, int32_t *pick,
                             bool *found, struct err *err)
{
    struct knapsack_group *g = ARENA_NEW(a, struct knapsack_group, (size_t)c->n_layers);
    if (!g) return arena_exhausted(err);
    for (int32_t i = 0; i < c->n_layers; i++) {
        g[i].n = c->layer[i].n;
        for (int32_t j = 0; j < g[i].n; j++) {
            double cost = 0;
            for (int32_t k = 0; k < c->n_sums; k++)
                cost += weight[k] * c->layer[i].c[j].share[c->sums[k]];
            g[i].items[j] = (struct knapsack_item){cost, c->layer[i].c[j].value, j};
        }
    }
    return knapsack_solve(g, c->n_layers, 1, n_states, pick, found, err);
}

static void shift_weight(const struct choices *c, const int32_t *pick, double step,
                         double *weight)
{
    double sum = 0;
    for (int32_t k = 0; k < c->n_sums; k++) {
        weight[k] *= exp(step * (choices_share(c, pick, c->sums[k]) - 1));
        weight[k] = fmax(weight[k], 1e-6); /* may come back */
        sum += weight[k];
    }
    for (int32_t k = 0; k < c->n_sums; k++)
        weight[k] /= sum;
}

static void keep_better(const struct choices *c, const int32_t *pick, int32_t *best)
{
    if (choices_value(c, pick) > choices_value(c, best))
        memcpy(best, pick, (size_t)c->n_layers * sizeof *pick);
}

/* best holds a feasible pick already. */
static status solve_several(const struct choices *c, struct arena *a, int32_t *best,
                            struct err *err)
{
    const size_t n = (size_t)c->n_layers;
    int32_t *pick = ARENA_NEW(a, int32_t, n), *mended = ARENA_NEW(a, int32_t, n);
    if (!pick || !mended) return arena_exhausted(err);
    double weight[COST_N_METRICS];
    for (int32_t k = 0; k < c->n_sums; k++)
        weight[k] = 1.0 / c->n_sums;
    choices_improve(c, best);
    for (int round = 0; round < SURROGATE_ROUNDS; round++) {
        bool found;
        TRY(solve_weighted(c, weight, SURROGATE_STATES, a, pick, &found, err));
        if (!found) break;
        memcpy(mended, pick, n * sizeof *pick);
        choices_mend(c, mended);
        if (choices_worst(c, mended) <= SHARE_FULL) {
            choices_improve(c, mended);
            keep_better(c, mended, best);
        }
        /* large first steps find the binding metric, small ones settle */
        shift_weight(c, pick, 8.0 / (1 + round), weight);
    }
    return ST_OK;
}

/* The pick whose worst share is least. */
static void least_worst(const struct choices *c, int32_t *pick)
{
    for (int32_t i = 0; i < c->n_layers; i++) {
        double least = INFINITY;
        for (int32_t j = 0; j < c->layer[i].n; j++) {
            double sum = 0;
            for (int32_t k = 0; k < c->n_sums; k++)
                sum += c->layer[i].c[j].share[c->sums[k]];
            if (sum < least) {
                least = sum;
                pick[i] = j;
            }
        }
    }
    choices_relieve(c, pick);
}

static status infeasible(const struct space *space, const struct budget *b,
                         const struct nn_path *nearest, struct err *err)
{
    double cost[COST_N_METRICS], ratio;
    char text[256];
    space_cost(space, nearest, cost);
    const enum cost_metric m = budget_binding(b, cost, &ratio);
    budget_describe(b, cost, text, sizeof text);
    return err_set(err, ST_INFEASIBLE,
                   "no plan meets the budget: %s is binding, at least %.6g against a "
                   "limit of %.6g (%.3f x); nearest feasible point: %s; raise the "
                   "limit%s or allow fewer bits",
                   cost_metric_names[m], cost[m], b->limit[m], ratio, text,
                   space_of_layers(&space->opt) ? "" : ", lower --fps");
}

static status solve(const struct choices *c, struct arena *a, int32_t *pick,
                    bool *feasible, struct err *err)
{
    least_worst(c, pick);
    *feasible = !c->over_max && choices_worst(c, pick) <= SHARE_FULL;
    if (!*feasible) return ST_OK;
    if (c->n_sums == 1) {
        const double one = 1;
        bool found;
        int32_t *best = ARENA_NEW(a, int32_t, (size_t)c->n_layers);
        if (!best) return arena_exhausted(err);
        TRY(solve_weighted(c, &one, KNAPSACK_STATES, a, best, &found, err));
        /* the least pick lies within rounding of the limit: nothing else fits */
        if (found) memcpy(pick, best, (size_t)c->n_layers * sizeof *pick);
        return ST_OK;
    }
    return solve_several(c, a, pick, err);
}

status search_best_under_budget(const struct space *space, const struct budget *budget,
                                const struct nn_scores *scores, const uint32_t *w_left,
                                const uint32_t *a_left, struct nn_path *out,
                                struct err *err)
{
    struct arena *a = arena_new();
    if (!a) return arena_exhausted(err);
    status st = ST_OK;
    struct choices *c;
    bool feasible;
    int32_t *pick = ARENA_NEW(a, int32_t, (size_t)space->n_layers);
    if (!pick) {
        st = arena_exhausted(err);
        goto out;
    }
    TRY_OUT(choices_build(space, budget, scores, w_left, a_left, a, &c, err));
    TRY_OUT(solve(c, a, pick, &feasible, err));
    choices_path(c, pick, out);
    if (!feasible) st = infeasible(space, budget, out, err);
out:
    arena_free(a);
    return st;
}

status search_feasible(const struct space *space, const struct budget *budget,
                       const uint32_t *w_left, const uint32_t *a_left, bool *several,
                       struct err *err)
{
    struct arena *a = arena_new();
    if (!a) return arena_exhausted(err);
    status st = ST_OK;
    struct choices *c;
    struct nn_path path;
    *several = false;
    int32_t *pick = ARENA_NEW(a, int32_t, (size_t)space->n_layers);
    if (!pick) {
        st = arena_exhausted(err);
        goto out;
    }
    TRY_OUT(choices_build(space, budget, NULL, w_left, a_left, a, &c, err));
    least_worst(c, pick);
    if (c->over_max || choices_worst(c, pick) > SHARE_FULL) {
        choices_path(c, pick, &path);
        st = infeasible(space, budget, &path, err);
        goto out;
    }
    for (int32_t i = 0; i < c->n_layers && !*several; i++) {
        const int32_t kept = pick[i];
        for (pick[i] = 0; pick[i] < c->layer[i].n && !*several; pick[i]++)
            *several = pick[i] != kept && choices_worst(c, pick) <= SHARE_FULL;
        pick[i] = kept;
    }
out:
    arena_free(a);
    return st;
}
