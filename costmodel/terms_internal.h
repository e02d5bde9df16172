/* terms_internal.h -- how a list of terms is written, the lists, and the sizes that
 * several of them share.
 *
 * A list is a macro of terms, each in one place with all that is said of it:
 *
 *   #define SERIAL_TERMS(T, P) \
 *       T(P, acc, "ACC", "bit", "accumulator: shift by one and add", e->acc_bits)
 *   TERMS_DEFINE(serial, SERIAL_TERMS)
 *
 * name, size, unit, reason, value; the value is an expression of the element e and of
 * what is counted of it, in (struct term_input). */
#ifndef COSTMODEL_TERMS_INTERNAL_H
#define COSTMODEL_TERMS_INTERNAL_H

#include "costmodel/terms.h"

struct term_list {
    const struct cost_term *terms;
    int32_t n;
};

#define TERM_VALUE(P, name, size, per, reason, value)     \
    static double P##_##name(const struct term_input *in) \
    {                                                     \
        const struct element *const e = in->e;            \
        (void)e;                                          \
        return (value);                                   \
    }
#define TERM_ENTRY(P, name, size, per, reason, value) \
    {#name, size, per, reason, P##_##name},
#define TERMS_DEFINE(P, LIST)                                         \
    LIST(TERM_VALUE, P)                                               \
    static const struct cost_term P##_list[] = {LIST(TERM_ENTRY, P)}; \
    const struct term_list terms_##P = {                              \
        P##_list, (int32_t)(sizeof P##_list / sizeof *P##_list)};

extern const struct term_list terms_parallel; /* terms_mac.c    */
extern const struct term_list terms_packed;   /* terms_packed.c */
extern const struct term_list terms_serial;   /* terms_units.c  */
extern const struct term_list terms_actserial;
extern const struct term_list terms_fusion;
extern const struct term_list terms_requant; /* terms_mvu.c    */
extern const struct term_list terms_control;
extern const struct term_list terms_array;           /* terms_array.c  */
extern const struct term_list terms_delay;           /* terms_delay.c  */
extern const struct term_list terms_parallel_energy; /* terms_energy.c */
extern const struct term_list terms_packed_energy;
extern const struct term_list terms_serial_energy;
extern const struct term_list terms_fusion_energy;

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

/* Adder bits of the rows of all chains of a dot product. */
static inline int32_t term_row_bits(const struct term_input *in)
{
    return in->dot.narrow_bits + in->dot.low_bits + in->dot.wide_bits;
}

/* Gates between the operands and the accumulator's register, in adders. */
double term_depth(const struct term_input *in);

#endif
