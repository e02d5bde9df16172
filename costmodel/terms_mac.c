/* terms_mac.c -- resources of mac_parallel.  N = SIMD, W = wbits, A = abits, ACC =
 * acc_bits.
 *
 * A mac is chains of adder rows, a tree over the chains and an accumulator, whose bits
 * costmodel/dot_shape.h counts as the Verilog does.  On LUT6 devices a bit of a row is
 * one LUT; LUT4 devices and standard cells need more for the same bit, so coefficients
 * differ, and plain operand sizes compete with the counts: held-out error decides. */
#include "costmodel/ceil_log2.h"
#include "costmodel/terms_internal.h"

static double first_size(const struct term_input *in) { return in->dot.first_bits; }
static double narrow_size(const struct term_input *in) { return in->dot.narrow_bits; }
static double low_size(const struct term_input *in) { return in->dot.low_bits; }
static double wide_size(const struct term_input *in) { return in->dot.wide_bits; }
static double rows_size(const struct term_input *in)
{
    const struct dot_shape s = in->dot;
    return s.narrow_bits + s.low_bits + s.wide_bits;
}
static double second_size(const struct term_input *in) { return in->dot.second_bits; }
static double tree_size(const struct term_input *in) { return in->dot.tree_bits; }
static double adders_size(const struct term_input *in)
{
    return rows_size(in) + in->dot.tree_bits + in->e->acc_bits;
}
static double digits_size(const struct term_input *in) { return in->dot.n_digits; }
static double chains_size(const struct term_input *in) { return in->dot.n_chains; }

static double cells_size(const struct term_input *in)
{
    return (double)in->e->SIMD * in->e->wbits * in->e->abits;
}
static double operands_size(const struct term_input *in)
{
    return (double)in->e->SIMD * (in->e->wbits + in->e->abits);
}
static double max_size(const struct term_input *in)
{
    return (double)in->e->SIMD * term_max(in->e->wbits, in->e->abits);
}
static double min_size(const struct term_input *in)
{
    return (double)in->e->SIMD * term_min(in->e->wbits, in->e->abits);
}
static double popcount_size(const struct term_input *in)
{
    return in->e->SIMD - ceil_log2(in->e->SIMD + 1);
}
static double pairs_size(const struct term_input *in) { return in->e->SIMD - 1; }
static double beyond_size(const struct term_input *in)
{
    return term_max(0, in->e->acc_bits - ceil_log2(in->e->SIMD + 1) - 1);
}

static const struct cost_term mac_terms[] = {
    {"adders", "rows + tree + ACC", "bit",
     "all adder bits: one LUT each on a carry chain", adders_size},
    {"acc", "ACC", "bit", "accumulator: one full adder per bit", term_acc},
    {"rows", "adder bits of the rows of all chains", "bit",
     "a row adds one radix-4 digit's product: one LUT6 per bit", rows_size},
    {"narrow", "adder bits of rows of at most 3-input products", "bit",
     "rows of 1-bit operands and 1-bit top digits", narrow_size},
    {"low", "adder bits of rows of 4-input products", "bit",
     "rows of lowest digits: a LUT4 holds the product, not the sum", low_size},
    {"wide", "adder bits of rows of 5-input products", "bit",
     "rows of whole digits: a LUT6 holds product and sum, a LUT4 neither", wide_size},
    {"tree", "adder bits between the chains", "bit",
     "adder tree, one LUT per sum bit on a carry chain", tree_size},
    {"first", "bits of the first row of each chain", "bit",
     "the first digit's product, which nothing is added to", first_size},
    {"second", "bits of second rows that are not narrow", "bit",
     "the first row's logic merged into the second row, wider than one LUT",
     second_size},
    {"digits", "radix-4 digits of the recoded operands", "digit", "decoding of a digit",
     digits_size},
    {"cells", "N*W*A", "bit^2", "partial-product cells", cells_size},
    {"operands", "N*(W+A)", "bit", "logic at operand edges", operands_size},
    {"max", "N*max(W,A)", "bit", "length of a row", max_size},
    {"min", "N*min(W,A)", "bit", "number of rows", min_size},
    {"simd", "N", "", "fixed logic per product", term_simd},
    {"popcount", "N-ceil(log2(N+1))", "bit",
     "full adders of a population count of 1-bit products", popcount_size},
    {"pairs", "N-1", "bit", "counters that join the 1-bit products of two operands",
     pairs_size},
    {"beyond", "max(0, ACC-ceil(log2(N+1))-1)", "bit",
     "accumulator beyond the count of 1-bit products: a half adder per bit",
     beyond_size},
    {"chains", "chains", "", "fixed logic per chain", chains_size},
    {"one", "1", "", "logic that every mac has once", term_one},
};

const struct cost_term *terms_parallel(int32_t *n)
{
    *n = TERMS_COUNT(mac_terms);
    return mac_terms;
}
