/* element.c -- keys and classes.  A key packs the parameters into 64 bits, so that
 * looking an element up is one hash probe. */
#include "costmodel/element.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const element_module_names[] = {
    "mac_parallel",  "mac_packed",    "mac_serial",
    "mac_actserial", "mac_fusion",    "requant",
    "mvu_control",   "array_control", NULL};
const char *const element_metric_names[] = {"lut",   "ff",     "dsp",         "area",
                                            "delay", "energy", "energy_zero", NULL};
const char *const element_metric_units[] = {"LUT", "FF", "DSP", "um2",
                                            "ns",  "pJ", "pJ",  NULL};
const char *const box_parameter_names[] = {
    "SIMD",  "wbits", "abits", "acc_bits", "op_wbits", "op_abits", "out_bits",
    "shift", "PE",    "MW",    "MH",       "rows",     "cols",     NULL};

/* Names of the classes of each module; NULL-terminated. */
static const char *const mac_classes[] = {
    "uxu",  "uxs",   "uxu1",  "uxs1", "sxu",  "sxs",   "sxu1",  "sxs1", "u1xu",
    "u1xs", "u1xu1", "u1xs1", "s1xu", "s1xs", "s1xu1", "s1xs1", NULL};
static const char *const packed_classes[] = {"x1", "x2", "x3", "x4", NULL};
static const char *const serial_classes[] = {"any", NULL};
static const char *const actserial_classes[] = {"u", "s", "u1", "s1", NULL};
static const char *const fusion_classes[] = {"fused", "grouped", NULL};
static const char *const requant_classes[] = {"lut", "dsp", NULL};
static const char *const control_classes[] = {"lut", "block", NULL};
static const char *const array_classes[] = {"os", "ws", NULL};
static const char *const *const class_names[ELEMENT_N_MODULES] = {
    [ELEMENT_MAC] = mac_classes,         [ELEMENT_PACKED] = packed_classes,
    [ELEMENT_SERIAL] = serial_classes,   [ELEMENT_ACTSERIAL] = actserial_classes,
    [ELEMENT_FUSION] = fusion_classes,   [ELEMENT_REQUANT] = requant_classes,
    [ELEMENT_CONTROL] = control_classes, [ELEMENT_ARRAY] = array_classes};

/* ---- metrics ---- */

double element_metric_floor(enum element_metric m)
{
    if (m == ELEMENT_LUT || m == ELEMENT_FF) return 10;
    return m == ELEMENT_DSP ? 1 : 0;
}

bool element_metric_is_run(enum element_metric m)
{
    return m == ELEMENT_ENERGY || m == ELEMENT_ENERGY_ZERO;
}

/* ---- from configurations ---- */

bool element_is_unit(enum element_module m) { return m < ELEMENT_REQUANT; }

bool element_has_modes(enum element_module m)
{
    return m == ELEMENT_SERIAL || m == ELEMENT_ACTSERIAL || m == ELEMENT_FUSION;
}

struct element element_of_unit(const struct mac_unit_config *u,
                               const struct mac_precision *run)
{
    struct element e = {.module = (enum element_module)u->unit,
                        .SIMD = u->SIMD,
                        .wbits = u->wbits,
                        .abits = u->abits,
                        .wsigned = u->wsigned,
                        .asigned = u->asigned,
                        .acc_bits = u->acc_bits,
                        .lanes = u->unit == MAC_PACKED ? u->lanes : 0,
                        .dsp48e2 = u->unit == MAC_PACKED && u->dsp48e2,
                        .grouped = u->unit == MAC_FUSION && u->grouped};
    if (run && element_has_modes(e.module)) {
        e.op_wbits = run->wbits;
        e.op_abits = run->abits;
        e.wsigned = run->wsigned;
        e.asigned = run->asigned;
        return e;
    }
    return element_as_built(&e);
}

