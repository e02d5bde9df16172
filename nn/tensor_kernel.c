/* tensor_kernel.c -- residual sum and global average pool. */
#include "nn/tensor_kernel.h"

#include <string.h>

#include "nn/vector.h"

NN_VECTOR void nn_add_forward(const float *restrict a, const float *restrict b,
                              int64_t n, float lo, float hi, float *restrict y)
{
    for (int64_t i = 0; i < n; i++) {
        const float sum = a[i] + b[i];
        const float at_least = sum > lo ? sum : lo;
        y[i] = at_least < hi ? at_least : hi;
    }
}

NN_INLINE float add_backward_one(float y, float lo, float hi, float *G)
{
    const bool inside = (y > lo) & (y < hi);
    const float clipped = inside ? 0.0f : *G;
    *G = inside ? *G : 0.0f;
    return clipped;
}

NN_VECTOR double nn_add_backward(const float *y, int64_t n, float lo, float hi,
                                 float *G)
{
    /* The clipped ends are finite wherever an element can reach them. */
    float sum[NN_LANES] = {0};
    int64_t i = 0;
    for (; i + NN_LANES <= n; i += NN_LANES)
        for (int l = 0; l < NN_LANES; l++)
            sum[l] += y[i + l] * add_backward_one(y[i + l], lo, hi, &G[i + l]);
    for (; i < n; i++)
        sum[0] += y[i] * add_backward_one(y[i], lo, hi, &G[i]);
    double total = 0;
    for (int l = 0; l < NN_LANES; l++)
        total += (double)sum[l];
    return total;
}

NN_VECTOR void nn_copy_or_add(const float *restrict from, int64_t n, bool add,
                              float *restrict to)
{
    if (!add) memcpy(to, from, sizeof *to * (size_t)n);
    for (int64_t i = 0; add && i < n; i++)
        to[i] += from[i];
}

NN_VECTOR void nn_gap_forward(const float *restrict x, int32_t n, int32_t pixels,
                              int32_t C, float *restrict sum)
{
    for (int32_t i = 0; i < n; i++, sum += C) {
        memset(sum, 0, sizeof *sum * (size_t)C);
        for (int32_t p = 0; p < pixels; p++, x += C)
            for (int32_t c = 0; c < C; c++)
                sum[c] += x[c];
    }
}

NN_VECTOR void nn_gap_backward(const float *restrict G, int32_t n, int32_t pixels,
                               int32_t C, float scale, bool add, float *restrict g)
{
    for (int32_t i = 0; i < n; i++, G += C)
        for (int32_t p = 0; p < pixels; p++, g += C)
            for (int32_t c = 0; c < C; c++)
                g[c] = add ? g[c] + scale * G[c] : scale * G[c];
}
