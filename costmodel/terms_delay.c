/* terms_delay.c -- what the longest path passes, from the operands to the
 * accumulator's register: a carry chain costs per bit where it ripples (carry cells of
 * an FPGA), per doubling where the mapper makes it a tree (standard cells), so both
 * are offered. */
#include "costmodel/ceil_log2.h"
#include "costmodel/terms_internal.h"

#define DELAY_TERMS(T, P)                                                         \
    T(P, one, "1", "", "clock to output, setup, input routing", 1)                \
    T(P, depth, "rows of a chain + levels of the tree", "adder",                  \
      "adders one after the other", term_depth(in))                               \
    T(P, acc, "ACC", "bit", "carry through the accumulator", e->acc_bits)         \
    T(P, log_acc, "ceil(log2 ACC)", "level", "the same as a carry tree",          \
      ceil_log2(e->acc_bits))                                                     \
    T(P, log_simd, "ceil(log2 N)", "level", "levels of the adder tree",           \
      ceil_log2(e->SIMD))                                                         \
    T(P, bits, "W+A", "bit", "carry through a product", e->wbits + e->abits)      \
    T(P, log_bits, "ceil(log2 W)+ceil(log2 A)", "level", "the same as trees",     \
      ceil_log2(e->wbits) + ceil_log2(e->abits))                                  \
    T(P, max, "max(W,A)", "bit", "length of a row", term_max(e->wbits, e->abits)) \
    T(P, min, "min(W,A)", "bit", "number of rows", term_min(e->wbits, e->abits))  \
    T(P, out, "out_bits", "bit", "clip to the output's range", e->out_bits)

TERMS_DEFINE(delay, DELAY_TERMS)
