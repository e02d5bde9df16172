#include "sim/gate_netlist.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "sim/gate_levels.h"

/* What drives a net. */
enum driver { DRIVER_NONE, DRIVER_CONSTANT, DRIVER_INPUT, DRIVER_GATE, DRIVER_FF };

struct reader {
    struct gate_netlist *n;
    struct arena *a;
    struct err *err;
    int32_t *net_of_bit; /* (n_bits) Yosys' number to ours, -1: not seen       */
    int64_t n_bits;
    struct gate *gates;
    struct gate_ff *ffs;
    enum driver *driver; /* (n_nets)                                           */
};

static status refuse(const struct reader *r, status code, const char *cell,
                     const char *expected, const char *found)
{
    return err_set(r->err, code, "%s: cell %s: expected %s, found %s", r->n->path, cell,
                   expected, found);
}

/* ---- nets ---- */

/* Largest bit number of an array of bits, or of what is there already. */
static int64_t largest_bit(json_t *bits, int64_t so_far)
{
    size_t i;
    json_t *bit;
    json_array_foreach(bits, i, bit)
    {
        const int64_t v = (int64_t)json_integer_value(bit);
        if (json_is_integer(bit) && v > so_far) so_far = v;
    }
    return so_far;
}

static status make_bits(struct reader *r, json_t *module)
{
    enum { MAX_BITS = 1 << 26 };
    int64_t top = 1;
    const char *name, *pin;
    json_t *port, *cell, *bits;
    json_object_foreach(json_object_get(module, "ports"), name, port) top =
        largest_bit(json_object_get(port, "bits"), top);
    json_object_foreach(json_object_get(module, "cells"), name, cell)
    {
        json_object_foreach(json_object_get(cell, "connections"), pin, bits) top =
            largest_bit(bits, top);
    }
    if (top > MAX_BITS)
        return err_set(r->err, ST_RANGE, "%s: expected at most %d nets, found %lld",
                       r->n->path, MAX_BITS, (long long)top);
    r->n_bits = top + 1;
    r->net_of_bit = ARENA_NEW(r->a, int32_t, (size_t)r->n_bits);
    if (!r->net_of_bit) return arena_exhausted(r->err);
    for (int64_t i = 0; i < r->n_bits; i++)
        r->net_of_bit[i] = -1;
    r->n->n_nets = GATE_FIRST_NET;
    return ST_OK;
}

/* Net of one element of a bits array; an undefined bit is refused. */
static status net_of(struct reader *r, const char *where, json_t *bit, int32_t *out)
{
    if (json_is_integer(bit)) {
        const int64_t v = (int64_t)json_integer_value(bit);
        if (v < 0) return refuse(r, ST_PARSE, where, "a bit number", "a negative one");
        if (r->net_of_bit[v] < 0) r->net_of_bit[v] = r->n->n_nets++;
        *out = r->net_of_bit[v];
        return ST_OK;
    }
    const char *text = json_string_value(bit);
    if (text && (strcmp(text, "0") == 0 || strcmp(text, "1") == 0)) {
        *out = text[0] == '1' ? GATE_NET_1 : GATE_NET_0;
        return ST_OK;
    }
    return refuse(r, ST_PARSE, where, "a bit number, \"0\" or \"1\"",
                  text ? text : "something else");
}

static status read_ports(struct reader *r, json_t *module)
{
    json_t *ports = json_object_get(module, "ports"), *port, *bit;
    struct gate_port *out =
        ARENA_NEW(r->a, struct gate_port, json_object_size(ports) + 1);
    if (!out) return arena_exhausted(r->err);
    r->n->ports = out;
    const char *name;
    json_object_foreach(ports, name, port)
    {
        json_t *bits = json_object_get(port, "bits");
        const char *direction = json_string_value(json_object_get(port, "direction"));
        int32_t *nets = ARENA_NEW(r->a, int32_t, json_array_size(bits) + 1);
        out->name = arena_strdup(r->a, name);
        if (!nets || !out->name) return arena_exhausted(r->err);
        if (!direction ||
            (strcmp(direction, "input") != 0 && strcmp(direction, "output") != 0))
            return err_set(r->err, ST_PARSE,
                           "%s: port %s: expected direction input or output, found %s",
                           r->n->path, name, direction ? direction : "none");
        out->is_input = strcmp(direction, "input") == 0;
        out->n_bits = (int32_t)json_array_size(bits);
        size_t i;
        json_array_foreach(bits, i, bit) TRY(net_of(r, name, bit, &nets[i]));
        out->nets = nets;
        out++;
        r->n->n_ports++;
    }
    return ST_OK;
}

/* ---- cells ---- */

