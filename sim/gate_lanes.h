/* gate_lanes.h -- the same netlist as a Verilated model with every net 64 bits wide:
 * the check of gate_sim's counts, and the peer of its speed. */
#ifndef SIM_GATE_LANES_H
#define SIM_GATE_LANES_H

#include "sim/gate_netlist.h"

struct gate_lanes; /* opaque */

/* Writes dir/gate_lanes.v, builds or finds its model with `lanes` (64, or 1) streams
 * and opens it.  trace: with gate_lanes_trace, slower.  n is borrowed.  Owned. */
status gate_lanes_open(const struct gate_netlist *n, const char *dir, int32_t lanes,
                       bool trace, struct gate_lanes **out, struct err *err);
void gate_lanes_close(struct gate_lanes *g); /* NULL allowed */

/* What an input takes at the next cycle; stays until changed. */
void gate_lanes_set(struct gate_lanes *g, int32_t net, uint64_t value);
/* As gate_sim_step. */
void gate_lanes_step(struct gate_lanes *g);
uint64_t gate_lanes_toggles(const struct gate_lanes *g, int32_t net);
void gate_lanes_clear(struct gate_lanes *g);
/* VCD of every net from now on; NULL ends it. */
status gate_lanes_trace(struct gate_lanes *g, const char *path, struct err *err);
/* A step that counts nothing, for a run whose toggles are in its VCD. */
void gate_lanes_step_uncounted(struct gate_lanes *g);

#endif
