/* energy.h -- energy of a layer from the constants of a named profile
 * (configs/energy/NAME.yaml, version 1; schema in configs/README.md). */
#ifndef COSTMODEL_ENERGY_H
#define COSTMODEL_ENERGY_H

#include "costmodel/model.h"

/* One multiply-accumulate [pJ]. */
double energy_mac_pj(const struct energy_profile *p, int32_t wbits, int32_t abits,
                     int32_t acc_bits);
/* One layer, per image: arithmetic, weight reads, activation traffic [uJ]. */
double energy_mvu_uj(const struct energy_profile *p, const struct mvu_config *c);

/* ---- optional parts; NaN where the profile does not have them ---- */

/* Reading (or writing) one bit of an SRAM of that size: log-log interpolation between
 * the profile's points.  NaN outside of them: published energies of memories do not
 * follow one power law, so none is continued. */
double energy_sram_pj_per_bit(const struct energy_profile *p, double bytes);
double energy_dram_pj_per_bit(const struct energy_profile *p);

/* A measured shape at the profile's level: shape_pj is the gate-level energy of the MAC
 * in question, level_pj that of the profile's mac.wbits x mac.abits, both of the same
 * table (costmodel/tables/osu018.csv). */
double energy_shape_pj(const struct energy_profile *p, double shape_pj,
                       double level_pj);

/* Dynamic energy of a design on an FPGA per cycle in which all of it is at work. */
struct energy_resources {
    double lut, ff, dsp, bram18;
};
double energy_fpga_pj(const struct energy_profile *p, const struct energy_resources *r);

#endif
