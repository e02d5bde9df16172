/* mac_unit_packed.c -- mac_packed: SIMD pairs of every lane in one step. */
#include "rtl/mac_packed.h"
#include "rtl/mac_unit_internal.h"

static status check(const struct mac_unit_config *c, struct err *err)
{
    struct mac_packed_shape s;
    return mac_packed_shape(c, &s, err);
}

static struct mac_unit_ports ports(const struct mac_unit_config *c)
{
    struct mac_packed_shape s = {.latency = 0};
    (void)mac_packed_shape(c, &s, NULL); /* checked before */
    return (struct mac_unit_ports){.w = c->lanes * c->SIMD * c->wbits,
                                   .a = c->SIMD * c->abits,
                                   .acc = c->lanes * c->acc_bits,
                                   .latency = s.latency};
}

static struct rtl_instance bare(const struct mac_unit_config *c)
{
    struct rtl_instance inst = {.module = "mac_packed"};
    mac_unit_param(&inst, "SIMD", c->SIMD);
    mac_unit_param(&inst, "LANES", c->lanes);
    mac_unit_param(&inst, "WBITS", c->wbits);
    mac_unit_param(&inst, "ABITS", c->abits);
    mac_unit_param(&inst, "WSIGNED", c->wsigned);
    mac_unit_param(&inst, "ASIGNED", c->asigned);
    mac_unit_param(&inst, "ACC_BITS", c->acc_bits);
    mac_unit_param(&inst, "DSP48E2", c->dsp48e2);
    return inst;
}

const struct mac_unit_ops mac_packed_ops = {
    .max_SIMD = MAC_MAX_SIMD,
    .check = check,
    .precision_check = mac_unit_built_precision,
    .ports = ports,
    .bare = bare,
    .products = mac_unit_word_products,
    .passes = mac_unit_one_pass,
    .step = mac_unit_whole_word,
    .operands = mac_unit_word_operands,
    .no_padding_if_bipolar = true,
};
