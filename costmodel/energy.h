/* energy.h -- energy of a layer from the constants of a named profile
 * (configs/energy/NAME.yaml, version 1; keys as in struct energy_profile and
 * `version: 1`). */
#ifndef COSTMODEL_ENERGY_H
#define COSTMODEL_ENERGY_H

#include "costmodel/model.h"

/* One multiply-accumulate [pJ]. */
double energy_mac_pj(const struct energy_profile *p, int32_t wbits, int32_t abits,
                     int32_t acc_bits);
/* One layer, per image: arithmetic, weight reads, activation traffic [uJ]. */
double energy_mvu_uj(const struct energy_profile *p, const struct mvu_config *c);

#endif
