/* bench_energy.c -- lane-cycles per CPU second on the netlist of an 8 x 8 bit MAC: ours
 * without and with glitches, and in the same run a Verilated model with every net 64
 * bits wide, a Verilated one with a VCD that is read back, and Icarus with and without
 * path delays.  All count the toggles of every net; inputs are random and change every
 * cycle. */
#include "sim/bench_energy.h"

#include "base/file.h"
#include "base/rng.h"
#include "sim/cpu_time.h"
#include "sim/gate_icarus.h"
#include "sim/gate_lanes.h"
#include "sim/gate_library.h"
#include "sim/gate_sim.h"
#include "sim/gate_synth.h"
#include "sim/vcd.h"
#include "sim/workdir.h"

enum {
    MAP_LIMIT_S = 600,
    ICARUS_CYCLES = 1000,
    VCD_CYCLES = 20000,
    STEPS = 64 /* between looks at the clock */
};

struct bench {
    double seconds;
    FILE *f;
    struct arena *a;
    const char *dir;
    struct gate_library lib;
    struct liberty liberty;
    struct gate_netlist n;
    double base; /* lane-cycles per second, ours without glitches              */
};

static void say(const struct bench *b, const char *who, double per_s)
{
    if (b->base > 0)
        fprintf(b->f, "%-44s %10.4f M lane-cycles/s, ours is %.4g times as fast\n", who,
                per_s / 1e6, b->base / per_s);
    else
        fprintf(b->f, "%-44s %10.4f M lane-cycles/s\n", who, per_s / 1e6);
}

static status map(struct bench *b, struct err *err)
{
    const struct mac_config m = {.SIMD = 1,
                                 .wbits = 8,
                                 .abits = 8,
                                 .wsigned = true,
                                 .asigned = true,
                                 .acc_bits = 24,
                                 .mul = RTL_MUL_LUT};
    const struct rtl_instance inst = mac_instance(&m);
    const char *json = file_join(b->a, b->dir, GATE_SYNTH_JSON);
    if (!json) return arena_exhausted(err);
    TRY(gate_library_find("osu018", b->a, &b->lib, err));
    TRY(liberty_load(b->lib.liberty, b->a, &b->liberty, err));
    TRY(gate_synth_run(&inst, b->lib.liberty, b->dir, MAP_LIMIT_S, err));
    TRY(gate_netlist_load(json, NULL, &b->liberty, b->a, &b->n, err));
    fprintf(b->f, "mac_parallel 8 x 8 bits, accumulator 24 bits: %d cells, %d nets\n",
            b->n.n_instances, b->n.n_nets);
    return ST_OK;
}

/* Calls visit for every input but the clock. */
static int32_t inputs(const struct gate_netlist *n, int32_t *nets)
{
    int32_t k = 0;
    for (int32_t p = 0; p < n->n_ports; p++)
        for (int32_t i = 0; n->ports[p].is_input && i < n->ports[p].n_bits; i++)
            if (n->ports[p].nets[i] != n->clock) {
                if (nets) nets[k] = n->ports[p].nets[i];
                k++;
            }
    return k;
}

static status run_ours(struct bench *b, enum gate_delay delay, double *per_s,
                       struct err *err)
{
    struct gate_sim *s;
    struct rng r = rng_seed(1, 0);
    int32_t n_in = inputs(&b->n, NULL), *nets = ARENA_NEW(b->a, int32_t, (size_t)n_in);
    if (!nets) return arena_exhausted(err);
    (void)inputs(&b->n, nets);
    TRY(gate_sim_new(&b->n, delay, b->a, &s, err));
    int64_t n = 0;
    const double start = cpu_thread_s();
    double spent;
    do {
        for (int i = 0; i < STEPS; i++, n++) {
            for (int32_t k = 0; k < n_in; k++)
                for (int w = 0; w < GATE_WORDS; w++)
                    gate_sim_input(s, nets[k])[w] = rng_u64(&r);
            gate_sim_step(s);
        }
        spent = cpu_thread_s() - start;
    } while (spent < b->seconds);
    *per_s = (double)n * GATE_LANES / spent;
    return ST_OK;
}

