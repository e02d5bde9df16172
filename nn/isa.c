/* isa.c -- see isa.h. */
#include "nn/isa.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const names[NN_N_ISAS] = {"blas", "avx2", "avx512", "avx512_bf16"};

const char *nn_isa_name(enum nn_isa isa) { return names[isa]; }

#if defined(__x86_64__)
bool nn_isa_has(enum nn_isa isa)
{
    const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    const bool vnni =
        avx2 && __builtin_cpu_supports("avx512f") &&
        __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
        __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512vnni");
    switch (isa) {
    case NN_ISA_AVX2:
        return avx2;
    case NN_ISA_AVX512:
        return vnni;
    case NN_ISA_AVX512_BF16:
        return vnni && __builtin_cpu_supports("avx512bf16");
    default:
        return isa == NN_ISA_BLAS;
    }
}
#else
bool nn_isa_has(enum nn_isa isa) { return isa == NN_ISA_BLAS; }
#endif

enum nn_isa nn_isa_best(void)
{
    int isa = NN_N_ISAS - 1;
    while (!nn_isa_has((enum nn_isa)isa))
        isa--;
    return (enum nn_isa)isa;
}

static void list_present(char *out, size_t size)
{
    size_t n = 0;
    out[0] = '\0';
    for (int i = 0; i < NN_N_ISAS; i++)
        if (nn_isa_has((enum nn_isa)i) && n < size)
            n += (size_t)snprintf(out + n, size - n, "%s%s", n ? ", " : "", names[i]);
}

status nn_isa_choose(enum nn_isa *out, struct err *err)
{
    const char *wanted = getenv("BITWRIGHT_ISA");
    char present[64];
    *out = nn_isa_best();
    if (!wanted || !*wanted) return ST_OK;
    list_present(present, sizeof present);
    for (int i = 0; i < NN_N_ISAS; i++) {
        if (strcmp(wanted, names[i]) != 0) continue;
        *out = (enum nn_isa)i;
        if (nn_isa_has(*out)) return ST_OK;
        return err_set(err, ST_UNSUPPORTED,
                       "BITWRIGHT_ISA=%s: this CPU does not have it; it has %s", wanted,
                       present);
    }
    return err_set(err, ST_RANGE, "BITWRIGHT_ISA: expected one of %s, found '%s'",
                   present, wanted);
}
