/* json_read.c -- see json_read.h. */
#include "reports/json_read.h"

#include <math.h>

static const char *kind_name(json_t *v)
{
    if (v == NULL) return "nothing";
    switch (json_typeof(v)) {
    case JSON_OBJECT:
        return "an object";
    case JSON_ARRAY:
        return "an array";
    case JSON_STRING:
        return "text";
    case JSON_INTEGER:
    case JSON_REAL:
        return "a number";
    case JSON_TRUE:
    case JSON_FALSE:
        return "true or false";
    default:
        return "null";
    }
}

static status wrong(const struct json_place *p, const char *key, const char *expected,
                    struct err *err)
{
    const char *gap = p->where[0] == '\0' ? "" : " ";
    return err_set(err, ST_PARSE, "%s: expected %s under '%s'%s%s, found %s", p->path,
                   expected, key, gap, p->where,
                   kind_name(json_object_get(p->object, key)));
}

status json_need_double(const struct json_place *p, const char *key, double *out,
                        struct err *err)
{
    json_t *v = json_object_get(p->object, key);
    if (!json_is_number(v)) return wrong(p, key, "a number", err);
    *out = json_number_value(v);
    return ST_OK;
}

status json_may_double(const struct json_place *p, const char *key, double *out,
                       struct err *err)
{
    json_t *v = json_object_get(p->object, key);
    if (v == NULL || json_is_null(v)) return ST_OK;
    return json_need_double(p, key, out, err);
}

status json_need_bool(const struct json_place *p, const char *key, bool *out,
                      struct err *err)
{
    json_t *v = json_object_get(p->object, key);
    if (!json_is_boolean(v)) return wrong(p, key, "true or false", err);
    *out = json_is_true(v);
    return ST_OK;
}

status json_need_text(const struct json_place *p, const char *key, struct arena *a,
                      const char **out, struct err *err)
{
    json_t *v = json_object_get(p->object, key);
    if (!json_is_string(v)) return wrong(p, key, "text", err);
    *out = arena_strdup(a, json_string_value(v));
    return *out == NULL ? arena_exhausted(err) : ST_OK;
}

status json_may_text(const struct json_place *p, const char *key, struct arena *a,
                     const char **out, struct err *err)
{
    json_t *v = json_object_get(p->object, key);
    if (v == NULL || json_is_null(v)) return ST_OK;
    return json_need_text(p, key, a, out, err);
}

status json_need_array(const struct json_place *p, const char *key, json_t **out,
                       struct err *err)
{
    json_t *v = json_object_get(p->object, key);
    if (!json_is_array(v)) return wrong(p, key, "an array", err);
    *out = v;
    return ST_OK;
}

status json_need_object(const struct json_place *p, const char *key, json_t **out,
                        struct err *err)
{
    json_t *v = json_object_get(p->object, key);
    if (!json_is_object(v)) return wrong(p, key, "an object", err);
    *out = v;
    return ST_OK;
}

status json_expect_object(const char *path, const char *what, json_t *value,
                          struct err *err)
{
    if (json_is_object(value)) return ST_OK;
    return err_set(err, ST_PARSE, "%s: expected an object as %s, found %s", path, what,
                   kind_name(value));
}

status json_need_version(const struct json_place *p, int version, struct err *err)
{
    double found = 0;
    TRY(json_need_double(p, "version", &found, err));
    if (fabs(found - version) > 0)
        return err_set(err, ST_UNSUPPORTED, "%s: expected version %d, found %g",
                       p->path, version, found);
    return ST_OK;
}
