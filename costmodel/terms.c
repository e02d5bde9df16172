/* terms.c -- the sizes.  N = SIMD, W = wbits, A = abits, ACC = acc_bits.
 *
 * A mac is chains of adder rows, a tree over the chains and an accumulator, whose bits
 * costmodel/dot_shape.h counts as the Verilog does.  On LUT6 devices a bit of a row is
 * one LUT; LUT4 devices need more for the same bit, so coefficients differ, and plain
 * operand sizes compete with the counts: held-out error decides.  A requantiser is a
 * multiplier (in LUTs or in a DSP), an adder for the bias, and a clip.  The control of
 * an mvu is counters and selection: logarithms of its depths, widths of its words. */
#include "costmodel/terms.h"

#include <string.h>

#include "costmodel/ceil_log2.h"
#include "costmodel/dot_shape.h"
#include "nn/quant.h"

static int32_t min_i32(int32_t a, int32_t b) { return a < b ? a : b; }
static int32_t max_i32(int32_t a, int32_t b) { return a > b ? a : b; }

/* ---- mac_parallel ---- */

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

static double one_size(const struct term_input *in)
{
    (void)in;
    return 1;
}
static double simd_size(const struct term_input *in) { return in->e->SIMD; }
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
    return (double)in->e->SIMD * max_i32(in->e->wbits, in->e->abits);
}
static double min_size(const struct term_input *in)
{
    return (double)in->e->SIMD * min_i32(in->e->wbits, in->e->abits);
}
static double acc_size(const struct term_input *in) { return in->e->acc_bits; }
static double popcount_size(const struct term_input *in)
{
    return in->e->SIMD - ceil_log2(in->e->SIMD + 1);
}
static const struct cost_term mac_terms[] = {
    {"adders", "rows + tree + ACC", "LUT/bit",
     "all adder bits: one LUT each on a carry chain", adders_size},
    {"acc", "ACC", "LUT/bit", "accumulator: one full adder per bit", acc_size},
    {"rows", "adder bits of the rows of all chains", "LUT/bit",
     "a row adds one radix-4 digit's product: one LUT6 per bit", rows_size},
    {"narrow", "adder bits of rows of at most 3-input products", "LUT/bit",
     "rows of 1-bit operands and 1-bit top digits", narrow_size},
    {"low", "adder bits of rows of 4-input products", "LUT/bit",
     "rows of lowest digits: a LUT4 holds the product, not the sum", low_size},
    {"wide", "adder bits of rows of 5-input products", "LUT/bit",
     "rows of whole digits: a LUT6 holds product and sum, a LUT4 neither", wide_size},
    {"tree", "adder bits between the chains", "LUT/bit",
     "adder tree, one LUT per sum bit on a carry chain", tree_size},
    {"first", "bits of the first row of each chain", "LUT/bit",
     "the first digit's product, which nothing is added to", first_size},
    {"second", "bits of second rows that are not narrow", "LUT/bit",
     "the first row's logic merged into the second row, wider than one LUT",
     second_size},
    {"digits", "radix-4 digits of the recoded operands", "LUT/digit",
     "decoding of a digit", digits_size},
    {"cells", "N*W*A", "LUT/bit^2", "partial-product cells", cells_size},
    {"operands", "N*(W+A)", "LUT/bit", "logic at operand edges", operands_size},
    {"max", "N*max(W,A)", "LUT/bit", "length of a row", max_size},
    {"min", "N*min(W,A)", "LUT/bit", "number of rows", min_size},
    {"simd", "N", "LUT", "fixed logic per product", simd_size},
    {"popcount", "N-ceil(log2(N+1))", "LUT/bit",
     "full adders of a population count of 1-bit products", popcount_size},
    {"chains", "chains", "LUT", "fixed logic per chain", chains_size},
    {"one", "1", "LUT", "logic that every mac has once", one_size},
};

/* ---- requant ---- */

/* acc * mul + bias has ACC + 19 bits, of which ACC + 19 - SHIFT are kept. */
static int32_t kept_bits(const struct element *e)
{
    return e->acc_bits + REQUANT_MUL_BITS + 1 - e->shift;
}
/* A signed code's highest bit is the sign itself. */
static double out_size(const struct term_input *in)
{
    return in->e->out_bits - (in->e->out_signed ? 1 : 0);
}
/* Up to 4 bits above fit into the LUT6 of a code bit, with sign and bit. */
static double clip_size(const struct term_input *in)
{
    const int32_t above = kept_bits(in->e) - 1 - in->e->out_bits;
    return above > 4 ? above / 4 : 0;
}
static double bias_size(const struct term_input *in)
{
    return in->e->acc_bits + REQUANT_MUL_BITS + 1;
}
static double wide_acc_size(const struct term_input *in)
{
    return max_i32(0, in->e->acc_bits - 25);
}

