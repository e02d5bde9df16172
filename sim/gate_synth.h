/* gate_synth.h -- a module instance mapped to the cells of a Liberty library by Yosys.
 */
#ifndef SIM_GATE_SYNTH_H
#define SIM_GATE_SYNTH_H

#include "base/status.h"
#include "rtl/accel_config.h"

#define GATE_SYNTH_JSON    "netlist.json"
#define GATE_SYNTH_VERILOG "netlist.v"
#define GATE_SYNTH_MODULE  "mapped"

/* What is run, for the `options` of a row; {} stands for the library. */
#define GATE_SYNTH_OPTIONS "synth -flatten; dfflibmap -liberty {}; abc -liberty {}"

/* Writes GATE_SYNTH_JSON and GATE_SYNTH_VERILOG, both of module GATE_SYNTH_MODULE and
 * with the same names, into dir (a workdir).  liberty: absolute path.
 * ST_MISSING_TOOL, ST_TOOL with the end of Yosys' log, ST_INTERRUPTED, ST_IO. */
status gate_synth_run(const struct rtl_instance *inst, const char *liberty,
                      const char *dir, double limit_s, struct err *err);

#endif
