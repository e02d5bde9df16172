/* calibrate.c -- sorts rows into toolchains and takes each through the steps. */
#include "costmodel/calibrate.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cli.h"
#include "costmodel/calibrate_internal.h"

/* ---- toolchains ---- */

/* "NAME=TARGET" given for this name, NULL if none. */
static const char *given_target(const struct calibrate_options *opt, const char *name)
{
    for (int i = 0; opt->targets && i < opt->targets->n; i++) {
        const char *item = opt->targets->items[i], *equals = strchr(item, '=');
        if (equals && strlen(name) == (size_t)(equals - item) &&
            strncmp(item, name, strlen(name)) == 0)
            return equals + 1;
    }
    return NULL;
}

/* A toolchain is for the target it is named after ("xc7", "xc7-vivado"), or the one
 * that the user says; failing both for none. */
static status find_target(const struct calibrate_options *opt, const char *name,
                          enum rtl_target *out, struct err *err)
{
    const char *given = given_target(opt, name);
    *out = RTL_N_TARGETS;
    for (int i = 0; rtl_target_names[i]; i++) {
        const char *target = rtl_target_names[i];
        const size_t n = strlen(target);
        const bool named =
            strncmp(name, target, n) == 0 && !isalnum((unsigned char)name[n]);
        if (given ? strcmp(given, target) == 0 : named) *out = (enum rtl_target)i;
    }
    if (!given || *out != RTL_N_TARGETS) return ST_OK;
    return err_set(err, ST_USAGE, "--target %s=%s: expected xc7 or ice40 as target",
                   name, given);
}

/* Whole units are made of memories and multipliers of a target. */
static status check_target(const struct meas *meas, const struct meas_row *row,
                           const struct model_toolchain *t, struct err *err)
{
    if (row->module != MEAS_MVU || t->target != RTL_N_TARGETS) return ST_OK;
    return err_set(err, ST_RANGE,
                   "%s:%d: toolchain '%s': expected a name that begins with its target "
                   "(xc7 or ice40), because it has rows of whole mvus; say --target "
                   "%s=xc7",
                   meas->path, row->line, t->name, t->name);
}

static status toolchain_of(struct cost_model *m, const struct meas *meas,
                           const struct meas_row *row,
                           const struct calibrate_options *opt,
                           struct model_toolchain **out, struct err *err)
{
    for (int32_t i = 0; i < m->n_toolchains; i++) {
        struct model_toolchain *t = *out = &m->toolchains[i];
        if (strcmp(t->name, row->toolchain) != 0) continue;
        if (strncmp(t->options, row->options, sizeof t->options - 1) != 0)
            return err_set(err, ST_RANGE,
                           "%s:%d: expected the options of toolchain '%s' to be the "
                           "same in all rows; found '%s', first '%s'",
                           meas->path, row->line, t->name, row->options, t->options);
        /* what comes after a ';' measured something else on some rows: nextpnr */
        const size_t n = strcspn(t->tool_version, ";");
        if (strcspn(row->tool_version, ";") == n &&
            strncmp(t->tool_version, row->tool_version, n) == 0)
            return ST_OK;
        return err_set(err, ST_RANGE,
                       "%s:%d: expected toolchain '%s' to be '%s' in all rows, found "
                       "'%s'; give rows of another version another toolchain name",
                       meas->path, row->line, t->name, t->tool_version,
                       row->tool_version);
    }
    if (m->n_toolchains == MODEL_TOOLCHAINS_MAX ||
        strlen(row->toolchain) >= sizeof m->toolchains[0].name)
        return err_set(
            err, ST_RANGE,
            "%s:%d: expected at most %d toolchains with names of at most %zu "
            "characters, found '%s'",
            meas->path, row->line, MODEL_TOOLCHAINS_MAX,
            sizeof m->toolchains[0].name - 1, row->toolchain);
    struct model_toolchain *t = *out = &m->toolchains[m->n_toolchains];
    snprintf(t->name, sizeof t->name, "%s", row->toolchain);
    snprintf(t->tool_version, sizeof t->tool_version, "%s", row->tool_version);
    snprintf(t->options, sizeof t->options, "%s", row->options);
    TRY(find_target(opt, t->name, &t->target, err));
    m->n_toolchains++;
    return ST_OK;
}

/* Every --target NAME=TARGET names a toolchain that has rows. */
static status check_given(const struct meas *meas, const struct calibrate_options *opt,
                          const struct cost_model *m, struct err *err)
{
    for (int i = 0; opt->targets && i < opt->targets->n; i++) {
        const char *item = opt->targets->items[i];
        const size_t n = strcspn(item, "=");
        if (item[n] == '\0')
            return err_set(err, ST_USAGE,
                           "--target %s: expected NAME=xc7 or NAME=ice40", item);
        bool has_rows = false;
        for (int32_t k = 0; k < m->n_toolchains; k++)
            has_rows |= strlen(m->toolchains[k].name) == n &&
                        strncmp(m->toolchains[k].name, item, n) == 0;
        if (!has_rows)
            return err_set(err, ST_RANGE,
                           "--target %s: expected a toolchain of %s, "
                           "found no rows of it",
                           item, meas->path);
    }
    return ST_OK;
}

