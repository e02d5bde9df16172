/* ssps_cells.c -- one search cell: probabilities, samples, certainty, losses.
 *
 * The loss that a quantiser adds.  Let e_k = Q_k(x) - x be its error at k bits and H
 * the curvature of the loss.  Near a minimum in x the gradient at Q_k(x) is H e_k plus
 * what other tensors' errors and the batch add, which is not aligned with e_k; so
 *     <G, e_k> / 2  =  e_k' H e_k / 2                                     on average,
 * which is the loss added, to second order.  It needs the sampled candidate only.
 * The first-order score <G, Q_j(x)> of a candidate j that was not sampled says little:
 * it is e_j' H e_k, and errors of different precisions are hardly correlated.  Its
 * average over samples is p[j] e_j' H e_j, so that each candidate would look bad in
 * proportion to how often it is sampled.
 *
 * The power of a rounding error falls by 4 per bit.  That law, fitted to the cell's
 * own observations, stands for a few observations of each candidate: it holds the
 * estimates of rarely sampled ones. */
#include <math.h>

#include "search/ssps.h"

static bool has(const struct ssps_cell *c, int b) { return c->left >> b & 1u; }

void ssps_probabilities(const struct ssps_cell *c, double p[9])
{
    double most = -INFINITY, sum = 0;
    for (int b = 0; b < 9; b++)
        if (has(c, b)) most = fmax(most, c->evidence[b] + c->pressure[b]);
    for (int b = 0; b < 9; b++) {
        p[b] = has(c, b) ? exp(c->evidence[b] + c->pressure[b] - most) : 0;
        sum += p[b];
    }
    for (int b = 0; b < 9; b++)
        p[b] /= sum;
}

int ssps_sample(const struct ssps_cell *c, struct rng *r)
{
    if (mask_count(c->left) == 1) return mask_lowest(c->left);
    double p[9];
    ssps_probabilities(c, p);
    double u = rng_unit(r);
    for (int b = 0; b < 9; b++) {
        u -= p[b];
        if (u < 0 && p[b] > 0) return b;
    }
    return mask_highest(c->left); /* u was within rounding of 1 */
}

double ssps_certainty(const struct ssps_cell *c)
{
    const int n = mask_count(c->left);
    if (n == 1) return 1;
    double p[9], entropy = 0;
    ssps_probabilities(c, p);
    for (int b = 0; b < 9; b++)
        if (p[b] > 0) entropy -= p[b] * log(p[b]);
    return 1 - entropy / log(n);
}

void ssps_advantage(const double p[9], const double score[9], double advantage[9])
{
    double mean = 0;
    for (int b = 0; b < 9; b++)
        if (p[b] > 0) mean += p[b] * score[b];
    for (int b = 0; b < 9; b++)
        advantage[b] = p[b] > 0 ? score[b] - mean : 0;
}

void ssps_observe(struct ssps_cell *c, enum ssps_estimator estimator, int bits,
                  const double score[9])
{
    for (int b = 1; b < 9; b++) {
        if (estimator == SSPS_SAMPLED ? b != bits : !has(c, b)) continue;
        const double loss = score[b] - score[NN_FLOAT];
        c->score_sum[b] += estimator == SSPS_SAMPLED ? loss / 2 : loss;
        c->score_n[b]++;
    }
}

/* Least squares A of loss[b] ~ A * 4^-b over what was observed; never negative.
 * Observations scatter with the size of the error, 2^-b: weights 4^b. */
static double law(const struct ssps_cell *c)
{
    double above = 0, below = 0;
    for (int b = 1; b < 9; b++) {
        above += c->score_sum[b];
        below += c->score_n[b] * ldexp(1, -2 * b);
    }
    return below > 0 ? fmax(0, above / below) : 0;
}

/* Pool adjacent violators (Ayer et al., 1955): the nearest non-increasing sequence. */
static void make_falling(const int *bits, int n_bits, const double *weight_of,
                         double *loss)
{
    double mean[9], weight[9];
    int first[10], n = 0;
    for (int i = 0; i < n_bits; i++) {
        first[n] = i;
        mean[n] = loss[bits[i]];
        weight[n] = weight_of[bits[i]];
        n++;
        while (n > 1 && mean[n - 2] < mean[n - 1]) {
            const double w = weight[n - 2] + weight[n - 1];
            mean[n - 2] =
                (mean[n - 2] * weight[n - 2] + mean[n - 1] * weight[n - 1]) / w;
            weight[n - 2] = w;
            n--;
        }
    }
    first[n] = n_bits;
    for (int k = 0; k < n; k++)
        for (int i = first[k]; i < first[k + 1]; i++)
            loss[bits[i]] = mean[k];
}

void ssps_losses(const struct ssps_cell *c, double loss[9])
{
    enum { PRIOR = 4 }; /* observations that the law counts for */
    const double A = law(c);
    double weight[9];
    int bits[9], n = 0;
    for (int b = 0; b < 9; b++) {
        loss[b] = 0;
        if (!has(c, b)) continue;
        bits[n++] = b;
        weight[b] = c->score_n[b] + PRIOR;
        loss[b] = (c->score_sum[b] + PRIOR * A * ldexp(1, -2 * b)) / weight[b];
    }
    make_falling(bits, n, weight, loss);
}
