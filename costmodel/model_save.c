/* model_save.c -- writes cost.yaml; the keys are listed in costmodel/README.md. */
#include <math.h>

#include "base/yaml.h"
#include "costmodel/element_fields.h"
#include "costmodel/model_internal.h"
#include "costmodel/terms.h"

static void put_element(struct yaml_out *o, const struct model_element *m)
{
    yaml_out_map(o, true);
    yaml_out_put_text(o, "module", element_module_names[m->e.module]);
    for (const struct element_field *f = element_fields; f->name; f++) {
        const int32_t v = element_field_get(f, &m->e);
        if (!(f->modules >> m->e.module & 1)) continue;
        if (f->is_bool)
            yaml_out_put_bool(o, f->name, v);
        else if (v > 0) /* op_*: as built */
            yaml_out_put_int(o, f->name, v);
    }
    for (int i = 0; i < ELEMENT_N_METRICS; i++)
        if (!isnan(m->value[i]))
            yaml_out_put_double(o, element_metric_names[i], m->value[i]);
    yaml_out_end(o);
}

static void put_error(struct yaml_out *o, const char *key, int32_t n,
                      const struct fit_error *e)
{
    yaml_out_key(o, key);
    yaml_out_map(o, true);
    yaml_out_put_int(o, "n", n);
    yaml_out_put_double(o, "mean", e->mean);
    yaml_out_put_double(o, "median", e->median);
    yaml_out_put_double(o, "max", e->max);
    yaml_out_put_double(o, "max_absolute", e->max_abs);
    yaml_out_put_double(o, "half_width", e->half_width);
    yaml_out_put_double(o, "coverage", e->coverage);
    yaml_out_end(o);
}

static void put_terms(struct yaml_out *o, const struct model_fit *f)
{
    int32_t n;
    const struct cost_term *terms = terms_of(f->module, f->metric, &n);
    yaml_out_key(o, "terms");
    yaml_out_seq(o, false);
    for (int32_t i = 0; i < f->formula.n_terms; i++) {
        const struct cost_term *t = &terms[f->formula.terms[i]];
        char unit[32];
        yaml_out_map(o, true);
        yaml_out_put_text(o, "name", t->name);
        yaml_out_put_text(o, "size", t->size);
        yaml_out_put_double(o, "coefficient", f->formula.coefficients[i]);
        yaml_out_put_text(o, "unit", terms_unit(t, f->metric, unit, sizeof unit));
        yaml_out_end(o);
    }
    yaml_out_end(o);
}

static void put_box(struct yaml_out *o, const struct model_fit *f)
{
    yaml_out_key(o, "box");
    yaml_out_map(o, true);
    for (int i = 0; i < BOX_N; i++) {
        if (f->box_hi[i] == 0) continue; /* the module has no such parameter */
        yaml_out_key(o, box_parameter_names[i]);
        yaml_out_seq(o, true);
        yaml_out_int(o, f->box_lo[i]);
        yaml_out_int(o, f->box_hi[i]);
        yaml_out_end(o);
    }
    yaml_out_end(o);
}

static void put_fit(struct yaml_out *o, const struct model_fit *f)
{
    yaml_out_map(o, false);
    yaml_out_put_text(o, "module", element_module_names[f->module]);
    yaml_out_put_text(o, "class", element_class_name(f->module, f->i_class));
    yaml_out_put_text(o, "metric", element_metric_names[f->metric]);
    yaml_out_put_int(o, "n_rows", f->n_rows);
    yaml_out_put_int(o, "n_groups", f->n_groups);
    put_terms(o, f);
    yaml_out_key(o, "train");
    yaml_out_map(o, true);
    yaml_out_put_double(o, "mean", f->train_mean);
    yaml_out_put_double(o, "max", f->train_max);
    yaml_out_end(o);
    put_error(o, "formula", f->n_rows, &f->held_out);
    if (f->n_scaled > 0) put_error(o, "scaled", f->n_scaled, &f->scaled);
    put_box(o, f);
    yaml_out_end(o);
}

static void put_toolchain(struct yaml_out *o, const struct model_toolchain *t)
{
    yaml_out_map(o, false);
    yaml_out_put_text(o, "name", t->name);
    yaml_out_put_text(
        o, "target", t->target == RTL_N_TARGETS ? "none" : rtl_target_names[t->target]);
    yaml_out_put_text(o, "tool_version", t->tool_version);
    yaml_out_put_text(o, "options", t->options);
    yaml_out_put_text(o, "stimulus", t->stimulus);
    yaml_out_put_int(o, "n_fits", t->n_fits);
    yaml_out_put_int(o, "n_elements", t->n_elements);
    yaml_out_key(o, "fits");
    yaml_out_seq(o, false);
    for (int32_t i = 0; i < t->n_fits; i++)
        put_fit(o, &t->fits[i]);
    yaml_out_end(o);
    yaml_out_key(o, "elements");
    yaml_out_seq(o, false);
    for (int32_t i = 0; i < t->n_elements; i++)
        put_element(o, &t->elements[i]);
    yaml_out_end(o);
    yaml_out_end(o);
}

status cost_model_save(const struct cost_model *m, const struct provenance *p,
                       const char *path, struct err *err)
{
    struct yaml_out *o;
    TRY(yaml_out_open(path, &o, err));
    yaml_out_map(o, false);
    yaml_out_put_int(o, "version", COST_MODEL_VERSION);
    provenance_yaml(p, o);
    yaml_out_put_int(o, "n_toolchains", m->n_toolchains);
    yaml_out_key(o, "toolchains");
    yaml_out_seq(o, false);
    for (int32_t i = 0; i < m->n_toolchains; i++)
        put_toolchain(o, &m->toolchains[i]);
    yaml_out_end(o);
    yaml_out_end(o);
    return yaml_out_commit(o, err);
}
