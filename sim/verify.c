#include "sim/verify.h"

#include <math.h>
#include <pthread.h>
#include <string.h>

#include "base/interrupt.h"
#include "base/progress.h"
#include "sim/verify_internal.h"

struct verify_options verify_defaults(void)
{
    return (struct verify_options){.n_images = 5,
                                   .p_stall = 0.2,
                                   .seed = 1,
                                   .synth = true,
                                   .n_workers = 1,
                                   .time_limit_s = 300};
}

/* ---- inputs ---- */

static const char *sign(bool is_signed) { return is_signed ? "signed" : "unsigned"; }

/* Plan, configuration and network must be about the same layers. */
static status check_layer(const struct plan_view *p, const struct plan_view_layer *v,
                          const struct mvu_config *c, const struct qnet_layer *q,
                          struct err *err)
{
    if (strcmp(v->name, c->name) != 0 || strcmp(v->name, q->shape.name) != 0)
        return err_set(
            err, ST_MISMATCH,
            "%s: expected the same layers in plan, configuration and network, "
            "found %s, %s and %s",
            p->path, v->name, c->name, q->shape.name);
    if (v->wbits != c->wbits || v->abits != c->abits || v->PE != c->PE ||
        v->SIMD != c->SIMD)
        return err_set(
            err, ST_MISMATCH,
            "%s: layer %s: the plan says W%d A%d PE %d SIMD %d, %s says W%d A%d "
            "PE %d SIMD %d",
            p->path, v->name, v->wbits, v->abits, v->PE, v->SIMD, p->accel, c->wbits,
            c->abits, c->PE, c->SIMD);
    if (q->wbits != c->wbits || q->abits != c->abits || q->wsigned != c->wsigned ||
        q->asigned != c->asigned)
        return err_set(
            err, ST_MISMATCH,
            "%s: layer %s: the configuration has %s W%d, %s A%d; the network "
            "%s W%d, %s A%d",
            p->accel, c->name, sign(c->wsigned), c->wbits, sign(c->asigned), c->abits,
            sign(q->wsigned), q->wbits, sign(q->asigned), q->abits);
    return ST_OK;
}

static status check_layers(const struct verify_inputs *in, struct verify_result *out,
                           struct arena *a, struct err *err)
{
    const struct plan_view *p = &out->plan;
    out->n_layers = p->n_layers;
    if (p->n_layers < 1 || out->accel.n_layers != p->n_layers ||
        qnet_n_layers(in->net) != p->n_layers)
        return err_set(err, ST_MISMATCH,
                       "%s: the plan has %d layers, %s has %d, %s has %d", p->path,
                       p->n_layers, p->accel, out->accel.n_layers, p->quantised,
                       qnet_n_layers(in->net));
    out->layers = ARENA_NEW(a, struct verify_layer, (size_t)p->n_layers);
    if (!out->layers) return arena_exhausted(err);
    for (int32_t i = 0; i < p->n_layers; i++) {
        struct verify_layer *l = &out->layers[i];
        l->mvu = &out->accel.layers[i];
        l->plan = &p->layers[i];
        TRY(check_layer(p, l->plan, l->mvu, qnet_layer(in->net, i), err));
    }
    return ST_OK;
}

static status trace_images(struct verify_inputs *in, const struct verify_result *out,
                           struct arena *a, struct err *err)
{
    const size_t n = (size_t)out->n_images;
    in->traces = ARENA_NEW(a, struct qnet_trace *, n);
    in->trace_classes = ARENA_NEW(a, uint16_t, n);
    in->rtl_classes = ARENA_NEW(a, uint16_t, n);
    if (!in->traces || !in->trace_classes || !in->rtl_classes)
        return arena_exhausted(err);
    for (int32_t i = 0; i < out->n_images; i++) {
        in->traces[i] = ARENA_NEW(a, struct qnet_trace, (size_t)out->n_layers);
        if (!in->traces[i]) return arena_exhausted(err);
        TRY(qnet_trace_image(in->net, &in->test, i, a, in->traces[i],
                             &in->trace_classes[i], err));
    }
    return ST_OK;
}

static status load_inputs(const char *path, const struct verify_options *opt,
                          struct arena *a, struct verify_inputs *in,
                          struct verify_result *out, struct err *err)
{
    TRY(plan_view_load(path, a, &out->plan, err));
    TRY(accel_config_load(out->plan.accel, a, &out->accel, err));
    TRY(qnet_load(out->plan.quantised, a, &in->net, err));
    TRY(check_layers(in, out, a, err));
    TRY(accel_config_check_verilog(&out->accel, out->plan.verilog, err));
    TRY(nn_dataset_load_test(out->plan.data, a, &in->test, err));
    out->n_images = opt->n_images < in->test.n ? opt->n_images : in->test.n;
    return trace_images(in, out, a, err);
}

