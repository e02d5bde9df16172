/* npy.c -- see npy.h. */
#include "base/npy.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"

static const char magic[6] = "\x93NUMPY";
enum { MAGIC = 6, ALIGN = 64 };

/* The header's dictionary, read as far as we have come. */
struct scan {
    const char *path, *p;
    char descr[16];
    bool has_descr, has_order, has_shape, fortran;
};

static status header_fail(const struct scan *s, const char *expected, struct err *err)
{
    char found[24];
    snprintf(found, sizeof found, "%.*s", (int)strcspn(s->p, "\n"), s->p);
    return err_set(err, ST_PARSE, "%s: .npy header: expected %s, found '%s'", s->path,
                   expected, found);
}

static void blanks(struct scan *s) { s->p += strspn(s->p, " \t\n"); }

static bool take(struct scan *s, const char *word)
{
    blanks(s);
    const size_t n = strlen(word);
    if (strncmp(s->p, word, n) != 0) return false;
    s->p += n;
    return true;
}

/* 'text' or "text" */
static status quoted(struct scan *s, char *out, size_t size, struct err *err)
{
    blanks(s);
    const char quote = *s->p;
    if (quote != '\'' && quote != '"') return header_fail(s, "a quoted word", err);
    const char *end = strchr(s->p + 1, quote);
    if (!end || (size_t)(end - s->p) > size) return header_fail(s, "a short word", err);
    memcpy(out, s->p + 1, (size_t)(end - s->p - 1));
    out[end - s->p - 1] = '\0';
    s->p = end + 1;
    return ST_OK;
}

static status read_shape(struct scan *s, struct npy *out, struct err *err)
{
    if (s->has_shape) return header_fail(s, "one shape", err);
    if (!take(s, "(")) return header_fail(s, "a shape such as (53, 8, 8)", err);
    out->n = 1;
    while (!take(s, ")")) {
        size_t v = 0;
        const char *start = s->p;
        for (; *s->p >= '0' && *s->p <= '9'; s->p++) {
            v = 10 * v + (size_t)(*s->p - '0');
            if (v > (size_t)1 << 32) return header_fail(s, "a smaller shape", err);
        }
        if (s->p == start) return header_fail(s, "a length", err);
        if (out->n_dims == NPY_MAX_DIMS)
            return header_fail(s, "at most 4 dimensions", err);
        out->shape[out->n_dims++] = v;
        if (v > 0 && out->n > ((size_t)1 << 40) / v)
            return header_fail(s, "a smaller shape", err);
        out->n *= v;
        take(s, ",");
        blanks(s);
    }
    return ST_OK;
}

static status read_pair(struct scan *s, struct npy *out, struct err *err)
{
    char key[24];
    TRY(quoted(s, key, sizeof key, err));
    if (!take(s, ":")) return header_fail(s, "':'", err);
    if (strcmp(key, "descr") == 0) {
        blanks(s);
        if (*s->p == '[')
            return err_set(err, ST_UNSUPPORTED,
                           "%s: expected an array of numbers, found a structured one",
                           s->path);
        s->has_descr = true;
        return quoted(s, s->descr, sizeof s->descr, err);
    }
    if (strcmp(key, "fortran_order") == 0) {
        s->has_order = true;
        s->fortran = take(s, "True");
        if (s->fortran || take(s, "False")) return ST_OK;
        return header_fail(s, "True or False", err);
    }
    if (strcmp(key, "shape") == 0) {
        TRY(read_shape(s, out, err));
        s->has_shape = true;
        return ST_OK;
    }
    return err_set(err, ST_PARSE,
                   "%s: .npy header: expected descr, fortran_order and shape, found "
                   "'%s'",
                   s->path, key);
}

