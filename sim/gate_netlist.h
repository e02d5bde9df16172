/* gate_netlist.h -- a netlist of library cells, levelised.
 *
 * Read from Yosys' write_json after `dfflibmap; abc -liberty`, so every cell is one of
 * the library's.  Held to what the simulation models: one clock, which is an input and
 * drives flip-flops only, all of them on the same edge, without asynchronous set or
 * reset; no latches, no tri-states, no combinational loop.  Anything else is an error
 * that names the cell: it must not be simulated as something that it is not. */
#ifndef SIM_GATE_NETLIST_H
#define SIM_GATE_NETLIST_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/status.h"
#include "sim/gate_shape.h"
#include "sim/liberty.h"

/* Net 0 is constant 0 and net 1 constant 1; they exist whether used or not. */
enum { GATE_NET_0, GATE_NET_1, GATE_FIRST_NET };

struct gate_port {
    const char *name;
    bool is_input;
    int32_t n_bits;
    const int32_t *nets; /* (n_bits), least significant first                 */
};

struct gate_instance {
    const char *name;
    const struct liberty_cell *cell;
    const int32_t *nets; /* (cell->n_pins); -1: not connected                 */
};

/* One combinational output pin. */
struct gate {
    int32_t instance, pin, out;
    int32_t n_inputs, in[LIBERTY_MAX_INPUTS]; /* nets, in the order of the shape */
    struct gate_shape shape;
};

/* One connected output pin of a flip-flop: q <- d (^ 1 if invert) at the edge; q is
 * `reset` while the flip-flop's state is 0. */
struct gate_ff {
    int32_t instance, pin, d, q;
    bool invert, reset;
};

struct gate_netlist {
    const char *path, *module;
    const struct liberty *library; /* borrowed */
    int32_t n_nets, n_ports, n_instances, n_gates, n_ffs;
    const struct gate_port *ports;
    const struct gate_instance *instances;
    const struct gate *gates; /* (n_gates): drivers before readers             */
    const struct gate_ff *ffs;
    int32_t clock;        /* net, -1: no flip-flop                          */
    bool clock_falls;     /* flip-flops take their input at the falling edge */
    int32_t n_flip_flops; /* instances                                      */
};

/* module NULL: the file's only one.  All in arena.
 * ST_NOT_FOUND, ST_PARSE, ST_UNSUPPORTED. */
status gate_netlist_load(const char *path, const char *module, const struct liberty *l,
                         struct arena *a, struct gate_netlist *out, struct err *err);
/* NULL if absent. */
const struct gate_port *gate_netlist_port(const struct gate_netlist *n,
                                          const char *name);

#endif
