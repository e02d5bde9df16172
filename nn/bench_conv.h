/* bench_conv.h -- how fast single convolutions are, forward and backward. */
#ifndef NN_BENCH_CONV_H
#define NN_BENCH_CONV_H

#include "base/bench.h"

extern const struct bench_figure nn_conv_figure;

#endif
