/* act.c -- act_body.h for any CPU, and the table of instruction sets. */
#include "nn/act_tables.h"

#include "nn/act_body.h"

const struct act_isa act_ref = ACT_TABLE;

const struct act_isa *act_isa_of(enum nn_isa isa)
{
    if (isa == NN_ISA_BLAS) return NULL;
#if defined(__x86_64__) && defined(__GNUC__)
    return isa == NN_ISA_AVX2 ? &act_avx2 : &act_avx512;
#else
    return NULL;
#endif
}
