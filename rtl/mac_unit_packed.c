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
        mac_unit_put(a_port, (int64_t)k * p->abits, p->abits, a[first + k]);
        for (int32_t l = 0; l < c->lanes; l++)
            mac_unit_put(w_port, ((int64_t)l * c->SIMD + k) * p->wbits, p->wbits,
                         w[l * K + first + k]);
    }
}

const struct mac_unit_ops mac_packed_ops = {
    .max_SIMD = MAC_MAX_SIMD,
    .check = check,
    .precision_check = mac_unit_built_precision,
    .ports = ports,
    .bare = bare,
    .products = products,
    .passes = mac_unit_one_pass,
    .step = mac_unit_whole_word,
    .operands = operands,
    .no_padding_if_bipolar = true,
};
