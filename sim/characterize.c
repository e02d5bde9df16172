#include "sim/characterize.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/interrupt.h"
#include "base/pool.h"
#include "base/progress.h"
#include "sim/dut_build.h"
#include "sim/simulate.h"
#include "sim/workdir.h"

enum {
    ROW_VERSION = 2, /* raise when the meaning of a column changes             */
    MAX_JOB = 64,
};

struct characterize_options characterize_defaults(void)
{
    /* Eight points share the two seconds that Yosys needs to read the cell library;
     * more would share little more and lose more when killed. */
    return (struct characterize_options){
        .n_workers = 1, .points_per_job = 8, .time_limit_s = 300};
}

/* ---- keys ---- */

struct key_base {
    struct hash_key rtl, verilator;
    const char *yosys; /* version */
};

static status key_base_init(struct key_base *b, struct arena *a, struct err *err)
{
    TRY(rtl_text_key(rtl_sources(), &b->rtl, err));
    TRY(synth_version(a, &b->yosys, err));
    struct hash *h = hash_new();
    if (!h) return arena_exhausted(err);
    const status st = workdir_hash_tool(h, "verilator", err);
    b->verilator = hash_free_key(h);
    return st;
}

static status point_key(const struct key_base *b, struct sweep_point *p,
                        struct err *err)
{
    struct sample *s = &p->sample;
    struct rtl_instance inst;
    TRY(sample_instance(s, &inst, err));
    struct hash *h = hash_new();
    if (!h) return arena_exhausted(err);
    hash_i64(h, ROW_VERSION);
    hash_text(h, b->rtl.hex);
    hash_text(h, inst.module);
    for (int i = 0; i < inst.n_params; i++) {
        hash_text(h, inst.params[i].name);
        hash_i64(h, inst.params[i].value);
    }
    hash_text(h, p->toolchain->command);
    hash_text(h, b->yosys);
    hash_i64(h, s->n_vec);
    if (s->n_vec != SAMPLE_NONE64) hash_text(h, b->verilator.hex);
    s->key = hash_free_key(h);
    (void)snprintf(s->tool_version, sizeof s->tool_version, "%s", b->yosys);
    (void)snprintf(s->options, sizeof s->options, "%s", p->toolchain->command);
    return ST_OK;
}

static int by_key(const void *x, const void *y)
{
    const struct sweep_point *const *p = x, *const *q = y;
    const int order = strcmp((*p)->sample.key.hex, (*q)->sample.key.hex);
    return order ? order : (*p > *q) - (*p < *q);
}

/* repeated[i]: an earlier point has the same key. */
static status mark_repeated(struct sweep *s, struct arena *a, bool *repeated,
                            struct err *err)
{
    const size_t n = (size_t)s->n_points;
    struct sweep_point **sorted = ARENA_NEW(a, struct sweep_point *, n);
    if (!sorted) return arena_exhausted(err);
    for (size_t i = 0; i < n; i++)
        sorted[i] = &s->points[i];
    qsort(sorted, n, sizeof *sorted, by_key);
    for (size_t i = 1; i < n; i++)
        repeated[sorted[i] - s->points] =
            strcmp(sorted[i]->sample.key.hex, sorted[i - 1]->sample.key.hex) == 0;
    return ST_OK;
}

/* Drops repeated points from the sweep, keeping the order. */
static status drop_repeated(struct sweep *s, struct arena *a, int32_t *n_repeated,
                            struct err *err)
{
    bool *repeated = ARENA_NEW(a, bool, (size_t)s->n_points);
    if (!repeated) return arena_exhausted(err);
    TRY(mark_repeated(s, a, repeated, err));
    int32_t n = 0;
    for (int32_t i = 0; i < s->n_points; i++)
        if (!repeated[i]) s->points[n++] = s->points[i];
    *n_repeated = s->n_points - n;
    s->n_points = n;
    return ST_OK;
}

