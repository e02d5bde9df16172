/* bench_step.h -- how fast one quantised training step runs here. */
#ifndef NN_BENCH_STEP_H
#define NN_BENCH_STEP_H

#include <stdint.h>
#include <stdio.h>

#include "base/bench.h"
#include "base/status.h"

struct nn_bench_options {
    const char *network; /* .yaml or .onnx, borrowed                          */
    int32_t batch;       /* images per step                       default 128 */
    int wbits, abits;    /* of all layers but the first           default 4   */
    double seconds;      /* per figure, at least                  default 2   */
    int n_threads;       /* of the second figure                  default 2   */
};
struct nn_bench_options nn_bench_defaults(const char *network);

/* One row: `n_threads` threads. */
struct nn_bench_step {
    int n_threads;
    double images_per_s;     /* by wall clock, best of the repetitions         */
    double images_per_cpu_s; /* by processor time of all threads               */
    double gemm_share;       /* of the sgemm peak of as many cores, in [0, 1]  */
};

/* Prints a table on f: sgemm peak of one core, then a row for one thread and one for
 * n_threads, on random images with augmentation.  steps: 2 rows, may be NULL. */
status nn_bench_step_run(const struct nn_bench_options *opt, FILE *f,
                         struct nn_bench_step *steps, struct err *err);

/* The shipped network's step, as a figure of `bitwright bench`. */
extern const struct bench_figure nn_step_figure;

#endif
