/* mip.c -- the best pick under the budgets, by CBC: see mip.h. */
#include "search/mip.h"

#include <coin/Cbc_C_Interface.h>
#include <math.h>
#include <string.h>

/* Column of choice 0 of layer l is first[l]. */
struct columns {
    int32_t n, *first; /* (n_layers + 1) */
};

static double span(const struct choices *c)
{
    double most = 0;
    for (int32_t i = 0; i < c->n_layers; i++)
        for (int32_t j = 0; j < c->layer[i].n; j++)
            most = fmax(most, fabs(c->layer[i].c[j].value));
    return most > 0 ? most : 1;
}

static void add_columns(Cbc_Model *m, const struct choices *c, double scale)
{
    for (int32_t i = 0; i < c->n_layers; i++)
        for (int32_t j = 0; j < c->layer[i].n; j++)
            Cbc_addCol(m, "x", 0, 1, c->layer[i].c[j].value / scale, 1, 0, NULL, NULL);
}

/* index, coefficient: (columns of all layers). */
static void add_rows(Cbc_Model *m, const struct choices *c, const struct columns *at,
                     int *index, double *coefficient)
{
    for (int32_t i = 0; i < c->n_layers; i++) {
        for (int32_t j = 0; j < c->layer[i].n; j++) {
            index[j] = at->first[i] + j;
            coefficient[j] = 1;
        }
        Cbc_addRow(m, "one", c->layer[i].n, index, coefficient, 'E', 1);
    }
    for (int32_t k = 0; k < c->n_sums; k++) {
        for (int32_t i = 0; i < c->n_layers; i++)
            for (int32_t j = 0; j < c->layer[i].n; j++) {
                const int32_t x = at->first[i] + j;
                index[x] = x;
                coefficient[x] = c->layer[i].c[j].share[c->sums[k]];
            }
        Cbc_addRow(m, "budget", at->n, index, coefficient, 'L', 1);
    }
}

static void read_pick(const struct choices *c, const struct columns *at,
                      const double *x, int32_t *pick)
{
    for (int32_t i = 0; i < c->n_layers; i++)
        for (int32_t j = 0; j < c->layer[i].n; j++)
            if (x[at->first[i] + j] > .5) pick[i] = j;
}

/* CBC's own pick may exceed a budget by its tolerance of 1e-7: it counts only if it
 * meets all of them. */
static void keep(const struct choices *c, const int32_t *found, int32_t *pick)
{
    if (choices_worst(c, found) <= SHARE_FULL &&
        choices_value(c, found) > choices_value(c, pick))
        memcpy(pick, found, (size_t)c->n_layers * sizeof *pick);
}

static status solve(Cbc_Model *m, const struct choices *c, const struct columns *at,
                    struct arena *a, int32_t *pick, double *bound, struct err *err)
{
    int *index = ARENA_NEW(a, int, (size_t)at->n);
    double *coefficient = ARENA_NEW(a, double, (size_t)at->n);
    int32_t *found = ARENA_NEW(a, int32_t, (size_t)c->n_layers);
    if (!index || !coefficient || !found) return arena_exhausted(err);
    const double scale = span(c);
    Cbc_setLogLevel(m, 0);
    Cbc_setParameter(m, "log", "0");
    Cbc_setMaximumNodes(m, MIP_MAX_NODES);
    Cbc_setAllowableGap(m, 1e-7);
    add_columns(m, c, scale);
    add_rows(m, c, at, index, coefficient);
    Cbc_setObjSense(m, -1);
    Cbc_solve(m);
    if (Cbc_isAbandoned(m))
        return err_set(err, ST_TOOL, "CBC gave up on the knapsack of %d layers",
                       (int)c->n_layers);
    const double *x = Cbc_bestSolution(m);
    if (x) {
        read_pick(c, at, x, found);
        keep(c, found, pick);
    }
    const double value = choices_value(c, pick);
    *bound = fmax(value, scale * Cbc_getBestPossibleObjValue(m));
    return ST_OK;
}

status mip_improve(const struct choices *c, int32_t *pick, double *bound,
                   struct err *err)
{
    struct arena *a = arena_new();
    if (!a) return arena_exhausted(err);
    struct columns at = {0, ARENA_NEW(a, int32_t, (size_t)c->n_layers + 1)};
    Cbc_Model *m = at.first ? Cbc_newModel() : NULL;
    status st = ST_NOMEM;
    if (!m) {
        st = arena_exhausted(err);
        goto out;
    }
    for (int32_t i = 0; i < c->n_layers; i++)
        at.first[i + 1] = at.n += c->layer[i].n;
    st = solve(m, c, &at, a, pick, bound, err);
out:
    if (m) Cbc_deleteModel(m);
    arena_free(a);
    return st;
}
