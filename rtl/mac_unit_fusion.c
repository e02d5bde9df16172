/* mac_unit_fusion.c -- mac_fusion: which product goes to which bricks is rtl/fusion.c.
 *
 *   steps = ceil(K / products),  products = SIMD * 64 / (W' A'),  W', A' in {2, 4, 8}
 */
#include "rtl/fusion.h"
#include "rtl/mac_unit_internal.h"

enum { CTL_BITS = 6, PORT_BITS = 32 };

static status check(const struct mac_unit_config *c, struct err *err)
{
    if (c->wbits == 8 && c->abits == 8 && c->wsigned && c->asigned) return ST_OK;
    return err_set(err, ST_RANGE,
                   "mac_fusion: expected operands, of any precision here, as 8 bits "
                   "signed");
}

static status precision(const struct mac_unit_config *c, const struct mac_precision *p,
                        struct err *err)
{
    (void)c;
    (void)p;
    (void)err;
    return ST_OK;
}

static struct mac_unit_ports ports(const struct mac_unit_config *c)
{
    return (struct mac_unit_ports){.w = PORT_BITS * c->SIMD,
                                   .a = PORT_BITS * c->SIMD,
                                   .ctl = CTL_BITS,
                                   .acc = c->acc_bits,
                                   .latency = 1};
}

static struct rtl_instance bare(const struct mac_unit_config *c)
{
    struct rtl_instance inst = {.module = "mac_fusion"};
    mac_unit_param(&inst, "SIMD", c->SIMD);
    mac_unit_param(&inst, "ACC_BITS", c->acc_bits);
    mac_unit_param(&inst, "GROUPED", c->grouped);
    return inst;
}

static int32_t products(const struct mac_unit_config *c, const struct mac_precision *p)
{
    return c->SIMD * fusion_products(p);
}

static void step(const struct mac_precision *p, int64_t words, int64_t i,
                 struct mac_step *s)
{
    (void)words;
    s->word = i;
    s->ctl = fusion_ctl(p);
}

static void operands(const struct mac_unit_config *c, const struct mac_precision *p,
                     int64_t K, const struct mac_step *s, const uint8_t *w,
                     const uint8_t *a, uint32_t *w_port, uint32_t *a_port)
{
    const int32_t each = fusion_products(p);
    const int64_t first = s->word * products(c, p);
    for (int32_t u = 0; u < c->SIMD; u++) {
        const int64_t at = first + (int64_t)u * each;
        if (at >= K) break;
        const int64_t n = K - at < each ? K - at : each;
        fusion_spread(p, w + at, a + at, (int32_t)n, w_port + u, a_port + u);
    }
}

const struct mac_unit_ops mac_fusion_ops = {
    .max_SIMD = MAC_FUSION_SIMD,
    .check = check,
    .precision_check = precision,
    .ports = ports,
    .bare = bare,
    .products = products,
    .passes = mac_unit_one_pass,
    .step = step,
    .operands = operands,
};
