/* qconv.h -- convolutions of integer operands: exact forward, bf16 or fp32 backward.
 *
 * Operands of a quantised layer have at most 8 bits, so that
 *   forward    y = conv(x, w)           u8 x s8 -> s32, exact
 *   data       dx = conv^T(dy, w)       dy rounded to bf16 (or not), w exact in both
 *   weights    dw = sum x * dy          the same, x exact; sums in fp32
 *
 * Layouts, NHWC, sizes in elements:
 *   x   (n, Hp, Wp, Cx) u8 with its border in place: value + zero, zero = 0 for an
 *       unsigned grid, 128 for a signed one.  Image row 0 starts at (top, left).
 *       Cx is C rounded up to 16, but for pixels of fewer channels to 4.
 *   y   (n, P, Q, Kp) s32, Kp is K rounded up to 16; channels beyond K are 0.
 *   dy  (P, Q, Kp) f32, one image.
 *   dx  (H, W, Cg) f32, one image, Cg is C rounded up to 16.
 *   dw  (R * S, Cx, Kp) f32; of a depthwise layer (R * S, 1, Kp).
 * A layer of single pixels without border (1 x 1, stride 1; fully connected) is flat:
 * one row of H * W pixels.
 *
 * Grouped layers run as dense ones whose weights are 0 between groups; what they leave
 * in dw there has no meaning.  Depthwise layers have kernels of their own.
 *
 * Packed weights are private to an instruction set: groups of output channels, each
 * with all taps one after the other, so that one product streams through memory. */
#ifndef NN_QCONV_H
#define NN_QCONV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/status.h"
#include "nn/isa.h"
#include "nn/layer_shape.h"

enum {
    QCONV_LANES = 16,
    QCONV_SLACK = 64, /* bytes after a tensor that a kernel may read          */
    QCONV_SIGNED_ZERO = 128,
};

/* One product of a correlation: offset of its operand from the output's place, and
 * which kernel position it multiplies with. */
struct qconv_tap {
    int32_t offset; /* elements of the padded tensor                          */
    int32_t i;      /* r * S + s                                              */
};

/* Input pixels (row0 + i * stride_h, col0 + j * stride_w): they meet the same kernel
 * positions, at the same offsets in dy. */
struct qconv_phase {
    int32_t row0, col0, n_rows, n_cols;
    int32_t n_taps;
    const struct qconv_tap *taps; /* offsets from padded dy (i, j)            */
};

struct qconv {
    struct layer_shape shape; /* flat layers: H = P = 1                      */
    bool is_flat, is_depthwise;
    int32_t Cx, Cg, Kp;
    int32_t Cw;                  /* of dw: Cx, or 1                            */
    int32_t Hp, Wp, top, left;   /* of x                                       */
    int32_t Hd, Wd, dtop, dleft; /* of dy with a border                      */
    size_t x_image, y_image, dx_image, dy_image; /* elements of one image     */
    size_t dw_size;
    int32_t n_taps;               /* R * S */
    const struct qconv_tap *taps; /* offsets in x                             */
    int32_t n_phases;
    const struct qconv_phase *phases;
};

/* In arena.  map_H, map_W: extent of the input map, which a fully connected layer
 * flattens; pixels: the layer reads the image.  ST_UNSUPPORTED if a sum could exceed 32
 * bits. */
status qconv_plan(const struct layer_shape *shape, int32_t map_H, int32_t map_W,
                  bool pixels, struct arena *a, struct qconv *out, struct err *err);

/* Fills the borders and padded channels of n images of x with `zero`. */
void qconv_clear_input(const struct qconv *c, int32_t n, uint8_t zero, uint8_t *x);

/* The same where the padding of an unsigned grid is border (C). */
void qconv_clear_border(const struct qconv *c, int32_t n, const uint8_t *border,
                        uint8_t *x);

/* Scratch of one thread for the backward passes of up to n images at once. */
struct qconv_scratch {
    void *dy;      /* one image with border                                   */
    void *dy_pack; /* n images as the weights pass reads them                 */
    void *x_pack;
    size_t dy_pack_image, x_pack_image; /* bytes                              */
};

/* One instruction set. */
struct qconv_isa {
    const char *name;
    const struct qconv_isa *depthwise; /* kernels of depthwise layers            */
    size_t forward_bytes; /* per packed weight                                */
    size_t backward_bytes;

    /* wq: (K, R, S, C) grid integers; zero as in x; packed: qconv_packed_bytes. */
    void (*pack_forward)(const struct qconv *c, const float *wq, int32_t zero,
                         void *packed);
    void (*pack_backward)(const struct qconv *c, const float *wq, void *packed);

    /* sums: NULL or (2, Kp), to which the sums of y and y^2 over pixels are added;
     * every image is summed on its own, in single precision. */
    void (*forward)(const struct qconv *c, int32_t n, const uint8_t *x,
                    const void *packed, int32_t *y, double *sums);

    /* Bytes of scratch for n images per call of `weights`. */
    void (*scratch_bytes)(const struct qconv *c, size_t *dy, size_t *dy_pack_image,
                          size_t *x_pack_image);
    /* Puts dy (P, Q, Kp) into the scratch, as image i of a call of `weights`; borders
     * of scratch->dy are zero already. */
    void (*spread)(const struct qconv *c, const float *dy, int32_t i,
                   const struct qconv_scratch *s);
    /* dx (H, W, Cg) from the image spread last. */
    void (*data)(const struct qconv *c, const struct qconv_scratch *s,
                 const void *packed, float *dx);
    /* dw += for the n images that were spread; x: of the first. */
    void (*weights)(const struct qconv *c, int32_t n, const uint8_t *x, int32_t zero,
                    const struct qconv_scratch *s, float *dw);

    /* Do n rounds of products of registers alone, add something of their result to
     * *sink, and return how many operations that was, two per product: what the core
     * can do at most. */
    double (*forward_peak)(int64_t n, float *sink);
    double (*backward_peak)(int64_t n, float *sink);
};

/* The kernels of one layer. */
static inline const struct qconv_isa *qconv_kernels(const struct qconv_isa *isa,
                                                    const struct qconv *c)
{
    return c->is_depthwise ? isa->depthwise : isa;
}

/* NULL for NN_ISA_BLAS, and for what this build has no kernels for. */
const struct qconv_isa *qconv_isa_of(enum nn_isa isa);
/* The plain twin: the same layouts, loops as written above, packed (K, R, S, C). */
extern const struct qconv_isa qconv_ref;

/* gradient (K, R, S, C) = scale * sum over parts of dw, in order; dw (n_parts, dw_size)
 * is used up. */
void qconv_gather(const struct qconv *c, int32_t n_parts, float *dw, float scale,
                  float *gradient);

size_t qconv_forward_bytes(const struct qconv_isa *isa, const struct qconv *c);
size_t qconv_backward_bytes(const struct qconv_isa *isa, const struct qconv *c);

static inline int32_t qconv_round_up(int32_t n, int32_t to)
{
    return (n + to - 1) / to * to;
}

#endif
