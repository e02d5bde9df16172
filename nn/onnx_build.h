/* onnx_build.h -- builds an ONNX file node by node, in an arena.
 *
 * Failures of allocation are kept and reported by onnx_build_save, so the calls
 * between need no checks.  Names and payloads are borrowed until then.  The same
 * calls give the same bytes. */
#ifndef NN_ONNX_BUILD_H
#define NN_ONNX_BUILD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/status.h"
#include "onnx.pb-c.h"

/* The last field of every file of ours.  Protobuf has no end, so a file cut between two
 * fields is a valid smaller one: the mark's absence tells. */
#define ONNX_PRODUCER "bitwright"
#define ONNX_END_MARK "bitwright.end"

enum { ONNX_IR_VERSION = 8, ONNX_BATCH = -1 /* a dimension named N */ };

struct onnx_builder {
    struct arena *a; /* borrowed */
    Onnx__ModelProto *model;
    bool exhausted;
};

struct onnx_tensor_spec {
    const char *name;
    int32_t type; /* ONNX__TENSOR_PROTO__DATA_TYPE__...           */
    size_t elem_bytes;
    int n_dims;
    int64_t dims[4];
    const void *elems; /* (dims), row-major, host order                */
};

void onnx_build_init(struct onnx_builder *b, struct arena *a, const char *graph_name);
void onnx_build_opset(struct onnx_builder *b, const char *domain, int64_t version);
void onnx_build_metadata(struct onnx_builder *b, const char *key, const char *value);
void onnx_build_tensor(struct onnx_builder *b, const struct onnx_tensor_spec *t);
/* A graph input (or output) of that element type and shape. */
void onnx_build_value(struct onnx_builder *b, bool is_output, const char *name,
                      int32_t type, int n_dims, const int64_t *dims);

/* A node with one output; inputs[] ends with NULL.  NULL on exhaustion, which the
 * attribute calls accept. */
Onnx__NodeProto *onnx_build_node(struct onnx_builder *b, const char *domain,
                                 const char *op, const char *name,
                                 const char *const inputs[], const char *output);
void onnx_build_int(struct onnx_builder *b, Onnx__NodeProto *n, const char *name,
                    int64_t value);
void onnx_build_float(struct onnx_builder *b, Onnx__NodeProto *n, const char *name,
                      float value);
void onnx_build_ints(struct onnx_builder *b, Onnx__NodeProto *n, const char *name,
                     size_t n_values, const int64_t *values);

/* "prefix" "suffix", in arena; "" on exhaustion, which is kept. */
const char *onnx_build_name(struct onnx_builder *b, const char *prefix,
                            const char *suffix);

/* Packs and writes the file, all or nothing. */
status onnx_build_save(struct onnx_builder *b, const char *path, struct err *err);

#endif
