/* onnx_file.c -- unpacks an ONNX file and looks things up in it.
 *
 * protobuf-c gets its memory from the arena.  It recurses once per nested message,
 * so a hostile file could exhaust the stack: the allocator, which is called once per
 * message, measures how far the stack has grown and fails beyond a limit. */
#include "nn/onnx_file.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "nn/onnx_build.h"

/* A graph in a file without subgraphs nests five messages; each takes about 2 KiB. */
enum { MAX_STACK_BYTES = 256 * 1024 };

struct unpack_memory {
    struct arena *a;
    uintptr_t stack_start;
    bool exhausted;
};

static void *unpack_alloc(void *memory, size_t size)
{
    struct unpack_memory *m = memory;
    const char here = 0;
    const uintptr_t now = (uintptr_t)&here;
    const uintptr_t depth = now < m->stack_start ? m->stack_start - now : 0;
    if (depth > MAX_STACK_BYTES) return NULL;
    void *p = arena_alloc(m->a, size ? size : 1, 1);
    if (!p) m->exhausted = true;
    return p;
}

static void unpack_free(void *memory, void *p)
{
    (void)memory; /* the arena frees everything at once */
    (void)p;
}

static status check_model(const struct onnx_file *f, struct err *err)
{
    const Onnx__ModelProto *m = f->model;
    const bool is_ours =
        m->producer_name && strcmp(m->producer_name, ONNX_PRODUCER) == 0;
    if (is_ours && !onnx_metadata(f, ONNX_END_MARK))
        return err_set(err, ST_PARSE,
                       "%s: expected the end of the file to be there, found "
                       "it cut off",
                       f->path);
    if (!m->graph || m->graph->n_node == 0)
        return err_set(err, ST_PARSE,
                       "%s: expected an ONNX model with a graph, found none", f->path);
    if (m->graph->n_node > ONNX_MAX_ITEMS || m->graph->n_initializer > ONNX_MAX_ITEMS)
        return err_set(err, ST_RANGE,
                       "%s: expected at most %d nodes and initializers, "
                       "found %zu and %zu",
                       f->path, ONNX_MAX_ITEMS, m->graph->n_node,
                       m->graph->n_initializer);
    return ST_OK;
}

status onnx_open(const char *path, struct arena *a, struct onnx_file *out,
                 struct err *err)
{
    char *bytes;
    size_t size;
    TRY(file_read(path, a, &bytes, &size, err));
    const char here = 0;
    struct unpack_memory memory = {.a = a, .stack_start = (uintptr_t)&here};
    ProtobufCAllocator allocator = {unpack_alloc, unpack_free, &memory};
    *out = (struct onnx_file){.path = path, .a = a};
    out->model = onnx__model_proto__unpack(&allocator, size, (const uint8_t *)bytes);
    if (memory.exhausted) return arena_exhausted(err);
    if (!out->model)
        return err_set(err, ST_PARSE,
                       "%s: expected an ONNX model, found %zu bytes that "
                       "are not one; the file is truncated or damaged",
                       path, size);
    return check_model(out, err);
}

const char *onnx_op_type(const Onnx__NodeProto *n)
{
    return n->op_type ? n->op_type : "";
}

const char *onnx_node_name(const Onnx__NodeProto *n)
{
    return n->name && n->name[0] ? n->name : onnx_op_type(n);
}

const char *onnx_domain(const Onnx__NodeProto *n)
{
    return n->domain && strcmp(n->domain, "ai.onnx") != 0 ? n->domain : "";
}

int64_t onnx_opset(const struct onnx_file *f, const char *domain)
{
    for (size_t i = 0; i < f->model->n_opset_import; i++) {
        const Onnx__OperatorSetIdProto *o = f->model->opset_import[i];
        const char *name =
            o->domain && strcmp(o->domain, "ai.onnx") != 0 ? o->domain : "";
        if (strcmp(name, domain) == 0) return o->version;
    }
    return 0;
}

