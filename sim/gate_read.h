/* gate_read.h -- a netlist while it is read; private to sim/gate_netlist.c and
 * sim/gate_drivers.c. */
#ifndef SIM_GATE_READ_H
#define SIM_GATE_READ_H

#include "sim/gate_netlist.h"

/* What drives a net. */
enum gate_driver { DRIVER_NONE, DRIVER_CONSTANT, DRIVER_INPUT, DRIVER_GATE, DRIVER_FF };

struct gate_reader {
    struct gate_netlist *n;
    struct arena *a;
    struct err *err;
    int32_t *net_of_bit; /* (n_bits) Yosys' number to ours, -1: not seen       */
    int64_t n_bits;
    struct gate *gates;
    struct gate_ff *ffs;
    enum gate_driver *driver; /* (n_nets)                                           */
};

/* "path: cell NAME: expected ..., found ...". */
status gate_refuse(const struct gate_reader *r, status code, const char *cell,
                   const char *expected, const char *found);
/* Gates and flip-flops of the instances, and the driver of every net. */
status gate_add_drivers(struct gate_reader *r);

#endif