static status read_instance(struct reader *r, const char *name, json_t *cell,
                            struct gate_instance *out)
{
    const char *type = json_string_value(json_object_get(cell, "type"));
    json_t *connections = json_object_get(cell, "connections"), *bits;
    out->name = arena_strdup(r->a, name);
    out->cell = type ? liberty_find(r->n->library, type) : NULL;
    if (!out->name) return arena_exhausted(r->err);
    if (!out->cell)
        return refuse(r, ST_UNSUPPORTED, name, "a cell of the library",
                      type ? type : "no type");
    int32_t *nets = ARENA_NEW(r->a, int32_t, (size_t)out->cell->n_pins + 1);
    if (!nets) return arena_exhausted(r->err);
    for (int32_t i = 0; i < out->cell->n_pins; i++)
        nets[i] = -1;
    const char *pin;
    json_object_foreach(connections, pin, bits)
    {
        const struct liberty_pin *p = liberty_pin(out->cell, pin);
        if (!p) return refuse(r, ST_PARSE, name, "a pin of its cell", pin);
        if (json_array_size(bits) != 1)
            return refuse(r, ST_PARSE, name, "one bit per pin", pin);
        TRY(net_of(r, name, json_array_get(bits, 0), &nets[p - out->cell->pins]));
    }
    out->nets = nets;
    return ST_OK;
}

static status read_instances(struct reader *r, json_t *module)
{
    json_t *cells = json_object_get(module, "cells"), *cell;
    struct gate_instance *out =
        ARENA_NEW(r->a, struct gate_instance, json_object_size(cells) + 1);
    if (!out) return arena_exhausted(r->err);
    r->n->instances = out;
    const char *name;
    json_object_foreach(cells, name, cell)
        TRY(read_instance(r, name, cell, &out[r->n->n_instances++]));
    return ST_OK;
}

/* ---- drivers ---- */

