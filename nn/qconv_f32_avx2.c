/* qconv_f32_avx2.c -- qconv_f32.h at 8 lanes. */
#include "nn/qconv_back.h"

#if defined(__AVX2__)
#define QCONV_F32_LANES 8
#define QCONV_F32_ACC   8
#define QCONV_F32(name) qconv_f32_avx2_##name
#include "nn/qconv_f32.h"
#endif
