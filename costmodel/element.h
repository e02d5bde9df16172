/* element.h -- one module instance as the cost model sees it: its parameters, its
 * key, its class and what can be measured of it.
 *
 * The elements that composition adds up are
 *   mac_parallel, mac_packed, mac_serial, mac_actserial, mac_fusion
 *                 one MAC unit (rtl/mac_unit.h)
 *   requant       one requantiser lane
 *   mvu_control   what is left of an mvu: counters, handshakes, selection
 *   array_control what is left of a systolic array: registers and selection between
 *                 its units
 * A class is a kind of hardware that one formula can describe.  A 1-bit operand is
 * not a narrow many-bit operand: its products are XNORs or ANDs and its sum is a
 * population count.  The classes of mac_parallel are therefore "WxA" with each side
 * one of
 *   s1  bipolar {-1, +1}      u1  one bit {0, 1}
 *   s   signed, 2..8 bits     u   unsigned, 2..8 bits
 * mac_actserial has its weights parallel and its activations one bit at a time, so its
 * classes are the weights' kinds; those of mac_packed are its products per DSP, "x1"
 * to "x4"; mac_serial is one class ("any"), mac_fusion two ("fused", "grouped").
 * Those of requant are "lut" and "dsp" (how its multiplier is built); those of
 * mvu_control are "lut" and "block" (where its weights live), those of array_control
 * "os" and "ws" (what stays in the units).
 *
 * Built and run.  A unit of run-time precision (serial, actserial, fusion) is one
 * circuit that runs many precisions: its LUTs, area and delay belong to the element
 * as built, with op_wbits = op_abits = 0; its energy to the element as run, with
 * both set.  For all other modules the two are the same and op_* are 0. */
#ifndef COSTMODEL_ELEMENT_H
#define COSTMODEL_ELEMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "costmodel/compose.h"
#include "rtl/accel_config.h"
#include "rtl/mac_unit.h"
#include "rtl/systolic.h"

/* The MAC units first, in the order of enum mac_unit. */
enum element_module {
    ELEMENT_MAC,
    ELEMENT_PACKED,
    ELEMENT_SERIAL,
    ELEMENT_ACTSERIAL,
    ELEMENT_FUSION,
    ELEMENT_REQUANT,
    ELEMENT_CONTROL,
    ELEMENT_ARRAY,
    ELEMENT_N_MODULES
};
bool element_is_unit(enum element_module m);     /* one of the MAC units */
extern const char *const element_module_names[]; /* NULL-terminated, by enum */

enum { ELEMENT_N_CLASSES = 16 };

/* What is measured of an element and estimated for it. */
enum element_metric {
    ELEMENT_LUT,         /* [LUT]                                               */
    ELEMENT_FF,          /* [FF]                                                */
    ELEMENT_DSP,         /* [DSP]                                               */
    ELEMENT_AREA,        /* [um2] of standard cells                             */
    ELEMENT_DELAY,       /* [ns] of the longest path; 1000 / fmax [MHz]         */
    ELEMENT_ENERGY,      /* [pJ] per product at the precision run, with glitches */
    ELEMENT_ENERGY_ZERO, /* [pJ] the same without gate delays: no glitches      */
    ELEMENT_N_METRICS
};
extern const char *const element_metric_names[]; /* "lut", ...; NULL-terminated */
extern const char *const element_metric_units[];
/* Errors are relative to at least this much: 10 LUT or FF, 1 DSP, 0 of what has no
 * smallest unit.  Technology mapping moves any count by a LUT or so; below 10 that
 * is no reason to bend a formula. */
double element_metric_floor(enum element_metric m);
/* Belongs to the element as run (see above). */
bool element_metric_is_run(enum element_metric m);

