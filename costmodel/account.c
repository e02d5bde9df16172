/* account.c -- the text: a paragraph per class and metric, the terms that were used,
 * one line per goal. */
#include "costmodel/account.h"

#include <math.h>

#include "costmodel/terms.h"

static void print_formula(const struct model_fit *f, FILE *out)
{
    int32_t n;
    const struct cost_term *terms = terms_of(f->module, f->metric, &n);
    fprintf(out, "      %s =", element_metric_names[f->metric]);
    for (int32_t i = 0; i < f->formula.n_terms; i++) {
        const struct cost_term *t = &terms[f->formula.terms[i]];
        fprintf(out, "%s %.4g*%s", i ? " +" : "", f->formula.coefficients[i], t->name);
    }
    fprintf(out, "\n");
}

static void print_error(const char *what, int32_t n, const struct fit_error *e,
                        const char *unit, FILE *out)
{
    fprintf(out,
            "      %-8s held out: mean %.2f %%, median %.2f %%, max %.2f %%, largest "
            "%.3g %s (n %d); interval +-%.1f %%, nominal 90 %%, covers %.0f %%\n",
            what, 100 * e->mean, 100 * e->median, 100 * e->max, e->max_abs, unit, n,
            100 * e->half_width, 100 * e->coverage);
}

/* Parameters that one value stands for: their cost is hidden in that of the others.  1
 * is left out, which is what the classes of 1-bit operands are. */
static void print_constants(const struct model_fit *f, FILE *out)
{
    static const int varied[] = {BOX_SIMD, BOX_WBITS, BOX_ABITS, BOX_ACC_BITS};
    int n = 0;
    for (size_t i = 0; i < sizeof varied / sizeof *varied; i++) {
        const int k = varied[i];
        if (f->box_lo[k] != f->box_hi[k] || f->box_lo[k] <= 1) continue;
        fprintf(out, "%s %s is %d",
                n++ ? "," : "      constant:", box_parameter_names[k],
                (int)f->box_lo[k]);
    }
    if (n > 0) fprintf(out, " in all rows: the terms cannot tell what it costs\n");
}

static void print_class(const struct calibrate_class *c, FILE *out)
{
    const struct model_fit *f = c->fit;
    struct goal g;
    fprintf(out, "  %s class %s, %s: %d rows", element_module_names[c->module],
            element_class_name(c->module, c->i_class), element_metric_names[c->metric],
            c->n_rows);
    if (c->is_structure) {
        fprintf(out, ", all exact by structure\n");
        return;
    }
    if (!f) {
        fprintf(out, ": table only (%s)\n", c->why);
        return;
    }
    fprintf(out, ", %d groups held out in turn", c->n_groups);
    if (goal_of_class(c, &g)) fprintf(out, ": %s", g.met ? "goal met" : "GOAL MISSED");
    fprintf(out, "\n");
    print_formula(f, out);
    print_constants(f, out);
    fprintf(out, "      training: mean %.2f %%, max %.2f %%\n", 100 * f->train_mean,
            100 * f->train_max);
    const char *unit = element_metric_units[c->metric];
    print_error("formula", f->n_rows, &f->held_out, unit, out);
    if (f->n_scaled > 0) print_error("scaled", f->n_scaled, &f->scaled, unit, out);
}

static void print_tally(const char *what, const struct calibrate_tally *t, FILE *out)
{
    if (t->n > 0) fprintf(out, " %s %d/%d", what, t->n_equal, t->n);
}

static void print_check(const char *things, const struct calibrate_check *c, FILE *out)
{
    if (c->n == 0) return;
    fprintf(out, "  %d %s, exact by structure:", c->n, things);
    print_tally("ff", &c->ff, out);
    print_tally("dsp", &c->dsp, out);
    print_tally("bram18", &c->bram18, out);
    print_tally("cycles", &c->cycles, out);
    fprintf(out, "\n");
    if (c->lut_table.n > 0)
        fprintf(out, "      lut with the table: mean %.2f %%, max %.2f %% (n %d)\n",
                100 * c->lut_table.mean, 100 * c->lut_table.max, c->lut_table.n);
    if (c->lut_formula.n > 0)
        fprintf(out, "      lut by formula only: mean %.2f %%, max %.2f %% (n %d)\n",
                100 * c->lut_formula.mean, 100 * c->lut_formula.max, c->lut_formula.n);
    if (c->area_table.n > 0)
        fprintf(out, "      area with the table: mean %.2f %%, max %.2f %% (n %d)\n",
                100 * c->area_table.mean, 100 * c->area_table.max, c->area_table.n);
    if (c->area_formula.n > 0)
        fprintf(out, "      area by formula only: mean %.2f %%, max %.2f %% (n %d)\n",
                100 * c->area_formula.mean, 100 * c->area_formula.max,
                c->area_formula.n);
}

