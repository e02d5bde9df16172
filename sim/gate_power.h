/* gate_power.h -- what one toggle of each net costs, and what a clock cycle costs
 * anyway.
 *
 *   toggle of a net = 1/2 C V^2 + internal energy of the pin that drives it
 *                     + internal energy of the pins that it drives
 *   clock cycle     = sum over flip-flops of C_clk V^2 + both edges' internal energy
 *
 * C is the sum of the input capacitances on the net; Liberty's internal energy excludes
 * the load.  Rise and fall are averaged: over time a net does as many of one as of the
 * other.  Every input slew is the one that is given.  Left out: wires, the clock tree
 * up to the flip-flops' pins, the load of output ports, what drives input ports. */
#ifndef SIM_GATE_POWER_H
#define SIM_GATE_POWER_H

#include "base/arena.h"
#include "base/status.h"
#include "sim/gate_netlist.h"

struct gate_power {
    const double *load_pj, *internal_pj; /* (n_nets) per toggle                */
    double clock_pj;                     /* per cycle                          */
    double leakage_nw, area_um2;         /* NaN if a cell does not say         */
};

/* In arena.  ST_UNSUPPORTED names a cell without power tables, or an input without a
 * capacitance. */
status gate_power_find(const struct gate_netlist *n, double slew_ns, struct arena *a,
                       struct gate_power *out, struct err *err);

#endif
