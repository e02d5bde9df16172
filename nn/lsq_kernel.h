/* lsq_kernel.h -- quantisers with a learned step (LSQ, Esser et al. 2020) over tensors.
 *
 * A quantiser sees u = x / step and gives the grid integer q(u); its value is step * q.
 *   linear   q = clip(round(u), lo, hi), halves up
 *   bipolar  q = u >= 0 ? 1 : -1            (1-bit signed operands)
 *   real     q = clip(u, lo, hi)            (not quantised; lo = 0 is a ReLU)
 * Backward (straight-through estimator): u is inside if lo < u < hi (bipolar:
 * -2 < u < 2, half a spacing beyond the outer levels);
 *   dvalue/dx = inside ? 1 : 0,   dvalue/dstep = inside ? q - u : q
 * and for a real grid dvalue/dstep = 0.
 *
 * Tensors are (rows, C), C fastest; u = uniform * (x * scale[c] + offset[c]), so that
 * batch norm or a change of step happens in the same pass, as in the hardware. */
#ifndef NN_LSQ_KERNEL_H
#define NN_LSQ_KERNEL_H

#include <stdbool.h>
#include <stdint.h>

enum nn_grid_kind { NN_GRID_REAL, NN_GRID_LINEAR, NN_GRID_BIPOLAR };

struct nn_grid {
    enum nn_grid_kind kind;
    float step;   /* real value of grid integer 1; 1 for a real grid          */
    float lo, hi; /* in units of the step                                     */
};
/* Grid of `bits` bits as in nn/quant.h. */
struct nn_grid nn_grid_of(int bits, bool is_signed, float step);
/* Not quantised; clipped at 0 if relu. */
struct nn_grid nn_grid_real(bool relu);

/* How u is made of a stored tensor. */
struct nn_lsq_map {
    int64_t rows;
    int32_t C;
    const float *scale, *offset; /* (C), or both NULL: 1 and 0                */
    float uniform;               /* for all channels                          */
    struct nn_grid grid;
};

/* q: (rows, C) grid integers. */
void nn_lsq_forward(const struct nn_lsq_map *m, const float *x, float *q);
/* G: gradient of the loss in the quantiser's value; g: gradient in its real input,
 * written, or added to if `add`.  g may be G.  Returns sum G * dvalue/dstep. */
double nn_lsq_backward(const struct nn_lsq_map *m, const float *x, const float *G,
                       float *g, bool add);
/* First-order score of another grid of the same tensor: sum G * value(x), where
 * m->grid is the candidate and u is in units of its step. */
double nn_lsq_score(const struct nn_lsq_map *m, const float *x, const float *G);
/* Grid integers of n weights: nearest to w / step, equal to quant_round. */
void nn_lsq_weights(const struct nn_grid *grid, int64_t n, const float *w, float *q);

/* Step of least squared error for n values, by search over 80 steps up to the one
 * that reaches the largest magnitude.  Returns a positive step, also for all zeros. */
float nn_lsq_best_step(const float *x, int64_t n, int bits, bool is_signed);
/* Squared error of n values on a grid. */
double nn_lsq_error(const float *x, int64_t n, const struct nn_grid *grid);

#endif
