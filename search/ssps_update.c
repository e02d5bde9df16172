/* ssps_update.c -- one step of the logits and of the multipliers.
 *
 *   logit[b] -= lr * (adv_loss[b] + sum_m lambda_m adv_cost_m[b]) / rms(adv_loss)
 *   adv[b] = x[b] - sum_k p[k] x[k]
 *
 * This is mirror descent on the probabilities (exponentiated gradient, Kivinen and
 * Warmuth, 1997): a step in proportion to the advantage alone, where the gradient of
 * a softmax would be p[b] times it.  The factor p[b] would make the logits of rarely
 * sampled candidates stand still, and a candidate that fell behind early would stay
 * there whatever is learned about it later.
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

static void loss_advantage(const struct ssps_cell *c, double advantage[9])
{
    double p[9], loss[9];
    ssps_probabilities(c, p);
    ssps_losses(c, loss);
    ssps_advantage(p, loss, advantage);
}

/* Expected square of the loss advantages, mean over undecided cells.  What is hardly
 * sampled any more hardly counts, so that finer differences come to matter as the
 * coarse ones are settled. */
static double mean_square(const struct ssps_state *s)
{
    double sum = 0;
    for (int side = 0; side < SSPS_N_SIDES; side++)
        for (int32_t i = 0; i < s->n_layers; i++) {
            const struct ssps_cell *c = &s->cell[side][i];
            double p[9], g[9];
            if (!undecided(c)) continue;
            ssps_probabilities(c, p);
            loss_advantage(c, g);
            for (int b = 0; b < 9; b++)
                sum += p[b] * g[b] * g[b];
        }
    return sum / fmax(1, ssps_n_undecided(s));
}

/* Adds what side `side` of layer k adds to the loss at each precision. */
static void add_excess(const struct ssps_options *opt, const struct nn_scores *scores,
                       enum ssps_side side, int32_t k, double total[9])
{
    const double *score = side == SSPS_W ? scores->w[k] : scores->a[k];
    const double share = side == SSPS_W ? opt->w_recovery : 1;
    for (int b = 1; b < 9; b++)
        total[b] += share * (score[b] - score[NN_FLOAT]);
}

void ssps_gather(struct ssps_state *s, const struct ssps_options *opt,
                 const struct nn_path *path, const struct nn_scores *scores)
{
    for (int side = 0; side < SSPS_N_SIDES; side++)
        for (int32_t i = 0; i < s->n_layers; i++) {
            struct ssps_cell *c = &s->cell[side][i];
            double total[9] = {0};
            if (!c->left) continue; /* follows another cell */
            for (int32_t k = i; k < s->n_layers; k++)
                for (int other = 0; other < SSPS_N_SIDES; other++)
                    if (ssps_cell_of(s, (enum ssps_side)other, k) == c)
                        add_excess(opt, scores, (enum ssps_side)other, k, total);
            ssps_observe(c, opt->estimator,
                         side == SSPS_W ? path->wbits[i] : path->abits[i], total);
        }
}

/* How fast the expected cost moves along the loss advantages and along its own: over
 * undecided cells, sum p adv_cost adv_loss and sum p adv_cost^2. */
static void project(const struct ssps_state *s, const struct space *space,
                    enum cost_metric m, double limit, double *along_loss,
                    double *along_cost)
{
    *along_loss = *along_cost = 0;
    for (int side = 0; side < SSPS_N_SIDES; side++)
        for (int32_t i = 0; i < s->n_layers; i++) {
            const struct ssps_cell *c = &s->cell[side][i];
            double g[9], p[9], loss[9];
            if (!undecided(c)) continue;
            ssps_probabilities(c, p);
            loss_advantage(c, loss);
            ssps_cost_advantage(s, space, m, limit, (enum ssps_side)side, i, g);
            for (int b = 0; b < 9; b++) {
                *along_loss += p[b] * g[b] * loss[b];
                *along_cost += p[b] * g[b] * g[b];
            }
        }
}

/* The metric of the largest expected cost / limit among those that are held, or -1. */
static int binding_metric(const double *expected, const struct budget *budget)
{
    int binding = -1;
    double worst = 0;
    for (int m = 0; m < COST_N_METRICS; m++)
        if (held(budget, m) && expected[m] / budget->limit[m] > worst) {
            worst = expected[m] / budget->limit[m];
            binding = m;
        }
    return binding;
}

/* The first multiplier of the binding budget is the one at which the loss advantages
 * and the cost advantages leave the expected cost where it is; the others
 * start, and may fall to, where their pressure is a thousandth of the loss's. */
