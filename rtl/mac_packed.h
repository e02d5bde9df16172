/* mac_packed.h -- how mac_packed puts several products into one DSP.
 *
 * rtl/mac/mac_packed.v explains the packing; this is the same rule for whoever must
 * know the result before there is a netlist.  tests/rtl/test_mac_packed.c holds the
 * two against each other. */
#ifndef RTL_MAC_PACKED_H
#define RTL_MAC_PACKED_H

#include "rtl/mac_unit.h"

enum {
    MAC_PACKED_CHAIN_MAX = 8, /* DSPs in a cascade                               */
    DSP48E1_FACTOR_BITS = 25, /* of the pre-adder, and so of the packed weights  */
    DSP48E2_FACTOR_BITS = 27,
    DSP48_SUM_BITS = 48
};

struct mac_packed_shape {
    int32_t spacing; /* of the lanes [bit]; one lane: DSP48_SUM_BITS              */
    bool overlap;    /* sums have one bit more than spacing                       */
    bool offset;     /* lower lanes multiply by w + 2^(wbits - 1)                 */
    bool in_dsp;     /* the accumulators are in the DSP                           */
    int32_t chains;  /* cascades                                                  */
    int32_t chain;   /* DSPs in each, the last one may have fewer                 */
    int32_t word;    /* bits of a lane of a cascade's sum                         */
    int32_t
        parities; /* of overlapping lanes, per chain: one where all lanes share it */
    int32_t dsp;  /* = SIMD                                                    */
    int32_t ff;
    int32_t latency; /* [cycle]                                                   */
};

/* c: in the ranges of struct mac_unit_config.  ST_UNSUPPORTED: the lanes do not fit
 * the DSP; the message says how much room there is. */
status mac_packed_shape(const struct mac_unit_config *c, struct mac_packed_shape *out,
                        struct err *err);

#endif
