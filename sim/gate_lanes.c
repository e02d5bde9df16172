#include "sim/gate_lanes.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "sim/dut.h"
#include "sim/gate_verilog.h"

struct gate_lanes {
    const struct gate_netlist *n;
    struct dut *d;
    int32_t lanes;
    int *input;              /* (n_nets) port of an input, -1: none           */
    int *output;             /* (n_nets) port of a net                        */
    uint64_t *value, *count; /* (n_nets)                                      */
};

static status write_verilog(const struct gate_netlist *n, const char *path,
                            struct err *err)
{
    struct file_out o;
    TRY(file_out_open(path, &o, err));
    gate_verilog_lanes(n, o.f);
    return file_out_commit(&o, err);
}

static status bind(struct gate_lanes *g, struct arena *a, struct err *err)
{
    const struct gate_netlist *n = g->n;
    for (int32_t i = 0; i < n->n_nets; i++) {
        const char *name = arena_printf(a, "o_%d", i);
        if (!name) return arena_exhausted(err);
        TRY(dut_need_port(g->d, name, &g->output[i], err));
        g->input[i] = -1;
    }
    for (int32_t p = 0; p < n->n_ports; p++)
        for (int32_t i = 0; n->ports[p].is_input && i < n->ports[p].n_bits; i++) {
            const int32_t net = n->ports[p].nets[i];
            if (net == n->clock) continue;
            const char *name = arena_printf(a, "i_%d", net);
            if (!name) return arena_exhausted(err);
            TRY(dut_need_port(g->d, name, &g->input[net], err));
        }
    return ST_OK;
}

static uint64_t read_net(const struct gate_lanes *g, int32_t net)
{
    return dut_get_u64(g->d, g->output[net]);
}

/* The values from which the first step counts. */
static void settle(struct gate_lanes *g)
{
    dut_eval(g->d);
    for (int32_t i = 0; i < g->n->n_nets; i++)
        g->value[i] = read_net(g, i);
    gate_lanes_clear(g);
}

static status open_model(struct gate_lanes *g, const char *dir, bool trace,
                         struct arena *a, struct err *err)
{
    const char *path = file_join(a, dir, "gate_lanes.v");
    if (!path) return arena_exhausted(err);
    TRY(write_verilog(g->n, path, err));
    const char *const sources[] = {path, NULL};
    const struct rtl_instance inst = {
        .module = "gate_lanes", .n_params = 1, .params = {{"LANES", g->lanes}}};
    struct dut_options opt = dut_defaults();
    opt.sources = sources;
    opt.trace = trace;
    opt.opt_level = 3;
    TRY(dut_open_with(&inst, &opt, &g->d, err));
    TRY(bind(g, a, err));
    settle(g);
    return ST_OK;
}

status gate_lanes_open(const struct gate_netlist *n, const char *dir, int32_t lanes,
                       bool trace, struct gate_lanes **out, struct err *err)
{
    *out = NULL;
    struct gate_lanes *g = calloc(1, sizeof *g);
    struct arena *a = arena_new();
    status st = ST_NOMEM;
    if (g && a) {
        const size_t n_nets = (size_t)n->n_nets;
        g->n = n;
        g->lanes = lanes;
        g->input = calloc(n_nets, sizeof *g->input);
        g->output = calloc(n_nets, sizeof *g->output);
        g->value = calloc(n_nets, sizeof *g->value);
        g->count = calloc(n_nets, sizeof *g->count);
        st = g->input && g->output && g->value && g->count
                 ? open_model(g, dir, trace, a, err)
                 : arena_exhausted(err);
    } else {
        (void)arena_exhausted(err);
    }
    arena_free(a);
    if (st == ST_OK)
        *out = g;
    else
        gate_lanes_close(g);
    return st;
}

void gate_lanes_close(struct gate_lanes *g)
{
    if (!g) return;
    dut_close(g->d);
    free(g->input);
    free(g->output);
    free(g->value);
    free(g->count);
    free(g);
}

void gate_lanes_set(struct gate_lanes *g, int32_t net, uint64_t value)
{
    dut_set_u64(g->d, g->input[net], g->lanes == 64 ? value : value & 1);
}

void gate_lanes_step_uncounted(struct gate_lanes *g) { dut_tick(g->d); }

void gate_lanes_step(struct gate_lanes *g)
{
    dut_tick(g->d);
    for (int32_t i = 0; i < g->n->n_nets; i++) {
        const uint64_t v = read_net(g, i);
        g->count[i] += (uint64_t)__builtin_popcountll(v ^ g->value[i]);
        g->value[i] = v;
    }
}

uint64_t gate_lanes_toggles(const struct gate_lanes *g, int32_t net)
{
    return g->count[net];
}

void gate_lanes_clear(struct gate_lanes *g)
{
    memset(g->count, 0, (size_t)g->n->n_nets * sizeof *g->count);
}

status gate_lanes_trace(struct gate_lanes *g, const char *path, struct err *err)
{
    return dut_trace(g->d, path, err);
}