/* ---- the terms that formulas use ---- */

static bool is_used(const struct calibration *c, enum element_module m,
                    const struct cost_term *terms, int32_t i)
{
    for (int32_t k = 0; k < c->n_classes; k++) {
        const struct model_fit *f = c->classes[k].fit;
        int32_t n;
        if (!f || f->module != m || terms_of(m, f->metric, &n) != terms) continue;
        for (int32_t j = 0; j < f->formula.n_terms; j++)
            if (f->formula.terms[j] == i) return true;
    }
    return false;
}

/* Metrics of one kind have one list of terms; the first of them names it. */
static void print_terms(const struct calibration *c, FILE *out)
{
    for (int m = 0; m < ELEMENT_N_MODULES; m++)
        for (int k = 0; k < ELEMENT_N_METRICS; k++) {
            const enum element_module module = (enum element_module)m;
            const enum element_metric metric = (enum element_metric)k;
            int32_t n, n_before = 0;
            const struct cost_term *terms = terms_of(module, metric, &n);
            if (k > 0 &&
                terms_of(module, (enum element_metric)(k - 1), &n_before) == terms)
                continue;
            for (int32_t i = 0; i < n; i++)
                if (is_used(c, module, terms, i))
                    fprintf(out, "  %-13s %-12s %s%s%s%s: %s\n",
                            element_module_names[m], terms[i].name, terms[i].size,
                            terms[i].per[0] ? " [" : "", terms[i].per,
                            terms[i].per[0] ? "]" : "", terms[i].reason);
        }
}

/* ---- goals ---- */

static void print_goal(const struct calibration *c, const struct goal *g, FILE *out)
{
    fprintf(out, "  %-8s %-38s %5d", c->model->toolchains[g->i_toolchain].name, g->what,
            g->n);
    if (g->limit_mean == 0)
        fprintf(out, "  %6.2f %% %7.2f %%  (exact)", 100 * g->mean, 100 * g->max);
    else if (isinf(g->limit_max))
        fprintf(out, "  %6.2f %% %7.2f %%  (%.0f mean)", 100 * g->mean, 100 * g->max,
                100 * g->limit_mean);
    else
        fprintf(out, "  %6.2f %% %7.2f %%  (%.0f, %.0f)", 100 * g->mean, 100 * g->max,
                100 * g->limit_mean, 100 * g->limit_max);
    fprintf(out, " %s\n", g->met ? "met" : "MISSED");
}

void account_print(const struct calibration *c, int32_t n_goals,
                   const struct goal *goals, FILE *f)
{
    int32_t n_met = 0;
    for (int32_t i = 0; i < c->model->n_toolchains; i++) {
        const struct model_toolchain *t = &c->model->toolchains[i];
        fprintf(f, "%s (target %s, %s): %d measured elements\n", t->name,
                cost_model_target_name(c->model, i),
                t->tool_version[0] ? t->tool_version : "version unknown",
                t->n_elements);
        if (t->stimulus[0]) fprintf(f, "  energies are of %s operands\n", t->stimulus);
        for (int32_t k = 0; k < c->n_classes; k++)
            if (c->classes[k].i_toolchain == i) print_class(&c->classes[k], f);
        print_check("whole mvus", &c->mvus[i], f);
        print_check("arrays", &c->arrays[i], f);
    }
    fprintf(f, "terms used\n");
    print_terms(c, f);
    fprintf(f,
            "goals, on what was not in the fit; errors of lut and ff relative to at "
            "least 10\n  %-8s %-38s %5s  %8s %9s  limits in %%\n",
            "", "", "rows", "mean", "max");
    for (int32_t i = 0; i < n_goals; i++) {
        print_goal(c, &goals[i], f);
        n_met += goals[i].met;
    }
    fprintf(f, "%d of %d goals met", n_met, n_goals);
    int32_t n_table_only = 0;
    for (int32_t i = 0; i < c->n_classes; i++)
        n_table_only += !c->classes[i].fit && !c->classes[i].is_structure;
    if (n_table_only > 0)
        fprintf(f, "; %d classes have too few rows for a formula and no goal",
                n_table_only);
    fprintf(f, "\n");
}
