/* read_accel.c -- the shapes of the layers, from the accelerator config that a plan
 * names (its format: rtl/accel_config.h). */
#include "reports/artefacts.h"
#include "reports/source.h"

static status read_shapes(const struct yaml_node *root, struct report *r,
                          struct err *err)
{
    const struct yaml_node *seq;
    TRY(report_source_version(root, 1, err));
    TRY(yaml_need(root, "layers", &seq, err));
    TRY(yaml_expect(seq, YAML_SEQ, err));
    for (size_t i = 0; i < yaml_size(seq); i++) {
        const struct yaml_node *v = yaml_item(seq, i);
        const char *name;
        TRY(yaml_expect(v, YAML_MAP, err));
        TRY(yaml_need_text(v, "name", &name, err));
        struct report_layer *l = report_layer_find(r, name);
        if (l == NULL)
            return yaml_fail(v, ST_MISMATCH, err,
                             "expected a layer of the plan, found '%s'", name);
        TRY(yaml_need_i32(v, "MW", 1, INT32_MAX, &l->MW, err));
        TRY(yaml_need_i32(v, "MH", 1, INT32_MAX, &l->MH, err));
        TRY(yaml_need_i32(v, "n_vec", 1, INT32_MAX, &l->n_vec, err));
    }
    return ST_OK;
}

status report_read_accel(const char *path, struct arena *a, struct report *r,
                         struct err *err)
{
    struct yaml_doc *doc;
    struct report_file *file;
    status st;
    TRY(yaml_open(path, &doc, err));
    TRY_OUT(report_source_add(&r->files, "accelerator", path, a, &file, err));
    TRY_OUT(read_shapes(yaml_root(doc), r, err));
    st = report_source_yaml(file, yaml_root(doc), a, err);
out:
    yaml_close(doc);
    return st;
}
