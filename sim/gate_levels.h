/* gate_levels.h -- the order in which gates can be evaluated. */
#ifndef SIM_GATE_LEVELS_H
#define SIM_GATE_LEVELS_H

#include "sim/gate_netlist.h"

/* Sorts gates (n->n_gates), so that drivers come before readers.
 * ST_UNSUPPORTED: a combinational loop, with a cell on or behind it. */
status gate_levels_sort(const struct gate_netlist *n, struct gate *gates,
                        struct arena *a, struct err *err);

#endif
