/* compose.c -- see compose.h; every part follows a module of rtl/ and says which.
 *
 * The one estimate is the counters' LUTs: about 1.3 LUT per counter bit on xc7 and
 * 2 to 3 on ice40.  tests/rtl/test_compose.c prints how far the LUTs beside macs and
 * requantisers are off, and fails beyond 5 LUT per unit on xc7 and 8 on ice40. */
#include "costmodel/compose.h"

#include "costmodel/ceil_log2.h"
#include "costmodel/memory_shape.h"

const char *const mvu_part_names[] = {
    "weights", "requant_parameters", "input", "drain", "output", "control", NULL};

enum { MUL_BITS = 18, DSP_ACC_BITS = 25 }; /* ports of a DSP48E1                */

/* Derived numbers of rtl/array/mvu.v, under its names. */
struct shape {
    int64_t SF, NF, TURNS, OWORDS, WORDS;
    int64_t w_width, r_width, in_width, out_width;
    bool has_w_counter; /* else the weight address is {nf, sf}               */
};

static struct shape shape_of(const struct mvu_config *c)
{
    const int64_t SF = c->MW / c->SIMD, NF = c->MH / c->PE, TURNS = c->PE / c->lanes;
    return (struct shape){
        .SF = SF,
        .NF = NF,
        .TURNS = TURNS,
        .OWORDS = NF * TURNS, /* lanes divides PE, PE divides MH */
        .WORDS = SF * NF,
        .w_width = (int64_t)c->PE * c->SIMD * c->wbits,
        .r_width = (int64_t)c->lanes * (c->acc_bits + 2 * MUL_BITS),
        .in_width = (int64_t)c->SIMD * c->abits,
        .out_width = (int64_t)c->lanes * c->out_bits,
        .has_w_counter = NF > 1 && SF > 1 && (SF & (SF - 1)) != 0,
    };
}

/* rtl/mac/mac_parallel.v: the accumulator, whose lowest bit is constant where every
 * product is odd and their number even. */
int64_t mac_ff(const struct mac_config *m)
{
    const bool bipolar = m->wbits == 1 && m->wsigned && m->abits == 1 && m->asigned;
    return m->acc_bits - (bipolar && m->SIMD % 2 == 0);
}

static bool in_dsp(const struct requant_config *r, enum rtl_target target)
{
    return r->mul == RTL_MUL_DSP && target == RTL_XC7;
}

/* rtl/array/requant.v: the shifted sum; of a bipolar output only its sign is used.  A
 * DSP48E1 holds the register, unless the accumulator needs two of them. */
int64_t requant_ff(const struct requant_config *r, enum rtl_target target)
{
    if (in_dsp(r, target) && r->acc_bits <= DSP_ACC_BITS) return 0;
    if (r->out_signed && r->out_bits == 1) return 1;
    return r->acc_bits + MUL_BITS + 1 - r->shift;
}

int64_t requant_dsp(const struct requant_config *r, enum rtl_target target)
{
    if (!in_dsp(r, target)) return 0;
    return r->acc_bits <= DSP_ACC_BITS ? 1 : 2;
}

/* Parts are filled in place: returned by value they would be stored, copied and loaded
 * again in different widths, which costs more than computing them. */

/* rtl/lib/ram_sdp.v */
static void ram_sdp(int64_t width, int64_t depth, enum memory_style style,
                    enum rtl_target target, struct part_count *p)
{
    const struct memory_shape m = memory_shape_of(width, depth, style, target);
    p->lut = (double)(m.lut_ram + m.lut_read);
    p->lutram = m.lut_ram;
    p->ff = m.ff;
    p->bram18 = m.bram18;
}

/* A part without memory. */
static void fill(struct part_count *p, double lut, int64_t ff)
{
    p->lut = lut;
    p->lutram = 0;
    p->ff = ff;
    p->bram18 = 0;
}

/* rtl/lib/skid_buffer.v */
static void skid_buffer(int64_t width, struct part_count *p)
{
    fill(p, (double)width + 4, 2 * width + 2);
}

/* Style of a memory that is small as a rule: IN_STYLE, R_STYLE of mvu. */
static enum memory_style small_style(const struct mvu_config *c, int64_t depth)
{
    if (c->weight_ram == RTL_RAM_LUT) return MEMORY_LUT;
    return depth > 64 ? MEMORY_BLOCK : MEMORY_SMALL;
}

