/* terms_internal.h -- the lists of terms, one file for each kind of hardware, and the
 * sizes that several of them share. */
#ifndef COSTMODEL_TERMS_INTERNAL_H
#define COSTMODEL_TERMS_INTERNAL_H

#include "costmodel/terms.h"

#define TERMS_COUNT(a) ((int32_t)(sizeof(a) / sizeof((a)[0])))

const struct cost_term *terms_parallel(int32_t *n); /* terms_mac.c    */
const struct cost_term *terms_packed(int32_t *n);   /* terms_units.c  */
const struct cost_term *terms_serial(int32_t *n);
const struct cost_term *terms_actserial(int32_t *n);
const struct cost_term *terms_fusion(int32_t *n);
const struct cost_term *terms_requant(int32_t *n); /* terms_mvu.c    */
const struct cost_term *terms_control(int32_t *n);
const struct cost_term *terms_array(int32_t *n); /* terms_array.c  */
const struct cost_term *terms_delay(int32_t *n); /* terms_delay.c  */
const struct cost_term *terms_energy(enum element_module m,
                                     int32_t *n); /* terms_energy.c */

static inline int32_t term_min(int32_t a, int32_t b) { return a < b ? a : b; }
static inline int32_t term_max(int32_t a, int32_t b) { return a > b ? a : b; }

/* Adder bits of a balanced tree that adds n values of `bits` bits without loss. */
static inline double term_tree_bits(int32_t n, int32_t bits)
{
    double sum = 0;
    for (; n > 1; n -= n / 2)
        sum += (double)(n / 2) * ++bits;
    return sum;
}

/* Gates between the operands and the accumulator's register, in adders. */
double term_depth(const struct term_input *in);

/* 1, of every module. */
double term_one(const struct term_input *in);
double term_acc(const struct term_input *in);
double term_simd(const struct term_input *in);

#endif
