/* terms.c -- the sizes.  N = SIMD, W = wbits, A = abits, ACC = acc_bits.
 *
 * A mac is N multipliers, an adder tree over their products, and an accumulator.
 * Its multipliers are partial products (W * A bit cells) summed by rows of adders;
 * LUT6 logic absorbs small digits whole, which is why digit and row counts compete
 * with plain cell counts and held-out error decides.  A requantiser is a multiplier
 * (in LUTs or in a DSP), an adder for the bias, and a clip.  The control of an mvu
 * is counters and selection: logarithms of its depths and widths of its words. */
#include "costmodel/terms.h"

#include <string.h>

#include "nn/quant.h"

static int32_t min_i32(int32_t a, int32_t b) { return a < b ? a : b; }
static int32_t max_i32(int32_t a, int32_t b) { return a > b ? a : b; }
static int32_t ceil_div(int32_t a, int32_t b) { return (a + b - 1) / b; }

/* Bits of a counter that counts n things: ceil(log2(n)), 0 for n <= 1. */
static int32_t ceil_log2(int32_t n)
{
    int32_t bits = 0;
    while (bits < 31 && (1 << bits) < n)
        bits++;
    return bits;
}

/* ---- mac_parallel ---- */

/* Bits of one product; a 1-bit operand adds none: XNOR, AND or negation. */
static int32_t product_bits(const struct element *e)
{
    const int32_t w = e->wbits, a = e->abits;
    if (w == 1 && a == 1) return e->wsigned || e->asigned ? 2 : 1;
    if (w == 1) return a + (e->wsigned ? 1 : 0);
    if (a == 1) return w + (e->asigned ? 1 : 0);
    return w + a;
}

/* Full adders of a binary tree over SIMD products: at level l, pairs of words of
 * product_bits + l bits.  An odd word passes on. */
static double tree_size(const struct element *e)
{
    double cells = 0;
    int32_t words = e->SIMD, bits = product_bits(e);
    while (words > 1) {
        cells += (double)(words / 2) * bits;
        words = words - words / 2;
        bits++;
    }
    return cells;
}

static double one_size(const struct element *e)
{
    (void)e;
    return 1;
}
static double simd_size(const struct element *e) { return e->SIMD; }
static double cells_size(const struct element *e)
{
    return (double)e->SIMD * e->wbits * e->abits;
}
static double operands_size(const struct element *e)
{
    return (double)e->SIMD * (e->wbits + e->abits);
}
static double max_size(const struct element *e)
{
    return (double)e->SIMD * max_i32(e->wbits, e->abits);
}
static double min_size(const struct element *e)
{
    return (double)e->SIMD * min_i32(e->wbits, e->abits);
}
static double rows_size(const struct element *e)
{
    const int32_t few = min_i32(e->wbits, e->abits);
    const int32_t wide = max_i32(e->wbits, e->abits);
    return (double)e->SIMD * (few - 1) * (wide + 1);
}
static double rows4_size(const struct element *e)
{
    const int32_t few = min_i32(e->wbits, e->abits);
    const int32_t wide = max_i32(e->wbits, e->abits);
    return (double)e->SIMD * (ceil_div(few, 2) - 1) * (wide + 2);
}
static double digits2_size(const struct element *e)
{
    const int32_t few = min_i32(e->wbits, e->abits);
    const int32_t wide = max_i32(e->wbits, e->abits);
    return (double)e->SIMD * ceil_div(few, 2) * (wide + 2);
}
static double digits3_size(const struct element *e)
{
    return (double)e->SIMD * ceil_div(e->wbits, 3) * ceil_div(e->abits, 3);
}
static double acc_size(const struct element *e) { return e->acc_bits; }
static double popcount_size(const struct element *e)
{
    return e->SIMD - ceil_log2(e->SIMD + 1);
}
static double extend_size(const struct element *e)
{
    const int32_t sum_bits = product_bits(e) + ceil_log2(e->SIMD);
    return max_i32(0, e->acc_bits - sum_bits);
}

