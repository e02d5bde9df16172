/* count_shape.c -- see count_shape.h; the names follow the Verilog. */
#include "costmodel/count_shape.h"

#include "costmodel/ceil_log2.h"

static int32_t least(int32_t a, int32_t b) { return a < b ? a : b; }

/* What a sum_columns is given. */
struct columns {
    int32_t N1, N2, N4, N8, bits;
};

/* Columns that the last adder adds: up to the highest that has two bits, and a carry
 * into the one above. */
static int32_t ripple_bits(const struct columns *c)
{
    const int32_t n[4] = {c->N1, c->N2, c->N4, c->N8};
    int32_t highest = 1;
    for (int32_t i = 1; i < 4; i++)
        if (n[i] > 0) highest = i + 1;
    return least(highest + 1, c->bits);
}

/* Adds the rows of the lowest column; false: nothing is left above it. */
static int add_column(struct columns *c, struct count_shape *out)
{
    const int32_t rest = c->N2 + c->N4 + c->N8;
    if (c->bits == 1 || (c->N1 <= 1 && rest == 0)) return 0;
    if (c->N1 >= 2 && c->N1 <= 3 && c->N2 <= 2 && c->N4 <= 2 && c->N8 <= 2) {
        out->ripple_bits += ripple_bits(c);
        return 0;
    }
    const int32_t rows = c->N1 <= 1 ? 0 : (c->N1 + 4) / 6;
    const int32_t last = c->N1 - 6 * (rows - 1); /* ones of the last row, 2 .. 7 */
    const int32_t wide2 = rows - (rows > 0 && last < 4);
    const int32_t wide3 = rows - (rows > 0 && last < 6);
    const int32_t take2 = least(wide2, c->N2), take4 = least(wide3, c->N4);
    const int32_t give8 = least(wide3, take2 > take4 ? take2 : take4);
    out->column_bits += rows + wide2 + wide3;
    *c = (struct columns){.N1 = c->N2 - take2 + rows,
                          .N2 = c->N4 - take4 + wide2,
                          .N4 = c->N8 + give8,
                          .bits = c->bits - 1};
    return 1;
}

/* Fewest triples that, with the rows above them, take all pairs. */
static int32_t triples_of(int32_t pairs)
{
    int32_t t = 1;
    while (3 * t + 2 * ((t - 1) / 2) < pairs)
        t++;
    return t;
}

struct count_shape count_shape_of(int32_t SIMD)
{
    const int32_t triples = triples_of(SIMD), rows = (triples - 1) / 2;
    struct count_shape s = {
        .bits = ceil_log2(SIMD + 1),
        .triples =
            2 * triples - (SIMD == 3 * triples - 2), /* the last one of one pair */
        .rows = rows};
    struct columns c = {
        .N1 = triples - 2 * rows, .N2 = triples, .N4 = rows, .bits = s.bits};
    while (add_column(&c, &s))
        ;
    return s;
}
