/* quant.h -- the integer semantics, owned here; training, integer inference and
 * RTL all follow it.
 *
 * Operands have 1 to 8 bits, signed (two's complement) or unsigned.  The 1-bit
 * signed operand is bipolar: stored bit 0 is -1, stored bit 1 is +1.
 * An activation is  x = step * q  with one step per tensor; a weight is
 * w = step * q with one step per output channel or per tensor; zero_point is 0.
 * Accumulation is exact in int32.
 *
 * Requantisation, per output channel k, one rounding rule (to nearest, halves up):
 *     q_out = clip((acc * mul[k] + bias[k]) >> shift, lo, hi)
 * with mul[k] a signed 18-bit integer, bias[k] a signed (acc_bits + 18)-bit integer
 * that already contains the rounding half 1 << (shift - 1), >> the arithmetic (floor)
 * shift, and lo, hi the range of the output grid.  Batch norm is folded into mul and
 * bias.  A bipolar output (1 bit, signed) is the sign instead: +1 where the shifted
 * sum is >= 0, else -1, and its bias holds no rounding half. */
#ifndef NN_QUANT_H
#define NN_QUANT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    QUANT_MAX_BITS = 8,
    REQUANT_MUL_BITS = 18, /* signed; the narrow operand of a DSP48E1         */
    REQUANT_MAX_SHIFT = 30,
};

/* Smallest and largest integer of a grid; bits in [1, 16].  Signed 1 bit is
 * bipolar {-1, +1}. */
int32_t quant_lo(int bits, bool is_signed);
int32_t quant_hi(int bits, bool is_signed);

/* Nearest grid integer of the float quotient x / step, halves up, clipped; bipolar is
 * the sign (+1 at 0).  A vector kernel gets the same integer from
 *     v = x / step;  f = floorf(v);  q = f + (v - f >= 0.5f)                   */
int32_t quant_round(float x, float step, int bits, bool is_signed);

/* Stored code of a grid integer (the low `bits` bits; bipolar -1 is 0, +1 is 1)
 * and back. */
uint32_t quant_encode(int32_t q, int bits, bool is_signed);
int32_t quant_decode(uint32_t code, int bits, bool is_signed);

/* Bits of a signed accumulator that no input can overflow, for MW products:
 * computed from the extreme operand values, exact.  At least 2; a layer that needs
 * more than 32 is refused where it is built. */
int quant_acc_bits(int32_t MW, int wbits, bool wsigned, int abits, bool asigned);

struct requant {
    int32_t n;     /* channels                                               */
    int32_t *mul;  /* (n) signed 18-bit                                      */
    int64_t *bias; /* (n) signed acc_bits + 18 bits, rounding half included  */
    int shift;     /* [1, 30], one per layer                                 */
    int out_bits;  /* [1, 16]                                                */
    bool out_signed;
};

int32_t requant_apply(const struct requant *r, int32_t k, int32_t acc);

/* Folds real factors into integers:  q_out ~ clip(round(acc * scale[k] + offset[k])).
 * scale, offset: (n), in units of the output step; acc_bits as the hardware has it.
 * shift is the largest one, at most acc_bits + 16 - out_bits, for which every mul
 * fits; a bias beyond its range is clamped, which changes no output because the
 * clip to [lo, hi] then decides alone.  Fills r->mul, r->bias (caller's storage, (n))
 * and r->shift from r->n, r->out_bits, r->out_signed.
 * Returns false if a scale is too large (or not finite) to represent. */
bool requant_fold(const double *scale, const double *offset, int acc_bits,
                  struct requant *r);

#endif
