/* layers.c -- from elements to a layer, from layers to an accelerator.
 *
 *   LUT(mvu) = PE * LUT(mac) + lanes * LUT(requant) + memories + control
 *
 * Structure gives the numbers of parts and the exact counts (costmodel/compose.h);
 * the model gives the LUT of a mac, of a requantiser and of the control.  All PE
 * macs of a unit are the same circuit, so their errors are the same error and add
 * linearly; the three kinds of parts, and layers among each other, err
 * independently and add as squares. */
#include <math.h>

#include "costmodel/energy.h"
#include "costmodel/model_internal.h"

static struct cost_value exact(double value)
{
    return (struct cost_value){value, value, value, COST_LEVEL_EXACT};
}

/* Sums independent estimates: the squares of the distances to lo and hi add. */
struct sum {
    double value, below2, above2;
    enum cost_level level; /* the least certain of the parts that are not 0 */
};

static void sum_add(struct sum *s, double n, const struct cost_value *part)
{
    const double below = n * (part->value - part->lo);
    const double above = n * (part->hi - part->value);
    s->value += n * part->value;
    s->below2 += below * below;
    s->above2 += above * above;
    if (part->level > s->level) s->level = part->level;
}

static struct cost_value sum_value(const struct sum *s)
{
    const double below = sqrt(s->below2), lo = s->value - below;
    /* Nearly always the interval is symmetric, and one root will do. */
    const double above = s->above2 == s->below2 ? below : sqrt(s->above2);
    return (struct cost_value){s->value, lo > 0 ? lo : 0, s->value + above, s->level};
}

/* Control without measured units to fit it on: the structural estimate, which Yosys
 * was seen to meet within a quarter. */
static status control_lut(const struct model_toolchain *t, const struct element *e,
                          struct cost_value *out, const char **outside, struct err *err)
{
    if (model_fit_of(t, e, ELEMENT_LUT))
        return model_element_value(t, e, ELEMENT_LUT, false, out, outside, err);
    *out = (struct cost_value){e->structural, 0.75 * e->structural,
                               1.25 * e->structural, COST_LEVEL_FORMULA};
    *outside = "mvu_control (no unit was measured)";
    return ST_OK;
}

status model_mvu_lut(const struct model_toolchain *t, const struct mvu_config *c,
                     const struct mvu_parts *parts, bool with_table,
                     struct cost_value *out, const char **outside, struct err *err)
{
    const struct element mac = element_of_mac(&parts->mac);
    const struct element requant = element_of_requant(&parts->requant);
    const struct element control = element_of_control(c, parts->lut_control);
    struct cost_value part;
    struct sum s = {.level = COST_LEVEL_EXACT};
    TRY(control_lut(t, &control, &part, outside, err));
    sum_add(&s, 1, &part);
    TRY(model_element_value(t, &requant, ELEMENT_LUT, with_table, &part, outside, err));
    sum_add(&s, parts->n_requant, &part);
    s.level = COST_LEVEL_EXACT; /* the macs, by far the largest part, name it */
    TRY(model_element_value(t, &mac, ELEMENT_LUT, with_table, &part, outside, err));
    sum_add(&s, parts->n_mac, &part);
    s.value += (double)parts->lut_memory;
    *out = sum_value(&s);
    return ST_OK;
}

/* FF or DSP of one mvu: structure, but for macs and requantisers that were measured and
 * are not built as ours. */
static __attribute__((cold)) status mvu_count(const struct model_toolchain *t,
                                              const struct mvu_parts *parts,
                                              enum element_metric metric,
                                              struct cost_value *out,
                                              const char **outside, struct err *err)
{
    const double count = (double)(metric == ELEMENT_FF ? parts->ff : parts->dsp);
    const struct element mac = element_of_mac(&parts->mac);
    const struct element requant = element_of_requant(&parts->requant);
    const struct {
        const struct element *e;
        int32_t n;
    } kinds[] = {{&requant, parts->n_requant}, {&mac, parts->n_mac}};
    struct sum s = {.value = count, .level = COST_LEVEL_EXACT};
    for (int i = 0; i < 2; i++) {
        const struct element *e = kinds[i].e;
        struct cost_value part;
        if (!t->deviates[e->module][element_class(e)][metric] &&
            !model_fit_of(t, e, metric))
            continue;
        TRY(model_element_value(t, e, metric, true, &part, outside, err));
        sum_add(&s, kinds[i].n, &part);
        s.value -= kinds[i].n * model_structure(t, e, metric);
    }
    *out = sum_value(&s);
    return ST_OK;
}

