/* ssps_update.c -- one step of the logits and of the multipliers.
 *
 *   logit -= lr * (g_loss + sum_m lambda_m g_cost_m) / rms(g_loss)
 *
 * One normaliser is shared by all cells: a normaliser per logit (Adam) would make a
 * cell that matters little move as fast as one that matters much, and every layer
 * would get the same profile.  A multiplier is a damped controller, not an absolute
 * penalty |E/T - 1|, whose sign changes every few steps and drowns the loss. */
#include <math.h>

#include "search/ssps.h"

static bool undecided(const struct ssps_cell *c) { return mask_count(c->left) > 1; }

static bool held(const struct budget *b, int m)
{
    return isfinite(b->limit[m]) && !cost_metric_is_max((enum cost_metric)m);
}

/* Loss gradient of one cell. */
static void loss_gradient(const struct ssps_cell *c, const double score[9], double g[9])
{
    double p[9];
    ssps_probabilities(c, p);
    ssps_gradient(p, score, g);
}

static const double *scores_of(const struct nn_scores *scores, int side, int32_t i)
{
    return side == SSPS_W ? scores->w[i] : scores->a[i];
}

/* Mean square of the loss gradients over all logits of undecided cells. */
static double mean_square(const struct ssps_state *s, const struct nn_scores *scores)
{
    double sum = 0;
    int64_t n = 0;
    for (int side = 0; side < SSPS_N_SIDES; side++)
        for (int32_t i = 0; i < s->n_layers; i++) {
            const struct ssps_cell *c = &s->cell[side][i];
            if (!undecided(c)) continue;
            double g[9];
            loss_gradient(c, scores_of(scores, side, i), g);
            for (int b = 0; b < 9; b++)
                sum += g[b] * g[b];
            n += mask_count(c->left);
        }
    return n ? sum / (double)n : 0;
}

void ssps_gather(struct ssps_state *s, const struct nn_scores *scores)
{
    s->n_gradients++;
    s->mean_square += mean_square(s, scores);
    for (int side = 0; side < SSPS_N_SIDES; side++)
        for (int32_t i = 0; i < s->n_layers; i++) {
            struct ssps_cell *c = &s->cell[side][i];
            double g[9];
            if (!undecided(c)) continue;
            loss_gradient(c, scores_of(scores, side, i), g);
            for (int b = 0; b < 9; b++)
                c->evidence_v[b] += g[b];
        }
}

/* <g_loss, g_cost> and <g_cost, g_cost> over all logits of undecided cells. */
static void project(const struct ssps_state *s, const struct space *space,
                    enum cost_metric m, double limit, double *dot, double *square)
{
    *dot = *square = 0;
    for (int side = 0; side < SSPS_N_SIDES; side++)
        for (int32_t i = 0; i < s->n_layers; i++) {
            const struct ssps_cell *c = &s->cell[side][i];
            double g[9];
            if (!undecided(c)) continue;
            ssps_cost_gradient(s, space, m, limit, (enum ssps_side)side, i, g);
            for (int b = 0; b < 9; b++) {
                *dot += c->evidence_v[b] * g[b];
                *square += g[b] * g[b];
            }
        }
}

static int64_t n_logits(const struct ssps_state *s)
{
    int64_t n = 0;
    for (int side = 0; side < SSPS_N_SIDES; side++)
        for (int32_t i = 0; i < s->n_layers; i++)
            if (undecided(&s->cell[side][i])) n += mask_count(s->cell[side][i].left);
    return n;
}

/* The first multiplier of the binding budget is the one at which the mean loss
 * gradient and the cost gradient leave the expected cost where it is; the others
 * start at 0 and grow only if their budget is exceeded. */
