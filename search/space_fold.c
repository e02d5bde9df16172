/* space_fold.c -- the cheapest folding of one layer at one precision.
 *
 *   fold = (MH / PE) * (MW / SIMD),   fold * n_vec <= clock / fps
 *                                     cycles with fill <= max_cycles
 *                                     fold <= MVU_MAX_LUT_WORDS in LUT RAM
 *
 * Every folding that is fast enough is costed: LUT nearly grows with PE and with SIMD,
 * but memories come in steps, so the smallest folding is not always the cheapest. */
#include "search/space.h"

#include <math.h>

/* The limits of rtl/accel_config.h. */
enum { MAX_SIMD = 64, MAX_PE = 256 };

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

static bool fast_enough(const struct mvu_config *m, const struct space_options *opt)
{
    if (m->weight_ram == RTL_RAM_LUT && mvu_fold(m) > MVU_MAX_LUT_WORDS) return false;
    return (double)mvu_fold(m) * m->n_vec <= space_cycle_limit(opt) &&
           (double)mvu_cycles(m, m->n_vec) <= opt->max_cycles;
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

static int32_t widest(int32_t n, int32_t most)
{
    int32_t d = n < most ? n : most;
    while (n % d)
        d--;
    return d;
}

static status too_slow(const struct mvu_config *m, const struct space_options *opt,
                       struct err *err)
{
    struct mvu_config c = *m;
    c.PE = widest(m->MH, MAX_PE);
    c.SIMD = widest(m->MW, MAX_SIMD);
    if (c.weight_ram == RTL_RAM_LUT && mvu_fold(&c) > MVU_MAX_LUT_WORDS)
        return err_set(err, ST_INFEASIBLE,
                       "layer %s: has too many weights for LUT RAM at any folding: use "
                       "--weight-ram block",
                       m->name);
    return err_set(
        err, ST_INFEASIBLE,
        "layer %s: no folding needs at most %.6g cycles per image; the nearest "
        "feasible point, PE %d and SIMD %d, needs %.6g: %s",
        m->name, fmin(space_cycle_limit(opt), opt->max_cycles), (int)c.PE, (int)c.SIMD,
        (double)mvu_fold(&c) * c.n_vec,
        opt->max_cycles < space_cycle_limit(opt) ? "raise the budget of cycles"
                                                 : "lower --fps or raise --clock");
}

/* The next PE, else the next SIMD with PE 1; false after the last folding. */
static bool next_folding(struct mvu_config *m)
{
    const int32_t PE = m->PE == m->MH ? MAX_PE + 1 : next_divisor(m->MH, m->PE);
    if (PE <= MAX_PE) {
        m->PE = PE;
        return true;
    }
    const int32_t SIMD = m->SIMD == m->MW ? MAX_SIMD + 1 : next_divisor(m->MW, m->SIMD);
    m->PE = 1;
    m->SIMD = SIMD;
    return SIMD <= MAX_SIMD;
}

status space_fold(const struct cost_model *model, const struct space_options *opt,
                  struct mvu_config *m, struct cost_estimate *est, struct err *err)
{
    struct mvu_config c = *m;
    bool found = false;
    c.PE = c.SIMD = 1;
    do {
        struct cost_estimate e;
        c.lanes = mvu_lanes(c.PE, c.MW / c.SIMD);
        if (!fast_enough(&c, opt)) continue;
        TRY(cost_mvu(model, opt->toolchain, &c, opt->energy, &e, err));
        if (found && !cheaper(&e, est)) continue;
        *m = c;
        *est = e;
        found = true;
    } while (next_folding(&c));
    if (found) return ST_OK;
    return too_slow(m, opt, err);
}
