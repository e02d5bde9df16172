/* model.c -- names, selection, and one metric of one element: one hash probe for what
 * was measured, a handful of terms for what was not. */
#include "costmodel/model.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "costmodel/model_internal.h"
#include "costmodel/terms.h"
#include "rtl/mac_packed.h"

const char *const cost_metric_names[] = {
    "lut",       "ff",         "dsp",    "bram18",     "cycles",
    "energy_uj", "size_bytes", "bitops", "latency_us", NULL};
const char *const cost_metric_units[] = {"LUT", "FF",   "DSP",   "BRAM18", "cycle",
                                         "uJ",  "byte", "bit^2", "us",     NULL};
const char *const cost_level_names[] = {"exact",   "table",    "scaled", "formula",
                                        "profile", "roofline", NULL};

bool cost_metric_is_max(enum cost_metric m) { return m == COST_CYCLES; }

/* ---- toolchains ---- */

static status select_fail(const struct cost_model *m, const char *wanted,
                          struct err *err)
{
    char list[256] = "";
    size_t used = 0;
    for (int32_t i = 0; i < m->n_toolchains && used < sizeof list; i++)
        used += (size_t)snprintf(list + used, sizeof list - used, "%s%s", i ? ", " : "",
                                 m->toolchains[i].name);
    return err_set(err, ST_RANGE,
                   "cost model: expected one of the toolchains it covers (%s), found "
                   "'%s'",
                   list, wanted);
}

status cost_model_select(const struct cost_model *m, const char *toolchain,
                         int *out_toolchain, struct err *err)
{
    int n_target = 0, of_target = 0;
    for (int i = 0; i < m->n_toolchains; i++) {
        const struct model_toolchain *t = &m->toolchains[i];
        if (strcmp(t->name, toolchain) == 0) {
            *out_toolchain = i;
            return ST_OK;
        }
        if (strcmp(cost_model_target_name(m, i), toolchain) != 0) continue;
        n_target++;
        of_target = i;
    }
    if (n_target != 1) return select_fail(m, toolchain, err);
    *out_toolchain = of_target;
    return ST_OK;
}

int cost_model_n_toolchains(const struct cost_model *m) { return m->n_toolchains; }

const char *cost_model_toolchain(const struct cost_model *m, int i)
{
    return m->toolchains[i].name;
}

enum rtl_target cost_model_target(const struct cost_model *m, int i)
{
    return m->toolchains[i].target;
}

const char *cost_model_target_name(const struct cost_model *m, int i)
{
    const enum rtl_target target = m->toolchains[i].target;
    return target == RTL_N_TARGETS ? "none" : rtl_target_names[target];
}

/* ---- index ---- */

static int compare_keys(const void *a, const void *b)
{
    const struct model_element *x = a, *y = b;
    return (x->key > y->key) - (x->key < y->key);
}

/* Fibonacci hashing (Knuth, TAOCP 3, 6.4): the high bits of key * 2^64 / phi. */
static uint32_t slot_of(uint64_t key, uint32_t n_slots)
{
    return (uint32_t)(key * 0x9E3779B97F4A7C15u >> 32) & (n_slots - 1);
}

static void fill_ratios(const struct model_toolchain *t, struct model_element *m)
{
    for (int i = 0; i < ELEMENT_N_METRICS; i++) {
        const struct model_fit *f = t->fit_of[m->e.module][element_class(&m->e)][i];
        const double formula = f && !isnan(m->value[i]) ? model_formula(f, &m->e) : 0;
        m->ratio[i] = formula > 0 ? m->value[i] / formula : 0;
    }
}

static void note_deviations(struct model_toolchain *t, const struct model_element *m)
{
    for (int i = 0; i < ELEMENT_N_METRICS; i++) {
        const double structure = model_structure(t, &m->e, (enum element_metric)i);
        if (!isnan(m->value[i]) && !isnan(structure) && m->value[i] != structure)
            t->deviates[m->e.module][element_class(&m->e)][i] = true;
    }
}

