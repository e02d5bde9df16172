/* kernel_ref.c -- see kernel_ref.h. */
#include "nn/kernel_ref.h"

#include <math.h>
#include <string.h>

/* Calls for every product of a convolution would be slow; index arithmetic is not. */
static int64_t x_index(const struct layer_shape *s, int32_t n, int32_t iy, int32_t ix,
                       int32_t c)
{
    return (((int64_t)n * s->H + iy) * s->W + ix) * s->C + c;
}

/* c: of the group */
static int64_t w_index(const struct layer_shape *s, int32_t k, int32_t r, int32_t q,
                       int32_t c)
{
    return (((int64_t)k * s->R + r) * s->S + q) * (s->C / s->groups) + c;
}

/* dy NULL: forward, y += x * w.  Otherwise dw += x * dy, dx += w * dy. */
static void one_output(const struct layer_shape *s, int32_t n, int32_t p, int32_t q,
                       int32_t k, const double *x, const double *w, double *y,
                       const double *dy, double *dw, double *dx)
{
    const int64_t at = (((int64_t)n * s->P + p) * s->Q + q) * s->K + k;
    const int32_t c0 = layer_shape_channel(s, k, 0);
    for (int32_t r = 0; r < s->R; r++)
        for (int32_t t = 0; t < s->S; t++) {
            const int32_t iy = p * s->stride_h - s->pad_top + r;
            const int32_t ix = q * s->stride_w - s->pad_left + t;
            if (iy < 0 || iy >= s->H || ix < 0 || ix >= s->W) continue;
            for (int32_t c = 0; c < s->C / s->groups; c++) {
                const int64_t i = x_index(s, n, iy, ix, c0 + c);
                const int64_t j = w_index(s, k, r, t, c);
                if (!dy) {
                    y[at] += x[i] * w[j];
                    continue;
                }
                dw[j] += x[i] * dy[at];
                dx[i] += w[j] * dy[at];
            }
        }
}

static void all_outputs(const struct layer_shape *s, int32_t n, const double *x,
                        const double *w, double *y, const double *dy, double *dw,
                        double *dx)
{
    for (int32_t i = 0; i < n; i++)
        for (int32_t p = 0; p < s->P; p++)
            for (int32_t q = 0; q < s->Q; q++)
                for (int32_t k = 0; k < s->K; k++)
                    one_output(s, i, p, q, k, x, w, y, dy, dw, dx);
}

void nn_conv_forward_ref(const struct layer_shape *s, int32_t n, const double *x,
                         const double *w, double *y)
{
    memset(y, 0, sizeof *y * (size_t)n * (size_t)s->P * (size_t)s->Q * (size_t)s->K);
    all_outputs(s, n, x, w, y, NULL, NULL, NULL);
}

void nn_conv_backward_ref(const struct layer_shape *s, int32_t n, const double *x,
                          const double *w, const double *dy, double *dw, double *dx)
{
    memset(dw, 0, sizeof *dw * (size_t)layer_shape_weights(s));
    memset(dx, 0, sizeof *dx * (size_t)n * (size_t)s->H * (size_t)s->W * (size_t)s->C);
    all_outputs(s, n, x, w, NULL, dy, dw, dx);
}

double nn_grid_ref(const struct nn_grid *g, double u)
{
    if (g->kind == NN_GRID_BIPOLAR) return u >= 0 ? 1 : -1;
    const double v = fmin(fmax(u, (double)g->lo), (double)g->hi);
    return g->kind == NN_GRID_LINEAR ? floor(v + 0.5) : v;
}

bool nn_inside_ref(const struct nn_grid *g, double u)
{
    if (g->kind == NN_GRID_BIPOLAR) return u > -2 && u < 2;
    return u > (double)g->lo && u < (double)g->hi;
}

void nn_bn_forward_ref(const double *y, int64_t rows, int32_t C, const double *gamma,
                       const double *beta, double eps, double *z)
{
    for (int32_t c = 0; c < C; c++) {
        double mean = 0, var = 0;
        for (int64_t r = 0; r < rows; r++)
            mean += y[r * C + c] / (double)rows;
        for (int64_t r = 0; r < rows; r++)
            var += (y[r * C + c] - mean) * (y[r * C + c] - mean) / (double)rows;
        for (int64_t r = 0; r < rows; r++)
            z[r * C + c] = gamma[c] * (y[r * C + c] - mean) / sqrt(var + eps) + beta[c];
    }
}

double nn_loss_ref(const double *logits, int32_t n, int32_t K, const uint16_t *labels)
{
    double loss = 0;
    for (int32_t i = 0; i < n; i++) {
        const double *row = logits + (int64_t)i * K;
        double sum = 0;
        for (int32_t k = 0; k < K; k++)
            sum += exp(row[k] - row[labels[i]]);
        loss += log(sum);
    }
    return loss;
}
