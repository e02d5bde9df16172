/* accel_check.c -- every limit of the parameter space, with a message that names the
 * layer, the parameter, its value and its limits. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "rtl/accel_config.h"
#include "rtl/mac_unit.h"

/* Deepest weight memory that we address; beyond it no part has the memory. */
enum { MAX_WEIGHT_WORDS = 1 << 20 };

static status check_range(const char *who, const char *what, int64_t v, int64_t lo,
                          int64_t hi, struct err *err)
{
    if (v >= lo && v <= hi) return ST_OK;
    return err_set(err, ST_RANGE,
                   "%s: expected %s in [%" PRId64 ", %" PRId64 "], found %" PRId64, who,
                   what, lo, hi, v);
}

static status check_divides(const char *who, const char *divisor, int32_t d,
                            const char *whole, int32_t w, struct err *err)
{
    if (w % d == 0) return ST_OK;
    return err_set(err, ST_RANGE, "%s: expected %s to divide %s, found %s %d and %s %d",
                   who, divisor, whole, divisor, d, whole, w);
}

static status check_mul(const char *who, enum rtl_mul mul, struct err *err)
{
    if (mul == RTL_MUL_LUT) return ST_OK;
    return err_set(err, ST_UNSUPPORTED, "%s: expected mul lut, found mul %s", who,
                   mul == RTL_MUL_DSP ? "dsp" : "?");
}

/* Extreme values of an operand; the 1-bit signed one is bipolar. */
static int64_t operand_lo(int32_t bits, bool is_signed)
{
    if (!is_signed) return 0;
    return bits == 1 ? -1 : -(INT64_C(1) << (bits - 1));
}

static int64_t operand_hi(int32_t bits, bool is_signed)
{
    if (!is_signed) return (INT64_C(1) << bits) - 1;
    return bits == 1 ? 1 : (INT64_C(1) << (bits - 1)) - 1;
}

/* Smallest signed word, of at least 2 bits, that holds every sum of 0..n products:
 * the same number as quant_acc_bits, which this folder must not include. */
static int32_t acc_bits_needed(const struct mac_config *m, int64_t n)
{
    const int64_t w[2] = {operand_lo(m->wbits, m->wsigned),
                          operand_hi(m->wbits, m->wsigned)};
    const int64_t a[2] = {operand_lo(m->abits, m->asigned),
                          operand_hi(m->abits, m->asigned)};
    int64_t lo = 0, hi = 0;
    for (int i = 0; i < 4; i++) {
        const int64_t p = n * w[i / 2] * a[i % 2];
        if (p < lo) lo = p;
        if (p > hi) hi = p;
    }
    int32_t bits = 2;
    while (lo < -(INT64_C(1) << (bits - 1)) || hi >= INT64_C(1) << (bits - 1))
        bits++;
    return bits;
}

static status check_mac(const char *who, const struct mac_config *m, int64_t n_products,
                        struct err *err)
{
    TRY(check_range(who, "SIMD", m->SIMD, 1, MAC_MAX_SIMD, err));
    TRY(check_range(who, "wbits", m->wbits, 1, 8, err));
    TRY(check_range(who, "abits", m->abits, 1, 8, err));
    TRY(check_range(who, "acc_bits", m->acc_bits, 2, 32, err));
    TRY(check_mul(who, m->mul, err));
    const int32_t need = acc_bits_needed(m, n_products);
    if (m->acc_bits >= need) return ST_OK;
    return err_set(err, ST_RANGE,
                   "%s: expected acc_bits >= %d, which %" PRId64
                   " products of %d x %d bits need, found %d",
                   who, need, n_products, m->wbits, m->abits, m->acc_bits);
}

static status check_requant(const char *who, const struct requant_config *r,
                            struct err *err)
{
    TRY(check_range(who, "acc_bits", r->acc_bits, 2, 32, err));
    TRY(check_range(who, "out_bits", r->out_bits, 1, 16, err));
    TRY(check_range(who, "shift", r->shift, 1, 30, err));
    if (r->mul != RTL_MUL_LUT && r->mul != RTL_MUL_DSP)
        return err_set(err, ST_RANGE, "%s: expected requant_mul lut or dsp, found %d",
                       who, (int)r->mul);
    if (r->shift + r->out_bits <= r->acc_bits + 18) return ST_OK;
    return err_set(err, ST_RANGE,
                   "%s: expected shift + out_bits <= acc_bits + 18 = %d, found shift "
                   "%d and out_bits %d",
                   who, r->acc_bits + 18, r->shift, r->out_bits);
}

status mac_config_check(const struct mac_config *m, struct err *err)
{
    return check_mac("mac", m, m->SIMD, err);
}

status requant_config_check(const struct requant_config *r, struct err *err)
{
    return check_requant("requant", r, err);
}

