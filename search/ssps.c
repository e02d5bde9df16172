/* ssps.c -- the search: sample a path, train it one step, move the logits, decide.
 *
 *   |-- warm-up --|------------- logits move -------------|
 *   0           8 %             50 %       75 %        100 %
 *                               decide     decide      decide the rest, finish
 *
 * The state after step n depends on the seed and on n alone, so a checkpoint every
 * few hundred steps resumes to the same plan.  It is two files, the objective's
 * (named by its step, written first) and the search's (which names that step). */
#include "search/ssps.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/hash.h"
#include "base/interrupt.h"
#include "base/progress.h"

/* One run: what all its functions share. */
struct run {
    const struct search_task *task;
    const struct ssps_options *opt;
    const struct ssps_objective *objective;
    struct ssps_state *state;
    struct arena *arena;
    char key[33];
};

/* ---- checkpoints ---- */

static void run_key(struct run *r)
{
    struct hash *h = hash_new();
    if (!h) return; /* an empty key: resumes nothing but itself */
    const struct space *s = r->task->space;
    hash_i64(h, s->n_layers);
    for (int32_t i = 0; i < s->n_layers; i++) {
        hash_i64(h, s->w_mask[i]);
        hash_i64(h, s->a_mask[i]);
        hash_i64(h, space_leader(s, i));
        hash_i64(h, space_same_bits(s, i));
        for (int w = 1; w < 9; w++)
            for (int a = 1; a < 9; a++)
                for (int m = 0; m < COST_N_METRICS; m++)
                    hash_bytes(h, &s->cell[i][w][a].est.metric[m].value,
                               sizeof(double));
    }
    hash_bytes(h, r->task->budget->limit, sizeof r->task->budget->limit);
    ssps_options_hash(r->opt, h);
    hash_i64(h, (int64_t)r->task->seed);
    hash_i64(h, r->state->n_steps);
    snprintf(r->key, sizeof r->key, "%s", hash_free_key(h).hex);
}

static const char *objective_path(struct run *r, int64_t step)
{
    return arena_printf(r->arena, "%s.%lld", r->task->checkpoint, (long long)step);
}

static status save(struct run *r, int64_t *last_saved, struct err *err)
{
    const int64_t step = r->state->step;
    if (!r->task->checkpoint || *last_saved == step) return ST_OK;
    const char *path = objective_path(r, step);
    const char *old = *last_saved >= 0 ? objective_path(r, *last_saved) : NULL;
    if (!path) return arena_exhausted(err);
    if (r->objective->save) TRY(r->objective->save(r->objective->context, path, err));
    TRY(ssps_save(r->state, r->key, r->task->checkpoint, err));
    if (old && r->objective->save) unlink(old);
    *last_saved = step;
    return ST_OK;
}

static status resume(struct run *r, int64_t *last_saved, struct err *err)
{
    *last_saved = -1;
    if (!r->task->checkpoint || !file_exists(r->task->checkpoint)) return ST_OK;
    TRY(ssps_load(r->state, r->key, r->task->checkpoint, err));
    *last_saved = r->state->step;
    if (!r->objective->load) return ST_OK;
    const char *path = objective_path(r, r->state->step);
    if (!path) return arena_exhausted(err);
    return r->objective->load(r->objective->context, path, err);
}

/* ---- steps ---- */

static void record(struct run *r)
{
    struct ssps_state *s = r->state;
    if (s->n_records == SSPS_MAX_RECORDS || s->loss_n == 0) return;
    struct search_record *rec = &s->records[s->n_records++];
    rec->step = (int32_t)s->step;
    rec->loss = s->loss_sum / s->loss_n;
    ssps_expected(s, r->task->space, rec->expected);
    rec->n_decided = space_n_cells(r->task->space) - ssps_n_undecided(s);
    s->loss_sum = 0;
    s->loss_n = 0;
}

/* Round k of n ends at this step; the last one is the end. */
static int64_t round_end(const struct run *r, int32_t k)
{
    const int32_t n = r->opt->n_rounds;
    const double f0 = n > 1 ? r->opt->first_decision : 1;
    const double share = n > 1 ? f0 + (1 - f0) * k / (n - 1) : 1;
    return (int64_t)ceil(share * (double)r->state->n_steps);
}

static status decide(struct run *r, struct err *err)
{
    struct ssps_state *s = r->state;
    while (s->n_decisions < r->opt->n_rounds &&
           s->step >= round_end(r, s->n_decisions)) {
        const int32_t left = ssps_n_undecided(s);
        const int32_t rounds = r->opt->n_rounds - s->n_decisions;
        TRY(ssps_decide(s, r->opt->decision, r->task->space, r->task->budget,
                        (left + rounds - 1) / rounds, err));
        s->n_decisions++;
    }
    return ST_OK;
}

static void sample(struct ssps_state *s, struct nn_path *path)
{
    memset(path, 0, sizeof *path);
    for (int32_t i = 0; i < s->n_layers; i++) {
        const int32_t k = s->leader[i];
        if (k == i) {
            path->wbits[i] = (uint8_t)ssps_sample(&s->cell[SSPS_W][i], &s->rng);
            path->abits[i] = s->same_bits[i]
                                 ? path->wbits[i]
                                 : (uint8_t)ssps_sample(&s->cell[SSPS_A][i], &s->rng);
        }
        path->wbits[i] = path->wbits[k];
        path->abits[i] = path->abits[k];
    }
}

