/* quant.c -- grids, codes and requantisation: the integer semantics of nn/quant.h.
 *
 * Everything here is exact integer arithmetic except the two doors from real
 * numbers, quant_round and requant_fold. */
#include "nn/quant.h"

#include <assert.h>
#include <math.h>

int32_t quant_lo(int bits, bool is_signed)
{
    if (!is_signed) return 0;
    return bits == 1 ? -1 : -(INT32_C(1) << (bits - 1));
}

int32_t quant_hi(int bits, bool is_signed)
{
    if (!is_signed) return (INT32_C(1) << bits) - 1;
    return bits == 1 ? 1 : (INT32_C(1) << (bits - 1)) - 1;
}

int32_t quant_round(float x, float step, int bits, bool is_signed)
{
    const float v = x / step;
    if (bits == 1 && is_signed) return v >= 0.0f ? 1 : -1;
    const int32_t lo = quant_lo(bits, is_signed), hi = quant_hi(bits, is_signed);
    if (!(v > (float)lo)) return lo; /* also NaN */
    if (v >= (float)hi) return hi;
    /* v - floor(v) is exact where it decides, which v + 0.5f is not. */
    const float below = floorf(v);
    return (int32_t)below + (v - below >= 0.5f ? 1 : 0);
}

uint32_t quant_encode(int32_t q, int bits, bool is_signed)
{
    if (bits == 1 && is_signed) return q > 0 ? 1U : 0U;
    return (uint32_t)q & ((UINT32_C(1) << bits) - 1);
}

int32_t quant_decode(uint32_t code, int bits, bool is_signed)
{
    code &= (UINT32_C(1) << bits) - 1;
    if (!is_signed) return (int32_t)code;
    if (bits == 1) return code ? 1 : -1;
    const uint32_t sign = UINT32_C(1) << (bits - 1);
    return (int32_t)(code ^ sign) - (int32_t)sign;
}

/* Bits of the smallest two's complement word that holds lo..hi, lo <= 0 <= hi. */
static int signed_bits_of(int64_t lo, int64_t hi)
{
    int bits = 1;
    while (lo < -(INT64_C(1) << (bits - 1)) || hi > (INT64_C(1) << (bits - 1)) - 1)
        bits++;
    return bits;
}

int quant_acc_bits(int32_t MW, int wbits, bool wsigned, int abits, bool asigned)
{
    const int64_t w[2] = {quant_lo(wbits, wsigned), quant_hi(wbits, wsigned)};
    const int64_t x[2] = {quant_lo(abits, asigned), quant_hi(abits, asigned)};
    int64_t lo = 0, hi = 0; /* partial sums start at 0 */
    for (int i = 0; i < 4; i++) {
        const int64_t product = w[i / 2] * x[i % 2];
        if (product < lo) lo = product;
        if (product > hi) hi = product;
    }
    const int bits = signed_bits_of(lo * MW, hi * MW);
    return bits < 2 ? 2 : bits;
}

int32_t requant_apply(const struct requant *r, int32_t k, int32_t acc)
{
    const int64_t v = ((int64_t)acc * r->mul[k] + r->bias[k]) >> r->shift;
    if (r->out_bits == 1 && r->out_signed) return v >= 0 ? 1 : -1;
    const int32_t lo = quant_lo(r->out_bits, r->out_signed);
    const int32_t hi = quant_hi(r->out_bits, r->out_signed);
    if (v < lo) return lo;
    return v > hi ? hi : (int32_t)v;
}

/* True if round(scale * 2^shift) is a signed 18-bit integer. */
static bool mul_fits(double scale, int shift)
{
    const double mul = floor(ldexp(scale, shift) + 0.5);
    return mul >= -(double)(1 << (REQUANT_MUL_BITS - 1)) &&
           mul <= (double)((1 << (REQUANT_MUL_BITS - 1)) - 1);
}

/* offset * 2^shift with the rounding half, clamped to `bits` signed bits. */
static int64_t bias_of(double offset, int shift, bool with_half, int bits)
{
    const double limit = ldexp(1.0, bits - 1);
    const int64_t hi = (INT64_C(1) << (bits - 1)) - 1, lo = -hi - 1;
    const double scaled = floor(ldexp(offset, shift) + 0.5);
    if (scaled >= limit) return hi;
    if (scaled < -limit) return lo;
    const int64_t half = with_half ? INT64_C(1) << (shift - 1) : 0;
    const int64_t bias = (int64_t)scaled + half;
    return bias > hi ? hi : bias;
}

bool requant_fold(const double *scale, const double *offset, int acc_bits,
                  struct requant *r)
{
    assert(acc_bits >= 2 && acc_bits <= 32 && r->out_bits >= 1 && r->out_bits <= 16);
    int shift = acc_bits + 16 - r->out_bits;
    if (shift > REQUANT_MAX_SHIFT) shift = REQUANT_MAX_SHIFT;
    for (int32_t k = 0; k < r->n; k++) {
        if (!isfinite(scale[k]) || !isfinite(offset[k])) return false;
        while (shift >= 1 && !mul_fits(scale[k], shift))
            shift--;
        if (shift < 1) return false;
    }
    r->shift = shift;
    const bool bipolar = r->out_bits == 1 && r->out_signed;
    for (int32_t k = 0; k < r->n; k++) {
        r->mul[k] = (int32_t)floor(ldexp(scale[k], shift) + 0.5);
        r->bias[k] = bias_of(offset[k], shift, !bipolar, acc_bits + REQUANT_MUL_BITS);
    }
    return true;
}
