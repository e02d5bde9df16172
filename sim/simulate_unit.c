#include "sim/simulate_unit.h"

#include <string.h>

#include "base/arena.h"
#include "base/progress.h"
#include "base/rng.h"
#include "sim/mac_run.h"

/* Room for results and operands, and how many. */
struct dots {
    struct mac_dots d;
    int32_t *got, *want; /* (n, lanes) */
};

/* Uniform codes; the first two rows (row_len each) are all low and all high. */
static void fill(uint8_t *codes, size_t n, size_t row_len, int32_t bits, bool is_signed,
                 struct rng *r)
{
    const uint32_t high = (1U << bits) - 1;
    const uint32_t sign = is_signed && bits > 1 ? 1U << (bits - 1) : 0;
    for (size_t i = 0; i < n; i++)
        codes[i] = (uint8_t)rng_below(r, high + 1U);
    memset(codes, (int)sign, row_len);
    if (n > row_len) memset(codes + row_len, (int)(high & ~sign), row_len);
}

static status make_dots(const struct mac_unit_config *c, const struct mac_precision *p,
                        int64_t K, const struct simulate_options *opt, struct arena *a,
                        struct dots *x, struct err *err)
{
    const size_t n = (size_t)opt->n_vec, lanes = (size_t)c->lanes, len = (size_t)K;
    uint8_t *w = arena_alloc(a, n * lanes, len), *act = arena_alloc(a, n, len);
    x->got = ARENA_NEW(a, int32_t, n * lanes);
    x->want = ARENA_NEW(a, int32_t, n * lanes);
    if (!w || !act || !x->got || !x->want) return arena_exhausted(err);
    struct rng r = rng_seed(opt->seed, 0);
    fill(w, n * lanes * len, lanes * len, p->wbits, p->wsigned, &r);
    fill(act, n * len, len, p->abits, p->asigned, &r);
    x->d = (struct mac_dots){
        .p = *p, .K = K, .n = opt->n_vec, .w = w, .a = act, .seed = opt->seed};
    mac_reference(&x->d, c->lanes, x->want);
    return ST_OK;
}

static status run(struct mac_run *r, const struct mac_unit_config *c,
                  const struct simulate_options *opt, struct dots *x,
                  struct simulate_result *out, struct err *err)
{
    const double start = clock_now_s();
    TRY(mac_run_dots(r, &x->d, x->got, &out->meas_cycles, err));
    out->sim_s = clock_now_s() - start;
    TRY(mac_compare(c, &x->d, x->got, x->want, err));
    if (opt->p_stall > 0) {
        x->d.p_gap = opt->p_stall;
        TRY(mac_run_dots(r, &x->d, x->got, &out->stalled_cycles, err));
        TRY(mac_compare(c, &x->d, x->got, x->want, err));
    }
    if (out->meas_cycles == out->est_cycles) return ST_OK;
    return err_set(err, ST_MISMATCH, "%s: expected %lld cycles, found %lld",
                   mac_unit_names[c->unit], (long long)out->est_cycles,
                   (long long)out->meas_cycles);
}

static status open_and_run(const struct mac_unit_config *c,
                           const struct simulate_options *opt, struct dots *x,
                           struct simulate_result *out, struct err *err)
{
    struct dut_options d = dut_defaults();
    const double steps = (double)out->est_cycles * c->SIMD * c->lanes;
    d.opt_level = opt->opt_level < 0 ? dut_opt_level(steps) : opt->opt_level;
    d.trace = opt->trace != NULL;
    struct mac_run *r = NULL;
    const double start = clock_now_s();
    TRY(mac_run_open(c, &d, &r, err));
    out->build_s = clock_now_s() - start;
    status st = opt->trace ? mac_run_trace(r, opt->trace, err) : ST_OK;
    if (st == ST_OK) st = run(r, c, opt, x, out, err);
    mac_run_close(r);
    return st;
}

status simulate_unit(const struct mac_unit_config *c, const struct mac_precision *p,
                     int64_t K, const struct simulate_options *opt,
                     struct simulate_result *out, struct err *err)
{
    *out = (struct simulate_result){.est_cycles = 0};
    TRY(mac_unit_check(c, err));
    TRY(mac_unit_precision_check(c, p, err));
    TRY(mac_unit_length_check(c, p, K, err));
    out->est_cycles = opt->n_vec * mac_unit_steps(c, p, K) + mac_unit_ports(c).latency;
    struct arena *a = arena_new();
    if (!a) return arena_exhausted(err);
    struct dots x;
    status st = make_dots(c, p, K, opt, a, &x, err);
    if (st == ST_OK) st = open_and_run(c, opt, &x, out, err);
    if (st == ST_OK && out->sim_s > 0)
        out->macs_per_s = (double)opt->n_vec * c->lanes * (double)K / out->sim_s;
    arena_free(a);
    return st;
}
