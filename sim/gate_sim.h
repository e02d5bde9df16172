/* gate_sim.h -- toggles of a netlist under many independent streams at once.
 *
 * Bit-sliced: a net is GATE_LANES bits, each the value of one stream, so a gate is a
 * few operations on vectors and a count is a popcount.  Two models of time:
 *
 *   GATE_ZERO_DELAY  every gate is evaluated once per cycle: only the settled values
 *                    count.  This is what the RTL's own activity would say.
 *   GATE_UNIT_DELAY  every gate takes one unit of time, so inputs that arrive at
 *                    different times make it glitch, and the glitches count.
 *
 * Unit delay runs over the times at which a gate can change at all, which the netlist
 * decides (the potential-change sets of P. Maurer's compiled simulation), not over all
 * gates at all times.  Flip-flops and inputs change together, at time 0.
 *
 * No allocation while it runs; the same netlist may be simulated by several threads,
 * each with its own gate_sim. */
#ifndef SIM_GATE_SIM_H
#define SIM_GATE_SIM_H

#include <stdint.h>

#include "base/arena.h"
#include "base/status.h"
#include "sim/gate_netlist.h"

enum { GATE_LANES = 512, GATE_WORDS = GATE_LANES / 64 };

enum gate_delay { GATE_ZERO_DELAY, GATE_UNIT_DELAY };

struct gate_sim; /* opaque */

/* All nets settled for inputs and flip-flops at 0, no toggles counted.  In arena; n is
 * borrowed.  ST_UNSUPPORTED: more than 4096 levels. */
status gate_sim_new(const struct gate_netlist *n, enum gate_delay delay,
                    struct arena *a, struct gate_sim **out, struct err *err);

/* As it was when it was new. */
void gate_sim_reset(struct gate_sim *s);

/* Values that an input takes at the next cycle: (GATE_WORDS), lane i is bit i % 64 of
 * word i / 64.  They stay until changed.  net: of an input port, not the clock. */
uint64_t *gate_sim_input(struct gate_sim *s, int32_t net);
/* One clock cycle: flip-flops take their inputs, input ports their next values, then
 * everything settles. */
void gate_sim_step(struct gate_sim *s);
/* Settled values of a net: (GATE_WORDS). */
const uint64_t *gate_sim_value(const struct gate_sim *s, int32_t net);

/* Toggles of a net since the last clearing, summed over the lanes. */
uint64_t gate_sim_toggles(const struct gate_sim *s, int32_t net);
void gate_sim_clear(struct gate_sim *s);

/* Evaluations of gates per cycle: n_gates with zero delay, more with unit delay. */
int64_t gate_sim_n_evaluations(const struct gate_sim *s);

#endif
