/* shared_price.c -- what a shared array takes, as the commands tell it. */
#include "base/cli.h"
#include "costmodel/shared.h"

status shared_accel_price(const struct shared_accel *s, const struct cost_model *m,
                          int toolchain, struct cost_value metric[COST_N_METRICS],
                          struct err *err)
{
    struct cost_array c;
    struct err why;
    const status st = shared_accel_array(s, m, toolchain, &c, &why);
    if (st == ST_NOMEM) return arena_exhausted(err);
    if (st != ST_OK) {
        cli_note("the array's LUTs are not known: %s", why.msg);
        return ST_OK;
    }
    if (c.outside)
        cli_note("warning: the array lies outside the box of the fit: %s", c.outside);
    metric[COST_LUT] = c.lut;
    metric[COST_FF] = c.ff;
    metric[COST_DSP] = c.dsp;
    return ST_OK;
}
