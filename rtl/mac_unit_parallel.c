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

static int32_t products(const struct mac_unit_config *c, const struct mac_precision *p)
{
    (void)p;
    return c->SIMD;
}

/* Code 0 is the value 0 except of a bipolar operand; then the other one is 0. */
static void operands(const struct mac_unit_config *c, const struct mac_precision *p,
                     int64_t K, const struct mac_step *s, const uint8_t *w,
                     const uint8_t *a, uint32_t *w_port, uint32_t *a_port)
{
    const int64_t first = s->word * c->SIMD;
    for (int32_t k = 0; k < c->SIMD && first + k < K; k++) {
        mac_unit_put(w_port, (int64_t)k * p->wbits, p->wbits, w[first + k]);
        mac_unit_put(a_port, (int64_t)k * p->abits, p->abits, a[first + k]);
    }
}

const struct mac_unit_ops mac_parallel_ops = {
    .max_SIMD = MAC_MAX_SIMD,
    .precision_check = mac_unit_built_precision,
    .ports = ports,
    .bare = bare,
    .products = products,
    .passes = mac_unit_one_pass,
    .step = mac_unit_whole_word,
    .operands = operands,
    .no_padding_if_bipolar = true,
};
