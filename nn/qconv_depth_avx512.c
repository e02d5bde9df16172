/* qconv_depth_avx512.c -- qconv_depth.h at 16 lanes, with the byte products of VNNI. */
#include "nn/qconv_back.h"

#if defined(__AVX512VNNI__)
#include <immintrin.h>

#include "nn/vector.h"

enum { LANES = 16 };
typedef int32_t ivec __attribute__((vector_size(64)));
typedef float vec __attribute__((vector_size(64)));

NN_INLINE ivec widen(const uint8_t *p)
{
    return (ivec)_mm512_cvtepu8_epi32(_mm_loadu_si128((const void *)p));
}

NN_INLINE ivec dot(ivec acc, ivec x, ivec w)
{
    return (ivec)_mm512_dpbusd_epi32((__m512i)acc, (__m512i)x, (__m512i)w);
}

NN_INLINE vec to_floats(ivec v) { return (vec)_mm512_cvtepi32_ps((__m512i)v); }

#include "nn/qconv_depth.h"

const struct qconv_isa qconv_depth_avx512 = QCONV_DEPTH("avx512 depthwise");
#endif
