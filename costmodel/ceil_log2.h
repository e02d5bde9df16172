/* ceil_log2.h -- bits of a counter of n values. */
#ifndef COSTMODEL_CEIL_LOG2_H
#define COSTMODEL_CEIL_LOG2_H

#include <stdint.h>

/* Smallest k with 2^k >= n; 0 for n <= 1.  One instruction of most CPUs: it is on the
 * path of every layer's cost. */
static inline int32_t ceil_log2(int64_t n)
{
    return n > 1 ? 64 - __builtin_clzll((unsigned long long)n - 1) : 0;
}

#endif
