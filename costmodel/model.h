/* model.h -- the cost model: what a configuration of hardware costs, and how sure
 * we are.
 *
 * It answers at several levels and says which one answered:
 *   exact    structure alone decides: FF, DSP, BRAM, cycles;
 *   table    the processing element was measured: looked up;
 *   scaled   the same precision was measured at another SIMD or accumulator width,
 *            and the formula carries that measurement over;
 *   formula  named analytic terms with fitted non-negative coefficients;
 *   profile  constants of a named source, without interval (energy alone);
 *   roofline counted cycles and traffic at stated bandwidths (latency of a shared
 * array, costmodel/shared.h). A whole mvu is composed structurally from its elements
 * (costmodel/compose.c), and so is an array of MAC units (costmodel/array.h).
 *
 * cost.yaml (version 2) holds, per toolchain: the measured elements, for each
 * module, class and metric the terms with coefficients and units, cross-validated
 * errors, prediction interval, validity box, and provenance.  The exact keys are
 * documented in costmodel/README.md.  An older version is refused: fit again. */
#ifndef COSTMODEL_MODEL_H
#define COSTMODEL_MODEL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/provenance.h"
#include "base/status.h"
#include "costmodel/element.h"
#include "rtl/accel_config.h"

/* Every metric that a budget can name.  Sums over layers except where noted. */
enum cost_metric {
    COST_LUT,        /* [LUT]                                                */
    COST_FF,         /* [FF]                                                 */
    COST_DSP,        /* [DSP]                                                */
    COST_BRAM18,     /* [BRAM18], on ice40 [SB_RAM40_4K]                     */
    COST_CYCLES,     /* [cycle] per image: the slowest layer (a maximum)     */
    COST_ENERGY_UJ,  /* [uJ] per image, by a named profile                   */
    COST_SIZE_BYTES, /* [byte] of weights: sum of weights * wbits / 8        */
    COST_BITOPS,     /* sum of MACs * wbits * abits, every layer counts      */
    COST_LATENCY_US, /* [us] per image, layer after layer: of a shared array or a
                        table of layers, NaN where units run side by side (see
                        cycles)                                           */
    COST_N_METRICS
};
extern const char *const cost_metric_names[]; /* "lut", ..., NULL-terminated  */
extern const char *const cost_metric_units[];
bool cost_metric_is_max(enum cost_metric m);

enum cost_level {
    COST_LEVEL_EXACT,
    COST_LEVEL_TABLE,
    COST_LEVEL_SCALED,
    COST_LEVEL_FORMULA,
    COST_LEVEL_PROFILE,
    COST_LEVEL_ROOFLINE
};
extern const char *const cost_level_names[];

/* One estimate.  [lo, hi] is the 90 % prediction interval; equal to value where
 * the answer is exact. */
struct cost_value {
    double value, lo, hi;
    enum cost_level level;
};

struct cost_estimate {
    struct cost_value metric[COST_N_METRICS];
    bool outside_box;    /* some parameter lies outside what was fitted     */
    const char *outside; /* which; static, NULL if inside                   */
};

/* Energy constants of a named profile (configs/energy/NAME.yaml), all with source:
 *   E_mac(w, a) = mul_pj_per_bit2 * w * a + mul_pj_per_bit * (w + a) / 2
 *               + add_pj_per_bit * acc_bits                            [pJ]
 *   plus weight_read_pj_per_bit per weight bit read, act_pj_per_bit per
 *   activation bit moved.
 * The other parts are optional; one that a profile does not have has source "" and its
 * energies are unknown (costmodel/energy.h).  A profile with the part `fpga` is of an
 * FPGA and may leave out all five constants, which are NaN then. */
