/* random_shape.h -- convolutions of all kinds for tests that compare kernels: borders,
 * strides, odd sizes, groups, depthwise. */
#ifndef TESTS_RANDOM_SHAPE_H
#define TESTS_RANDOM_SHAPE_H

#include "base/rng.h"
#include "nn/layer_shape.h"

static inline int32_t between(struct rng *r, int32_t lo, int32_t hi)
{
    return lo + (int32_t)rng_below(r, (uint64_t)(hi - lo + 1));
}

/* Two in five have groups, half of them as many as channels. */
static inline void random_groups(struct rng *r, struct layer_shape *s)
{
    s->groups = 1;
    if (rng_below(r, 5) > 1) return;
    if (rng_below(r, 2)) {
        s->groups = s->K = s->C;
        return;
    }
    s->groups = between(r, 2, 5);
    s->C = s->groups * ((s->C + s->groups - 1) / s->groups);
    s->K = s->groups * ((s->K + s->groups - 1) / s->groups);
}

/* wide: rows and numbers of channels beyond what one block of a kernel takes. */
static inline struct layer_shape random_shape(struct rng *r, bool wide)
{
    struct layer_shape s = {.name = "random"};
    s.R = between(r, 1, rng_below(r, 4) ? 4 : 6);
    s.S = between(r, 1, 5);
    if (rng_below(r, 3) == 0) s.R = s.S = 3;
    s.stride_h = between(r, 1, 3);
    s.stride_w = between(r, 1, 3);
    s.pad_top = between(r, 0, 2);
    s.pad_left = between(r, 0, 2);
    s.pad_bottom = between(r, 0, 2);
    s.pad_right = between(r, 0, 2);
    s.H = between(r, s.R, 9);
    s.W = between(r, s.S, wide && rng_below(r, 4) == 0 ? 40 : 12);
    s.C = between(r, 1, wide && rng_below(r, 3) == 0 ? 70 : 20);
    s.K = between(r, 1, wide && rng_below(r, 3) == 0 ? 140 : 20);
    random_groups(r, &s);
    s.P = (s.H + s.pad_top + s.pad_bottom - s.R) / s.stride_h + 1;
    s.Q = (s.W + s.pad_left + s.pad_right - s.S) / s.stride_w + 1;
    return s;
}

#endif
