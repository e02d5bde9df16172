/* calibrate.c -- sorts rows into toolchains, makes the table, calls the fits. */
#include "costmodel/calibrate.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cli.h"
#include "costmodel/calibrate_internal.h"

const double goal_table_mean = 0.02, goal_formula_mean = 0.05, goal_formula_max = 0.15;

bool goal_met_by_formula(const struct fit_error *e)
{
    return (e->mean <= goal_formula_mean && e->max <= goal_formula_max) ||
           e->max_lut <= 1;
}

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
 * that the user says. */
static status find_target(const struct calibrate_options *opt, const char *name,
                          enum rtl_target *out, struct err *err)
{
    const char *given = given_target(opt, name);
    for (int i = 0; rtl_target_names[i]; i++) {
        const char *target = rtl_target_names[i];
        const size_t n = strlen(target);
        const bool named =
            strncmp(name, target, n) == 0 && !isalnum((unsigned char)name[n]);
        if (given ? strcmp(given, target) != 0 : !named) continue;
        *out = (enum rtl_target)i;
        return ST_OK;
    }
    if (given)
        return err_set(err, ST_USAGE, "--target %s=%s: expected xc7 or ice40 as target",
                       name, given);
    return err_set(
        err, ST_RANGE,
        "toolchain '%s': expected a name that begins with its target (xc7 or "
        "ice40); say --target %s=xc7",
        name, name);
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
        if (strncmp(t->tool_version, row->tool_version, sizeof t->tool_version - 1) ==
            0)
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
        t->n_elements += meas->rows[i].module != MEAS_MVU;
    }
    if (m->n_toolchains > 0) return check_given(meas, opt, m, err);
    return err_set(err, ST_RANGE, "%s: expected rows of toolchain '%s', found none",
                   meas->path, opt->only);
}

/* ---- the table ---- */

struct keyed_row {
    uint64_t key;
    const struct meas_row *row;
};

static int compare_keyed(const void *a, const void *b)
{
    const struct keyed_row *x = a, *y = b;
    if (x->key != y->key) return x->key < y->key ? -1 : 1;
    return (x->row->line > y->row->line) - (x->row->line < y->row->line);
}

static status check_repeated(const struct meas *meas, const struct meas_row *first,
                             const struct meas_row *again, struct err *err)
{
    char text[128];
    if (first->lut == again->lut && first->ff == again->ff && first->dsp == again->dsp)
        return ST_OK;
    return err_set(
        err, ST_RANGE,
        "%s:%d:%d: expected lut %lld, ff %lld, dsp %lld as in line %d for the "
        "same element (%s), found lut %lld, ff %lld, dsp %lld",
        meas->path, again->line, meas->lut_column, (long long)first->lut,
        (long long)first->ff, (long long)first->dsp, first->line,
        element_describe(&first->element, text, sizeof text), (long long)again->lut,
        (long long)again->ff, (long long)again->dsp);
}

static status make_table(struct calibrate_work *w, struct err *err)
{
    struct model_toolchain *t = w->t;
    const size_t n_all = (size_t)t->n_elements + 1;
    struct keyed_row *rows = ARENA_NEW(w->a, struct keyed_row, n_all);
    t->elements = ARENA_NEW(w->a, struct model_element, n_all);
    if (!rows || !t->elements) return arena_exhausted(err);
    size_t n = 0;
    for (size_t i = 0; i < w->meas->n_rows; i++) {
        const struct meas_row *r = &w->meas->rows[i];
        if (r->module != MEAS_MVU && strcmp(r->toolchain, t->name) == 0)
            rows[n++] = (struct keyed_row){element_key(&r->element), r};
    }
    qsort(rows, n, sizeof *rows, compare_keyed);
    t->n_elements = 0;
    for (size_t i = 0; i < n; i++) {
        const struct meas_row *r = rows[i].row;
        if (i > 0 && rows[i].key == rows[i - 1].key) {
            TRY(check_repeated(w->meas, rows[i - 1].row, r, err));
            w->out->n_repeated++;
            continue;
        }
        t->elements[t->n_elements++] = (struct model_element){
            .e = r->element, .lut = r->lut, .ff = r->ff, .dsp = r->dsp};
    }
    return model_index(t, w->a, err);
}

/* ---- all steps ---- */

struct calibrate_point *calibrate_add_point(struct calibrate_work *w)
{
    struct calibrate_point *p = &w->out->points[w->out->n_points++];
    p->i_toolchain = w->i_toolchain;
    return p;
}

static status one_toolchain(struct calibrate_work *w, struct err *err)
{
    const size_t n_classes = (size_t)ELEMENT_N_MODULES * ELEMENT_N_CLASSES;
    TRY(make_table(w, err));
    w->t->fits = ARENA_NEW(w->a, struct model_fit, n_classes);
    w->held_out = ARENA_NEW(w->a, double, (size_t)w->t->n_elements + 1);
    w->control_held_out = ARENA_NEW(w->a, double, w->meas->n_rows + 1);
    if (!w->t->fits || !w->held_out || !w->control_held_out)
        return arena_exhausted(err);
    TRY(calibrate_elements(w, err));
    TRY(model_index(w->t, w->a, err));
    TRY(calibrate_control(w, err));
    TRY(model_index(w->t, w->a, err));
    return calibrate_check_all(w, err);
}

status calibrate(const struct meas *meas, const struct calibrate_options *opt,
                 struct arena *a, struct calibration *out, struct err *err)
{
    const size_t n_classes = (size_t)ELEMENT_N_MODULES * ELEMENT_N_CLASSES;
    /* Per row at most: lut and ff of an element; six values of an mvu. */
    const size_t n_points = 6 * meas->n_rows;
    *out = (struct calibration){.model = ARENA_NEW(a, struct cost_model, 1)};
    out->points = ARENA_NEW(a, struct calibrate_point, n_points);
    out->classes =
        ARENA_NEW(a, struct calibrate_class, n_classes * MODEL_TOOLCHAINS_MAX);
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