static status check_name(const char *who, const char *name, struct err *err)
{
    static const char legal[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                "0123456789_./-";
    const size_t n = strnlen(name, 64);
    if (n == 0 || n == 64)
        return err_set(err, ST_RANGE,
                       "%s: expected a name of 1 to 63 characters, found %s", who,
                       n ? "a longer one" : "an empty one");
    const size_t good = strspn(name, legal);
    if (good == n) return ST_OK;
    return err_set(err, ST_RANGE,
                   "%s: expected a name of letters, digits, _ . / -, found '%s'", who,
                   name);
}

static status check_folding(const char *who, const struct mvu_config *m,
                            struct err *err)
{
    TRY(check_range(who, "MW", m->MW, 1, 65536, err));
    TRY(check_range(who, "MH", m->MH, 1, 65536, err));
    TRY(check_range(who, "PE", m->PE, 1, 256, err));
    TRY(check_range(who, "SIMD", m->SIMD, 1, MAC_MAX_SIMD, err));
    TRY(check_range(who, "n_vec", m->n_vec, 1, INT32_MAX, err));
    TRY(check_divides(who, "PE", m->PE, "MH", m->MH, err));
    TRY(check_divides(who, "SIMD", m->SIMD, "MW", m->MW, err));
    TRY(check_range(who, "fold (MH / PE) * (MW / SIMD)", mvu_fold(m), 1,
                    MAX_WEIGHT_WORDS, err));
    TRY(check_range(who, "lanes", m->lanes, 1, m->PE, err));
    TRY(check_divides(who, "lanes", m->lanes, "PE", m->PE, err));
    return check_range(who, "PE / lanes (at most MW / SIMD)", m->PE / m->lanes, 1,
                       m->MW / m->SIMD, err);
}

status mvu_config_check(const struct mvu_config *m, struct err *err)
{
    char who[96];
    TRY(check_name("layer", m->name, err));
    (void)snprintf(who, sizeof who, "layer '%s'", m->name);
    TRY(check_folding(who, m, err));
    const struct mac_config mac = mvu_mac(m);
    TRY(check_mac(who, &mac, m->MW, err));
    const struct requant_config requant = mvu_requant(m);
    TRY(check_requant(who, &requant, err));
    if (m->weight_ram == RTL_RAM_BLOCK) return ST_OK;
    if (m->weight_ram != RTL_RAM_LUT)
        return err_set(err, ST_RANGE, "%s: expected weight_ram lut or block, found %d",
                       who, (int)m->weight_ram);
    if (mvu_fold(m) <= MVU_MAX_LUT_WORDS) return ST_OK;
    return err_set(
        err, ST_RANGE,
        "%s: expected at most %d words of weights in LUT RAM, found "
        "MH / PE * MW / SIMD = %lld; raise PE or SIMD, or use weight_ram block",
        who, MVU_MAX_LUT_WORDS, (long long)mvu_fold(m));
}

static status check_target(const struct mvu_config *m, enum rtl_target target,
                           struct err *err)
{
    if (target != RTL_ICE40) return ST_OK;
    if (m->weight_ram != RTL_RAM_BLOCK)
        return err_set(
            err, ST_RANGE,
            "layer '%s': expected weight_ram block on ice40, which has no LUT "
            "RAM, found lut",
            m->name);
    if (m->requant_mul == RTL_MUL_LUT) return ST_OK;
    return err_set(
        err, ST_RANGE,
        "layer '%s': expected requant_mul lut on ice40, which has no DSP48E1, "
        "found dsp",
        m->name);
}

/* Verilog modules and files need different names. */
static status check_unique(const struct accel_config *c, int32_t i, struct err *err)
{
    char mine[RTL_NAME_MAX], other[RTL_NAME_MAX];
    accel_layer_module(&c->layers[i], mine);
    for (int32_t j = 0; j < i; j++) {
        accel_layer_module(&c->layers[j], other);
        if (strcmp(mine, other) == 0)
            return err_set(
                err, ST_RANGE,
                "layers '%s' and '%s': expected names that differ in letters "
                "and digits, found %s twice",
                c->layers[j].name, c->layers[i].name, mine);
    }
    return ST_OK;
}

status accel_config_check(const struct accel_config *c, struct err *err)
{
    TRY(check_name("accelerator", c->name, err));
    if (c->style != RTL_DATAFLOW)
        return err_set(err, ST_RANGE, "%s: expected style dataflow, found %d", c->name,
                       (int)c->style);
    TRY(check_range(c->name, "target", (int64_t)c->target, 0, RTL_N_TARGETS - 1, err));
    if (!(c->clock_mhz > 0 && c->clock_mhz <= 1e4))
        return err_set(err, ST_RANGE, "%s: expected clock_mhz in (0, 10000], found %g",
                       c->name, c->clock_mhz);
    TRY(check_range(c->name, "number of layers", c->n_layers, 1, 4096, err));
    for (int32_t i = 0; i < c->n_layers; i++) {
        TRY(mvu_config_check(&c->layers[i], err));
        TRY(check_target(&c->layers[i], c->target, err));
        TRY(check_unique(c, i, err));
    }
    return ST_OK;
}
