/* gate_drivers.c -- what drives each net: gates by their truth tables, flip-flops by
 * their state, constants, inputs; one each, and no net that is read without one. */
#include <string.h>

#include "sim/gate_read.h"

static status drive(struct gate_reader *r, int32_t net, enum gate_driver by,
                    const char *who)
{
    if (r->driver[net] != DRIVER_NONE)
        return gate_refuse(r, ST_PARSE, who, "to be the only driver of its net",
                           "another one");
    r->driver[net] = by;
    return ST_OK;
}

/* Names and nets of a cell's input pins. */
struct inputs {
    int n;
    const char *names[LIBERTY_MAX_INPUTS];
    int32_t nets[LIBERTY_MAX_INPUTS];
};

static status collect_inputs(const struct gate_reader *r,
                             const struct gate_instance *inst, struct inputs *out)
{
    out->n = 0;
    for (int32_t i = 0; i < inst->cell->n_pins; i++) {
        const struct liberty_pin *p = &inst->cell->pins[i];
        if (!p->is_input) continue;
        if (inst->nets[i] < 0)
            return gate_refuse(r, ST_PARSE, inst->name, "every input connected",
                               p->name);
        if (out->n == LIBERTY_MAX_INPUTS)
            return gate_refuse(r, ST_UNSUPPORTED, inst->name,
                               "a cell of at most 6 inputs", inst->cell->name);
        out->names[out->n] = p->name;
        out->nets[out->n++] = inst->nets[i];
    }
    return ST_OK;
}

static status truth_of(const struct gate_reader *r, const char *function, int32_t line,
                       const struct inputs *in, uint64_t *out)
{
    const char *where = arena_printf(r->a, "%s:%d", r->n->library->path, line);
    if (!where) return arena_exhausted(r->err);
    return liberty_truth(where, function, in->names, in->n, out, r->err);
}

static status add_gate(struct gate_reader *r, int32_t i_inst, int32_t pin,
                       const struct inputs *in)
{
    const struct gate_instance *inst = &r->n->instances[i_inst];
    const struct liberty_pin *p = &inst->cell->pins[pin];
    if (!p->function || p->is_tristate)
        return gate_refuse(r, ST_UNSUPPORTED, inst->name, "a cell with a function",
                           inst->cell->name);
    uint64_t truth;
    TRY(truth_of(r, p->function, p->function_line, in, &truth));
    struct gate *g = &r->gates[r->n->n_gates++];
    *g = (struct gate){.instance = i_inst,
                       .pin = pin,
                       .out = inst->nets[pin],
                       .n_inputs = in->n,
                       .shape = gate_shape_find(truth, in->n)};
    for (int k = 0; k < in->n; k++)
        g->in[k] = in->nets[g->shape.input[k]];
    return drive(r, g->out, DRIVER_GATE, inst->name);
}

/* The input k for which the truth table is k (or not k); -1: another function. */
static int single_input(uint64_t truth, int n, bool *invert)
{
    for (int k = 0; k < n; k++) {
        uint64_t plain = 0;
        for (unsigned i = 0; i < 64; i++)
            plain |= (uint64_t)(i >> k & 1) << i;
        *invert = truth == ~plain;
        if (truth == plain || *invert) return k;
    }
    return -1;
}

static status set_clock(struct gate_reader *r, const struct gate_instance *inst,
                        int32_t net, bool falls)
{
    if (r->n->clock >= 0 && (r->n->clock != net || r->n->clock_falls != falls))
        return gate_refuse(r, ST_UNSUPPORTED, inst->name, "one clock and one edge",
                           "another clock or edge");
    r->n->clock = net;
    r->n->clock_falls = falls;
    return ST_OK;
}

