/* ssps_budget.c -- expected costs from the tables, their gradients, and the start. */
#include <math.h>
#include <stdlib.h>

#include "search/ssps.h"

static double cost_of(const struct space *space, int32_t i, int w, int a,
                      enum cost_metric m)
{
    const struct space_cell *c = &space->cell[i][w][a];
    return c->known ? c->est.metric[m].value : NAN;
}

/* Probabilities of both sides of layer i; with the same bits they are not independent,
 * and p[SSPS_A] is not used. */
static void both_sides(const struct ssps_state *s, int32_t i, double p[SSPS_N_SIDES][9])
{
    ssps_probabilities(ssps_cell_of(s, SSPS_W, i), p[SSPS_W]);
    ssps_probabilities(ssps_cell_of(s, SSPS_A, i), p[SSPS_A]);
}

/* Expected cost of layer i if that side has b bits. */
static double given(const struct ssps_state *s, const struct space *space, int32_t i,
                    double p[SSPS_N_SIDES][9], enum ssps_side side, int b,
                    enum cost_metric m)
{
    if (s->same_bits[i]) return cost_of(space, i, b, b, m);
    const double *other = p[side == SSPS_W ? SSPS_A : SSPS_W];
    double sum = 0;
    for (int k = 1; k < 9; k++)
        if (other[k] > 0)
            sum += other[k] * (side == SSPS_W ? cost_of(space, i, b, k, m)
                                              : cost_of(space, i, k, b, m));
    return sum;
}

static double layer_expected(const struct ssps_state *s, const struct space *space,
                             int32_t i, enum cost_metric m)
{
    double p[SSPS_N_SIDES][9], sum = 0;
    both_sides(s, i, p);
    for (int w = 1; w < 9; w++)
        if (p[SSPS_W][w] > 0) sum += p[SSPS_W][w] * given(s, space, i, p, SSPS_W, w, m);
    return sum;
}

/* The slowest layer's expectation: a lower bound of the expected maximum, for the
 * record only, as budgets of maximum type are met by construction. */
void ssps_expected(const struct ssps_state *s, const struct space *space,
                   double expected[COST_N_METRICS])
{
    for (int m = 0; m < COST_N_METRICS; m++)
        expected[m] = 0;
    for (int32_t i = 0; i < s->n_layers; i++)
        for (int m = 0; m < COST_N_METRICS; m++) {
            const double e = layer_expected(s, space, i, (enum cost_metric)m);
            if (cost_metric_is_max((enum cost_metric)m))
                expected[m] = fmax(expected[m], e);
            else
                expected[m] += e;
        }
}

void ssps_cost_advantage(const struct ssps_state *s, const struct space *space,
                         enum cost_metric m, double limit, enum ssps_side side,
                         int32_t i, double advantage[9])
{
    double p[9], cost[9] = {0};
    ssps_probabilities(&s->cell[side][i], p);
    for (int32_t k = i; k < s->n_layers; k++) {
        double both[SSPS_N_SIDES][9];
        if (s->leader[k] != i) continue;
        both_sides(s, k, both);
        for (int b = 1; b < 9; b++)
            if (p[b] > 0) cost[b] += given(s, space, k, both, side, b, m) / limit;
    }
    ssps_advantage(p, cost, advantage);
}

static double worst_share(const struct ssps_state *s, const struct space *space,
                          const struct budget *budget)
{
    double expected[COST_N_METRICS], worst = 0;
    ssps_expected(s, space, expected);
    for (int m = 0; m < COST_N_METRICS; m++)
        if (isfinite(budget->limit[m]) && !cost_metric_is_max((enum cost_metric)m))
            worst = fmax(worst, expected[m] / budget->limit[m]);
    return worst;
}

static void set_tilt(struct ssps_state *s, double kappa)
{
    for (int side = 0; side < SSPS_N_SIDES; side++)
        for (int32_t i = 0; i < s->n_layers; i++)
            for (int b = 0; b < 9; b++)
                s->cell[side][i].pressure[b] = -kappa * b;
}

void ssps_tilt(struct ssps_state *s, const struct space *space,
               const struct budget *budget)
{
    /* beyond 5 a neighbour has less than 1 % probability: no start for a search */
    double lo = -5, hi = 5;
    for (int k = 0; k < 50; k++) {
        const double mid = (lo + hi) / 2;
        set_tilt(s, mid);
        if (worst_share(s, space, budget) > 1)
            lo = mid;
        else
            hi = mid;
    }
}
