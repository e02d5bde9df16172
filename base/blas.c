/* blas.c -- see blas.h. */
#include "base/blas.h"

#include <cblas.h>

status blas_prepare(int n_threads, struct err *err)
{
    openblas_set_num_threads(1);
    if (n_threads <= 1 || openblas_get_parallel() != OPENBLAS_SEQUENTIAL) return ST_OK;
    return err_set(err, ST_MISSING_TOOL,
                   "the sequential OpenBLAS is not safe in %d threads; install "
                   "libopenblas-pthread-dev, or use one thread",
                   n_threads);
}
