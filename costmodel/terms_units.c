/* terms_units.c -- resources of the units of run-time precision.  N = SIMD, W = wbits,
 * ACC = acc_bits.  The population counts are counted as the Verilog builds them
 * (costmodel/count_shape.h). */
#include "costmodel/ceil_log2.h"
#include "costmodel/terms_internal.h"

/* Bits of the sum that goes to the accumulator, of those that it has room for. */
static int32_t sum_bits(const struct term_input *in, int32_t planes)
{
    return term_min(in->e->acc_bits, in->count.bits + planes + 1);
}

/* ---- mac_serial: population count of N pairs, shift and add ---- */

#define SERIAL_TERMS(T, P)                                                     \
    T(P, triples, "counts of triples in popcount_and", "bit",                  \
      "three pairs counted by two LUT6", in->count.triples)                    \
    T(P, rows, "rows of popcount_and", "", "two pairs and three ones added",   \
      in->count.rows)                                                          \
    T(P, columns, "bits of the rows of sum_columns", "bit",                    \
      "sum of the ones, twos and fours", in->count.column_bits)                \
    T(P, ripple, "bits of the last adder of sum_columns", "bit",               \
      "what two summands and a carry are left of it", in->count.ripple_bits)   \
    T(P, popcount, "N-bits of the count", "", "full adders of the count",      \
      e->SIMD - in->count.bits)                                                \
    T(P, simd, "N", "", "pairs of one bit plane", e->SIMD)                     \
    T(P, sum, "bits of the count and a sign", "bit",                           \
      "accumulator where the count comes in, negated or not", sum_bits(in, 0)) \
    T(P, acc, "ACC", "bit", "accumulator: shift by one and add", e->acc_bits)  \
    T(P, one, "1", "", "logic that every unit has once", 1)

TERMS_DEFINE(serial, SERIAL_TERMS)

/* ---- mac_actserial: a population count for each bit of the weights ---- */

/* A bipolar weight is counted twice, its ones and its zeros. */
static int32_t counts(const struct element *e)
{
    return e->wbits + (e->wbits == 1 && e->wsigned);
}
/* Plane i is added to twice the planes above it; counts of one bit fit side by side.
 * Zeros are subtracted from ones. */
static int32_t plane_adders(const struct term_input *in)
{
    const struct element *e = in->e;
    int32_t sum = e->wbits == 1 && e->wsigned ? in->count.bits + 1 : 0;
    if (in->count.bits > 1)
        for (int32_t i = 0; i < e->wbits - 1; i++)
            sum += in->count.bits + e->wbits - i - 1;
    return sum;
}
/* The bits of these adders in which both summands have one. */
static int32_t joined_bits(const struct term_input *in)
{
    const struct element *e = in->e;
    if (e->wbits == 1) return e->wsigned ? in->count.bits : 0;
    return (e->wbits - 1) * (in->count.bits - 1);
}

#define ACTSERIAL_TERMS(T, P)                                                         \
    T(P, triples, "counts * counts of triples in popcount_and", "bit",                \
      "three pairs counted by two LUT6", counts(e) * in->count.triples)               \
    T(P, rows, "counts * rows of popcount_and", "", "two pairs and three ones added", \
      counts(e) * in->count.rows)                                                     \
    T(P, columns, "counts * bits of the rows of sum_columns", "bit",                  \
      "sum of the ones, twos and fours", counts(e) * in->count.column_bits)           \
    T(P, ripple, "counts * bits of the last adder of sum_columns", "bit",             \
      "what two summands and a carry are left of it",                                 \
      counts(e) * in->count.ripple_bits)                                              \
    T(P, planes, "adder bits between the planes", "bit",                              \
      "each plane's count added to twice those above", plane_adders(in))              \
    T(P, joined, "bits of both summands among them", "bit",                           \
      "a carry cell needs a LUT only for these", joined_bits(in))                     \
    T(P, weights, "N*W", "bit", "pairs of all planes", (double)e->SIMD * e->wbits)    \
    T(P, sum, "bits of the sum of all planes", "bit",                                 \
      "accumulator where the sum comes in, negated or not", sum_bits(in, e->wbits))   \
    T(P, acc, "ACC", "bit", "accumulator: shift by one and add", e->acc_bits)         \
    T(P, simd, "N", "", "logic per activation bit", e->SIMD)                          \
    T(P, one, "1", "", "logic that every unit has once", 1)

TERMS_DEFINE(actserial, ACTSERIAL_TERMS)

/* ---- mac_fusion: N units of 16 bricks, shifts, sums ---- */

/* A unit of 16 bricks gives a sum of at most 16 products of 8 x 8 bits. */
enum { FUSION_SUM_BITS = 18 };

#define FUSION_TERMS(T, P)                                                      \
    T(P, units, "N", "", "16 bricks, their shifts and their sum", e->SIMD)      \
    T(P, tree, "adder bits of a tree of N sums", "bit", "sum over the units",   \
      term_tree_bits(e->SIMD, FUSION_SUM_BITS))                                 \
    T(P, log_simd, "ceil(log2 N)", "level", "wider sums", ceil_log2(e->SIMD))   \
    T(P, acc, "ACC", "bit", "accumulator: one full adder per bit", e->acc_bits) \
    T(P, one, "1", "", "shifts after the groups are summed, mode decoding", 1)

TERMS_DEFINE(fusion, FUSION_TERMS)
