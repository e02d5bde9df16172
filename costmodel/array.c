/* array.c -- see array.h. */
#include "costmodel/array.h"

#include <math.h>

#include "costmodel/device.h"
#include "costmodel/model_internal.h"

static const struct cost_value nothing = {NAN, NAN, NAN, COST_LEVEL_EXACT};

/* All units are one circuit, so their errors are one error and add linearly; what lies
 * between errs independently. */
static struct cost_value joined(double n, const struct cost_value *unit,
                                const struct cost_value *rest)
{
    const double value = n * unit->value + rest->value;
    const double below = hypot(n * (unit->value - unit->lo), rest->value - rest->lo);
    const double above = hypot(n * (unit->hi - unit->value), rest->hi - rest->value);
    return (struct cost_value){value, fmax(0, value - below), value + above,
                               unit->level};
}

/* Flip-flops that delays of 0, 1, .. lines - 1 cycles save as shift registers. */
static int64_t saved_ff(int32_t lines, int32_t bits)
{
    int64_t n = 0;
    for (int32_t i = 0; i < lines; i++) {
        const struct srl_count s = srl_delay(i);
        n += s.lut > 0 ? (int64_t)bits * (i - s.ff) : 0;
    }
    return n;
}

static int64_t srl_ff(const struct systolic_config *c)
{
    const struct mac_unit_ports p = mac_unit_ports(&c->unit);
    return saved_ff(c->rows, p.a) +
           (c->flow == SYSTOLIC_OS ? saved_ff(c->cols, p.w) : 0);
}

status model_array_value(const struct model_toolchain *t,
                         const struct systolic_config *c, enum element_metric metric,
                         bool with_table, struct cost_value *out, const char **outside,
                         struct err *err)
{
    const struct element unit = element_of_unit(&c->unit, NULL);
    const bool srl = device_of(t->name).srl;
    const struct element rest = element_of_array(c, srl);
    const double n = (double)c->rows * c->cols;
    struct cost_value u, r = {0, 0, 0, COST_LEVEL_EXACT};
    TRY(model_element_value(t, &unit, metric, with_table, &u, outside, err));
    if (metric == ELEMENT_FF)
        r.value = r.lo = r.hi = (double)(systolic_ff(c) - (srl ? srl_ff(c) : 0));
    else if (metric != ELEMENT_DSP)
        TRY(model_element_value(t, &rest, metric, false, &r, outside, err));
    *out = joined(n, &u, &r);
    if ((metric == ELEMENT_FF || metric == ELEMENT_DSP) &&
        !isnan(model_structure(t, &unit, metric)))
        out->level = COST_LEVEL_EXACT;
    return ST_OK;
}

status cost_array(const struct cost_model *m, int toolchain,
                  const struct systolic_config *c, struct cost_array *out,
                  struct err *err)
{
    const struct model_toolchain *t = &m->toolchains[toolchain];
    struct err no_lut, ignored;
    TRY(systolic_check(c, err));
    out->outside = NULL;
    const status lut =
        model_array_value(t, c, ELEMENT_LUT, true, &out->lut, &out->outside, &no_lut);
    const status area = model_array_value(t, c, ELEMENT_AREA, true, &out->area,
                                          &out->outside, &ignored);
    if (lut != ST_OK && area != ST_OK) return err_set(err, lut, "%s", no_lut.msg);
    if (lut != ST_OK) out->lut = nothing;
    if (area != ST_OK) out->area = nothing;
    if (model_array_value(t, c, ELEMENT_FF, true, &out->ff, &out->outside, &ignored) !=
        ST_OK)
        out->ff = nothing;
    if (model_array_value(t, c, ELEMENT_DSP, true, &out->dsp, &out->outside,
                          &ignored) != ST_OK)
        out->dsp = nothing;
    return ST_OK;
}
