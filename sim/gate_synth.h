/* gate_synth.h -- a module instance mapped to the cells of a Liberty library by Yosys.
 */
#ifndef SIM_GATE_SYNTH_H
#define SIM_GATE_SYNTH_H

#include "base/status.h"
#include "rtl/accel_config.h"

#define GATE_SYNTH_JSON    "netlist.json"
#define GATE_SYNTH_VERILOG "netlist.v"
#define GATE_SYNTH_STAT    "stat.txt"
#define GATE_SYNTH_MODULE  "mapped"

/* What is run, for the `options` of a row; {} stands for the library. */
#define GATE_SYNTH_OPTIONS "synth -flatten; dfflibmap -liberty {}; abc -liberty {}"

/* Writes GATE_SYNTH_JSON and GATE_SYNTH_VERILOG, both of module GATE_SYNTH_MODULE and
 * with the same names, and GATE_SYNTH_STAT, Yosys' statistics with the area, into dir
 * (a workdir).  files: the Verilog files that the instance needs, NULL-terminated;
 * NULL: those of rtl_sources() that it needs. ST_MISSING_TOOL, ST_TOOL with the end of
 * Yosys' log, ST_INTERRUPTED, ST_IO. */
status gate_synth_run(const struct rtl_instance *inst, const char *liberty,
                      const char *dir, double limit_s, struct err *err);
/* The same from other Verilog files (relative to the home directory, NULL-terminated).
 */
status gate_synth_files(const struct rtl_instance *inst, const char *const *files,
                        const char *liberty, const char *dir, double limit_s,
                        struct err *err);

#endif
