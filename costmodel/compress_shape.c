/* compress_shape.c -- see compress_shape.h.
 *
 * Yosys collects the bits of every column, takes one of each column for a word until
 * none is left, and adds three words to two until two are left.  Every such addition
 * has a free place in its carry word's lowest bit, so a bit of weight 1 that comes when
 * there are more words than two waits for a place, and one of weight 2 takes two.  A
 * word is a pair of masks, by column: bits that are not constant, and constant ones. */
#include "costmodel/compress_shape.h"

enum { SIMD_MAX = 64, WORDS_MAX = 2 * SIMD_MAX + 2, BITS_MAX = 32 };

struct word {
    uint64_t live, ones; /* disjoint */
};

/* Bits that no word has yet, by column; ones go before the others. */
struct columns {
    int32_t n_live[BITS_MAX], n_ones[BITS_MAX], bits;
};

struct summands {
    int32_t n, n_waiting;
    struct word words[WORDS_MAX], waiting[WORDS_MAX]; /* waiting: lowest bits */
};

static bool is_empty(const struct columns *c, int32_t i)
{
    return c->n_live[i] + c->n_ones[i] == 0;
}

/* Takes a bit from column i; it stands in column `at` of the result. */
static struct word take(struct columns *c, int32_t i, int32_t at)
{
    const uint64_t mask = UINT64_C(1) << at;
    if (c->n_ones[i] > 0) {
        c->n_ones[i]--;
        return (struct word){0, mask};
    }
    c->n_live[i]--;
    return (struct word){mask, 0};
}

static void add_waiting(struct columns *c, struct summands *s)
{
    int32_t places = (s->n > 2 ? s->n - 2 : 0) - s->n_waiting;
    for (int32_t i = 0; i < c->bits && 1 << i <= places; i++)
        while (!is_empty(c, i) && 1 << i <= places) {
            const struct word bit = take(c, i, 0);
            for (int32_t k = 0; k < 1 << i; k++)
                s->waiting[s->n_waiting++] = bit;
            places -= 1 << i;
        }
}

/* One word of a bit of each column; false: there is none. */
static bool add_word(struct columns *c, struct summands *s)
{
    struct word w = {0, 0};
    for (int32_t i = 0; i < c->bits; i++) {
        if (is_empty(c, i)) continue;
        const struct word bit = take(c, i, i);
        w.live |= bit.live;
        w.ones |= bit.ones;
    }
    if ((w.live | w.ones) == 0) return false;
    s->words[s->n++] = w;
    add_waiting(c, s);
    return true;
}

static int32_t count(uint64_t mask) { return __builtin_popcountll(mask); }

/* Three words to two; adders of constants and of one bit are none. */
static void add_three(const struct word *x, uint64_t mask, struct word *sum,
                      struct word *carry, struct compress_shape *out)
{
    const uint64_t a = x[0].live, b = x[1].live, c = x[2].live;
    const uint64_t p = x[0].ones, q = x[1].ones, r = x[2].ones;
    const uint64_t three = a & b & c;
    const uint64_t two = ((a & b) | (a & c) | (b & c)) & ~three;
    const uint64_t live = a | b | c;
    const uint64_t one = live & ~two & ~three;
    const uint64_t some = p | q | r, both = (p & q) | (p & r) | (q & r);
    out->full += count(three & mask);
    out->half += count(two & mask);
    *sum = (struct word){live & mask, (p ^ q ^ r) & ~live & mask};
    *carry = (struct word){(three | two | (one & some & ~both)) << 1 & mask,
                           both << 1 & mask};
}

static void compress(struct summands *s, uint64_t mask, struct compress_shape *out)
{
    while (s->n > 2) {
        int32_t n = 0;
        for (int32_t i = 0; i < s->n;) {
            if (s->n - i < 3) {
                s->words[n++] = s->words[i++];
                continue;
            }
            struct word sum, carry;
            add_three(&s->words[i], mask, &sum, &carry, out);
            if (s->n_waiting > 0) {
                const struct word bit = s->waiting[--s->n_waiting];
                carry.live |= bit.live;
                carry.ones |= bit.ones;
            }
            s->words[n++] = sum;
            s->words[n++] = carry;
            i += 3;
        }
        s->n = n;
    }
}

/* Products that count upward, and, of one bipolar operand and one that is not, as many
 * that count downward: their complements, extended by ones, and 1. */
static void fill_columns(int32_t SIMD, bool wsigned, bool asigned, struct columns *c)
{
    const bool mixed = wsigned != asigned;
    uint64_t constant = 0;
    if (wsigned && asigned) constant = 0 - (uint64_t)(SIMD + 1) / 2;
    if (mixed) constant = (uint64_t)SIMD;
    for (int32_t i = 0; i < c->bits; i++) {
        c->n_ones[i] = (int32_t)(constant >> i & 1) + (mixed && i > 0 ? SIMD : 0);
        c->n_live[i] = i == 0 ? SIMD * (mixed ? 2 : 1) : 0;
    }
}

struct compress_shape compress_shape_of(int32_t SIMD, bool wsigned, bool asigned,
                                        int32_t bits)
{
    struct compress_shape out = {0, 0, 0};
    /* Bipolar pairs are counted in twos. */
    struct columns c = {.bits = bits - (wsigned && asigned && bits > 1)};
    struct summands s = {.n = 0, .n_waiting = 0};
    const uint64_t mask = (UINT64_C(1) << c.bits) - 1;
    fill_columns(SIMD, wsigned, asigned, &c);
    while (add_word(&c, &s))
        ;
    compress(&s, mask, &out);
    if (s.n == 2) out.last = count(s.words[0].live & s.words[1].live);
    return out;
}
