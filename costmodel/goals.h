/* goals.h -- what the cost model promises, and whether a calibration keeps it.
 *
 * On what was not in the fit:
 *   lut      by formula mean <= 5 % and max <= 15 %; whole units and arrays whose parts
 *            were measured, mean <= 2 %
 *   energy   by formula mean <= 8 % and max <= 20 %
 *   ff, dsp, bram18, cycles   exact
 * Errors of counts are relative to at least 10 LUT (element_metric_floor): a
 * requantiser of 3 LUTs estimated at 4 is right for whoever fills a device with it. */
#ifndef COSTMODEL_GOALS_H
#define COSTMODEL_GOALS_H

#include "costmodel/calibrate.h"

struct goal {
    int32_t i_toolchain;
    char what[112];               /* "mac_parallel sxu lut by formula" */
    int32_t n;                    /* rows                               */
    double mean, max;             /* relative; of what must be exact 1 - share equal */
    double limit_mean, limit_max; /* INFINITY: no limit; both 0: exact           */
    bool met;
};

/* All goals that the calibration has rows for: (*n) in arena. */
status goals_of(const struct calibration *c, struct arena *a, struct goal **out,
                int32_t *n, struct err *err);
/* The goal for one metric of one class, if there is one. */
bool goal_of_class(const struct calibrate_class *c, struct goal *out);

#endif
