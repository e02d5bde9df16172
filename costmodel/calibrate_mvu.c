/* calibrate_mvu.c -- the whole units among the measurements: what is left of them
 * for the control, and how well the composition meets them. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "costmodel/calibrate_internal.h"

/* ---- control ---- */

/* LUT of an mvu beyond its measured parts, NaN if a part was not measured.  A flow
 * that optimises across the boundaries of modules may make it negative: nothing. */
static double left_for_control(const struct calibrate_work *w, const struct meas_row *r,
                               struct element *control)
{
    struct mvu_parts parts;
    mvu_compose(&r->mvu, w->t->target, &parts);
    const struct element mac = element_of_mac(&parts.mac);
    const struct element requant = element_of_requant(&parts.requant);
    *control = element_of_control(&r->mvu, parts.lut_control);
    const double left =
        r->value[ELEMENT_LUT] -
        parts.n_mac * calibrate_part(w, &mac, ELEMENT_LUT, true) -
        parts.n_requant * calibrate_part(w, &requant, ELEMENT_LUT, true) -
        (double)parts.lut_memory;
    return left < 0 ? 0 : left; /* NaN stays NaN */
}

static status fit_control_class(struct calibrate_work *w, int32_t i_class,
                                struct err *err)
{
    const size_t n_all = w->meas->n_rows;
    struct element *elements = ARENA_NEW(w->a, struct element, n_all);
    double *lut = ARENA_NEW(w->a, double, n_all);
    double *whole = ARENA_NEW(w->a, double, n_all);
    double *predicted = ARENA_NEW(w->a, double, n_all);
    int32_t *group = ARENA_NEW(w->a, int32_t, n_all);
    size_t *index = ARENA_NEW(w->a, size_t, n_all);
    if (!elements || !lut || !whole || !predicted || !group || !index)
        return arena_exhausted(err);
    int32_t n = 0;
    for (size_t i = 0; i < n_all; i++) {
        if (!calibrate_is(w, i, MEAS_MVU)) continue;
        const double left = left_for_control(w, &w->meas->rows[i], &elements[n]);
        if (isnan(left) || element_class(&elements[n]) != i_class) continue;
        lut[n] = left;
        whole[n] = w->meas->rows[i].value[ELEMENT_LUT];
        group[n] = n;
        index[n++] = i;
    }
    if (n == 0) return ST_OK;
    const struct calibrate_rows rows = {.module = ELEMENT_CONTROL,
                                        .i_class = i_class,
                                        .n = n,
                                        .elements = elements,
                                        .metric = ELEMENT_LUT,
                                        .measured = lut,
                                        .whole = whole,
                                        .group = group,
                                        .n_groups = n};
    TRY(calibrate_fit_class(w, &rows, predicted, NULL, err));
    for (int32_t i = 0; i < n; i++)
        w->control_held_out[index[i]] = predicted[i];
    return ST_OK;
}

status calibrate_control(struct calibrate_work *w, struct err *err)
{
    for (size_t i = 0; i < w->meas->n_rows; i++)
        w->control_held_out[i] = NAN;
    for (int32_t c = 0; c < 2; c++)
        TRY(fit_control_class(w, c, err));
    return ST_OK;
}

/* ---- check ---- */

/* Estimate of a whole unit that has not seen it; NaN where a part has no answer. */
static double held_out_lut(const struct calibrate_work *w, size_t i,
                           const struct mvu_parts *parts, bool with_table)
{
    const struct meas_row *r = &w->meas->rows[i];
    const struct element mac = element_of_mac(&parts->mac);
    const struct element requant = element_of_requant(&parts->requant);
    const struct element control = element_of_control(&r->mvu, parts->lut_control);
    double left = w->control_held_out[i];
    struct cost_value v;
    const char *outside;
    if (isnan(left))
        left = model_element_value(w->t, &control, ELEMENT_LUT, false, &v, &outside,
                                   NULL) == ST_OK
                   ? v.value
                   : parts->lut_control;
    return parts->n_mac * calibrate_part(w, &mac, ELEMENT_LUT, with_table) +
           parts->n_requant * calibrate_part(w, &requant, ELEMENT_LUT, with_table) +
           (double)parts->lut_memory + left;
}

static status check_lut(struct calibrate_work *w, size_t i,
                        const struct mvu_parts *parts, const char *label,
                        bool with_table, struct calibrate_errors *errors,
                        struct err *err)
{
    const struct meas_row *r = &w->meas->rows[i];
    const double est = held_out_lut(w, i, parts, with_table);
    const double lut = r->value[ELEMENT_LUT];
    struct cost_value v;
    const char *outside;
    if (isnan(est) || isnan(lut)) return ST_OK;
    TRY(model_mvu_lut(w->t, &r->mvu, parts, with_table, &v, &outside, err));
    /* The interval keeps its relative width around the held-out estimate. */
    const struct cost_value around = {est, est * v.lo / v.value, est * v.hi / v.value,
                                      with_table ? COST_LEVEL_TABLE
                                                 : COST_LEVEL_FORMULA};
    calibrate_add_point(w, "mvu", cost_metric_names[COST_LUT], label, lut, around);
    calibrate_add_error(errors, est, lut);
    return ST_OK;
}

static status check_mvu(struct calibrate_work *w, size_t i, struct err *err)
{
    struct calibrate_check *c = &w->out->mvus[w->i_toolchain];
    const struct meas_row *r = &w->meas->rows[i];
    const double ff = r->value[ELEMENT_FF], dsp = r->value[ELEMENT_DSP];
    struct mvu_parts parts;
    char label[128];
    mvu_compose(&r->mvu, w->t->target, &parts);
    const struct element control = element_of_control(&r->mvu, parts.lut_control);
    element_describe(&control, label, sizeof label);
    c->n++;
    if (!isnan(ff))
        calibrate_check_exact(w, &c->ff, "mvu", COST_FF, label, (double)parts.ff, ff);
    if (!isnan(dsp))
        calibrate_check_exact(w, &c->dsp, "mvu", COST_DSP, label, (double)parts.dsp,
                              dsp);
    if (r->bram18 >= 0)
        calibrate_check_exact(w, &c->bram18, "mvu", COST_BRAM18, label,
                              (double)parts.bram18, (double)r->bram18);
    if (r->cycles > 0)
        calibrate_check_exact(w, &c->cycles, "mvu", COST_CYCLES, label,
                              (double)mvu_cycles(&r->mvu, r->n_vec), (double)r->cycles);
    TRY(check_lut(w, i, &parts, label, true, &c->lut_table, err));
    return check_lut(w, i, &parts, label, false, &c->lut_formula, err);
}

status calibrate_check_mvus(struct calibrate_work *w, struct err *err)
{
    for (size_t i = 0; i < w->meas->n_rows; i++)
        if (calibrate_is(w, i, MEAS_MVU)) TRY(check_mvu(w, i, err));
    return ST_OK;
}
