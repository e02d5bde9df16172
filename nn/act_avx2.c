/* act_avx2.c -- act_body.h for AVX2. */
#include "nn/act_tables.h"

#if defined(__AVX2__)
#include "nn/act_body.h"

const struct act_isa act_avx2 = ACT_TABLE;
#endif
