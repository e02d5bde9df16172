/* element.c -- keys and classes.  A key packs the parameters into 64 bits, so that
 * looking an element up is one hash probe. */
#include "costmodel/element.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const element_module_names[] = {"mac_parallel", "requant", "mvu_control",
                                            NULL};
const char *const box_parameter_names[] = {
    "SIMD", "wbits", "abits", "acc_bits", "out_bits", "shift", "PE", "MW", "MH", NULL};

static const char *const mac_classes[ELEMENT_N_CLASSES] = {
    "uxu",  "uxs",  "uxu1",  "uxs1",  "sxu",  "sxs",  "sxu1",  "sxs1",
    "u1xu", "u1xs", "u1xu1", "u1xs1", "s1xu", "s1xs", "s1xu1", "s1xs1"};
static const char *const requant_classes[] = {"lut", "dsp"};
static const char *const control_classes[] = {"lut", "block"};

struct element element_of_mac(const struct mac_config *m)
{
    return (struct element){.module = ELEMENT_MAC,
                            .SIMD = m->SIMD,
                            .wbits = m->wbits,
                            .abits = m->abits,
                            .wsigned = m->wsigned,
                            .asigned = m->asigned,
                            .acc_bits = m->acc_bits};
}

struct element element_of_requant(const struct requant_config *r)
{
    return (struct element){.module = ELEMENT_REQUANT,
                            .acc_bits = r->acc_bits,
                            .out_bits = r->out_bits,
                            .out_signed = r->out_signed,
                            .shift = r->shift,
                            .requant_dsp = r->mul == RTL_MUL_DSP};
}

struct element element_of_control(const struct mvu_config *c, double structural)
{
    return (struct element){.module = ELEMENT_CONTROL,
                            .SIMD = c->SIMD,
                            .wbits = c->wbits,
                            .abits = c->abits,
                            .wsigned = c->wsigned,
                            .asigned = c->asigned,
                            .acc_bits = c->acc_bits,
                            .out_bits = c->out_bits,
                            .out_signed = c->out_signed,
                            .shift = c->shift,
                            .requant_dsp = c->requant_mul == RTL_MUL_DSP,
                            .ram_block = c->weight_ram == RTL_RAM_BLOCK,
                            .PE = c->PE,
                            .MW = c->MW,
                            .MH = c->MH,
                            .lanes = c->lanes,
                            .structural = structural};
}

/* Field widths cover the ranges of accel_config.h with room: SIMD and acc_bits 8
 * bits, bit widths 5 bits. */
uint64_t element_family(const struct element *e)
{
    uint64_t k = (uint64_t)e->module;
    k = k << 5 | (uint64_t)e->wbits;
    k = k << 5 | (uint64_t)e->abits;
    k = k << 1 | (uint64_t)e->wsigned;
    k = k << 1 | (uint64_t)e->asigned;
    k = k << 5 | (uint64_t)e->out_bits;
    k = k << 1 | (uint64_t)e->out_signed;
    k = k << 1 | (uint64_t)e->requant_dsp;
    return k;
}

uint64_t element_key(const struct element *e)
{
    uint64_t k = element_family(e);
    k = k << 8 | (uint64_t)e->SIMD;
    k = k << 8 | (uint64_t)e->acc_bits;
    k = k << 6 | (uint64_t)e->shift;
    return k + 1; /* never 0, which marks a free slot of the index */
}

/* How unlike two elements of a family are.  SIMD multiplies the whole structure and
 * the accumulator only adds bits to it: 4 bits of it weigh as much as a doubling. */
double element_unlikeness(const struct element *a, const struct element *b)
{
    double d = 0.25 * abs(a->acc_bits - b->acc_bits) + 0.25 * abs(a->shift - b->shift);
    int32_t big = a->SIMD > b->SIMD ? a->SIMD : b->SIMD;
    const int32_t small = a->SIMD > b->SIMD ? b->SIMD : a->SIMD;
    for (; small > 0 && big > small; big = (big + 1) / 2)
        d += 1;
    return d;
}

/* Bit 0: signed; bit 1: one bit wide. */
static int32_t operand_kind(int32_t bits, bool is_signed)
{
    return (bits == 1 ? 2 : 0) + (is_signed ? 1 : 0);
}

int32_t element_class(const struct element *e)
{
    if (e->module == ELEMENT_REQUANT) return e->requant_dsp ? 1 : 0;
    if (e->module == ELEMENT_CONTROL) return e->ram_block ? 1 : 0;
    return operand_kind(e->wbits, e->wsigned) * 4 + operand_kind(e->abits, e->asigned);
}

const char *element_class_name(enum element_module m, int32_t i_class)
{
    if (m == ELEMENT_REQUANT) return requant_classes[i_class & 1];
    if (m == ELEMENT_CONTROL) return control_classes[i_class & 1];
    return mac_classes[i_class];
}

int32_t element_class_find(enum element_module m, const char *name)
{
    const int32_t n = m == ELEMENT_MAC ? ELEMENT_N_CLASSES : 2;
    for (int32_t i = 0; i < n; i++)
        if (strcmp(element_class_name(m, i), name) == 0) return i;
    return -1;
}

const char *element_describe(const struct element *e, char *text, size_t size)
{
    if (e->module == ELEMENT_MAC)
        snprintf(text, size, "SIMD=%d wbits=%d%s abits=%d%s acc_bits=%d", e->SIMD,
                 e->wbits, e->wsigned ? "s" : "u", e->abits, e->asigned ? "s" : "u",
                 e->acc_bits);
    else if (e->module == ELEMENT_REQUANT)
        snprintf(text, size, "acc_bits=%d out_bits=%d%s shift=%d mul=%s", e->acc_bits,
                 e->out_bits, e->out_signed ? "s" : "u", e->shift,
                 e->requant_dsp ? "dsp" : "lut");
    else
        snprintf(text, size, "MW=%d MH=%d PE=%d SIMD=%d wbits=%d%s abits=%d%s", e->MW,
                 e->MH, e->PE, e->SIMD, e->wbits, e->wsigned ? "s" : "u", e->abits,
                 e->asigned ? "s" : "u");
    return text;
}

void element_box_values(const struct element *e, int32_t values[BOX_N])
{
    values[BOX_SIMD] = e->SIMD;
    values[BOX_WBITS] = e->wbits;
    values[BOX_ABITS] = e->abits;
    values[BOX_ACC_BITS] = e->acc_bits;
    values[BOX_OUT_BITS] = e->out_bits;
    values[BOX_SHIFT] = e->shift;
    values[BOX_PE] = e->PE;
    values[BOX_MW] = e->MW;
    values[BOX_MH] = e->MH;
}
