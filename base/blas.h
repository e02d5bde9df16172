/* blas.h -- OpenBLAS under our own threads.
 *
 * We run threads over images or jobs and want one thread inside each call, for speed
 * and because sums must not depend on the number of cores.  The sequential build of
 * OpenBLAS (libopenblas-serial) takes its work buffers without a lock: called from two
 * threads it returns wrong products now and then.  It is refused for more than one. */
#ifndef BASE_BLAS_H
#define BASE_BLAS_H

#include "base/status.h"

/* To be called before BLAS or LAPACK is used from n_threads threads.
 * ST_MISSING_TOOL names the package to install. */
status blas_prepare(int n_threads, struct err *err);

#endif
