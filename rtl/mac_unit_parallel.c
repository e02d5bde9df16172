/* mac_unit_parallel.c -- mac_parallel: all bits of SIMD pairs in one step. */
#include "rtl/mac_unit_internal.h"

static struct mac_unit_ports ports(const struct mac_unit_config *c)
{
    return (struct mac_unit_ports){.w = c->SIMD * c->wbits,
                                   .a = c->SIMD * c->abits,
                                   .acc = c->acc_bits,
                                   .latency = 1};
}

static struct rtl_instance bare(const struct mac_unit_config *c)
{
    const struct mac_config m = {.SIMD = c->SIMD,
                                 .wbits = c->wbits,
                                 .abits = c->abits,
                                 .wsigned = c->wsigned,
                                 .asigned = c->asigned,
                                 .acc_bits = c->acc_bits,
                                 .mul = RTL_MUL_LUT};
    return mac_instance(&m);
}

const struct mac_unit_ops mac_parallel_ops = {
    .max_SIMD = MAC_MAX_SIMD,
    .precision_check = mac_unit_built_precision,
    .ports = ports,
    .bare = bare,
    .products = mac_unit_word_products,
    .passes = mac_unit_one_pass,
    .step = mac_unit_whole_word,
    .operands = mac_unit_word_operands,
    .no_padding_if_bipolar = true,
};
