/* dut_build.h -- from a module and its parameters to a shared object in the cache.
 *
 *   Verilog --verilator--> C++ --g++, with the shim--> <cache>/dut/<key>/model.so
 *
 * The key is a hash of everything that decides the result: the text of the RTL and
 * of the shim, module, parameters, options, Verilator and compiler.  The Verilator
 * runtime and its precompiled header are built once per compiler, Verilator and
 * options (<cache>/dut/rt-<key>/).  Builds happen in a temporary folder that is then
 * renamed, so any number of processes may build at the same time, and a killed one
 * leaves nothing under a final name.  The cache may be deleted at any moment. */
#ifndef SIM_DUT_BUILD_H
#define SIM_DUT_BUILD_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/hash.h"
#include "base/status.h"
#include "rtl/accel_config.h"

struct dut_options {
    const char *const *sources; /* Verilog files relative to the home directory,
                                   NULL-terminated; NULL: rtl_sim_sources()    */
    bool trace;                 /* with dut_trace; slower                      */
    int opt_level;              /* of the C++ compiler, [0, 3]                 */
};
struct dut_options dut_defaults(void); /* for a short run */
/* The optimisation for which building and running that many multiply-accumulates
 * take least time together. */
int dut_opt_level(double macs);

/* Makes sure that the model exists; its path in arena.
 * ST_MISSING_TOOL, ST_TOOL with the end of the tool's log, ST_INTERRUPTED. */
status dut_build(const struct rtl_instance *inst, const struct dut_options *opt,
                 struct arena *a, const char **so_path, struct err *err);

/* Key of the Verilog text alone, as every measurement of it uses. */
status rtl_text_key(const char *const *sources, struct hash_key *out, struct err *err);

#endif