static status add_ff(struct gate_reader *r, int32_t i_inst, const struct inputs *in)
{
    const struct gate_instance *inst = &r->n->instances[i_inst];
    const struct liberty_ff *ff = inst->cell->ff;
    const char *name = inst->cell->name;
    if (ff->has_async)
        return gate_refuse(r, ST_UNSUPPORTED, inst->name,
                           "no asynchronous set or reset", name);
    uint64_t next, clock;
    bool d_inverted, falls;
    TRY(truth_of(r, ff->next_state, ff->line, in, &next));
    TRY(truth_of(r, ff->clocked_on, ff->line, in, &clock));
    const int d = single_input(next, in->n, &d_inverted);
    const int clk = single_input(clock, in->n, &falls);
    if (d < 0 || clk < 0)
        return gate_refuse(r, ST_UNSUPPORTED, inst->name, "a plain D flip-flop", name);
    TRY(set_clock(r, inst, in->nets[clk], falls));
    r->n->n_flip_flops++;
    const struct inputs states = {.n = 2, .names = {ff->iq, ff->iqn}};
    for (int32_t pin = 0; pin < inst->cell->n_pins; pin++) {
        const struct liberty_pin *p = &inst->cell->pins[pin];
        if (p->is_input || inst->nets[pin] < 0) continue;
        uint64_t q;
        if (!p->function || p->is_tristate)
            return gate_refuse(r, ST_UNSUPPORTED, inst->name, "outputs with a function",
                               name);
        TRY(truth_of(r, p->function, p->function_line, &states, &q));
        const bool at_1 = (q >> 1 & 1) != 0, at_0 = (q >> 2 & 1) != 0;
        if (at_0 == at_1)
            return gate_refuse(r, ST_UNSUPPORTED, inst->name,
                               "outputs that show the state", name);
        r->ffs[r->n->n_ffs++] = (struct gate_ff){.instance = i_inst,
                                                 .pin = pin,
                                                 .d = in->nets[d],
                                                 .q = inst->nets[pin],
                                                 .invert = d_inverted ^ at_0,
                                                 .reset = at_0};
        TRY(drive(r, inst->nets[pin], DRIVER_FF, inst->name));
    }
    return ST_OK;
}

static status add_all(struct gate_reader *r)
{
    size_t n_outputs = 1;
    for (int32_t i = 0; i < r->n->n_instances; i++)
        n_outputs += (size_t)r->n->instances[i].cell->n_pins;
    r->gates = ARENA_NEW(r->a, struct gate, n_outputs);
    r->ffs = ARENA_NEW(r->a, struct gate_ff, n_outputs);
    r->driver = ARENA_NEW(r->a, enum gate_driver, (size_t)r->n->n_nets);
    if (!r->gates || !r->ffs || !r->driver) return arena_exhausted(r->err);
    r->driver[GATE_NET_0] = r->driver[GATE_NET_1] = DRIVER_CONSTANT;
    for (int32_t p = 0; p < r->n->n_ports; p++)
        for (int32_t i = 0; r->n->ports[p].is_input && i < r->n->ports[p].n_bits; i++)
            TRY(drive(r, r->n->ports[p].nets[i], DRIVER_INPUT, r->n->ports[p].name));
    for (int32_t i = 0; i < r->n->n_instances; i++) {
        const struct gate_instance *inst = &r->n->instances[i];
        struct inputs in;
        if (inst->cell->has_latch)
            return gate_refuse(r, ST_UNSUPPORTED, inst->name, "no latch",
                               inst->cell->name);
        TRY(collect_inputs(r, inst, &in));
        if (inst->cell->ff) {
            TRY(add_ff(r, i, &in));
            continue;
        }
        for (int32_t pin = 0; pin < inst->cell->n_pins; pin++)
            if (inst->cell->pins[pin].is_output && inst->nets[pin] >= 0)
                TRY(add_gate(r, i, pin, &in));
    }
    return ST_OK;
}

static status check_reads(const struct gate_reader *r)
{
    const struct gate_netlist *n = r->n;
    for (int32_t i = 0; i < n->n_instances; i++) {
        const struct gate_instance *inst = &n->instances[i];
        for (int32_t pin = 0; pin < inst->cell->n_pins; pin++) {
            const int32_t net = inst->nets[pin];
            if (net < 0 || !inst->cell->pins[pin].is_input) continue;
            if (r->driver[net] == DRIVER_NONE)
                return gate_refuse(r, ST_PARSE, inst->name, "a driver of every input",
                                   inst->cell->pins[pin].name);
            if (net == n->clock && !inst->cell->ff)
                return gate_refuse(r, ST_UNSUPPORTED, inst->name,
                                   "the clock to drive flip-flops only",
                                   inst->cell->name);
        }
    }
    if (n->clock >= 0 && r->driver[n->clock] != DRIVER_INPUT)
        return err_set(r->err, ST_UNSUPPORTED,
                       "%s: expected a clock that is an input, found a driven one",
                       n->path);
    return ST_OK;
}

status gate_add_drivers(struct gate_reader *r)
{
    TRY(add_all(r));
    return check_reads(r);
}
