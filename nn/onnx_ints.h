/* onnx_ints.h -- constant integer tensors of up to four dimensions, and what exporters
 * compute with them: shapes, pads, indices.
 *
 * Semantics are those of ONNX's operators of the same names, opsets 9 to 17.  Results
 * lie in the arena and are no operand; a message of failure names no node: the caller
 * adds it. */
#ifndef NN_ONNX_INTS_H
#define NN_ONNX_INTS_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/status.h"

enum { ONNX_INTS_DIMS = 4, ONNX_INTS_MAX = 4096 /* elements of one tensor */ };

struct onnx_ints {
    size_t n_dims; /* 0: a scalar                                            */
    int64_t dims[ONNX_INTS_DIMS];
    size_t n;
    int64_t *elems; /* (dims), row-major                                      */
};

/* Elements of a new tensor, zeroed.  ST_UNSUPPORTED beyond the limits above. */
status onnx_ints_new(size_t n_dims, const int64_t *dims, struct arena *a,
                     struct onnx_ints *out, struct err *err);

/* '+', '-', '*' or '/' (towards zero), operands broadcast.  ST_RANGE on overflow and on
 * division by zero. */
status onnx_ints_binary(char op, const struct onnx_ints *x, const struct onnx_ints *y,
                        struct arena *a, struct onnx_ints *out, struct err *err);

/* Positions of one axis that a Slice keeps: start + i * step, 0 <= i < n, of `dim`;
 * negative ends count from the end, what lies outside is clamped.  ST_RANGE if step
 * is 0. */
struct onnx_range {
    int64_t start, step, n;
};
status onnx_ints_range(int64_t dim, int64_t start, int64_t end, int64_t step,
                       struct onnx_range *out, struct err *err);
status onnx_ints_slice(const struct onnx_ints *x, int64_t axis,
                       const struct onnx_range *range, struct arena *a,
                       struct onnx_ints *out, struct err *err);

status onnx_ints_concat(const struct onnx_ints *x, size_t n, int64_t axis,
                        struct arena *a, struct onnx_ints *out, struct err *err);
/* At most one dimension of -1; 0 keeps x's, unless allow_zero. */
status onnx_ints_reshape(const struct onnx_ints *x, const struct onnx_ints *shape,
                         int64_t allow_zero, struct onnx_ints *out, struct err *err);
/* perm (n_perm); NULL reverses. */
status onnx_ints_transpose(const struct onnx_ints *x, const int64_t *perm,
                           size_t n_perm, struct arena *a, struct onnx_ints *out,
                           struct err *err);
status onnx_ints_gather(const struct onnx_ints *x, const struct onnx_ints *indices,
                        int64_t axis, struct arena *a, struct onnx_ints *out,
                        struct err *err);
/* axes NULL: every dimension of 1. */
status onnx_ints_squeeze(const struct onnx_ints *x, const int64_t *axes, size_t n_axes,
                         struct onnx_ints *out, struct err *err);
status onnx_ints_unsqueeze(const struct onnx_ints *x, const int64_t *axes,
                           size_t n_axes, struct onnx_ints *out, struct err *err);

/* axis in [-n_dims, n_dims) from the front.  ST_RANGE. */
status onnx_ints_axis(int64_t axis, size_t n_dims, size_t *out, struct err *err);

#endif