static void note_structural(struct model_toolchain *t)
{
    static const enum element_module parts[] = {ELEMENT_MAC, ELEMENT_REQUANT};
    for (int i = 0; i < ELEMENT_N_METRICS; i++) {
        t->structural[i] = true;
        for (int k = 0; k < 2; k++)
            for (int c = 0; c < ELEMENT_N_CLASSES; c++)
                if (t->deviates[parts[k]][c][i] || t->fit_of[parts[k]][c][i])
                    t->structural[i] = false;
    }
}

status model_index(struct model_toolchain *t, struct arena *a, struct err *err)
{
    memset(t->fit_of, 0, sizeof t->fit_of);
    memset(t->deviates, 0, sizeof t->deviates);
    for (int32_t i = 0; i < t->n_fits; i++)
        t->fit_of[t->fits[i].module][t->fits[i].i_class][t->fits[i].metric] =
            &t->fits[i];
    for (int32_t i = 0; i < t->n_elements; i++) {
        t->elements[i].key = element_key(&t->elements[i].e);
        fill_ratios(t, &t->elements[i]);
        note_deviations(t, &t->elements[i]);
    }
    note_structural(t);
    if (t->n_elements > 0)
        qsort(t->elements, (size_t)t->n_elements, sizeof *t->elements, compare_keys);
    for (t->n_slots = 16; t->n_slots < 2 * (uint32_t)t->n_elements;)
        t->n_slots *= 2;
    t->slots = ARENA_NEW(a, int32_t, t->n_slots);
    if (!t->slots) return arena_exhausted(err);
    for (int32_t i = 0; i < t->n_elements; i++) {
        uint32_t s = slot_of(t->elements[i].key, t->n_slots);
        while (t->slots[s])
            s = (s + 1) & (t->n_slots - 1);
        t->slots[s] = i + 1;
    }
    return ST_OK;
}

const struct model_element *model_find(const struct model_toolchain *t,
                                       const struct element *e)
{
    const uint64_t key = element_key(e);
    for (uint32_t s = slot_of(key, t->n_slots); t->slots[s];
         s = (s + 1) & (t->n_slots - 1))
        if (t->elements[t->slots[s] - 1].key == key)
            return &t->elements[t->slots[s] - 1];
    return NULL;
}

const struct model_fit *model_fit_of(const struct model_toolchain *t,
                                     const struct element *e,
                                     enum element_metric metric)
{
    return t->fit_of[e->module][element_class(e)][metric];
}

/* ---- formula ---- */

double model_formula(const struct model_fit *f, const struct element *e)
{
    int32_t n;
    const struct cost_term *terms = terms_of(f->module, f->metric, &n);
    struct term_input in;
    double sum = 0;
    term_input_fill(e, &in);
    for (int32_t i = 0; i < f->formula.n_terms; i++)
        sum += f->formula.coefficients[i] * terms[f->formula.terms[i]].eval(&in);
    return sum;
}

