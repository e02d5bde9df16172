/* onnx_tensor.c -- the elements of ONNX tensors, wherever the file keeps them. */
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "nn/graph_internal.h"
#include "nn/onnx_file.h"

enum {
    TYPE_FLOAT = ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT,
    TYPE_INT8 = ONNX__TENSOR_PROTO__DATA_TYPE__INT8,
    TYPE_INT32 = ONNX__TENSOR_PROTO__DATA_TYPE__INT32,
    TYPE_INT64 = ONNX__TENSOR_PROTO__DATA_TYPE__INT64,
};

static const char *tensor_name(const Onnx__TensorProto *t)
{
    return t->name && t->name[0] ? t->name : "(constant)";
}

/* Product of the dimensions. */
static status tensor_size(const struct onnx_file *f, const Onnx__TensorProto *t,
                          size_t *n, struct err *err)
{
    int64_t size = 1;
    for (size_t i = 0; i < t->n_dims; i++) {
        const int64_t d = t->dims[i];
        if (d < 0 || d > GRAPH_MAX_ELEMENTS || size * d > GRAPH_MAX_ELEMENTS)
            return err_set(err, ST_RANGE,
                           "%s: tensor '%.64s': expected at most %d "
                           "elements, found dimension %lld",
                           f->path, tensor_name(t), GRAPH_MAX_ELEMENTS, (long long)d);
        size *= d;
    }
    *n = (size_t)size;
    return ST_OK;
}

static status wrong_count(const struct onnx_file *f, const Onnx__TensorProto *t,
                          size_t want, size_t found, struct err *err)
{
    return err_set(err, ST_PARSE,
                   "%s: tensor '%.64s': expected %zu bytes or elements, "
                   "found %zu",
                   f->path, tensor_name(t), want, found);
}

/* ---- external data ---- */

struct location {
    const char *path;
    uint64_t offset, length; /* [bytes] */
    bool has_length;
};

/* Only a plain relative path that stays below the model's folder. */
static bool is_safe_path(const char *p)
{
    if (!p[0] || p[0] == '/' || strchr(p, '\\')) return false;
    for (;;) {
        const size_t n = strcspn(p, "/");
        if (n == 2 && p[0] == '.' && p[1] == '.') return false;
        if (!p[n]) return true;
        p += n + 1;
    }
}

static bool parse_u64(const char *text, uint64_t *out)
{
    if (text[0] < '0' || text[0] > '9') return false;
    char *end;
    *out = strtoull(text, &end, 10);
    return *end == '\0' && *out <= (uint64_t)INT64_MAX;
}

static status parse_location(const struct onnx_file *f, const Onnx__TensorProto *t,
                             struct location *l, struct err *err)
{
    *l = (struct location){0};
    for (size_t i = 0; i < t->n_external_data; i++) {
        const char *key = t->external_data[i]->key;
        const char *value = t->external_data[i]->value;
        if (!key || !value) continue;
        bool good = true;
        if (strcmp(key, "location") == 0) l->path = value;
        if (strcmp(key, "offset") == 0) good = parse_u64(value, &l->offset);
        if (strcmp(key, "length") == 0) {
            good = parse_u64(value, &l->length);
            l->has_length = true;
        }
        if (!good)
            return err_set(err, ST_PARSE,
                           "%s: tensor '%.64s': expected external_data "
                           "'%s' to be a byte count, found '%.64s'",
                           f->path, tensor_name(t), key, value);
    }
    if (!l->path || !is_safe_path(l->path))
        return err_set(err, ST_PARSE,
                       "%s: tensor '%.64s': expected an external location "
                       "inside the model's folder, found '%.128s'",
                       f->path, tensor_name(t), l->path ? l->path : "");
    return ST_OK;
}

static status load_external(struct onnx_file *f, const char *path, struct err *err)
{
    if (f->external_path && strcmp(f->external_path, path) == 0) return ST_OK;
    const char *full = file_beside(f->a, f->path, path);
    if (!full) return arena_exhausted(err);
    char *bytes;
    TRY(file_read(full, f->a, &bytes, &f->external_bytes, err));
    f->external = (const uint8_t *)bytes;
    f->external_path = path;
    return ST_OK;
}

static status external_bytes(struct onnx_file *f, const Onnx__TensorProto *t,
                             size_t want, const uint8_t **out, struct err *err)
{
    struct location l;
    TRY(parse_location(f, t, &l, err));
    TRY(load_external(f, l.path, err));
    if (l.has_length && l.length != want) return wrong_count(f, t, want, l.length, err);
    if (l.offset > f->external_bytes || f->external_bytes - l.offset < want)
        return err_set(err, ST_PARSE,
                       "%s: tensor '%.64s': expected %zu bytes at offset "
                       "%" PRIu64 " of '%.128s', found a file of %zu bytes",
                       f->path, tensor_name(t), want, l.offset, l.path,
                       f->external_bytes);
    *out = f->external + l.offset;
    return ST_OK;
}

