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

static double layer_expected(const struct space *space, int32_t i, const double pw[9],
                             const double pa[9], enum cost_metric m)
{
    double sum = 0;
    for (int w = 1; w < 9; w++)
        for (int a = 1; a < 9; a++)
            if (pw[w] > 0 && pa[a] > 0)
                sum += pw[w] * pa[a] * cost_of(space, i, w, a, m);
    return sum;
}

/* The slowest layer's expectation: a lower bound of the expected maximum, for the
 * record only, as budgets of maximum type are met by construction. */
void ssps_expected(const struct ssps_state *s, const struct space *space,
                   double expected[COST_N_METRICS])
{
    for (int m = 0; m < COST_N_METRICS; m++)
        expected[m] = 0;
    for (int32_t i = 0; i < s->n_layers; i++) {
        double pw[9], pa[9];
        ssps_probabilities(&s->cell[SSPS_W][i], pw);
        ssps_probabilities(&s->cell[SSPS_A][i], pa);
        for (int m = 0; m < COST_N_METRICS; m++) {
            const double e = layer_expected(space, i, pw, pa, (enum cost_metric)m);
            if (cost_metric_is_max((enum cost_metric)m))
                expected[m] = fmax(expected[m], e);
            else
                expected[m] += e;
        }
    }
}

void ssps_cost_advantage(const struct ssps_state *s, const struct space *space,
                         enum cost_metric m, double limit, enum ssps_side side,
                         int32_t i, double advantage[9])
{
    double p[SSPS_N_SIDES][9], cost[9];
    ssps_probabilities(&s->cell[SSPS_W][i], p[SSPS_W]);
    ssps_probabilities(&s->cell[SSPS_A][i], p[SSPS_A]);
    const double *other = p[side == SSPS_W ? SSPS_A : SSPS_W];
    for (int b = 0; b < 9; b++) {
        cost[b] = 0;
        for (int k = 1; k < 9; k++)
            if (p[side][b] > 0 && other[k] > 0)
                cost[b] += other[k] * (side == SSPS_W ? cost_of(space, i, b, k, m)
                                                      : cost_of(space, i, k, b, m));
        cost[b] /= limit;
    }
    ssps_advantage(p[side], cost, advantage);
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
