/* bits.c -- lists of bit widths on the command line, as masks. */
#include "search/bits.h"

static int digit(const char **p)
{
    const int d = **p >= '1' && **p <= '8' ? **p - '0' : 0;
    if (d) ++*p;
    return d;
}

status bits_parse(const char *option, const char *text, uint32_t *mask, struct err *err)
{
    const char *p = text;
    *mask = 0;
    for (;;) {
        const int from = digit(&p);
        int to = from;
        if (*p == '-') {
            p++;
            to = digit(&p);
        }
        if (from == 0 || to < from) break;
        for (int b = from; b <= to; b++)
            *mask |= 1u << b;
        if (*p == '\0') return ST_OK;
        if (*p++ != ',') break;
    }
    return err_set(err, ST_USAGE, "%s %s: expected bits in 1..8 such as 2,3,4 or 1-6",
                   option, text);
}

int mask_count(uint32_t mask)
{
    int n = 0;
    for (; mask; mask &= mask - 1)
        n++;
    return n;
}

int mask_lowest(uint32_t mask)
{
    int b = 0;
    while (!(mask & 1u << b))
        b++;
    return b;
}

int mask_highest(uint32_t mask)
{
    int b = 31;
    while (!(mask & 1u << b))
        b--;
    return b;
}
