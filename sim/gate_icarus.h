/* gate_icarus.h -- the same netlist under Icarus, with the library's own Verilog: the
 * reference for toggles (zero delay) and for glitches (path delays). */
#ifndef SIM_GATE_ICARUS_H
#define SIM_GATE_ICARUS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/status.h"
#include "sim/gate_netlist.h"

/* One stream of input bits. */
struct gate_stream {
    int32_t n_cycles, n_inputs;
    uint8_t *bits; /* (n_cycles, n_inputs): input port bits but the clock, in the
                      order of the netlist's ports                             */
};

/* In arena, all 0. */
status gate_stream_new(const struct gate_netlist *n, int32_t n_cycles, struct arena *a,
                       struct gate_stream *out, struct err *err);

struct gate_icarus_options {
    const char *cells;   /* Verilog of the library's cells, absolute path      */
    bool path_delays;    /* honour its specify blocks; else zero delay          */
    bool quiet;          /* no dump, no toggles: for speed                      */
    int32_t skip_cycles; /* whose toggles do not count                         */
};

/* toggles: (n_nets), of the cycles after the skipped ones; cpu_s (may be NULL): of the
 * simulation and of reading its dump.
 * ST_MISMATCH: a net is still unknown after the skipped cycles. */
status gate_icarus_toggles(const struct gate_netlist *n, const struct gate_stream *s,
                           const struct gate_icarus_options *opt, uint64_t *toggles,
                           double *cpu_s, struct err *err);

#endif
