/* compose.h -- what one matrix-vector unit is made of, part by part.
 *
 *   mvu = PE mac_parallel + lanes requant + weights + requant parameters
 *       + input buffer + drain + output buffer + control
 *
 * The RTL keeps the hierarchy of these modules, so a unit's count is the sum of its
 * parts.  What structure alone decides is exact here: FF, DSP, BRAM and LUT RAM.  The
 * LUT of a mac and of a requant are measured or fitted (costmodel/model.h), and here
 * only their parameters and number are given.  Of the other LUTs the buffers and the
 * multiplexers are exact up to 4 banks of LUT RAM and 8 turns of the drain, the
 * counters an estimate: see compose.c.  Cycles: mvu_cycles().
 *
 * The rules are those of Yosys 0.23, synth_xilinx -family xc7 -nowidelut and
 * synth_ice40, checked against it by tests/rtl/test_compose.c. */
#ifndef COSTMODEL_COMPOSE_H
#define COSTMODEL_COMPOSE_H

#include <stdbool.h>
#include <stdint.h>

#include "rtl/accel_config.h"

/* Everything but macs and requantisers. */
enum mvu_part {
    MVU_WEIGHTS, /* weight memory                                           */
    MVU_REQUANT, /* memory of the requantisers' parameters                  */
    MVU_INPUT,   /* buffer of one vector, or the register of its word       */
    MVU_DRAIN,   /* held accumulators and their multiplexer                 */
    MVU_OUTPUT,  /* output skid buffer                                      */
    MVU_CONTROL, /* counters and flags                                      */
    MVU_N_PARTS
};
extern const char *const mvu_part_names[]; /* NULL-terminated, by enum        */

struct part_count {
    double lut;     /* [LUT], LUT RAM included                               */
    int64_t lutram; /* [LUT] of these, exact                                 */
    int64_t ff;     /* exact                                                 */
    int64_t bram18; /* [BRAM18], on ice40 [SB_RAM40_4K]; exact               */
};

struct mvu_parts {
    struct mac_config mac;         /* PE of them */
    struct requant_config requant; /* lanes of them */
    int32_t n_mac, n_requant;
    struct part_count part[MVU_N_PARTS];
    int64_t ff, dsp, bram18; /* of the whole unit, macs and requantisers too  */
    int64_t lut_memory;      /* the two memories and the input buffer's RAM, with
                                their read multiplexers [LUT]                 */
    double lut_control;      /* everything else that is no mac or requant [LUT] */
};

/* FF and DSP of one element, exact. */
int64_t mac_ff(const struct mac_config *m);
int64_t requant_ff(const struct requant_config *r, enum rtl_target target);
int64_t requant_dsp(const struct requant_config *r, enum rtl_target target);

void mvu_compose(const struct mvu_config *c, enum rtl_target target,
                 struct mvu_parts *out);

#endif
