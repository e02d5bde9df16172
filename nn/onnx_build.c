/* onnx_build.c -- protobuf-c messages from plain calls. */
#include "nn/onnx_build.h"

#include <string.h>

#include "base/file.h"
#include "base/provenance.h"

/* A zeroed message; the caller runs its init. */
static void *new_bytes(struct onnx_builder *b, size_t n, size_t size)
{
    void *p = b->exhausted ? NULL : arena_alloc(b->a, n, size);
    if (!p) b->exhausted = true;
    return p;
}

static char *new_text(struct onnx_builder *b, const char *text)
{
    char *copy = b->exhausted ? NULL : arena_strdup(b->a, text);
    if (!copy) b->exhausted = true;
    return copy;
}

/* Room for one more pointer in a repeated field of n: grows at powers of two.
 * Returns the field's array, NULL on exhaustion. */
static void *grown(struct onnx_builder *b, void *array, size_t n)
{
    if (n & (n - 1)) return b->exhausted ? NULL : array;
    void *bigger = new_bytes(b, n ? 2 * n : 1, sizeof(void *));
    if (bigger && n) memcpy(bigger, array, n * sizeof(void *));
    return bigger;
}

/* Appends item to a repeated field, unless something has run out. */
#define APPEND(b, array, n, item)               \
    do {                                        \
        void *room_ = grown((b), (array), (n)); \
        if (!room_) break;                      \
        (array) = room_;                        \
        (array)[(n)++] = (item);                \
    } while (0)

void onnx_build_init(struct onnx_builder *b, struct arena *a, const char *graph_name)
{
    *b = (struct onnx_builder){.a = a};
    Onnx__ModelProto *m = new_bytes(b, 1, sizeof *m);
    Onnx__GraphProto *g = new_bytes(b, 1, sizeof *g);
    if (b->exhausted) return;
    onnx__model_proto__init(m);
    onnx__graph_proto__init(g);
    m->has_ir_version = 1;
    m->ir_version = ONNX_IR_VERSION;
    m->producer_name = new_text(b, ONNX_PRODUCER);
    m->producer_version = new_text(b, BITWRIGHT_VERSION);
    m->graph = g;
    g->name = new_text(b, graph_name);
    b->model = m;
}

void onnx_build_opset(struct onnx_builder *b, const char *domain, int64_t version)
{
    Onnx__OperatorSetIdProto *o = new_bytes(b, 1, sizeof *o);
    if (!o) return;
    onnx__operator_set_id_proto__init(o);
    o->domain = new_text(b, domain);
    o->has_version = 1;
    o->version = version;
    APPEND(b, b->model->opset_import, b->model->n_opset_import, o);
}

void onnx_build_metadata(struct onnx_builder *b, const char *key, const char *value)
{
    Onnx__StringStringEntryProto *e = new_bytes(b, 1, sizeof *e);
    if (!e) return;
    onnx__string_string_entry_proto__init(e);
    e->key = new_text(b, key);
    e->value = new_text(b, value);
    APPEND(b, b->model->metadata_props, b->model->n_metadata_props, e);
}

/* Little-endian payload of n elements, in arena. */
static uint8_t *le_bytes(struct onnx_builder *b, const void *elems, size_t n,
                         size_t size)
{
    const uint16_t probe = 1;
    uint8_t *out = new_bytes(b, n + 1, size);
    if (!out) return NULL;
    memcpy(out, elems, n * size);
    if (*(const uint8_t *)&probe == 1) return out;
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < size; j++)
            out[i * size + j] = ((const uint8_t *)elems)[i * size + size - 1 - j];
    return out;
}

void onnx_build_tensor(struct onnx_builder *b, const struct onnx_tensor_spec *spec)
{
    Onnx__TensorProto *t = new_bytes(b, 1, sizeof *t);
    int64_t *dims = new_bytes(b, 4, sizeof *dims);
    if (!t || !dims) return;
    size_t n = 1;
    for (int i = 0; i < spec->n_dims; i++) {
        dims[i] = spec->dims[i];
        n *= (size_t)spec->dims[i];
    }
    onnx__tensor_proto__init(t);
    t->name = new_text(b, spec->name);
    t->has_data_type = 1;
    t->data_type = spec->type;
    t->n_dims = (size_t)spec->n_dims;
    t->dims = dims;
    t->has_raw_data = 1;
    t->raw_data.len = n * spec->elem_bytes;
    t->raw_data.data = le_bytes(b, spec->elems, n, spec->elem_bytes);
    APPEND(b, b->model->graph->initializer, b->model->graph->n_initializer, t);
}

static Onnx__TensorShapeProto__Dimension *new_dim(struct onnx_builder *b, int64_t d)
{
    Onnx__TensorShapeProto__Dimension *dim = new_bytes(b, 1, sizeof *dim);
    if (!dim) return NULL;
    onnx__tensor_shape_proto__dimension__init(dim);
    if (d == ONNX_BATCH) {
        dim->value_case = ONNX__TENSOR_SHAPE_PROTO__DIMENSION__VALUE_DIM_PARAM;
        dim->dim_param = new_text(b, "N");
    } else {
        dim->value_case = ONNX__TENSOR_SHAPE_PROTO__DIMENSION__VALUE_DIM_VALUE;
        dim->dim_value = d;
    }
    return dim;
}

