/* calibrate_mvu.c -- the whole units among the measurements: what is left of them
 * for the control, and how well the composition meets them. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "costmodel/calibrate_internal.h"

/* ---- control ---- */

static bool is_mvu_row(const struct calibrate_work *w, size_t i)
{
    const struct meas_row *r = &w->meas->rows[i];
    return r->module == MEAS_MVU && strcmp(r->toolchain, w->t->name) == 0;
}

/* LUT of an mvu beyond its measured parts, NaN if a part was not measured.  A flow
 * that optimises across the boundaries of modules may make it negative: nothing. */
static double left_for_control(const struct calibrate_work *w, const struct meas_row *r,
                               struct element *control)
{
    struct mvu_parts parts;
    mvu_compose(&r->mvu, w->t->target, &parts);
    const struct element mac = element_of_mac(&parts.mac);
    const struct element requant = element_of_requant(&parts.requant);
    const struct model_element *m = model_find(w->t, &mac);
    const struct model_element *q = model_find(w->t, &requant);
    *control = element_of_control(&r->mvu, parts.lut_control);
    if (!m || !q) return NAN;
    return fmax(0, (double)(r->lut - parts.n_mac * m->lut - parts.n_requant * q->lut -
                            parts.lut_memory));
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
        if (!is_mvu_row(w, i)) continue;
        const double left = left_for_control(w, &w->meas->rows[i], &elements[n]);
        if (isnan(left) || element_class(&elements[n]) != i_class) continue;
        lut[n] = left;
        whole[n] = (double)w->meas->rows[i].lut;
        group[n] = n;
        index[n++] = i;
    }
    if (n == 0) return ST_OK;
    const struct calibrate_rows rows = {.module = ELEMENT_CONTROL,
                                        .i_class = i_class,
                                        .n = n,
                                        .elements = elements,
                                        .lut = lut,
                                        .whole = whole,
                                        .group = group,
                                        .n_groups = n};
    TRY(calibrate_fit_class(w, &rows, predicted, err));
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

static void add_error(struct calibrate_errors *e, double estimate, double measured)
{
    const double error = fit_relative_error(estimate, measured);
    e->mean += error; /* the sum until all are in */
    if (error > e->max) e->max = error;
    e->n++;
}

static void check_exact(struct calibrate_work *w, struct calibrate_tally *tally,
                        enum cost_metric metric, const char *label, double est,
                        double meas)
{
    struct calibrate_point *p = calibrate_add_point(w);
    p->module = "mvu";
    p->metric = metric;
    snprintf(p->label, sizeof p->label, "%s", label);
    p->meas = meas;
    p->est = (struct cost_value){est, est, est, COST_LEVEL_EXACT};
    p->held_out = true; /* structure has no coefficients to fit */
    tally->n++;
    tally->n_equal += est == meas;
}

/* LUT of a part: measured, or by formula as if the table had never seen it. */
static double part_lut(const struct calibrate_work *w, const struct element *e,
                       bool with_table)
{
    struct cost_value v;
    const char *outside;
    const struct model_element *m = model_find(w->t, e);
    if (with_table) return m ? (double)m->lut : NAN;
    if (m) return w->held_out[m - w->t->elements];
    return model_element_lut(w->t, e, false, &v, &outside, NULL) == ST_OK ? v.value
                                                                          : NAN;
}

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
        left = model_element_lut(w->t, &control, false, &v, &outside, NULL) == ST_OK
                   ? v.value
                   : parts->lut_control;
    return parts->n_mac * part_lut(w, &mac, with_table) +
           parts->n_requant * part_lut(w, &requant, with_table) +
           (double)parts->lut_memory + left;
}

