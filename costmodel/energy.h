/* energy.h -- energy of a layer by a named profile (configs/energy/NAME.yaml, version
 * 1; schema in configs/README.md), and, for its arithmetic, by measured MAC units.
 *
 *   layer = macs + weight reads + activation traffic + weights from DRAM      [uJ]
 *
 * Two answers to the macs, and the level of an estimate says which one was given:
 *   profile          constants of the profile times widths; its memories are of one
 *                    size, that of weight_read_pj_per_bit and act_pj_per_bit
 *   table .. formula (a source with a shape) gate-level energies of a fitted model,
 *                    level-adjusted: times profile.mac.pj over what the model says of
 *                    that MAC, or as measured where the profile has no mac.  Memories
 *                    are then of the size that the layer needs, where the profile has
 *                    sram points around it, else as above
 * On an FPGA (a profile with the part `fpga`) energy follows the blocks that are
 * switched, not the operations: cycles of the layer times the dynamic energy per cycle
 * of its LUTs, FFs and DSPs (macs, and all that moves activations) and of its block
 * RAMs (weights).
 *
 * The interval is that of the macs: constants of a profile have none, and the level of
 * a profile is taken as it is.  DRAM counts only where weights are said to live there:
 * our dataflow accelerators hold them on chip. */
#ifndef COSTMODEL_ENERGY_H
#define COSTMODEL_ENERGY_H

#include "costmodel/model.h"

/* ---- where energies come from ---- */

struct energy_source {
    const struct energy_profile *profile; /* borrowed                              */
    const struct cost_model *shape;       /* borrowed; NULL: the profile's macs    */
    int toolchain;                        /* of shape                              */
    double scale;         /* energy of a mac here = scale * what shape says        */
    bool weights_in_dram; /* each comes from there once per image                  */
    const char *outside;  /* first parameter of the profile's mac beyond what shape was
                             fitted to, NULL if none; static */
    char name[160];       /* "horowitz-45nm, macs by osu018", for people           */
};

/* shape may be NULL.  ST_RANGE: a shape for a profile of an FPGA, which has energies of
 * blocks and not of gates; the shape has no toolchain, or several, with energies
 * of mac_parallel, or none of the profile's mac; the profile has no DRAM that
 * weights_in_dram asks for. */
status energy_source_init(const struct energy_profile *p,
                          const struct cost_model *shape, bool weights_in_dram,
                          struct energy_source *out, struct err *err);

/* What a user says of them. */
struct energy_options {
    const char *profile; /* name or path; NULL: no energies      */
    const char *model;   /* the same; NULL: the profile's macs   */
    bool weights_in_dram;
};
/* ST_USAGE: the others without a profile, by the names of their options. */
status energy_options_check(const struct energy_options *o, struct err *err);
/* Loads both, as inputs of p; in arena. */
status energy_source_load(const struct energy_options *o, struct arena *a,
                          struct provenance *p, struct energy_source *out,
                          struct err *err);

/* ---- a layer ---- */

enum energy_part {
    ENERGY_MACS,
    ENERGY_WEIGHTS,     /* reads on chip                                          */
    ENERGY_ACTIVATIONS, /* reads of the input's buffer, writes of the output      */
    ENERGY_DRAM,        /* weights from there; 0 where they live on chip          */
    ENERGY_N_PARTS
};
extern const char *const energy_part_names[]; /* NULL-terminated */

/* Per image: parts [uJ] and their sum with interval.  costs: what the layer is built
 * of, and its cycles; read for a profile of an FPGA only, else NULL allowed.  *outside:
 * as cost_element, left alone where nothing lies outside. ST_RANGE: the shape knows no
 * energy of such a mac; never a silent 0. */
status energy_mvu(const struct energy_source *s, const struct mvu_config *c,
                  const struct cost_estimate *costs, double parts[ENERGY_N_PARTS],
                  struct cost_value *total, const char **outside, struct err *err);

/* ---- single energies; NaN where the profile does not have the part ---- */

/* One multiply-accumulate by the profile's constants [pJ]. */
double energy_mac_pj(const struct energy_profile *p, int32_t wbits, int32_t abits,
                     int32_t acc_bits);

/* Reading (or writing) one bit of an SRAM of that size: log-log interpolation between
 * the profile's points.  NaN outside of them: published energies of memories do not
 * follow one power law, so none is continued. */
double energy_sram_pj_per_bit(const struct energy_profile *p, double bytes);
double energy_dram_pj_per_bit(const struct energy_profile *p);

/* Dynamic energy of a design on an FPGA per cycle in which all of it is at work. */
struct energy_resources {
    double lut, ff, dsp, bram18;
};
bool energy_of_fpga(const struct energy_profile *p); /* has that part */
double energy_fpga_pj(const struct energy_profile *p, const struct energy_resources *r);

#endif
