/* fusion.h -- operands and control of rtl/mac/mac_fusion.v: 16 bricks of 2 x 2 bits per
 * unit, which make 64 / (W' A') products of W' x A' bits in a step.
 *
 *   wbits, abits  1 2 | 3 4 | 5 6 7 8        W', A'  2 | 4 | 8
 *
 * Codes are those of nn/quant.h: two's complement in the low bits, 1-bit signed is
 * bipolar.  A code is extended to its width by its sign or by zeros; a bipolar bit b
 * becomes the 2-bit digit {~b, 1}, so -1 and +1 exactly. */
#ifndef RTL_FUSION_H
#define RTL_FUSION_H

#include <stdbool.h>
#include <stdint.h>

#include "rtl/mac_unit.h"

/* 2, 4 or 8 [bit]: the width at which an operand of 1..8 bits runs. */
int32_t fusion_width(int32_t operand_bits);
/* Products of one unit in a step: 1, 2, 4, 8 or 16. */
int32_t fusion_products(const struct mac_precision *p);
/* {asigned, wsigned, afuse[1:0], wfuse[1:0]}: mac_fusion's control pins. */
uint32_t fusion_ctl(const struct mac_precision *p);

/* The operands of one unit for one step, spread to its bricks as mac_fusion takes them.
 * w, a: n codes each, 0 <= n <= fusion_products(p); missing products are 0. */
void fusion_spread(const struct mac_precision *p, const uint8_t *w, const uint8_t *a,
                   int32_t n, uint32_t *w_port, uint32_t *a_port);
/* The same operands packed, as rtl/mac/fusion_spread.v takes them. */
void fusion_pack(const struct mac_precision *p, const uint8_t *w, const uint8_t *a,
                 int32_t n, uint32_t *w_packed, uint32_t *a_packed);

#endif
