/* act_avx2.c -- act_body.h for AVX2. */
#include "nn/act_tables.h"

#if defined(__AVX2__)
#define ACT_ISA act_avx2
#include "nn/act_body.h"
#endif
