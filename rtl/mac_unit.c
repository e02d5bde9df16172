/* mac_unit.c -- the units as a table, and what they have in common. */
#include "rtl/mac_unit.h"

#include <inttypes.h>
#include <string.h>

#include "rtl/mac_unit_internal.h"

const char *const mac_unit_names[] = {"mac_parallel",  "mac_packed", "mac_serial",
                                      "mac_actserial", "mac_fusion", NULL};

enum { MAX_K = 1 << 20 };

/* NULL: this version has no such unit. */
static const struct mac_unit_ops *const units[MAC_N_UNITS] = {
    [MAC_PARALLEL] = &mac_parallel_ops, [MAC_PACKED] = &mac_packed_ops,
    [MAC_SERIAL] = &mac_serial_ops,     [MAC_ACTSERIAL] = &mac_actserial_ops,
    [MAC_FUSION] = &mac_fusion_ops,
};

struct mac_unit_config mac_unit_for(enum mac_unit unit, int32_t SIMD,
                                    const struct mac_precision *p, int32_t acc_bits)
{
    const bool any_w = unit == MAC_SERIAL || unit == MAC_FUSION;
    const bool any_a = any_w || unit == MAC_ACTSERIAL;
    return (struct mac_unit_config){.unit = unit,
                                    .SIMD = SIMD,
                                    .wbits = any_w ? 8 : p->wbits,
                                    .abits = any_a ? 8 : p->abits,
                                    .wsigned = any_w || p->wsigned,
                                    .asigned = any_a || p->asigned,
                                    .acc_bits = acc_bits,
                                    .lanes = 1};
}

static const char *name_of(const struct mac_unit_config *c)
{
    return mac_unit_names[c->unit];
}

/* ---- checks ---- */

status mac_unit_range(const char *who, const char *what, int64_t v, int64_t lo,
                      int64_t hi, struct err *err)
{
    if (v >= lo && v <= hi) return ST_OK;
    return err_set(err, ST_RANGE,
                   "%s: expected %s in [%" PRId64 ", %" PRId64 "], found %" PRId64, who,
                   what, lo, hi, v);
}

static status only_of(const struct mac_unit_config *c, enum mac_unit unit,
                      const char *what, bool asked, struct err *err)
{
    if (!asked || c->unit == unit) return ST_OK;
    return err_set(err, ST_RANGE, "%s: expected no %s, which only %s has", name_of(c),
                   what, mac_unit_names[unit]);
}

status mac_unit_check(const struct mac_unit_config *c, struct err *err)
{
    if ((int)c->unit < 0 || c->unit >= MAC_N_UNITS)
        return err_set(err, ST_RANGE, "expected a unit in [0, %d], found %d",
                       MAC_N_UNITS - 1, (int)c->unit);
    const struct mac_unit_ops *u = units[c->unit];
    const char *who = name_of(c);
    if (!u)
        return err_set(err, ST_UNSUPPORTED, "%s: this version does not have this unit",
                       who);
    TRY(mac_unit_range(who, "SIMD", c->SIMD, 1, u->max_SIMD, err));
    TRY(mac_unit_range(who, "wbits", c->wbits, 1, 8, err));
    TRY(mac_unit_range(who, "abits", c->abits, 1, 8, err));
    TRY(mac_unit_range(who, "acc_bits", c->acc_bits, 2, 32, err));
    TRY(mac_unit_range(who, "lanes", c->lanes, 1,
                       c->unit == MAC_PACKED ? MAC_MAX_LANES : 1, err));
    TRY(only_of(c, MAC_PACKED, "dsp48e2", c->dsp48e2, err));
    TRY(only_of(c, MAC_FUSION, "grouped", c->grouped, err));
    return u->check ? u->check(c, err) : ST_OK;
}

status mac_unit_built_precision(const struct mac_unit_config *c,
                                const struct mac_precision *p, struct err *err)
{
    if (p->wbits == c->wbits && p->abits == c->abits && p->wsigned == c->wsigned &&
        p->asigned == c->asigned)
        return ST_OK;
    return err_set(err, ST_RANGE,
                   "%s: expected the precision that it is built for, %s %d-bit weights "
                   "and %s %d-bit activations, found %s %d and %s %d",
                   name_of(c), c->wsigned ? "signed" : "unsigned", c->wbits,
                   c->asigned ? "signed" : "unsigned", c->abits,
                   p->wsigned ? "signed" : "unsigned", p->wbits,
                   p->asigned ? "signed" : "unsigned", p->abits);
}

status mac_unit_precision_check(const struct mac_unit_config *c,
                                const struct mac_precision *p, struct err *err)
{
    TRY(mac_unit_range(name_of(c), "weight bits", p->wbits, 1, 8, err));
    TRY(mac_unit_range(name_of(c), "activation bits", p->abits, 1, 8, err));
    return units[c->unit]->precision_check(c, p, err);
}

