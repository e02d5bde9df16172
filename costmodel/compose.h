/* compose.h -- what one matrix-vector unit is made of.
 *
 *   mvu = PE mac_parallel + lanes requant + memories + control
 *
 * The RTL keeps the hierarchy of mac_parallel and requant, so a unit's count is the
 * sum of its parts.  What structure alone decides (FF, DSP, BRAM, LUT RAM) is exact
 * here; the LUT of a mac and of a requant are measured or fitted (costmodel/model.h),
 * and here only their parameters and number are given.  Cycles: mvu_cycles(). */
#ifndef COSTMODEL_COMPOSE_H
#define COSTMODEL_COMPOSE_H

#include <stdbool.h>
#include <stdint.h>

#include "rtl/accel_config.h"

struct mvu_parts {
    struct mac_config mac;         /* PE of them */
    struct requant_config requant; /* lanes of them */
    int32_t n_mac, n_requant;
    int64_t ff, dsp, bram18; /* of the whole unit, exact                       */
    int64_t lut_memory;      /* LUT RAM of weights, vector and requant parameters,
                                with its read multiplexers [LUT]                */
    double lut_control;      /* what is left: counters, handshakes, output
                                selection [LUT]; structural estimate            */
};

/* FF of one element, exact. */
int64_t mac_ff(const struct mac_config *m);
int64_t requant_ff(const struct requant_config *r, enum rtl_target target);

void mvu_compose(const struct mvu_config *c, enum rtl_target target,
                 struct mvu_parts *out);

#endif