/* ---- jobs ---- */

/* A synthesis of a few layers, the simulation of one, or the accuracy. */
struct job {
    enum { JOB_SYNTH, JOB_SIMULATE } kind;
    int32_t first, n;
};

struct team {
    const struct verify_inputs *in;
    struct verify_options opt;
    struct verify_result *out;
    const struct toolchain *toolchain;
    struct job *jobs;
    int n_jobs;
    struct progress progress;
    pthread_mutex_t lock; /* of what follows, and of progress */
    int n_done;
    status st;
    struct err err;
};

static status synthesise(struct team *t, const struct job *j, struct err *err)
{
    struct arena *a = arena_new();
    if (!a) return arena_exhausted(err);
    const size_t n = (size_t)j->n;
    struct rtl_instance *inst = ARENA_NEW(a, struct rtl_instance, n);
    struct synth_result *r = ARENA_NEW(a, struct synth_result, n);
    const struct synth_options opt = {.toolchain = t->toolchain,
                                      .time_limit_s = t->opt.time_limit_s};
    status st = inst && r ? ST_OK : arena_exhausted(err);
    for (int32_t i = 0; st == ST_OK && i < j->n; i++)
        inst[i] = mvu_instance(t->out->layers[j->first + i].mvu);
    if (st == ST_OK) st = synth_run(inst, j->n, &opt, r, err);
    for (int32_t i = 0; st == ST_OK && i < j->n; i++) {
        struct verify_layer *l = &t->out->layers[j->first + i];
        l->synth = r[i];
        l->synthesised = r[i].st == ST_OK;
    }
    arena_free(a);
    return st;
}

static void do_job(void *arg, int i, int i_thread)
{
    (void)i_thread;
    struct team *t = arg;
    const struct job *j = &t->jobs[i];
    struct err err = {0};
    pthread_mutex_lock(&t->lock);
    const bool stop = t->st != ST_OK || interrupt_requested();
    pthread_mutex_unlock(&t->lock);
    if (stop) return;
    const status st = j->kind == JOB_SYNTH
                          ? synthesise(t, j, &err)
                          : verify_run_layer(t->in, &t->opt, t->out, j->first, &err);
    pthread_mutex_lock(&t->lock);
    if (st != ST_OK && t->st == ST_OK) {
        t->st = st;
        t->err = err;
    }
    progress_update(&t->progress, ++t->n_done, NULL);
    pthread_mutex_unlock(&t->lock);
}

/* Layers per synthesis: one Yosys run per worker, so that each reads the cell library
 * once. */
static status make_jobs(struct team *t, struct arena *a, struct err *err)
{
    const int32_t n = t->out->n_layers;
    const int32_t share = (n + t->opt.n_workers - 1) / t->opt.n_workers;
    t->jobs = ARENA_NEW(a, struct job, (size_t)(2 * n));
    if (!t->jobs) return arena_exhausted(err);
    for (int32_t i = 0; t->opt.synth && i < n; i += share)
        t->jobs[t->n_jobs++] =
            (struct job){JOB_SYNTH, i, i + share < n ? share : n - i};
    for (int32_t i = 0; i < n; i++)
        t->jobs[t->n_jobs++] = (struct job){JOB_SIMULATE, i, 1};
    return ST_OK;
}

static status run_jobs(struct team *t, struct pool *pool, struct err *err)
{
    pthread_mutex_init(&t->lock, NULL);
    progress_start(&t->progress, "verify", "jobs", t->n_jobs, t->opt.quiet);
    pool_for(pool, t->n_jobs, do_job, t);
    progress_end(&t->progress, NULL);
    pthread_mutex_destroy(&t->lock);
    if (interrupt_requested())
        return interrupt_status(err, "run it again; built models are kept");
    return t->st == ST_OK ? ST_OK : err_set(err, t->st, "%s", t->err.msg);
}

/* ---- the result ---- */

/* The integer engine on all test images. */
static status measure_accuracy(const struct verify_inputs *in, struct pool *pool,
                               struct verify_result *out, struct err *err)
{
    int32_t n_correct = 0;
    TRY(qnet_classify(in->net, &in->test, pool, NULL, &n_correct, err));
    out->n_test_images = in->test.n;
    out->accuracy = (double)n_correct / in->test.n;
    const bool comparable =
        !isnan(out->plan.accuracy) &&
        (out->plan.n_images == 0 || out->plan.n_images == in->test.n);
    /* Half an image allows for the decimal notation of the plan. */
    out->accuracy_equal =
        !comparable || fabs(out->plan.accuracy - out->accuracy) < 0.5 / in->test.n;
    return ST_OK;
}

