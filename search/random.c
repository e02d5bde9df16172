/* random.c -- the floor: random plans that spend the budget, the best one by loss on
 * held-out images.
 *
 * A plan is drawn by giving every candidate a random value and solving for the best
 * path under the budgets, so it meets them and spends them.  It is scored without
 * training (ptq.h).  Plan k depends on the seed and on k alone. */
#include <math.h>
#include <stdio.h>

#include "base/progress.h"
#include "base/rng.h"
#include "search/ptq.h"

enum { MAX_PLANS = 4096 };

/* A value that is non-decreasing in bits: a random fraction of the range of each. */
static void draw_values(const struct space *s, struct rng *r, struct nn_scores *v)
{
    for (int32_t i = 0; i < s->n_layers; i++) {
        double w = 0, a = 0;
        for (int b = 1; b < 9; b++) {
            v->w[i][b] = w += rng_unit(r);
            v->a[i][b] = a += rng_unit(r);
        }
    }
}

static status draw(const struct search_task *task, int32_t k, struct nn_path *path,
                   struct err *err)
{
    struct rng r = rng_seed(task->seed, 1000 + (uint64_t)k);
    struct nn_scores v = {0};
    draw_values(task->space, &r, &v);
    return search_best_under_budget(task->space, task->budget, &v, NULL, NULL, path,
                                    err);
}

static status score_all(const struct search_task *task, struct ptq *ptq,
                        struct search_result *out, struct err *err)
{
    struct progress p;
    double best = INFINITY;
    char note[64];
    progress_start(&p, "search", "plans", out->n_records, task->quiet);
    for (int32_t k = 0; k < out->n_records; k++) {
        struct nn_path path;
        struct search_score score;
        struct search_record *rec = &out->records[k];
        TRY(draw(task, k, &path, err));
        TRY(ptq_score(ptq, &path, &score, err));
        rec->loss = score.loss;
        rec->step = k + 1;
        space_cost(task->space, &path, rec->expected);
        rec->n_decided = space_n_cells(task->space);
        if (rec->loss < best) {
            best = rec->loss;
            out->path = path;
        }
        snprintf(note, sizeof note, "best loss %.4f", best);
        progress_update(&p, k + 1, note);
    }
    progress_end(&p, note);
    return ST_OK;
}

static status run(const struct search_task *task, struct arena *a,
                  struct search_result *out, struct err *err)
{
    const double start_s = clock_now_s();
    bool several;
    TRY(search_feasible(task->space, task->budget, NULL, NULL, &several, err));
    const double want = fmax(1, fmin(MAX_PLANS, round(task->epochs * PTQ_PER_EPOCH)));
    out->n_records = (int32_t)want;
    out->records = ARENA_NEW(a, struct search_record, (size_t)out->n_records);
    if (!out->records) return arena_exhausted(err);
    struct ptq *ptq;
    TRY(ptq_open(task, &ptq, err));
    const status st = score_all(task, ptq, out, err);
    ptq_close(ptq);
    out->search_s = clock_now_s() - start_s;
    return st;
}

const struct search_method search_method_random = {
    .name = "random",
    .summary = "random plans that spend the budget; the best on held-out images",
    .run = run,
};
