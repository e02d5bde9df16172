/* mac_packed.c -- the packing rule of rtl/mac/mac_packed.v, step by step in its terms:
 * the spacing that fits the pre-adder, the products that a lane then holds, chains. */
#include "rtl/mac_packed.h"

#include <inttypes.h>

struct range {
    int64_t lo, hi;
};

static struct range operand(int32_t bits, bool is_signed)
{
    if (!is_signed) return (struct range){0, (INT64_C(1) << bits) - 1};
    if (bits == 1) return (struct range){-1, 1};
    return (struct range){-(INT64_C(1) << (bits - 1)), (INT64_C(1) << (bits - 1)) - 1};
}

static int64_t upper(int64_t a, int64_t b) { return a > b ? a : b; }
static int32_t ceil_div(int32_t a, int32_t b) { return (a + b - 1) / b; }

/* Largest magnitude of a product. */
static int64_t peak_of(const struct mac_unit_config *c)
{
    const struct range w = operand(c->wbits, c->wsigned);
    const struct range a = operand(c->abits, c->asigned);
    return upper(upper(w.lo * a.lo, w.hi * a.hi), upper(-w.lo * a.hi, -w.hi * a.lo));
}

static int32_t factor_bits(const struct mac_unit_config *c)
{
    return c->dsp48e2 ? DSP48E2_FACTOR_BITS : DSP48E1_FACTOR_BITS;
}

/* Largest spacing whose packed weights fit the factor, and two lanes of as many bits
 * the sum. */
static int32_t plain_spacing(const struct mac_unit_config *c)
{
    if (c->lanes == 1) return DSP48_SUM_BITS;
    const struct range w = operand(c->wbits, c->wsigned);
    const int32_t bits = factor_bits(c);
    const int64_t half = INT64_C(1) << (bits - 1);
    int32_t best = 0;
    for (int32_t s = 1; s * (c->lanes - 1) < bits && s <= DSP48_SUM_BITS / 2; s++) {
        int64_t ones = 0;
        for (int32_t l = 0; l < c->lanes; l++)
            ones += INT64_C(1) << (l * s);
        if (w.lo * ones >= -half && w.hi * ones < half) best = s;
    }
    return best;
}

/* Largest magnitude of a sum that a lane holds; from a signed one, the lane below may
 * borrow 1. */
static int64_t room(const struct mac_unit_config *c, int32_t spacing, bool overlap)
{
    if (c->wsigned || c->asigned) return (INT64_C(1) << (spacing + overlap - 1)) - 1;
    return overlap ? 0 : (INT64_C(1) << spacing) - 1;
}

static int32_t chain_of(const struct mac_unit_config *c,
                        const struct mac_packed_shape *s, bool overlap)
{
    const int64_t fit = room(c, s->spacing, overlap) / peak_of(c);
    const int32_t most = s->offset ? 1 : MAC_PACKED_CHAIN_MAX;
    return fit > most ? most : (int32_t)fit;
}

static status does_not_fit(const struct mac_unit_config *c,
                           const struct mac_packed_shape *s, struct err *err)
{
    return err_set(err, ST_UNSUPPORTED,
                   "mac_packed: expected products of magnitude %" PRId64
                   " or less, for which a DSP48E%d with %d lanes of %s %d-bit weights "
                   "has room, found %" PRId64 " (%s %d-bit activations)",
                   upper(room(c, s->spacing, false), room(c, s->spacing, true)),
                   c->dsp48e2 ? 2 : 1, c->lanes, c->wsigned ? "signed" : "unsigned",
                   c->wbits, peak_of(c), c->asigned ? "signed" : "unsigned", c->abits);
}

/* Bits of a chain's sum of products, with a -1 carried into it. */
static int32_t word_of(const struct mac_unit_config *c,
                       const struct mac_packed_shape *s)
{
    int32_t bits = 2;
    if (s->in_dsp) return c->acc_bits;
    while (s->chain * peak_of(c) >= INT64_C(1) << (bits - 1))
        bits++;
    return bits;
}

static int32_t ff_of(const struct mac_unit_config *c, const struct mac_packed_shape *s)
{
    if (s->in_dsp) return 1;
    return c->lanes * c->acc_bits + 4 + 2 * s->parities * s->chains;
}

status mac_packed_shape(const struct mac_unit_config *c, struct mac_packed_shape *out,
                        struct err *err)
{
    struct mac_packed_shape s = {.spacing = plain_spacing(c), .dsp = c->SIMD};
    if (chain_of(c, &s, false) < 1 && chain_of(c, &s, true) < 1 && c->wsigned &&
        c->wbits > 1) {
        s.offset = true;
        s.spacing = (factor_bits(c) - c->wbits) / (c->lanes - 1);
    }
    const int32_t plain = chain_of(c, &s, false), lapped = chain_of(c, &s, true);
    if (plain < 1 && lapped < 1) return does_not_fit(c, &s, err);
    s.in_dsp = !s.offset && c->SIMD <= MAC_PACKED_CHAIN_MAX &&
               c->acc_bits + (c->lanes > 2) <= s.spacing;
    const int32_t never = c->SIMD + 1;
    const int32_t n_plain = plain < 1 ? never : ceil_div(c->SIMD, plain);
    const int32_t n_lapped = lapped < 1 ? never : ceil_div(c->SIMD, lapped);
    s.overlap = !s.in_dsp && n_lapped < n_plain;
    s.chains = s.in_dsp ? 1 : s.overlap ? n_lapped : n_plain;
    s.chain = ceil_div(c->SIMD, s.chains);
    s.word = word_of(c, &s);
    /* The lowest bit of a bipolar weight is 1 in every lane. */
    s.parities = !s.overlap ? 0 : c->wbits == 1 && c->wsigned ? 1 : c->lanes - 1;
    s.latency = s.in_dsp ? 2 : 3;
    s.ff = ff_of(c, &s);
    *out = s;
    return ST_OK;
}
