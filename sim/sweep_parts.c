#include "sim/sweep_parts.h"

#include <stdio.h>

struct sample sweep_mac_part(const struct sample *unit)
{
    struct sample s = sample_empty();
    (void)snprintf(s.module, sizeof s.module, "mac_parallel");
    s.SIMD = unit->SIMD;
    s.wbits = unit->wbits;
    s.abits = unit->abits;
    s.wsigned = unit->wsigned;
    s.asigned = unit->asigned;
    s.acc_bits = unit->acc_bits;
    return s;
}

struct sample sweep_requant_part(const struct sample *unit)
{
    struct sample s = sample_empty();
    (void)snprintf(s.module, sizeof s.module, "requant");
    s.acc_bits = unit->acc_bits;
    s.out_bits = unit->out_bits;
    s.out_signed = unit->out_signed;
    s.shift = unit->shift;
    s.requant_dsp = unit->requant_dsp;
    return s;
}
