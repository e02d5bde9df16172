#include "sim/verify_report.h"

#include <math.h>
#include <string.h>

/* ---- table ---- */

/* "est / meas", with - for what is not known. */
static void print_pair(FILE *f, double est, bool measured, int64_t meas)
{
    char left[16] = "-", right[16] = "-";
    if (!isnan(est)) (void)snprintf(left, sizeof left, "%.0f", est);
    if (measured) (void)snprintf(right, sizeof right, "%lld", (long long)meas);
    fprintf(f, " %7s /%7s", left, right);
}

static void print_row(FILE *f, const char *name, const char *shape, const char *exact,
                      int64_t est_cycles, int64_t meas_cycles)
{
    fprintf(f, "%-16s %-16s %-5s %9lld /%9lld", name, shape, exact,
            (long long)est_cycles, (long long)meas_cycles);
}

static void print_layer(FILE *f, const struct verify_layer *l)
{
    char shape[48];
    (void)snprintf(shape, sizeof shape, "W%dA%d %dx%d", l->mvu->wbits, l->mvu->abits,
                   l->mvu->PE, l->mvu->SIMD);
    print_row(f, l->mvu->name, shape, l->bit_exact ? "yes" : "NO", l->plan->cycles,
              l->meas_cycles);
    const struct cell_count *c = &l->synth.total;
    print_pair(f, l->plan->lut, l->synthesised, c->lut);
    print_pair(f, l->plan->ff, l->synthesised, c->ff);
    print_pair(f, l->plan->dsp, l->synthesised, c->dsp);
    print_pair(f, l->plan->bram18, l->synthesised, c->bram18);
    fputc('\n', f);
}

static double estimate(const struct verify_result *r, const char *name)
{
    return plan_metric_find(r->plan.estimates, r->plan.n_estimates, name);
}

static void print_totals(FILE *f, const struct verify_result *r)
{
    print_row(f, "total", "", r->bit_exact ? "yes" : "NO", r->est_cycles,
              r->meas_cycles);
    print_pair(f, estimate(r, "lut"), r->synthesised, r->meas.lut);
    print_pair(f, estimate(r, "ff"), r->synthesised, r->meas.ff);
    print_pair(f, estimate(r, "dsp"), r->synthesised, r->meas.dsp);
    print_pair(f, estimate(r, "bram18"), r->synthesised, r->meas.bram18);
    fputc('\n', f);
}

static void print_budgets(FILE *f, const struct verify_result *r)
{
    for (int32_t i = 0; i < r->plan.n_budgets; i++) {
        const struct plan_metric *b = &r->plan.budgets[i];
        double value = 0;
        bool measured = false;
        if (!verify_budget(r, b, &value, &measured)) {
            fprintf(f, "budget %s: %g, neither measured nor estimated\n", b->name,
                    b->value);
            continue;
        }
        fprintf(f, "budget %s: %g, %s %g: %s\n", b->name, b->value,
                measured ? "measured" : "estimated", value,
                value <= b->value ? "met" : "NOT MET");
    }
}

void verify_print(const struct verify_result *r, FILE *f)
{
    fprintf(f, "%-16s %-16s %-5s %9s /%9s %7s /%7s %7s /%7s %7s /%7s %7s /%7s\n",
            "layer", "bits, PExSIMD", "exact", "cyc est", "meas", "LUT est", "meas",
            "FF est", "meas", "DSP est", "meas", "BRAM18", "meas");
    for (int32_t i = 0; i < r->n_layers; i++)
        print_layer(f, &r->layers[i]);
    print_totals(f, r);
    print_budgets(f, r);
    fprintf(f, "accuracy of the integer engine on %d test images: %.4f\n",
            r->n_test_images, r->accuracy);
    for (int32_t i = 0; i < r->plan.n_uniform; i++)
        fprintf(f, "  uniform %s bits: %.4f\n", r->plan.uniform[i].bits,
                r->plan.uniform[i].accuracy);
    fprintf(f, "%d layers on the RTL, %d images: %s\n", r->n_layers, r->n_images,
            r->bit_exact ? "bit-exact" : "NOT bit-exact");
}

/* ---- json ---- */

/* NaN has no JSON: the key is left out. */
static int put_real(json_t *o, const char *prefix, const char *suffix, double v)
{
    char key[48];
    (void)snprintf(key, sizeof key, "%s%s", prefix, suffix);
    return isnan(v) ? 0 : json_object_set_new(o, key, json_real(v));
}

static int put_int(json_t *o, const char *prefix, const char *suffix, int64_t v)
{
    char key[48];
    (void)snprintf(key, sizeof key, "%s%s", prefix, suffix);
    return json_object_set_new(o, key, json_integer((json_int_t)v));
}

