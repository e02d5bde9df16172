/* vector.h -- how loops over tensors are compiled for the CPU at hand.
 *
 * NN_VECTOR compiles a function for three levels of x86-64 and picks one at load
 * time.  Results do not depend on the level: strict ISO C has no contraction of
 * products and sums, and sums run over NN_LANES fixed lanes. */
#ifndef NN_VECTOR_H
#define NN_VECTOR_H

enum { NN_LANES = 16 };

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#define NN_VECTOR \
    __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define NN_VECTOR
#endif
/* Bodies shared by the full block of lanes and the last, narrower one. */
#define NN_INLINE static inline __attribute__((always_inline))

#endif
