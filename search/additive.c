/* additive.c -- searches of an additive proxy: see additive.h. */
#include "search/additive.h"

#include <string.h>

#include "base/progress.h"
#include "search/sensitivity.h"

static status measure(const struct search_task *task, struct nn_scores *values,
                      struct err *err)
{
    struct ptq *p;
    TRY(ptq_open(task, &p, err));
    const status st =
        sensitivity_measure(p, task, task->method.sensitivity, values, err);
    ptq_close(p);
    return st;
}

static void find_pick(const struct choices *c, const struct nn_path *path,
                      int32_t *pick)
{
    for (int32_t i = 0; i < c->n_path; i++) {
        const struct layer_choices *l = &c->layer[c->of_path[i]];
        for (int32_t j = 0; j < l->n; j++)
            if (l->c[j].w == path->wbits[i] && l->c[j].a == path->abits[i])
                pick[c->of_path[i]] = j;
    }
}

status additive_search(const struct search_task *task, additive_solve *solve,
                       struct arena *a, struct search_result *out, struct err *err)
{
    const double start_s = clock_now_s();
    const struct space *s = task->space;
    bool several;
    struct choices *c;
    int32_t *pick = ARENA_NEW(a, int32_t, (size_t)s->n_layers);
    if (!pick) return arena_exhausted(err);
    TRY(search_feasible(s, task->budget, NULL, NULL, &several, err));
    TRY(measure(task, &out->values, err));
    out->has_values = true;
    TRY(choices_build(s, task->budget, &out->values, NULL, NULL, a, &c, err));
    TRY(search_best_under_budget(s, task->budget, &out->values, NULL, NULL, &out->path,
                                 err));
    find_pick(c, &out->path, pick);
    TRY(solve(c, pick, &out->proxy_bound, err));
    choices_path(c, pick, &out->path);
    out->proxy_value = choices_value(c, pick);
    out->search_s = clock_now_s() - start_s;
    return ST_OK;
}