static status drive(struct reader *r, int32_t net, enum driver by, const char *who)
{
    if (r->driver[net] != DRIVER_NONE)
        return refuse(r, ST_PARSE, who, "to be the only driver of its net",
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

static status collect_inputs(const struct reader *r, const struct gate_instance *inst,
                             struct inputs *out)
{
    out->n = 0;
    for (int32_t i = 0; i < inst->cell->n_pins; i++) {
        const struct liberty_pin *p = &inst->cell->pins[i];
        if (!p->is_input) continue;
        if (inst->nets[i] < 0)
            return refuse(r, ST_PARSE, inst->name, "every input connected", p->name);
        if (out->n == LIBERTY_MAX_INPUTS)
            return refuse(r, ST_UNSUPPORTED, inst->name, "a cell of at most 6 inputs",
                          inst->cell->name);
        out->names[out->n] = p->name;
        out->nets[out->n++] = inst->nets[i];
    }
    return ST_OK;
}

static status truth_of(const struct reader *r, const char *function, int32_t line,
                       const struct inputs *in, uint64_t *out)
{
    const char *where = arena_printf(r->a, "%s:%d", r->n->library->path, line);
    if (!where) return arena_exhausted(r->err);
    return liberty_truth(where, function, in->names, in->n, out, r->err);
}

static status add_gate(struct reader *r, int32_t i_inst, int32_t pin,
                       const struct inputs *in)
{
    const struct gate_instance *inst = &r->n->instances[i_inst];
    const struct liberty_pin *p = &inst->cell->pins[pin];
    if (!p->function || p->is_tristate)
        return refuse(r, ST_UNSUPPORTED, inst->name, "a cell with a function",
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

static status set_clock(struct reader *r, const struct gate_instance *inst, int32_t net,
                        bool falls)
{
    if (r->n->clock >= 0 && (r->n->clock != net || r->n->clock_falls != falls))
        return refuse(r, ST_UNSUPPORTED, inst->name, "one clock and one edge",
                      "another clock or edge");
    r->n->clock = net;
    r->n->clock_falls = falls;
    return ST_OK;
}

static status add_ff(struct reader *r, int32_t i_inst, const struct inputs *in)
{
    const struct gate_instance *inst = &r->n->instances[i_inst];
    const struct liberty_ff *ff = inst->cell->ff;
    const char *name = inst->cell->name;
    if (ff->has_async)
        return refuse(r, ST_UNSUPPORTED, inst->name, "no asynchronous set or reset",
                      name);
    uint64_t next, clock;
    bool d_inverted, falls;
    TRY(truth_of(r, ff->next_state, ff->line, in, &next));
    TRY(truth_of(r, ff->clocked_on, ff->line, in, &clock));
    const int d = single_input(next, in->n, &d_inverted);
    const int clk = single_input(clock, in->n, &falls);
    if (d < 0 || clk < 0)
        return refuse(r, ST_UNSUPPORTED, inst->name, "a plain D flip-flop", name);
    TRY(set_clock(r, inst, in->nets[clk], falls));
    r->n->n_flip_flops++;
    const struct inputs states = {.n = 2, .names = {ff->iq, ff->iqn}};
    for (int32_t pin = 0; pin < inst->cell->n_pins; pin++) {
        const struct liberty_pin *p = &inst->cell->pins[pin];
        if (p->is_input || inst->nets[pin] < 0) continue;
        uint64_t q;
        if (!p->function || p->is_tristate)
            return refuse(r, ST_UNSUPPORTED, inst->name, "outputs with a function",
                          name);
        TRY(truth_of(r, p->function, p->function_line, &states, &q));
        const bool at_1 = (q >> 1 & 1) != 0, at_0 = (q >> 2 & 1) != 0;
        if (at_0 == at_1)
            return refuse(r, ST_UNSUPPORTED, inst->name, "outputs that show the state",
                          name);
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

static status add_drivers(struct reader *r)
{
    size_t n_outputs = 1;
    for (int32_t i = 0; i < r->n->n_instances; i++)
        n_outputs += (size_t)r->n->instances[i].cell->n_pins;
    r->gates = ARENA_NEW(r->a, struct gate, n_outputs);
    r->ffs = ARENA_NEW(r->a, struct gate_ff, n_outputs);
    r->driver = ARENA_NEW(r->a, enum driver, (size_t)r->n->n_nets);
    if (!r->gates || !r->ffs || !r->driver) return arena_exhausted(r->err);
    r->driver[GATE_NET_0] = r->driver[GATE_NET_1] = DRIVER_CONSTANT;
    for (int32_t p = 0; p < r->n->n_ports; p++)
        for (int32_t i = 0; r->n->ports[p].is_input && i < r->n->ports[p].n_bits; i++)
            TRY(drive(r, r->n->ports[p].nets[i], DRIVER_INPUT, r->n->ports[p].name));
    for (int32_t i = 0; i < r->n->n_instances; i++) {
        const struct gate_instance *inst = &r->n->instances[i];
        struct inputs in;
        if (inst->cell->has_latch)
            return refuse(r, ST_UNSUPPORTED, inst->name, "no latch", inst->cell->name);
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

/* ---- order ---- */

static status check_reads(const struct reader *r)
{
    const struct gate_netlist *n = r->n;
    for (int32_t i = 0; i < n->n_instances; i++) {
        const struct gate_instance *inst = &n->instances[i];
        for (int32_t pin = 0; pin < inst->cell->n_pins; pin++) {
            const int32_t net = inst->nets[pin];
            if (net < 0 || !inst->cell->pins[pin].is_input) continue;
            if (r->driver[net] == DRIVER_NONE)
                return refuse(r, ST_PARSE, inst->name, "a driver of every input",
                              inst->cell->pins[pin].name);
            if (net == n->clock && !inst->cell->ff)
                return refuse(r, ST_UNSUPPORTED, inst->name,
                              "the clock to drive flip-flops only", inst->cell->name);
        }
    }
    if (n->clock >= 0 && r->driver[n->clock] != DRIVER_INPUT)
        return err_set(r->err, ST_UNSUPPORTED,
                       "%s: expected a clock that is an input, found a driven one",
                       n->path);
    return ST_OK;
}

static status read_module(struct reader *r, json_t *module)
{
    r->n->clock = -1;
    TRY(make_bits(r, module));
    TRY(read_ports(r, module));
    TRY(read_instances(r, module));
    TRY(add_drivers(r));
    TRY(check_reads(r));
    r->n->gates = r->gates;
    r->n->ffs = r->ffs;
    return gate_levels_sort(r->n, r->gates, r->a, r->err);
}

static status find_module(const char *path, json_t *root, const char *name,
                          struct arena *a, const char **found, json_t **out,
                          struct err *err)
{
    json_t *modules = json_object_get(root, "modules"), *module;
    const char *key;
    int n = 0;
    *out = NULL;
    json_object_foreach(modules, key, module)
    {
        if (name && strcmp(key, name) != 0) continue;
        n++;
        *found = arena_strdup(a, key);
        *out = module;
    }
    if (n != 1)
        return err_set(err, ST_PARSE, "%s: expected one module%s%s, found %d", path,
                       name ? " named " : "", name ? name : "", n);
    return *found ? ST_OK : arena_exhausted(err);
}

status gate_netlist_load(const char *path, const char *module, const struct liberty *l,
                         struct arena *a, struct gate_netlist *out, struct err *err)
{
    json_t *root = NULL, *m = NULL;
    TRY(json_file_load(path, &root, err));
    *out = (struct gate_netlist){.path = path, .library = l};
    struct reader r = {.n = out, .a = a, .err = err};
    status st = find_module(path, root, module, a, &out->module, &m, err);
    if (st == ST_OK) st = read_module(&r, m);
    json_decref(root);
    return st;
}

const struct gate_port *gate_netlist_port(const struct gate_netlist *n,
                                          const char *name)
{
    for (int32_t i = 0; i < n->n_ports; i++)
        if (strcmp(n->ports[i].name, name) == 0) return &n->ports[i];
    return NULL;
}
