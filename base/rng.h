/* rng.h -- xoshiro256** (Blackman and Vigna, 2018), seeded by splitmix64.
 *
 * Plain data: a checkpoint may store it as four integers. */
#ifndef BASE_RNG_H
#define BASE_RNG_H

#include <stdint.h>

struct rng {
    uint64_t s[4];
};

/* Stream `stream` of `seed`: different streams are independent for our uses. */
struct rng rng_seed(uint64_t seed, uint64_t stream);
uint64_t rng_u64(struct rng *r);
uint64_t rng_below(struct rng *r, uint64_t n); /* uniform in [0, n), n >= 1    */
double rng_unit(struct rng *r);                /* uniform in [0, 1)            */
double rng_normal(struct rng *r);              /* mean 0, variance 1           */
void rng_shuffle(struct rng *r, uint32_t *v, uint32_t n); /* Fisher-Yates      */

#endif
