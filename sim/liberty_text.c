#include "sim/liberty_text.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#include "base/file.h"

enum {
    MAX_DEPTH = 16, /* library, cell, pin, internal_power, table: 5 in practice */
    MAX_ARGS = 4096 /* values of one attribute                                 */
};

struct reader {
    const char *path, *p;
    int32_t line;
    struct arena *a;
    struct err *err;
    const char *args[MAX_ARGS]; /* of the statement being read                */
    int n_args;
};

static status refuse(const struct reader *r, const char *expected)
{
    char found[24] = "the end of the file";
    if (*r->p) {
        size_t n = 0;
        for (found[n++] = '\'';
             n < sizeof found - 2 && isgraph((unsigned char)r->p[n - 1]); n++)
            found[n] = r->p[n - 1];
        found[n++] = '\'';
        found[n] = '\0';
    }
    return err_set(r->err, ST_PARSE, "%s:%d: expected %s, found %s", r->path, r->line,
                   expected, found);
}

static status skip_comment(struct reader *r)
{
    if (r->p[1] == '/') {
        while (*r->p && *r->p != '\n')
            r->p++;
        return ST_OK;
    }
    const int32_t line = r->line;
    for (r->p += 2; *r->p && !(r->p[0] == '*' && r->p[1] == '/'); r->p++)
        if (*r->p == '\n') r->line++;
    if (!*r->p)
        return err_set(r->err, ST_PARSE, "%s:%d: expected the end of this comment",
                       r->path, line);
    r->p += 2;
    return ST_OK;
}

/* Blanks, line continuations and comments; line ends too if `lines`. */
static status skip(struct reader *r, bool lines)
{
    for (;; r->p++) {
        while (r->p[0] == '/' && (r->p[1] == '*' || r->p[1] == '/'))
            TRY(skip_comment(r));
        if (r->p[0] == '\\' && (r->p[1] == '\n' || r->p[1] == '\r')) {
            r->p += r->p[1] == '\r' && r->p[2] == '\n' ? 2 : 1;
            r->line++;
            continue;
        }
        if (*r->p == '\n' && lines) {
            r->line++;
            continue;
        }
        if (*r->p != ' ' && *r->p != '\t' && *r->p != '\r') return ST_OK;
    }
}

static bool is_word(char c)
{
    return isalnum((unsigned char)c) || strchr("_.$[]-+*!'^&|:", c) != NULL;
}

static status keep(struct reader *r, const char *from, size_t n, const char **out)
{
    *out = arena_strndup(r->a, from, n);
    return *out ? ST_OK : arena_exhausted(r->err);
}

/* A quoted text; a line continuation in it becomes blanks. */
static status read_quoted(struct reader *r, const char **out)
{
    const char *from = ++r->p;
    const int32_t line = r->line;
    for (; *r->p && *r->p != '"'; r->p++)
        if (*r->p == '\n') r->line++;
    if (!*r->p)
        return err_set(r->err, ST_PARSE, "%s:%d: expected the closing '\"'", r->path,
                       line);
    const size_t n = (size_t)(r->p++ - from);
    char *text = arena_strndup(r->a, from, n);
    if (!text) return arena_exhausted(r->err);
    for (size_t i = 0; i < n; i++)
        if (text[i] == '\\' || text[i] == '\n' || text[i] == '\r') text[i] = ' ';
    *out = text;
    return ST_OK;
}

static status read_args(struct reader *r)
{
    r->n_args = 0;
    r->p++; /* the '(' */
    for (;;) {
        TRY(skip(r, true));
        if (*r->p == ')') break;
        if (*r->p == ',' && r->n_args > 0) {
            r->p++;
            continue;
        }
        if (r->n_args == MAX_ARGS) return refuse(r, "at most 4096 values");
        const char **out = &r->args[r->n_args];
        if (*r->p == '"') {
            TRY(read_quoted(r, out));
        } else {
            const char *from = r->p;
            while (*r->p && is_word(*r->p))
                r->p++;
            if (r->p == from) return refuse(r, "a value or ')'");
            TRY(keep(r, from, (size_t)(r->p - from), out));
        }
        r->n_args++;
    }
    r->p++;
    return ST_OK;
}

static status read_simple(struct reader *r)
{
    r->p++; /* the ':' */
    TRY(skip(r, false));
    r->n_args = 1;
    if (*r->p == '"') return read_quoted(r, &r->args[0]);
    const char *from = r->p;
    while (*r->p && !strchr(";\n}", *r->p) && !(r->p[0] == '/' && r->p[1] == '*'))
        r->p++;
    const char *end = r->p;
    while (end > from && isspace((unsigned char)end[-1]))
        end--;
    if (end == from) return refuse(r, "a value");
    return keep(r, from, (size_t)(end - from), &r->args[0]);
}

static status copy_args(struct reader *r, const char ***out, int32_t *n)
{
    *n = r->n_args;
    *out = ARENA_NEW(r->a, const char *, (size_t)(r->n_args ? r->n_args : 1));
    if (!*out) return arena_exhausted(r->err);
    memcpy(*out, r->args, (size_t)r->n_args * sizeof **out);
    return ST_OK;
}

