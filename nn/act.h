/* act.h -- what happens to activations between two integer convolutions, and back.
 *
 * A tensor of codes holds grid integers as bytes, value + zero (0 or 128, as in
 * nn/qconv.h).  y (pixels, C) s32 are accumulators, C a multiple of 16; a map makes
 * u = y * scale[c] + offset[c] of them, in units of the grid's step: batch norm, ReLU,
 * clip and quantiser are one pass, forward and backward.  Rounding, the
 * straight-through estimator and the gradients of steps are those of nn/lsq_kernel.h.
 */
#ifndef NN_ACT_H
#define NN_ACT_H

#include <stdbool.h>
#include <stdint.h>

#include "nn/isa.h"

/* A quantised grid of at most 8 bits. */
struct act_grid {
    bool is_bipolar;
    float lo, hi; /* in units of the step                                      */
    float zero;   /* what a stored byte has added                              */
};

struct act_map {
    const float *scale, *offset; /* (C) */
    struct act_grid grid;
};

/* A grid whose score is wanted: u of the path times ratio is u of this grid. */
struct act_candidate {
    float ratio, lo, hi;
    bool is_bipolar, is_real;
};
enum { ACT_MAX_CANDIDATES = 9 };

/* Factors of batch norm's backward pass: dy = k0 * g + k1 * (y - mean) + k2, (C). */
struct act_norm {
    const float *mean, *k0, *k1, *k2;
};

struct act_isa {
    /* q = code of u. */
    void (*quantise)(const struct act_map *m, int64_t pixels, int32_t C,
                     const int32_t *y, uint8_t *q);
    /* sum = clip(q(u) + other) on `to`, the residual sum in the same pass. */
    void (*quantise_add)(const struct act_map *m, int64_t pixels, int32_t C,
                         const int32_t *y, const uint8_t *other, float other_zero,
                         const struct act_grid *to, uint8_t *sum);
    /* q = code of (code - zero) * uniform. */
    void (*requantise)(const struct act_grid *to, float uniform, int64_t n,
                       const uint8_t *code, float zero, uint8_t *q);
    void (*quantise_floats)(const struct act_grid *to, float uniform, int64_t n,
                            const float *x, uint8_t *q);
    /* sum = clip(a + b). */
    void (*add)(const struct act_grid *to, int64_t n, const uint8_t *a, float a_zero,
                const uint8_t *b, float b_zero, uint8_t *sum);
    /* sum (C) of codes over pixels. */
    void (*pool)(int32_t pixels, int32_t C, const uint8_t *code, float zero,
                 float *sum);

    /* g = G inside the grid, else 0 (m NULL: G).  Adds the sums of g and g * (y - mean)
     * to sums (2, C); returns sum of G * dvalue/dstep. */
    double (*back_sums)(const struct act_map *m, int64_t pixels, int32_t C,
                        const int32_t *y, const float *G, const float *mean,
                        float *sums);
    /* dy of the same g. */
    void (*back_norm)(const struct act_map *m, int64_t pixels, int32_t C,
                      const int32_t *y, const float *G, const struct act_norm *norm,
                      float *dy);
    /* Gradient of requantise: g = or += G inside `to`; returns the step's gradient. */
    double (*back_requantise)(const struct act_grid *to, float uniform, int64_t n,
                              const uint8_t *code, float zero, const float *G, bool add,
                              float *g);
    /* In place: G inside the clip of a residual sum, else 0; returns the step's. */
    double (*back_add)(const struct act_grid *grid, int64_t n, const uint8_t *code,
                       float *G);

    /* scores[i] += sum of G * grid integer of candidate i. */
    void (*score)(const struct act_map *m, int64_t pixels, int32_t C, const int32_t *y,
                  const float *G, int32_t n_candidates,
                  const struct act_candidate *candidates, double *scores);
    void (*score_codes)(float uniform, int64_t n, const uint8_t *code, float zero,
                        const float *G, int32_t n_candidates,
                        const struct act_candidate *candidates, double *scores);
};

/* NULL for NN_ISA_BLAS. */
const struct act_isa *act_isa_of(enum nn_isa isa);
/* The plain twin: the same source, compiled for any CPU. */
extern const struct act_isa act_ref;

#endif
