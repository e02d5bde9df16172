/* source.h -- an artefact as a file: its bytes for download, its provenance as
 * pairs of key and value. */
#ifndef REPORTS_SOURCE_H
#define REPORTS_SOURCE_H

#include <stdint.h>

#include "base/json.h"
#include "base/yaml.h"

enum { REPORT_FILES_MAX = 40 };

struct report_pair {
    const char *key, *value;
};

struct report_file {  /* as it was read, for provenance and download */
    const char *role; /* "plan"; static                                       */
    const char *path;
    const char *text;
    size_t size;
    int32_t n_pairs;
    struct report_pair *pairs; /* its provenance, flattened                   */
};

struct report_files {
    int32_t n;
    struct report_file file[REPORT_FILES_MAX];
};

/* Reads the file into the list and returns its entry; role is static. */
status report_source_add(struct report_files *files, const char *role, const char *path,
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
/* The lines "# key: value" before a CSV file's header. */
status report_source_csv(struct report_file *f, const char *preamble, struct arena *a,
                         struct err *err);

#endif
