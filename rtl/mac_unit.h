/* mac_unit.h -- the MAC units and the contract that they share.
 *
 *   acc <- (first ? 0 : acc) + dot(w[SIMD], a[SIMD])
 *
 *   unit           rtl/mac/         steps for one word of SIMD products of W x A bits
 *   parallel       mac_parallel.v   1
 *   packed         mac_packed.v     1, for `lanes` dot products that share a[]
 *   serial         mac_serial.v     W * A
 *   actserial      mac_actserial.v  A
 *   fusion         mac_fusion.v     1 / ((8 / A') * (8 / W')),  A', W' in {2, 4, 8}
 *
 * A 1-bit signed operand is bipolar {-1, +1}.  parallel and packed are built for one
 * precision; serial and fusion run any of 1..8 bits and any signs, actserial any
 * activation.  A serial unit takes a bipolar operand as the 2-bit two's complement
 * numbers 11 and 01, so there W (or A) is 2.  What a step needs besides operands (which
 * bit plane, which mode) is the same for all units of an array and comes from outside:
 * mac_unit_step() says it step by step, in the order in which steps must come.
 *
 * mac_unit.v wraps any of them: ports clk, i_en, i_first, i_ctl, i_w, i_a, o_acc with
 * the widths that mac_unit_ports() gives.  o_acc holds the result `latency` cycles
 * after the last enabled step, until the next enabled step has gone through. */
#ifndef RTL_MAC_UNIT_H
#define RTL_MAC_UNIT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"
#include "rtl/accel_config.h"

enum mac_unit {
    MAC_PARALLEL,
    MAC_PACKED,
    MAC_SERIAL,
    MAC_ACTSERIAL,
    MAC_FUSION,
    MAC_N_UNITS
};
extern const char *const mac_unit_names[]; /* "mac_parallel", ...; NULL-terminated */
enum {
    MAC_CTL_BITS = 6,      /* width of mac_unit.v's i_ctl, whatever the unit     */
    MAC_MAX_SIMD = 64,     /* parallel, packed, actserial                        */
    MAC_SERIAL_SIMD = 256, /* serial                                             */
    MAC_FUSION_SIMD = 16,  /* fusion: units                                      */
    MAC_MAX_LANES = 4,
    MAC_MAX_PORT32 = 64 * 4 /* 32-bit words that hold any i_w, i_a or o_acc       */
};

/* Parameters of one unit.  wbits and abits are what it is built for; what a unit is
 * not built for is 8 and signed here: both of serial and fusion, abits of actserial. */
struct mac_unit_config {
    enum mac_unit unit;
    int32_t SIMD; /* products per step at full width; fusion: units of 16 bricks */
    int32_t wbits, abits; /* [1, 8]                                             */
    bool wsigned, asigned;
    int32_t acc_bits; /* [2, 32]                                                */
    int32_t lanes;    /* packed: dot products per DSP, [1, 4]; others 1         */
    bool dsp48e2;     /* packed: DSP48E2 (27 x 18) instead of DSP48E1 (25 x 18) */
    bool grouped;     /* fusion: bricks of equal shift are summed first         */
};

/* The precision of one run; for parallel and packed the built one. */
struct mac_precision {
    int32_t wbits, abits; /* [1, 8] */
    bool wsigned, asigned;
};

/* A unit that runs p: built for it, or for 8 signed bits where it is not built for one.
 * lanes 1, no options; not checked. */
struct mac_unit_config mac_unit_for(enum mac_unit unit, int32_t SIMD,
                                    const struct mac_precision *p, int32_t acc_bits);

/* Widths of mac_unit.v's ports [bit] and cycles from a step to its o_acc. */
struct mac_unit_ports {
    int32_t w, a;
    int32_t ctl;     /* low bits of i_ctl that the unit reads, [0, MAC_CTL_BITS] */
    int32_t acc;     /* lanes * acc_bits                                         */
    int32_t latency; /* [cycle] >= 1                                             */
};

/* ST_RANGE, ST_UNSUPPORTED name the parameter, its value and its limits: a packing
 * that does not fit its DSP is an error. */
status mac_unit_check(const struct mac_unit_config *c, struct err *err);
status mac_unit_precision_check(const struct mac_unit_config *c,
                                const struct mac_precision *p, struct err *err);
/* A dot product of K elements: K in [1, 2^20], and a whole number of words where a
 * padded pair could not be zero (parallel, packed with both operands bipolar). */
status mac_unit_length_check(const struct mac_unit_config *c,
                             const struct mac_precision *p, int64_t K, struct err *err);
/* The wrapper, mac_unit.v, and the unit alone, e.g. mac_serial.v. */
struct rtl_instance mac_unit_instance(const struct mac_unit_config *c);
struct rtl_instance mac_unit_bare(const struct mac_unit_config *c);
struct mac_unit_ports mac_unit_ports(const struct mac_unit_config *c);

/* Products (per lane) that one word of the unit's ports carries at p. */
int32_t mac_unit_products(const struct mac_unit_config *c,
                          const struct mac_precision *p);
/* Steps for a dot product of K elements at p, exactly; without the latency. */
int64_t mac_unit_steps(const struct mac_unit_config *c, const struct mac_precision *p,
                       int64_t K);

/* One step: control pins, and which part of the operands the ports carry. */
struct mac_step {
    bool first;
    uint32_t ctl;   /* value of i_ctl                                             */
    int64_t word;   /* operands word * products ...                               */
    int32_t wplane; /* serial: bit of each operand in two's complement, a bipolar */
    int32_t aplane; /* one having two; -1: all bits                               */
};
/* Step i of a dot product of K elements, 0 <= i < mac_unit_steps(). */
struct mac_step mac_unit_step(const struct mac_unit_config *c,
                              const struct mac_precision *p, int64_t K, int64_t i);

/* Packs the step's operands into the ports: w (lanes, K) row-major and a (K) are codes
 * as in nn/quant.h (two's complement in the low bits; bipolar 0 = -1, 1 = +1).
 * Beyond K, pairs whose product is zero.  w_port, a_port: (MAC_MAX_PORT32). */
void mac_unit_operands(const struct mac_unit_config *c, const struct mac_precision *p,
                       int64_t K, const struct mac_step *s, const uint8_t *w,
                       const uint8_t *a, uint32_t *w_port, uint32_t *a_port);

#endif