static const struct cost_term requant_terms[] = {
    {"out", "out_bits, less 1 if signed", "LUT/bit",
     "selection of result, lowest or highest code", out_size},
    {"clip", "(ACC+18-shift-out_bits)/4 if above 4", "LUT",
     "bits above the result that must all be equal", clip_size},
    {"one", "1", "LUT", "logic that every lane has once", one_size},
    {"rows", "adder bits of the 18-bit by ACC multiplier", "LUT/bit",
     "multiplier in LUTs: one adder row per radix-4 digit", rows_size},
    {"first", "bits of its first row", "LUT/bit",
     "the first digit's product, which nothing is added to", first_size},
    {"bias", "ACC+19", "LUT/bit", "adder for the bias", bias_size},
    {"acc", "ACC", "LUT/bit", "operand registers and sign logic", acc_size},
    {"wide_acc", "max(0, ACC-25)", "LUT/bit",
     "the second DSP, where the accumulator is wider than one takes", wide_acc_size},
};

/* ---- mvu_control ---- */

static int32_t fold_columns(const struct element *e) { return e->MW / e->SIMD; }
static int32_t fold_rows(const struct element *e) { return e->MH / e->PE; }
static double counters_size(const struct term_input *in)
{
    return ceil_log2(fold_columns(in->e)) + ceil_log2(fold_rows(in->e));
}
static double structural_size(const struct term_input *in) { return in->e->structural; }
static double word_in_size(const struct term_input *in)
{
    return (double)in->e->SIMD * in->e->abits;
}
static double word_out_size(const struct term_input *in)
{
    return (double)in->e->lanes * in->e->out_bits;
}
static double select_size(const struct term_input *in)
{
    return (double)in->e->lanes * in->e->acc_bits * (in->e->PE / in->e->lanes - 1);
}

static const struct cost_term control_terms[] = {
    {"structural", "lut_control of costmodel/compose.h", "LUT/LUT",
     "what the composition expects from structure alone", structural_size},
    {"one", "1", "LUT", "state machine and handshakes", one_size},
    {"counters", "log2(SF)+log2(NF)", "LUT/bit", "fold counters", counters_size},
    {"word_in", "SIMD*A", "LUT/bit", "input word: new vector or held vector",
     word_in_size},
    {"word_out", "lanes*out_bits", "LUT/bit", "output word", word_out_size},
    {"select", "lanes*ACC*(PE/lanes-1)", "LUT/bit",
     "multiplexers that bring PE sums to the lanes", select_size},
};

/* ---- all ---- */

#define COUNT(a) ((int32_t)(sizeof(a) / sizeof((a)[0])))

const struct cost_term *terms_of(enum element_module m, int32_t *n)
{
    if (m == ELEMENT_MAC) {
        *n = COUNT(mac_terms);
        return mac_terms;
    }
    if (m == ELEMENT_REQUANT) {
        *n = COUNT(requant_terms);
        return requant_terms;
    }
    *n = COUNT(control_terms);
    return control_terms;
}

struct term_input term_input_of(const struct element *e)
{
    struct term_input in = {.e = e};
    if (e->module == ELEMENT_MAC)
        in.dot = dot_shape_of(e->SIMD, e->wbits, e->wsigned, e->abits, e->asigned);
    if (e->module == ELEMENT_REQUANT && !e->requant_dsp)
        in.dot = dot_chain_shape(1, REQUANT_MUL_BITS, true, e->acc_bits, true);
    return in;
}

int32_t terms_find(enum element_module m, const char *name)
{
    int32_t n;
    const struct cost_term *t = terms_of(m, &n);
    for (int32_t i = 0; i < n; i++)
        if (strcmp(t[i].name, name) == 0) return i;
    return -1;
}

void terms_eval(const struct element *e, double *sizes)
{
    int32_t n;
    const struct cost_term *t = terms_of(e->module, &n);
    const struct term_input in = term_input_of(e);
    for (int32_t i = 0; i < n; i++)
        sizes[i] = t[i].eval(&in);
}
