/* dot_shape.h -- the adders of rtl/mac/dot_lut.v, counted from its parameters alone.
 *
 * dot_lut recodes one operand in radix-4 digits, adds the digits' products row by row
 * in chains of at most 8 rows, and the chains in a tree.  Every adder has exactly the
 * bits that its extreme values need, so the bits can be counted as the Verilog counts
 * them; a test holds the two against each other. */
#ifndef COSTMODEL_DOT_SHAPE_H
#define COSTMODEL_DOT_SHAPE_H

#include <stdbool.h>
#include <stdint.h>

struct dot_shape {
    int32_t n_digits;   /* radix-4 digits of all recoded operands                */
    int32_t n_chains;   /* at least 1                                            */
    int32_t first_bits; /* of the first rows of the chains, which have no adder  */
    /* Adder bits of the other rows, by the inputs of a bit of their product: */
    int32_t narrow_bits; /* up to 3: one bit of x, or a top digit of one bit      */
    int32_t low_bits;    /* 4: a digit that no bit carries into, and like it      */
    int32_t wide_bits;   /* 5: a whole digit                                      */
    int32_t second_bits; /* those among low and wide that come second in a chain  */
    int32_t tree_bits;   /* adder bits between the chains                         */
};

/* SIMD products of wbits x abits; 1-bit signed is bipolar.  All 0 but n_chains for
 * pairs of 1-bit operands, which are counted by a plain sum. */
struct dot_shape dot_shape_of(int32_t SIMD, int32_t wbits, bool wsigned, int32_t abits,
                              bool asigned);
/* One chain of dot_chain.v by itself: `terms` products of x, which is recoded, and y.
 * The multiplier of a requantiser in LUTs is one of 18 bits by acc_bits. */
struct dot_shape dot_chain_shape(int32_t terms, int32_t xbits, bool xsigned,
                                 int32_t ybits, bool ysigned);

#endif