status characterize_look_up(struct sweep *s, struct meas_db *db, struct arena *a,
                            struct characterize_result *out, struct err *err)
{
    struct key_base base;
    *out = (struct characterize_result){.n_points = 0};
    TRY(key_base_init(&base, a, err));
    for (int32_t i = 0; i < s->n_points; i++)
        TRY(point_key(&base, &s->points[i], err));
    TRY(drop_repeated(s, a, &out->n_repeated, err));
    out->n_points = s->n_points;
    out->present = ARENA_NEW(a, bool, (size_t)s->n_points);
    out->why = ARENA_NEW(a, struct err, (size_t)s->n_points);
    if (!out->present || !out->why) return arena_exhausted(err);
    for (int32_t i = 0; i < s->n_points; i++) {
        struct sample *row = &s->points[i].sample;
        TRY(meas_db_find(db, &row->key, row, &out->present[i], err));
        if (!out->present[i]) continue;
        out->n_known++;
        out->known_synth_s += row->synth_s;
    }
    if (out->n_known) out->known_synth_s /= out->n_known;
    out->n_todo = out->n_points - out->n_known;
    return ST_OK;
}

/* ---- jobs ---- */

/* Missing points of one toolchain. */
struct job {
    int n;
    int32_t points[MAX_JOB];
};

struct team {
    struct sweep *sweep;
    struct meas_db *db;
    const struct characterize_options *opt;
    struct characterize_result *result;
    struct job *jobs;
    int n_jobs;
    pthread_mutex_t lock; /* of what follows */
    struct progress progress;
    status st; /* first error that stops everything */
    struct err err;
};

static void stop(struct team *t, status st, const char *message)
{
    pthread_mutex_lock(&t->lock);
    if (t->st == ST_OK) t->st = err_set(&t->err, st, "%s", message);
    pthread_mutex_unlock(&t->lock);
}

static bool stopped(struct team *t)
{
    pthread_mutex_lock(&t->lock);
    const bool yes = t->st != ST_OK;
    pthread_mutex_unlock(&t->lock);
    return yes || interrupt_requested();
}

/* Cycles of a unit; the run also checks its outputs, with and without stalls. */
static status simulate_point(struct sample *s, struct err *err)
{
    if (s->n_vec == SAMPLE_NONE64) return ST_OK;
    const struct mvu_config c = sample_mvu(s);
    struct simulate_options opt = simulate_defaults();
    opt.n_vec = (int32_t)s->n_vec;
    struct simulate_result r;
    const double start = clock_now_s();
    TRY(simulate_mvu(&c, &opt, &r, err));
    s->sim_s = clock_now_s() - start;
    s->cycles = r.meas_cycles;
    return ST_OK;
}

static void fill_row(struct sample *s, const struct synth_result *r)
{
    s->lut = r->total.lut;
    s->ff = r->total.ff;
    s->dsp = r->total.dsp;
    s->bram18 = r->total.bram18;
    s->carry = r->total.carry;
    s->muxf = r->total.muxf;
    s->lutram = r->total.lutram;
    s->synth_s = r->synth_s;
}

/* Everything about one point after the synthesis; its row if it is complete. */
static status finish_point(struct team *t, int32_t i, const struct synth_result *r,
                           struct sample *rows, int *n_rows, struct err *err)
{
    struct sample *s = &t->sweep->points[i].sample;
    struct err why = r->why;
    status st = r->st;
    if (st == ST_OK) {
        fill_row(s, r);
        st = simulate_point(s, &why);
    }
    if (st == ST_OK) {
        rows[(*n_rows)++] = *s;
        return ST_OK;
    }
    if (st != ST_TOOL && st != ST_UNSUPPORTED && st != ST_MISMATCH)
        return err_set(err, st, "%s", why.msg);
    t->result->why[i] = why;
    (void)snprintf(s->failed, sizeof s->failed, "%.*s", (int)sizeof s->failed - 1,
                   why.msg);
    return meas_db_put_failure(t->db, s, why.msg, err);
}

