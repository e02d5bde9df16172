/* simulate_internal.h -- the request of `bitwright simulate --unit`. */
#ifndef SIM_SIMULATE_INTERNAL_H
#define SIM_SIMULATE_INTERNAL_H

#include "sim/simulate.h"

/* Options of the command, as given; 0: not given, except for the signs. */
struct unit_request {
    const char *unit; /* a name of mac_unit_names                             */
    int64_t SIMD, wbits, abits, K, lanes;
    int64_t acc_bits; /* 0: what K needs                                      */
    int64_t wsigned, asigned;
    bool dsp48e2, grouped;
};

/* An option of the unit without --unit, or --unit without what it needs: ST_USAGE. */
status unit_request_check(const struct unit_request *u, struct err *err);
/* Runs it; table on stdout, JSON to `json` (NULL: none; -: stdout, and the table on
 * stderr). */
status unit_request_run(const struct unit_request *u,
                        const struct simulate_options *opt, const char *json,
                        struct err *err);

#endif