/* rtl/array/input_buffer.v without its memory, by the bits of its pointer: counted, and
 * within 1 LUT (4 at 65 words) of every number of words. */
static double buffer_control_luts(int32_t bits, enum rtl_target target)
{
    static const double xc7[] = {0, 6, 9, 9, 13, 12.5, 15.5, 17, 20, 23.5, 24};
    static const double ice40[] = {0, 11, 12, 14, 16, 19, 22.5, 24, 25, 25, 30};
    const int32_t last = (int32_t)(sizeof xc7 / sizeof *xc7) - 1;
    const double *luts = target == RTL_XC7 ? xc7 : ice40;
    if (bits <= last) return luts[bits];
    return luts[last] + 2.5 * (bits - last);
}

/* The vector's buffer; returns the LUTs of its RAM. */
static double input_part(const struct mvu_config *c, const struct shape *s,
                         enum rtl_target target, struct part_count *p)
{
    if (s->NF > 1 && s->SF > 1) {
        const int32_t bits = ceil_log2(s->SF);
        ram_sdp(s->in_width, s->SF, small_style(c, s->SF), target, p);
        const double memory = p->lut;
        p->ff += bits + 2;
        p->lut += buffer_control_luts(bits, target);
        return memory;
    }
    if (s->NF > 1)
        skid_buffer(s->in_width, p);
    else
        fill(p, 0, 0);
    p->ff += s->in_width;
    return 0;
}

/* rtl/array/drain.v */
static void drain_part(const struct mvu_config *c, const struct shape *s,
                       enum rtl_target target, struct part_count *p)
{
    if (s->TURNS == 1)
        fill(p, 0, 0);
    else
        fill(p, c->lanes * c->acc_bits * multiplexer_luts(s->TURNS, target),
             (int64_t)(c->PE - c->lanes) * c->acc_bits);
}

/* The counters and flags of rtl/array/mvu.v itself. */
static void control_part(const struct shape *s, enum rtl_target target,
                         struct part_count *p)
{
    const int32_t sf_bits = ceil_log2(s->SF);
    const int32_t other_bits = ceil_log2(s->NF) + ceil_log2(s->OWORDS) +
                               ceil_log2(s->TURNS) +
                               (s->has_w_counter ? ceil_log2(s->WORDS) : 0);
    double lut;
    if (target == RTL_XC7)
        lut = 0.4 + (s->SF > 1 ? 2.4 : 0) + 1.34 * (sf_bits + other_bits) +
              (s->TURNS > 1 ? 0.7 : 0);
    else
        lut = 2 + (s->SF > 1 ? -2.1 + 2.9 * sf_bits : 0) + 1.94 * other_bits +
              (s->TURNS > 1 ? 1.6 : 0);
    fill(p, lut, 3 + sf_bits + other_bits + (s->SF > 1 ? 2 : 0));
}

void mvu_compose(const struct mvu_config *c, enum rtl_target target,
                 struct mvu_parts *out)
{
    const struct shape s = shape_of(c);
    out->mac = mvu_mac(c);
    out->requant = mvu_requant(c);
    out->n_mac = c->PE;
    out->n_requant = c->lanes;
    struct part_count *p = out->part;
    ram_sdp(s.w_width, s.WORDS,
            c->weight_ram == RTL_RAM_BLOCK ? MEMORY_BLOCK : MEMORY_LUT, target,
            &p[MVU_WEIGHTS]);
    ram_sdp(s.r_width, s.OWORDS, small_style(c, s.OWORDS), target, &p[MVU_REQUANT]);
    const double input_memory = input_part(c, &s, target, &p[MVU_INPUT]);
    drain_part(c, &s, target, &p[MVU_DRAIN]);
    skid_buffer(s.out_width, &p[MVU_OUTPUT]);
    control_part(&s, target, &p[MVU_CONTROL]);

    double lut = 0;
    out->ff = c->PE * mac_ff(&out->mac) + c->lanes * requant_ff(&out->requant, target);
    out->bram18 = 0;
    for (int i = 0; i < MVU_N_PARTS; i++) {
        lut += p[i].lut;
        out->ff += p[i].ff;
        out->bram18 += p[i].bram18;
    }
    out->dsp = c->lanes * requant_dsp(&out->requant, target);
    const double memory = p[MVU_WEIGHTS].lut + p[MVU_REQUANT].lut + input_memory;
    out->lut_memory = (int64_t)(memory + 0.5);
    out->lut_control = lut - (double)out->lut_memory;
}
