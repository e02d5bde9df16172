/* isa.h -- which vector instructions the kernels may use.
 *
 *   avx512_bf16  VNNI forward, bf16 backward         (Zen 4, Sapphire Rapids on)
 *   avx512       VNNI forward, fp32 backward         (Cascade Lake on)
 *   avx2         16-bit integer forward, fp32 backward, AVX2 + FMA
 *   blas         fp32 products by OpenBLAS, any CPU
 *
 * The best one that the CPU has is taken; the environment variable BITWRIGHT_ISA
 * forces another. */
#ifndef NN_ISA_H
#define NN_ISA_H

#include <stdbool.h>

#include "base/status.h"

enum nn_isa { NN_ISA_BLAS, NN_ISA_AVX2, NN_ISA_AVX512, NN_ISA_AVX512_BF16, NN_N_ISAS };

const char *nn_isa_name(enum nn_isa isa); /* static */
bool nn_isa_has(enum nn_isa isa);         /* can this CPU run it?              */
enum nn_isa nn_isa_best(void);
/* The best, or what BITWRIGHT_ISA says.  ST_RANGE for an unknown name,
 * ST_UNSUPPORTED for one that the CPU lacks; both list the ones it has. */
status nn_isa_choose(enum nn_isa *out, struct err *err);

#endif
