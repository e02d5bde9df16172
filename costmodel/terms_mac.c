/* terms_mac.c -- resources of mac_parallel.  N = SIMD, W = wbits, A = abits, ACC =
 * acc_bits.
 *
 * A mac is chains of adder rows, a tree over the chains and an accumulator, whose bits
 * costmodel/dot_shape.h counts as the Verilog does.  On LUT6 devices a bit of a row is
 * one LUT; LUT4 devices and standard cells need more for the same bit, so coefficients
 * differ, and plain operand sizes compete with the counts: held-out error decides. */
#include "costmodel/ceil_log2.h"
#include "costmodel/terms_internal.h"

#define MAC_TERMS(T, P)                                                                \
    T(P, adders, "rows + tree + ACC", "bit",                                           \
      "all adder bits: one LUT each on a carry chain",                                 \
      term_row_bits(in) + in->dot.tree_bits + e->acc_bits)                             \
    T(P, acc, "ACC", "bit", "accumulator: one full adder per bit", e->acc_bits)        \
    T(P, rows, "adder bits of the rows of all chains", "bit",                          \
      "a row adds one radix-4 digit's product: one LUT6 per bit", term_row_bits(in))   \
    T(P, narrow, "adder bits of rows of at most 3-input products", "bit",              \
      "rows of 1-bit operands and 1-bit top digits", in->dot.narrow_bits)              \
    T(P, low, "adder bits of rows of 4-input products", "bit",                         \
      "rows of lowest digits: a LUT4 holds the product, not the sum",                  \
      in->dot.low_bits)                                                                \
    T(P, wide, "adder bits of rows of 5-input products", "bit",                        \
      "rows of whole digits: a LUT6 holds product and sum, a LUT4 neither",            \
      in->dot.wide_bits)                                                               \
    T(P, tree, "adder bits between the chains", "bit",                                 \
      "adder tree, one LUT per sum bit on a carry chain", in->dot.tree_bits)           \
    T(P, first, "bits of the first row of each chain", "bit",                          \
      "the first digit's product, which nothing is added to", in->dot.first_bits)      \
    T(P, second, "bits of second rows that are not narrow", "bit",                     \
      "the first row's logic merged into the second row, wider than one LUT",          \
      in->dot.second_bits)                                                             \
    T(P, digits, "radix-4 digits of the recoded operands", "digit",                    \
      "decoding of a digit", in->dot.n_digits)                                         \
    T(P, cells, "N*W*A", "bit^2", "partial-product cells",                             \
      (double)e->SIMD * e->wbits * e->abits)                                           \
    T(P, operands, "N*(W+A)", "bit", "logic at operand edges",                         \
      (double)(e->wbits + e->abits) * e->SIMD)                                         \
    T(P, max, "N*max(W,A)", "bit", "length of a row",                                  \
      (double)term_max(e->wbits, e->abits) * e->SIMD)                                  \
    T(P, min, "N*min(W,A)", "bit", "number of rows",                                   \
      (double)term_min(e->wbits, e->abits) * e->SIMD)                                  \
    T(P, simd, "N", "", "fixed logic per product", e->SIMD)                            \
    T(P, full, "full adders that compress 1-bit products", "",                         \
      "three bits to two: a LUT6 for each, products and all", in->compress.full)       \
    T(P, half, "half adders among them", "", "two bits and a constant",                \
      in->compress.half)                                                               \
    T(P, last, "bits of the adder after them", "bit", "the two words that are left",   \
      in->compress.last)                                                               \
    T(P, pairs, "N-1", "bit", "counters that join the 1-bit products of two operands", \
      e->SIMD - 1)                                                                     \
    T(P, beyond, "max(0, ACC-ceil(log2(N+1))-1)", "bit",                               \
      "accumulator beyond the count of 1-bit products: a half adder per bit",          \
      term_max(0, e->acc_bits - ceil_log2(e->SIMD + 1) - 1))                           \
    T(P, chains, "chains", "", "fixed logic per chain", in->dot.n_chains)              \
    T(P, one, "1", "", "logic that every mac has once", 1)

TERMS_DEFINE(parallel, MAC_TERMS)
