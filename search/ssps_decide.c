/* ssps_decide.c -- sequential decisions, joint and always feasible.
 *
 * A round solves the knapsack over the losses of all undecided cells under what the
 * decided ones leave of the budgets, and fixes the most certain cells to its choices.
 * Deciding each cell by its own largest probability instead loses what an expectation
 * between two precisions would buy, and may break the budget. */
#include <stdlib.h>
#include <string.h>

#include "search/ssps.h"

/* A slope per bit far below any loss: budget that is left is spent. */
#define SPEND 1e-12

int32_t ssps_n_undecided(const struct ssps_state *s)
{
    int32_t n = 0;
    for (int side = 0; side < SSPS_N_SIDES; side++)
        for (int32_t i = 0; i < s->n_layers; i++)
            n += mask_count(s->cell[side][i].left) > 1;
    return n;
}

/* A cell's losses are those of all layers that follow it; they stand at the first. */
static void all_values(const struct ssps_state *s, struct nn_scores *values)
{
    memset(values, 0, sizeof *values);
    for (int side = 0; side < SSPS_N_SIDES; side++)
        for (int32_t i = 0; i < s->n_layers; i++) {
            double *value = side == SSPS_W ? values->w[i] : values->a[i], loss[9];
            ssps_losses(&s->cell[side][i], loss);
            for (int b = 0; b < 9; b++)
                value[b] = SPEND * b - loss[b];
        }
}

static void masks(const struct ssps_state *s, uint32_t *w, uint32_t *a)
{
    for (int32_t i = 0; i < s->n_layers; i++) {
        w[i] = ssps_cell_of(s, SSPS_W, i)->left;
        a[i] = ssps_cell_of(s, SSPS_A, i)->left;
    }
}

static int chosen(const struct nn_path *path, int side, int32_t i)
{
    return side == SSPS_W ? path->wbits[i] : path->abits[i];
}

/* The undecided cell of largest certainty; on a tie the first. */
static struct ssps_cell *most_certain(struct ssps_state *s, const uint8_t *skip,
                                      int *side_out, int32_t *i_out)
{
    struct ssps_cell *best = NULL;
    double most = -1;
    for (int side = 0; side < SSPS_N_SIDES; side++)
        for (int32_t i = 0; i < s->n_layers; i++) {
            struct ssps_cell *c = &s->cell[side][i];
            if (mask_count(c->left) <= 1 || skip[side * NN_MAX_LAYERS + i]) continue;
            const double certainty = ssps_certainty(c);
            if (certainty > most) {
                most = certainty;
                best = c;
                *side_out = side;
                *i_out = i;
            }
        }
    return best;
}

/* The guard: would the budgets still be met with this cell fixed? */
static bool leaves_feasible(struct ssps_state *s, const struct space *space,
                            const struct budget *budget)
{
    uint32_t w[NN_MAX_LAYERS], a[NN_MAX_LAYERS];
    bool several;
    masks(s, w, a);
    return search_feasible(space, budget, w, a, &several, NULL) == ST_OK;
}

/* Fixes a cell to the most probable of its candidates that the budgets admit. */
static void fix_by_itself(struct ssps_state *s, const struct space *space,
                          const struct budget *budget, struct ssps_cell *c)
{
    const uint32_t before = c->left;
    double p[9];
    ssps_probabilities(c, p);
    for (uint32_t tried = 0; tried != before; tried |= c->left) {
        int best = -1;
        for (int b = 1; b < 9; b++)
            if ((before & ~tried) >> b & 1u && (best < 0 || p[b] > p[best])) best = b;
        c->left = 1u << best;
        if (leaves_feasible(s, space, budget)) return;
    }
    c->left = before;
}

static status decide_alone(struct ssps_state *s, const struct space *space,
                           const struct budget *budget, int32_t n_fix)
{
    uint8_t skip[SSPS_N_SIDES * NN_MAX_LAYERS] = {0};
    for (; n_fix > 0; n_fix--) {
        int side = 0;
        int32_t i = 0;
        struct ssps_cell *c = most_certain(s, skip, &side, &i);
        if (!c) return ST_OK;
        skip[side * NN_MAX_LAYERS + i] = 1;
        fix_by_itself(s, space, budget, c);
    }
    return ST_OK;
}

status ssps_decide(struct ssps_state *s, enum ssps_decision decision,
                   const struct space *space, const struct budget *budget,
                   int32_t n_fix, struct err *err)
{
    if (decision == SSPS_ARGMAX) return decide_alone(s, space, budget, n_fix);
    struct nn_path path;
    struct nn_scores values;
    uint32_t w[NN_MAX_LAYERS], a[NN_MAX_LAYERS];
    uint8_t skip[SSPS_N_SIDES * NN_MAX_LAYERS] = {0};
    all_values(s, &values);
    masks(s, w, a);
    TRY(search_best_under_budget(space, budget, &values, w, a, &path, err));
    while (n_fix > 0) {
        int side = 0;
        int32_t i = 0;
        struct ssps_cell *c = most_certain(s, skip, &side, &i);
        if (!c) return ST_OK;
        const uint32_t before = c->left;
        c->left = 1u << chosen(&path, side, i);
        skip[side * NN_MAX_LAYERS + i] = 1;
        if (leaves_feasible(s, space, budget))
            n_fix--;
        else
            c->left = before; /* several budgets: the estimate of what is left erred */
    }
    return ST_OK;
}

/* Candidates of no fewer bits than the cell has. */
static uint32_t at_least(uint32_t mask, uint32_t decided)
{
    return mask & ~((1u << mask_lowest(decided)) - 1);
}

status ssps_finish(const struct ssps_state *s, enum ssps_decision decision,
                   const struct space *space, const struct budget *budget,
                   struct nn_path *out, struct nn_scores *values, struct err *err)
{
    /* values over all candidates again, so that decided cells may be raised */
    struct ssps_state *open = malloc(sizeof *open);
    if (!open) return err_set(err, ST_NOMEM, "out of memory");
    *open = *s;
    uint32_t w[NN_MAX_LAYERS], a[NN_MAX_LAYERS];
    for (int32_t i = 0; i < s->n_layers; i++) {
        if (open->cell[SSPS_W][i].left) open->cell[SSPS_W][i].left = space->w_mask[i];
        if (open->cell[SSPS_A][i].left) open->cell[SSPS_A][i].left = space->a_mask[i];
        w[i] = ssps_cell_of(s, SSPS_W, i)->left;
        a[i] = ssps_cell_of(s, SSPS_A, i)->left;
        if (decision == SSPS_ARGMAX) continue;
        w[i] = at_least(space->w_mask[i], w[i]);
        a[i] = at_least(space->a_mask[i], a[i]);
    }
    all_values(open, values);
    free(open);
    return search_best_under_budget(space, budget, values, w, a, out, err);
}