static status read_dictionary(struct scan *s, struct npy *out, struct err *err)
{
    if (!take(s, "{")) return header_fail(s, "'{'", err);
    while (!take(s, "}")) {
        TRY(read_pair(s, out, err));
        take(s, ",");
    }
    if (s->has_descr && s->has_order && s->has_shape) return ST_OK;
    return err_set(err, ST_PARSE,
                   "%s: .npy header: expected descr, fortran_order and shape, found no "
                   "%s",
                   s->path,
                   !s->has_descr   ? "descr"
                   : !s->has_order ? "fortran_order"
                                   : "shape");
}

/* ---- numbers ---- */

static uint64_t bytes_at(const char *p, int size)
{
    uint64_t v = 0;
    for (int i = size - 1; i >= 0; i--)
        v = v << 8 | (unsigned char)p[i];
    return v;
}

static double float_at(const char *p, int size)
{
    float f;
    double d;
    const uint64_t bits = bytes_at(p, size);
    const uint32_t bits32 = (uint32_t)bits;
    if (size == 8) {
        memcpy(&d, &bits, sizeof d);
        return d;
    }
    memcpy(&f, &bits32, sizeof f);
    return (double)f;
}

static status integer_at(const char *path, const char *p, int size, bool sign,
                         double *out, struct err *err)
{
    const uint64_t raw = bytes_at(p, size), top = (uint64_t)1 << (8 * size - 1);
    const bool negative = sign && (raw & top);
    const uint64_t size_mask = size == 8 ? UINT64_MAX : 2 * top - 1;
    const uint64_t magnitude = negative ? (~raw + 1) & size_mask : raw;
    if (magnitude > (uint64_t)1 << 53)
        return err_set(err, ST_RANGE, "%s: expected integers up to 2^53, found %s%llu",
                       path, negative ? "-" : "", (unsigned long long)magnitude);
    *out = negative ? -(double)magnitude : (double)magnitude;
    return ST_OK;
}

static status check_type(const struct scan *s, int *size, struct err *err)
{
    const char *d = s->descr;
    if (d[0] == '>')
        return err_set(err, ST_UNSUPPORTED,
                       "%s: expected little-endian numbers ('<%s'), found '%s'; "
                       "convert with numpy: a.astype('<%s')",
                       s->path, d + 1, d, d + 1);
    *size = d[0] && d[1] && d[2] && !d[3] ? d[2] - '0' : 0;
    const bool integer = (d[1] == 'i' || d[1] == 'u') &&
                         (*size == 1 || *size == 2 || *size == 4 || *size == 8);
    const bool real = d[1] == 'f' && (*size == 4 || *size == 8);
    if ((d[0] == '<' || d[0] == '|') && (integer || real)) return ST_OK;
    return err_set(err, ST_UNSUPPORTED,
                   "%s: expected integers or floats ('<i8', '<f8', '<i4', '<f4', ...), "
                   "found '%s'",
                   s->path, d);
}

static status read_numbers(const struct scan *s, const char *bytes, size_t n_bytes,
                           struct arena *a, struct npy *out, struct err *err)
{
    int size;
    char shape[96];
    TRY(check_type(s, &size, err));
    if (s->fortran)
        return err_set(err, ST_UNSUPPORTED,
                       "%s: expected C order, found Fortran order; convert with numpy: "
                       "numpy.ascontiguousarray(a)",
                       s->path);
    if (n_bytes != out->n * (size_t)size)
        return err_set(err, ST_PARSE,
                       "%s: expected %zu bytes of numbers for shape %s of '%s', found "
                       "%zu",
                       s->path, out->n * (size_t)size,
                       npy_shape_text(out, shape, sizeof shape), s->descr, n_bytes);
    out->values = ARENA_NEW(a, double, out->n + 1);
    if (!out->values) return arena_exhausted(err);
    for (size_t i = 0; i < out->n; i++) {
        const char *p = bytes + i * (size_t)size;
        if (s->descr[1] == 'f')
            out->values[i] = float_at(p, size);
        else
            TRY(integer_at(s->path, p, size, s->descr[1] == 'i', &out->values[i], err));
    }
    return ST_OK;
}

