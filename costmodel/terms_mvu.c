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
/* Bits above the code, the sign among them, that decide whether it is cut; of a
 * bipolar code there are none: it is the sign.  Up to 4 fit into the LUT6 of a code
 * bit, with sign and bit. */
static int32_t above(const struct element *e, bool out_signed)
{
    const int32_t bits = kept_bits(e) - e->out_bits;
    if (e->out_signed != out_signed || (out_signed && e->out_bits == 1)) return 0;
    return bits > 4 ? bits : 0;
}

#define REQUANT_TERMS(T, P)                                                       \
    T(P, out, "out_bits, less 1 if signed", "bit",                                \
      "selection of result, lowest or highest code",                              \
      e->out_bits - (e->out_signed ? 1 : 0))                                      \
    T(P, clip, "(ACC+18-shift-out_bits)/4 if above 3, unsigned", "",              \
      "bits above the result that must all be 0", above(e, false) / 4)            \
    T(P, equal, "ACC+19-shift-out_bits if above 4, signed", "bit",                \
      "bits above the result that must all be the sign", above(e, true))          \
    T(P, one, "1", "", "logic that every lane has once", 1)                       \
    T(P, rows, "adder bits of the 18-bit by ACC multiplier", "bit",               \
      "multiplier in LUTs: one adder row per radix-4 digit", term_row_bits(in))   \
    T(P, first, "bits of its first row", "bit",                                   \
      "the first digit's product, which nothing is added to", in->dot.first_bits) \
    T(P, bias, "ACC+19", "bit", "adder for the bias",                             \
      e->acc_bits + REQUANT_MUL_BITS + 1)                                         \
    T(P, acc, "ACC", "bit", "operand registers and sign logic", e->acc_bits)      \
    T(P, wide_acc, "max(0, ACC-25)", "bit",                                       \
      "the second DSP, where the accumulator is wider than one takes",            \
      term_max(0, e->acc_bits - 25))

TERMS_DEFINE(requant, REQUANT_TERMS)

/* ---- mvu_control ---- */

#define CONTROL_TERMS(T, P)                                                 \
    T(P, structural, "lut_control of costmodel/compose.h", "LUT",           \
      "what the composition expects from structure alone", e->structural)   \
    T(P, one, "1", "", "state machine and handshakes", 1)                   \
    T(P, counters, "log2(SF)+log2(NF)", "bit", "fold counters",             \
      ceil_log2(e->MW / e->SIMD) + ceil_log2(e->MH / e->PE))                \
    T(P, word_in, "SIMD*A", "bit", "input word: new vector or held vector", \
      (double)e->SIMD * e->abits)                                           \
    T(P, word_out, "lanes*out_bits", "bit", "output word",                  \
      (double)e->lanes * e->out_bits)                                       \
    T(P, select, "lanes*ACC*(PE/lanes-1)", "bit",                           \
      "multiplexers that bring PE sums to the lanes",                       \
      (double)e->lanes * e->acc_bits * (e->PE / e->lanes - 1))

TERMS_DEFINE(control, CONTROL_TERMS)
