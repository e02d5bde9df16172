/* qconv_loops.h -- the loops around the innermost blocks; shared by the instruction
 * sets, which bring the blocks.
 *
 * A correlation block computes px neighbouring outputs of nb * lanes channels in
 * registers; a weights block nc input channels times nb * lanes output channels. */
#ifndef NN_QCONV_LOOPS_H
#define NN_QCONV_LOOPS_H

#include "nn/qconv.h"

/* Arguments of a correlation block: y[p] = start + sum over taps and depth. */
struct qconv_block {
    const unsigned char *x; /* operand of pixel 0 at offset 0                  */
    ptrdiff_t pixel;        /* bytes to the next pixel                         */
    const struct qconv_tap *taps;
    int32_t n_taps, depth;  /* channels to sum over                             */
    const unsigned char *w; /* of the group; kernel position i at i * w_tap    */
    size_t w_tap;           /* bytes                                           */
    unsigned char *y;
    ptrdiff_t y_pixel;    /* bytes */
    const int32_t *start; /* forward: (channels of the group)                  */
    float *sums;          /* forward: (2, QCONV_GROUP_MAX), added to, or NULL  */
};
typedef void (*qconv_block_fn)(const struct qconv_block *b);
enum { QCONV_GROUP_MAX = 64 };

struct qconv_blocks {
    int32_t lanes;         /* channels of one unit of nb                           */
    int32_t group;         /* lanes * largest nb                                   */
    int32_t x_bytes;       /* of one element of the operand                        */
    int32_t w_bytes;       /* of one packed weight                                 */
    const int32_t *max_px; /* (largest nb + 1)                                 */
    qconv_block_fn (*block)(int32_t px, int32_t nb);
};

void qconv_forward_loop(const struct qconv_blocks *b, const struct qconv *c, int32_t n,
                        const uint8_t *x, const void *packed, int32_t *y, double *sums);
void qconv_data_loop(const struct qconv_blocks *b, const struct qconv *c,
                     const void *dy, const void *packed, float *dx);

/* Arguments of a weights block: dw[c][k] += sum over images, rows and steps. */
struct qconv_wblock {
    const unsigned char *x, *dy;
    ptrdiff_t x_step, x_row, x_image;    /* bytes */
    ptrdiff_t dy_step, dy_row, dy_image; /* bytes */
    int32_t n_images, n_rows, n_steps;
    float *dw;
    int32_t dw_row; /* elements from one input channel to the next             */
};
typedef void (*qconv_wblock_fn)(const struct qconv_wblock *b);

/* How the packed operands of the weights pass lie. */
struct qconv_wpack {
    int32_t lanes, bytes;  /* of one element, x and dy alike                    */
    int32_t n_steps;       /* per row: pixels, or pairs of them                 */
    size_t x_row, x_image; /* elements                                         */
    int32_t x_step;        /* elements from step to step                       */
    int32_t (*x_column)(const struct qconv *c, int32_t s); /* offset of column s */
    qconv_wblock_fn (*block)(int32_t nc, int32_t nb);
    const int32_t *max_nc; /* (largest nb + 1), powers of two                  */
    int32_t max_nb;
};
void qconv_weights_loop(const struct qconv_wpack *w, const struct qconv *c, int32_t n,
                        const struct qconv_scratch *s, float *dw);

/* Index into (K, R, S, C / groups); -1 where k or channel is padding, or they are of
 * different groups. */
static inline int64_t qconv_weight_at(const struct qconv *c, int32_t k, int32_t tap,
                                      int32_t channel)
{
    const struct layer_shape *s = &c->shape;
    const int32_t n = s->C / s->groups;
    if (k >= s->K || channel >= s->C) return -1;
    if (s->groups > 1) channel -= layer_shape_channel(s, k, 0);
    if (channel < 0 || channel >= n) return -1;
    return ((int64_t)k * c->n_taps + tap) * n + channel;
}
/* start[k] = -zero * sum of w[k] (Kp): takes the zero point out again. */
void qconv_start(const struct qconv *c, const float *wq, int32_t zero, int32_t *start);
/* `spread` of gradients that stay floats. */
void qconv_spread_floats(const struct qconv *c, const float *dy, int32_t i,
                         const struct qconv_scratch *s);

#endif
