#include "sim/stimulus.h"

#include <math.h>

#include "base/rng.h"

/* Any integer of the grid; there is none between -1 and +1. */
static int16_t random_code(struct rng *r, int bits, bool is_signed)
{
    const uint64_t code = rng_below(r, UINT64_C(1) << bits);
    return (int16_t)quant_decode((uint32_t)code, bits, is_signed);
}

static void fill(int16_t *v, size_t n, struct rng *r, int bits, bool is_signed)
{
    for (size_t i = 0; i < n; i++)
        v[i] = random_code(r, bits, is_signed);
}

static void fill_extremes(int16_t *v, int32_t rows, int32_t cols, int bits,
                          bool is_signed)
{
    for (int32_t row = 0; row < rows && row < 2; row++)
        for (int32_t i = 0; i < cols; i++)
            v[row * cols + i] =
                (int16_t)(row ? quant_lo(bits, is_signed) : quant_hi(bits, is_signed));
}

static int64_t random_signed(struct rng *r, int bits)
{
    return (int64_t)rng_below(r, UINT64_C(1) << bits) - (INT64_C(1) << (bits - 1));
}

/* Root mean square of an accumulator of MW products of uniform operands. */
static double acc_rms(const struct mvu_config *c)
{
    const double w = (double)quant_hi(c->wbits, c->wsigned) / sqrt(3);
    const double a = (double)quant_hi(c->abits, c->asigned) / sqrt(3);
    return sqrt((double)c->MW) * (w > 0.5 ? w : 0.5) * (a > 0.5 ? a : 0.5);
}

static void spread_channel(const struct mvu_config *c, struct requant *q, int32_t k,
                           struct rng *r)
{
    const double grid = ldexp(1, c->out_bits) * (0.25 + rng_unit(r));
    double mul = ldexp(grid / (2 * acc_rms(c)), c->shift);
    const double limit = ldexp(1, REQUANT_MUL_BITS - 1) - 1;
    if (mul > limit) mul = limit;
    q->mul[k] = (int32_t)(rng_below(r, 2) ? mul : -mul);
    const int64_t middle = (int64_t)quant_hi(c->out_bits, c->out_signed) +
                           quant_lo(c->out_bits, c->out_signed);
    const int64_t half = INT64_C(1) << (c->shift - 1);
    q->bias[k] = middle * half + half;
    const int64_t top = (INT64_C(1) << (c->acc_bits + REQUANT_MUL_BITS - 1)) - 1;
    if (q->bias[k] > top) q->bias[k] = top;
}

static void fill_requant(const struct mvu_config *c, struct requant *q, struct rng *r)
{
    for (int32_t k = 0; k < q->n; k++) {
        if (k % 4 != 3) {
            spread_channel(c, q, k, r);
            continue;
        }
        q->mul[k] = (int32_t)random_signed(r, REQUANT_MUL_BITS);
        q->bias[k] = random_signed(r, c->acc_bits + REQUANT_MUL_BITS);
    }
}

status stimulus_random(const struct mvu_config *c, int32_t n_vec, uint64_t seed,
                       struct arena *a, struct stimulus *out, struct err *err)
{
    const size_t MW = (size_t)c->MW, MH = (size_t)c->MH, n = (size_t)n_vec;
    *out = (struct stimulus){.n_vec = n_vec};
    out->weights = arena_alloc(a, MH * MW, sizeof *out->weights);
    out->vectors = arena_alloc(a, n * MW, sizeof *out->vectors);
    out->requant = (struct requant){.n = c->MH,
                                    .mul = ARENA_NEW(a, int32_t, MH),
                                    .bias = ARENA_NEW(a, int64_t, MH),
                                    .shift = c->shift,
                                    .out_bits = c->out_bits,
                                    .out_signed = c->out_signed};
    if (!out->weights || !out->vectors || !out->requant.mul || !out->requant.bias)
        return arena_exhausted(err);
    struct rng r = rng_seed(seed, 0);
    fill(out->weights, MH * MW, &r, c->wbits, c->wsigned);
    fill(out->vectors, n * MW, &r, c->abits, c->asigned);
    fill_extremes(out->weights, c->MH, c->MW, c->wbits, c->wsigned);
    fill_extremes(out->vectors, n_vec, c->MW, c->abits, c->asigned);
    fill_requant(c, &out->requant, &r);
    return ST_OK;
}
