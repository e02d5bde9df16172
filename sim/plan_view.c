#include "sim/plan_view.h"

#include <math.h>
#include <string.h>

#include "base/file.h"
#include "base/yaml.h"
#include "nn/dataset.h"

static const double no_value = NAN;

double plan_metric_find(const struct plan_metric *m, int32_t n, const char *name)
{
    for (int32_t i = 0; i < n; i++)
        if (strcmp(m[i].name, name) == 0) return m[i].value;
    return no_value;
}

static status copy_text(const struct yaml_node *map, const char *key, struct arena *a,
                        const char **out, struct err *err)
{
    const char *text = NULL;
    TRY(yaml_need_text(map, key, &text, err));
    *out = arena_strdup(a, text);
    return *out ? ST_OK : arena_exhausted(err);
}

/* A number that may be absent. */
static status optional(const struct yaml_node *map, const char *key, double *out,
                       struct err *err)
{
    const struct yaml_node *n = yaml_find(map, key);
    *out = no_value;
    return n ? yaml_double(n, 0, 1e18, out, err) : ST_OK;
}

/* {lut: 1, ...}, or with inner = "value" {lut: {value: 1, ...}, ...}. */
static status read_metrics(const struct yaml_node *map, const char *inner,
                           struct arena *a, struct plan_metric **out, int32_t *n,
                           struct err *err)
{
    *n = 0;
    if (!map) return ST_OK;
    TRY(yaml_expect(map, YAML_MAP, err));
    *out = ARENA_NEW(a, struct plan_metric, yaml_size(map) + 1);
    if (!*out) return arena_exhausted(err);
    for (size_t i = 0; i < yaml_size(map); i++) {
        const struct yaml_node *v = yaml_pair_value(map, i);
        struct plan_metric *m = &(*out)[(*n)++];
        m->name = arena_strdup(a, yaml_pair_key(map, i));
        if (!m->name) return arena_exhausted(err);
        if (inner)
            TRY(yaml_need_double(v, inner, -1e18, 1e18, &m->value, err));
        else
            TRY(yaml_double(v, -1e18, 1e18, &m->value, err));
    }
    return ST_OK;
}

static status read_accuracy(const struct yaml_node *map, struct arena *a,
                            struct plan_view *out, struct err *err)
{
    out->accuracy = no_value;
    if (!map) return ST_OK;
    TRY(optional(map, "plan", &out->accuracy, err));
    const struct yaml_node *n = yaml_find(map, "n_images");
    if (n) TRY(yaml_int(n, 0, INT64_MAX, &out->n_images, err));
    const struct yaml_node *uniform = yaml_find(map, "uniform");
    if (!uniform) return ST_OK;
    out->uniform = ARENA_NEW(a, struct plan_uniform_view, yaml_size(uniform) + 1);
    if (!out->uniform) return arena_exhausted(err);
    for (size_t i = 0; i < yaml_size(uniform); i++) {
        struct plan_uniform_view *u = &out->uniform[out->n_uniform++];
        u->bits = arena_strdup(a, yaml_pair_key(uniform, i));
        if (!u->bits) return arena_exhausted(err);
        TRY(yaml_need_double(yaml_pair_value(uniform, i), "accuracy", 0, 1,
                             &u->accuracy, err));
    }
    return ST_OK;
}

static status read_layer(const struct yaml_node *n, struct arena *a,
                         struct plan_view_layer *l, struct err *err)
{
    TRY(copy_text(n, "name", a, &l->name, err));
    TRY(yaml_need_i32(n, "wbits", 1, 8, &l->wbits, err));
    TRY(yaml_need_i32(n, "abits", 1, 8, &l->abits, err));
    TRY(yaml_need_i32(n, "PE", 1, 65536, &l->PE, err));
    TRY(yaml_need_i32(n, "SIMD", 1, 65536, &l->SIMD, err));
    TRY(yaml_need_int(n, "cycles", 0, INT64_MAX, &l->cycles, err));
    TRY(optional(n, "lut", &l->lut, err));
    TRY(optional(n, "ff", &l->ff, err));
    TRY(optional(n, "dsp", &l->dsp, err));
    return optional(n, "bram18", &l->bram18, err);
}

static status read_layers(const struct yaml_node *list, struct arena *a,
                          struct plan_view *out, struct err *err)
{
    TRY(yaml_expect(list, YAML_SEQ, err));
    out->layers = ARENA_NEW(a, struct plan_view_layer, yaml_size(list) + 1);
    if (!out->layers) return arena_exhausted(err);
    for (size_t i = 0; i < yaml_size(list); i++) {
        TRY(yaml_expect(yaml_item(list, i), YAML_MAP, err));
        TRY(read_layer(yaml_item(list, i), a, &out->layers[out->n_layers++], err));
    }
    return ST_OK;
}

static status read_files(const struct yaml_node *files, struct arena *a,
                         struct plan_view *out, struct err *err)
{
    const char *quantised = NULL, *accel = NULL, *verilog = NULL;
    TRY(copy_text(files, "quantised", a, &quantised, err));
    TRY(copy_text(files, "accel", a, &accel, err));
    TRY(copy_text(files, "verilog", a, &verilog, err));
    out->quantised = file_beside(a, out->path, quantised);
    out->accel = file_beside(a, out->path, accel);
    out->verilog = file_beside(a, out->path, verilog);
    return out->quantised && out->accel && out->verilog ? ST_OK : arena_exhausted(err);
}

/* The folder of the images is relative to the plan. */
static status read_data(const struct yaml_node *root, struct arena *a,
                        struct plan_view *out, struct err *err)
{
    const char *spec = NULL;
    TRY(copy_text(root, "data", a, &spec, err));
    const char *folder = nn_dataset_path(spec);
    const char *path = file_beside(a, out->path, folder);
    if (path) out->data = arena_printf(a, "%.*s%s", (int)(folder - spec), spec, path);
    return path && out->data ? ST_OK : arena_exhausted(err);
}

static status read_root(const struct yaml_node *root, struct arena *a,
                        struct plan_view *out, struct err *err)
{
    int64_t version = 0;
    const struct yaml_node *files = NULL, *layers = NULL;
    TRY(yaml_expect(root, YAML_MAP, err));
    TRY(yaml_need_int(root, "version", 1, 1, &version, err));
    TRY(read_data(root, a, out, err));
    TRY(copy_text(root, "target", a, &out->target, err));
    if (strcmp(out->target, "none") == 0)
        return yaml_fail(yaml_find(root, "target"), ST_UNSUPPORTED, err,
                         "expected a plan with an accelerator of ours, found one "
                         "searched with a table of layers: its hardware is yours to "
                         "verify");
    TRY(yaml_need(root, "files", &files, err));
    TRY(yaml_expect(files, YAML_MAP, err));
    TRY(read_files(files, a, out, err));
    TRY(read_metrics(yaml_find(root, "budget"), NULL, a, &out->budgets, &out->n_budgets,
                     err));
    TRY(read_metrics(yaml_find(root, "estimate"), "value", a, &out->estimates,
                     &out->n_estimates, err));
    TRY(read_accuracy(yaml_find(root, "accuracy"), a, out, err));
    TRY(yaml_need(root, "layers", &layers, err));
    return read_layers(layers, a, out, err);
}

status plan_view_load(const char *path, struct arena *a, struct plan_view *out,
                      struct err *err)
{
    struct yaml_doc *d = NULL;
    *out = (struct plan_view){.path = path};
    TRY(yaml_open(path, &d, err));
    const status st = read_root(yaml_root(d), a, out, err);
    yaml_close(d);
    return st;
}
