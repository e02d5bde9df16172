/* bn_kernel.c -- batch norm's sums and its backward pass, in blocks of channels. */
#include "nn/bn_kernel.h"

#include "nn/vector.h"

NN_INLINE void sums_block(const float *y, int64_t rows, int32_t C, int lanes,
                          double *sum, double *sum_sq)
{
    float a[NN_LANES] = {0}, b[NN_LANES] = {0};
    for (int64_t r = 0; r < rows; r++, y += C)
        for (int l = 0; l < lanes; l++) {
            a[l] += y[l];
            b[l] += y[l] * y[l];
        }
    for (int l = 0; l < lanes; l++) {
        sum[l] += (double)a[l];
        sum_sq[l] += (double)b[l];
    }
}

NN_VECTOR void nn_bn_sums(const float *y, int64_t rows, int32_t C, double *sum,
                          double *sum_sq)
{
    int32_t c = 0;
    for (; c + NN_LANES <= C; c += NN_LANES)
        sums_block(y + c, rows, C, NN_LANES, sum + c, sum_sq + c);
    if (c < C) sums_block(y + c, rows, C, C - c, sum + c, sum_sq + c);
}

NN_INLINE void backward_sums_block(const float *g, const float *y, const float *mean,
                                   int64_t rows, int32_t C, int lanes, double *sum_g,
                                   double *sum_gy)
{
    float a[NN_LANES] = {0}, b[NN_LANES] = {0}, m[NN_LANES] = {0};
    for (int l = 0; l < lanes; l++)
        m[l] = mean[l];
    for (int64_t r = 0; r < rows; r++, g += C, y += C)
        for (int l = 0; l < lanes; l++) {
            a[l] += g[l];
            b[l] += g[l] * (y[l] - m[l]);
        }
    for (int l = 0; l < lanes; l++) {
        sum_g[l] += (double)a[l];
        sum_gy[l] += (double)b[l];
    }
}

NN_VECTOR void nn_bn_backward_sums(const float *g, const float *y, const float *mean,
                                   int64_t rows, int32_t C, double *sum_g,
                                   double *sum_gy)
{
    int32_t c = 0;
    for (; c + NN_LANES <= C; c += NN_LANES)
        backward_sums_block(g + c, y + c, mean + c, rows, C, NN_LANES, sum_g + c,
                            sum_gy + c);
    if (c < C)
        backward_sums_block(g + c, y + c, mean + c, rows, C, C - c, sum_g + c,
                            sum_gy + c);
}

NN_INLINE void backward_block(float *g, const float *y, const float *mean,
                              const float *k0, const float *k1, const float *k2,
                              int64_t rows, int32_t C, int lanes)
{
    float m[NN_LANES] = {0}, a[NN_LANES] = {0}, b[NN_LANES] = {0}, c[NN_LANES] = {0};
    for (int l = 0; l < lanes; l++) {
        m[l] = mean[l];
        a[l] = k0[l];
        b[l] = k1[l];
        c[l] = k2[l];
    }
    for (int64_t r = 0; r < rows; r++, g += C, y += C)
        for (int l = 0; l < lanes; l++)
            g[l] = a[l] * g[l] + b[l] * (y[l] - m[l]) + c[l];
}

NN_VECTOR void nn_bn_backward(float *g, const float *y, const float *mean,
                              const float *k0, const float *k1, const float *k2,
                              int64_t rows, int32_t C)
{
    int32_t c = 0;
    for (; c + NN_LANES <= C; c += NN_LANES)
        backward_block(g + c, y + c, mean + c, k0 + c, k1 + c, k2 + c, rows, C,
                       NN_LANES);
    if (c < C)
        backward_block(g + c, y + c, mean + c, k0 + c, k1 + c, k2 + c, rows, C, C - c);
}
