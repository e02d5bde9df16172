/* terms_units.c -- resources of the units that are not mac_parallel.  N = SIMD, W =
 * wbits, A = abits, L = lanes, ACC = acc_bits. */
#include "costmodel/ceil_log2.h"
#include "costmodel/terms_internal.h"

static double log_size(const struct term_input *in) { return ceil_log2(in->e->SIMD); }
static double popcount_size(const struct term_input *in)
{
    return in->e->SIMD - ceil_log2(in->e->SIMD + 1);
}

/* ---- mac_packed: N DSPs of L products each, then L sums ---- */

static double lanes_acc_size(const struct term_input *in)
{
    return (double)in->e->lanes * in->e->acc_bits;
}
static double lanes_tree_size(const struct term_input *in)
{
    return in->e->lanes * term_tree_bits(in->e->SIMD, in->e->wbits + in->e->abits);
}
static double dsps_size(const struct term_input *in) { return in->e->SIMD; }
static double fix_bits_size(const struct term_input *in)
{
    return (double)(in->e->lanes - 1) * in->e->SIMD * (in->e->wbits + in->e->abits);
}
static double fix_size(const struct term_input *in)
{
    return (double)(in->e->lanes - 1) * in->e->SIMD;
}
static double pack_size(const struct term_input *in)
{
    return (double)(in->e->lanes - 1) * in->e->SIMD * in->e->wbits;
}
static double act_size(const struct term_input *in)
{
    return (double)in->e->SIMD * in->e->abits;
}
static double products_size(const struct term_input *in)
{
    return (double)in->e->lanes * in->e->SIMD * (in->e->wbits + in->e->abits);
}
static double lanes_size(const struct term_input *in) { return in->e->lanes; }

static const struct cost_term packed_terms[] = {
    {"acc", "L*ACC", "bit", "accumulators: one full adder per bit and lane",
     lanes_acc_size},
    {"tree", "adder bits of L trees of N products", "bit",
     "sums of each lane's products", lanes_tree_size},
    {"fix_bits", "(L-1)*N*(W+A)", "bit",
     "a lane takes back the borrow of the lane below", fix_bits_size},
    {"fix", "(L-1)*N", "", "the borrow itself", fix_size},
    {"pack", "(L-1)*N*W", "bit", "the weights of a DSP added into one word", pack_size},
    {"products", "L*N*(W+A)", "bit", "registers of products", products_size},
    {"act", "N*A", "bit", "the activation beside the DSPs", act_size},
    {"dsps", "N", "DSP", "one DSP for the products of one activation", dsps_size},
    {"lanes", "L", "", "fixed logic per lane", lanes_size},
    {"one", "1", "", "logic that every unit has once", term_one},
};

const struct cost_term *terms_packed(int32_t *n)
{
    *n = TERMS_COUNT(packed_terms);
    return packed_terms;
}

/* ---- mac_serial: population count of N pairs, shift and add ---- */

/* rtl/mac/popcount_and.v: triples of pairs and the rows above them. */
static int32_t triples(int32_t pairs)
{
    int32_t t = 1;
    while (3 * t + 2 * ((t - 1) / 2) < pairs)
        t++;
    return t;
}
static double triples_size(const struct term_input *in) { return triples(in->e->SIMD); }
static double rows_size(const struct term_input *in)
{
    return (triples(in->e->SIMD) - 1) / 2;
}

static const struct cost_term serial_terms[] = {
    {"triples", "triples of pairs in popcount_and", "",
     "three pairs counted by two LUTs", triples_size},
    {"rows", "rows of popcount_and", "", "two pairs and three ones added", rows_size},
    {"popcount", "N-ceil(log2(N+1))", "bit", "full adders of the population count",
     popcount_size},
    {"simd", "N", "", "pairs of one bit plane", term_simd},
    {"log_simd", "ceil(log2 N)", "bit", "bits of the count", log_size},
    {"acc", "ACC", "bit", "accumulator: shift by one and add", term_acc},
    {"one", "1", "", "logic that every unit has once", term_one},
};

const struct cost_term *terms_serial(int32_t *n)
{
    *n = TERMS_COUNT(serial_terms);
    return serial_terms;
}

/* ---- mac_actserial: a population count for each bit of the weights ---- */

static double weights_size(const struct term_input *in)
{
    return (double)in->e->SIMD * in->e->wbits;
}
static double planes_triples_size(const struct term_input *in)
{
    return in->e->wbits * triples_size(in);
}
static double planes_rows_size(const struct term_input *in)
{
    return in->e->wbits * rows_size(in);
}
/* Plane i is added to twice the planes above it. */
static double horner_size(const struct term_input *in)
{
    const int32_t count = ceil_log2(in->e->SIMD + 1);
    double sum = 0;
    for (int32_t i = 0; i < in->e->wbits - 1; i++)
        sum += count + in->e->wbits - i;
    return sum;
}
static double planes_size(const struct term_input *in) { return in->e->wbits; }
static double planes_log_size(const struct term_input *in)
{
    return in->e->wbits * log_size(in);
}

static const struct cost_term actserial_terms[] = {
    {"triples", "W * triples of pairs in popcount_and", "",
     "three pairs counted by two LUTs", planes_triples_size},
    {"rows", "W * rows of popcount_and", "", "two pairs and three ones added",
     planes_rows_size},
    {"planes", "adder bits between the planes", "bit",
     "each plane's count added to twice those above", horner_size},
    {"weights", "N*W", "bit", "pairs of all planes", weights_size},
    {"log_simd", "W*ceil(log2 N)", "bit", "bits of the counts", planes_log_size},
    {"acc", "ACC", "bit", "accumulator: shift by one and add", term_acc},
    {"wbits", "W", "bit", "fixed logic per plane", planes_size},
    {"simd", "N", "", "logic per activation bit", term_simd},
    {"one", "1", "", "logic that every unit has once", term_one},
};

const struct cost_term *terms_actserial(int32_t *n)
{
    *n = TERMS_COUNT(actserial_terms);
    return actserial_terms;
}

/* ---- mac_fusion: N units of 16 bricks, shifts, sums ---- */

/* A unit of 16 bricks gives a sum of at most 16 products of 8 x 8 bits. */
enum { FUSION_SUM_BITS = 18 };

static double unit_tree_size(const struct term_input *in)
{
    return term_tree_bits(in->e->SIMD, FUSION_SUM_BITS);
}

static const struct cost_term fusion_terms[] = {
    {"units", "N", "", "16 bricks, their shifts and their sum", term_simd},
    {"tree", "adder bits of a tree of N sums", "bit", "sum over the units",
     unit_tree_size},
    {"log_simd", "ceil(log2 N)", "level", "wider sums", log_size},
    {"acc", "ACC", "bit", "accumulator: one full adder per bit", term_acc},
    {"one", "1", "", "shifts after the groups are summed, mode decoding", term_one},
};

const struct cost_term *terms_fusion(int32_t *n)
{
    *n = TERMS_COUNT(fusion_terms);
    return fusion_terms;
}
