/* goals.c -- the limits, and the figures of a calibration beside them. */
#include "costmodel/goals.h"

#include <math.h>
#include <stdio.h>

static const double lut_mean = 0.05, lut_max = 0.15, table_mean = 0.02;
static const double energy_mean = 0.08, energy_max = 0.20;

static struct goal judged(struct goal g)
{
    g.met = g.mean <= g.limit_mean && g.max <= g.limit_max;
    return g;
}

static void limits_of(enum element_metric m, struct goal *g)
{
    if (m == ELEMENT_LUT) {
        g->limit_mean = lut_mean;
        g->limit_max = lut_max;
    } else if (m == ELEMENT_ENERGY) {
        g->limit_mean = energy_mean;
        g->limit_max = energy_max;
    }
}

static bool must_be_exact(enum element_metric m)
{
    return m == ELEMENT_FF || m == ELEMENT_DSP;
}

bool goal_of_class(const struct calibrate_class *c, struct goal *out)
{
    const bool exact = must_be_exact(c->metric);
    if (c->module >= ELEMENT_CONTROL) return false; /* judged as part of the whole */
    if (!c->fit) return false;
    if (!exact && c->metric != ELEMENT_LUT && c->metric != ELEMENT_ENERGY) return false;
    *out = (struct goal){.i_toolchain = c->i_toolchain, .n = c->n_rows};
    if (!exact) limits_of(c->metric, out);
    if (c->fit) {
        out->mean = c->fit->held_out.mean;
        out->max = c->fit->held_out.max;
        /* A formula that is right to a thousandth of a cell is the structure. */
        if (exact && c->fit->held_out.max_abs < 1e-3) out->mean = out->max = 0;
    }
    snprintf(out->what, sizeof out->what, "%s (%s) %s by formula",
             element_module_names[c->module], element_class_name(c->module, c->i_class),
             element_metric_names[c->metric]);
    *out = judged(*out);
    return true;
}

static void add(struct goal *list, int32_t *n, struct goal g)
{
    list[(*n)++] = judged(g);
}

static void add_tally(struct goal *list, int32_t *n, int32_t i_toolchain,
                      const char *things, const char *metric,
                      const struct calibrate_tally *t)
{
    struct goal g = {.i_toolchain = i_toolchain, .n = t->n};
    if (t->n == 0) return;
    g.mean = g.max = 1 - (double)t->n_equal / t->n;
    snprintf(g.what, sizeof g.what, "%s: %s by structure", things, metric);
    add(list, n, g);
}

/* Elements whose metric structure decides, all modules and classes together. */
static void add_structure(struct goal *list, int32_t *n, int32_t i_toolchain,
                          const struct calibration *c, enum element_metric metric)
{
    struct calibrate_tally t = {0, 0};
    for (int32_t i = 0; i < c->n_classes; i++) {
        const struct calibrate_class *k = &c->classes[i];
        if (k->i_toolchain != i_toolchain || k->metric != metric || !k->is_structure)
            continue;
        t.n += k->n_rows;
        t.n_equal += k->n_rows;
    }
    add_tally(list, n, i_toolchain, "elements", element_metric_names[metric], &t);
}

static void add_errors(struct goal *list, int32_t *n, int32_t i_toolchain,
                       const char *things, bool with_table,
                       const struct calibrate_errors *e)
{
    struct goal g = {.i_toolchain = i_toolchain,
                     .n = e->n,
                     .mean = e->mean,
                     .max = e->max,
                     .limit_mean = with_table ? table_mean : lut_mean,
                     .limit_max = with_table ? INFINITY : lut_max};
    if (e->n == 0) return;
    snprintf(g.what, sizeof g.what, "%s: lut %s", things,
             with_table ? "with the table" : "by formula");
    add(list, n, g);
}

static void add_check(struct goal *list, int32_t *n, int32_t i_toolchain,
                      const char *things, const struct calibrate_check *c)
{
    add_errors(list, n, i_toolchain, things, true, &c->lut_table);
    add_errors(list, n, i_toolchain, things, false, &c->lut_formula);
    add_tally(list, n, i_toolchain, things, "ff", &c->ff);
    add_tally(list, n, i_toolchain, things, "dsp", &c->dsp);
    add_tally(list, n, i_toolchain, things, "bram18", &c->bram18);
    add_tally(list, n, i_toolchain, things, "cycles", &c->cycles);
}

status goals_of(const struct calibration *c, struct arena *a, struct goal **out,
                int32_t *n, struct err *err)
{
    enum { OF_CHECK = 7 };
    const size_t most = (size_t)c->n_classes + 2 * OF_CHECK * MODEL_TOOLCHAINS_MAX;
    struct goal g;
    *out = ARENA_NEW(a, struct goal, most);
    *n = 0;
    if (!*out) return arena_exhausted(err);
    for (int32_t t = 0; t < c->model->n_toolchains; t++) {
        for (int32_t i = 0; i < c->n_classes; i++)
            if (c->classes[i].i_toolchain == t && goal_of_class(&c->classes[i], &g))
                (*out)[(*n)++] = g;
        add_structure(*out, n, t, c, ELEMENT_FF);
        add_structure(*out, n, t, c, ELEMENT_DSP);
        add_check(*out, n, t, "whole mvus", &c->mvus[t]);
        add_check(*out, n, t, "arrays", &c->arrays[t]);
    }
    return ST_OK;
}
