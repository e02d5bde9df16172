/* knapsack.c -- exact multiple-choice knapsack by Pareto fronts. */
#include "search/knapsack.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* One way to choose from the groups so far. */
struct state {
    double cost, value;
    int32_t tag, parent; /* choice in the last group; index in the front before */
};

/* Rising cost, rising value: no state dominates another. */
struct front {
    size_t n;
    struct state *s;
};

/* Workspace of one solve: two buffers that hold the fronts of all items of a group,
 * merged pairwise from one into the other. */
struct work {
    struct state *from, *to;
    size_t start[KNAPSACK_MAX_ITEMS + 1];
};

static bool push(struct state *out, size_t *n, struct state s)
{
    if (*n && out[*n - 1].value >= s.value) return false;
    if (*n && out[*n - 1].cost == s.cost) (*n)--;
    out[(*n)++] = s;
    return true;
}

/* Pareto front of two fronts; returns its length. */
static size_t merge(const struct state *x, size_t nx, const struct state *y, size_t ny,
                    struct state *out)
{
    size_t i = 0, j = 0, n = 0;
    while (i < nx || j < ny) {
        const bool take_x = j == ny || (i < nx && x[i].cost <= y[j].cost);
        push(out, &n, take_x ? x[i++] : y[j++]);
    }
    return n;
}

/* The previous front with each item added, as one run per item in w->from.  States
 * that leave too little for the groups to come are dropped. */
static int extend(const struct front *f, const struct knapsack_group *g, double limit,
                  struct work *w)
{
    size_t n = 0;
    for (int32_t j = 0; j < g->n; j++) {
        w->start[j] = n;
        for (size_t i = 0; i < f->n; i++) {
            const double cost = f->s[i].cost + g->items[j].cost;
            if (cost > limit) break;
            w->from[n++] =
                (struct state){cost, f->s[i].value + g->items[j].value, j, (int32_t)i};
        }
    }
    w->start[g->n] = n;
    return g->n;
}

/* Merges runs pairwise until one is left in w->from. */
static size_t merge_runs(struct work *w, int n_runs)
{
    while (n_runs > 1) {
        size_t n = 0;
        int out = 0;
        for (int j = 0; j < n_runs; j += 2) {
            const size_t a = w->start[j], b = w->start[j + 1];
            const size_t c = j + 1 < n_runs ? w->start[j + 2] : b;
            w->start[out++] = n;
            n += merge(w->from + a, b - a, w->from + b, c - b, w->to + n);
        }
        w->start[out] = n;
        n_runs = out;
        struct state *swap = w->from;
        w->from = w->to;
        w->to = swap;
    }
    return w->start[1];
}

/* Keeps the best value of each interval of cost (the last state, as values rise). */
static size_t thin(struct state *s, size_t n, int32_t n_states)
{
    if (n <= (size_t)n_states) return n;
    const double lo = s[0].cost, width = (s[n - 1].cost - lo) / n_states;
    size_t kept = 0;
    for (size_t i = 0; i < n; i++) {
        const bool last = i + 1 == n;
        if (last ||
            floor((s[i].cost - lo) / width) < floor((s[i + 1].cost - lo) / width))
            s[kept++] = s[i];
    }
    return kept;
}

static double cheapest(const struct knapsack_group *g)
{
    double least = INFINITY;
    for (int32_t j = 0; j < g->n; j++)
        least = fmin(least, g->items[j].cost);
    return least;
}

/* The fronts after each group, all kept for the way back: fronts[0..n_groups]. */
static status build_fronts(const struct knapsack_group *groups, int32_t n_groups,
                           double limit, int32_t n_states, struct arena *a,
                           struct front *fronts, struct err *err)
{
    double reserve = 0; /* what the groups to come cost at least */
    for (int32_t l = 0; l < n_groups; l++)
        reserve += cheapest(&groups[l]);
    fronts[0].n = 1;
    fronts[0].s = ARENA_NEW(a, struct state, 1);
    /* thin() may keep one state per interval and the last one */
    const size_t room = ((size_t)n_states + 1) * KNAPSACK_MAX_ITEMS;
    struct work w = {
        ARENA_NEW(a, struct state, room), ARENA_NEW(a, struct state, room), {0}};
    if (!fronts[0].s || !w.from || !w.to) return arena_exhausted(err);
    for (int32_t l = 0; l < n_groups; l++) {
        reserve -= cheapest(&groups[l]);
        const int runs = extend(&fronts[l], &groups[l], limit - reserve, &w);
        const size_t n = thin(w.from, merge_runs(&w, runs), n_states);
        fronts[l + 1].n = n;
        fronts[l + 1].s = ARENA_NEW(a, struct state, n ? n : 1);
        if (!fronts[l + 1].s) return arena_exhausted(err);
        memcpy(fronts[l + 1].s, w.from, n * sizeof *w.from);
        if (n == 0) return ST_OK;
    }
    return ST_OK;
}

status knapsack_solve(const struct knapsack_group *groups, int32_t n_groups,
                      double limit, int32_t n_states, int32_t *tags, bool *found,
                      struct err *err)
{
    struct arena *a = arena_new();
    if (!a) return arena_exhausted(err);
    status st = ST_OK;
    struct front *fronts = ARENA_NEW(a, struct front, (size_t)n_groups + 1);
    if (!fronts) {
        st = arena_exhausted(err);
        goto out;
    }
    /* the reserve is a difference of sums: allow for their rounding */
    limit *= 1 + 1e-12;
    TRY_OUT(build_fronts(groups, n_groups, limit, n_states, a, fronts, err));
    *found = fronts[n_groups].n > 0;
    if (!*found) goto out;
    size_t i = fronts[n_groups].n - 1; /* dearest is best */
    for (int32_t l = n_groups; l > 0; l--) {
        const struct state *s = &fronts[l].s[i];
        tags[l - 1] = groups[l - 1].items[s->tag].tag;
        i = (size_t)s->parent;
    }
out:
    arena_free(a);
    return st;
}