static status run_verilated(struct bench *b, struct err *err)
{
    struct gate_lanes *g = NULL;
    struct rng r = rng_seed(1, 0);
    int32_t n_in = inputs(&b->n, NULL), *nets = ARENA_NEW(b->a, int32_t, (size_t)n_in);
    if (!nets) return arena_exhausted(err);
    (void)inputs(&b->n, nets);
    TRY(gate_lanes_open(&b->n, b->dir, 64, false, &g, err));
    int64_t n = 0;
    const double start = cpu_thread_s();
    double spent;
    do {
        for (int i = 0; i < STEPS; i++, n++) {
            for (int32_t k = 0; k < n_in; k++)
                gate_lanes_set(g, nets[k], rng_u64(&r));
            gate_lanes_step(g);
        }
        spent = cpu_thread_s() - start;
    } while (spent < b->seconds);
    gate_lanes_close(g);
    say(b, "Verilator, every net 64 bits wide", (double)n * 64 / spent);
    return ST_OK;
}

static status run_vcd(struct bench *b, struct err *err)
{
    struct gate_lanes *g = NULL;
    struct rng r = rng_seed(1, 0);
    const char *path = file_join(b->a, b->dir, "lanes.vcd");
    uint64_t *toggles = ARENA_NEW(b->a, uint64_t, (size_t)b->n.n_nets);
    int32_t n_in = inputs(&b->n, NULL), *nets = ARENA_NEW(b->a, int32_t, (size_t)n_in);
    if (!nets || !path || !toggles) return arena_exhausted(err);
    (void)inputs(&b->n, nets);
    TRY(gate_lanes_open(&b->n, b->dir, 1, true, &g, err));
    const double start = cpu_thread_s();
    status st = gate_lanes_trace(g, path, err);
    for (int i = 0; st == ST_OK && i < VCD_CYCLES; i++) {
        for (int32_t k = 0; k < n_in; k++)
            gate_lanes_set(g, nets[k], rng_u64(&r));
        gate_lanes_step_uncounted(g);
    }
    if (st == ST_OK) st = gate_lanes_trace(g, NULL, err);
    gate_lanes_close(g);
    if (st == ST_OK) st = vcd_toggles(path, 1, b->n.n_nets, toggles, err);
    TRY(st);
    say(b, "Verilator, VCD written and read", VCD_CYCLES / (cpu_thread_s() - start));
    return ST_OK;
}

static status run_icarus(struct bench *b, bool path_delays, struct err *err)
{
    struct gate_stream s;
    struct rng r = rng_seed(1, 0);
    double spent = 0;
    uint64_t *toggles = ARENA_NEW(b->a, uint64_t, (size_t)b->n.n_nets);
    if (!toggles) return arena_exhausted(err);
    TRY(gate_stream_new(&b->n, ICARUS_CYCLES, b->a, &s, err));
    for (int64_t i = 0; i < (int64_t)s.n_cycles * s.n_inputs; i++)
        s.bits[i] = (uint8_t)(rng_u64(&r) >> 63);
    /* All skipped: what is counted is not looked at, and may be unknown. */
    const struct gate_icarus_options opt = {.cells = b->lib.cells,
                                            .path_delays = path_delays,
                                            .skip_cycles = ICARUS_CYCLES};
    TRY(gate_icarus_toggles(&b->n, &s, &opt, toggles, &spent, err));
    say(b,
        path_delays ? "Icarus, path delays, VCD read" : "Icarus, no delays, VCD read",
        ICARUS_CYCLES / spent);
    return ST_OK;
}

static status run_all(struct bench *b, struct err *err)
{
    double zero, unit;
    TRY(map(b, err));
    TRY(run_ours(b, GATE_ZERO_DELAY, &zero, err));
    say(b, "ours, settled values", zero);
    TRY(run_ours(b, GATE_UNIT_DELAY, &unit, err));
    say(b, "ours, with glitches (unit delay)", unit);
    b->base = zero;
    TRY(run_verilated(b, err));
    TRY(run_vcd(b, err));
    TRY(run_icarus(b, false, err));
    b->base = unit;
    return run_icarus(b, true, err);
}

static status run(double seconds, FILE *f, struct err *err)
{
    struct bench b = {.seconds = seconds, .f = f, .a = arena_new()};
    if (!b.a) return arena_exhausted(err);
    status st = workdir_new(b.a, &b.dir, err);
    if (st == ST_OK) st = run_all(&b, err);
    workdir_remove(b.dir);
    arena_free(b.a);
    return st;
}

const struct bench_figure energy_figure = {"energy",
                                           "gate-level toggles counted, CPU time", run};
