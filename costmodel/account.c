/* account.c -- the text: one paragraph per class, one per toolchain for whole mvus. */
#include "costmodel/account.h"

#include "costmodel/terms.h"

static const char *verdict(bool met) { return met ? "goal met" : "GOAL MISSED"; }

static void print_formula(const struct model_fit *f, FILE *out)
{
    int32_t n;
    const struct cost_term *terms = terms_of(f->module, &n);
    fprintf(out, "      lut =");
    for (int32_t i = 0; i < f->formula.n_terms; i++) {
        const struct cost_term *t = &terms[f->formula.terms[i]];
        fprintf(out, "%s %.4g*%s", i ? " +" : "", f->formula.coefficients[i], t->name);
    }
    fprintf(out, "\n");
    for (int32_t i = 0; i < f->formula.n_terms; i++) {
        const struct cost_term *t = &terms[f->formula.terms[i]];
        fprintf(out, "        %-11s %s [%s]: %s\n", t->name, t->size, t->unit,
                t->reason);
    }
}

static void print_error(const char *what, int32_t n, const struct fit_error *e,
                        FILE *out)
{
    fprintf(
        out,
        "      %-8s held out: mean %.2f %%, median %.2f %%, max %.2f %%, max %.1f LUT "
        "(n %d); 90 %% interval +-%.1f %%, covers %.0f %%\n",
        what, 100 * e->mean, 100 * e->median, 100 * e->max, e->max_lut, n,
        100 * e->half_width, 100 * e->coverage);
}

static void print_class(const struct calibrate_class *c, FILE *out)
{
    const struct model_fit *f = c->fit;
    fprintf(out, "  %s class %s: %d rows, %d groups held out in turn", /* */
            element_module_names[c->module], element_class_name(c->module, c->i_class),
            c->n_rows, c->n_groups);
    if (!f) {
        fprintf(out, ": table only (%s)\n", c->why);
        return;
    }
    const bool is_goal = c->module != ELEMENT_CONTROL;
    fprintf(out, "%s%s\n", is_goal ? ": " : "",
            is_goal ? verdict(goal_met_by_formula(&f->held_out)) : "");
    print_formula(f, out);
    fprintf(out, "      training: mean %.2f %%, max %.2f %%\n", 100 * f->train_mean,
            100 * f->train_max);
    print_error("formula", f->n_rows, &f->held_out, out);
    if (f->n_scaled > 0) print_error("scaled", f->n_scaled, &f->scaled, out);
}

static void print_tally(const char *what, const struct calibrate_tally *t, FILE *out)
{
    if (t->n > 0) fprintf(out, " %s %d/%d", what, t->n_equal, t->n);
}

static void print_check(const struct calibrate_check *c, FILE *out)
{
    fprintf(out, "  elements, exact by structure:");
    print_tally("ff", &c->element_ff, out);
    fprintf(out, "\n");
    if (c->n_mvu == 0) return;
    fprintf(out, "  %d whole mvu, exact by structure:", c->n_mvu);
    print_tally("ff", &c->ff, out);
    print_tally("dsp", &c->dsp, out);
    print_tally("bram18", &c->bram18, out);
    print_tally("cycles", &c->cycles, out);
    fprintf(out, "\n");
    if (c->lut_table.n > 0)
        fprintf(out, "      lut with the table: mean %.2f %%, max %.2f %% (n %d): %s\n",
                100 * c->lut_table.mean, 100 * c->lut_table.max, c->lut_table.n,
                verdict(c->lut_table.mean <= goal_table_mean));
    if (c->lut_formula.n > 0)
        fprintf(out,
                "      lut by formula only: mean %.2f %%, max %.2f %% (n %d): %s\n",
                100 * c->lut_formula.mean, 100 * c->lut_formula.max, c->lut_formula.n,
                verdict(c->lut_formula.mean <= goal_formula_mean &&
                        c->lut_formula.max <= goal_formula_max));
}

void account_print(const struct calibration *c, FILE *f)
{
    for (int32_t i = 0; i < c->model->n_toolchains; i++) {
        const struct model_toolchain *t = &c->model->toolchains[i];
        fprintf(f, "%s (target %s, %s): %d measured elements\n", t->name,
                rtl_target_names[t->target],
                t->tool_version[0] ? t->tool_version : "version unknown",
                t->n_elements);
        for (int32_t k = 0; k < c->n_classes; k++)
            if (c->classes[k].i_toolchain == i) print_class(&c->classes[k], f);
        print_check(&c->checks[i], f);
    }
    fprintf(f,
            "goals, on what was not in the fit: lut by formula mean <= %.0f %% and max "
            "<= %.0f %% (or max <= 1 LUT), mvu with the table mean <= %.0f %%\n",
            100 * goal_formula_mean, 100 * goal_formula_max, 100 * goal_table_mean);
}
