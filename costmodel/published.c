#include "costmodel/published.h"

static int64_t ceil_div(int64_t a, int64_t b) { return (a + b - 1) / b; }

enum { LUTRAM_WORDS = 64 }; /* words of one LUT used as memory                    */

double finn_mvau_lut(const struct finn_mvau *m)
{
    const int64_t bits = m->wbits + m->abits;
    const int64_t mult =
        m->mul_in_dsp ? 0 : m->SIMD * (2 * ceil_div(bits, 6) - 1) * bits;
    const int64_t tree = bits * (2 * m->SIMD - 1);
    const int64_t levels =
        m->out_bits > 0 && m->thresholds_in_lut ? (INT64_C(1) << m->out_bits) - 1 : 0;
    const int64_t threshold_words = m->MH / m->PE;
    const int64_t thresholds =
        levels * m->acc_bits * ceil_div(threshold_words, LUTRAM_WORDS);
    const int64_t comparators = levels * m->acc_bits;
    const int64_t weight_words = m->MW / m->SIMD * (m->MH / m->PE);
    const int64_t weights = m->weights_in_lut ? m->PE * m->SIMD * m->wbits *
                                                    ceil_div(weight_words, LUTRAM_WORDS)
                                              : 0;
    return 300 +
           1.1 * (double)m->PE *
               (double)(mult + tree + m->acc_bits + thresholds + comparators) +
           (double)weights;
}

double bismo_lut(const struct bismo_array *b)
{
    const double alpha = b->compressors ? 1.17 : 2.04;
    const double beta = b->compressors ? 44.1 : 109.41;
    return (double)(b->Dm * b->Dn) * (alpha * (double)b->Dk + beta + 120.1);
}

int64_t bismo_bram(const struct bismo_array *b)
{
    return ceil_div(b->Dk, 32) *
           (b->Dm * ceil_div(b->Bm, 1024) + b->Dn * ceil_div(b->Bn, 1024));
}

double bismo_lut_per_op(const struct bismo_array *b)
{
    return bismo_lut(b) / (2.0 * (double)(b->Dm * b->Dn * b->Dk));
}