/* Nobody reads these. */
static bool is_dropped(const char *name)
{
    static const char *const names[] = {"timing",
                                        "test_cell",
                                        "output_current_rise",
                                        "output_current_fall",
                                        "receiver_capacitance",
                                        "dynamic_current",
                                        "intrinsic_parasitic",
                                        "ccsn_first_stage",
                                        "ccsn_last_stage",
                                        NULL};
    for (int i = 0; names[i]; i++)
        if (strcmp(name, names[i]) == 0) return true;
    return false;
}

static status read_body(struct reader *r, struct liberty_group *g, int depth);

/* The statement's name has been read; g NULL: check, but keep nothing. */
static status read_group(struct reader *r, struct liberty_group *g, const char *name,
                         int32_t line, int depth)
{
    r->p++; /* the '{' */
    if (!g || is_dropped(name)) return read_body(r, NULL, depth + 1);
    struct liberty_group *sub = ARENA_NEW(r->a, struct liberty_group, 1);
    if (!sub) return arena_exhausted(r->err);
    sub->name = name;
    sub->line = line;
    TRY(copy_args(r, &sub->args, &sub->n_args));
    sub->next = g->groups; /* reversed again by read_body */
    g->groups = sub;
    return read_body(r, sub, depth + 1);
}

static status add_attr(struct reader *r, struct liberty_group *g, const char *name,
                       int32_t line)
{
    if (!g) return ST_OK;
    struct liberty_attr *attr = ARENA_NEW(r->a, struct liberty_attr, 1);
    if (!attr) return arena_exhausted(r->err);
    attr->name = name;
    attr->line = line;
    TRY(copy_args(r, &attr->values, &attr->n));
    attr->next = g->attrs;
    g->attrs = attr;
    return ST_OK;
}

static status read_statement(struct reader *r, struct liberty_group *g, int depth)
{
    const char *from = r->p, *name;
    const int32_t line = r->line;
    while (isalnum((unsigned char)*r->p) || *r->p == '_')
        r->p++;
    if (r->p == from) return refuse(r, "a name");
    TRY(keep(r, from, (size_t)(r->p - from), &name));
    TRY(skip(r, false));
    if (*r->p == ':') {
        TRY(read_simple(r));
        return add_attr(r, g, name, line);
    }
    if (*r->p != '(') return refuse(r, "':' or '('");
    TRY(read_args(r));
    TRY(skip(r, true));
    if (*r->p != '{') return add_attr(r, g, name, line);
    if (depth == MAX_DEPTH) return refuse(r, "groups at most 16 deep");
    return read_group(r, g, name, line, depth);
}

static void reverse(struct liberty_group *g)
{
    struct liberty_group *list = NULL, *at = g->groups;
    while (at) {
        struct liberty_group *next = at->next;
        at->next = list;
        list = at;
        at = next;
    }
    g->groups = list;
}

/* Up to and with the closing brace. */
static status read_body(struct reader *r, struct liberty_group *g, int depth)
{
    for (;;) {
        TRY(skip(r, true));
        if (*r->p == ';') {
            r->p++;
            continue;
        }
        if (*r->p == '}') break;
        TRY(read_statement(r, g, depth));
    }
    r->p++;
    if (g) reverse(g);
    return ST_OK;
}

static status read_library(struct reader *r, struct liberty_group **out)
{
    struct liberty_group *root = ARENA_NEW(r->a, struct liberty_group, 1);
    if (!root) return arena_exhausted(r->err);
    TRY(skip(r, true));
    if (strncmp(r->p, "library", 7) != 0) return refuse(r, "library (name) {");
    TRY(read_statement(r, root, 0));
    if (!root->groups) return refuse(r, "'{' after library (name)");
    *out = root->groups;
    TRY(skip(r, true));
    if (*r->p && *r->p != ';') return refuse(r, "nothing after the library");
    return ST_OK;
}

status liberty_text_load(const char *path, struct arena *a, struct liberty_group **out,
                         struct err *err)
{
    char *text = NULL;
    size_t size = 0;
    TRY(file_read(path, a, &text, &size, err));
    struct reader *r = ARENA_NEW(a, struct reader, 1);
    if (!r) return arena_exhausted(err);
    *r = (struct reader){.path = path, .p = text, .line = 1, .a = a, .err = err};
    if (strlen(text) != size)
        return err_set(err, ST_PARSE, "%s: expected text, found a zero byte", path);
    return read_library(r, out);
}

const struct liberty_attr *liberty_attr(const struct liberty_group *g, const char *name)
{
    for (const struct liberty_attr *at = g->attrs; at; at = at->next)
        if (strcmp(at->name, name) == 0) return at;
    return NULL;
}

const struct liberty_group *liberty_next(const struct liberty_group *parent,
                                         const struct liberty_group *at,
                                         const char *name)
{
    for (at = at ? at->next : parent->groups; at; at = at->next)
        if (strcmp(at->name, name) == 0) return at;
    return NULL;
}