static int put_counts(json_t *o, const struct cell_count *c)
{
    return put_int(o, "lut", "_meas", c->lut) | put_int(o, "ff", "_meas", c->ff) |
           put_int(o, "dsp", "_meas", c->dsp) |
           put_int(o, "bram18", "_meas", c->bram18) |
           put_int(o, "lutram", "_meas", c->lutram);
}

static int put_parts(json_t *o, const struct verify_layer *l)
{
    json_t *parts = json_object();
    int bad = json_object_set_new(o, "parts", parts);
    for (int i = 0; i < l->synth.n_parts && !bad; i++)
        bad = put_int(parts, l->synth.parts[i].module, "", l->synth.parts[i].sum.lut);
    return bad;
}

static json_t *layer_json(const struct verify_layer *l)
{
    const struct mvu_config *m = l->mvu;
    json_t *o =
        json_pack("{s:s, s:i, s:i, s:i, s:i, s:b, s:I, s:I}", "name", m->name, "wbits",
                  m->wbits, "abits", m->abits, "PE", m->PE, "SIMD", m->SIMD,
                  "bit_exact", l->bit_exact, "cycles_est", (json_int_t)l->plan->cycles,
                  "cycles_meas", (json_int_t)l->meas_cycles);
    if (!o) return NULL;
    int bad = put_real(o, "lut", "_est", l->plan->lut) |
              put_real(o, "ff", "_est", l->plan->ff) |
              put_real(o, "dsp", "_est", l->plan->dsp) |
              put_real(o, "bram18", "_est", l->plan->bram18);
    bad |= put_real(o, "build", "_s", l->build_s) | put_real(o, "sim", "_s", l->sim_s);
    if (l->synthesised) bad |= put_counts(o, &l->synth.total) | put_parts(o, l);
    if (l->st != ST_OK)
        bad |= json_object_set_new(o, "difference", json_string(l->why.msg));
    if (!bad) return o;
    json_decref(o);
    return NULL;
}

static int put_layers(json_t *root, const struct verify_result *r)
{
    json_t *layers = json_array();
    int bad = json_object_set_new(root, "layers", layers);
    for (int32_t i = 0; i < r->n_layers && !bad; i++)
        bad = json_array_append_new(layers, layer_json(&r->layers[i]));
    return bad;
}

static int put_estimates(json_t *root, const struct verify_result *r)
{
    int bad = 0;
    for (int32_t i = 0; i < r->plan.n_estimates; i++)
        if (strcmp(r->plan.estimates[i].name, "cycles") != 0)
            bad |= put_real(root, r->plan.estimates[i].name, "_est",
                            r->plan.estimates[i].value);
    return bad;
}

static int put_uniform(json_t *root, const struct verify_result *r)
{
    json_t *uniform = json_object();
    int bad = json_object_set_new(root, "accuracy_uniform", uniform);
    for (int32_t i = 0; i < r->plan.n_uniform && !bad; i++)
        bad =
            put_real(uniform, r->plan.uniform[i].bits, "", r->plan.uniform[i].accuracy);
    return bad;
}

static int put_budgets(json_t *root, const struct verify_result *r)
{
    json_t *budgets = json_object();
    int bad = json_object_set_new(root, "budgets", budgets);
    for (int32_t i = 0; i < r->plan.n_budgets && !bad; i++) {
        const struct plan_metric *b = &r->plan.budgets[i];
        double value = 0;
        bool measured = false;
        if (!verify_budget(r, b, &value, &measured)) continue;
        bad = json_object_set_new(budgets, b->name,
                                  json_pack("{s:f, s:f, s:b, s:b}", "limit", b->value,
                                            "value", value, "measured", measured, "met",
                                            value <= b->value));
    }
    return bad;
}

json_t *verify_json(const struct verify_result *r, const struct provenance *p)
{
    json_t *root = json_pack(
        "{s:i, s:o, s:s, s:s, s:i, s:i, s:b, s:b, s:I, s:I, s:f, s:b}", "version", 1,
        "provenance", provenance_json(p), "plan", r->plan.path, "data", r->plan.data,
        "n_images", r->n_images, "n_test_images", r->n_test_images, "bit_exact",
        r->bit_exact, "cycles_equal", r->cycles_equal, "cycles_est",
        (json_int_t)r->est_cycles, "cycles_meas", (json_int_t)r->meas_cycles,
        "accuracy_plan", r->accuracy, "budget_met", verify_budgets_met(r));
    if (!root) return NULL;
    int bad = put_estimates(root, r) | put_uniform(root, r) | put_budgets(root, r) |
              put_layers(root, r);
    if (r->synthesised) bad |= put_counts(root, &r->meas);
    if (!bad) return root;
    json_decref(root);
    return NULL;
}
