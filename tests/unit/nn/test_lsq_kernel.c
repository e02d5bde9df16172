/* test_lsq_kernel.c -- learned-step quantisers against their definition. */
#include "tests/cmocka_all.h"

#include <stdlib.h>

#include "base/rng.h"
#include "nn/kernel_ref.h"
#include "nn/lsq_kernel.h"
#include "nn/quant.h"

enum { N_MAX = 4000 };

struct tensors {
    float x[N_MAX], G[N_MAX], q[N_MAX], g[N_MAX], scale[64], offset[64];
    struct nn_lsq_map map;
};

static int32_t between(struct rng *r, int32_t lo, int32_t hi)
{
    return lo + (int32_t)rng_below(r, (uint64_t)(hi - lo + 1));
}

static struct nn_grid random_grid(struct rng *r)
{
    const int bits = between(r, 0, 8);
    const float step = (float)(0.01 + rng_unit(r));
    if (bits == 0) return nn_grid_real(between(r, 0, 1) == 1);
    return nn_grid_of(bits, between(r, 0, 1) == 1, step);
}

static void draw(struct tensors *t, struct rng *r)
{
    t->map.grid = random_grid(r);
    t->map.C = between(r, 1, 50);
    t->map.rows = between(r, 1, N_MAX / 50);
    t->map.uniform = (float)(0.5 + rng_unit(r));
    const bool per_channel = between(r, 0, 1) == 1;
    t->map.scale = per_channel ? t->scale : NULL;
    t->map.offset = per_channel ? t->offset : NULL;
    for (int i = 0; i < 64; i++) {
        t->scale[i] = (float)rng_normal(r);
        t->offset[i] = (float)rng_normal(r);
    }
    const double spread =
        t->map.grid.kind == NN_GRID_REAL ? 1 : 1.2 * ((double)t->map.grid.hi + 1);
    for (int64_t i = 0; i < t->map.rows * t->map.C; i++) {
        t->x[i] = (float)(spread * rng_normal(r));
        t->G[i] = (float)rng_normal(r);
        t->g[i] = 1;
    }
}

/* u as the kernel forms it, in single precision. */
static float u_of(const struct tensors *t, int64_t i)
{
    const float s = t->map.scale ? t->scale[i % t->map.C] : 1.0f;
    const float o = t->map.offset ? t->offset[i % t->map.C] : 0.0f;
    const float scaled = t->x[i] * (t->map.uniform * s);
    return scaled + t->map.uniform * o;
}

static void grids_agree_with_the_plain_twin(void **state)
{
    (void)state;
    struct tensors *t = calloc(1, sizeof *t);
    struct rng r = rng_seed(1, 0);
    for (int k = 0; k < 300; k++) {
        draw(t, &r);
        nn_lsq_forward(&t->map, t->x, t->q);
        for (int64_t i = 0; i < t->map.rows * t->map.C; i++)
            assert_true((double)t->q[i] ==
                        nn_grid_ref(&t->map.grid, (double)u_of(t, i)));
    }
    free(t);
}

static void gradients_follow_the_straight_through_formulas(void **state)
{
    (void)state;
    struct tensors *t = calloc(1, sizeof *t);
    struct rng r = rng_seed(2, 0);
    for (int k = 0; k < 300; k++) {
        draw(t, &r);
        const bool add = k % 2;
        const double dstep = nn_lsq_backward(&t->map, t->x, t->G, t->g, add);
        double expected = 0, size = 0;
        for (int64_t i = 0; i < t->map.rows * t->map.C; i++) {
            const double u = (double)u_of(t, i), q = nn_grid_ref(&t->map.grid, u);
            const bool inside = nn_inside_ref(&t->map.grid, u);
            const double d = inside ? q - u : q;
            if (t->map.grid.kind != NN_GRID_REAL) expected += (double)t->G[i] * d;
            size += fabs((double)t->G[i] * d);
            assert_true(t->g[i] == (inside ? t->G[i] : 0.0f) + (add ? 1.0f : 0.0f));
        }
        if (t->map.grid.kind != NN_GRID_REAL)
            assert_close(dstep, expected, 0, 1e-5 * size + 1e-6);
        else
            assert_true(dstep == 0);
    }
    free(t);
}

static void scores_are_products_with_the_quantised_values(void **state)
{
    (void)state;
    struct tensors *t = calloc(1, sizeof *t);
    struct rng r = rng_seed(3, 0);
    for (int k = 0; k < 200; k++) {
        draw(t, &r);
        double expected = 0, size = 0;
        for (int64_t i = 0; i < t->map.rows * t->map.C; i++) {
            const double value = (double)t->map.grid.step *
                                 nn_grid_ref(&t->map.grid, (double)u_of(t, i));
            expected += (double)t->G[i] * value;
            size += fabs((double)t->G[i] * value);
        }
        assert_close(nn_lsq_score(&t->map, t->x, t->G), expected, 0,
                     1e-5 * size + 1e-6);
    }
    free(t);
}

static void weights_land_where_quant_round_puts_them(void **state)
{
    (void)state;
    struct rng r = rng_seed(4, 0);
    float w[1000], q[1000];
    for (int bits = 1; bits <= 8; bits++)
        for (int k = 0; k < 20; k++) {
            const struct nn_grid g =
                nn_grid_of(bits, true, (float)(0.01 + rng_unit(&r)));
            for (int i = 0; i < 1000; i++) /* some of them exact ties */
                w[i] = i % 4 ? (float)rng_normal(&r) * g.step * g.hi
                             : g.step * (float)(between(&r, -9, 9) + 0.5);
            nn_lsq_weights(&g, 1000, w, q);
            for (int i = 0; i < 1000; i++)
                assert_int_equal((int)q[i], quant_round(w[i], g.step, bits, true));
        }
}

static void the_best_step_of_grid_points_is_their_step(void **state)
{
    (void)state;
    float x[256];
    for (int bits = 2; bits <= 8; bits++) {
        const float hi = (float)quant_hi(bits, true);
        for (int i = 0; i < 256; i++)
            x[i] = 0.125f * (float)(i % ((int)hi + 1)) * (i % 2 ? 1.0f : -1.0f);
        assert_close((double)nn_lsq_best_step(x, 256, bits, true), 0.125, 1e-6, 0);
    }
}

static void the_best_step_of_zeros_is_positive(void **state)
{
    (void)state;
    const float zeros[4] = {0};
    for (int bits = 1; bits <= 8; bits++)
        assert_true(nn_lsq_best_step(zeros, 4, bits, bits % 2) > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(grids_agree_with_the_plain_twin),
        cmocka_unit_test(gradients_follow_the_straight_through_formulas),
        cmocka_unit_test(scores_are_products_with_the_quantised_values),
        cmocka_unit_test(weights_land_where_quant_round_puts_them),
        cmocka_unit_test(the_best_step_of_grid_points_is_their_step),
        cmocka_unit_test(the_best_step_of_zeros_is_positive),
    };
    return cmocka_run_group_tests_name("nn/lsq_kernel", tests, NULL, NULL);
}
