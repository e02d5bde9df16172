/* mlp.c -- a small dense network: see mlp.h. */
#include "search/mlp.h"

#include <cblas.h>
#include <math.h>
#include <string.h>

static const float one = 1, zero = 0;

static int64_t layer_parameters(const struct mlp *m, int i)
{
    return (int64_t)m->size[i + 1] * (m->size[i] + 1);
}

/* Where the parameters of layer i begin. */
static int64_t layer_start(const struct mlp *m, int i)
{
    int64_t at = 0;
    for (int k = 0; k < i; k++)
        at += layer_parameters(m, k);
    return at;
}

static void draw(struct mlp *m, struct rng *r)
{
    for (int i = 0; i < MLP_LAYERS; i++) {
        float *p = m->value + layer_start(m, i);
        const double reach = i == MLP_LAYERS - 1 ? .003 : 1 / sqrt(m->size[i]);
        for (int64_t k = 0; k < layer_parameters(m, i); k++)
            p[k] = (float)(reach * (2 * rng_unit(r) - 1));
    }
}

status mlp_new(const int32_t size[MLP_LAYERS + 1], int32_t max_batch, struct rng *r,
               struct arena *a, struct mlp **out, struct err *err)
{
    struct mlp *m = ARENA_NEW(a, struct mlp, 1);
    if (!m) return arena_exhausted(err);
    memcpy(m->size, size, sizeof m->size);
    m->max_batch = max_batch;
    m->n_parameters = layer_start(m, MLP_LAYERS);
    float **const all[] = {&m->value, &m->gradient, &m->mean, &m->square};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        *all[i] = ARENA_NEW(a, float, (size_t)m->n_parameters);
        if (!*all[i]) return arena_exhausted(err);
    }
    for (int i = 0; i <= MLP_LAYERS; i++) {
        const size_t n = (size_t)max_batch * (size_t)size[i];
        m->y[i] = ARENA_NEW(a, float, n);
        m->dy[i] = ARENA_NEW(a, float, n);
        if (!m->y[i] || !m->dy[i]) return arena_exhausted(err);
    }
    draw(m, r);
    *out = m;
    return ST_OK;
}

void mlp_forward(struct mlp *m, int32_t n)
{
    for (int i = 0; i < MLP_LAYERS; i++) {
        const int32_t in = m->size[i], to = m->size[i + 1];
        const float *w = m->value + layer_start(m, i), *bias = w + (int64_t)to * in;
        float *y = m->y[i + 1];
        for (int32_t k = 0; k < n; k++)
            memcpy(y + (int64_t)k * to, bias, sizeof *y * (size_t)to);
        cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, n, to, in, one, m->y[i],
                    in, w, in, one, y, to);
        for (int64_t k = 0; i < MLP_LAYERS - 1 && k < (int64_t)n * to; k++)
            y[k] = fmaxf(y[k], 0);
    }
}

void mlp_backward(struct mlp *m, int32_t n)
{
    for (int i = MLP_LAYERS - 1; i >= 0; i--) {
        const int32_t in = m->size[i], to = m->size[i + 1];
        const int64_t at = layer_start(m, i);
        float *dw = m->gradient + at, *dbias = dw + (int64_t)to * in;
        float *dy = m->dy[i + 1];
        for (int64_t k = 0; i < MLP_LAYERS - 1 && k < (int64_t)n * to; k++)
            if (m->y[i + 1][k] <= 0) dy[k] = 0;
        memset(dbias, 0, sizeof *dbias * (size_t)to);
        for (int32_t k = 0; k < n; k++)
            for (int32_t j = 0; j < to; j++)
                dbias[j] += dy[(int64_t)k * to + j];
        cblas_sgemm(CblasRowMajor, CblasTrans, CblasNoTrans, to, in, n, one, dy, to,
                    m->y[i], in, zero, dw, in);
        cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, n, in, to, one, dy, to,
                    m->value + at, in, zero, m->dy[i], in);
    }
}

void mlp_update(struct mlp *m, double rate)
{
    const double beta1 = .9, beta2 = .999, eps = 1e-8; /* Adam's own defaults */
    const double t = (double)++m->n_updates;
    const double step = rate * sqrt(1 - pow(beta2, t)) / (1 - pow(beta1, t));
    for (int64_t k = 0; k < m->n_parameters; k++) {
        const double g = m->gradient[k];
        m->mean[k] = (float)(beta1 * m->mean[k] + (1 - beta1) * g);
        m->square[k] = (float)(beta2 * m->square[k] + (1 - beta2) * g * g);
        m->value[k] -= (float)(step * m->mean[k] / (sqrt(m->square[k]) + eps));
    }
}

void mlp_follow(struct mlp *m, const struct mlp *source, double rate)
{
    for (int64_t k = 0; k < m->n_parameters; k++)
        m->value[k] += (float)(rate * (source->value[k] - m->value[k]));
}