struct element element_as_built(const struct element *e)
{
    struct element b = *e;
    b.op_wbits = b.op_abits = 0;
    /* Signs of these are a matter of each run. */
    if (b.module == ELEMENT_SERIAL || b.module == ELEMENT_FUSION)
        b.wsigned = b.asigned = false;
    return b;
}

struct element element_of_array(const struct systolic_config *c, bool srl)
{
    const struct mac_unit_ports ports = mac_unit_ports(&c->unit);
    return (struct element){.module = ELEMENT_ARRAY,
                            .SIMD = c->unit.SIMD,
                            .wbits = c->unit.wbits,
                            .abits = c->unit.abits,
                            .acc_bits = c->unit.acc_bits,
                            .rows = c->rows,
                            .cols = c->cols,
                            .w_port = ports.w,
                            .a_port = ports.a,
                            .acc_port = ports.acc,
                            .depth = c->flow == SYSTOLIC_WS ? systolic_depth(c) : 0,
                            .srl = srl};
}

/* ---- steps ---- */

struct mac_unit_config element_unit(const struct element *e)
{
    struct mac_unit_config u = {.unit = (enum mac_unit)e->module,
                                .SIMD = e->SIMD,
                                .wbits = e->wbits,
                                .abits = e->abits,
                                .wsigned = e->wsigned,
                                .asigned = e->asigned,
                                .acc_bits = e->acc_bits,
                                .lanes = e->lanes > 0 ? e->lanes : 1,
                                .dsp48e2 = e->dsp48e2,
                                .grouped = e->grouped};
    /* What a unit is not built for is 8 bits and signed. */
    if (element_has_modes(e->module)) u.asigned = true;
    if (e->module == ELEMENT_SERIAL || e->module == ELEMENT_FUSION) u.wsigned = true;
    return u;
}

static struct mac_precision precision_of(const struct element *e)
{
    return (struct mac_precision){.wbits = e->op_wbits ? e->op_wbits : e->wbits,
                                  .abits = e->op_abits ? e->op_abits : e->abits,
                                  .wsigned = e->wsigned,
                                  .asigned = e->asigned};
}

double element_products(const struct element *e)
{
    if (!element_has_modes(e->module))
        return (double)e->SIMD * (e->lanes > 0 ? e->lanes : 1);
    const struct mac_unit_config u = element_unit(e);
    const struct mac_precision p = precision_of(e);
    return mac_unit_products(&u, &p);
}

double element_steps(const struct element *e)
{
    if (!element_has_modes(e->module)) return 1;
    const struct mac_unit_config u = element_unit(e);
    const struct mac_precision p = precision_of(e);
    return (double)mac_unit_steps(&u, &p, mac_unit_products(&u, &p));
}

/* ---- keys ---- */

/* Field widths cover the ranges of accel_config.h and mac_unit.h: SIMD 256, acc_bits
 * 32, shift 30, out_bits 16, the others 8 at most. */
enum { KEY_SIMD = 9, KEY_ACC = 6, KEY_SHIFT = 5 };

uint64_t element_family(const struct element *e)
{
    uint64_t k = (uint64_t)e->module;
    k = k << 4 | (uint64_t)e->wbits;
    k = k << 4 | (uint64_t)e->abits;
    k = k << 2 | (uint64_t)e->wsigned << 1 | (uint64_t)e->asigned;
    k = k << 5 | (uint64_t)e->out_bits;
    k = k << 3 | (uint64_t)e->out_signed << 2 | (uint64_t)e->requant_dsp << 1 |
        (uint64_t)e->grouped;
    k = k << 3 | (uint64_t)e->lanes;
    k = k << 4 | (uint64_t)e->op_wbits;
    return k << 4 | (uint64_t)e->op_abits;
}

/* Keys are never 0, which marks a free slot of the index. */
uint64_t element_family_key(uint64_t family)
{
    return (family << (KEY_SIMD + KEY_ACC + KEY_SHIFT)) + 1;
}

