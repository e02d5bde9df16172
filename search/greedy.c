/* greedy.c -- the floor of the methods that measure: from the most bits down.
 *
 *   while a budget is exceeded: the change that frees most of it per loss added
 *   where that is stuck:        towards the least worst share
 *   while something fits:       the change that gains most
 *
 * Sensitivities are those of sensitivity.h; no change is taken back. */
#include <math.h>

#include "search/additive.h"

static status descend(const struct choices *c, int32_t *pick, double *bound,
                      struct err *err)
{
    (void)err; /* nothing to fail */
    *bound = NAN;
    for (int32_t i = 0; i < c->n_layers; i++)
        pick[i] = c->layer[i].n - 1; /* the most bits: choices ascend */
    choices_mend(c, pick);
    if (choices_worst(c, pick) > SHARE_FULL) choices_relieve(c, pick);
    choices_fill(c, pick);
    return ST_OK;
}

static status run(const struct search_task *task, struct arena *a,
                  struct search_result *out, struct err *err)
{
    return additive_search(task, descend, a, out, err);
}

const struct search_method search_method_greedy = {
    .name = "greedy",
    .summary = "from the most bits down, the least loss per cost first",
    .run = run,
};
