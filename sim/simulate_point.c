#include "sim/simulate_point.h"

#include <string.h>

#include "base/progress.h"
#include "base/rng.h"
#include "nn/quant.h"
#include "sim/simulate.h"
#include "sim/simulate_unit.h"
#include "sim/systolic_run.h"

enum { SEED = 1 };

/* K elements of as many words, each of `products`, as the accumulator holds. */
static int64_t length(const struct mac_unit_config *c, const struct mac_precision *p,
                      int32_t products)
{
    int32_t words = SIMULATE_WORDS;
    while (words > 1 && quant_acc_bits(words * products, p->wbits, p->wsigned, p->abits,
                                       p->asigned) > c->acc_bits)
        words--;
    return (int64_t)words * products;
}

static status run_mvu(const struct sample *s, struct simulate_options *opt,
                      int64_t *cycles, struct err *err)
{
    const struct mvu_config c = sample_mvu(s);
    struct simulate_result r;
    TRY(simulate_mvu(&c, opt, &r, err));
    *cycles = r.meas_cycles;
    return ST_OK;
}

static status run_unit(const struct sample *s, const struct mac_unit_config *c,
                       const struct simulate_options *opt, int64_t *cycles,
                       struct err *err)
{
    const struct mac_precision p = sample_precision(s);
    struct simulate_result r;
    const int64_t K = length(c, &p, mac_unit_products(c, &p));
    TRY(simulate_unit(c, &p, K, opt, &r, err));
    *cycles = r.meas_cycles;
    return ST_OK;
}

/* ---- arrays ---- */

static const uint8_t *random_codes(int64_t n, int32_t bits, struct rng *r,
                                   struct arena *a)
{
    uint8_t *codes = ARENA_NEW(a, uint8_t, (size_t)n);
    for (int64_t i = 0; codes && i < n; i++)
        codes[i] = (uint8_t)rng_below(r, UINT64_C(1) << bits);
    return codes;
}

static status make_job(const struct sample *s, const struct systolic_config *c,
                       struct systolic_job *j, struct arena *a, struct err *err)
{
    struct rng r = rng_seed(SEED, 0);
    const struct mac_precision p = sample_precision(s);
    const int32_t word = c->rows * mac_unit_products(&c->unit, &p);
    const struct systolic_shape shape = {
        .p = p, .M = s->n_vec, .K = length(&c->unit, &p, word), .N = systolic_width(c)};
    *j = (struct systolic_job){.s = shape, .seed = SEED};
    TRY(systolic_shape_check(c, &shape, err));
    j->a = random_codes(shape.M * shape.K, p.abits, &r, a);
    j->w = random_codes(shape.N * shape.K, p.wbits, &r, a);
    return j->a && j->w ? ST_OK : arena_exhausted(err);
}

/* Once back to back and once with gaps. */
static status run_twice(struct systolic_run *r, const struct systolic_config *c,
                        struct systolic_job *j, int64_t *cycles, struct arena *a,
                        struct err *err)
{
    const size_t n = (size_t)(j->s.M * j->s.N);
    int32_t *got = ARENA_NEW(a, int32_t, n), *want = ARENA_NEW(a, int32_t, n);
    int64_t with_gaps;
    if (!got || !want) return arena_exhausted(err);
    systolic_reference(j, want);
    TRY(systolic_run_job(r, j, got, cycles, err));
    TRY(systolic_compare(c, j, got, want, err));
    const int64_t expected = systolic_cycles(c, &j->s);
    if (*cycles != expected)
        return err_set(err, ST_MISMATCH, "%s: expected %lld cycles, found %lld",
                       systolic_names[c->flow], (long long)expected,
                       (long long)*cycles);
    j->p_gap = 0.3;
    TRY(systolic_run_job(r, j, got, &with_gaps, err));
    return systolic_compare(c, j, got, want, err);
}

static status run_array(const struct sample *s, const struct mac_unit_config *unit,
                        int64_t *cycles, struct err *err)
{
    const struct systolic_config c = sample_array(s, unit);
    const struct dut_options opt = dut_defaults();
    struct systolic_run *r = NULL;
    struct systolic_job j;
    struct arena *a = arena_new();
    if (!a) return arena_exhausted(err);
    status st = make_job(s, &c, &j, a, err);
    if (st == ST_OK) st = systolic_run_open(&c, &opt, &r, err);
    if (st == ST_OK) st = run_twice(r, &c, &j, cycles, a, err);
    systolic_run_close(r);
    arena_free(a);
    return st;
}

status simulate_point(struct sample *s, struct err *err)
{
    if (s->n_vec == SAMPLE_NONE64) return ST_OK;
    struct simulate_options opt = simulate_defaults();
    struct mac_unit_config unit;
    opt.n_vec = (int32_t)s->n_vec;
    const double start = clock_now_s();
    if (strcmp(s->module, "mvu") == 0) {
        TRY(run_mvu(s, &opt, &s->cycles, err));
    } else {
        TRY(sample_mac_unit(s, &unit, err));
        TRY(s->unit[0] ? run_array(s, &unit, &s->cycles, err)
                       : run_unit(s, &unit, &opt, &s->cycles, err));
    }
    s->sim_s = clock_now_s() - start;
    return ST_OK;
}
