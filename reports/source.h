/* source.h -- an artefact as a file: its bytes for download, its provenance as
 * pairs of key and value. */
#ifndef REPORTS_SOURCE_H
#define REPORTS_SOURCE_H

#include "base/yaml.h"
#include "reports/artefacts.h"

/* Reads the file into r->files and returns its entry; role is static. */
status report_source_add(struct report *r, const char *role, const char *path,
                         struct arena *a, struct report_file **out, struct err *err);
/* The root must be a map whose `version` is that number. */
status report_source_version(const struct yaml_node *root, int64_t version,
                             struct err *err);
/* Flattens the map under `provenance` into the entry: a nested map's keys follow
 * their parent's, as in "inputs plan.yaml".  A file without provenance has none. */
status report_source_yaml(struct report_file *f, const struct yaml_node *root,
                          struct arena *a, struct err *err);
status report_source_json(struct report_file *f, json_t *root, struct arena *a,
                          struct err *err);

#endif
