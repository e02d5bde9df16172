/* csv.c -- see csv.h.
 *
 * The file is cut into fields in place: one pass over the text, in which every
 * field is NUL-terminated and unquoted where it stands. */
#include "base/csv.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/cli.h"
#include "base/file.h"

struct scan {
    const char *path;
    char *p;      /* next character                                           */
    int32_t line; /* 1-based, of p                                            */
    char stop;    /* what ended the last field: ',', '\n' or '\0'             */
};

static status quoted_field(struct scan *s, char **out, struct err *err)
{
    char *to = *out = ++s->p;
    const int32_t start = s->line;
    for (;; s->p++) {
        if (*s->p == '\0')
            return err_set(err, ST_PARSE, "%s:%d: expected a closing '\"', found none",
                           s->path, start);
        if (*s->p == '\n') s->line++;
        if (*s->p == '"' && *++s->p != '"') break;
        *to++ = *s->p;
    }
    char *after = s->p;
    if (*after == '\r' && after[1] == '\n') after++;
    if (*after && *after != ',' && *after != '\n')
        return err_set(err, ST_PARSE,
                       "%s:%d: expected ',' or the end of the line after a quoted "
                       "field, found '%c'",
                       s->path, s->line, *after);
    s->p = after;
    s->stop = *after;
    *to = '\0';
    return ST_OK;
}

/* Reads one field and steps over the separator behind it. */
static status next_field(struct scan *s, char **out, struct err *err)
{
    if (*s->p == '"') {
        TRY(quoted_field(s, out, err));
    } else {
        *out = s->p;
        s->p += strcspn(s->p, ",\n");
        s->stop = *s->p;
        if (s->p > *out && s->stop != ',' && s->p[-1] == '\r') s->p[-1] = '\0';
        *s->p = '\0';
    }
    if (s->stop) s->p++;
    if (s->stop == '\n') s->line++;
    return ST_OK;
}

/* Upper bound of fields in the text, and of lines. */
static void count_separators(const char *text, size_t *fields, size_t *lines)
{
    *fields = *lines = 1;
    for (; *text; text++) {
        *fields += *text == ',' || *text == '\n';
        *lines += *text == '\n';
    }
}

static status read_preamble(struct scan *s, struct arena *a, struct csv *out,
                            struct err *err)
{
    const char *start = s->p;
    while (*s->p == '#') {
        s->p += strcspn(s->p, "\n");
        if (*s->p == '\0') break;
        s->p++;
        s->line++;
    }
    out->preamble = arena_strndup(a, start, (size_t)(s->p - start));
    return out->preamble ? ST_OK : arena_exhausted(err);
}

/* "lut[1]" becomes name "lut" and unit "1". */
static status split_unit(const struct csv *c, int32_t line, struct arena *a, char *head,
                         int32_t col, struct err *err)
{
    char *open = strchr(head, '['), *close = open ? strchr(open, ']') : NULL;
    if (open && (!close || close[1] || open == head))
        return err_set(err, ST_PARSE, "%s:%d: expected name[unit], found '%s'", c->path,
                       line, head);
    const size_t n = open ? (size_t)(open - head) : strlen(head);
    c->names[col] = arena_strndup(a, head, n);
    c->units[col] = open ? arena_strndup(a, open + 1, (size_t)(close - open - 1)) : "";
    return c->names[col] && c->units[col] ? ST_OK : arena_exhausted(err);
}

static status check_header(const struct csv *c, int32_t line, struct err *err)
{
    for (int32_t i = 0; i < c->n_cols; i++) {
        if (c->names[i][0] == '\0')
            return err_set(err, ST_PARSE,
                           "%s:%d: expected a name for column %d, found none", c->path,
                           line, i + 1);
        for (int32_t j = 0; j < i; j++)
            if (strcmp(c->names[i], c->names[j]) == 0)
                return err_set(err, ST_PARSE,
                               "%s:%d: expected every column once, found '%s' twice",
                               c->path, line, c->names[i]);
    }
    return ST_OK;
}

static status read_header(struct scan *s, struct arena *a, struct csv *out,
                          struct err *err)
{
    const int32_t line = out->head_line = s->line;
    if (*s->p == '\0')
        return err_set(err, ST_PARSE, "%s:%d: expected a header row, found the end",
                       s->path, line);
    size_t n_max = 1; /* commas of the line, some of which may be quoted */
    for (const char *p = s->p; *p && *p != '\n'; p++)
        n_max += *p == ',';
    out->names = ARENA_NEW(a, const char *, n_max + 1); /* and a NULL */
    out->units = ARENA_NEW(a, const char *, n_max);
    if (!out->names || !out->units) return arena_exhausted(err);
    do {
        char *head;
        TRY(next_field(s, &head, err));
        if (s->line > line + 1 || (size_t)out->n_cols == n_max)
            return err_set(err, ST_PARSE,
                           "%s:%d: expected the header on one line, found a line break",
                           s->path, line);
        TRY(split_unit(out, line, a, head, out->n_cols++, err));
    } while (s->stop == ',');
    return check_header(out, line, err);
}

