/* json.c -- see json.h. */
#include "base/json.h"

#include <errno.h>
#include <string.h>

#include "base/file.h"

status json_file_load(const char *path, json_t **out, struct err *err)
{
    FILE *f = fopen(path, "rb");
    if (!f)
        return err_set(err, ST_NOT_FOUND, "%s: cannot open: %s", path, strerror(errno));
    json_error_t e;
    *out = json_loadf(f, JSON_REJECT_DUPLICATES, &e);
    fclose(f);
    if (*out) return ST_OK;
    return err_set(err, ST_PARSE, "%s:%d:%d: expected JSON, found: %s", path, e.line,
                   e.column, e.text);
}

status json_file_save(const char *path, const json_t *value, struct err *err)
{
    struct file_out o;
    TRY(file_out_open(path, &o, err));
    const size_t flags = JSON_INDENT(2) | JSON_SORT_KEYS;
    if (json_dumpf(value, o.f, flags) == 0 && putc('\n', o.f) != EOF)
        return file_out_commit(&o, err);
    const int saved = errno, io = ferror(o.f);
    file_out_abort(&o);
    if (io) return err_set(err, ST_IO, "%s: cannot write: %s", path, strerror(saved));
    return err_set(err, ST_RANGE, "%s: a value cannot be written as JSON", path);
}