/* First element whose key is at least `key`. */
static int32_t lower_bound(const struct model_toolchain *t, uint64_t key)
{
    int32_t lo = 0, hi = t->n_elements;
    while (lo < hi) {
        const int32_t mid = lo + (hi - lo) / 2;
        if (t->elements[mid].key < key)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

const struct model_element *model_sibling(const struct model_toolchain *t,
                                          const struct element *e,
                                          enum element_metric metric)
{
    const struct model_element *best = NULL;
    const uint64_t family = element_family(e);
    const uint64_t last = element_family_key(family + 1);
    double least = INFINITY;
    for (int32_t i = lower_bound(t, element_family_key(family));
         i < t->n_elements && t->elements[i].key < last; i++) {
        const struct model_element *m = &t->elements[i];
        if (m->ratio[metric] <= 0) continue;
        const double d = element_unlikeness(e, &m->e);
        if (d < least) {
            least = d;
            best = m;
        }
    }
    return best;
}

struct cost_value model_within(double value, double half_width, double floor,
                               enum cost_level level)
{
    const double half = half_width * (value > floor ? value : floor);
    const double lo = value - half;
    return (struct cost_value){value, lo > 0 ? lo : 0, value + half, level};
}

static void check_box(const struct model_fit *f, const struct element *e,
                      const char **outside)
{
    int32_t v[BOX_N];
    element_box_values(e, v);
    for (int i = 0; i < BOX_N; i++)
        if (v[i] < f->box_lo[i] || v[i] > f->box_hi[i]) {
            *outside = box_parameter_names[i];
            return;
        }
}

/* ---- one element ---- */

static double packed_ff(const struct element *e)
{
    const struct mac_unit_config unit = element_unit(e);
    struct mac_packed_shape s;
    return mac_packed_shape(&unit, &s, NULL) == ST_OK ? (double)s.ff : NAN;
}

double model_structure(const struct model_toolchain *t, const struct element *e,
                       enum element_metric metric)
{
    const struct mac_config mac = {e->SIMD,    e->wbits,    e->abits,   e->wsigned,
                                   e->asigned, e->acc_bits, RTL_MUL_LUT};
    const struct requant_config requant = {e->acc_bits, e->out_bits, e->out_signed,
                                           e->shift,
                                           e->requant_dsp ? RTL_MUL_DSP : RTL_MUL_LUT};
    if (metric == ELEMENT_FF && e->module == ELEMENT_MAC) return (double)mac_ff(&mac);
    if (metric == ELEMENT_FF && element_has_modes(e->module))
        return e->acc_bits; /* their accumulator */
    if (metric == ELEMENT_FF && e->module == ELEMENT_PACKED) return packed_ff(e);
    if (metric == ELEMENT_FF && e->module == ELEMENT_REQUANT)
        return (double)requant_ff(&requant, t->target);
    if (metric != ELEMENT_DSP) return NAN;
    if (e->module == ELEMENT_REQUANT) return (double)requant_dsp(&requant, t->target);
    return e->module == ELEMENT_PACKED ? e->SIMD : 0;
}

static __attribute__((cold)) status no_formula(const struct model_toolchain *t,
                                               const struct element *e,
                                               enum element_metric metric,
                                               struct err *err)
{
    char text[160];
    return err_set(
        err, ST_RANGE,
        "cost model: expected a measurement or a formula for the %s of "
        "%s class %s on %s, found neither (%s); add rows of that class to the "
        "sweep",
        element_metric_names[metric], element_module_names[e->module],
        element_class_name(e->module, element_class(e)), t->name,
        element_describe(e, text, sizeof text));
}

status model_element_value(const struct model_toolchain *t, const struct element *e,
                           enum element_metric metric, bool with_table,
                           struct cost_value *out, const char **outside,
                           struct err *err)
{
    const struct model_element *m = with_table ? model_find(t, e) : NULL;
    if (m && !isnan(m->value[metric])) {
        const double value = m->value[metric];
        *out = (struct cost_value){value, value, value, COST_LEVEL_TABLE};
        return ST_OK;
    }
    const struct model_fit *f = model_fit_of(t, e, metric);
    if (!f) {
        const bool deviates = t->deviates[e->module][element_class(e)][metric];
        const double value = deviates ? NAN : model_structure(t, e, metric);
        if (isnan(value)) return no_formula(t, e, metric, err);
        *out = (struct cost_value){value, value, value, COST_LEVEL_EXACT};
        return ST_OK;
    }
    const double value = model_formula(f, e), floor = element_metric_floor(metric);
    check_box(f, e, outside);
    m = with_table && f->n_scaled > 0 ? model_sibling(t, e, metric) : NULL;
    *out = m ? model_within(value * m->ratio[metric], f->scaled.half_width, floor,
                            COST_LEVEL_SCALED)
             : model_within(value, f->held_out.half_width, floor, COST_LEVEL_FORMULA);
    return ST_OK;
}

status cost_element(const struct cost_model *m, int toolchain, const struct element *e,
                    enum element_metric metric, struct cost_value *out,
                    const char **outside, struct err *err)
{
    const struct element as_built = element_as_built(e);
    *outside = NULL;
    return model_element_value(&m->toolchains[toolchain],
                               element_metric_is_run(metric) ? e : &as_built, metric,
                               true, out, outside, err);
}

status cost_mac_lut(const struct cost_model *m, int toolchain,
                    const struct mac_config *mac, struct cost_value *out,
                    struct err *err)
{
    const struct element e = element_of_mac(mac);
    const char *outside = NULL;
    return model_element_value(&m->toolchains[toolchain], &e, ELEMENT_LUT, true, out,
                               &outside, err);
}