void ssps_start(struct ssps_state *s, const struct space *space,
                const struct budget *budget)
{
    const double n = s->n_gradients ? (double)s->n_gradients : 1;
    s->mean_square /= n;
    for (int side = 0; side < SSPS_N_SIDES; side++)
        for (int32_t i = 0; i < s->n_layers; i++)
            for (int b = 0; b < 9; b++)
                s->cell[side][i].evidence_v[b] /= n;

    double expected[COST_N_METRICS], worst = 0;
    int binding = -1;
    ssps_expected(s, space, expected);
    for (int m = 0; m < COST_N_METRICS; m++)
        if (held(budget, m) && expected[m] / budget->limit[m] > worst) {
            worst = expected[m] / budget->limit[m];
            binding = m;
        }
    for (int m = 0; m < COST_N_METRICS; m++) {
        if (!held(budget, m)) continue;
        double dot, square;
        project(s, space, (enum cost_metric)m, budget->limit[m], &dot, &square);
        if (!(square > 0)) continue; /* no choice changes this cost */
        struct ssps_multiplier *u = &s->multiplier[m];
        u->scale = sqrt(s->mean_square / (square / (double)n_logits(s)));
        if (m == binding) u->mu = fmax(0, -dot / square);
    }
}

static void control(struct ssps_state *s, const struct ssps_options *opt,
                    const struct space *space, const struct budget *budget)
{
    double expected[COST_N_METRICS];
    ssps_expected(s, space, expected);
    for (int m = 0; m < COST_N_METRICS; m++) {
        if (!held(budget, m)) continue;
        struct ssps_multiplier *u = &s->multiplier[m];
        const double e = expected[m] / budget->limit[m] - 1;
        u->mu = fmax(0, u->mu + opt->gain_i * u->scale * e);
        u->lambda = fmax(0, u->mu + opt->gain_p * u->scale * e);
    }
}

/* sum_m lambda_m g_cost_m of one cell. */
static void pressure_gradient(const struct ssps_state *s, const struct space *space,
                              const struct budget *budget, enum ssps_side side,
                              int32_t i, double g[9])
{
    for (int b = 0; b < 9; b++)
        g[b] = 0;
    for (int m = 0; m < COST_N_METRICS; m++) {
        const double lambda = s->multiplier[m].lambda;
        if (!held(budget, m) || lambda == 0) continue;
        double one[9];
        ssps_cost_gradient(s, space, (enum cost_metric)m, budget->limit[m], side, i,
                           one);
        for (int b = 0; b < 9; b++)
            g[b] += lambda * one[b];
    }
}

/* Moves a logit's parts against their gradients. */
static void move(struct ssps_cell *c, const struct ssps_options *opt, double rms,
                 const double loss[9], const double cost[9])
{
    const double keep = opt->momentum, take = 1 - opt->momentum;
    for (int b = 0; b < 9; b++) {
        if (!(c->left >> b & 1u)) continue;
        c->evidence_v[b] = keep * c->evidence_v[b] + take * loss[b];
        c->pressure_v[b] = keep * c->pressure_v[b] + take * cost[b];
        c->evidence[b] -= opt->logit_lr * c->evidence_v[b] / rms;
        c->pressure[b] -= opt->logit_lr * c->pressure_v[b] / rms;
    }
}

void ssps_update(struct ssps_state *s, const struct ssps_options *opt,
                 const struct space *space, const struct budget *budget,
                 const struct nn_scores *scores)
{
    if (ssps_n_undecided(s) == 0) return;
    control(s, opt, space, budget);
    s->mean_square =
        opt->rms_decay * s->mean_square + (1 - opt->rms_decay) * mean_square(s, scores);
    const double rms = sqrt(s->mean_square) + 1e-30; /* all scores may be equal */
    /* all gradients at the same probabilities, before any logit moves */
    for (int32_t i = 0; i < s->n_layers; i++) {
        double loss[SSPS_N_SIDES][9], cost[SSPS_N_SIDES][9];
        for (int side = 0; side < SSPS_N_SIDES; side++) {
            loss_gradient(&s->cell[side][i], scores_of(scores, side, i), loss[side]);
            pressure_gradient(s, space, budget, (enum ssps_side)side, i, cost[side]);
        }
        for (int side = 0; side < SSPS_N_SIDES; side++)
            if (undecided(&s->cell[side][i]))
                move(&s->cell[side][i], opt, rms, loss[side], cost[side]);
    }
}
