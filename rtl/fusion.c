/* fusion.c -- which digit of which product every brick takes: see mac_fusion.v. */
#include "rtl/fusion.h"

#include "rtl/mac_unit_internal.h"

enum { SIDE = 4 }; /* bricks of a unit are SIDE x SIDE, (i, j) at SIDE * i + j */

int32_t fusion_width(int32_t operand_bits)
{
    return operand_bits <= 2 ? 2 : operand_bits <= 4 ? 4 : 8;
}

int32_t fusion_products(const struct mac_precision *p)
{
    return 64 / (fusion_width(p->wbits) * fusion_width(p->abits));
}

static uint32_t fuse(int32_t operand_bits)
{
    const int32_t width = fusion_width(operand_bits);
    return (width >= 4 ? 1U : 0U) | (width == 8 ? 2U : 0U);
}

uint32_t fusion_ctl(const struct mac_precision *p)
{
    return (p->asigned ? 32U : 0U) | (p->wsigned ? 16U : 0U) | fuse(p->abits) << 2 |
           fuse(p->wbits);
}

/* The code at the width at which it runs; bits above that are not zero. */
static uint32_t extend(uint8_t code, int32_t bits, bool is_signed)
{
    return (uint32_t)mac_unit_value(code, bits, is_signed);
}

static uint32_t digit(uint32_t value, int32_t place) { return value >> 2 * place & 3U; }

void fusion_spread(const struct mac_precision *p, const uint8_t *w, const uint8_t *a,
                   int32_t n, uint32_t *w_port, uint32_t *a_port)
{
    const int32_t gw = fusion_width(p->wbits) / 2, ga = fusion_width(p->abits) / 2;
    *w_port = 0;
    *a_port = 0;
    for (int32_t i = 0; i < SIDE; i++)
        for (int32_t j = 0; j < SIDE; j++) {
            const int32_t product = i / ga * (SIDE / gw) + j / gw;
            const int32_t at = 2 * (SIDE * i + j);
            if (product >= n) continue;
            *w_port |= digit(extend(w[product], p->wbits, p->wsigned), j % gw) << at;
            *a_port |= digit(extend(a[product], p->abits, p->asigned), i % ga) << at;
        }
}

void fusion_pack(const struct mac_precision *p, const uint8_t *w, const uint8_t *a,
                 int32_t n, uint32_t *w_packed, uint32_t *a_packed)
{
    const int32_t gw = fusion_width(p->wbits) / 2, ga = fusion_width(p->abits) / 2;
    const uint32_t w_mask = 0xffU >> (8 - 2 * gw), a_mask = 0xffU >> (8 - 2 * ga);
    *w_packed = 0;
    *a_packed = 0;
    for (int32_t product = 0; product < n; product++) {
        const int32_t row = product / (SIDE / gw), column = product % (SIDE / gw);
        *w_packed |= (extend(w[product], p->wbits, p->wsigned) & w_mask)
                     << 2 * (SIDE * row + gw * column);
        *a_packed |= (extend(a[product], p->abits, p->asigned) & a_mask)
                     << 2 * (SIDE * column + ga * row);
    }
}
