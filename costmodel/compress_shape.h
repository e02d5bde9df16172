/* compress_shape.h -- the adders of a plain sum of 1-bit products, as Yosys builds it:
 * full and half adders that compress all summands to two words (its maccmap), and one
 * adder for these.  rtl/mac/dot_lut.v leaves pairs of 1-bit operands to it. */
#ifndef COSTMODEL_COMPRESS_SHAPE_H
#define COSTMODEL_COMPRESS_SHAPE_H

#include <stdbool.h>
#include <stdint.h>

struct compress_shape {
    int32_t full; /* full adders, of three bits that are not constant             */
    int32_t half; /* of two, and a constant                                       */
    int32_t last; /* bits of the last adder of which both summands are there      */
};

/* SIMD pairs of 1-bit operands, signed ones bipolar; the sum has `bits` bits.  SIMD in
 * [1, 64], bits in [1, 32]. */
struct compress_shape compress_shape_of(int32_t SIMD, bool wsigned, bool asigned,
                                        int32_t bits);

#endif