static Onnx__TypeProto *new_type(struct onnx_builder *b, int32_t type, int n_dims,
                                 const int64_t *dims)
{
    Onnx__TypeProto *t = new_bytes(b, 1, sizeof *t);
    Onnx__TypeProto__Tensor *tensor = new_bytes(b, 1, sizeof *tensor);
    Onnx__TensorShapeProto *shape = new_bytes(b, 1, sizeof *shape);
    if (b->exhausted) return NULL;
    onnx__type_proto__init(t);
    onnx__type_proto__tensor__init(tensor);
    onnx__tensor_shape_proto__init(shape);
    t->value_case = ONNX__TYPE_PROTO__VALUE_TENSOR_TYPE;
    t->tensor_type = tensor;
    tensor->has_elem_type = 1;
    tensor->elem_type = type;
    tensor->shape = shape;
    for (int i = 0; i < n_dims; i++)
        APPEND(b, shape->dim, shape->n_dim, new_dim(b, dims[i]));
    return t;
}

void onnx_build_value(struct onnx_builder *b, bool is_output, const char *name,
                      int32_t type, int n_dims, const int64_t *dims)
{
    Onnx__ValueInfoProto *v = new_bytes(b, 1, sizeof *v);
    if (!v) return;
    onnx__value_info_proto__init(v);
    v->name = new_text(b, name);
    v->type = new_type(b, type, n_dims, dims);
    Onnx__GraphProto *g = b->model->graph;
    if (is_output)
        APPEND(b, g->output, g->n_output, v);
    else
        APPEND(b, g->input, g->n_input, v);
}

Onnx__NodeProto *onnx_build_node(struct onnx_builder *b, const char *domain,
                                 const char *op, const char *name,
                                 const char *const inputs[], const char *output)
{
    Onnx__NodeProto *n = new_bytes(b, 1, sizeof *n);
    if (!n) return NULL;
    onnx__node_proto__init(n);
    n->name = new_text(b, name);
    n->op_type = new_text(b, op);
    if (domain[0]) n->domain = new_text(b, domain);
    for (int i = 0; inputs[i]; i++)
        APPEND(b, n->input, n->n_input, new_text(b, inputs[i]));
    APPEND(b, n->output, n->n_output, new_text(b, output));
    APPEND(b, b->model->graph->node, b->model->graph->n_node, n);
    return b->exhausted ? NULL : n;
}

static Onnx__AttributeProto *new_attribute(struct onnx_builder *b, Onnx__NodeProto *n,
                                           const char *name,
                                           Onnx__AttributeProto__AttributeType type)
{
    Onnx__AttributeProto *attribute = n ? new_bytes(b, 1, sizeof *attribute) : NULL;
    if (!attribute) return NULL;
    onnx__attribute_proto__init(attribute);
    attribute->name = new_text(b, name);
    attribute->has_type = 1;
    attribute->type = type;
    APPEND(b, n->attribute, n->n_attribute, attribute);
    return attribute;
}

void onnx_build_int(struct onnx_builder *b, Onnx__NodeProto *n, const char *name,
                    int64_t value)
{
    Onnx__AttributeProto *attribute =
        new_attribute(b, n, name, ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__INT);
    if (!attribute) return;
    attribute->has_i = 1;
    attribute->i = value;
}

void onnx_build_float(struct onnx_builder *b, Onnx__NodeProto *n, const char *name,
                      float value)
{
    Onnx__AttributeProto *attribute =
        new_attribute(b, n, name, ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__FLOAT);
    if (!attribute) return;
    attribute->has_f = 1;
    attribute->f = value;
}

void onnx_build_ints(struct onnx_builder *b, Onnx__NodeProto *n, const char *name,
                     size_t n_values, const int64_t *values)
{
    Onnx__AttributeProto *attribute =
        new_attribute(b, n, name, ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__INTS);
    int64_t *copy = new_bytes(b, n_values, sizeof *copy);
    if (!attribute || !copy) return;
    memcpy(copy, values, n_values * sizeof *copy);
    attribute->n_ints = n_values;
    attribute->ints = copy;
}

const char *onnx_build_name(struct onnx_builder *b, const char *prefix,
                            const char *suffix)
{
    const char *name = b->exhausted ? NULL : arena_printf(b->a, "%s%s", prefix, suffix);
    if (name) return name;
    b->exhausted = true;
    return "";
}

status onnx_build_save(struct onnx_builder *b, const char *path, struct err *err)
{
    if (!b->exhausted) onnx_build_metadata(b, ONNX_END_MARK, "1");
    if (b->exhausted) return arena_exhausted(err);
    const size_t size = onnx__model_proto__get_packed_size(b->model);
    uint8_t *packed = new_bytes(b, size, 1);
    if (!packed) return arena_exhausted(err);
    onnx__model_proto__pack(b->model, packed);
    return file_write(path, packed, size, err);
}
