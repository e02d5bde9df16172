/* test_pool.c -- max pools against plain loops, of floats and bytes alike. */
#include "tests/cmocka_all.h"

#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "nn/pool.h"

enum { LARGEST = 4 * 12 * 12 * 5 };

static int32_t between(struct rng *r, int32_t lo, int32_t hi)
{
    return lo + (int32_t)rng_below(r, (uint64_t)(hi - lo + 1));
}

static struct nn_pool_map random_map(struct rng *r)
{
    struct nn_pool_map m = {.H = between(r, 4, 9), .W = between(r, 4, 9)};
    m.C = between(r, 1, 5);
    m.how = (struct nn_pool){.R = between(r, 1, 4),
                             .S = between(r, 1, 4),
                             .stride_h = between(r, 1, 3),
                             .stride_w = between(r, 1, 3)};
    m.how.pad_top = between(r, 0, m.how.R - 1);
    m.how.pad_left = between(r, 0, m.how.S - 1);
    m.how.pad_bottom = between(r, 0, m.how.R - 1);
    m.how.pad_right = between(r, 0, m.how.S - 1);
    m.P = nn_pool_size(m.H, m.how.pad_top, m.how.pad_bottom, m.how.R, m.how.stride_h);
    m.Q = nn_pool_size(m.W, m.how.pad_left, m.how.pad_right, m.how.S, m.how.stride_w);
    return m;
}

/* Index in x of the first largest element of window (i, p, q, c). */
static int32_t largest(const struct nn_pool_map *m, const float *x, int32_t at)
{
    const int32_t c = at % m->C, q = at / m->C % m->Q, p = at / m->C / m->Q % m->P;
    const int32_t image = at / m->C / m->Q / m->P;
    int32_t best = -1;
    for (int32_t h = p * m->how.stride_h - m->how.pad_top, r = 0; r < m->how.R;
         r++, h++)
        for (int32_t w = q * m->how.stride_w - m->how.pad_left, s = 0; s < m->how.S;
             s++, w++) {
            if (h < 0 || h >= m->H || w < 0 || w >= m->W) continue;
            const int32_t i = ((image * m->H + h) * m->W + w) * m->C + c;
            if (best < 0 || x[i] > x[best]) best = i;
        }
    return best;
}

static void random_pools_take_the_largest(void **state)
{
    (void)state;
    struct rng r = rng_seed(1, 0);
    static float x[LARGEST], y[LARGEST], G[LARGEST], g[LARGEST], gb[LARGEST],
        want[LARGEST];
    static uint8_t bytes[LARGEST], yb[LARGEST];
    for (int i = 0; i < 300; i++) {
        const struct nn_pool_map m = random_map(&r);
        const int32_t n = between(&r, 1, 3), nx = n * m.H * m.W * m.C;
        const int32_t ny = n * m.P * m.Q * m.C;
        assert_true(nx <= LARGEST && ny <= LARGEST);
        for (int32_t k = 0; k < nx; k++) /* few values: many ties */
            x[k] = (float)(bytes[k] = (uint8_t)rng_below(&r, 7));
        for (int32_t k = 0; k < ny; k++)
            G[k] = (float)rng_normal(&r);
        nn_pool_forward(&m, n, x, y);
        nn_pool_forward_bytes(&m, n, bytes, yb);
        for (int32_t k = 0; k < nx; k++)
            want[k] = g[k] = gb[k] = (float)k;
        nn_pool_backward(&m, n, x, G, true, g);
        nn_pool_backward_bytes(&m, n, bytes, G, true, gb);
        for (int32_t k = 0; k < ny; k++) {
            assert_true(y[k] == x[largest(&m, x, k)] && yb[k] == y[k]);
            want[largest(&m, x, k)] += G[k];
        }
        assert_memory_equal(g, want, (size_t)nx * sizeof *g);
        assert_memory_equal(gb, want, (size_t)nx * sizeof *g);
    }
}

static void gradients_are_written_or_added(void **state)
{
    (void)state;
    const struct nn_pool_map m = {2, 2, 1, 1, 1, {2, 2, 1, 1, 0, 0, 0, 0}};
    const float x[4] = {1, 3, 2, 3}, G = 5;
    float g[4] = {9, 9, 9, 9};
    nn_pool_backward(&m, 1, x, &G, false, g);
    assert_memory_equal(g, ((float[4]){0, 5, 0, 0}), sizeof g);
    nn_pool_backward(&m, 1, x, &G, true, g);
    assert_memory_equal(g, ((float[4]){0, 10, 0, 0}), sizeof g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_pools_take_the_largest),
        cmocka_unit_test(gradients_are_written_or_added),
    };
    return cmocka_run_group_tests_name("nn/pool", tests, NULL, NULL);
}
