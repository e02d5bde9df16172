/* mac_unit_serial.c -- mac_serial and mac_actserial: one bit plane per step.
 *
 * Planes come in falling significance of their product, all words of one plane in a
 * row; the accumulator is doubled where the significance falls.  A plane is subtracted
 * if exactly one of its operands is the most significant bit of a signed number.
 * A bipolar operand is the 2-bit number 11 (-1) or 01 (+1).
 *
 *   serial:     steps = W * A * ceil(K / SIMD),  W, A = 2 for a bipolar operand
 *   actserial:  steps =     A * ceil(K / SIMD) */
#include "rtl/mac_unit_internal.h"

/* Bits of i_ctl; rtl/mac/serial_acc.v. */
enum { CTL_SHIFT = 1, CTL_NEG = 2, CTL_BITS = 2 };

/* ---- planes ---- */

struct plane {
    int32_t w, a; /* bit of each operand; w = 0 where weights are parallel      */
};

static int32_t weight_planes(const struct mac_precision *p)
{
    return mac_unit_planes(p->wbits, p->wsigned);
}

static int32_t act_planes(const struct mac_precision *p)
{
    return mac_unit_planes(p->abits, p->asigned);
}

/* Plane n of n_w * n_a in falling w + a; of equal sums the larger w first. */
static struct plane plane_at(int32_t n_w, int32_t n_a, int64_t n)
{
    for (int32_t sum = n_w + n_a - 2; sum >= 0; sum--)
        for (int32_t w = n_w - 1; w >= 0; w--)
            if (sum - w >= 0 && sum - w < n_a && n-- == 0)
                return (struct plane){.w = w, .a = sum - w};
    return (struct plane){0, 0};
}

static bool is_sign(int32_t plane, int32_t n_planes, bool is_signed)
{
    return is_signed && plane == n_planes - 1;
}

static uint32_t control(bool shift, bool neg)
{
    return (shift ? CTL_SHIFT : 0U) | (neg ? CTL_NEG : 0U);
}

static bool serial_neg(const struct mac_precision *p, struct plane x)
{
    return is_sign(x.w, weight_planes(p), p->wsigned) !=
           is_sign(x.a, act_planes(p), p->asigned);
}

static void serial_step(const struct mac_precision *p, int64_t words, int64_t i,
                        struct mac_step *s)
{
    const int32_t n_w = weight_planes(p), n_a = act_planes(p);
    const struct plane now = plane_at(n_w, n_a, i / words);
    const struct plane before = i ? plane_at(n_w, n_a, (i - 1) / words) : now;
    s->word = i % words;
    s->wplane = now.w;
    s->aplane = now.a;
    s->ctl = control(now.w + now.a != before.w + before.a, serial_neg(p, now));
}

static bool act_neg(const struct mac_precision *p, int32_t plane)
{
    return is_sign(plane, act_planes(p), p->asigned);
}

static void actserial_step(const struct mac_precision *p, int64_t words, int64_t i,
                           struct mac_step *s)
{
    const int32_t top = act_planes(p) - 1;
    const int32_t now = top - (int32_t)(i / words);
    const int32_t before = i ? top - (int32_t)((i - 1) / words) : now;
    s->word = i % words;
    s->aplane = now;
    s->ctl = control(now != before, act_neg(p, now));
}

static int32_t serial_passes(const struct mac_precision *p)
{
    return weight_planes(p) * act_planes(p);
}

static int32_t actserial_passes(const struct mac_precision *p) { return act_planes(p); }

/* ---- operands ---- */

static int32_t products(const struct mac_unit_config *c, const struct mac_precision *p)
{
    (void)p;
    return c->SIMD;
}

static uint32_t plane_bit(uint8_t code, int32_t bits, bool is_signed, int32_t plane)
{
    return ((uint32_t)mac_unit_value(code, bits, is_signed) >> plane) & 1U;
}

static void serial_operands(const struct mac_unit_config *c,
                            const struct mac_precision *p, int64_t K,
                            const struct mac_step *s, const uint8_t *w,
                            const uint8_t *a, uint32_t *w_port, uint32_t *a_port)
{
    const int64_t first = s->word * c->SIMD;
    for (int32_t k = 0; k < c->SIMD && first + k < K; k++) {
        mac_unit_put(w_port, k, 1,
                     plane_bit(w[first + k], p->wbits, p->wsigned, s->wplane));
        mac_unit_put(a_port, k, 1,
                     plane_bit(a[first + k], p->abits, p->asigned, s->aplane));
    }
}