status mac_unit_length_check(const struct mac_unit_config *c,
                             const struct mac_precision *p, int64_t K, struct err *err)
{
    TRY(mac_unit_range(name_of(c), "K", K, 1, MAX_K, err));
    const int32_t products = mac_unit_products(c, p);
    const bool bipolar = p->wbits == 1 && p->wsigned && p->abits == 1 && p->asigned;
    if (!units[c->unit]->no_padding_if_bipolar || !bipolar || K % products == 0)
        return ST_OK;
    return err_set(err, ST_RANGE,
                   "%s: expected K to be a multiple of %d, because a product of two "
                   "bipolar operands is never zero, found %" PRId64,
                   name_of(c), products, K);
}

/* ---- what every unit says for itself ---- */

struct mac_unit_ports mac_unit_ports(const struct mac_unit_config *c)
{
    return units[c->unit]->ports(c);
}

struct rtl_instance mac_unit_bare(const struct mac_unit_config *c)
{
    return units[c->unit]->bare(c);
}

int32_t mac_unit_products(const struct mac_unit_config *c,
                          const struct mac_precision *p)
{
    return units[c->unit]->products(c, p);
}

static int64_t words_of(const struct mac_unit_config *c, const struct mac_precision *p,
                        int64_t K)
{
    const int32_t products = mac_unit_products(c, p);
    return (K + products - 1) / products;
}

int64_t mac_unit_steps(const struct mac_unit_config *c, const struct mac_precision *p,
                       int64_t K)
{
    return words_of(c, p, K) * units[c->unit]->passes(p);
}

struct mac_step mac_unit_step(const struct mac_unit_config *c,
                              const struct mac_precision *p, int64_t K, int64_t i)
{
    struct mac_step s = {.first = i == 0, .wplane = -1, .aplane = -1};
    units[c->unit]->step(p, words_of(c, p, K), i, &s);
    return s;
}

void mac_unit_operands(const struct mac_unit_config *c, const struct mac_precision *p,
                       int64_t K, const struct mac_step *s, const uint8_t *w,
                       const uint8_t *a, uint32_t *w_port, uint32_t *a_port)
{
    const struct mac_unit_ports ports = mac_unit_ports(c);
    memset(w_port, 0, (size_t)((ports.w + 31) / 32) * sizeof *w_port);
    memset(a_port, 0, (size_t)((ports.a + 31) / 32) * sizeof *a_port);
    units[c->unit]->operands(c, p, K, s, w, a, w_port, a_port);
}

struct rtl_instance mac_unit_instance(const struct mac_unit_config *c)
{
    struct rtl_instance inst = {.module = "mac_unit"};
    mac_unit_param(&inst, "UNIT", c->unit);
    mac_unit_param(&inst, "SIMD", c->SIMD);
    mac_unit_param(&inst, "WBITS", c->wbits);
    mac_unit_param(&inst, "ABITS", c->abits);
    mac_unit_param(&inst, "WSIGNED", c->wsigned);
    mac_unit_param(&inst, "ASIGNED", c->asigned);
    mac_unit_param(&inst, "ACC_BITS", c->acc_bits);
    mac_unit_param(&inst, "LANES", c->lanes);
    mac_unit_param(&inst, "DSP48E2", c->dsp48e2);
    mac_unit_param(&inst, "GROUPED", c->grouped);
    return inst;
}

/* ---- for the units' own files ---- */

void mac_unit_param(struct rtl_instance *inst, const char *name, int64_t value)
{
    inst->params[inst->n_params].name = name;
    inst->params[inst->n_params++].value = value;
}

void mac_unit_whole_word(const struct mac_precision *p, int64_t words, int64_t i,
                         struct mac_step *s)
{
    (void)p;
    (void)words;
    s->word = i;
}

int32_t mac_unit_word_products(const struct mac_unit_config *c,
                               const struct mac_precision *p)
{
    (void)p;
    return c->SIMD;
}

/* Code 0 is the value 0 except of a bipolar operand; then the other one is 0. */
void mac_unit_word_operands(const struct mac_unit_config *c,
                            const struct mac_precision *p, int64_t K,
                            const struct mac_step *s, const uint8_t *w,
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

int32_t mac_unit_one_pass(const struct mac_precision *p)
{
    (void)p;
    return 1;
}

void mac_unit_put(uint32_t *port, int64_t at, int32_t bits, uint32_t value)
{
    const int32_t low = (int32_t)(at % 32);
    const uint64_t mask = (UINT64_C(1) << bits) - 1;
    const uint64_t v = (value & mask) << low;
    port[at / 32] |= (uint32_t)v;
    if (low + bits > 32) port[at / 32 + 1] |= (uint32_t)(v >> 32);
}

int32_t mac_unit_value(uint8_t code, int32_t bits, bool is_signed)
{
    if (bits == 1 && is_signed) return code & 1 ? 1 : -1;
    const int32_t sign = is_signed ? 1 << (bits - 1) : 0;
    return (code ^ sign) - sign;
}

int32_t mac_unit_planes(int32_t bits, bool is_signed)
{
    return bits == 1 && is_signed ? 2 : bits;
}
