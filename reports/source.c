/* source.c -- see source.h. */
#include "reports/source.h"

#include <string.h>

#include "base/file.h"
#include "reports/json_read.h"

status report_source_add(struct report_files *files, const char *role, const char *path,
                         struct arena *a, struct report_file **out, struct err *err)
{
    if (files->n == REPORT_FILES_MAX)
        return err_set(err, ST_RANGE, "%s: expected at most %d artefacts", path,
                       REPORT_FILES_MAX);
    struct report_file *f = &files->file[files->n];
    char *text;
    TRY(file_read(path, a, &text, &f->size, err));
    f->role = role;
    f->path = path;
    f->text = text;
    files->n++;
    *out = f;
    return ST_OK;
}

status report_source_version(const struct yaml_node *root, int64_t version,
                             struct err *err)
{
    const struct yaml_node *v;
    int64_t found;
    TRY(yaml_expect(root, YAML_MAP, err));
    TRY(yaml_need(root, "version", &v, err));
    TRY(yaml_int(v, 0, INT64_MAX, &found, err));
    if (found == version) return ST_OK;
    return yaml_fail(v, ST_UNSUPPORTED, err, "expected version %lld, found %lld",
                     (long long)version, (long long)found);
}

static status add_pair(struct report_file *f, struct arena *a, const char *parent,
                       const char *key, const char *value, struct err *err)
{
    struct report_pair *p = &f->pairs[f->n_pairs];
    p->key =
        parent == NULL ? arena_strdup(a, key) : arena_printf(a, "%s %s", parent, key);
    p->value = arena_strdup(a, value);
    if (p->key == NULL || p->value == NULL) return arena_exhausted(err);
    f->n_pairs++;
    return ST_OK;
}

static status room_for_pairs(struct report_file *f, struct arena *a, size_t n,
                             struct err *err)
{
    f->n_pairs = 0;
    f->pairs = ARENA_NEW(a, struct report_pair, n);
    return f->pairs == NULL ? arena_exhausted(err) : ST_OK;
}

/* ---- YAML ---- */

static status yaml_scalars(struct report_file *f, const struct yaml_node *map,
                           const char *parent, struct arena *a, struct err *err)
{
    for (size_t i = 0; i < yaml_size(map); i++) {
        const struct yaml_node *v = yaml_pair_value(map, i);
        if (yaml_kind_of(v) != YAML_SCALAR) continue;
        const char *text;
        TRY(yaml_text(v, &text, err));
        TRY(add_pair(f, a, parent, yaml_pair_key(map, i), text, err));
    }
    return ST_OK;
}

status report_source_yaml(struct report_file *f, const struct yaml_node *root,
                          struct arena *a, struct err *err)
{
    const struct yaml_node *p = yaml_find(root, "provenance");
    if (p == NULL) return ST_OK;
    TRY(yaml_expect(p, YAML_MAP, err));
    size_t n = yaml_size(p);
    for (size_t i = 0; i < yaml_size(p); i++)
        n += yaml_size(yaml_pair_value(p, i));
    TRY(room_for_pairs(f, a, n, err));
    TRY(yaml_scalars(f, p, NULL, a, err));
    for (size_t i = 0; i < yaml_size(p); i++) {
        const struct yaml_node *v = yaml_pair_value(p, i);
        if (yaml_kind_of(v) == YAML_MAP)
            TRY(yaml_scalars(f, v, yaml_pair_key(p, i), a, err));
    }
    return ST_OK;
}

/* ---- JSON ---- */

static const char *json_scalar(json_t *v, struct arena *a)
{
    if (json_is_string(v)) return json_string_value(v);
    if (json_is_boolean(v)) return json_is_true(v) ? "true" : "false";
    if (json_is_integer(v))
        return arena_printf(a, "%" JSON_INTEGER_FORMAT, json_integer_value(v));
    if (json_is_real(v)) return arena_printf(a, "%.17g", json_real_value(v));
    return NULL;
}

static status json_scalars(struct report_file *f, json_t *object, const char *parent,
                           struct arena *a, struct err *err)
{
    const char *key;
    json_t *value;
    json_object_foreach(object, key, value)
    {
        const char *text = json_scalar(value, a);
        if (text != NULL) TRY(add_pair(f, a, parent, key, text, err));
    }
    return ST_OK;
}

status report_source_json(struct report_file *f, json_t *root, struct arena *a,
                          struct err *err)
{
    json_t *p = json_object_get(root, "provenance"), *value;
    const char *key;
    if (p == NULL) return ST_OK;
    TRY(json_expect_object(f->path, "'provenance'", p, err));
    size_t n = json_object_size(p);
    json_object_foreach(p, key, value) n += json_object_size(value);
    TRY(room_for_pairs(f, a, n, err));
    TRY(json_scalars(f, p, NULL, a, err));
    json_object_foreach(p, key, value)
    {
        if (json_is_object(value)) TRY(json_scalars(f, value, key, a, err));
    }
    return ST_OK;
}

/* ---- CSV ---- */

/* The value after "# key: " and before the line's end, in arena. */
static status csv_pair(struct report_file *f, struct arena *a, const char *line,
                       size_t n, struct err *err)
{
    const char *colon = memchr(line, ':', n);
    if (n < 2 || line[0] != '#' || colon == NULL) return ST_OK;
    const char *key = line + 1 + strspn(line + 1, " ");
    const char *value = colon + 1 + strspn(colon + 1, " ");
    key = arena_strndup(a, key, (size_t)(colon - key));
    value = value < line + n ? arena_strndup(a, value, (size_t)(line + n - value)) : "";
    if (key == NULL || value == NULL) return arena_exhausted(err);
    return add_pair(f, a, NULL, key, value, err);
}

status report_source_csv(struct report_file *f, const char *preamble, struct arena *a,
                         struct err *err)
{
    size_t n_lines = 1;
    for (const char *c = preamble; *c; c++)
        n_lines += *c == '\n';
    TRY(room_for_pairs(f, a, n_lines, err));
    for (const char *line = preamble; *line;) {
        const size_t n = strcspn(line, "\n");
        TRY(csv_pair(f, a, line, n, err));
        line += n + (line[n] == '\n');
    }
    return ST_OK;
}
