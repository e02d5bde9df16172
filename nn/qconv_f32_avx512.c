/* qconv_f32_avx512.c -- qconv_f32.h at 16 lanes. */
#include "nn/qconv_back.h"

#if defined(__AVX512F__)
#define QCONV_F32_LANES 16
#define QCONV_F32_ACC   24
#define QCONV_F32(name) qconv_f32_avx512_##name
#include "nn/qconv_f32.h"
#endif
