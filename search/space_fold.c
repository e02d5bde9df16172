/* space_fold.c -- the cheapest folding of one layer at one precision.
 *
 *   fold = (MH / PE) * (MW / SIMD),   fold * n_vec <= clock / fps
 *                                     cycles with fill <= max_cycles
 *                                     fold <= MVU_MAX_LUT_WORDS in LUT RAM
 *
 * LUT grows with PE and with SIMD, so the cheapest folding is a minimal one: no
 * smaller PE with the same SIMD, and no smaller SIMD with the same PE, is fast
 * enough.  Only the minimal foldings (at most one per divisor of MW) are costed. */
#include "search/space.h"

#include <math.h>

/* The widest dot product that rtl/mac/mac_parallel.v is built for. */
enum { MAX_SIMD = 64 };

double space_cycle_limit(const struct space_options *opt)
{
    return opt->clock_mhz * 1e6 / opt->fps;
}

static int32_t next_divisor(int32_t n, int32_t d)
{
    for (d++; d < n; d++)
        if (n % d == 0) return d;
    return n;
}

static int32_t previous_divisor(int32_t n, int32_t d)
{
    for (d--; d > 1; d--)
        if (n % d == 0) return d;
    return d < 1 ? 0 : 1;
}

static bool fast_enough(const struct mvu_config *m, int32_t PE, int32_t SIMD,
                        const struct space_options *opt)
{
    struct mvu_config c = *m;
    c.PE = PE;
    c.SIMD = SIMD;
    c.lanes = mvu_lanes(PE, c.MW / SIMD);
    if (c.weight_ram == RTL_RAM_LUT && mvu_fold(&c) > MVU_MAX_LUT_WORDS) return false;
    return (double)mvu_fold(&c) * c.n_vec <= space_cycle_limit(opt) &&
           (double)mvu_cycles(&c, c.n_vec) <= opt->max_cycles;
}

/* Smallest PE that is fast enough at this SIMD, 0 if none. */
static int32_t smallest_PE(const struct mvu_config *m, int32_t SIMD,
                           const struct space_options *opt)
{
    for (int32_t PE = 1;; PE = next_divisor(m->MH, PE)) {
        if (fast_enough(m, PE, SIMD, opt)) return PE;
        if (PE == m->MH) return 0;
    }
}

static bool minimal(const struct mvu_config *m, int32_t PE, int32_t SIMD,
                    const struct space_options *opt)
{
    const int32_t narrower = previous_divisor(m->MW, SIMD);
    return narrower == 0 || !fast_enough(m, PE, narrower, opt);
}

static bool cheaper(const struct cost_estimate *x, const struct cost_estimate *y)
{
    static const enum cost_metric order[] = {COST_LUT, COST_DSP, COST_CYCLES};
    for (int i = 0; i < 3; i++) {
        const double a = x->metric[order[i]].value, b = y->metric[order[i]].value;
        if (a != b) return a < b;
    }
    return false;
}

static status too_slow(const struct mvu_config *m, double limit, struct err *err)
{
    const int32_t SIMD = m->MW < MAX_SIMD ? m->MW : MAX_SIMD;
    int32_t widest = 1;
    for (int32_t d = 1; d <= SIMD; d++)
        if (m->MW % d == 0) widest = d;
    return err_set(err, ST_INFEASIBLE,
                   "layer %s: no folding needs at most %.6g cycles per image (the "
                   "fastest, PE %d and SIMD %d, needs %.6g): lower --fps or raise "
                   "--clock",
                   m->name, limit, (int)m->MH, (int)widest,
                   (double)(m->MW / widest) * m->n_vec);
}

status space_fold(const struct cost_model *model, const struct space_options *opt,
                  struct mvu_config *m, struct cost_estimate *est, struct err *err)
{
    const struct mvu_config base = *m;
    bool found = false;
    for (int32_t SIMD = 1; SIMD <= MAX_SIMD; SIMD = next_divisor(base.MW, SIMD)) {
        const int32_t PE = smallest_PE(&base, SIMD, opt);
        if (PE > 0 && minimal(&base, PE, SIMD, opt)) {
            struct mvu_config c = base;
            struct cost_estimate e;
            c.PE = PE;
            c.SIMD = SIMD;
            c.lanes = mvu_lanes(PE, c.MW / SIMD);
            TRY(cost_mvu(model, opt->toolchain, &c, opt->profile, &e, err));
            if (!found || cheaper(&e, est)) {
                *m = c;
                *est = e;
                found = true;
            }
        }
        if (SIMD == base.MW) break;
    }
    if (found) return ST_OK;
    return too_slow(&base, fmin(space_cycle_limit(opt), opt->max_cycles), err);
}
