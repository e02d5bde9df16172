/* dut.h -- the one door to a Verilated module: pins in, pins out, clock, trace.
 *
 * A model is built once per (module, parameters, RTL text, Verilator version) and
 * kept in the cache directory as a shared object; dut_open loads it.  Every
 * driver, monitor and scoreboard is C on this side of the door. */
#ifndef SIM_DUT_H
#define SIM_DUT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"
#include "rtl/accel_config.h"
#include "sim/dut_build.h"

struct dut; /* opaque */

/* Builds the model if the cache has none, then loads it.  Owned.  A dut is used by
 * one thread at a time; different duts are independent of each other. */
status dut_open(const struct rtl_instance *inst, struct dut **out, struct err *err);
/* The same with other Verilog sources, a trace or another optimisation. */
status dut_open_with(const struct rtl_instance *inst, const struct dut_options *opt,
                     struct dut **out, struct err *err);
void dut_close(struct dut *d); /* NULL allowed */

const char *dut_module(const struct dut *d); /* borrowed from the instance */

/* Index of a port of the top module, -1 if absent. */
int dut_port(const struct dut *d, const char *name);
int32_t dut_port_bits(const struct dut *d, int port);
/* Index of a port that must be there: ST_MISMATCH names module and port. */
status dut_need_port(const struct dut *d, const char *name, int *out, struct err *err);
/* Ports are vectors of 32-bit words, least significant first; bits beyond the width
 * are 0.  Input ports start at 0 and keep their value until set again. */
void dut_set(struct dut *d, int port, const uint32_t *words);
void dut_get(const struct dut *d, int port, uint32_t *words);
void dut_set_u64(struct dut *d, int port, uint64_t value);
uint64_t dut_get_u64(const struct dut *d, int port);

/* Combinational settle without a clock edge. */
void dut_eval(struct dut *d);
/* One clock cycle: settle, rising edge, falling edge. */
void dut_tick(struct dut *d);
/* rst high for two cycles; the cycle counter starts at 0 afterwards. */
void dut_reset(struct dut *d);
int64_t dut_cycles(const struct dut *d);
/* ST_MISMATCH if an assertion in the RTL has fired. */
status dut_check(const struct dut *d, struct err *err);
/* VCD from now on; NULL stops. ST_UNSUPPORTED if the model has no trace. */
status dut_trace(struct dut *d, const char *path, struct err *err);

/* Sets and reads `bits` bits at bit offset `at` of a packed word array. */
void dut_pack(uint32_t *words, int32_t at, int32_t bits, uint32_t value);
uint32_t dut_unpack(const uint32_t *words, int32_t at, int32_t bits);

#endif
