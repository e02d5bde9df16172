/* yaml_get.c -- see yaml.h: questions to the tree, with typed answers. */
#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cli.h"
#include "base/yaml_internal.h"

static const char *const kind_names[] = {"a scalar", "a sequence", "a map"};

status yaml_fail(const struct yaml_node *n, status code, struct err *err,
                 const char *fmt, ...)
{
    char msg[384];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(msg, sizeof msg, fmt, ap);
    va_end(ap);
    return err_set(err, code, "%s:%zu:%zu: %s", n->path, n->line, n->column, msg);
}

/* "expected WHAT for 'key', found 'text'". */
static status fail_value(const struct yaml_node *n, status code, const char *what,
                         struct err *err)
{
    const char *name = n->key ? n->key : n->in;
    const bool is_scalar = n->kind == YAML_SCALAR;
    return yaml_fail(n, code, err, "expected %s%s%s%s, found %s%.80s%s", what,
                     name ? (n->key ? " for '" : " in '") : "", name ? name : "",
                     name ? "'" : "", is_scalar ? "'" : "",
                     is_scalar ? n->text : kind_names[n->kind], is_scalar ? "'" : "");
}

enum yaml_kind yaml_kind_of(const struct yaml_node *n) { return n->kind; }

size_t yaml_size(const struct yaml_node *n) { return n->n; }

const struct yaml_node *yaml_item(const struct yaml_node *seq, size_t i)
{
    return i < seq->n ? seq->items[i] : NULL;
}

const char *yaml_pair_key(const struct yaml_node *map, size_t i)
{
    return i < map->n ? map->items[i]->key : NULL;
}

const struct yaml_node *yaml_pair_value(const struct yaml_node *map, size_t i)
{
    return yaml_item(map, i);
}

const struct yaml_node *yaml_find_in_list(const struct yaml_node *map, const char *key)
{
    if (map->kind != YAML_MAP) return NULL;
    for (const struct yaml_node *c = map->first; c; c = c->next)
        if (strcmp(c->key, key) == 0) return c;
    return NULL;
}

const struct yaml_node *yaml_find(const struct yaml_node *map, const char *key)
{
    return yaml_find_in_list(map, key);
}

status yaml_expect(const struct yaml_node *n, enum yaml_kind kind, struct err *err)
{
    return n->kind == kind ? ST_OK : fail_value(n, ST_PARSE, kind_names[kind], err);
}

static bool listed(const char *word, const char *const names[])
{
    for (; *names; names++)
        if (strcmp(word, *names) == 0) return true;
    return false;
}

/* The names, separated by ", ", cut short where they do not fit. */
static void join_names(const char *const names[], char *out, size_t size)
{
    size_t used = 0;
    out[0] = '\0';
    for (size_t i = 0; names[i] && used < size; i++)
        used +=
            (size_t)snprintf(out + used, size - used, "%s%s", i ? ", " : "", names[i]);
}

status yaml_check_keys(const struct yaml_node *n, const char *const known[],
                       struct err *err)
{
    TRY(yaml_expect(n, YAML_MAP, err));
    for (const struct yaml_node *c = n->first; c; c = c->next) {
        if (listed(c->key, known)) continue;
        const char *near = cli_nearest(c->key, known);
        char all[256];
        join_names(known, all, sizeof all);
        if (near)
            return err_set(err, ST_PARSE,
                           "%s:%zu:%zu: expected a known key, found '%s'; did you mean "
                           "'%s'?",
                           c->path, c->key_line, c->key_column, c->key, near);
        return err_set(err, ST_PARSE,
                       "%s:%zu:%zu: expected one of the keys %s, found '%s'", c->path,
                       c->key_line, c->key_column, all, c->key);
    }
    return ST_OK;
}

status yaml_need(const struct yaml_node *map, const char *key,
                 const struct yaml_node **out, struct err *err)
{
    TRY(yaml_expect(map, YAML_MAP, err));
    *out = yaml_find(map, key);
    if (*out) return ST_OK;
    return yaml_fail(map, ST_PARSE, err, "expected the key '%s', found none%s%s%s", key,
                     map->key ? " in '" : "", map->key ? map->key : "",
                     map->key ? "'" : "");
}

/* ---- scalars ---- */

