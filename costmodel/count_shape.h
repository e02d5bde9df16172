/* count_shape.h -- the adders of rtl/mac/popcount_and.v, counted from its parameter
 * alone: triples of pairs, rows above them, and the sum of their columns
 * (rtl/mac/sum_columns.v). */
#ifndef COSTMODEL_COUNT_SHAPE_H
#define COSTMODEL_COUNT_SHAPE_H

#include <stdint.h>

struct count_shape {
    int32_t bits;        /* of the count                                          */
    int32_t triples;     /* bits of the counts of three pairs, a LUT6 each        */
    int32_t rows;        /* of a one and two pairs, two LUT6 each                 */
    int32_t column_bits; /* bits of the rows that sum the columns, a LUT6 each    */
    int32_t ripple_bits; /* bits of the last adder                                */
};

/* Of SIMD pairs, >= 1. */
struct count_shape count_shape_of(int32_t SIMD);

#endif