static void sum_up(const struct verify_inputs *in, struct verify_result *out)
{
    out->bit_exact = out->cycles_equal = out->classes_equal = out->synthesised = true;
    for (int32_t i = 0; i < out->n_layers; i++) {
        const struct verify_layer *l = &out->layers[i];
        out->bit_exact = out->bit_exact && l->bit_exact;
        out->cycles_equal = out->cycles_equal && l->meas_cycles == l->plan->cycles;
        out->synthesised = out->synthesised && l->synthesised;
        cell_count_add(&out->meas, &l->synth.total, 1);
        if (l->meas_cycles > out->meas_cycles) out->meas_cycles = l->meas_cycles;
        if (l->plan->cycles > out->est_cycles) out->est_cycles = l->plan->cycles;
    }
    out->classes_equal = memcmp(in->rtl_classes, in->trace_classes,
                                (size_t)out->n_images * sizeof *in->rtl_classes) == 0;
    out->bit_exact = out->bit_exact && out->classes_equal;
}

status verify_plan(const char *path, const struct verify_options *opt, struct arena *a,
                   struct verify_result *out, struct err *err)
{
    struct verify_inputs in = {0};
    struct pool *pool = NULL;
    *out = (struct verify_result){.n_layers = 0};
    TRY(load_inputs(path, opt, a, &in, out, err));
    struct team t = {.in = &in, .opt = *opt, .out = out};
    t.opt.n_images = out->n_images;
    TRY(toolchain_find(rtl_target_names[out->accel.target], a, &t.toolchain, err));
    TRY(make_jobs(&t, a, err));
    TRY(pool_new(opt->n_workers, &pool, err));
    status st = run_jobs(&t, pool, err);
    if (st == ST_OK) st = measure_accuracy(&in, pool, out, err);
    pool_free(pool);
    if (st == ST_OK) sum_up(&in, out);
    return st;
}

/* What was measured must meet the budgets; an estimate met them when it was searched.
 */
static status budget_verdict(const struct verify_result *r, struct err *err)
{
    for (int32_t i = 0; i < r->plan.n_budgets; i++) {
        const struct plan_metric *b = &r->plan.budgets[i];
        double value;
        bool measured;
        if (!verify_budget(r, b, &value, &measured) || !measured || value <= b->value)
            continue;
        const double est =
            plan_metric_find(r->plan.estimates, r->plan.n_estimates, b->name);
        return err_set(err, ST_MISMATCH,
                       "budget %s: expected at most %.6g, measured %.6g (estimated "
                       "%.6g); search again with a limit lower by that error",
                       b->name, b->value, value, est);
    }
    return ST_OK;
}

status verify_verdict(const struct verify_result *r, struct err *err)
{
    for (int32_t i = 0; i < r->n_layers; i++) {
        const struct verify_layer *l = &r->layers[i];
        if (l->st != ST_OK) return err_set(err, l->st, "%s", l->why.msg);
        if (l->meas_cycles != l->plan->cycles)
            return err_set(err, ST_MISMATCH,
                           "layer %s: the plan says %lld cycles, the RTL takes %lld",
                           l->mvu->name, (long long)l->plan->cycles,
                           (long long)l->meas_cycles);
        if (l->synth.st != ST_OK)
            return err_set(err, ST_TOOL, "layer %s: %s", l->mvu->name,
                           l->synth.why.msg);
    }
    if (!r->classes_equal)
        return err_set(err, ST_MISMATCH, "the classes of the RTL differ");
    if (!r->accuracy_equal)
        return err_set(err, ST_MISMATCH,
                       "%s: expected accuracy %.4f, the integer engine reaches %.4f",
                       r->plan.path, r->plan.accuracy, r->accuracy);
    return budget_verdict(r, err);
}

bool verify_budget(const struct verify_result *r, const struct plan_metric *budget,
                   double *value, bool *measured)
{
    const struct {
        const char *name;
        int64_t value;
        bool known;
    } meas[] = {{"lut", r->meas.lut, r->synthesised},
                {"ff", r->meas.ff, r->synthesised},
                {"dsp", r->meas.dsp, r->synthesised},
                {"bram18", r->meas.bram18, r->synthesised},
                {"cycles", r->meas_cycles, true}};
    *measured = false;
    for (size_t i = 0; i < sizeof meas / sizeof *meas; i++)
        if (meas[i].known && strcmp(budget->name, meas[i].name) == 0) {
            *value = (double)meas[i].value;
            *measured = true;
            return true;
        }
    *value = plan_metric_find(r->plan.estimates, r->plan.n_estimates, budget->name);
    return !isnan(*value);
}

bool verify_budgets_met(const struct verify_result *r)
{
    for (int32_t i = 0; i < r->plan.n_budgets; i++) {
        double value;
        bool measured;
        if (!verify_budget(r, &r->plan.budgets[i], &value, &measured)) return false;
        if (value > r->plan.budgets[i].value) return false;
    }
    return true;
}
