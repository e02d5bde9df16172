/* lsq_kernel.c -- learned-step quantisers as loops over blocks of NN_LANES channels.
 *
 * Each pass is one body with the number of lanes and the kind of grid as constants,
 * so that the compiler sees fixed trip counts; sums run per lane in single precision
 * over at most one chunk of images and are added up in double precision. */
#include "nn/lsq_kernel.h"

#include <math.h>

#include "nn/quant.h"
#include "nn/vector.h"

struct nn_grid nn_grid_of(int bits, bool is_signed, float step)
{
    struct nn_grid g = {NN_GRID_LINEAR, step, (float)quant_lo(bits, is_signed),
                        (float)quant_hi(bits, is_signed)};
    if (bits == 1 && is_signed) g.kind = NN_GRID_BIPOLAR;
    return g;
}

struct nn_grid nn_grid_real(bool relu)
{
    return (struct nn_grid){NN_GRID_REAL, 1.0f, relu ? 0.0f : -INFINITY, INFINITY};
}

NN_INLINE float clip(float u, float lo, float hi)
{
    const float at_least = u > lo ? u : lo;
    return at_least < hi ? at_least : hi;
}

/* Nearest integer, halves up; |v| < 2^23.  v - t is exact, v + 0.5f would not be. */
NN_INLINE float round_half_up(float v)
{
    float t = (float)(int32_t)v;
    t = t > v ? t - 1.0f : t;
    return v - t >= 0.5f ? t + 1.0f : t;
}

NN_INLINE float to_grid(float u, enum nn_grid_kind kind, float lo, float hi)
{
    if (kind == NN_GRID_BIPOLAR) return u >= 0.0f ? 1.0f : -1.0f;
    const float v = clip(u, lo, hi);
    return kind == NN_GRID_LINEAR ? round_half_up(v) : v;
}

/* One block of lanes: `lanes` channels starting at x[0], rows `stride` apart. */
struct block {
    int64_t rows, stride;
    float scale[NN_LANES], offset[NN_LANES];
    float lo, hi;
};

NN_INLINE void forward_block(const struct block *b, const float *x, float *q, int lanes,
                             enum nn_grid_kind kind)
{
    for (int64_t r = 0; r < b->rows; r++, x += b->stride, q += b->stride)
        for (int l = 0; l < lanes; l++)
            q[l] = to_grid(x[l] * b->scale[l] + b->offset[l], kind, b->lo, b->hi);
}

NN_INLINE void backward_block(const struct block *b, const float *x, const float *G,
                              float *g, int lanes, enum nn_grid_kind kind, bool add,
                              float sum[NN_LANES])
{
    const float lo = kind == NN_GRID_BIPOLAR ? -2.0f : b->lo;
    const float hi = kind == NN_GRID_BIPOLAR ? 2.0f : b->hi;
    for (int64_t r = 0; r < b->rows; r++) {
        const int64_t at = r * b->stride;
        for (int l = 0; l < lanes; l++) {
            const float u = x[at + l] * b->scale[l] + b->offset[l];
            const float from = G[at + l];
            const bool inside = (u > lo) & (u < hi);
            const float pass = inside ? from : 0.0f;
            if (kind != NN_GRID_REAL) {
                const float q = to_grid(u, kind, b->lo, b->hi);
                sum[l] += from * (inside ? q - u : q);
            }
            g[at + l] = add ? g[at + l] + pass : pass;
        }
    }
}

NN_INLINE void score_block(const struct block *b, const float *x, const float *G,
                           int lanes, enum nn_grid_kind kind, float sum[NN_LANES])
{
    for (int64_t r = 0; r < b->rows; r++) {
        const int64_t at = r * b->stride;
        for (int l = 0; l < lanes; l++)
            sum[l] += G[at + l] * to_grid(x[at + l] * b->scale[l] + b->offset[l], kind,
                                          b->lo, b->hi);
    }
}

/* A map cut into blocks: channels for a map per channel, else the flat tensor. */
struct blocks {
    int64_t n, rows, stride, length;
};

static struct blocks cut(const struct nn_lsq_map *m)
{
    if (m->scale)
        return (struct blocks){(m->C + NN_LANES - 1) / NN_LANES, m->rows, m->C, m->C};
    const int64_t length = m->rows * m->C;
    return (struct blocks){length >= NN_LANES ? 1 + (length % NN_LANES != 0) : 1,
                           length / NN_LANES, NN_LANES, length};
}

/* Fills block i; returns its number of lanes and where it starts. */
static int block_at(const struct nn_lsq_map *m, const struct blocks *all, int64_t i,
                    struct block *b, int64_t *start)
{
    b->lo = m->grid.lo;
    b->hi = m->grid.hi;
    b->stride = all->stride;
    b->rows = all->rows;
    int64_t lanes;
    if (m->scale) {
        *start = i * NN_LANES;
        lanes = all->length - *start;
    } else {
        const bool is_tail = i == 1 || all->length < NN_LANES;
        *start = is_tail ? all->length - all->length % NN_LANES : 0;
        lanes = is_tail ? all->length % NN_LANES : NN_LANES;
        if (is_tail) b->rows = 1;
    }
    if (lanes > NN_LANES) lanes = NN_LANES;
    for (int l = 0; l < NN_LANES; l++) {
        const bool has_own = m->scale && l < lanes;
        b->scale[l] = m->uniform * (has_own ? m->scale[*start + l] : 1.0f);
        b->offset[l] = m->uniform * (has_own ? m->offset[*start + l] : 0.0f);
    }
    return (int)lanes;
}