uint64_t element_key(const struct element *e)
{
    const uint64_t rest = ((uint64_t)e->SIMD << KEY_ACC | (uint64_t)e->acc_bits)
                              << KEY_SHIFT |
                          (uint64_t)e->shift;
    return element_family_key(element_family(e)) + rest;
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

/* ---- classes ---- */

/* Bit 0: signed; bit 1: one bit wide. */
static int32_t operand_kind(int32_t bits, bool is_signed)
{
    return (bits == 1 ? 2 : 0) + (is_signed ? 1 : 0);
}

int32_t element_class(const struct element *e)
{
    switch (e->module) {
    case ELEMENT_MAC:
        return operand_kind(e->wbits, e->wsigned) * 4 +
               operand_kind(e->abits, e->asigned);
    case ELEMENT_PACKED:
        return e->lanes - 1;
    case ELEMENT_ACTSERIAL:
        return operand_kind(e->wbits, e->wsigned);
    case ELEMENT_FUSION:
        return e->grouped;
    case ELEMENT_REQUANT:
        return e->requant_dsp;
    case ELEMENT_CONTROL:
        return e->ram_block;
    case ELEMENT_ARRAY:
        return e->depth > 0;
    case ELEMENT_SERIAL:
    case ELEMENT_N_MODULES:
        break;
    }
    return 0;
}

int32_t element_n_classes(enum element_module m)
{
    int32_t n = 0;
    while (class_names[m][n])
        n++;
    return n;
}

const char *element_class_name(enum element_module m, int32_t i_class)
{
    return class_names[m][i_class];
}

int32_t element_class_find(enum element_module m, const char *name)
{
    for (int32_t i = 0; class_names[m][i]; i++)
        if (strcmp(class_names[m][i], name) == 0) return i;
    return -1;
}

/* ---- for people ---- */

static void describe_unit(const struct element *e, char *text, size_t size)
{
    int n = snprintf(text, size, "SIMD=%d", e->SIMD);
    char *const end = text + size;
#define MORE(...) n += snprintf(text + n, (size_t)(end - text - n), __VA_ARGS__)
    if (e->module == ELEMENT_MAC || e->module == ELEMENT_PACKED ||
        e->module == ELEMENT_ACTSERIAL)
        MORE(" wbits=%d%s abits=%d%s", e->wbits, e->wsigned ? "s" : "u", e->abits,
             e->asigned ? "s" : "u");
    MORE(" acc_bits=%d", e->acc_bits);
    if (e->module == ELEMENT_PACKED) MORE(" lanes=%d", e->lanes);
    if (e->module == ELEMENT_FUSION) MORE(" grouped=%d", e->grouped);
    if (e->op_wbits > 0)
        MORE(" run at %d%s x %d%s bits", e->op_wbits, e->wsigned ? "s" : "u",
             e->op_abits, e->asigned ? "s" : "u");
#undef MORE
}

const char *element_describe(const struct element *e, char *text, size_t size)
{
    if (element_is_unit(e->module))
        describe_unit(e, text, size);
    else if (e->module == ELEMENT_REQUANT)
        snprintf(text, size, "acc_bits=%d out_bits=%d%s shift=%d mul=%s", e->acc_bits,
                 e->out_bits, e->out_signed ? "s" : "u", e->shift,
                 e->requant_dsp ? "dsp" : "lut");
    else if (e->module == ELEMENT_ARRAY)
        snprintf(text, size, "rows=%d cols=%d acc_bits=%d", e->rows, e->cols,
                 e->acc_bits);
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
    values[BOX_OP_WBITS] = e->op_wbits;
    values[BOX_OP_ABITS] = e->op_abits;
    values[BOX_OUT_BITS] = e->out_bits;
    values[BOX_SHIFT] = e->shift;
    values[BOX_PE] = e->PE;
    values[BOX_MW] = e->MW;
    values[BOX_MH] = e->MH;
    values[BOX_ROWS] = e->rows;
    values[BOX_COLS] = e->cols;
}
