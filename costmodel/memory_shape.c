/* memory_shape.c -- see memory_shape.h.
 *
 * xc7, LUT RAM: a bank of 64 words is RAM64M (4 LUTs for 3 bits), one of 32 is RAM32M
 * (4 LUTs for 6 bits).  LUTs decode the write, and a multiplexer reads.
 * xc7, block RAM: RAMB18 is 512 x 36, 1024 x 18, 2048 x 9, 4096 x 4, 8192 x 2,
 * 16384 x 1; a RAMB36 is two, and 9 bits wide at 4096 words.
 * ice40: SB_RAM40 is 256 x 16, 512 x 8, 1024 x 4, 2048 x 2; deeper memories are banks
 * of 2048 with a multiplexer and a register for the bank. */
#include "costmodel/memory_shape.h"

#include "costmodel/ceil_log2.h"

static int64_t ceil_div(int64_t a, int64_t b) { return (a + b - 1) / b; }

static int64_t smaller(int64_t a, int64_t b) { return a < b ? a : b; }

double multiplexer_luts(int64_t n, enum rtl_target target)
{
    static const double xc7[] = {0,   0,   1, 1,   1,   2, 2, 3,  3,
                                 3.1, 4.5, 4, 4.9, 4.7, 5, 5, 5.3};
    static const double ice40[] = {0, 0,   1,   2, 2,  3,  4,    5,   5,
                                   7, 7.8, 8.2, 9, 10, 11, 11.5, 11.7};
    if (n <= 16) return target == RTL_XC7 ? xc7[n] : ice40[n];
    return (target == RTL_XC7 ? 0.42 : 0.75) * (double)n;
}

/* LUTs that decode the write and multiplex the read of n banks: per bit of the word,
 * and once.  Beyond 16 banks their trend. */
static int64_t bank_luts(int64_t width, int64_t n)
{
    static const struct {
        int64_t per_bit, once;
    } seen[] = {{0, 0},  {0, 0},  {1, 2},  {1, 3},  {1, 4},  {2, 7},
                {2, 10}, {3, 12}, {3, 14}, {3, 9},  {4, 10}, {4, 11},
                {5, 12}, {5, 22}, {5, 24}, {5, 15}, {5, 27}};
    if (n <= 16) return width * seen[n].per_bit + seen[n].once;
    return width * n * 3 / 8 + 2 * n;
}

static struct memory_shape lut_ram(int64_t width, int64_t depth)
{
    const int64_t banks = ceil_div(depth, 64);
    const int64_t last = depth - 64 * (banks - 1);
    struct memory_shape s = {.ff = width};
    s.lut_ram = 4 * (banks - 1) * ceil_div(width, 3) +
                4 * (last <= 32 ? ceil_div(width, 6) : ceil_div(width, 3));
    s.lut_read = bank_luts(width, banks);
    return s;
}

/* Bits that one RAMB18 and one RAMB36 (two RAMB18) are wide at that many words. */
static struct memory_shape xc7_block(int64_t width, int64_t words)
{
    struct memory_shape s = {.ff = 0};
    if (words > 16384) /* one bit wide each; what joins several is not counted */
        s.bram18 = width * ceil_div(words, 16384);
    else if (words > 4096)
        s.bram18 = ceil_div(width, 16384 / words);
    else if (words > 2048)
        s.bram18 = smaller(ceil_div(width, 4), 2 * ceil_div(width, 9));
    else
        s.bram18 = ceil_div(width, words <= 512 ? 36 : words <= 1024 ? 18 : 9);
    return s;
}

/* The registers of a read address's bank, and its multiplexer, for banks of 2048. */
static struct memory_shape ice40_banks(int64_t width, int64_t words)
{
    const int64_t banks = words / 2048;
    struct memory_shape s = {.bram18 = ceil_div(width * banks, 2)};
    for (int64_t n = banks; n > 1; n /= 2)
        s.ff++;
    s.lut_read = width * (2 * banks / 3) + banks;     /* 4-to-1 in two LUT4 */
    if (width % 2 == 1) s.lut_read += 19 * banks / 2; /* half a block, masked */
    return s;
}

static struct memory_shape ice40_block(int64_t width, int64_t words)
{
    struct memory_shape s = {.ff = 0};
    if (words > 2048) return ice40_banks(width, words);
    if (words <= 256 && width > 8) {
        s.bram18 = ceil_div(width, 16);
        s.lut_read = 1; /* the write mask, inverted */
        return s;
    }
    s.bram18 = ceil_div(width, words <= 512 ? 8 : words <= 1024 ? 4 : 2);
    return s;
}

struct memory_shape memory_shape_of(int64_t width_bits, int64_t depth,
                                    enum memory_style style, enum rtl_target target)
{
    if (depth == 1) return (struct memory_shape){.ff = width_bits};
    const int64_t words = (int64_t)1 << ceil_log2(depth);
    if (target == RTL_ICE40) return ice40_block(width_bits, words);
    if (style != MEMORY_BLOCK) return lut_ram(width_bits, depth);
    if (depth <= 4096) return xc7_block(width_bits, words);
    /* Columns of 4 bits; the last one may be narrower. */
    struct memory_shape s = xc7_block(4, words);
    s.bram18 *= width_bits / 4;
    if (width_bits % 4 > 0) s.bram18 += xc7_block(width_bits % 4, words).bram18;
    return s;
}
