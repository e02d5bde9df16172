/* qconv_depth_avx2.c -- qconv_depth.h at 8 lanes.  The instruction for bytes would
 * saturate, so the four bytes of a lane are multiplied as two pairs of s16. */
#include "nn/qconv_back.h"

#if defined(__AVX2__)
#include <immintrin.h>

#include "nn/vector.h"

enum { LANES = 8 };
typedef int32_t ivec __attribute__((vector_size(32)));
typedef float vec __attribute__((vector_size(32)));

NN_INLINE ivec widen(const uint8_t *p)
{
    return (ivec)_mm256_cvtepu8_epi32(_mm_loadl_epi64((const void *)p));
}

NN_INLINE ivec dot(ivec acc, ivec x, ivec w)
{
    const __m256i u = (__m256i)x, v = (__m256i)w;
    const __m256i even = _mm256_and_si256(u, _mm256_set1_epi32(0x00ff00ff));
    const __m256i w_even = _mm256_srai_epi16(_mm256_slli_epi16(v, 8), 8);
    const __m256i products = _mm256_add_epi32(
        _mm256_madd_epi16(even, w_even),
        _mm256_madd_epi16(_mm256_srli_epi16(u, 8), _mm256_srai_epi16(v, 8)));
    return acc + (ivec)products;
}

NN_INLINE vec to_floats(ivec v) { return (vec)_mm256_cvtepi32_ps((__m256i)v); }

#include "nn/qconv_depth.h"

const struct qconv_isa qconv_depth_avx2 = QCONV_DEPTH("avx2 depthwise");
#endif
