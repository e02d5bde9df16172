/* rng.c -- see rng.h.
 *
 * Sources: D. Blackman, S. Vigna, "Scrambled linear pseudorandom number
 * generators", 2018 (xoshiro256**); G. Steele et al., "Fast splittable
 * pseudorandom number generators", 2014 (splitmix64); D. Lemire, "Fast random
 * integer generation in an interval", 2019. */
#include "base/rng.h"

#include <math.h>

static uint64_t splitmix(uint64_t *x)
{
    uint64_t z = (*x += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

struct rng rng_seed(uint64_t seed, uint64_t stream)
{
    /* The stream number is scrambled first: seed + 1 must not be stream + 1. */
    uint64_t x = seed, y = stream ^ 0xd1b54a32d192ed03u;
    x ^= splitmix(&y);
    struct rng r;
    for (int i = 0; i < 4; i++)
        r.s[i] = splitmix(&x);
    return r;
}

static uint64_t rotl(uint64_t x, int k) { return (x << k) | (x >> (64 - k)); }

uint64_t rng_u64(struct rng *r)
{
    uint64_t *s = r->s;
    const uint64_t out = rotl(s[1] * 5, 7) * 9, t = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotl(s[3], 45);
    return out;
}

uint64_t rng_below(struct rng *r, uint64_t n)
{
    /* Rejecting the first 2^64 mod n values leaves a multiple of n. */
    const uint64_t reject = (0 - n) % n;
    uint64_t x;
    do
        x = rng_u64(r);
    while (x < reject);
    return x % n;
}

double rng_unit(struct rng *r) { return (double)(rng_u64(r) >> 11) * 0x1p-53; }

double rng_normal(struct rng *r)
{
    /* Box-Muller; the second value is dropped so that the state stays 4 words. */
    const double two_pi = 6.283185307179586;
    const double u = 1.0 - rng_unit(r), v = rng_unit(r);
    return sqrt(-2.0 * log(u)) * cos(two_pi * v);
}

void rng_shuffle(struct rng *r, uint32_t *v, uint32_t n)
{
    for (uint32_t i = n; i > 1; i--) {
        const uint32_t j = (uint32_t)rng_below(r, i), t = v[i - 1];
        v[i - 1] = v[j];
        v[j] = t;
    }
}
