/* gate_library.h -- a library to measure energy with: its Liberty file, and how far
 * unit-delay glitches are to be believed with it.
 *
 * configs/liberty/NAME.yaml, version 1:
 *   version        1
 *   name, source   what it is, and where it comes from
 *   liberty        path of the Liberty file (absolute)
 *   cells          path of its cells as Verilog with path delays; needed to calibrate
 *   slew_ns        input slew at which tables are read             [0.001, 10]
 *   glitch         a list of {unit, factor, mean_error, max_error, n_points}
 *   provenance     how the factors were found
 *
 * Unit delay counts too many glitches: pulses shorter than a gate's delay do not die in
 * it.  The energy is
 *
 *   energy = clock + settled + factor * (unit delay - settled)
 *
 * with one factor per kind of unit, fitted on a few of them against Icarus with the
 * library's own path delays (gate_calibrate.h); the errors are those of `energy`,
 * each point held out.  A unit that is not in the list has no energy.
 *
 * "lib:PATH" is any other Liberty file: slew and factors are then those of osu018, and
 * `note` says so; PATH may also be such a yaml file. */
#ifndef SIM_GATE_LIBRARY_H
#define SIM_GATE_LIBRARY_H

#include <stdint.h>

#include "base/arena.h"
#include "base/status.h"
#include "rtl/mac_unit.h"

struct gate_glitch {
    int64_t n_points; /* 0: not calibrated                                     */
    double factor;
    double mean_error, max_error; /* relative: 0.05 is 5 %                     */
};

struct gate_library {
    const char *name, *source, *liberty;
    const char *cells; /* NULL if not given                                    */
    double slew_ns;
    struct gate_glitch glitch[MAC_N_UNITS]; /* by enum mac_unit                 */
    const char *provenance;                 /* of the factors                   */
    const char *note; /* "" or what a row measured with it must say           */
};

/* name: of a file of configs/liberty, or lib:PATH.  In arena.
 * ST_NOT_FOUND, ST_PARSE, ST_RANGE. */
status gate_library_find(const char *name, struct arena *a, struct gate_library *out,
                         struct err *err);
status gate_library_save(const struct gate_library *l, const char *path,
                         struct err *err);

#endif