static void actserial_operands(const struct mac_unit_config *c,
                               const struct mac_precision *p, int64_t K,
                               const struct mac_step *s, const uint8_t *w,
                               const uint8_t *a, uint32_t *w_port, uint32_t *a_port)
{
    const int64_t first = s->word * c->SIMD;
    for (int32_t k = 0; k < c->SIMD && first + k < K; k++) {
        mac_unit_put(w_port, (int64_t)k * p->wbits, p->wbits, w[first + k]);
        mac_unit_put(a_port, k, 1,
                     plane_bit(a[first + k], p->abits, p->asigned, s->aplane));
    }
}

/* ---- the two units ---- */

static status not_built_for(const char *who, const char *what, bool is_8_signed,
                            struct err *err)
{
    if (is_8_signed) return ST_OK;
    return err_set(err, ST_RANGE,
                   "%s: expected %s, of any precision here, as 8 bits signed", who,
                   what);
}

static status serial_check(const struct mac_unit_config *c, struct err *err)
{
    TRY(not_built_for("mac_serial", "weights", c->wbits == 8 && c->wsigned, err));
    return not_built_for("mac_serial", "activations", c->abits == 8 && c->asigned, err);
}

static status actserial_check(const struct mac_unit_config *c, struct err *err)
{
    return not_built_for("mac_actserial", "activations", c->abits == 8 && c->asigned,
                         err);
}

static status serial_precision(const struct mac_unit_config *c,
                               const struct mac_precision *p, struct err *err)
{
    (void)c;
    (void)p;
    (void)err;
    return ST_OK;
}

static status actserial_precision(const struct mac_unit_config *c,
                                  const struct mac_precision *p, struct err *err)
{
    if (p->wbits == c->wbits && p->wsigned == c->wsigned) return ST_OK;
    return err_set(err, ST_RANGE,
                   "mac_actserial: expected the weights that it is built for, %s %d "
                   "bits, found %s %d",
                   c->wsigned ? "signed" : "unsigned", c->wbits,
                   p->wsigned ? "signed" : "unsigned", p->wbits);
}

static struct mac_unit_ports serial_ports(const struct mac_unit_config *c)
{
    return (struct mac_unit_ports){
        .w = c->SIMD, .a = c->SIMD, .ctl = CTL_BITS, .acc = c->acc_bits, .latency = 1};
}

static struct mac_unit_ports actserial_ports(const struct mac_unit_config *c)
{
    return (struct mac_unit_ports){.w = c->SIMD * c->wbits,
                                   .a = c->SIMD,
                                   .ctl = CTL_BITS,
                                   .acc = c->acc_bits,
                                   .latency = 1};
}

static struct rtl_instance serial_bare(const struct mac_unit_config *c)
{
    struct rtl_instance inst = {.module = "mac_serial"};
    mac_unit_param(&inst, "SIMD", c->SIMD);
    mac_unit_param(&inst, "ACC_BITS", c->acc_bits);
    return inst;
}

static struct rtl_instance actserial_bare(const struct mac_unit_config *c)
{
    struct rtl_instance inst = {.module = "mac_actserial"};
    mac_unit_param(&inst, "SIMD", c->SIMD);
    mac_unit_param(&inst, "WBITS", c->wbits);
    mac_unit_param(&inst, "WSIGNED", c->wsigned);
    mac_unit_param(&inst, "ACC_BITS", c->acc_bits);
    return inst;
}

const struct mac_unit_ops mac_serial_ops = {
    .max_SIMD = MAC_SERIAL_SIMD,
    .check = serial_check,
    .precision_check = serial_precision,
    .ports = serial_ports,
    .bare = serial_bare,
    .products = products,
    .passes = serial_passes,
    .step = serial_step,
    .operands = serial_operands,
};

const struct mac_unit_ops mac_actserial_ops = {
    .max_SIMD = MAC_MAX_SIMD,
    .check = actserial_check,
    .precision_check = actserial_precision,
    .ports = actserial_ports,
    .bare = actserial_bare,
    .products = products,
    .passes = actserial_passes,
    .step = actserial_step,
    .operands = actserial_operands,
};