static status step(struct run *r, struct nn_scores *scores, struct err *err)
{
    struct ssps_state *s = r->state;
    const double done = (double)s->step / (double)s->n_steps;
    /* the first half of the warm-up only trains, the second gathers scores */
    const bool moving = done >= r->opt->warmup;
    const bool gathering = !moving && done >= r->opt->warmup / 2;
    struct nn_path path;
    double loss;
    sample(s, &path);
    const bool wanted = moving || gathering,
               elsewhere = r->opt->images == SSPS_HELD_OUT;
    TRY(r->objective->step(r->objective->context, s->step, &path, &loss,
                           wanted && !elsewhere ? scores : NULL, err));
    if (!isfinite(loss))
        return err_set(err, ST_RANGE,
                       "search: the loss is not finite at step %lld; lower the "
                       "learning rate",
                       (long long)s->step);
    if (wanted && elsewhere)
        TRY(r->objective->score(r->objective->context, s->step, &path, scores, err));
    if (wanted) ssps_gather(s, r->opt, &path, scores);
    if (moving && !s->started) ssps_start(s, r->task->space, r->task->budget);
    if (moving) ssps_update(s, r->opt, r->task->space, r->task->budget);
    s->loss_sum += loss;
    s->loss_n++;
    s->step++;
    return ST_OK;
}

/* Loss, decisions, and the expected cost of every budget. */
static void note(const struct run *r, char *text, size_t size)
{
    double expected[COST_N_METRICS];
    const struct ssps_state *s = r->state;
    ssps_expected(s, r->task->space, expected);
    const int32_t n = space_n_cells(r->task->space);
    int k = snprintf(text, size, "loss %.3f, decided %d of %d",
                     s->loss_n ? s->loss_sum / s->loss_n : 0,
                     (int)(n - ssps_n_undecided(s)), (int)n);
    for (int m = 0; m < COST_N_METRICS; m++) {
        const double limit = r->task->budget->limit[m];
        if (isfinite(limit) && k > 0 && (size_t)k < size)
            k += snprintf(text + k, size - (size_t)k, ", %s %.3f x budget",
                          cost_metric_names[m], expected[m] / limit);
    }
}

static status run_steps(struct run *r, struct nn_scores *scores, struct err *err)
{
    struct ssps_state *s = r->state;
    int64_t last_saved;
    TRY(resume(r, &last_saved, err));
    const int64_t every = s->n_steps / (SSPS_MAX_RECORDS - 16) + 1;
    struct progress p;
    char text[320];
    progress_start(&p, "search", "steps", s->n_steps, r->task->quiet);
    while (s->step < s->n_steps) {
        TRY(step(r, scores, err));
        TRY(decide(r, err));
        if (s->step % 10 == 0) {
            note(r, text, sizeof text);
            progress_update(&p, s->step, text);
        }
        if (s->step % every == 0 || s->step == s->n_steps) record(r);
        if (s->step % r->opt->checkpoint_steps == 0) TRY(save(r, &last_saved, err));
        if (interrupt_requested() && s->step < s->n_steps) {
            TRY(save(r, &last_saved, err));
            return interrupt_status(err, "run the same command again");
        }
    }
    progress_end(&p, NULL);
    return save(r, &last_saved, err);
}

static status finish(struct run *r, struct search_result *out, struct err *err)
{
    const struct ssps_state *s = r->state;
    TRY(ssps_finish(s, r->opt->decision, r->task->space, r->task->budget, &out->path,
                    &out->values, err));
    out->has_values = true;
    out->n_records = s->n_records;
    out->records = ARENA_NEW(r->arena, struct search_record, SSPS_MAX_RECORDS);
    if (!out->records) return arena_exhausted(err);
    memcpy(out->records, s->records, (size_t)s->n_records * sizeof *s->records);
    return ST_OK;
}

status ssps_search(const struct search_task *task, const struct ssps_options *opt,
                   const struct ssps_objective *objective, int64_t n_steps,
                   struct arena *a, struct search_result *out, struct err *err)
{
    const double start_s = clock_now_s();
    bool several;
    TRY(search_feasible(task->space, task->budget, NULL, NULL, &several, err));
    struct run r = {task, opt, objective, ARENA_NEW(a, struct ssps_state, 1), a, ""};
    struct nn_scores *scores = ARENA_NEW(a, struct nn_scores, 1);
    if (!r.state || !scores) return arena_exhausted(err);
    ssps_init(r.state, task->space, task->seed, n_steps);
    ssps_tilt(r.state, task->space, task->budget);
    run_key(&r);
    /* a single assignment needs no training to be found */
    if (several) {
        TRY(run_steps(&r, scores, err));
    } else {
        TRY(ssps_decide(r.state, opt->decision, task->space, task->budget, INT32_MAX,
                        err));
    }
    TRY(finish(&r, out, err));
    out->search_s = clock_now_s() - start_s;
    return ST_OK;
}
