/* bench_sim.h -- how fast the RTL is simulated and measured. */
#ifndef SIM_BENCH_SIM_H
#define SIM_BENCH_SIM_H

#include "base/arena.h"
#include "base/bench.h"

extern const struct bench_figure sim_figure;

/* The part of it about systolic arrays. */
status bench_systolic(double seconds, struct arena *a, FILE *f, struct err *err);

#endif
