/* ssps_cells.c -- one search cell: probabilities, samples, certainty, gradients. */
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

/* Pool adjacent violators (Ayer et al., 1955). */
void ssps_values(const struct ssps_cell *c, double value[9])
{
    double p[9], mean[9], weight[9];
    int first[9], n = 0, bits[9], n_bits = 0;
    ssps_probabilities(c, p);
    for (int b = 0; b < 9; b++) {
        value[b] = 0;
        if (!has(c, b)) continue;
        bits[n_bits] = b;
        first[n] = n_bits++;
        mean[n] = c->evidence[b];
        weight[n] = p[b] + 1e-6; /* a candidate never sampled still has a vote */
        n++;
        while (n > 1 && mean[n - 2] > mean[n - 1]) {
            const double w = weight[n - 2] + weight[n - 1];
            mean[n - 2] =
                (mean[n - 2] * weight[n - 2] + mean[n - 1] * weight[n - 1]) / w;
            weight[n - 2] = w;
            n--;
        }
    }
    for (int k = 0; k < n; k++) {
        const int end = k + 1 < n ? first[k + 1] : n_bits;
        for (int i = first[k]; i < end; i++)
            value[bits[i]] = mean[k];
    }
}
