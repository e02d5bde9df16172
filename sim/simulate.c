#include "sim/simulate.h"

#include "base/progress.h"
#include "sim/mvu_run.h"
#include "sim/stimulus.h"

struct simulate_options simulate_defaults(void)
{
    return (struct simulate_options){
        .n_vec = 64, .p_stall = 0.3, .seed = 1, .opt_level = -1};
}

/* Runs without stalls, then with; both must give `want`. */
static status run(struct mvu_run *r, const struct mvu_config *c,
                  const struct simulate_options *opt, const struct stimulus *s,
                  const int16_t *want, int16_t *got, struct simulate_result *out,
                  struct err *err)
{
    const double start = clock_now_s();
    TRY(mvu_run_vectors(r, s->vectors, s->n_vec, 0, opt->seed, got, &out->meas_cycles,
                        err));
    out->sim_s = clock_now_s() - start;
    TRY(mvu_compare(c, got, want, s->n_vec, err));
    if (opt->p_stall > 0) {
        TRY(mvu_run_vectors(r, s->vectors, s->n_vec, opt->p_stall, opt->seed, got,
                            &out->stalled_cycles, err));
        TRY(mvu_compare(c, got, want, s->n_vec, err));
    }
    if (out->meas_cycles == out->est_cycles) return ST_OK;
    return err_set(err, ST_MISMATCH, "layer %s: expected %lld cycles, found %lld",
                   c->name, (long long)out->est_cycles, (long long)out->meas_cycles);
}

static status open_and_run(const struct mvu_config *c,
                           const struct simulate_options *opt, const struct stimulus *s,
                           struct arena *a, struct simulate_result *out,
                           struct err *err)
{
    const size_t n = (size_t)s->n_vec * (size_t)c->MH;
    int16_t *want = ARENA_NEW(a, int16_t, n), *got = ARENA_NEW(a, int16_t, n);
    if (!want || !got) return arena_exhausted(err);
    mvu_reference(c, s->weights, &s->requant, s->vectors, s->n_vec, want);
    struct dut_options d = dut_defaults();
    const double macs = (double)s->n_vec * c->MW * c->MH;
    d.opt_level = opt->opt_level < 0 ? dut_opt_level(macs) : opt->opt_level;
    d.trace = opt->trace != NULL;
    struct mvu_run *r = NULL;
    const double start = clock_now_s();
    TRY(mvu_run_open(c, s->weights, &s->requant, &d, &r, err));
    out->build_s = clock_now_s() - start;
    status st = opt->trace ? mvu_run_trace(r, opt->trace, err) : ST_OK;
    if (st == ST_OK) st = run(r, c, opt, s, want, got, out, err);
    mvu_run_close(r);
    return st;
}

status simulate_mvu(const struct mvu_config *c, const struct simulate_options *opt,
                    struct simulate_result *out, struct err *err)
{
    *out = (struct simulate_result){.est_cycles = mvu_cycles(c, opt->n_vec)};
    struct arena *a = arena_new();
    if (!a) return arena_exhausted(err);
    struct stimulus s;
    status st = stimulus_random(c, opt->n_vec, opt->seed, a, &s, err);
    if (st == ST_OK) st = open_and_run(c, opt, &s, a, out, err);
    if (st == ST_OK && out->sim_s > 0)
        out->macs_per_s = (double)opt->n_vec * c->MW * c->MH / out->sim_s;
    arena_free(a);
    return st;
}