/* Fields that a module does not have are 0. */
struct element {
    enum element_module module;
    int32_t SIMD, wbits, abits; /* MAC units, mvu_control */
    bool wsigned, asigned;
    int32_t acc_bits;           /* all modules */
    int32_t op_wbits, op_abits; /* as run; 0: as built */
    bool grouped;               /* mac_fusion */
    int32_t out_bits;           /* requant, mvu_control */
    bool out_signed;
    int32_t shift;
    bool requant_dsp, ram_block;
    int32_t PE, MW, MH; /* mvu_control */
    int32_t lanes;      /* mac_packed: products per DSP; mvu_control: requantisers */
    double structural;  /* mvu_control: estimate of compose.h [LUT] */
    int32_t rows, cols; /* array_control */
    int32_t w_port, a_port, acc_port; /* of its units [bit] */
    int32_t depth;                    /* weight words that a unit holds; 0: they pass */
    bool dsp48e2;                     /* mac_packed: which DSP (costmodel/device.h)   */
    bool srl; /* array_control: its delays are shift-register LUTs               */
};

/* Inline for the same reason as mvu_mac(). */
static inline struct element element_of_mac(const struct mac_config *m)
{
    return (struct element){.module = ELEMENT_MAC,
                            .SIMD = m->SIMD,
                            .wbits = m->wbits,
                            .abits = m->abits,
                            .wsigned = m->wsigned,
                            .asigned = m->asigned,
                            .acc_bits = m->acc_bits};
}

/* run may be NULL: as built. */
struct element element_of_unit(const struct mac_unit_config *u,
                               const struct mac_precision *run);
static inline struct element element_of_requant(const struct requant_config *r)
{
    return (struct element){.module = ELEMENT_REQUANT,
                            .acc_bits = r->acc_bits,
                            .out_bits = r->out_bits,
                            .out_signed = r->out_signed,
                            .shift = r->shift,
                            .requant_dsp = r->mul == RTL_MUL_DSP};
}

/* structural: lut_control of the unit's mvu_parts */
static inline struct element element_of_control(const struct mvu_config *c,
                                                double structural)
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

/* What lies between the units of an array; srl: of the device. */
struct element element_of_array(const struct systolic_config *c, bool srl);

/* Whether the module runs precisions other than the one that it is built for. */
bool element_has_modes(enum element_module m);
/* The same element as built: op_* and what only a run decides are cleared. */
struct element element_as_built(const struct element *e);
/* The unit that an element of a MAC unit is an instance of. */
struct mac_unit_config element_unit(const struct element *e);
/* Steps per word of its ports and products per word, of all lanes, as run (or as built
 * for), exactly. */
double element_steps(const struct element *e);
double element_products(const struct element *e);

/* Key of an element that is no control (of mvu or array): equal if and only if all
 * parameters are. */
uint64_t element_key(const struct element *e);
/* The part of the key that says which multiplier it is (widths, signs, precision
 * run), without SIMD and accumulator: elements that differ only in those are scaled
 * copies. */
uint64_t element_family(const struct element *e);
/* The smallest key of a family. */
uint64_t element_family_key(uint64_t family);

/* How unlike two elements of one family are, for choosing the nearest. */
double element_unlikeness(const struct element *a, const struct element *b);

int32_t element_class(const struct element *e); /* [0, ELEMENT_N_CLASSES) */
int32_t element_n_classes(enum element_module m);
const char *element_class_name(enum element_module m, int32_t i_class); /* static */
/* Index of a class name, -1 if unknown. */
int32_t element_class_find(enum element_module m, const char *name);

/* "SIMD=4 wbits=3 abits=4 ..." into text; returns text. */
const char *element_describe(const struct element *e, char *text, size_t size);

/* The parameters that bound a formula's validity box. */
enum box_parameter {
    BOX_SIMD,
    BOX_WBITS,
    BOX_ABITS,
    BOX_ACC_BITS,
    BOX_OP_WBITS,
    BOX_OP_ABITS,
    BOX_OUT_BITS,
    BOX_SHIFT,
    BOX_PE,
    BOX_MW,
    BOX_MH,
    BOX_ROWS,
    BOX_COLS,
    BOX_N
};
extern const char *const box_parameter_names[]; /* NULL-terminated */
void element_box_values(const struct element *e, int32_t values[BOX_N]);

#endif