enum { ENERGY_MAX_SRAM = 16 };
struct energy_profile {
    char name[64];
    char source[256];
    double mul_pj_per_bit2, mul_pj_per_bit, add_pj_per_bit;
    double weight_read_pj_per_bit, act_pj_per_bit;
    struct { /* reads of on-chip memories, by size */
        char source[256];
        int32_t n;
        double bytes[ENERGY_MAX_SRAM], pj_per_bit[ENERGY_MAX_SRAM];
    } sram;
    struct {
        char source[256];
        double pj_per_bit;
    } dram;
    struct { /* level of such a MAC, both operands signed, for a measured shape */
        char source[256];
        int32_t wbits, abits, acc_bits;
        double pj;
    } mac;
    struct { /* dynamic energy of one that is in use, per cycle */
        char source[256];
        double lut_pj, ff_pj, dsp_pj, bram18_pj;
    } fpga;
};
status energy_profile_load(const char *path, struct energy_profile *out,
                           struct err *err);
/* The path of a profile given by name (a file of configs/energy/) or, with a '/' or
 * '.', by path.  In arena. */
status energy_profile_find(const char *name, struct arena *a, const char **path,
                           struct err *err);

struct cost_model;    /* opaque */
struct energy_source; /* a profile, with or without measured macs: costmodel/energy.h */

/* The file of a model: a name without '/' and '.' is one of the shipped models
 * (costmodel/models/NAME.yaml in the home directory), anything else a path.  In arena.
 * ST_NOT_FOUND lists the models there are. */
status cost_model_find(const char *name, struct arena *a, const char **path,
                       struct err *err);
status cost_model_load(const char *path, struct arena *a, struct cost_model **out,
                       struct err *err);
status cost_model_save(const struct cost_model *m, const struct provenance *p,
                       const char *path, struct err *err);
/* Index of a toolchain by its name; failing that, by the name of a target that only
 * one toolchain has.  ST_RANGE lists those that the model covers. */
status cost_model_select(const struct cost_model *m, const char *toolchain,
                         int *out_toolchain, struct err *err);

int cost_model_n_toolchains(const struct cost_model *m);
const char *cost_model_toolchain(const struct cost_model *m, int i); /* its name */
/* RTL_N_TARGETS: a toolchain for no target of rtl/, which prices MAC units and arrays
 * but not whole layers. */
enum rtl_target cost_model_target(const struct cost_model *m, int i);
/* Its name, "none" for RTL_N_TARGETS; static. */
const char *cost_model_target_name(const struct cost_model *m, int i);

/* One metric of one element (as run for energy, as built for all else: op_* of e count
 * only for the first).  ST_RANGE if the model has neither table entry nor formula for
 * it: never a silent 0.  *outside is set to the first parameter beyond the box, NULL if
 * none. */
status cost_element(const struct cost_model *m, int toolchain, const struct element *e,
                    enum element_metric metric, struct cost_value *out,
                    const char **outside, struct err *err);
/* LUT of one mac_parallel. */
status cost_mac_lut(const struct cost_model *m, int toolchain,
                    const struct mac_config *mac, struct cost_value *out,
                    struct err *err);

/* Cost of one layer on its own mvu.  BRAM and cycles are exact by structure, and so are
 * FF and DSP but for macs and requantisers that were measured to be built otherwise.
 * energy may be NULL: then energy is not estimated (NaN). ST_UNSUPPORTED for a
 * toolchain without target. */
status cost_mvu(const struct cost_model *m, int toolchain, const struct mvu_config *c,
                const struct energy_source *energy, struct cost_estimate *out,
                struct err *err);
/* Sum (maximum for cycles) over layers; intervals add as independent errors. */
status cost_accel(const struct cost_model *m, const struct accel_config *c,
                  const struct energy_source *energy, struct cost_estimate *total,
                  struct cost_estimate *per_layer /* (n_layers) or NULL */,
                  struct err *err);
/* The same sum for estimates of layers at hand: layers (n_layers). */
void cost_total(const struct cost_estimate *layers, int32_t n_layers,
                struct cost_estimate *total);

#endif