void ssps_start(struct ssps_state *s, const struct space *space,
                const struct budget *budget)
{
    s->started = true;
    s->mean_square = mean_square(s);
    double expected[COST_N_METRICS];
    ssps_expected(s, space, expected);
    const int binding = binding_metric(expected, budget);
    for (int m = 0; m < COST_N_METRICS; m++) {
        if (!held(budget, m)) continue;
        double along_loss, along_cost;
        project(s, space, (enum cost_metric)m, budget->limit[m], &along_loss,
                &along_cost);
        if (!(along_cost > 0)) continue; /* no choice changes this cost */
        struct ssps_multiplier *u = &s->multiplier[m];
        u->floor = 1e-3 * sqrt(s->mean_square * ssps_n_undecided(s) / along_cost);
        u->mu = m == binding ? fmax(u->floor, -along_loss / along_cost) : u->floor;
    }
}

/* Weight of the advantages of cost at an excess of e = E / T - 1. */
static double weight_of(const struct ssps_options *opt, struct ssps_multiplier *u,
                        double e)
{
    switch (opt->penalty) {
    case SSPS_ABSOLUTE:
        return e > 0 ? opt->penalty_weight : -opt->penalty_weight;
    case SSPS_HINGE:
        return e > 0 ? opt->penalty_weight : 0;
    case SSPS_LINEAR:
        return opt->penalty_weight;
    default:
        u->mu = fmax(u->floor, u->mu * exp(opt->gain_i * e));
        return u->mu * exp(opt->gain_p * e);
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
        u->lambda = weight_of(opt, u, e);
    }
}

/* sum_m lambda_m adv_cost_m of one cell. */
static void pressure(const struct ssps_state *s, const struct space *space,
                     const struct budget *budget, enum ssps_side side, int32_t i,
                     double g[9])
{
    for (int b = 0; b < 9; b++)
        g[b] = 0;
    for (int m = 0; m < COST_N_METRICS; m++) {
        const double lambda = s->multiplier[m].lambda;
        if (!held(budget, m) || lambda == 0) continue;
        double one[9];
        ssps_cost_advantage(s, space, (enum cost_metric)m, budget->limit[m], side, i,
                            one);
        for (int b = 0; b < 9; b++)
            g[b] += lambda * one[b];
    }
}

/* What the step of logit b is divided by; rms is that of all. */
static double unit_of(struct ssps_cell *c, const struct ssps_options *opt, double rms,
                      int b, double gradient)
{
    if (opt->normaliser == SSPS_SHARED) return rms;
    const double take = c->square[b] > 0 ? 1 - opt->rms_decay : 1;
    c->square[b] += take * (gradient * gradient - c->square[b]);
    return sqrt(c->square[b]) + 1e-30;
}

static void move(struct ssps_cell *c, const struct ssps_options *opt, double rms,
                 const double loss[9], const double cost[9])
{
    const double keep = opt->momentum, take = 1 - opt->momentum;
    for (int b = 0; b < 9; b++) {
        if (!(c->left >> b & 1u)) continue;
        c->evidence_v[b] = keep * c->evidence_v[b] + take * loss[b];
        c->pressure_v[b] = keep * c->pressure_v[b] + take * cost[b];
        const double unit = unit_of(c, opt, rms, b, loss[b] + cost[b]);
        const double size = fabs(c->evidence_v[b] + c->pressure_v[b]) / unit;
        const double rate =
            opt->logit_lr / unit * fmin(1, opt->clip / fmax(size, 1e-9));
        c->evidence[b] -= rate * c->evidence_v[b];
        c->pressure[b] -= rate * c->pressure_v[b];
    }
}

void ssps_update(struct ssps_state *s, const struct ssps_options *opt,
                 const struct space *space, const struct budget *budget)
{
    if (ssps_n_undecided(s) == 0) return;
    control(s, opt, space, budget);
    s->mean_square =
        opt->rms_decay * s->mean_square + (1 - opt->rms_decay) * mean_square(s);
    const double rms = sqrt(s->mean_square) + 1e-30; /* losses may be equal */
    for (int32_t i = 0; i < s->n_layers; i++) {
        /* both sides at the same probabilities, before either moves */
        double loss[SSPS_N_SIDES][9], cost[SSPS_N_SIDES][9];
        for (int side = 0; side < SSPS_N_SIDES; side++) {
            if (!undecided(&s->cell[side][i])) continue;
            loss_advantage(&s->cell[side][i], loss[side]);
            pressure(s, space, budget, (enum ssps_side)side, i, cost[side]);
        }
        for (int side = 0; side < SSPS_N_SIDES; side++)
            if (undecided(&s->cell[side][i]))
                move(&s->cell[side][i], opt, rms, loss[side], cost[side]);
    }
}
