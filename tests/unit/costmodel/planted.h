/* planted.h -- measurement files whose law is known, for tests of the cost model. */
#ifndef TESTS_PLANTED_H
#define TESTS_PLANTED_H

#include <stdio.h>

#include "base/rng.h"
#include "costmodel/compose.h"
#include "nn/quant.h"

#define PLANTED_HEAD                                                                 \
    "module,toolchain,SIMD,PE,MW,MH,wbits[bit],abits[bit],wsigned,asigned,"          \
    "acc_bits[bit],out_bits[bit],out_signed,shift[bit],lanes,requant_dsp,ram_block," \
    "lut[LUT],ff[FF],dsp[DSP],bram18[BRAM18],cycles[cycle],n_vec,tool_version\n"

/* The law: LUT of a mac of many-bit operands, and of a requantiser lane. */
static inline double planted_mac(const struct mac_config *m)
{
    return 2.0 * m->SIMD * m->wbits * m->abits + 3.0 * m->acc_bits;
}

static inline double planted_requant(const struct requant_config *r)
{
    return 10 + 2.0 * r->out_bits;
}

/* LUT of what is left of an mvu. */
enum { PLANTED_CONTROL = 40 };

static inline int planted_round(double v) { return (int)(v + 0.5); }

static inline void planted_mac_row(FILE *f, const char *toolchain,
                                   const struct mac_config *m, int lut)
{
    fprintf(f, "mac_parallel,%s,%d,0,0,0,%d,%d,%d,%d,%d,0,0,0,0,0,0,%d,%d,0,0,0,0,T\n",
            toolchain, m->SIMD, m->wbits, m->abits, m->wsigned, m->asigned, m->acc_bits,
            lut, (int)mac_ff(m));
}

static inline void planted_requant_row(FILE *f, const char *toolchain,
                                       const struct requant_config *r)
{
    fprintf(f, "requant,%s,0,0,0,0,0,0,0,0,%d,%d,%d,%d,0,%d,0,%d,%d,%d,0,0,0,T\n",
            toolchain, r->acc_bits, r->out_bits, r->out_signed, r->shift,
            r->mul == RTL_MUL_DSP, planted_round(planted_requant(r)),
            (int)requant_ff(r, RTL_XC7), r->mul == RTL_MUL_DSP);
}

static inline struct mvu_config planted_mvu(int MW, int MH, int PE, int SIMD, int wbits,
                                            int abits)
{
    struct mvu_config c = {.name = "mvu",
                           .MW = MW,
                           .MH = MH,
                           .PE = PE,
                           .SIMD = SIMD,
                           .n_vec = 10,
                           .wbits = wbits,
                           .abits = abits,
                           .wsigned = true,
                           .out_bits = abits,
                           .mul = RTL_MUL_LUT,
                           .requant_mul = RTL_MUL_DSP,
                           .weight_ram = RTL_RAM_LUT};
    c.acc_bits = quant_acc_bits(MW, wbits, true, abits, false);
    c.shift = c.acc_bits + 16 - c.out_bits;
    if (c.shift > 30) c.shift = 30;
    c.lanes = mvu_lanes(PE, MW / SIMD);
    return c;
}

static inline void planted_mvu_row(FILE *f, const char *toolchain,
                                   const struct mvu_config *c)
{
    struct mvu_parts p;
    mvu_compose(c, RTL_XC7, &p);
    const int lut = p.n_mac * planted_round(planted_mac(&p.mac)) +
                    p.n_requant * planted_round(planted_requant(&p.requant)) +
                    (int)p.lut_memory + PLANTED_CONTROL;
    fprintf(f, "mvu,%s,%d,%d,%d,%d,%d,%d,1,0,%d,%d,0,%d,%d,1,0,%d,%d,%d,%d,%d,10,T\n",
            toolchain, c->SIMD, c->PE, c->MW, c->MH, c->wbits, c->abits, c->acc_bits,
            c->out_bits, c->shift, c->lanes, lut, (int)p.ff, (int)p.dsp, (int)p.bram18,
            (int)mvu_cycles(c, 10));
}

/* Macs of 2..7 x 2..7 bits at SIMD 2 and 8, requantisers, and eight whole mvus whose
 * parts are among them. */
static inline void planted_write(FILE *f, const char *toolchain)
{
    for (int w = 2; w <= 7; w++)
        for (int a = 2; a <= 7; a++)
            for (int simd = 2; simd <= 8; simd *= 4) {
                const int acc = quant_acc_bits(32, w, true, a, false);
                const struct mac_config m = {simd, w, a, true, false, acc, RTL_MUL_LUT};
                planted_mac_row(f, toolchain, &m, planted_round(planted_mac(&m)));
            }
    for (int acc = 11; acc <= 17; acc += 2)
        for (int out = 2; out <= 8; out *= 2) {
            const struct requant_config r = {acc, out, false, 12, RTL_MUL_DSP};
            planted_requant_row(f, toolchain, &r);
        }
    for (int i = 0; i < 8; i++) {
        const struct mvu_config c =
            planted_mvu(32, 16, 2 << (i & 1), 2 << (i & 2), 2 + i % 3, 3 + i / 4);
        struct mvu_parts p;
        mvu_compose(&c, RTL_XC7, &p);
        planted_requant_row(f, toolchain, &p.requant);
        planted_mvu_row(f, toolchain, &c);
    }
}

#endif
