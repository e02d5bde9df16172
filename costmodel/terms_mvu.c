/* terms_mvu.c -- resources of requantisers and of an mvu's control.
 *
 * A requantiser is a multiplier (in LUTs or in a DSP), an adder for the bias, and a
 * clip.  The control of an mvu is counters and selection: logarithms of its depths,
 * widths of its words. */
#include "costmodel/ceil_log2.h"
#include "costmodel/terms_internal.h"
#include "nn/quant.h"

/* ---- requant ---- */

/* acc * mul + bias has ACC + 19 bits, of which ACC + 19 - SHIFT are kept. */
static int32_t kept_bits(const struct element *e)
{
    return e->acc_bits + REQUANT_MUL_BITS + 1 - e->shift;
}
static double rows_size(const struct term_input *in)
{
    return in->dot.narrow_bits + in->dot.low_bits + in->dot.wide_bits;
}
static double first_size(const struct term_input *in) { return in->dot.first_bits; }
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
    return term_max(0, in->e->acc_bits - 25);
}

static const struct cost_term requant_terms[] = {
    {"out", "out_bits, less 1 if signed", "bit",
     "selection of result, lowest or highest code", out_size},
    {"clip", "(ACC+18-shift-out_bits)/4 if above 4", "",
     "bits above the result that must all be equal", clip_size},
    {"one", "1", "", "logic that every lane has once", term_one},
    {"rows", "adder bits of the 18-bit by ACC multiplier", "bit",
     "multiplier in LUTs: one adder row per radix-4 digit", rows_size},
    {"first", "bits of its first row", "bit",
     "the first digit's product, which nothing is added to", first_size},
    {"bias", "ACC+19", "bit", "adder for the bias", bias_size},
    {"acc", "ACC", "bit", "operand registers and sign logic", term_acc},
    {"wide_acc", "max(0, ACC-25)", "bit",
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
    {"structural", "lut_control of costmodel/compose.h", "LUT",
     "what the composition expects from structure alone", structural_size},
    {"one", "1", "", "state machine and handshakes", term_one},
    {"counters", "log2(SF)+log2(NF)", "bit", "fold counters", counters_size},
    {"word_in", "SIMD*A", "bit", "input word: new vector or held vector", word_in_size},
    {"word_out", "lanes*out_bits", "bit", "output word", word_out_size},
    {"select", "lanes*ACC*(PE/lanes-1)", "bit",
     "multiplexers that bring PE sums to the lanes", select_size},
};

const struct cost_term *terms_requant(int32_t *n)
{
    *n = TERMS_COUNT(requant_terms);
    return requant_terms;
}

const struct cost_term *terms_control(int32_t *n)
{
    *n = TERMS_COUNT(control_terms);
    return control_terms;
}