/* Little-endian payload of `want` bytes, or NULL if the tensor uses a typed field. */
static status payload(struct onnx_file *f, const Onnx__TensorProto *t, size_t want,
                      const uint8_t **out, struct err *err)
{
    *out = NULL;
    if (t->segment)
        return err_set(err, ST_UNSUPPORTED,
                       "%s: tensor '%.64s': segmented tensors are "
                       "not supported",
                       f->path, tensor_name(t));
    if (t->data_location == ONNX__TENSOR_PROTO__DATA_LOCATION__EXTERNAL)
        return external_bytes(f, t, want, out, err);
    if (!t->has_raw_data) return ST_OK;
    if (t->raw_data.len != want) return wrong_count(f, t, want, t->raw_data.len, err);
    static const uint8_t nothing[1];
    *out = want ? t->raw_data.data : nothing;
    return ST_OK;
}

static status wrong_type(const struct onnx_file *f, const Onnx__TensorProto *t,
                         const char *want, struct err *err)
{
    return err_set(err, ST_UNSUPPORTED,
                   "%s: tensor '%.64s': expected elements of type "
                   "%s, found ONNX type %d",
                   f->path, tensor_name(t), want, t->data_type);
}

/* Element i of `size` bytes, little-endian. */
static uint64_t le_bits(const uint8_t *p, size_t i, size_t size)
{
    uint64_t bits = 0;
    for (size_t b = 0; b < size; b++)
        bits |= (uint64_t)p[i * size + b] << (8 * b);
    return bits;
}

status onnx_tensor_floats(struct onnx_file *f, const Onnx__TensorProto *t, float **out,
                          size_t *n, struct err *err)
{
    const uint8_t *bytes;
    if (t->data_type != TYPE_FLOAT) return wrong_type(f, t, "FLOAT", err);
    TRY(tensor_size(f, t, n, err));
    TRY(payload(f, t, *n * 4, &bytes, err));
    if (!bytes && t->n_float_data != *n)
        return wrong_count(f, t, *n, t->n_float_data, err);
    float *v = ARENA_NEW(f->a, float, *n + 1);
    if (!v) return arena_exhausted(err);
    for (size_t i = 0; i < *n; i++) {
        if (bytes) {
            const uint32_t bits = (uint32_t)le_bits(bytes, i, 4);
            memcpy(&v[i], &bits, sizeof bits);
        } else {
            v[i] = t->float_data[i];
        }
    }
    *out = v;
    return ST_OK;
}

status onnx_tensor_i64(struct onnx_file *f, const Onnx__TensorProto *t, int64_t **out,
                       size_t *n, struct err *err)
{
    const uint8_t *bytes;
    const bool wide = t->data_type == TYPE_INT64;
    if (!wide && t->data_type != TYPE_INT32)
        return wrong_type(f, t, "INT64 or INT32", err);
    TRY(tensor_size(f, t, n, err));
    TRY(payload(f, t, *n * (wide ? 8 : 4), &bytes, err));
    const size_t n_typed = wide ? t->n_int64_data : t->n_int32_data;
    if (!bytes && n_typed != *n) return wrong_count(f, t, *n, n_typed, err);
    int64_t *v = ARENA_NEW(f->a, int64_t, *n + 1);
    if (!v) return arena_exhausted(err);
    for (size_t i = 0; i < *n; i++) {
        if (bytes)
            v[i] = wide ? (int64_t)le_bits(bytes, i, 8) : (int32_t)le_bits(bytes, i, 4);
        else
            v[i] = wide ? t->int64_data[i] : t->int32_data[i];
    }
    *out = v;
    return ST_OK;
}

status onnx_tensor_i8(struct onnx_file *f, const Onnx__TensorProto *t, int8_t **out,
                      size_t *n, struct err *err)
{
    const uint8_t *bytes;
    if (t->data_type != TYPE_INT8) return wrong_type(f, t, "INT8", err);
    TRY(tensor_size(f, t, n, err));
    TRY(payload(f, t, *n, &bytes, err));
    if (!bytes && t->n_int32_data != *n)
        return wrong_count(f, t, *n, t->n_int32_data, err);
    int8_t *v = ARENA_NEW(f->a, int8_t, *n + 1);
    if (!v) return arena_exhausted(err);
    for (size_t i = 0; i < *n; i++) {
        const int32_t elem = bytes ? (int8_t)bytes[i] : t->int32_data[i];
        if (elem < INT8_MIN || elem > INT8_MAX)
            return err_set(err, ST_RANGE,
                           "%s: tensor '%.64s': expected 8-bit elements, found %d",
                           f->path, tensor_name(t), elem);
        v[i] = (int8_t)elem;
    }
    *out = v;
    return ST_OK;
}
