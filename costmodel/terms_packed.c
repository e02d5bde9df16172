/* terms_packed.c -- resources of mac_packed beside its N DSPs.  L = lanes, ACC =
 * acc_bits.
 *
 * What is in LUTs follows from the packing (rtl/mac_packed.h): nothing where the
 * accumulators are in the DSP; else an accumulator per lane, a tree over the sums of
 * the chains, and where lanes overlap the parity that takes them apart. */
#include "costmodel/terms_internal.h"

/* Adder bits of rtl/mac/carry_tree.v over the chains of one lane. */
static int32_t tree_bits(const struct mac_packed_shape *s, int32_t acc_bits)
{
    int32_t terms[2 * MAC_MAX_SIMD], n = s->chains, sum = 0;
    for (int32_t i = 0; i < n; i++)
        terms[i] = 1;
    for (int32_t next = 0; next + 1 < n; next += 2) {
        const int32_t t = terms[next] + terms[next + 1];
        int32_t bits = s->word;
        while (1 << (bits - s->word) < t)
            bits++;
        sum += bits < acc_bits ? bits : acc_bits;
        terms[n++] = t;
    }
    return sum;
}

/* A parity takes two bits per product, of which a LUT has six, and joins the results.
 */
static int32_t parity_luts(int32_t products)
{
    int32_t luts = 0;
    for (int32_t inputs = 2 * products; inputs > 1;) {
        const int32_t level = (inputs + 5) / 6;
        luts += level;
        inputs = level;
    }
    return luts;
}

#define PACKED_TERMS(T, P)                                                     \
    T(P, acc, "L*ACC, 0 in the DSP", "bit",                                    \
      "accumulators: one full adder per bit and lane",                         \
      in->packed.in_dsp ? 0 : e->lanes * e->acc_bits)                          \
    T(P, tree, "adder bits of L trees over the chains", "bit",                 \
      "sums of the chains of each lane",                                       \
      e->lanes *tree_bits(&in->packed, e->acc_bits))                           \
    T(P, parity, "parities of overlapping lanes", "LUT",                       \
      "the bit of a lane that lies under the next one",                        \
      in->packed.parities * in->packed.chains * parity_luts(in->packed.chain)) \
    T(P, overlap, "(L-1)*chains where lanes overlap", "",                      \
      "that bit, and the carry it gives back",                                 \
      in->packed.overlap ? (e->lanes - 1) * in->packed.chains : 0)             \
    T(P, negated, "(L-1)*chains where lanes have a bias", "",                  \
      "the bias taken away from a lane's sign",                                \
      !in->packed.overlap && (e->wsigned || e->asigned)                        \
          ? (e->lanes - 1) * in->packed.chains                                 \
          : 0)                                                                 \
    T(P, in_dsp, "(L-1) with the accumulators in the DSP", "",                 \
      "an inverter, or the carry into an adder, per lane",                     \
      in->packed.in_dsp ? e->lanes - 1 : 0)                                    \
    T(P, less, "N*A where weights are made positive, A signed", "bit",         \
      "a negative activation's borrow from the next lane",                     \
      in->packed.offset && e->asigned ? e->SIMD * e->abits : 0)                \
    T(P, products, "L*N*(W+A)", "bit", "registers of products",                \
      (double)e->lanes * e->SIMD * (e->wbits + e->abits))                      \
    T(P, lanes, "L", "", "fixed logic per lane", e->lanes)                     \
    T(P, one, "1", "", "logic that every unit has once", 1)

TERMS_DEFINE(packed, PACKED_TERMS)
