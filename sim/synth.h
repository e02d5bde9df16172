/* synth.h -- what module instances cost after synthesis by Yosys.
 *
 * Every instance is synthesised in a Yosys process of its own, from the files that it
 * needs, by names that are the same everywhere: what it counts depends on nothing but
 * these files, its parameters, the toolchain's options and the version of Yosys.
 * (Several instances in one process are not independent: Yosys orders what it does by
 * names with running numbers, and now and then a neighbour moves a count by a few
 * LUTs.) Modules that carry (* keep_hierarchy *) are synthesised once and counted as
 * often as they are instantiated. */
#ifndef SIM_SYNTH_H
#define SIM_SYNTH_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/arena.h"
#include "base/status.h"
#include "rtl/accel_config.h"
#include "rtl/cell_count.h"
#include "rtl/reach.h"
#include "sim/toolchain.h"

/* "Yosys 0.23 (...)", and OpenSTA, or nextpnr with fmax, where the toolchain runs them;
 * in arena. */
status synth_version(const struct toolchain *t, bool fmax, struct arena *a,
                     const char **out, struct err *err);

/* One kind of module inside an instance; the instance itself is the first part.
 * Counts as sim/sample.h defines them. */
struct synth_part {
    char module[32];
    int64_t n;             /* instances of it                                */
    struct cell_count sum; /* over them, without the parts inside them       */
};
enum { SYNTH_MAX_PARTS = 24 };

struct synth_result {
    status st; /* of this instance: ST_OK, ST_TOOL, ST_UNSUPPORTED (why says) */
    struct err why;
    /* FPGA families.  counted: total and parts are there, also where place and route
     * failed; otherwise all 0. */
    bool counted;
    struct cell_count total;
    int n_parts;
    struct synth_part parts[SYNTH_MAX_PARTS];
    /* Liberty libraries, otherwise NaN. */
    double area_um2;
    double delay_ns; /* critical path, clock to clock, inputs at the clock edge  */
    double fmax_mhz; /* NaN if it was not asked for                              */
    double synth_s;
};

struct synth_options {
    const struct toolchain *toolchain;
    const char *const *sources; /* NULL: rtl_sources()                         */
    double time_limit_s;        /* of one run of one tool                      */
    bool fmax;                  /* also place and route, if the toolchain can  */
    /* Liberty: the mapped netlist (sim/gate_synth.h) in JSON goes there, a path on the
     * file system of the cache; NULL: nowhere. */
    const char *netlist_path;
};

/* Files of `sources` that an instance needs, in arena: see rtl/reach.h.  A mac_unit
 * needs the unit that its parameter UNIT says, and no other. */
status synth_files(const struct rtl_reach *sources, const struct rtl_instance *inst,
                   struct arena *a, const char *const **out, struct err *err);

/* What every script of Yosys begins with: links in its folder to the home directory
 * (`home`) and to a Liberty file (`library.lib`; NULL: none), so that scripts, and with
 * them the names that Yosys makes of paths, are the same everywhere. */
status synth_links(const char *dir, const char *liberty, struct arena *a,
                   struct err *err);
/* Then "read_verilog home/..." of files that synth_files gave. */
void synth_read(const char *const *files, FILE *f);

/* Synthesises n instances, one after the other; results: (n).  One that fails or
 * exceeds its time spoils only its own result.  Returns an error only where no result
 * could be had at all: ST_MISSING_TOOL, ST_IO, ST_NOMEM, ST_INTERRUPTED. */
status synth_run(const struct rtl_instance *instances, int n,
                 const struct synth_options *opt, struct synth_result *results,
                 struct err *err);

#endif
