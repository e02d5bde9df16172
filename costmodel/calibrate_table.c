/* calibrate_table.c -- the table: every measured element once, with what all of its
 * rows say of it.
 *
 * A row of a unit with modes says two things: what the unit costs as built, and what
 * the precision that ran costs; they become two elements. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "costmodel/calibrate_internal.h"

struct keyed_row {
    uint64_t key;
    struct element e;
    bool is_run; /* takes the metrics of a run, else those as built; both are taken
                    where the two are one element */
    const struct meas_row *row;
};

static int compare_keyed(const void *a, const void *b)
{
    const struct keyed_row *x = a, *y = b;
    if (x->key != y->key) return x->key < y->key ? -1 : 1;
    return (x->row->line > y->row->line) - (x->row->line < y->row->line);
}

static bool stimulus_counts(const struct calibrate_work *w, const struct meas_row *r)
{
    const char *wanted = w->opt->stimulus ? w->opt->stimulus : "uniform";
    return strcmp(r->stimulus[0] ? r->stimulus : "uniform", wanted) == 0;
}

/* The metric is one that this row tells of this element. */
static bool tells(const struct calibrate_work *w, const struct keyed_row *k, int metric)
{
    const bool run = element_metric_is_run((enum element_metric)metric);
    if (isnan(k->row->value[metric])) return false;
    if (run && !stimulus_counts(w, k->row)) return false;
    return !element_has_modes(k->e.module) || run == k->is_run;
}

/* Numbers are as they were written; two ways of writing one are the same. */
static bool agree(double a, double b)
{
    return fabs(a - b) <= 1e-9 * fmax(fabs(a), fabs(b));
}

static status disagree(const struct calibrate_work *w, const struct keyed_row *k,
                       int metric, double first, int32_t first_line, struct err *err)
{
    char text[160];
    return err_set(
        err, ST_RANGE,
        "%s:%d:%d: expected %s %.10g as in line %d for the same element (%s), "
        "found %.10g",
        w->meas->path, k->row->line, w->meas->column[metric],
        element_metric_names[metric], first, first_line,
        element_describe(&k->e, text, sizeof text), k->row->value[metric]);
}

/* Adds what the row says to an element; lines: where each metric came from. */
static status merge(struct calibrate_work *w, const struct keyed_row *k,
                    struct model_element *m, int32_t lines[ELEMENT_N_METRICS],
                    struct err *err)
{
    int n_new = 0;
    for (int i = 0; i < ELEMENT_N_METRICS; i++) {
        const double value = k->row->value[i];
        if (!tells(w, k, i)) continue;
        if (isnan(m->value[i])) {
            m->value[i] = value;
            lines[i] = k->row->line;
            n_new++;
        } else if (!agree(value, m->value[i])) {
            return disagree(w, k, i, m->value[i], lines[i], err);
        }
    }
    w->out->n_repeated += n_new == 0 && (!element_has_modes(k->e.module) || k->is_run);
    return ST_OK;
}

static size_t collect(struct calibrate_work *w, struct keyed_row *rows)
{
    size_t n = 0;
    for (size_t i = 0; i < w->meas->n_rows; i++) {
        const struct meas_row *r = &w->meas->rows[i];
        if (!calibrate_is(w, i, MEAS_ELEMENT)) continue;
        const struct element built = element_as_built(&r->element);
        const bool has_energy =
            !isnan(r->value[ELEMENT_ENERGY]) || !isnan(r->value[ELEMENT_ENERGY_ZERO]);
        w->out->n_other_stimulus += has_energy && !stimulus_counts(w, r);
        rows[n++] = (struct keyed_row){element_key(&built), built, false, r};
        if (element_has_modes(built.module) && r->element.op_wbits > 0 && has_energy)
            rows[n++] =
                (struct keyed_row){element_key(&r->element), r->element, true, r};
    }
    qsort(rows, n, sizeof *rows, compare_keyed);
    return n;
}

static bool has_value(const struct model_element *m)
{
    for (int i = 0; i < ELEMENT_N_METRICS; i++)
        if (!isnan(m->value[i])) return true;
    return false;
}

static void note_stimulus(struct calibrate_work *w)
{
    const char *wanted = w->opt->stimulus ? w->opt->stimulus : "uniform";
    for (int32_t i = 0; i < w->t->n_elements; i++)
        if (!isnan(w->t->elements[i].value[ELEMENT_ENERGY]) ||
            !isnan(w->t->elements[i].value[ELEMENT_ENERGY_ZERO]))
            snprintf(w->t->stimulus, sizeof w->t->stimulus, "%s", wanted);
}

status calibrate_table(struct calibrate_work *w, struct err *err)
{
    struct model_toolchain *t = w->t;
    struct keyed_row *rows = ARENA_NEW(w->a, struct keyed_row, 2 * w->meas->n_rows + 1);
    if (!rows) return arena_exhausted(err);
    const size_t n = collect(w, rows);
    t->elements = ARENA_NEW(w->a, struct model_element, n + 1);
    if (!t->elements) return arena_exhausted(err);
    t->n_elements = 0;
    for (size_t i = 0; i < n;) {
        struct model_element *m = &t->elements[t->n_elements];
        int32_t lines[ELEMENT_N_METRICS];
        const uint64_t key = rows[i].key;
        m->e = rows[i].e;
        for (int k = 0; k < ELEMENT_N_METRICS; k++)
            m->value[k] = NAN;
        for (; i < n && rows[i].key == key; i++)
            TRY(merge(w, &rows[i], m, lines, err));
        t->n_elements += has_value(m);
    }
    note_stimulus(w);
    return model_index(t, w->a, err);
}
