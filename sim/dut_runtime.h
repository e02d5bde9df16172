/* dut_runtime.h -- what all models share: the Verilator runtime as a shared object and
 * its header precompiled (a third of the time to build a small model), built once per
 * compiler, Verilator and flags in <cache>/dut/rt-<key>/.  Private to sim/dut_*.c. */
#ifndef SIM_DUT_RUNTIME_H
#define SIM_DUT_RUNTIME_H

#include "base/hash.h"
#include "sim/dut_build.h"
#include "sim/workdir.h"

struct dut_runtime { /* all in arena */
    const char *dir, *name;
    const char *include; /* Verilator's include directory                      */
};

/* The compiler and the flags that runtime, precompiled header and model share. */
void dut_cxx_flags(const struct dut_options *opt, struct tool_args *l);
status dut_runtime_key(const struct dut_options *opt, struct hash_key *out,
                       struct err *err);
/* Builds it if it is not in root. */
status dut_runtime_need(const struct dut_options *opt, const struct hash_key *key,
                        const char *root, struct arena *a, struct dut_runtime *out,
                        struct err *err);
/* Flags with which a model is compiled and linked against it. */
void dut_runtime_flags(const struct dut_runtime *r, struct arena *a,
                       struct tool_args *l);
void dut_runtime_link_flags(const struct dut_runtime *r, struct arena *a,
                            struct tool_args *l);

#endif
