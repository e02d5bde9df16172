/* onnx_file.h -- an ONNX file as protobuf-c messages: opening, attributes, tensors.
 *
 * Everything lives in the arena given to onnx_open.  A file that is not ONNX is
 * ST_PARSE; every message about a node reads  path: node 'name' (Operator): ...
 * Tensors may be in raw_data, in typed fields or in an external file beside the
 * model; an external location that is absolute or climbs out with ".." is refused. */
#ifndef NN_ONNX_FILE_H
#define NN_ONNX_FILE_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/status.h"
#include "onnx.pb-c.h"

/* Nodes, initializers: more than any network here has, and lookups stay quick. */
enum { ONNX_MAX_ITEMS = 16384 };

struct onnx_file {
    const char *path; /* borrowed                                             */
    struct arena *a;  /* borrowed                                             */
    const Onnx__ModelProto *model;
    const char *external_path; /* the last external file read, NULL if none   */
    const uint8_t *external;   /* (external_bytes)                            */
    size_t external_bytes;
};

status onnx_open(const char *path, struct arena *a, struct onnx_file *out,
                 struct err *err);

/* Name of a node for people: its own, or "Operator" where it has none. */
const char *onnx_node_name(const Onnx__NodeProto *n);
const char *onnx_op_type(const Onnx__NodeProto *n); /* "" if absent */
const char *onnx_domain(const Onnx__NodeProto *n);  /* "" for ai.onnx */
/* Version of an operator set domain, 0 if it is not imported. */
int64_t onnx_opset(const struct onnx_file *f, const char *domain);
/* Dimension i of a shape, 0 where it is symbolic. */
int64_t onnx_dim(const Onnx__TensorShapeProto *shape, size_t i);
/* Value of a metadata property, NULL if absent. */
const char *onnx_metadata(const struct onnx_file *f, const char *key);

/* Fails with `path: node 'name' (Operator): message`. */
status onnx_fail(const struct onnx_file *f, const Onnx__NodeProto *n, status code,
                 struct err *err, const char *fmt, ...)
    __attribute__((format(printf, 5, 6), cold));

/* Attributes; ST_PARSE if one is there with another type. */
const Onnx__AttributeProto *onnx_attribute(const Onnx__NodeProto *n, const char *name);
/* *out keeps its value, the default, if the attribute is absent. */
status onnx_attribute_int(const struct onnx_file *f, const Onnx__NodeProto *n,
                          const char *name, int64_t *out, struct err *err);
status onnx_attribute_float(const struct onnx_file *f, const Onnx__NodeProto *n,
                            const char *name, float *out, struct err *err);
/* Exactly n_want integers, each within int32_t. */
status onnx_attribute_ints(const struct onnx_file *f, const Onnx__NodeProto *n,
                           const char *name, size_t n_want, int32_t *out,
                           struct err *err);
/* Text in arena. */
status onnx_attribute_text(const struct onnx_file *f, const Onnx__NodeProto *n,
                           const char *name, const char **out, struct err *err);

/* The initializer of that name, NULL if none. */
const Onnx__TensorProto *onnx_initializer(const struct onnx_file *f, const char *name);
/* Elements of a tensor in arena, at most GRAPH_MAX_ELEMENTS; ST_UNSUPPORTED unless it
 * is FLOAT; INT64 or INT32; INT8. */
status onnx_tensor_floats(struct onnx_file *f, const Onnx__TensorProto *t, float **out,
                          size_t *n, struct err *err);
status onnx_tensor_i64(struct onnx_file *f, const Onnx__TensorProto *t, int64_t **out,
                       size_t *n, struct err *err);
status onnx_tensor_i8(struct onnx_file *f, const Onnx__TensorProto *t, int8_t **out,
                      size_t *n, struct err *err);

#endif
