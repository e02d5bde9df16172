/* gate_verilog.h -- a gate_netlist as Verilog, for other simulators to count the same
 * toggles: the checks of gate_sim.h, and the peers that its speed is compared with. */
#ifndef SIM_GATE_VERILOG_H
#define SIM_GATE_VERILOG_H

#include <stdio.h>

#include "sim/gate_netlist.h"

/* Module gate_lanes #(LANES = 64) with every net LANES bits wide, so that one model is
 * that many streams:
 *   input clk, input [LANES-1:0] i_N for each bit (net N) of an input port but the
 *   clock, output [LANES-1:0] o_N for each net N.
 * Inputs pass through a register, so one clock edge is one gate_sim_step. */
void gate_verilog_lanes(const struct gate_netlist *n, FILE *f);

/* Module gate_cells of instances of the library's cells, nets named nN; its ports are
 * the nets of the ports, clock included. */
void gate_verilog_cells(const struct gate_netlist *n, FILE *f);

/* Module gate_bench around gate_cells: reads `stimulus.txt` (a line of '0' and '1' per
 * cycle: the input bits but the clock, in the order of the ports, last bit first),
 * applies a line per cycle of 2 * half_ns through flip-flops of the netlist's own kind,
 * and dumps the nets into toggles.vcd unless +quiet is given. */
void gate_verilog_bench(const struct gate_netlist *n, int32_t n_cycles, double half_ns,
                        FILE *f);

#endif
