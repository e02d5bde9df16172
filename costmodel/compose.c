/* compose.c -- the parts of rtl/array/mvu.v, register by register.
 *
 * FF follow the `reg`s of the Verilog: nothing in a unit is shared or removed, so the
 * sum is exact.  Control is the LUTs that are neither mac nor requantiser nor memory:
 * the counters and flags of the top, the input buffer's pointers, the drain's
 * multiplexer, and the skid buffers. */
#include "costmodel/compose.h"

#include "costmodel/memory_shape.h"
#include "nn/quant.h"

/* What mvu.v derives from its parameters. */
struct folding {
    int32_t SF, NF, turns, out_words;
    int64_t words; /* of weights */
    bool buffered; /* the input vector is held */
};

static struct folding folding_of(const struct mvu_config *c)
{
    struct folding f = {.SF = c->MW / c->SIMD,
                        .NF = c->MH / c->PE,
                        .turns = c->PE / c->lanes,
                        .out_words = c->MH / c->lanes};
    f.words = (int64_t)f.SF * f.NF;
    f.buffered = f.SF > 1 && f.NF > 1;
    return f;
}

/* Bits of a counter of n values, 0 where there is no counter. */
static int32_t counter_bits(int64_t n)
{
    int32_t bits = 0;
    while ((int64_t)1 << bits < n)
        bits++;
    return bits;
}

static bool is_pow2(int32_t n) { return (n & (n - 1)) == 0; }

/* ---- elements ---- */

int64_t mac_ff(const struct mac_config *m)
{
    /* Bipolar times bipolar an even number of times is even: no lowest bit. */
    const bool even =
        m->wbits == 1 && m->wsigned && m->abits == 1 && m->asigned && m->SIMD % 2 == 0;
    return m->acc_bits - (even ? 1 : 0);
}

int64_t requant_ff(const struct requant_config *r, enum rtl_target target)
{
    (void)target;
    const int32_t kept = r->acc_bits + REQUANT_MUL_BITS + 1 - r->shift;
    if (r->mul == RTL_MUL_DSP) return 0; /* the DSP's own register */
    return r->out_signed && r->out_bits == 1 ? 1 : kept;
}

static int64_t requant_dsp(const struct requant_config *r)
{
    if (r->mul != RTL_MUL_DSP) return 0;
    return r->acc_bits > 25 ? 2 : 1; /* 25 x 18 bits each */
}

/* ---- the unit ---- */

/* Bits of all counters: fold columns and rows, weight word where it is not their
 * concatenation, output word, turn. */
static int32_t all_counter_bits(const struct folding *f)
{
    int32_t bits = counter_bits(f->SF) + counter_bits(f->NF) +
                   counter_bits(f->out_words) + counter_bits(f->turns);
    if (f->buffered && !is_pow2(f->SF)) bits += counter_bits(f->words);
    return bits;
}

static int64_t skid_ff(int64_t width) { return 2 * width + 2; }

static int64_t input_ff(const struct mvu_config *c, const struct folding *f)
{
    const int64_t width = (int64_t)c->SIMD * c->abits;
    if (f->buffered) return counter_bits(f->SF) + 2; /* and the memory's own */
    return width + (f->NF > 1 ? skid_ff(width) : 0);
}

static int64_t top_ff(const struct mvu_config *c, const struct folding *f)
{
    const int64_t valid = 3, flags = f->SF > 1 ? 2 : 0;
    const int64_t drain = (int64_t)(c->PE - c->lanes) * c->acc_bits;
    return valid + flags + all_counter_bits(f) + drain +
           skid_ff((int64_t)c->lanes * c->out_bits) + input_ff(c, f);
}

static void add_memory(struct mvu_parts *out, const struct memory_shape *m)
{
    out->ff += m->ff;
    out->bram18 += m->bram18;
    out->lut_memory += m->lut_ram + m->lut_read;
}

static void add_memories(const struct mvu_config *c, const struct folding *f,
                         enum rtl_target target, struct mvu_parts *out)
{
    const bool block = c->weight_ram == RTL_RAM_BLOCK;
    const int64_t r_width = (int64_t)c->lanes * (c->acc_bits + 2 * REQUANT_MUL_BITS);
    struct memory_shape m =
        memory_shape_of((int64_t)c->PE * c->SIMD * c->wbits, f->words,
                        block ? MEMORY_BLOCK : MEMORY_LUT, target);
    add_memory(out, &m);
    m = memory_shape_of(r_width, f->out_words,
                        !block              ? MEMORY_LUT
                        : f->out_words > 64 ? MEMORY_BLOCK
                                            : MEMORY_SMALL,
                        target);
    add_memory(out, &m);
    if (!f->buffered) return;
    m = memory_shape_of((int64_t)c->SIMD * c->abits, f->SF,
                        !block       ? MEMORY_LUT
                        : f->SF > 64 ? MEMORY_BLOCK
                                     : MEMORY_SMALL,
                        target);
    add_memory(out, &m);
}

/* LUTs of one bit of a multiplexer of n words: 4-to-1 is one LUT6, or two LUT4. */
static int64_t multiplexer(int64_t n, enum rtl_target target)
{
    return target == RTL_ICE40 ? 2 * n / 3 : (n + 1) / 3;
}

/* LUTs per counter bit, its sum and its share of the end comparison and of what the
 * count selects, as Yosys 0.23 was seen to build them. */
static double luts_per_counter_bit(enum rtl_target target)
{
    return target == RTL_ICE40 ? 2.05 : 1.35;
}

static double control_lut(const struct mvu_config *c, const struct folding *f,
                          enum rtl_target target)
{
    const int64_t drain =
        f->turns > 1 ? (int64_t)c->lanes * c->acc_bits * multiplexer(f->turns, target)
                     : 0;
    const int64_t skid = (int64_t)c->lanes * c->out_bits + 4;
    double input = 0;
    if (f->buffered)
        input = 2.5 * counter_bits(f->SF) + 1; /* pointers compared and counted */
    else if (f->NF > 1)
        input = c->SIMD * c->abits + 4;
    return (double)(drain + skid) + input +
           luts_per_counter_bit(target) * all_counter_bits(f) + 3;
}

void mvu_compose(const struct mvu_config *c, enum rtl_target target,
                 struct mvu_parts *out)
{
    const struct folding f = folding_of(c);
    *out = (struct mvu_parts){.mac = mvu_mac(c),
                              .requant = mvu_requant(c),
                              .n_mac = c->PE,
                              .n_requant = c->lanes};
    out->ff = c->PE * mac_ff(&out->mac) + c->lanes * requant_ff(&out->requant, target) +
              top_ff(c, &f);
    out->dsp = c->lanes * requant_dsp(&out->requant);
    add_memories(c, &f, target, out);
    out->lut_control = control_lut(c, &f, target);
}
