/* bench_energy.h -- how fast gate-level toggles are counted. */
#ifndef SIM_BENCH_ENERGY_H
#define SIM_BENCH_ENERGY_H

#include "base/bench.h"

extern const struct bench_figure energy_figure;

#endif