status yaml_int(const struct yaml_node *n, int64_t lo, int64_t hi, int64_t *out,
                struct err *err)
{
    char what[64];
    if (lo == INT64_MIN && hi == INT64_MAX)
        snprintf(what, sizeof what, "an integer");
    else
        snprintf(what, sizeof what, "an integer from %lld to %lld", (long long)lo,
                 (long long)hi);
    if (n->kind != YAML_SCALAR || !n->plain) return fail_value(n, ST_PARSE, what, err);
    char *stop;
    errno = 0;
    const long long v = strtoll(n->text, &stop, 10);
    if (stop == n->text || *stop) return fail_value(n, ST_PARSE, what, err);
    if (errno || v < lo || v > hi) return fail_value(n, ST_RANGE, what, err);
    *out = v;
    return ST_OK;
}

status yaml_double(const struct yaml_node *n, double lo, double hi, double *out,
                   struct err *err)
{
    char what[80];
    if (isinf(lo) || isinf(hi) || lo <= -1e300 || hi >= 1e300)
        snprintf(what, sizeof what, lo == 0 ? "a number of at least 0" : "a number");
    else
        snprintf(what, sizeof what, "a number from %g to %g", lo, hi);
    if (n->kind != YAML_SCALAR || !n->plain) return fail_value(n, ST_PARSE, what, err);
    char *stop;
    const double v = strtod(n->text, &stop);
    /* strtod takes "nan", "inf" and hexadecimal: no format of ours does. */
    const bool numeric = n->text[strspn(n->text, "+-.0123456789eE")] == '\0';
    if (stop == n->text || *stop || !numeric) return fail_value(n, ST_PARSE, what, err);
    if (!isfinite(v) || v < lo || v > hi) return fail_value(n, ST_RANGE, what, err);
    *out = v;
    return ST_OK;
}

status yaml_bool(const struct yaml_node *n, bool *out, struct err *err)
{
    if (n->kind == YAML_SCALAR && n->plain) {
        *out = strcmp(n->text, "true") == 0;
        if (*out || strcmp(n->text, "false") == 0) return ST_OK;
    }
    return fail_value(n, ST_PARSE, "true or false", err);
}

status yaml_text(const struct yaml_node *n, const char **out, struct err *err)
{
    if (n->kind != YAML_SCALAR) return fail_value(n, ST_PARSE, "text", err);
    *out = n->text;
    return ST_OK;
}

status yaml_enum(const struct yaml_node *n, const char *const names[], int *out,
                 struct err *err)
{
    char what[200] = "one of ";
    if (n->kind == YAML_SCALAR)
        for (int i = 0; names[i]; i++)
            if (strcmp(n->text, names[i]) == 0) {
                *out = i;
                return ST_OK;
            }
    join_names(names, what + 7, sizeof what - 7);
    return fail_value(n, ST_PARSE, what, err);
}

/* ---- required keys ---- */

status yaml_need_int(const struct yaml_node *map, const char *key, int64_t lo,
                     int64_t hi, int64_t *out, struct err *err)
{
    const struct yaml_node *n;
    TRY(yaml_need(map, key, &n, err));
    return yaml_int(n, lo, hi, out, err);
}

status yaml_need_i32(const struct yaml_node *map, const char *key, int32_t lo,
                     int32_t hi, int32_t *out, struct err *err)
{
    int64_t v;
    TRY(yaml_need_int(map, key, lo, hi, &v, err));
    *out = (int32_t)v;
    return ST_OK;
}

status yaml_need_double(const struct yaml_node *map, const char *key, double lo,
                        double hi, double *out, struct err *err)
{
    const struct yaml_node *n;
    TRY(yaml_need(map, key, &n, err));
    return yaml_double(n, lo, hi, out, err);
}

status yaml_need_text(const struct yaml_node *map, const char *key, const char **out,
                      struct err *err)
{
    const struct yaml_node *n;
    TRY(yaml_need(map, key, &n, err));
    return yaml_text(n, out, err);
}

status yaml_need_copy(const struct yaml_node *map, const char *key, char *out,
                      size_t size, struct err *err)
{
    const char *text = "";
    TRY(yaml_need_text(map, key, &text, err));
    const size_t n = strlen(text);
    if (n >= size)
        return yaml_fail(yaml_find(map, key), ST_RANGE, err,
                         "expected at most %zu characters, found %zu", size - 1, n);
    memcpy(out, text, n + 1);
    return ST_OK;
}

status yaml_need_bool(const struct yaml_node *map, const char *key, bool *out,
                      struct err *err)
{
    const struct yaml_node *n;
    TRY(yaml_need(map, key, &n, err));
    return yaml_bool(n, out, err);
}

status yaml_need_enum(const struct yaml_node *map, const char *key,
                      const char *const names[], int *out, struct err *err)
{
    const struct yaml_node *n;
    TRY(yaml_need(map, key, &n, err));
    return yaml_enum(n, names, out, err);
}
