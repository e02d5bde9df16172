/* liberty_read.c -- attributes of a group as numbers and texts, with path:line where
 * they are not. */
#include "sim/liberty_read.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

status liberty_fail_at(const struct liberty_reader *r, int32_t line, status code,
                       const char *expected, const char *found)
{
    return err_set(r->err, code, "%s:%d: expected %s, found '%s'", r->path, line,
                   expected, found);
}

status liberty_number(const struct liberty_reader *r, int32_t line, const char *text,
                      double *out)
{
    char *end;
    errno = 0;
    *out = strtod(text, &end);
    if (end == text || *end || !isfinite(*out))
        return liberty_fail_at(r, line, ST_PARSE, "a number", text);
    return ST_OK;
}

/* A simple attribute; *out stays as it is if the group has none. */
status liberty_read_double(const struct liberty_reader *r,
                           const struct liberty_group *g, const char *name, double lo,
                           double *out)
{
    const struct liberty_attr *attr = liberty_attr(g, name);
    if (!attr) return ST_OK;
    TRY(liberty_number(r, attr->line, attr->n ? attr->values[0] : "", out));
    if (*out < lo) {
        char expected[80];
        (void)snprintf(expected, sizeof expected, "%s of at least %g", name, lo);
        return liberty_fail_at(r, attr->line, ST_RANGE, expected, attr->values[0]);
    }
    return ST_OK;
}

const char *liberty_text_of(const struct liberty_group *g, const char *name)
{
    const struct liberty_attr *attr = liberty_attr(g, name);
    return attr && attr->n ? attr->values[0] : NULL;
}

/* All numbers of an attribute; each value may be a quoted list. */
status liberty_read_list(const struct liberty_reader *r,
                         const struct liberty_attr *attr, const double **out,
                         int32_t *n)
{
    size_t room = 1;
    for (int32_t i = 0; i < attr->n; i++)
        room += strlen(attr->values[i]) / 2 + 1;
    double *list = ARENA_NEW(r->a, double, room);
    if (!list) return arena_exhausted(r->err);
    *out = list;
    *n = 0;
    for (int32_t i = 0; i < attr->n; i++)
        for (const char *p = attr->values[i] + strspn(attr->values[i], " \t,"); *p;) {
            char *end;
            const double v = strtod(p, &end);
            if (end == p || !isfinite(v))
                return liberty_fail_at(r, attr->line, ST_PARSE, "numbers",
                                       attr->values[i]);
            list[(*n)++] = v;
            p = end + strspn(end, " \t,");
        }
    return ST_OK;
}
