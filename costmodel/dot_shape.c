/* dot_shape.c -- see dot_shape.h; the names follow rtl/mac/dot_lut.v and dot_chain.v.
 */
#include "costmodel/dot_shape.h"

enum { ROWS_MAX = 8, SIMD_MAX = 64 };

/* x is the recoded operand, y the other. */
struct recoded {
    int32_t xbits, ybits;
    bool xsigned, ysigned;
    int32_t digits;
    int64_t y_lo, y_hi;
    int64_t missing_lo, missing_hi; /* the carry that the first row still lacks */
};

static int64_t lowest(int32_t bits, bool is_signed)
{
    return is_signed ? -((int64_t)1 << (bits - 1)) : 0;
}

static int64_t highest(int32_t bits, bool is_signed)
{
    return is_signed ? ((int64_t)1 << (bits - 1)) - 1 : ((int64_t)1 << bits) - 1;
}

static int64_t min4(int64_t a, int64_t b, int64_t c, int64_t d)
{
    const int64_t x = a < b ? a : b, y = c < d ? c : d;
    return x < y ? x : y;
}

static int64_t max4(int64_t a, int64_t b, int64_t c, int64_t d)
{
    const int64_t x = a > b ? a : b, y = c > d ? c : d;
    return x > y ? x : y;
}

/* Bits of a signed word that holds lo and hi. */
static int32_t bits_of(int64_t lo, int64_t hi)
{
    const uint64_t below = (uint64_t)~lo, above = (uint64_t)hi;
    uint64_t m = lo < 0 ? below : 0;
    if (hi > 0) m |= above;
    int32_t bits = 1;
    for (; m; m >>= 1)
        bits++;
    return bits;
}

static int32_t n_digits(int32_t bits, bool is_signed)
{
    return is_signed ? (bits + 1) / 2 : bits / 2 + 1;
}

/* About the bits of all rows if the operand of xbits is the recoded one: the function
 * row_bits of rtl/mac/dot_lut.v. */
static int32_t cost_of_recoding(int32_t xbits, bool xsigned, int32_t ybits,
                                bool ysigned)
{
    if (xbits == 1) return ybits + 2;
    return n_digits(xbits, xsigned) * (ybits + (ysigned ? 3 : 4)) +
           (!xsigned && xbits % 2 == 0 ? 4 : 0);
}

static struct recoded recoded_of(int32_t xbits, bool xsigned, int32_t ybits,
                                 bool ysigned)
{
    const int32_t digits = n_digits(xbits, xsigned);
    return (struct recoded){.xbits = xbits,
                            .ybits = ybits,
                            .xsigned = xsigned,
                            .ysigned = ysigned,
                            .digits = digits,
                            .y_lo = lowest(ybits, ysigned),
                            .y_hi = highest(ybits, ysigned),
                            .missing_lo = xsigned || digits > 1,
                            .missing_hi = xsigned && digits == 1 && ysigned};
}

static struct recoded recode(int32_t wbits, bool wsigned, int32_t abits, bool asigned)
{
    const bool w_bipolar = wbits == 1 && wsigned, a_bipolar = abits == 1 && asigned;
    const bool swap =
        a_bipolar ||
        (!w_bipolar && cost_of_recoding(abits, asigned, wbits, wsigned) <
                           cost_of_recoding(wbits, wsigned, abits, asigned));
    return swap ? recoded_of(abits, asigned, wbits, wsigned)
                : recoded_of(wbits, wsigned, abits, asigned);
}

/* Extremes of x as its digits 0 .. j give it. */
static int64_t x_lo(const struct recoded *r, int32_t j)
{
    if (j < 0) return 0;
    return j < r->digits - 1 ? -((int64_t)1 << (2 * j + 1))
                             : lowest(r->xbits, r->xsigned);
}

static int64_t x_hi(const struct recoded *r, int32_t j)
{
    if (j < 0) return 0;
    if (j < r->digits - 1) return ((int64_t)1 << (2 * j + 1)) - 1;
    return r->xsigned && r->xbits == 1 ? 1 : highest(r->xbits, r->xsigned);
}