status npy_load(const char *path, struct arena *a, struct npy *out, struct err *err)
{
    char *bytes;
    size_t size;
    struct scan s = {.path = path};
    *out = (struct npy){.n_dims = 0};
    TRY(file_read(path, a, &bytes, &size, err));
    if (size < MAGIC + 4 || memcmp(bytes, magic, MAGIC) != 0)
        return err_set(err, ST_PARSE,
                       "%s: expected a NumPy file that begins with \\x93NUMPY, found "
                       "%zu bytes that do not",
                       path, size);
    const int major = bytes[MAGIC];
    if (major < 1 || major > 3)
        return err_set(err, ST_UNSUPPORTED,
                       "%s: expected .npy version 1, 2 or 3, found %d", path, major);
    const int n_length = major == 1 ? 2 : 4;
    const size_t head = MAGIC + 2 + (size_t)n_length;
    const size_t length =
        size < head ? size : (size_t)bytes_at(bytes + MAGIC + 2, n_length);
    if (size < head || length > size - head)
        return err_set(err, ST_PARSE,
                       "%s: expected a header of %zu bytes, found the end of the file",
                       path, length);
    s.p = arena_strndup(a, bytes + head, length);
    if (!s.p) return arena_exhausted(err);
    TRY(read_dictionary(&s, out, err));
    return read_numbers(&s, bytes + head + length, size - head - length, a, out, err);
}

const char *npy_shape_text(const struct npy *x, char *text, size_t size)
{
    size_t n = (size_t)snprintf(text, size, "(");
    for (int32_t i = 0; i < x->n_dims && n < size; i++)
        n += (size_t)snprintf(text + n, size - n, "%s%zu", i ? ", " : "", x->shape[i]);
    if (n < size) snprintf(text + n, size - n, x->n_dims == 1 ? ",)" : ")");
    return text;
}

/* ---- write ---- */

/* Opens the file and writes all but the numbers. */
static status begin(const char *path, const char *type, int32_t n_dims,
                    const size_t *shape, struct npy *x, struct file_out *o,
                    struct err *err)
{
    char text[96], head[256];
    *x = (struct npy){.n_dims = n_dims, .n = 1};
    for (int32_t i = 0; i < n_dims; i++) {
        x->shape[i] = shape[i];
        x->n *= shape[i];
    }
    const int n = snprintf(head, sizeof head,
                           "{'descr': '%s', 'fortran_order': False, 'shape': %s, }",
                           type, npy_shape_text(x, text, sizeof text));
    const int before = MAGIC + 4, total = (before + n + 1 + ALIGN - 1) / ALIGN * ALIGN;
    const int length = total - before;
    TRY(file_out_open(path, o, err));
    fwrite(magic, 1, MAGIC, o->f);
    fputc(1, o->f);
    fputc(0, o->f);
    fputc(length & 255, o->f);
    fputc(length >> 8, o->f);
    fprintf(o->f, "%-*s\n", length - 1, head);
    return ST_OK;
}

static void put_little(FILE *f, uint64_t bits, int n_bytes)
{
    for (int byte = 0; byte < n_bytes; byte++)
        fputc((int)(bits >> (8 * byte) & 255), f);
}

status npy_save_i64(const char *path, int32_t n_dims, const size_t *shape,
                    const int64_t *values, struct err *err)
{
    struct file_out o;
    struct npy x;
    TRY(begin(path, "<i8", n_dims, shape, &x, &o, err));
    for (size_t i = 0; i < x.n; i++)
        put_little(o.f, (uint64_t)values[i], 8);
    return file_out_commit(&o, err);
}

status npy_save_f32(const char *path, int32_t n_dims, const size_t *shape,
                    const float *values, struct err *err)
{
    struct file_out o;
    struct npy x;
    TRY(begin(path, "<f4", n_dims, shape, &x, &o, err));
    for (size_t i = 0; i < x.n; i++) {
        uint32_t bits;
        memcpy(&bits, &values[i], sizeof bits);
        put_little(o.f, bits, 4);
    }
    return file_out_commit(&o, err);
}
