/* bench_step.h -- how fast one quantised training step runs here. */
#ifndef NN_BENCH_STEP_H
#define NN_BENCH_STEP_H

#include "base/bench.h"

/* The shipped network's step, as a figure of `bitwright bench`. */
extern const struct bench_figure nn_step_figure;

#endif
