/* calibrate_array.c -- the arrays of MAC units among the measurements: what is left of
 * them beside their units, and how well the composition meets them. */
#include <math.h>
#include <stdio.h>

#include "costmodel/calibrate_internal.h"
#include "costmodel/device.h"

static bool is_array(const struct calibrate_work *w, size_t i)
{
    return calibrate_is(w, i, MEAS_OS) || calibrate_is(w, i, MEAS_WS);
}

static struct systolic_config config_of(const struct meas_row *r)
{
    return (struct systolic_config){.flow = r->module == MEAS_OS ? SYSTOLIC_OS
                                                                 : SYSTOLIC_WS,
                                    .rows = r->rows,
                                    .cols = r->cols,
                                    .unit = element_unit(&r->element)};
}

/* ---- what lies between the units ---- */

/* Room for all arrays of one class. */
struct left {
    struct element *elements;
    double *measured, *whole, *predicted;
    int32_t *group;
    size_t *index;
};

static status new_left(struct calibrate_work *w, struct left *l, struct err *err)
{
    const size_t n = w->meas->n_rows;
    l->elements = ARENA_NEW(w->a, struct element, n);
    l->measured = ARENA_NEW(w->a, double, n);
    l->whole = ARENA_NEW(w->a, double, n);
    l->predicted = ARENA_NEW(w->a, double, n);
    l->group = ARENA_NEW(w->a, int32_t, n);
    l->index = ARENA_NEW(w->a, size_t, n);
    if (!l->elements || !l->measured || !l->whole || !l->predicted || !l->group ||
        !l->index)
        return arena_exhausted(err);
    return ST_OK;
}

static int32_t gather_left(const struct calibrate_work *w, enum element_metric metric,
                           int32_t i_class, struct left *l)
{
    int32_t n = 0;
    for (size_t i = 0; i < w->meas->n_rows; i++) {
        if (!is_array(w, i)) continue;
        const struct meas_row *r = &w->meas->rows[i];
        const struct systolic_config c = config_of(r);
        const struct element unit = element_as_built(&r->element);
        const double left =
            r->value[metric] - c.rows * c.cols * calibrate_part(w, &unit, metric, true);
        l->elements[n] = element_of_array(&c, device_of(w->t->name).srl);
        if (isnan(left) || element_class(&l->elements[n]) != i_class) continue;
        l->measured[n] = left < 0 ? 0 : left;
        l->whole[n] = r->value[metric];
        l->group[n] = n;
        l->index[n++] = i;
    }
    return n;
}

status calibrate_arrays(struct calibrate_work *w, struct err *err)
{
    static const enum element_metric metrics[] = {ELEMENT_LUT, ELEMENT_AREA};
    struct left l;
    TRY(new_left(w, &l, err));
    for (int k = 0; k < 2; k++)
        for (int32_t c = 0; c < element_n_classes(ELEMENT_ARRAY); c++) {
            const int32_t n = gather_left(w, metrics[k], c, &l);
            const struct calibrate_rows rows = {.module = ELEMENT_ARRAY,
                                                .i_class = c,
                                                .metric = metrics[k],
                                                .n = n,
                                                .elements = l.elements,
                                                .measured = l.measured,
                                                .whole = l.whole,
                                                .group = l.group,
                                                .n_groups = n};
            if (n == 0) continue;
            TRY(calibrate_fit_class(w, &rows, l.predicted, NULL, err));
            for (int32_t i = 0; i < n; i++)
                w->array_held_out[k][l.index[i]] = l.predicted[i];
        }
    return ST_OK;
}

/* ---- check ---- */

static void check_value(struct calibrate_work *w, size_t i, int k, const char *label,
                        bool with_table, struct calibrate_errors *errors)
{
    const enum element_metric metric = k == 0 ? ELEMENT_LUT : ELEMENT_AREA;
    const struct meas_row *r = &w->meas->rows[i];
    const struct systolic_config c = config_of(r);
    const struct element unit = element_as_built(&r->element);
    const double est = c.rows * c.cols * calibrate_part(w, &unit, metric, with_table) +
                       w->array_held_out[k][i];
    struct cost_value v;
    const char *outside = NULL;
    if (isnan(est) || isnan(r->value[metric]) ||
        model_array_value(w->t, &c, metric, with_table, &v, &outside, NULL) != ST_OK)
        return;
    const double scale = v.value > 0 ? est / v.value : 1;
    const struct cost_value around = {est, v.lo * scale, v.hi * scale,
                                      with_table ? COST_LEVEL_TABLE
                                                 : COST_LEVEL_FORMULA};
    calibrate_add_point(w, systolic_names[c.flow], element_metric_names[metric], label,
                        r->value[metric], around);
    calibrate_add_error(errors, est, r->value[metric]);
}

static void check_count(struct calibrate_work *w, size_t i, enum element_metric metric,
                        enum cost_metric name, const char *label,
                        struct calibrate_tally *tally)
{
    const struct meas_row *r = &w->meas->rows[i];
    const struct systolic_config c = config_of(r);
    struct cost_value v;
    const char *outside;
    if (isnan(r->value[metric]) ||
        model_array_value(w->t, &c, metric, true, &v, &outside, NULL) != ST_OK)
        return;
    calibrate_check_exact(w, tally, systolic_names[c.flow], name, label, v.value,
                          r->value[metric]);
}

static void check_array(struct calibrate_work *w, size_t i)
{
    struct calibrate_check *k = &w->out->arrays[w->i_toolchain];
    const struct meas_row *r = &w->meas->rows[i];
    char unit[96], label[160];
    snprintf(label, sizeof label, "%d x %d %s %s", r->rows, r->cols,
             element_module_names[r->element.module],
             element_describe(&r->element, unit, sizeof unit));
    k->n++;
    check_count(w, i, ELEMENT_FF, COST_FF, label, &k->ff);
    check_count(w, i, ELEMENT_DSP, COST_DSP, label, &k->dsp);
    check_value(w, i, 0, label, true, &k->lut_table);
    check_value(w, i, 0, label, false, &k->lut_formula);
    check_value(w, i, 1, label, true, &k->area_table);
    check_value(w, i, 1, label, false, &k->area_formula);
}

status calibrate_check_arrays(struct calibrate_work *w, struct err *err)
{
    (void)err;
    for (size_t i = 0; i < w->meas->n_rows; i++)
        if (is_array(w, i)) check_array(w, i);
    return ST_OK;
}
