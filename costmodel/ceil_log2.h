/* ceil_log2.h -- bits of a counter of n values. */
#ifndef COSTMODEL_CEIL_LOG2_H
#define COSTMODEL_CEIL_LOG2_H

#include <stdint.h>

/* Smallest k with 2^k >= n; 0 for n <= 1.  By halving: it is on the path of every
 * layer's cost. */
static inline int32_t ceil_log2(int64_t n)
{
    uint32_t m = n > 1 ? (uint32_t)(n - 1) : 0; /* n <= 2^32 */
    int32_t k = 0;
    for (int32_t half = 16; half > 0; half /= 2)
        if (m >> half) {
            m >>= half;
            k += half;
        }
    return k + (m > 0);
}

#endif
