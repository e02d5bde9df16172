/* choices.c -- the choices of each layer, and local moves between picks. */
#include "search/choices.h"

#include <math.h>

/* Exchanges of pairs try every two layers: above this many layers they would take
 * longer than the knapsack itself. */
enum { MAX_PAIR_LAYERS = 64 };

static struct choice make_choice(const struct space *s, const struct budget *b,
                                 const struct nn_scores *scores, int32_t i, int w,
                                 int a)
{
    struct choice c = {.w = (uint8_t)w, .a = (uint8_t)a};
    for (int m = 0; m < COST_N_METRICS; m++)
        if (isfinite(b->limit[m]))
            c.share[m] = s->cell[i][w][a].est.metric[m].value / b->limit[m];
    if (scores) c.value = scores->w[i][w] + scores->a[i][a];
    return c;
}

static double worst_max(const struct choice *c)
{
    double worst = 0;
    for (int m = 0; m < COST_N_METRICS; m++)
        if (cost_metric_is_max((enum cost_metric)m)) worst = fmax(worst, c->share[m]);
    return worst;
}

static void drop_over_max(struct choices *all, struct layer_choices *l)
{
    int32_t n = 0, least = 0;
    for (int32_t j = 1; j < l->n; j++)
        if (worst_max(&l->c[j]) < worst_max(&l->c[least])) least = j;
    if (worst_max(&l->c[least]) > SHARE_FULL) {
        all->over_max = true;
        l->c[0] = l->c[least];
        l->n = 1;
        return;
    }
    for (int32_t j = 0; j < l->n; j++)
        if (worst_max(&l->c[j]) <= SHARE_FULL) l->c[n++] = l->c[j];
    l->n = n;
}

/* Adds what layer i costs and is worth at those bits; false if it cannot have them. */
static bool add_member(const struct space *s, const struct budget *b,
                       const struct nn_scores *scores, const uint32_t *w_left,
                       const uint32_t *a_left, int32_t i, struct choice *c)
{
    const uint32_t w_mask = w_left ? w_left[i] : s->w_mask[i];
    const uint32_t a_mask = a_left ? a_left[i] : s->a_mask[i];
    if (!(w_mask >> c->w & 1u) || !(a_mask >> c->a & 1u)) return false;
    if (!s->cell[i][c->w][c->a].known) return false;
    if (space_same_bits(s, i) && c->w != c->a) return false;
    const struct choice one = make_choice(s, b, scores, i, c->w, c->a);
    c->value += one.value;
    for (int m = 0; m < COST_N_METRICS; m++)
        c->share[m] = cost_metric_is_max((enum cost_metric)m)
                          ? fmax(c->share[m], one.share[m])
                          : c->share[m] + one.share[m];
    return true;
}

static void fill_unit(const struct space *s, const struct budget *b,
                      const struct nn_scores *scores, const uint32_t *w_left,
                      const uint32_t *a_left, int32_t leader, struct layer_choices *l)
{
    for (int w = 1; w <= 8; w++)
        for (int a = 1; a <= 8; a++) {
            struct choice c = {.w = (uint8_t)w, .a = (uint8_t)a};
            bool all = true;
            for (int32_t i = leader; i < s->n_layers && all; i++)
                if (space_leader(s, i) == leader)
                    all = add_member(s, b, scores, w_left, a_left, i, &c);
            if (all) l->c[l->n++] = c;
        }
}

status choices_build(const struct space *space, const struct budget *budget,
                     const struct nn_scores *scores, const uint32_t *w_left,
                     const uint32_t *a_left, struct arena *a, struct choices **out,
                     struct err *err)
{
    struct choices *c = ARENA_NEW(a, struct choices, 1);
    if (!c) return arena_exhausted(err);
    c->n_path = space->n_layers;
    c->layer = ARENA_NEW(a, struct layer_choices, (size_t)space->n_layers);
    c->of_path = ARENA_NEW(a, int32_t, (size_t)space->n_layers);
    if (!c->layer || !c->of_path) return arena_exhausted(err);
    for (int m = 0; m < COST_N_METRICS; m++)
        if (isfinite(budget->limit[m]) && !cost_metric_is_max((enum cost_metric)m))
            c->sums[c->n_sums++] = (enum cost_metric)m;
    for (int32_t i = 0; i < space->n_layers; i++) {
        const int32_t leader = space_leader(space, i);
        c->of_path[i] = leader < i ? c->of_path[leader] : c->n_layers;
        if (leader < i) continue;
        struct layer_choices *l = &c->layer[c->n_layers++];
        fill_unit(space, budget, scores, w_left, a_left, i, l);
        if (l->n == 0)
            return err_set(err, ST_RANGE, "layer %s has no candidate precision left",
                           space->cell[i][1][1].mvu.name);
        drop_over_max(c, l);
    }
    *out = c;
    return ST_OK;
}

void choices_path(const struct choices *c, const int32_t *pick, struct nn_path *path)
{
    *path = (struct nn_path){{0}, {0}};
    for (int32_t i = 0; i < c->n_path; i++) {
        const int32_t k = c->of_path[i];
        path->wbits[i] = c->layer[k].c[pick[k]].w;
        path->abits[i] = c->layer[k].c[pick[k]].a;
    }
}

double choices_value(const struct choices *c, const int32_t *pick)
{
    double sum = 0;
    for (int32_t i = 0; i < c->n_layers; i++)
        sum += c->layer[i].c[pick[i]].value;
    return sum;
}

double choices_share(const struct choices *c, const int32_t *pick, enum cost_metric m)
{
    double sum = 0;
    for (int32_t i = 0; i < c->n_layers; i++)
        sum += c->layer[i].c[pick[i]].share[m];
    return sum;
}

