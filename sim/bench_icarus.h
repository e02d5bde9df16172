/* bench_icarus.h -- the time of a clock cycle under Icarus Verilog, for comparison. */
#ifndef SIM_BENCH_ICARUS_H
#define SIM_BENCH_ICARUS_H

#include "base/arena.h"
#include "base/status.h"

/* write(what, path) writes a module `bench` that runs +n=N clock cycles and ends; the
 * Verilog of rtl/ is compiled with it.  *cycle_s: CPU seconds of one of n_cycles.
 * ST_MISSING_TOOL, ST_TOOL, also where the times are too noisy to subtract. */
status bench_icarus(status (*write)(const void *what, const char *path,
                                    struct err *err),
                    const void *what, int n_cycles, struct arena *a, double *cycle_s,
                    struct err *err);

#endif