static status read_row(struct scan *s, struct csv *out, struct err *err)
{
    const int32_t line = s->line;
    const char **row = out->cells + out->n_rows * (size_t)out->n_cols;
    int32_t n = 0;
    do {
        char *cell;
        TRY(next_field(s, &cell, err));
        if (n < out->n_cols) row[n] = cell;
        n++;
    } while (s->stop == ',');
    if (n != out->n_cols)
        return err_set(err, ST_PARSE, "%s:%d: expected %d fields, found %d", s->path,
                       line, out->n_cols, n);
    out->lines[out->n_rows++] = line;
    return ST_OK;
}

status csv_load(const char *path, struct arena *a, struct csv *out, struct err *err)
{
    size_t size, n_fields, n_lines;
    struct scan s = {.path = path, .line = 1};
    *out = (struct csv){.path = arena_strdup(a, path)};
    if (!out->path) return arena_exhausted(err);
    TRY(file_read(path, a, &s.p, &size, err));
    if (memchr(s.p, '\0', size))
        return err_set(err, ST_PARSE, "%s: expected text, found a zero byte", path);
    if (size >= 3 && memcmp(s.p, "\xef\xbb\xbf", 3) == 0) s.p += 3;
    TRY(read_preamble(&s, a, out, err));
    count_separators(s.p, &n_fields, &n_lines);
    TRY(read_header(&s, a, out, err));
    /* Every row holds n_cols fields, so no more than n_fields are ever stored,
     * plus one ragged row before its error. */
    out->cells = ARENA_NEW(a, const char *, n_fields + (size_t)out->n_cols);
    out->lines = ARENA_NEW(a, int32_t, n_lines);
    if (!out->cells || !out->lines) return arena_exhausted(err);
    while (*s.p)
        TRY(read_row(&s, out, err));
    return ST_OK;
}

int32_t csv_column(const struct csv *c, const char *name)
{
    for (int32_t i = 0; i < c->n_cols; i++)
        if (strcmp(c->names[i], name) == 0) return i;
    return -1;
}

status csv_need_column(const struct csv *c, const char *name, int32_t *out,
                       struct err *err)
{
    *out = csv_column(c, name);
    if (*out >= 0) return ST_OK;
    const char *near = cli_nearest(name, c->names);
    return err_set(err, ST_PARSE, "%s:%d: expected a column '%s', found none%s%s%s",
                   c->path, c->head_line, name, near ? "; the nearest is '" : "",
                   near ? near : "", near ? "'" : "");
}

const char *csv_cell(const struct csv *c, size_t row, int32_t col)
{
    return c->cells[row * (size_t)c->n_cols + (size_t)col];
}

static status cell_fail(const struct csv *c, size_t row, int32_t col, status code,
                        const char *expected, struct err *err)
{
    return err_set(err, code, "%s:%d:%d: expected %s for '%s', found '%s'", c->path,
                   c->lines[row], col + 1, expected, c->names[col],
                   csv_cell(c, row, col));
}

status csv_double(const struct csv *c, size_t row, int32_t col, double *out,
                  struct err *err)
{
    const char *text = csv_cell(c, row, col);
    char *end;
    *out = strtod(text, &end);
    if (end == text || *end) return cell_fail(c, row, col, ST_PARSE, "a number", err);
    if (!isfinite(*out))
        return cell_fail(c, row, col, ST_RANGE, "a finite number", err);
    return ST_OK;
}

status csv_int(const struct csv *c, size_t row, int32_t col, int64_t lo, int64_t hi,
               int64_t *out, struct err *err)
{
    const char *text = csv_cell(c, row, col);
    char *end, expected[64];
    snprintf(expected, sizeof expected, "an integer from %lld to %lld", (long long)lo,
             (long long)hi);
    errno = 0;
    const long long v = strtoll(text, &end, 10);
    if (end == text || *end) return cell_fail(c, row, col, ST_PARSE, expected, err);
    if (errno || v < lo || v > hi)
        return cell_fail(c, row, col, ST_RANGE, expected, err);
    *out = v;
    return ST_OK;
}

void csv_put(FILE *f, const char *text)
{
    if (text[strcspn(text, ",\"\r\n")] == '\0') {
        fputs(text, f);
        return;
    }
    fputc('"', f);
    for (; *text; text++) {
        if (*text == '"') fputc('"', f);
        fputc(*text, f);
    }
    fputc('"', f);
}
