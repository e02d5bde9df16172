/* synth.h -- what module instances cost after synthesis by Yosys.
 *
 * Several instances are synthesised in one Yosys process, side by side under a top
 * module that ties nothing: reading the cell library takes about two seconds for
 * xc7, whatever the design, and is then paid once.  The instances keep their
 * hierarchy, so each is optimised alone.  Its counts are nearly those of a run of its
 * own: now and then the batch moves one by a few LUTs (seen: 3 of 135 rows between
 * batches of 8 and of 16, at most 4 LUTs).  Modules that carry (* keep_hierarchy *)
 * are synthesised once and counted as often as they are instantiated. */
#ifndef SIM_SYNTH_H
#define SIM_SYNTH_H

#include <stdint.h>

#include "base/arena.h"
#include "base/status.h"
#include "rtl/accel_config.h"

/* A way to run Yosys.  The name is what the `toolchain` column says. */
struct synth_toolchain {
    const char *name;
    const char *command; /* the synthesis command with its options             */
};
/* By name; ST_RANGE lists the names.  static. */
status synth_toolchain_find(const char *name, const struct synth_toolchain **out,
                            struct err *err);
/* "Yosys 0.23 (...)", in arena. */
status synth_version(struct arena *a, const char **out, struct err *err);

/* Counts as sim/sample.h defines them. */
struct synth_counts {
    int64_t lut, ff, dsp, bram18, carry, muxf, lutram;
};
void synth_counts_add(struct synth_counts *to, const struct synth_counts *c, int64_t n);

/* One kind of module inside an instance; the instance itself is the first part. */
struct synth_part {
    char module[32];
    int64_t n;               /* instances of it                                */
    struct synth_counts sum; /* over them, without the parts inside them       */
};
enum { SYNTH_MAX_PARTS = 12 };

struct synth_result {
    status st; /* of this instance: ST_OK, ST_TOOL, ST_UNSUPPORTED (why says) */
    struct err why;
    struct synth_counts total;
    int n_parts;
    struct synth_part parts[SYNTH_MAX_PARTS];
    double synth_s; /* its share of the run                                   */
};

struct synth_options {
    const struct synth_toolchain *toolchain;
    const char *const *sources; /* NULL: rtl_sources()                         */
    double time_limit_s;        /* per instance; a batch has the sum            */
};

/* Synthesises n instances; results: (n).  If the common run fails or exceeds its time,
 * each instance is run alone, so that one bad instance spoils only its own row.
 * Returns an error only where no result could be had at all: ST_MISSING_TOOL, ST_IO,
 * ST_NOMEM, ST_INTERRUPTED. */
status synth_run(const struct rtl_instance *instances, int n,
                 const struct synth_options *opt, struct synth_result *results,
                 struct err *err);

#endif