static status check_lut(struct calibrate_work *w, size_t i,
                        const struct mvu_parts *parts, const char *label,
                        bool with_table, struct calibrate_errors *errors,
                        struct err *err)
{
    const struct meas_row *r = &w->meas->rows[i];
    const double est = held_out_lut(w, i, parts, with_table);
    struct cost_value v;
    const char *outside;
    if (isnan(est)) return ST_OK;
    TRY(model_mvu_lut(w->t, &r->mvu, parts, with_table, &v, &outside, err));
    struct calibrate_point *p = calibrate_add_point(w);
    p->module = "mvu";
    p->metric = COST_LUT;
    snprintf(p->label, sizeof p->label, "%s", label);
    p->meas = (double)r->lut;
    /* The interval keeps its relative width around the held-out estimate. */
    p->est = (struct cost_value){est, est * v.lo / v.value, est * v.hi / v.value,
                                 with_table ? COST_LEVEL_TABLE : COST_LEVEL_FORMULA};
    p->held_out = true;
    add_error(errors, est, (double)r->lut);
    return ST_OK;
}

static status check_mvu(struct calibrate_work *w, size_t i, struct err *err)
{
    struct calibrate_check *c = &w->out->checks[w->i_toolchain];
    const struct meas_row *r = &w->meas->rows[i];
    struct mvu_parts parts;
    char label[128];
    mvu_compose(&r->mvu, w->t->target, &parts);
    const struct element control = element_of_control(&r->mvu, parts.lut_control);
    element_describe(&control, label, sizeof label);
    c->n_mvu++;
    check_exact(w, &c->ff, COST_FF, label, (double)parts.ff, (double)r->ff);
    check_exact(w, &c->dsp, COST_DSP, label, (double)parts.dsp, (double)r->dsp);
    check_exact(w, &c->bram18, COST_BRAM18, label, (double)parts.bram18,
                (double)r->bram18);
    if (r->cycles > 0)
        check_exact(w, &c->cycles, COST_CYCLES, label,
                    (double)mvu_cycles(&r->mvu, r->n_vec), (double)r->cycles);
    TRY(check_lut(w, i, &parts, label, true, &c->lut_table, err));
    return check_lut(w, i, &parts, label, false, &c->lut_formula, err);
}

/* LUT by held-out formula, and FF by structure. */
static void check_element(struct calibrate_work *w, int32_t i)
{
    const struct model_element *m = &w->t->elements[i];
    struct calibrate_tally *ff = &w->out->checks[w->i_toolchain].element_ff;
    const struct mac_config mac = {m->e.SIMD,    m->e.wbits,   m->e.abits,
                                   m->e.wsigned, m->e.asigned, m->e.acc_bits,
                                   RTL_MUL_LUT};
    const struct requant_config requant = {
        m->e.acc_bits, m->e.out_bits, m->e.out_signed, m->e.shift,
        m->e.requant_dsp ? RTL_MUL_DSP : RTL_MUL_LUT};
    const int64_t est_ff =
        m->e.module == ELEMENT_MAC ? mac_ff(&mac) : requant_ff(&requant, w->t->target);
    const double est = w->held_out[i];
    ff->n++;
    ff->n_equal += est_ff == m->ff;
    if (isnan(est)) return;
    const struct model_fit *f = w->t->fit_of[m->e.module][element_class(&m->e)];
    struct calibrate_point *p = calibrate_add_point(w);
    p->module = element_module_names[m->e.module];
    p->metric = COST_LUT;
    element_describe(&m->e, p->label, sizeof p->label);
    p->meas = (double)m->lut;
    p->est =
        (struct cost_value){est, fmax(0, est * (1 - f->held_out.half_width)),
                            est * (1 + f->held_out.half_width), COST_LEVEL_FORMULA};
    p->held_out = true;
}

status calibrate_check_all(struct calibrate_work *w, struct err *err)
{
    struct calibrate_check *c = &w->out->checks[w->i_toolchain];
    for (int32_t i = 0; i < w->t->n_elements; i++)
        check_element(w, i);
    for (size_t i = 0; i < w->meas->n_rows; i++)
        if (is_mvu_row(w, i)) TRY(check_mvu(w, i, err));
    if (c->lut_table.n > 0) c->lut_table.mean /= c->lut_table.n;
    if (c->lut_formula.n > 0) c->lut_formula.mean /= c->lut_formula.n;
    return ST_OK;
}