static int64_t product_lo(const struct recoded *r, int32_t j)
{
    const int64_t lo = x_lo(r, j), hi = x_hi(r, j);
    return min4(lo * r->y_lo, lo * r->y_hi, hi * r->y_lo, hi * r->y_hi);
}

static int64_t product_hi(const struct recoded *r, int32_t j)
{
    const int64_t lo = x_lo(r, j), hi = x_hi(r, j);
    return max4(lo * r->y_lo, lo * r->y_hi, hi * r->y_lo, hi * r->y_hi);
}

/* Inputs of one bit of digit j's product: bits of x that make the digit, and one or
 * two bits of y. */
static int32_t n_inputs(const struct recoded *r, int32_t j)
{
    const int32_t low = 2 * j;
    if (r->xbits == 1) return 2;
    if (!r->xsigned && low >= r->xbits) return 2;
    if (!r->xsigned && low + 1 == r->xbits) return 4;
    if (low + 1 >= r->xbits) return 3;
    return j == 0 ? 4 : 5;
}

static void add_row(struct dot_shape *s, int32_t i_row, int32_t inputs, int32_t bits)
{
    if (i_row == 0) {
        s->first_bits += bits;
        return;
    }
    if (inputs <= 3)
        s->narrow_bits += bits;
    else if (inputs == 4)
        s->low_bits += bits;
    else
        s->wide_bits += bits;
    if (i_row == 1 && inputs >= 4) s->second_bits += bits;
}

/* n chains of `terms` products each: row (j, t) has added digit j of term t. */
static void count_chain(const struct recoded *r, int32_t n, int32_t terms,
                        struct dot_shape *out)
{
    for (int32_t j = 0; j < r->digits; j++) {
        const int64_t lo = product_lo(r, j), lo_before = product_lo(r, j - 1);
        const int64_t hi = product_hi(r, j), hi_before = product_hi(r, j - 1);
        for (int32_t t = 0; t < terms; t++) {
            const int32_t todo = terms - 1 - t;
            const int32_t bits =
                bits_of((t + 1) * lo + todo * lo_before - r->missing_lo,
                        (t + 1) * hi + todo * hi_before - r->missing_hi);
            add_row(out, j * terms + t, n_inputs(r, j), n * (bits - 2 * j));
        }
    }
}

/* Node n of the tree adds the next two nodes that nobody has added yet. */
static void count_tree(const struct recoded *r, int32_t SIMD, int32_t group,
                       struct dot_shape *out)
{
    int32_t terms[2 * SIMD_MAX], n = 0;
    const int64_t lo = product_lo(r, r->digits - 1), hi = product_hi(r, r->digits - 1);
    for (int32_t left = SIMD; left > 0; left -= group)
        terms[n++] = left < group ? left : group;
    for (int32_t next = 0; next + 1 < n; next += 2) {
        const int32_t t = terms[next] + terms[next + 1];
        out->tree_bits += bits_of(t * lo - r->missing_lo, t * hi - r->missing_hi);
        terms[n++] = t;
    }
}

struct dot_shape dot_shape_of(int32_t SIMD, int32_t wbits, bool wsigned, int32_t abits,
                              bool asigned)
{
    struct dot_shape s = {.n_chains = 1};
    if (wbits == 1 && abits == 1) return s;
    const struct recoded r = recode(wbits, wsigned, abits, asigned);
    const int32_t group = r.digits >= ROWS_MAX ? 1 : ROWS_MAX / r.digits;
    const int32_t rest = SIMD % group;
    s.n_digits = SIMD * r.digits;
    s.n_chains = SIMD / group + (rest > 0);
    count_chain(&r, SIMD / group, group, &s);
    if (rest > 0) count_chain(&r, 1, rest, &s);
    count_tree(&r, SIMD, group, &s);
    return s;
}

struct dot_shape dot_chain_shape(int32_t terms, int32_t xbits, bool xsigned,
                                 int32_t ybits, bool ysigned)
{
    const struct recoded r = recoded_of(xbits, xsigned, ybits, ysigned);
    struct dot_shape s = {.n_chains = 1, .n_digits = terms * r.digits};
    count_chain(&r, 1, terms, &s);
    return s;
}
