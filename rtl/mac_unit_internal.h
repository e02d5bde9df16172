/* mac_unit_internal.h -- what one unit says about itself; rtl/mac_unit.c asks.
 * A new unit is a file mac_unit_NAME.c with one of these, and a row in mac_unit.c. */
#ifndef RTL_MAC_UNIT_INTERNAL_H
#define RTL_MAC_UNIT_INTERNAL_H

#include "rtl/mac_unit.h"

struct mac_unit_ops {
    int32_t max_SIMD;
    /* Limits beyond the common ones (SIMD, bits, acc_bits); NULL: none. */
    status (*check)(const struct mac_unit_config *c, struct err *err);
    /* Is p, whose bits lie in [1, 8], one that the unit runs? */
    status (*precision_check)(const struct mac_unit_config *c,
                              const struct mac_precision *p, struct err *err);
    struct mac_unit_ports (*ports)(const struct mac_unit_config *c);
    struct rtl_instance (*bare)(const struct mac_unit_config *c);
    int32_t (*products)(const struct mac_unit_config *c, const struct mac_precision *p);
    /* Steps per word. */
    int32_t (*passes)(const struct mac_precision *p);
    /* Fills all but `first` of step i of a dot product of `words` words. */
    void (*step)(const struct mac_precision *p, int64_t words, int64_t i,
                 struct mac_step *s);
    /* As mac_unit_operands(); the ports are zero before. */
    void (*operands)(const struct mac_unit_config *c, const struct mac_precision *p,
                     int64_t K, const struct mac_step *s, const uint8_t *w,
                     const uint8_t *a, uint32_t *w_port, uint32_t *a_port);
    /* A pair of padding is -1 * +1 or the like where both operands are bipolar. */
    bool no_padding_if_bipolar;
};

extern const struct mac_unit_ops mac_parallel_ops, mac_packed_ops, mac_serial_ops,
    mac_actserial_ops, mac_fusion_ops;

/* ST_RANGE: WHO: expected WHAT in [lo, hi], found v. */
status mac_unit_range(const char *who, const char *what, int64_t v, int64_t lo,
                      int64_t hi, struct err *err);
/* ST_RANGE unless p is the precision that c is built for. */
status mac_unit_built_precision(const struct mac_unit_config *c,
                                const struct mac_precision *p, struct err *err);
void mac_unit_param(struct rtl_instance *inst, const char *name, int64_t value);
/* The only step of a word that is not serial. */
void mac_unit_whole_word(const struct mac_precision *p, int64_t words, int64_t i,
                         struct mac_step *s);
int32_t mac_unit_one_pass(const struct mac_precision *p); /* 1 */
/* SIMD, and the operands side by side, lane by lane. */
int32_t mac_unit_word_products(const struct mac_unit_config *c,
                               const struct mac_precision *p);
void mac_unit_word_operands(const struct mac_unit_config *c,
                            const struct mac_precision *p, int64_t K,
                            const struct mac_step *s, const uint8_t *w,
                            const uint8_t *a, uint32_t *w_port, uint32_t *a_port);
/* Sets `bits` bits (at most 32) at bit `at` of a port that is zero there. */
void mac_unit_put(uint32_t *port, int64_t at, int32_t bits, uint32_t value);
/* The value of a code in two's complement, sign-extended; bipolar: -1 or 1. */
int32_t mac_unit_value(uint8_t code, int32_t bits, bool is_signed);
/* Bits of an operand's two's complement: 2 for a bipolar one. */
int32_t mac_unit_planes(int32_t bits, bool is_signed);

#endif
