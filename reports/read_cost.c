/* read_cost.c -- the cost model's provenance, from cost.yaml. */
#include "reports/artefacts.h"

status report_read_cost(const char *path, struct arena *a, struct report *r,
                        struct err *err)
{
    struct yaml_doc *doc;
    struct report_file *file;
    status st;
    TRY(yaml_open(path, &doc, err));
    TRY_OUT(report_source_add(&r->files, "cost model", path, a, &file, err));
    /* a table of layers names its kind, and has versions of its own */
    const bool is_table = yaml_find(yaml_root(doc), "kind") != NULL;
    TRY_OUT(report_source_version(yaml_root(doc), is_table ? 1 : 2, err));
    st = report_source_yaml(file, yaml_root(doc), a, err);
out:
    yaml_close(doc);
    return st;
}
