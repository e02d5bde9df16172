/* published.h -- cost formulas that others have published, to hold ours against.
 *
 * They count another toolchain's LUTs on other RTL, so they are no part of the model:
 * tests reproduce the figures that their authors give. */
#ifndef COSTMODEL_PUBLISHED_H
#define COSTMODEL_PUBLISHED_H

#include <stdbool.h>
#include <stdint.h>

/* A matrix-vector-activation unit of FINN-R. */
struct finn_mvau {
    int64_t MW, MH;       /* matrix columns, rows                                 */
    int64_t PE, SIMD;     /* dividing them                                        */
    int32_t wbits, abits; /* of operands                                          */
    int32_t acc_bits;
    int32_t out_bits;    /* of the thresholds' result; 0: none                   */
    bool mul_in_dsp;     /* multipliers in DSPs instead of LUTs                  */
    bool weights_in_lut; /* weight memory in LUT RAM                             */
    bool thresholds_in_lut;
};

/* LUTs [LUT], with the fraction that the authors' code cuts off at the end:
 *
 *   300 + 1.1 PE (mult + tree + acc + thresholds + comparators) + weight memory
 *   mult = SIMD (2 ceil((W + A) / 6) - 1) (W + A)      tree = (W + A) (2 SIMD - 1)
 *
 * M. Blott et al., FINN-R, ACM TRETS 11(3), 2018, as coded in
 * finn/custom_op/fpgadataflow/hls/matrixvectoractivation_hls.py (lut_estimation). */
double finn_mvau_lut(const struct finn_mvau *m);

/* The array of a BISMO accelerator: Dm x Dn dot-product units of Dk bits. */
struct bismo_array {
    int64_t Dm, Dk, Dn;
    int64_t Bm, Bn;   /* words of each operand's buffers                          */
    bool compressors; /* the second version, popcounts made of compressors        */
};
/* Dm Dn (alpha Dk + beta + 120.1) [LUT], coefficients as fitted by its authors:
 * Y. Umuroglu et al., BISMO, FPL 2018 and TRETS 12(3), 2019, as coded in BISMO.scala
 * (estimateResources). */
double bismo_lut(const struct bismo_array *b);
/* ceil(Dk / 32) (Dm ceil(Bm / 1024) + Dn ceil(Bn / 1024)) [block RAM, 32 x 1024]; the
 * authors' code divides integers, which rounds down, inside ceil. */
int64_t bismo_bram(const struct bismo_array *b);
/* LUTs per binary operation; a product of 1 x 1 bits is two operations. */
double bismo_lut_per_op(const struct bismo_array *b);

#endif
