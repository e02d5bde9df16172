/* npy.h -- NumPy's array file, version 1.0 to 3.0: little-endian numbers in C order.
 *
 *   "\x93NUMPY" major minor, length of the header (2 bytes; 4 from version 2.0)
 *   {'descr': '<i8', 'fortran_order': False, 'shape': (53, 8, 8), }
 *   padding to 64 bytes, the numbers
 * Source: numpy.lib.format.  Object, structured, big-endian and Fortran-ordered arrays
 * are refused with the NumPy call that converts them. */
#ifndef BASE_NPY_H
#define BASE_NPY_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/status.h"

enum { NPY_MAX_DIMS = 4 };

struct npy {
    int32_t n_dims; /* 0: a single number */
    size_t shape[NPY_MAX_DIMS];
    size_t n;       /* product of shape */
    double *values; /* (shape), row-major, in arena; NaN and infinities as they are */
};

/* ST_NOT_FOUND, ST_PARSE, ST_UNSUPPORTED; ST_RANGE for integers beyond 2^53. */
status npy_load(const char *path, struct arena *a, struct npy *out, struct err *err);
/* "(53, 8, 8)" into text; returns text. */
const char *npy_shape_text(const struct npy *x, char *text, size_t size);

/* values (shape), row-major, as '<i8', version 1.0.  All or nothing; ST_IO. */
status npy_save_i64(const char *path, int32_t n_dims, const size_t *shape,
                    const int64_t *values, struct err *err);
/* The same as '<f4'. */
status npy_save_f32(const char *path, int32_t n_dims, const size_t *shape,
                    const float *values, struct err *err);

#endif
