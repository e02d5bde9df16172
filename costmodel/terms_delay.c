/* terms_delay.c -- what the longest path passes, from the operands to the
 * accumulator's register: a carry chain costs per bit where it ripples (carry cells of
 * an FPGA), per doubling where the mapper makes it a tree (standard cells), so both
 * are offered. */
#include "costmodel/ceil_log2.h"
#include "costmodel/terms_internal.h"

static double log_acc_size(const struct term_input *in)
{
    return ceil_log2(in->e->acc_bits);
}
static double log_simd_size(const struct term_input *in)
{
    return ceil_log2(in->e->SIMD);
}
static double log_bits_size(const struct term_input *in)
{
    return ceil_log2(in->e->wbits) + ceil_log2(in->e->abits);
}
static double bits_size(const struct term_input *in)
{
    return in->e->wbits + in->e->abits;
}
static double max_size(const struct term_input *in)
{
    return term_max(in->e->wbits, in->e->abits);
}
static double min_size(const struct term_input *in)
{
    return term_min(in->e->wbits, in->e->abits);
}
static double out_size(const struct term_input *in) { return in->e->out_bits; }

static const struct cost_term delay_terms[] = {
    {"one", "1", "", "clock to output, setup, input routing", term_one},
    {"depth", "rows of a chain + levels of the tree", "adder",
     "adders one after the other", term_depth},
    {"acc", "ACC", "bit", "carry through the accumulator", term_acc},
    {"log_acc", "ceil(log2 ACC)", "level", "the same as a carry tree", log_acc_size},
    {"log_simd", "ceil(log2 N)", "level", "levels of the adder tree", log_simd_size},
    {"bits", "W+A", "bit", "carry through a product", bits_size},
    {"log_bits", "ceil(log2 W)+ceil(log2 A)", "level", "the same as trees",
     log_bits_size},
    {"max", "max(W,A)", "bit", "length of a row", max_size},
    {"min", "min(W,A)", "bit", "number of rows", min_size},
    {"out", "out_bits", "bit", "clip to the output's range", out_size},
};

const struct cost_term *terms_delay(int32_t *n)
{
    *n = TERMS_COUNT(delay_terms);
    return delay_terms;
}
