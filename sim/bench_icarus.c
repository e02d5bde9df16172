#include "sim/bench_icarus.h"

#include <stdio.h>

#include "base/file.h"
#include "rtl/accel_config.h"
#include "sim/cpu_time.h"
#include "sim/workdir.h"

enum { LIMIT_S = 600, MAX_ARGS = 128 };

static status compile(const char *dir, struct arena *a, struct err *err)
{
    const char *argv[MAX_ARGS] = {"iverilog", "-g2005",    "-s",     "bench",
                                  "-o",       "bench.vvp", "bench.v"};
    const char *home = NULL;
    int n = 7;
    TRY(file_home_dir(a, &home, err));
    for (const char *const *s = rtl_sim_sources(); *s; s++) {
        if (n == MAX_ARGS - 1)
            return err_set(err, ST_TOOL, "icarus: more than %d sources", MAX_ARGS - 8);
        argv[n++] = file_join(a, home, *s);
    }
    return workdir_run(dir, argv, LIMIT_S, err);
}

static status time_run(const char *dir, int n_cycles, double *seconds, struct err *err)
{
    char n[16];
    const char *const argv[] = {"vvp", "-n", "bench.vvp", n, NULL};
    (void)snprintf(n, sizeof n, "+n=%d", n_cycles);
    const double start = cpu_children_s();
    TRY(workdir_run(dir, argv, LIMIT_S, err));
    *seconds = cpu_children_s() - start;
    return ST_OK;
}

/* The time of the cycles alone: what comes before them and starting up cancel out. */
status bench_icarus(status (*write)(const void *what, const char *path,
                                    struct err *err),
                    const void *what, int n_cycles, struct arena *a, double *cycle_s,
                    struct err *err)
{
    const char *dir = NULL;
    double without = 0, with = 0;
    TRY(workdir_new(a, &dir, err));
    const char *bench = file_join(a, dir, "bench.v");
    status st = bench ? write(what, bench, err) : arena_exhausted(err);
    if (st == ST_OK) st = compile(dir, a, err);
    if (st == ST_OK) st = time_run(dir, 0, &without, err);
    if (st == ST_OK) st = time_run(dir, n_cycles, &with, err);
    workdir_remove(dir);
    TRY(st);
    *cycle_s = (with - without) / n_cycles;
    if (*cycle_s > 0) return ST_OK;
    return err_set(err, ST_TOOL, "icarus: times too noisy to subtract");
}
