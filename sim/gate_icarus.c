#include "sim/gate_icarus.h"

#include <stdio.h>

#include "base/file.h"
#include "sim/cpu_time.h"
#include "sim/gate_verilog.h"
#include "sim/vcd.h"
#include "sim/workdir.h"

enum { LIMIT_S = 600, HALF_NS = 100 }; /* far longer than any path               */

status gate_stream_new(const struct gate_netlist *n, int32_t n_cycles, struct arena *a,
                       struct gate_stream *out, struct err *err)
{
    *out = (struct gate_stream){.n_cycles = n_cycles};
    for (int32_t p = 0; p < n->n_ports; p++)
        for (int32_t i = 0; n->ports[p].is_input && i < n->ports[p].n_bits; i++)
            out->n_inputs += n->ports[p].nets[i] != n->clock;
    out->bits = ARENA_NEW(a, uint8_t, (size_t)n_cycles * (size_t)out->n_inputs + 1);
    return out->bits ? ST_OK : arena_exhausted(err);
}

static status write_stream(const char *dir, const struct gate_stream *s,
                           struct arena *a, struct err *err)
{
    const char *path = file_join(a, dir, "stimulus.txt");
    struct file_out o;
    if (!path) return arena_exhausted(err);
    TRY(file_out_open(path, &o, err));
    for (int32_t c = 0; c < s->n_cycles; c++) {
        for (int32_t i = s->n_inputs - 1; i >= 0; i--)
            fputc('0' + s->bits[(size_t)c * (size_t)s->n_inputs + (size_t)i], o.f);
        fputc('\n', o.f);
    }
    return file_out_commit(&o, err);
}

static status write_bench(const char *dir, const struct gate_netlist *n,
                          const struct gate_stream *s, struct arena *a, struct err *err)
{
    const char *path = file_join(a, dir, "bench.v");
    struct file_out o;
    if (!path) return arena_exhausted(err);
    TRY(file_out_open(path, &o, err));
    gate_verilog_bench(n, s->n_cycles, HALF_NS, o.f);
    gate_verilog_cells(n, o.f);
    return file_out_commit(&o, err);
}

static status run_in(const char *dir, const struct gate_netlist *n,
                     const struct gate_stream *s, const struct gate_icarus_options *opt,
                     struct arena *a, uint64_t *toggles, double *cpu_s, struct err *err)
{
    /* bench.v first: the time scale that it sets also holds for the cells. */
    const char *const compile[] = {
        "iverilog", "-g2005",    "-Ttyp", opt->path_delays ? "-gspecify" : "-g2005",
        "-o",       "bench.vvp", "-s",    "gate_bench",
        "bench.v",  opt->cells,  NULL};
    const char *const run[] = {"vvp", "-n", "bench.vvp", opt->quiet ? "+quiet" : NULL,
                               NULL};
    const char *vcd = file_join(a, dir, "toggles.vcd");
    if (!vcd) return arena_exhausted(err);
    TRY(write_stream(dir, s, a, err));
    TRY(write_bench(dir, n, s, a, err));
    TRY(workdir_run(dir, compile, LIMIT_S, err));
    double start = cpu_children_s();
    TRY(workdir_run(dir, run, LIMIT_S, err));
    double spent = cpu_children_s() - start;
    if (!opt->quiet) {
        /* Cycle c ends 2 * HALF_NS after it began; its edge is in the middle. */
        const int64_t from = (int64_t)opt->skip_cycles * 2 * HALF_NS * 1000;
        start = cpu_thread_s();
        TRY(vcd_toggles(vcd, from, n->n_nets, toggles, err));
        spent += cpu_thread_s() - start;
    }
    if (cpu_s) *cpu_s = spent;
    return ST_OK;
}

status gate_icarus_toggles(const struct gate_netlist *n, const struct gate_stream *s,
                           const struct gate_icarus_options *opt, uint64_t *toggles,
                           double *cpu_s, struct err *err)
{
    struct arena *a = arena_new();
    if (!a) return arena_exhausted(err);
    const char *dir = NULL;
    status st = workdir_new(a, &dir, err);
    if (st == ST_OK) st = run_in(dir, n, s, opt, a, toggles, cpu_s, err);
    workdir_remove(dir);
    arena_free(a);
    return st;
}