static status measure_job(struct team *t, const struct job *j, struct err *err)
{
    struct rtl_instance instances[MAX_JOB];
    struct synth_result results[MAX_JOB];
    struct sample rows[MAX_JOB];
    int n_rows = 0;
    const struct sweep_point *first = &t->sweep->points[j->points[0]];
    const struct synth_options opt = {.toolchain = first->toolchain,
                                      .time_limit_s = t->opt->time_limit_s};
    for (int k = 0; k < j->n; k++)
        TRY(sample_instance(&t->sweep->points[j->points[k]].sample, &instances[k],
                            err));
    TRY(synth_run(instances, j->n, &opt, results, err));
    for (int k = 0; k < j->n; k++)
        TRY(finish_point(t, j->points[k], &results[k], rows, &n_rows, err));
    TRY(meas_db_put(t->db, rows, n_rows, err));
    pthread_mutex_lock(&t->lock);
    for (int k = 0; k < j->n; k++)
        t->result->present[j->points[k]] = t->result->why[j->points[k]].code == ST_OK;
    t->result->n_measured += n_rows;
    t->result->n_failed += j->n - n_rows;
    progress_update(&t->progress, t->result->n_measured + t->result->n_failed, NULL);
    pthread_mutex_unlock(&t->lock);
    return ST_OK;
}

static void do_job(void *arg, int i, int i_thread)
{
    (void)i_thread;
    struct team *t = arg;
    struct err err = {0};
    if (stopped(t)) return;
    const status st = measure_job(t, &t->jobs[i], &err);
    if (st != ST_OK) stop(t, st, err.msg);
}

/* A whole unit takes several times as long as an element, and may be simulated too. */
static bool is_unit(const struct sweep_point *p)
{
    return strcmp(p->sample.module, "mvu") == 0;
}

static bool joins(const struct team *t, const struct job *j,
                  const struct sweep_point *p)
{
    const struct sweep_point *q = &t->sweep->points[j->points[0]];
    const int limit =
        is_unit(q) ? (t->opt->points_per_job + 2) / 3 : t->opt->points_per_job;
    return j->n < limit && j->n < MAX_JOB && p->toolchain == q->toolchain &&
           is_unit(p) == is_unit(q);
}

/* Appends the missing points that are, or are not, units to the list of jobs. */
static void add_jobs(struct team *t, bool units)
{
    for (int32_t i = 0; i < t->sweep->n_points; i++) {
        const struct sweep_point *p = &t->sweep->points[i];
        if (t->result->present[i] || is_unit(p) != units) continue;
        if (t->n_jobs == 0 || !joins(t, &t->jobs[t->n_jobs - 1], p)) t->n_jobs++;
        struct job *j = &t->jobs[t->n_jobs - 1];
        j->points[j->n++] = i;
    }
}

/* The long jobs first, so that none is left for one worker at the end. */
static status make_jobs(struct team *t, struct arena *a, struct err *err)
{
    t->jobs = ARENA_NEW(a, struct job, (size_t)t->result->n_todo + 1);
    if (!t->jobs) return arena_exhausted(err);
    add_jobs(t, true);
    add_jobs(t, false);
    return ST_OK;
}

status characterize_run(struct sweep *s, struct meas_db *db,
                        const struct characterize_options *opt, struct arena *a,
                        struct characterize_result *out, struct err *err)
{
    struct team t = {.sweep = s, .db = db, .opt = opt, .result = out};
    struct pool *pool = NULL;
    TRY(make_jobs(&t, a, err));
    TRY(pool_new(opt->n_workers, &pool, err));
    pthread_mutex_init(&t.lock, NULL);
    progress_start(&t.progress, "characterize", "points", out->n_todo, opt->quiet);
    pool_for(pool, t.n_jobs, do_job, &t);
    progress_end(&t.progress, NULL);
    pthread_mutex_destroy(&t.lock);
    pool_free(pool);
    if (interrupt_requested())
        return interrupt_status(err,
                                "what is measured is saved; the same command goes on");
    if (t.st != ST_OK) return err_set(err, t.st, "%s", t.err.msg);
    return ST_OK;
}