/* Shares of every sum budget. */
static void totals(const struct choices *c, const int32_t *pick, double *total)
{
    for (int32_t k = 0; k < c->n_sums; k++)
        total[k] = choices_share(c, pick, c->sums[k]);
}

/* The largest share after replacing x by y (and x2 by y2 where they are given). */
static double worst_after(const struct choices *c, const double *total,
                          const struct choice *x, const struct choice *y,
                          const struct choice *x2, const struct choice *y2)
{
    double worst = 0;
    for (int32_t k = 0; k < c->n_sums; k++) {
        const enum cost_metric m = c->sums[k];
        double t = total[k] + y->share[m] - x->share[m];
        if (x2) t += y2->share[m] - x2->share[m];
        worst = fmax(worst, t);
    }
    return worst;
}

double choices_worst(const struct choices *c, const int32_t *pick)
{
    double worst = 0;
    for (int32_t k = 0; k < c->n_sums; k++)
        worst = fmax(worst, choices_share(c, pick, c->sums[k]));
    return worst;
}

void choices_relieve(const struct choices *c, int32_t *pick)
{
    for (;;) {
        double total[COST_N_METRICS];
        totals(c, pick, total);
        double best = choices_worst(c, pick) * (1 - 1e-12);
        int32_t layer = -1, to = 0;
        for (int32_t i = 0; i < c->n_layers; i++) {
            const struct layer_choices *l = &c->layer[i];
            for (int32_t j = 0; j < l->n; j++) {
                const double w =
                    worst_after(c, total, &l->c[pick[i]], &l->c[j], NULL, NULL);
                if (w < best) {
                    best = w;
                    layer = i;
                    to = j;
                }
            }
        }
        if (layer < 0) return;
        pick[layer] = to;
    }
}

/* What the budgets are exceeded by, after replacing x by y. */
static double excess_after(const struct choices *c, const double *total,
                           const struct choice *x, const struct choice *y)
{
    double excess = 0;
    for (int32_t k = 0; k < c->n_sums; k++)
        excess += fmax(0, total[k] + y->share[c->sums[k]] - x->share[c->sums[k]] - 1);
    return excess;
}

static bool mend_one(const struct choices *c, int32_t *pick)
{
    double total[COST_N_METRICS], best = 0;
    int32_t layer = -1, to = 0;
    totals(c, pick, total);
    for (int32_t i = 0; i < c->n_layers; i++) {
        const struct layer_choices *l = &c->layer[i];
        const struct choice *x = &l->c[pick[i]];
        const double now = excess_after(c, total, x, x);
        for (int32_t j = 0; j < l->n; j++) {
            const double less = now - excess_after(c, total, x, &l->c[j]);
            const double lost = fmax(0, x->value - l->c[j].value) + 1e-12;
            if (less > 1e-12 * now && less / lost > best) {
                best = less / lost;
                layer = i;
                to = j;
            }
        }
    }
    if (layer >= 0) pick[layer] = to;
    return layer >= 0;
}

void choices_mend(const struct choices *c, int32_t *pick)
{
    while (choices_worst(c, pick) > SHARE_FULL && mend_one(c, pick))
        continue;
}

static bool improve_one(const struct choices *c, int32_t *pick)
{
    double total[COST_N_METRICS], best = 0;
    int32_t layer = -1, to = 0;
    totals(c, pick, total);
    for (int32_t i = 0; i < c->n_layers; i++) {
        const struct layer_choices *l = &c->layer[i];
        const struct choice *x = &l->c[pick[i]];
        for (int32_t j = 0; j < l->n; j++) {
            const double gain = l->c[j].value - x->value;
            if (gain > best &&
                worst_after(c, total, x, &l->c[j], NULL, NULL) <= SHARE_FULL) {
                best = gain;
                layer = i;
                to = j;
            }
        }
    }
    if (layer >= 0) pick[layer] = to;
    return layer >= 0;
}

/* The best exchange between layers i and k, applied if it gains. */
static bool exchange(const struct choices *c, int32_t *pick, const double *total,
                     int32_t i, int32_t k)
{
    const struct layer_choices *l = &c->layer[i], *r = &c->layer[k];
    const struct choice *x = &l->c[pick[i]], *y = &r->c[pick[k]];
    double best = 1e-12 * (1 + fabs(x->value) + fabs(y->value)); /* above rounding */
    int32_t to_i = -1, to_k = -1;
    for (int32_t p = 0; p < l->n; p++)
        for (int32_t q = 0; q < r->n; q++) {
            const double gain = l->c[p].value - x->value + r->c[q].value - y->value;
            if (gain > best &&
                worst_after(c, total, x, &l->c[p], y, &r->c[q]) <= SHARE_FULL) {
                best = gain;
                to_i = p;
                to_k = q;
            }
        }
    if (to_i < 0) return false;
    pick[i] = to_i;
    pick[k] = to_k;
    return true;
}

static bool improve_pair(const struct choices *c, int32_t *pick)
{
    if (c->n_layers > MAX_PAIR_LAYERS) return false;
    bool any = false;
    for (int32_t i = 0; i < c->n_layers; i++)
        for (int32_t k = i + 1; k < c->n_layers; k++) {
            double total[COST_N_METRICS];
            totals(c, pick, total);
            any |= exchange(c, pick, total, i, k);
        }
    return any;
}

void choices_fill(const struct choices *c, int32_t *pick)
{
    while (improve_one(c, pick))
        continue;
}

void choices_improve(const struct choices *c, int32_t *pick)
{
    do
        choices_fill(c, pick);
    while (improve_pair(c, pick));
}