static status sort_toolchains(const struct meas *meas,
                              const struct calibrate_options *opt, struct cost_model *m,
                              struct err *err)
{
    for (size_t i = 0; i < meas->n_rows; i++) {
        struct model_toolchain *t = NULL;
        if (opt->only && strcmp(opt->only, meas->rows[i].toolchain) != 0) continue;
        TRY(toolchain_of(m, meas, &meas->rows[i], opt, &t, err));
        TRY(check_target(meas, &meas->rows[i], t, err));
    }
    if (m->n_toolchains > 0) return check_given(meas, opt, m, err);
    return err_set(err, ST_RANGE, "%s: expected rows of toolchain '%s', found none",
                   meas->path, opt->only);
}

/* ---- shared by the steps ---- */

bool calibrate_is(const struct calibrate_work *w, size_t i_row, enum meas_module m)
{
    const struct meas_row *r = &w->meas->rows[i_row];
    return r->module == m && strcmp(r->toolchain, w->t->name) == 0;
}

struct calibrate_point *calibrate_add_point(struct calibrate_work *w,
                                            const char *module, const char *metric,
                                            const char *label, double meas,
                                            struct cost_value est)
{
    struct calibrate_point *p = &w->out->points[w->out->n_points++];
    *p = (struct calibrate_point){.i_toolchain = w->i_toolchain,
                                  .module = module,
                                  .metric = metric,
                                  .meas = meas,
                                  .est = est,
                                  .held_out = true};
    snprintf(p->label, sizeof p->label, "%s", label);
    return p;
}

void calibrate_check_exact(struct calibrate_work *w, struct calibrate_tally *tally,
                           const char *module, enum cost_metric metric,
                           const char *label, double est, double meas)
{
    const struct cost_value v = {est, est, est, COST_LEVEL_EXACT};
    calibrate_add_point(w, module, cost_metric_names[metric], label, meas, v);
    tally->n++;
    tally->n_equal += est == meas;
}

double calibrate_part(const struct calibrate_work *w, const struct element *e,
                      enum element_metric metric, bool with_table)
{
    struct cost_value v;
    const char *outside;
    const struct model_element *m = model_find(w->t, e);
    const bool measured = m && !isnan(m->value[metric]);
    if (with_table) return measured ? m->value[metric] : NAN;
    if (measured) return w->held_out[metric][m - w->t->elements];
    return model_element_value(w->t, e, metric, false, &v, &outside, NULL) == ST_OK
               ? v.value
               : NAN;
}

void calibrate_add_error(struct calibrate_errors *e, double estimate, double measured)
{
    const double error =
        fit_relative_error(estimate, measured, element_metric_floor(ELEMENT_LUT));
    e->mean += (error - e->mean) / ++e->n;
    if (error > e->max) e->max = error;
}

/* ---- all steps ---- */

static status one_toolchain(struct calibrate_work *w, struct err *err)
{
    TRY(calibrate_table(w, err));
    const size_t n = (size_t)w->t->n_elements + 1;
    w->t->fits = ARENA_NEW(w->a, struct model_fit, MODEL_FITS_MAX);
    w->control_held_out = ARENA_NEW(w->a, double, w->meas->n_rows + 1);
    if (!w->t->fits || !w->control_held_out) return arena_exhausted(err);
    for (int i = 0; i < 2; i++) {
        w->array_held_out[i] = ARENA_NEW(w->a, double, w->meas->n_rows + 1);
        if (!w->array_held_out[i]) return arena_exhausted(err);
        for (size_t k = 0; k < w->meas->n_rows; k++)
            w->array_held_out[i][k] = NAN;
    }
    for (int i = 0; i < ELEMENT_N_METRICS; i++) {
        w->held_out[i] = ARENA_NEW(w->a, double, n);
        w->half_width[i] = ARENA_NEW(w->a, double, n);
        if (!w->held_out[i] || !w->half_width[i]) return arena_exhausted(err);
        for (size_t k = 0; k < n; k++)
            w->held_out[i][k] = NAN;
    }
    TRY(calibrate_elements(w, err));
    TRY(model_index(w->t, w->a, err));
    TRY(calibrate_control(w, err));
    TRY(calibrate_arrays(w, err));
    TRY(model_index(w->t, w->a, err));
    calibrate_check_elements(w);
    TRY(calibrate_check_mvus(w, err));
    return calibrate_check_arrays(w, err);
}

status calibrate(const struct meas *meas, const struct calibrate_options *opt,
                 struct arena *a, struct calibration *out, struct err *err)
{
    /* Per row at most: all metrics of an element, built and run; six values of an
     * mvu. */
    const size_t n_points = 2 * ELEMENT_N_METRICS * meas->n_rows;
    *out = (struct calibration){.model = ARENA_NEW(a, struct cost_model, 1)};
    out->points = ARENA_NEW(a, struct calibrate_point, n_points);
    out->classes = ARENA_NEW(a, struct calibrate_class,
                             (size_t)MODEL_FITS_MAX * MODEL_TOOLCHAINS_MAX);
    if (!out->model || !out->points || !out->classes) return arena_exhausted(err);
    TRY(sort_toolchains(meas, opt, out->model, err));
    for (int32_t i = 0; i < out->model->n_toolchains; i++) {
        struct calibrate_work w = {.meas = meas,
                                   .opt = opt,
                                   .a = a,
                                   .out = out,
                                   .i_toolchain = i,
                                   .t = &out->model->toolchains[i]};
        TRY(one_toolchain(&w, err));
    }
    return ST_OK;
}