static __attribute__((cold)) status no_target(const struct model_toolchain *t,
                                              struct err *err)
{
    return err_set(err, ST_UNSUPPORTED,
                   "toolchain %s prices MAC units and arrays, not whole layers: its "
                   "measurements were fitted without a target; fit again with --target "
                   "%s=xc7 (or ice40) if its memories and multipliers are of that kind",
                   t->name, t->name);
}

status cost_mvu(const struct cost_model *m, int toolchain, const struct mvu_config *c,
                const struct energy_source *energy, struct cost_estimate *out,
                struct err *err)
{
    const struct model_toolchain *t = &m->toolchains[toolchain];
    struct mvu_parts parts;
    const double macs = (double)c->MW * c->MH * c->n_vec;
    if (t->target == RTL_N_TARGETS) return no_target(t, err);
    out->outside = NULL;
    mvu_compose(c, t->target, &parts);
    TRY(model_mvu_lut(t, c, &parts, true, &out->metric[COST_LUT], &out->outside, err));
    out->metric[COST_FF] = exact((double)parts.ff);
    out->metric[COST_DSP] = exact((double)parts.dsp);
    if (!t->structural[ELEMENT_FF])
        TRY(mvu_count(t, &parts, ELEMENT_FF, &out->metric[COST_FF], &out->outside,
                      err));
    if (!t->structural[ELEMENT_DSP])
        TRY(mvu_count(t, &parts, ELEMENT_DSP, &out->metric[COST_DSP], &out->outside,
                      err));
    out->metric[COST_BRAM18] = exact((double)parts.bram18);
    out->metric[COST_CYCLES] = exact((double)mvu_cycles(c, c->n_vec));
    out->metric[COST_SIZE_BYTES] = exact((double)c->MW * c->MH * c->wbits / 8);
    out->metric[COST_BITOPS] = exact(macs * c->wbits * c->abits);
    out->metric[COST_LATENCY_US] = exact(NAN);
    double uj[ENERGY_N_PARTS];
    if (!energy)
        out->metric[COST_ENERGY_UJ] = exact(NAN);
    else
        TRY(energy_mvu(energy, c, out, uj, &out->metric[COST_ENERGY_UJ], &out->outside,
                       err));
    out->outside_box = out->outside != NULL;
    return ST_OK;
}

static void total_of(const struct cost_estimate *layers, int32_t n, int metric,
                     struct cost_value *out)
{
    struct sum s = {.level = COST_LEVEL_EXACT};
    double largest = 0;
    for (int32_t i = 0; i < n; i++) {
        sum_add(&s, 1, &layers[i].metric[metric]);
        if (!(layers[i].metric[metric].value <= largest)) /* a NaN wins, too */
            largest = layers[i].metric[metric].value;
        if (isnan(largest)) break;
    }
    *out =
        cost_metric_is_max((enum cost_metric)metric) ? exact(largest) : sum_value(&s);
}

void cost_total(const struct cost_estimate *layers, int32_t n_layers,
                struct cost_estimate *total)
{
    total->outside_box = false;
    total->outside = NULL;
    for (int metric = 0; metric < COST_N_METRICS; metric++)
        total_of(layers, n_layers, metric, &total->metric[metric]);
    for (int32_t i = 0; i < n_layers; i++)
        if (layers[i].outside_box && !total->outside_box) {
            total->outside_box = true;
            total->outside = layers[i].outside;
        }
}

status cost_accel(const struct cost_model *m, const struct accel_config *c,
                  const struct energy_source *energy, struct cost_estimate *total,
                  struct cost_estimate *per_layer, struct err *err)
{
    int toolchain;
    struct arena *a = NULL;
    status st = ST_OK;
    TRY(cost_model_select(m, rtl_target_names[c->target], &toolchain, err));
    if (!per_layer) {
        a = arena_new();
        per_layer = a ? ARENA_NEW(a, struct cost_estimate, (size_t)c->n_layers) : NULL;
        if (!per_layer) TRY_OUT(arena_exhausted(err));
    }
    for (int32_t i = 0; i < c->n_layers; i++)
        TRY_OUT(cost_mvu(m, toolchain, &c->layers[i], energy, &per_layer[i], err));
    cost_total(per_layer, c->n_layers, total);
out:
    arena_free(a);
    return st;
}
