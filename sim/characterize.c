#include "sim/characterize.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/interrupt.h"
#include "base/pool.h"
#include "base/progress.h"
#include "sim/characterize_energy.h"
#include "sim/characterize_key.h"
#include "sim/simulate_point.h"
#include "sim/synth.h"

struct characterize_options characterize_defaults(void)
{
    return (struct characterize_options){.n_workers = 1, .time_limit_s = 300};
}

/* ---- what is there already ---- */

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
    *out = (struct characterize_result){.n_points = 0};
    TRY(characterize_keys(s, a, err));
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

/* Missing points of one instance on one toolchain: one synthesis. */
struct job {
    int32_t n;
    const int32_t *points; /* (n), into the team's list */
};

struct team {
    struct sweep *sweep;
    struct meas_db *db;
    const struct characterize_options *opt;
    struct characterize_result *result;
    int32_t *points; /* (result->n_todo) the missing ones, job by job          */
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

/* What was measured, also of a synthesis that then failed. */
static void fill_row(struct sample *s, const struct synth_result *r)
{
    s->synth_s = r->synth_s;
    s->area = r->area_um2;
    s->delay = r->delay_ns;
    s->fmax = r->fmax_mhz;
    if (!r->counted) return;
    s->lut = r->total.lut;
    s->ff = r->total.ff;
    s->dsp = r->total.dsp;
    s->bram18 = r->total.bram18;
    s->carry = r->total.carry;
    s->muxf = r->total.muxf;
    s->lutram = r->total.lutram;
}

static status put_failure(struct team *t, int32_t i, const struct err *why,
                          struct err *err)
{
    struct sample *s = &t->sweep->points[i].sample;
    (void)snprintf(s->failed, sizeof s->failed, "%.*s", (int)sizeof s->failed - 1,
                   why->msg);
    t->result->why[i] = *why;
    return meas_db_put_failure(t->db, s, why->msg, err);
}

static bool spoils_only_its_row(status st)
{
    return st == ST_TOOL || st == ST_UNSUPPORTED || st == ST_MISMATCH ||
           st == ST_NOT_FOUND;
}

/* Everything about one point after the synthesis. */
static status finish_point(struct team *t, int32_t i, const struct synth_result *r,
                           struct characterize_energy *energy, struct err *err)
{
    struct sweep_point *p = &t->sweep->points[i];
    struct err why = r->why;
    status st = r->st;
    fill_row(&p->sample, r);
    if (st == ST_OK) st = simulate_point(&p->sample, &why);
    if (st == ST_OK && p->sample.stimulus[0])
        st = characterize_energy_measure(energy, p, &why);
    if (st == ST_OK) st = meas_db_put(t->db, &p->sample, 1, &why);
    if (st == ST_OK) return ST_OK;
    if (!spoils_only_its_row(st)) return err_set(err, st, "%s", why.msg);
    return put_failure(t, i, &why, err);
}

static void count(struct team *t, int32_t i)
{
    pthread_mutex_lock(&t->lock);
    const bool done = t->result->why[i].code == ST_OK;
    t->result->present[i] = done;
    t->result->n_measured += done;
    t->result->n_failed += !done;
    progress_update(&t->progress, t->result->n_measured + t->result->n_failed, NULL);
    pthread_mutex_unlock(&t->lock);
}

static status measure_points(struct team *t, const struct job *j,
                             struct characterize_energy *energy, struct err *err)
{
    const struct sweep_point *first = &t->sweep->points[j->points[0]];
    const struct synth_options opt = {.toolchain = first->toolchain,
                                      .time_limit_s = t->opt->time_limit_s,
                                      .fmax = first->fmax,
                                      .netlist_path =
                                          characterize_energy_netlist(energy)};
    struct rtl_instance inst;
    struct synth_result r;
    TRY(characterize_instance(first, &inst, err));
    TRY(synth_run(&inst, 1, &opt, &r, err));
    for (int32_t k = 0; k < j->n && !stopped(t); k++) {
        TRY(finish_point(t, j->points[k], &r, energy, err));
        count(t, j->points[k]);
    }
    return ST_OK;
}

static status measure_job(struct team *t, const struct job *j, struct err *err)
{
    struct characterize_energy *energy = NULL;
    TRY(characterize_energy_new(&t->sweep->points[j->points[0]], &energy, err));
    const status st = measure_points(t, j, energy, err);
    characterize_energy_free(energy);
    return st;
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

/* A whole unit takes several times as long as an element, and may be simulated too;
 * the long ones first, so that none is left for one worker at the end. */
static bool is_long(const struct sweep_point *p)
{
    return strcmp(p->sample.module, "mvu") == 0 || p->sample.unit[0];
}

/* Whether one synthesis serves both. */
static bool same_synthesis(const struct sweep_point *p, const struct sweep_point *q)
{
    struct rtl_instance x, y;
    if (p->toolchain != q->toolchain || p->fmax != q->fmax ||
        (p->sample.stimulus[0] == '\0') != (q->sample.stimulus[0] == '\0'))
        return false;
    if (sample_instance(&p->sample, &x, NULL) != ST_OK ||
        sample_instance(&q->sample, &y, NULL) != ST_OK ||
        strcmp(x.module, y.module) != 0 || x.n_params != y.n_params)
        return false;
    for (int i = 0; i < x.n_params; i++)
        if (x.params[i].value != y.params[i].value) return false;
    return true;
}

/* Appends the missing points that are, or are not, long.  Those that one synthesis
 * serves follow one another in a sweep file. */
static void add_jobs(struct team *t, bool longs, int32_t *n)
{
    const struct sweep_point *points = t->sweep->points;
    for (int32_t i = 0; i < t->sweep->n_points; i++) {
        if (t->result->present[i] || is_long(&points[i]) != longs) continue;
        struct job *last = t->n_jobs ? &t->jobs[t->n_jobs - 1] : NULL;
        if (!last || !same_synthesis(&points[last->points[0]], &points[i])) {
            last = &t->jobs[t->n_jobs++];
            *last = (struct job){.points = &t->points[*n]};
        }
        t->points[(*n)++] = i;
        last->n++;
    }
}

static status make_jobs(struct team *t, struct arena *a, struct err *err)
{
    const size_t n = (size_t)t->result->n_todo + 1;
    int32_t n_points = 0;
    t->jobs = ARENA_NEW(a, struct job, n);
    t->points = ARENA_NEW(a, int32_t, n);
    if (!t->jobs || !t->points) return arena_exhausted(err);
    add_jobs(t, true, &n_points);
    add_jobs(t, false, &n_points);
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
