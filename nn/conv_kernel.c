/* conv_kernel.c -- tiled im2col / col2im around OpenBLAS's sgemm.
 *
 * In NHWC one kernel row (r; all s, c) of an unfolded vector is contiguous in the
 * image, so im2col copies and col2im adds runs of S * C floats, cut at the border. */
#include "nn/conv_kernel.h"

#include <cblas.h>
#include <string.h>

#include "nn/conv_group.h"
#include "nn/vector.h"

/* Half of a 1 MiB second-level cache for the unfolded tile(s) of one call. */
enum { TILE_FLOATS = 64 * 1024 };

static int64_t tile_rows(const struct layer_shape *s)
{
    const int64_t row = (int64_t)s->Q * layer_shape_MW(s);
    return row >= TILE_FLOATS ? 1 : TILE_FLOATS / row;
}

size_t nn_conv_workspace(const struct layer_shape *s)
{
    if (s->groups > 1) return nn_group_workspace(s);
    return 2 * (size_t)(tile_rows(s) * s->Q) * (size_t)layer_shape_MW(s);
}

/* The part of one kernel row that lies inside the image. */
struct run {
    int32_t iy;    /* input row, or outside [0, H)                            */
    int32_t s0, n; /* first kernel column inside, number of columns           */
    int64_t at;    /* offset of the first in x of this image                  */
};

static struct run run_of(const struct layer_shape *s, int32_t p, int32_t q, int32_t r)
{
    const int32_t iy = p * s->stride_h - s->pad_top + r;
    const int32_t ix = q * s->stride_w - s->pad_left;
    struct run run = {iy, ix < 0 ? -ix : 0, 0, 0};
    const int32_t end = ix + s->S > s->W ? s->W - ix : s->S;
    if (iy >= 0 && iy < s->H && end > run.s0) run.n = end - run.s0;
    run.at = ((int64_t)iy * s->W + ix + run.s0) * s->C;
    return run;
}

/* Unfolds output rows [row0, row1), row = image * P + p, into col. */
static void im2col(const struct layer_shape *s, const float *x, int64_t row0,
                   int64_t row1, float *col)
{
    const int64_t image = (int64_t)s->H * s->W * s->C, width = (int64_t)s->S * s->C;
    for (int64_t row = row0; row < row1; row++) {
        const float *from = x + row / s->P * image;
        for (int32_t q = 0; q < s->Q; q++)
            for (int32_t r = 0; r < s->R; r++, col += width) {
                const struct run run = run_of(s, (int32_t)(row % s->P), q, r);
                if (run.n == s->S) {
                    memcpy(col, from + run.at, sizeof *col * (size_t)width);
                    continue;
                }
                memset(col, 0, sizeof *col * (size_t)width);
                if (run.n > 0)
                    memcpy(col + (int64_t)run.s0 * s->C, from + run.at,
                           sizeof *col * (size_t)run.n * (size_t)s->C);
            }
    }
}

/* Adds the unfolded gradient of output rows [row0, row1) to dx. */
NN_VECTOR static void col2im(const struct layer_shape *s, const float *col,
                             int64_t row0, int64_t row1, float *dx)
{
    const int64_t image = (int64_t)s->H * s->W * s->C, width = (int64_t)s->S * s->C;
    for (int64_t row = row0; row < row1; row++) {
        float *base = dx + row / s->P * image;
        for (int32_t q = 0; q < s->Q; q++)
            for (int32_t r = 0; r < s->R; r++, col += width) {
                const struct run run = run_of(s, (int32_t)(row % s->P), q, r);
                if (run.n <= 0) continue;
                const float *restrict from = col + (int64_t)run.s0 * s->C;
                float *restrict to = base + run.at;
                const int64_t n = (int64_t)run.n * s->C;
                for (int64_t i = 0; i < n; i++)
                    to[i] += from[i];
            }
    }
}

void nn_conv_forward(const struct layer_shape *s, int32_t n, const float *x,
                     const float *w, float *y, float *workspace)
{
    const int32_t MW = layer_shape_MW(s);
    const int64_t step = tile_rows(s), rows = (int64_t)n * s->P;
    if (s->groups > 1) {
        nn_group_forward(s, n, x, w, y, workspace);
        return;
    }
    for (int64_t row = 0; row < rows; row += step) {
        const int64_t end = row + step < rows ? row + step : rows;
        const float *col = workspace;
        if (layer_shape_is_pointwise(s))
            col = x + row * s->Q * MW;
        else
            im2col(s, x, row, end, workspace);
        cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, (int)((end - row) * s->Q),
                    s->K, MW, 1, col, MW, w, MW, 0, y + row * s->Q * s->K, s->K);
    }
}

void nn_conv_backward(const struct layer_shape *s, int32_t n, const float *x,
                      const float *w, const float *dy, float *dw, float *dx,
                      float *workspace)
{
    const int32_t MW = layer_shape_MW(s), K = s->K;
    const int64_t step = tile_rows(s), rows = (int64_t)n * s->P;
    if (s->groups > 1) {
        nn_group_backward(s, n, x, w, dy, dw, dx, workspace);
        return;
    }
    float *dcol = workspace + step * s->Q * MW;
    if (dx) memset(dx, 0, sizeof *dx * (size_t)n * (size_t)(s->H * s->W * s->C));
    for (int64_t row = 0; row < rows; row += step) {
        const int64_t end = row + step < rows ? row + step : rows;
        const int pixels = (int)((end - row) * s->Q);
        const float *g = dy + row * s->Q * K;
        const float *col = workspace;
        if (layer_shape_is_pointwise(s))
            col = x + row * s->Q * MW;
        else
            im2col(s, x, row, end, workspace);
        cblas_sgemm(CblasRowMajor, CblasTrans, CblasNoTrans, K, MW, pixels, 1, g, K,
                    col, MW, row == 0 ? 0 : 1, dw, MW);
        if (!dx) continue;
        float *to = layer_shape_is_pointwise(s) ? dx + row * s->Q * MW : dcol;
        cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, pixels, MW, K, 1, g, K,
                    w, MW, 0, to, MW);
        if (to == dcol) col2im(s, dcol, row, end, dx);
    }
}
