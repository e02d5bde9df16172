/* read_verify.c -- verify.json: what the RTL did, beside what was estimated. */
#include <math.h>
#include <string.h>

#include "reports/artefacts.h"
#include "reports/json_read.h"
#include "reports/source.h"

/* <metric>_meas for every metric of the plan; cycles are always measured, resources
 * only where the layers were synthesised. */
static status read_measurements(const struct json_place *p, struct arena *a,
                                struct report *r, struct err *err)
{
    double ignored;
    TRY(json_need_double(p, "cycles_est", &ignored, err));
    TRY(json_need_double(p, "cycles_meas", &ignored, err));
    for (int32_t i = 0; i < r->n_metrics; i++) {
        const char *key = arena_printf(a, "%s_meas", r->metrics[i].name);
        if (key == NULL) return arena_exhausted(err);
        TRY(json_may_double(p, key, &r->metrics[i].meas, err));
    }
    return ST_OK;
}

/* The verified accuracy must be the plan's, to half an image, where both counted the
 * same images.  The uniform baselines are the plan's own: here for other readers. */
static status check_accuracy(const struct json_place *p, const struct report *r,
                             struct err *err)
{
    double plan, n_images = r->n_test_images;
    TRY(json_need_double(p, "accuracy_plan", &plan, err));
    TRY(json_may_double(p, "n_test_images", &n_images, err));
    if (fabs(n_images - r->n_test_images) >= 0.5 ||
        fabs(plan - r->accuracy) * n_images < 0.5)
        return ST_OK;
    return err_set(err, ST_MISMATCH,
                   "%s: expected the plan's accuracy %.6f under 'accuracy_plan', "
                   "found %.6f; verify this plan again",
                   p->path, r->accuracy, plan);
}

static status read_parts(const struct json_place *p, struct arena *a,
                         struct report_layer *l, struct err *err)
{
    json_t *parts, *value;
    const char *key;
    if (json_object_get(p->object, "parts") == NULL) return ST_OK;
    TRY(json_need_object(p, "parts", &parts, err));
    json_object_foreach(parts, key, value)
    {
        if (l->n_parts == REPORT_PARTS_MAX)
            return err_set(err, ST_RANGE, "%s: expected at most %d parts %s", p->path,
                           REPORT_PARTS_MAX, p->where);
        struct report_part *part = &l->parts[l->n_parts];
        const struct json_place in_parts = {p->path, p->where, parts};
        TRY(json_need_double(&in_parts, key, &part->lut, err));
        part->name = arena_strdup(a, key);
        if (part->name == NULL) return arena_exhausted(err);
        l->n_parts++;
    }
    return ST_OK;
}

static status read_layer(const char *path, json_t *object, struct arena *a,
                         struct report *r, struct err *err)
{
    TRY(json_expect_object(path, "an item of 'layers'", object, err));
    struct json_place p = {path, "of an item of 'layers'", object};
    const char *name;
    TRY(json_need_text(&p, "name", a, &name, err));
    p.where = arena_printf(a, "of layer '%s'", name);
    if (p.where == NULL) return arena_exhausted(err);
    struct report_layer *l = report_layer_find(r, name);
    if (l == NULL)
        return err_set(err, ST_MISMATCH,
                       "%s: expected a layer of the plan under 'layers', found '%s'",
                       path, name);
    bool exact;
    TRY(json_need_bool(&p, "bit_exact", &exact, err));
    l->bit_exact = exact;
    if (!exact && r->bit_exact)
        return err_set(err, ST_MISMATCH,
                       "%s: expected every layer bit-exact as 'bit_exact' says, found "
                       "false under 'bit_exact' %s",
                       path, p.where);
    TRY(json_may_double(&p, "cycles_est", &l->est_cycles, err));
    TRY(json_may_double(&p, "cycles_meas", &l->meas_cycles, err));
    TRY(json_may_double(&p, "lut_est", &l->est_lut, err));
    l->est_lut_lo = l->est_lut_hi = l->est_lut;
    TRY(json_may_double(&p, "lut_lo", &l->est_lut_lo, err));
    TRY(json_may_double(&p, "lut_hi", &l->est_lut_hi, err));
    TRY(json_may_double(&p, "lut_meas", &l->meas_lut, err));
    TRY(json_may_text(&p, "difference", a, &l->difference, err));
    return read_parts(&p, a, l, err);
}

static status read_layers(const struct json_place *p, struct arena *a, struct report *r,
                          struct err *err)
{
    json_t *layers, *item;
    size_t i;
    if (json_object_get(p->object, "layers") == NULL) return ST_OK;
    TRY(json_need_array(p, "layers", &layers, err));
    json_array_foreach(layers, i, item) TRY(read_layer(p->path, item, a, r, err));
    return ST_OK;
}

static status read_root(const struct json_place *p, struct arena *a, struct report *r,
                        struct err *err)
{
    TRY(json_expect_object(p->path, "the whole file", p->object, err));
    if (json_object_get(p->object, "version") != NULL)
        TRY(json_need_version(p, 1, err));
    TRY(json_need_bool(p, "bit_exact", &r->bit_exact, err));
    TRY(json_need_bool(p, "budget_met", &r->budget_met, err));
    TRY(read_measurements(p, a, r, err));
    TRY(check_accuracy(p, r, err));
    double n_images = 0;
    TRY(json_may_double(p, "n_images", &n_images, err));
    r->n_verified_images = (int32_t)n_images;
    TRY(read_layers(p, a, r, err));
    r->verified = true;
    return ST_OK;
}

status report_read_verify(const char *path, struct arena *a, struct report *r,
                          struct err *err)
{
    json_t *root;
    struct report_file *file;
    status st;
    TRY(json_file_load(path, &root, err));
    const struct json_place p = {path, "", root};
    TRY_OUT(report_source_add(&r->files, "verification", path, a, &file, err));
    TRY_OUT(read_root(&p, a, r, err));
    st = report_source_json(file, root, a, err);
out:
    json_decref(root);
    return st;
}