int64_t onnx_dim(const Onnx__TensorShapeProto *shape, size_t i)
{
    const Onnx__TensorShapeProto__Dimension *d = shape->dim[i];
    return d->value_case == ONNX__TENSOR_SHAPE_PROTO__DIMENSION__VALUE_DIM_VALUE
               ? d->dim_value
               : 0;
}

const char *onnx_metadata(const struct onnx_file *f, const char *key)
{
    for (size_t i = 0; i < f->model->n_metadata_props; i++) {
        const Onnx__StringStringEntryProto *e = f->model->metadata_props[i];
        if (e->key && e->value && strcmp(e->key, key) == 0) return e->value;
    }
    return NULL;
}

status onnx_fail(const struct onnx_file *f, const Onnx__NodeProto *n, status code,
                 struct err *err, const char *fmt, ...)
{
    char text[256];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    return err_set(err, code, "%s: node '%.64s' (%.64s): %s", f->path,
                   onnx_node_name(n), onnx_op_type(n), text);
}

const Onnx__AttributeProto *onnx_attribute(const Onnx__NodeProto *n, const char *name)
{
    for (size_t i = 0; i < n->n_attribute; i++)
        if (n->attribute[i]->name && strcmp(n->attribute[i]->name, name) == 0)
            return n->attribute[i];
    return NULL;
}

static status wrong_type(const struct onnx_file *f, const Onnx__NodeProto *n,
                         const char *name, const char *type, struct err *err)
{
    return onnx_fail(f, n, ST_PARSE, err,
                     "expected attribute '%s' to be %s, found another type", name,
                     type);
}

status onnx_attribute_int(const struct onnx_file *f, const Onnx__NodeProto *n,
                          const char *name, int64_t *out, struct err *err)
{
    const Onnx__AttributeProto *attribute = onnx_attribute(n, name);
    if (!attribute) return ST_OK;
    if (!attribute->has_i) return wrong_type(f, n, name, "an integer", err);
    *out = attribute->i;
    return ST_OK;
}

status onnx_attribute_float(const struct onnx_file *f, const Onnx__NodeProto *n,
                            const char *name, float *out, struct err *err)
{
    const Onnx__AttributeProto *attribute = onnx_attribute(n, name);
    if (!attribute) return ST_OK;
    if (!attribute->has_f) return wrong_type(f, n, name, "a number", err);
    *out = attribute->f;
    return ST_OK;
}

status onnx_attribute_ints(const struct onnx_file *f, const Onnx__NodeProto *n,
                           const char *name, size_t n_want, int32_t *out,
                           struct err *err)
{
    const Onnx__AttributeProto *attribute = onnx_attribute(n, name);
    if (!attribute) return ST_OK;
    if (attribute->n_ints != n_want)
        return onnx_fail(f, n, ST_PARSE, err,
                         "expected %zu integers in attribute '%s', found %zu", n_want,
                         name, attribute->n_ints);
    for (size_t i = 0; i < n_want; i++) {
        if (attribute->ints[i] < INT32_MIN || attribute->ints[i] > INT32_MAX)
            return onnx_fail(f, n, ST_RANGE, err,
                             "expected 32-bit integers in attribute '%s', found %lld",
                             name, (long long)attribute->ints[i]);
        out[i] = (int32_t)attribute->ints[i];
    }
    return ST_OK;
}

status onnx_attribute_text(const struct onnx_file *f, const Onnx__NodeProto *n,
                           const char *name, const char **out, struct err *err)
{
    const Onnx__AttributeProto *attribute = onnx_attribute(n, name);
    if (!attribute) return ST_OK;
    if (!attribute->has_s) return wrong_type(f, n, name, "a text", err);
    const char *text =
        arena_strndup(f->a, (const char *)attribute->s.data, attribute->s.len);
    if (!text) return arena_exhausted(err);
    *out = text;
    return ST_OK;
}

const Onnx__TensorProto *onnx_initializer(const struct onnx_file *f, const char *name)
{
    const Onnx__GraphProto *g = f->model->graph;
    for (size_t i = 0; i < g->n_initializer; i++)
        if (g->initializer[i]->name && strcmp(g->initializer[i]->name, name) == 0)
            return g->initializer[i];
    return NULL;
}
