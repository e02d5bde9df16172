/* fake_space.h -- a search space with invented costs: no network, no cost model. */
#ifndef TESTS_FAKE_SPACE_H
#define TESTS_FAKE_SPACE_H

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/rng.h"
#include "search/search.h"

/* Layer i costs about size[i] * w * a LUT, whole numbers; flip-flops grow with w + a,
 * cycles with w alone.  Every layer has the masks given. */
static inline struct space *fake_space(struct arena *a, int32_t n_layers,
                                       uint32_t w_mask, uint32_t a_mask, uint64_t seed)
{
    struct rng r = rng_seed(seed, 0);
    struct space *s = ARENA_NEW(a, struct space, 1);
    s->n_layers = n_layers;
    s->opt = space_defaults();
    s->w_mask = ARENA_NEW(a, uint32_t, (size_t)n_layers);
    s->a_mask = ARENA_NEW(a, uint32_t, (size_t)n_layers);
    s->cell = arena_alloc(a, (size_t)n_layers, sizeof *s->cell);
    for (int32_t i = 0; i < n_layers; i++) {
        const double size = (double)(1 + rng_below(&r, 20));
        s->w_mask[i] = w_mask;
        s->a_mask[i] = a_mask;
        for (int w = 1; w < 9; w++)
            for (int b = 1; b < 9; b++) {
                struct space_cell *c = &s->cell[i][w][b];
                c->known = true;
                snprintf(c->mvu.name, sizeof c->mvu.name, "layer%d", (int)i);
                c->est.metric[COST_LUT].value = size * w * b + (double)rng_below(&r, 3);
                c->est.metric[COST_FF].value = 10 * size * (w + b);
                c->est.metric[COST_CYCLES].value = 100 + 10 * w;
                c->est.metric[COST_ENERGY_UJ].value = NAN;
                c->est.metric[COST_SIZE_BYTES].value = size * w;
                c->est.metric[COST_BITOPS].value = 1000 * size * w * b;
            }
    }
    return s;
}

/* Values that rise with bits and flatten, as accuracy does; different by layer. */
static inline void fake_values(const struct space *s, uint64_t seed,
                               struct nn_scores *v)
{
    struct rng r = rng_seed(seed, 1);
    memset(v, 0, sizeof *v);
    for (int32_t i = 0; i < s->n_layers; i++) {
        const double kw = exp(2 * rng_unit(&r)), ka = exp(2 * rng_unit(&r));
        for (int b = 1; b < 9; b++) {
            v->w[i][b] = -kw * pow(4, -b);
            v->a[i][b] = -ka * pow(4, -b);
        }
    }
}

static inline double path_value(const struct space *s, const struct nn_scores *v,
                                const struct nn_path *p)
{
    double sum = 0;
    for (int32_t i = 0; i < s->n_layers; i++)
        sum += v->w[i][p->wbits[i]] + v->a[i][p->abits[i]];
    return sum;
}

/* The best feasible value by trying every path; -INFINITY if none is feasible.
 * Few layers and candidates only. */
static inline double brute_force(const struct space *s, const struct budget *b,
                                 const struct nn_scores *v, struct nn_path *best)
{
    struct nn_path path;
    double most = -INFINITY;
    int64_t index[32], n[32];
    for (int32_t i = 0; i < s->n_layers; i++) {
        index[i] = 0;
        n[i] = (int64_t)mask_count(s->w_mask[i]) * mask_count(s->a_mask[i]);
    }
    memset(&path, 0, sizeof path);
    for (;;) {
        for (int32_t i = 0; i < s->n_layers; i++) {
            int64_t k = index[i];
            for (int w = 1; w < 9; w++)
                for (int q = 1; q < 9; q++)
                    if ((s->w_mask[i] >> w & 1u) && (s->a_mask[i] >> q & 1u) &&
                        k-- == 0) {
                        path.wbits[i] = (uint8_t)w;
                        path.abits[i] = (uint8_t)q;
                    }
        }
        double cost[COST_N_METRICS];
        space_cost(s, &path, cost);
        const double value = path_value(s, v, &path);
        if (budget_met(b, cost) && value > most) {
            most = value;
            *best = path;
        }
        int32_t i = 0;
        while (i < s->n_layers && ++index[i] == n[i])
            index[i++] = 0;
        if (i == s->n_layers) return most;
    }
}

#endif
