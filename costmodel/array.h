/* array.h -- what a systolic array of MAC units costs, from what its unit costs.
 *
 *   array = rows * cols * unit + what moves operands and results between them
 *
 * FF and DSP are exact by structure where those of the unit are (rtl/systolic.h counts
 * what lies between).  LUT and area of what lies between are fitted, as the module
 * array_control, to what measured arrays have beyond their measured units. */
#ifndef COSTMODEL_ARRAY_H
#define COSTMODEL_ARRAY_H

#include "costmodel/model.h"
#include "rtl/systolic.h"

struct cost_array {
    struct cost_value lut, ff, dsp, area; /* NaN: the model says nothing of it  */
    const char *outside; /* first parameter beyond what was fitted, NULL if none */
};

/* ST_RANGE if the model answers neither LUT nor area of such an array. */
status cost_array(const struct cost_model *m, int toolchain,
                  const struct systolic_config *c, struct cost_array *out,
                  struct err *err);

#endif
