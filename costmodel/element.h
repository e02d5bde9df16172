/* element.h -- one module instance as the cost model sees it: its parameters, its
 * key and its class.
 *
 * The elements that composition adds up are
 *   mac_parallel  SIMD products and their accumulator
 *   requant       one requantiser lane
 *   mvu_control   what is left of an mvu: counters, handshakes, selection
 * A class is a kind of hardware that one formula can describe.  A 1-bit operand is
 * not a narrow many-bit operand: its products are XNORs or ANDs and its sum is a
 * population count.  The classes of mac_parallel are therefore "WxA" with each side
 * one of
 *   s1  bipolar {-1, +1}      u1  one bit {0, 1}
 *   s   signed, 2..8 bits     u   unsigned, 2..8 bits
 * and those of requant are "lut" and "dsp" (how its multiplier is built); those of
 * mvu_control are "lut" and "block" (where its weights live). */
#ifndef COSTMODEL_ELEMENT_H
#define COSTMODEL_ELEMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "costmodel/compose.h"
#include "rtl/accel_config.h"

enum element_module {
    ELEMENT_MAC,
    ELEMENT_REQUANT,
    ELEMENT_CONTROL,
    ELEMENT_N_MODULES
};
extern const char *const element_module_names[]; /* NULL-terminated, by enum */

enum { ELEMENT_N_CLASSES = 16 };

/* Fields that a module does not have are 0. */
struct element {
    enum element_module module;
    int32_t SIMD, wbits, abits; /* mac_parallel, mvu_control */
    bool wsigned, asigned;
    int32_t acc_bits; /* all three */
    int32_t out_bits; /* requant, mvu_control */
    bool out_signed;
    int32_t shift;
    bool requant_dsp, ram_block;
    int32_t PE, MW, MH, lanes; /* mvu_control */
    double structural;         /* mvu_control: estimate of compose.h [LUT] */
};

struct element element_of_mac(const struct mac_config *m);
struct element element_of_requant(const struct requant_config *r);
/* structural: lut_control of the unit's mvu_parts */
struct element element_of_control(const struct mvu_config *c, double structural);

/* Key of a mac or requant: equal if and only if all its parameters are equal. */
uint64_t element_key(const struct element *e);
/* The part of the key that says which multiplier it is (widths and signs), without
 * SIMD and accumulator: elements that differ only in those are scaled copies. */
uint64_t element_family(const struct element *e);

/* How unlike two elements of one family are, for choosing the nearest. */
double element_unlikeness(const struct element *a, const struct element *b);

int32_t element_class(const struct element *e); /* [0, ELEMENT_N_CLASSES) */
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
    BOX_OUT_BITS,
    BOX_SHIFT,
    BOX_PE,
    BOX_MW,
    BOX_MH,
    BOX_N
};
extern const char *const box_parameter_names[]; /* NULL-terminated */
void element_box_values(const struct element *e, int32_t values[BOX_N]);

#endif
