/* act_avx512.c -- act_body.h for AVX-512. */
#include "nn/act_tables.h"

#if defined(__AVX512F__)
#define ACT_ISA act_avx512
#include "nn/act_body.h"
#endif