NN_VECTOR void nn_lsq_forward(const struct nn_lsq_map *m, const float *x, float *q)
{
    const struct blocks all = cut(m);
    for (int64_t i = 0; i < all.n; i++) {
        struct block b;
        int64_t at;
        const int lanes = block_at(m, &all, i, &b, &at);
        if (lanes != NN_LANES)
            forward_block(&b, x + at, q + at, lanes, m->grid.kind);
        else if (m->grid.kind == NN_GRID_LINEAR)
            forward_block(&b, x + at, q + at, NN_LANES, NN_GRID_LINEAR);
        else if (m->grid.kind == NN_GRID_REAL)
            forward_block(&b, x + at, q + at, NN_LANES, NN_GRID_REAL);
        else
            forward_block(&b, x + at, q + at, NN_LANES, NN_GRID_BIPOLAR);
    }
}

static double total(const float sum[NN_LANES])
{
    double t = 0;
    for (int l = 0; l < NN_LANES; l++)
        t += (double)sum[l];
    return t;
}

NN_VECTOR double nn_lsq_backward(const struct nn_lsq_map *m, const float *x,
                                 const float *G, float *g, bool add)
{
    const struct blocks all = cut(m);
    double dstep = 0;
    for (int64_t i = 0; i < all.n; i++) {
        struct block b;
        int64_t at;
        float sum[NN_LANES] = {0};
        const int lanes = block_at(m, &all, i, &b, &at);
        if (lanes != NN_LANES)
            backward_block(&b, x + at, G + at, g + at, lanes, m->grid.kind, add, sum);
        else if (m->grid.kind == NN_GRID_LINEAR && add)
            backward_block(&b, x + at, G + at, g + at, NN_LANES, NN_GRID_LINEAR, true,
                           sum);
        else if (m->grid.kind == NN_GRID_LINEAR)
            backward_block(&b, x + at, G + at, g + at, NN_LANES, NN_GRID_LINEAR, false,
                           sum);
        else if (m->grid.kind == NN_GRID_REAL)
            backward_block(&b, x + at, G + at, g + at, NN_LANES, NN_GRID_REAL, add,
                           sum);
        else
            backward_block(&b, x + at, G + at, g + at, NN_LANES, NN_GRID_BIPOLAR, add,
                           sum);
        dstep += total(sum);
    }
    return dstep;
}

NN_VECTOR double nn_lsq_score(const struct nn_lsq_map *m, const float *x,
                              const float *G)
{
    const struct blocks all = cut(m);
    double score = 0;
    for (int64_t i = 0; i < all.n; i++) {
        struct block b;
        int64_t at;
        float sum[NN_LANES] = {0};
        const int lanes = block_at(m, &all, i, &b, &at);
        if (lanes != NN_LANES)
            score_block(&b, x + at, G + at, lanes, m->grid.kind, sum);
        else if (m->grid.kind == NN_GRID_LINEAR)
            score_block(&b, x + at, G + at, NN_LANES, NN_GRID_LINEAR, sum);
        else
            score_block(&b, x + at, G + at, NN_LANES, m->grid.kind, sum);
        score += total(sum);
    }
    return score * (double)m->grid.step;
}

NN_VECTOR void nn_lsq_weights(const struct nn_grid *grid, int64_t n, const float *w,
                              float *q)
{
    const float step = grid->step, lo = grid->lo, hi = grid->hi;
    if (grid->kind == NN_GRID_LINEAR)
        for (int64_t i = 0; i < n; i++)
            q[i] = to_grid(w[i] / step, NN_GRID_LINEAR, lo, hi);
    else
        for (int64_t i = 0; i < n; i++)
            q[i] = to_grid(w[i] / step, grid->kind, lo, hi);
}

NN_VECTOR double nn_lsq_error(const float *x, int64_t n, const struct nn_grid *grid)
{
    const float step = grid->step, inv = 1.0f / step, lo = grid->lo, hi = grid->hi;
    const enum nn_grid_kind kind = grid->kind;
    double sum = 0;
    for (int64_t i = 0; i < n;) {
        float part[NN_LANES] = {0};
        const int64_t end = i + 4096 < n ? i + 4096 : n; /* short single sums */
        for (; i + NN_LANES <= end; i += NN_LANES)
            for (int l = 0; l < NN_LANES; l++) {
                const float d = x[i + l] - step * to_grid(x[i + l] * inv, kind, lo, hi);
                part[l] += d * d;
            }
        for (; i < end; i++) {
            const float d = x[i] - step * to_grid(x[i] * inv, kind, lo, hi);
            part[0] += d * d;
        }
        sum += total(part);
    }
    return sum;
}

float nn_lsq_best_step(const float *x, int64_t n, int bits, bool is_signed)
{
    enum { TRIES = 80 };
    float largest = 0;
    for (int64_t i = 0; i < n; i++) {
        const float magnitude = is_signed ? fabsf(x[i]) : x[i];
        if (magnitude > largest) largest = magnitude;
    }
    const float levels = (float)quant_hi(bits, is_signed);
    if (!(largest > 0)) return 1.0f / levels; /* nothing to fit: any step will do */
    float best = largest / levels;
    double least = INFINITY;
    for (int t = TRIES; t >= 1; t--) {
        const float step = largest / levels * (float)t / TRIES;
        const struct nn_grid grid = nn_grid_of(bits, is_signed, step);
        const double error = nn_lsq_error(x, n, &grid);
        if (error < least) {
            least = error;
            best = step;
        }
    }
    return best;
}