static const struct cost_term mac_terms[] = {
    {"one", "1", "LUT", "logic that every mac has once", one_size},
    {"acc", "ACC", "LUT/bit", "accumulator: one full adder per bit", acc_size},
    {"tree", "sum over tree levels of adder widths", "LUT/bit",
     "adder tree over the products, one LUT per sum bit on a carry chain", tree_size},
    {"cells", "N*W*A", "LUT/bit^2", "partial-product cells", cells_size},
    {"operands", "N*(W+A)", "LUT/bit", "adder and sign logic at operand edges",
     operands_size},
    {"rows", "N*(min-1)*(max+1)", "LUT/bit",
     "adders that sum the partial products row by row", rows_size},
    {"rows4", "N*(ceil(min/2)-1)*(max+2)", "LUT/bit",
     "adders between radix-4 partial products", rows4_size},
    {"digits2", "N*ceil(min/2)*(max+2)", "LUT/bit",
     "radix-4 partial products: a multiple 0..3 of the wide operand", digits2_size},
    {"digits3", "N*ceil(W/3)*ceil(A/3)", "LUT/digit",
     "3x3-digit products, one LUT6 per product bit", digits3_size},
    {"max", "N*max(W,A)", "LUT/bit", "length of a row", max_size},
    {"min", "N*min(W,A)", "LUT/bit", "number of rows", min_size},
    {"simd", "N", "LUT", "fixed logic per product", simd_size},
    {"popcount", "N-ceil(log2(N+1))", "LUT/bit",
     "full adders of a population count of 1-bit products", popcount_size},
    {"extend", "ACC - bits of the sum", "LUT/bit",
     "accumulator bits beyond the sum only propagate a carry", extend_size},
};

/* ---- requant ---- */

static int32_t product_bits_requant(const struct element *e)
{
    return e->acc_bits + REQUANT_MUL_BITS;
}
static double out_size(const struct element *e) { return e->out_bits; }
static double clip_size(const struct element *e)
{
    return max_i32(0, product_bits_requant(e) - e->shift - e->out_bits);
}
static double bias_size(const struct element *e) { return product_bits_requant(e); }
static double mul_size(const struct element *e)
{
    return (double)e->acc_bits * REQUANT_MUL_BITS;
}
static double shift_size(const struct element *e) { return e->shift; }

static const struct cost_term requant_terms[] = {
    {"one", "1", "LUT", "handshake of the lane", one_size},
    {"out", "out_bits", "LUT/bit", "selection of result, lowest or highest code",
     out_size},
    {"clip", "ACC+18-shift-out_bits", "LUT/bit",
     "bits above the result that must all be equal", clip_size},
    {"bias", "ACC+18", "LUT/bit", "adder for the bias", bias_size},
    {"mul", "ACC*18", "LUT/bit^2", "partial-product cells of the multiplier", mul_size},
    {"acc", "ACC", "LUT/bit", "operand registers and sign logic", acc_size},
    {"shift", "shift", "LUT/bit", "bits below the result only propagate a carry",
     shift_size},
};

/* ---- mvu_control ---- */

static int32_t fold_columns(const struct element *e) { return e->MW / e->SIMD; }
static int32_t fold_rows(const struct element *e) { return e->MH / e->PE; }
static double counters_size(const struct element *e)
{
    return ceil_log2(fold_columns(e)) + ceil_log2(fold_rows(e));
}
static double structural_size(const struct element *e) { return e->structural; }
static double word_in_size(const struct element *e)
{
    return (double)e->SIMD * e->abits;
}
static double word_out_size(const struct element *e)
{
    return (double)e->lanes * e->out_bits;
}
static double weight_word_size(const struct element *e)
{
    return (double)e->PE * e->SIMD * e->wbits;
}
static double hold_size(const struct element *e) { return (double)e->PE * e->acc_bits; }
static double select_size(const struct element *e)
{
    return (double)e->lanes * e->acc_bits * (e->PE / e->lanes - 1);
}

static const struct cost_term control_terms[] = {
    {"structural", "lut_control of costmodel/compose.h", "LUT/LUT",
     "what the composition expects from structure alone", structural_size},
    {"one", "1", "LUT", "state machine and handshakes", one_size},
    {"counters", "log2(SF)+log2(NF)", "LUT/bit", "fold counters", counters_size},
    {"word_in", "SIMD*A", "LUT/bit", "input word: new vector or held vector",
     word_in_size},
    {"word_out", "lanes*out_bits", "LUT/bit", "output word", word_out_size},
    {"weight_word", "PE*SIMD*W", "LUT/bit", "weight word", weight_word_size},
    {"hold", "PE*ACC", "LUT/bit", "sums that wait for requantisation", hold_size},
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
    for (int32_t i = 0; i < n; i++)
        sizes[i] = t[i].eval(e);
}
