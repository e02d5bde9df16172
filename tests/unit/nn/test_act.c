/* test_act.c -- the passes between integer convolutions: the plain twin against the
 * definitions of nn/lsq_kernel.h, every instruction set against the plain twin.
 *
 * Scales are multiples of a power of two, so that no product is rounded: the sets may
 * fuse products and sums, and an equal u must then give an equal code. */
#include "tests/cmocka_all.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/rng.h"
#include "nn/act.h"
#include "nn/kernel_ref.h"

struct tensors {
    struct arena *a;
    struct rng rng;
    int32_t C;
    int64_t pixels, n;
    float *scale, *offset, *mean, *k[3], *G, *x;
    int32_t *y;
    uint8_t *code, *other;
};

static float *fractions(struct tensors *t, int64_t n, int32_t range)
{
    float *v = ARENA_NEW(t->a, float, (size_t)n);
    for (int64_t i = 0; i < n; i++)
        v[i] = (float)((double)rng_below(&t->rng, (uint64_t)(2 * range)) - range) / 64;
    return v;
}

static uint8_t *bytes(struct tensors *t)
{
    uint8_t *v = ARENA_NEW(t->a, uint8_t, (size_t)t->n);
    for (int64_t i = 0; i < t->n; i++)
        v[i] = (uint8_t)rng_below(&t->rng, 256);
    return v;
}

static struct tensors make(uint64_t seed)
{
    struct tensors t = {.a = arena_new(), .rng = rng_seed(seed, 0)};
    t.C = 16 * (1 + (int32_t)rng_below(&t.rng, 5));
    t.pixels = 1 + (int64_t)rng_below(&t.rng, 200);
    t.n = t.pixels * t.C;
    t.scale = fractions(&t, t.C, 16);
    t.offset = fractions(&t, t.C, 640);
    t.mean = fractions(&t, t.C, 640);
    for (int i = 0; i < 3; i++)
        t.k[i] = fractions(&t, t.C, 64);
    t.G = fractions(&t, t.n, 64);
    t.x = fractions(&t, t.n, 6400);
    t.y = ARENA_NEW(t.a, int32_t, (size_t)t.n);
    for (int64_t i = 0; i < t.n; i++)
        t.y[i] = (int32_t)rng_below(&t.rng, 2000) - 1000;
    t.code = bytes(&t);
    t.other = bytes(&t);
    return t;
}

static struct nn_grid grids[] = {
    {NN_GRID_LINEAR, 1, 0, 15},  {NN_GRID_LINEAR, 1, -128, 127},
    {NN_GRID_LINEAR, 1, 0, 255}, {NN_GRID_LINEAR, 1, -2, 1},
    {NN_GRID_LINEAR, 1, 0, 1},   {NN_GRID_BIPOLAR, 1, -1, 1},
};
enum { N_GRIDS = sizeof grids / sizeof *grids };

static struct act_grid act_of(const struct nn_grid *g)
{
    return (struct act_grid){g->kind == NN_GRID_BIPOLAR, g->lo, g->hi,
                             g->lo < 0 ? 128.0f : 0.0f};
}

/* Everything that one table computes, for one grid. */
struct results {
    uint8_t *codes[5];
    float *floats[5];
    double steps[3], scores[2 * ACT_MAX_CANDIDATES];
};

static struct results run(struct tensors *t, const struct act_isa *isa,
                          const struct nn_grid *grid)
{
    struct results r;
    const struct act_map m = {t->scale, t->offset, act_of(grid)};
    const struct act_grid stream = {false, 0, 255, 0},
                          operand = {false, -128, 127, 128};
    const struct act_map to_stream = {t->scale, t->offset, operand};
    const struct act_norm norm = {t->mean, t->k[0], t->k[1], t->k[2]};
    const struct act_candidate candidates[] = {{0.5f, 0, 15, false, false},
                                               {2, -4, 3, false, false},
                                               {1, -1, 1, true, false},
                                               {0.25f, 0, INFINITY, false, true}};
    memset(&r, 0, sizeof r);
    for (int i = 0; i < 5; i++) {
        r.codes[i] = ARENA_NEW(t->a, uint8_t, (size_t)t->n);
        r.floats[i] = ARENA_NEW(t->a, float, (size_t)t->n + 2 * (size_t)t->C);
    }
    isa->quantise(&m, t->pixels, t->C, t->y, r.codes[0]);
    isa->quantise_add(&to_stream, t->pixels, t->C, t->y, t->other, 0, &stream,
                      r.codes[1]);
    isa->requantise(&m.grid, 0.125f, t->n, t->code, 128, r.codes[2]);
    isa->quantise_floats(&m.grid, 0.5f, t->n - 3, t->x, r.codes[3]);
    isa->add(&stream, t->n, t->code, 128, t->other, 0, r.codes[4]);
    isa->pool((int32_t)t->pixels, t->C, t->code, 128, r.floats[0]);
    r.steps[0] = isa->back_sums(&m, t->pixels, t->C, t->y, t->G, t->mean, r.floats[1]);
    isa->back_norm(&m, t->pixels, t->C, t->y, t->G, &norm, r.floats[2]);
    memcpy(r.floats[3], t->x, sizeof *t->x * (size_t)t->n);
    r.steps[1] = isa->back_requantise(&m.grid, 0.125f, t->n, t->code, 128, t->G, true,
                                      r.floats[3]);
    memcpy(r.floats[4], t->G, sizeof *t->G * (size_t)t->n);
    r.steps[2] = isa->back_add(&stream, t->n, t->code, r.floats[4]);
    isa->score(&m, t->pixels, t->C, t->y, t->G, 4, candidates, r.scores);
    isa->score_codes(0.125f, t->n, t->code, 128, t->G, 4, candidates,
                     r.scores + ACT_MAX_CANDIDATES);
    return r;
}

static void assert_equal(struct tensors *t, const struct results *a,
                         const struct results *b)
{
    for (int i = 0; i < 5; i++) {
        assert_memory_equal(a->codes[i], b->codes[i], (size_t)t->n);
        for (int64_t k = 0; k < t->n; k++)
            assert_close((double)a->floats[i][k], (double)b->floats[i][k], 1e-5, 1e-2);
    }
    for (int i = 0; i < 3; i++)
        assert_close(a->steps[i], b->steps[i], 1e-5, 1e-2);
    for (int i = 0; i < 2 * ACT_MAX_CANDIDATES; i++)
        assert_close(a->scores[i], b->scores[i], 1e-5, 1e-2);
}

static void instruction_sets_agree_with_the_plain_twin(void **state)
{
    (void)state;
    for (int isa = 0; isa < NN_N_ISAS; isa++) {
        const struct act_isa *table = act_isa_of((enum nn_isa)isa);
        for (uint64_t i = 0; table && nn_isa_has((enum nn_isa)isa) && i < 24; i++) {
            struct tensors t = make(i);
            const struct results want = run(&t, &act_ref, &grids[i % N_GRIDS]);
            const struct results got = run(&t, table, &grids[i % N_GRIDS]);
            assert_equal(&t, &want, &got);
            arena_free(t.a);
        }
    }
}

/* ---- the plain twin, element by element in double precision ---- */

static double u_of(const struct tensors *t, int64_t i)
{
    const int64_t c = i % t->C;
    return t->y[i] * (double)t->scale[c] + (double)t->offset[c];
}

static void the_twin_quantises_as_defined(void **state)
{
    (void)state;
    for (uint64_t s = 0; s < N_GRIDS; s++) {
        struct tensors t = make(100 + s);
        const struct nn_grid *g = &grids[s];
        const struct results r = run(&t, &act_ref, g);
        const double zero = (double)act_of(g).zero;
        const struct nn_grid operand = {NN_GRID_LINEAR, 1, -128, 127};
        for (int64_t i = 0; i < t.n; i++) {
            const double q = nn_grid_ref(&operand, u_of(&t, i)) + t.other[i];
            assert_true(r.codes[0][i] == nn_grid_ref(g, u_of(&t, i)) + zero);
            assert_true(r.codes[1][i] == fmin(fmax(q, 0), 255));
            assert_true(r.codes[2][i] ==
                        nn_grid_ref(g, (t.code[i] - 128) * 0.125) + zero);
            assert_true(r.codes[4][i] ==
                        fmin(fmax(t.code[i] - 128 + t.other[i], 0), 255));
        }
        arena_free(t.a);
    }
}

static void the_twin_passes_gradients_as_defined(void **state)
{
    (void)state;
    for (uint64_t s = 0; s < N_GRIDS; s++) {
        struct tensors t = make(200 + s);
        const struct nn_grid *g = &grids[s];
        const struct results r = run(&t, &act_ref, g);
        double step = 0, sum = 0, sum_y = 0;
        for (int64_t i = 0; i < t.n; i++) {
            const int64_t c = i % t.C;
            const double u = u_of(&t, i), G = (double)t.G[i];
            const bool in = nn_inside_ref(g, u);
            const double centred = t.y[i] - (double)t.mean[c];
            step += G * (nn_grid_ref(g, u) - (in ? u : 0));
            if (c == 3 && in) {
                sum += G;
                sum_y += G * centred;
            }
            assert_close((double)r.floats[2][i],
                         (double)t.k[0][c] * (in ? G : 0) +
                             (double)t.k[1][c] * centred + (double)t.k[2][c],
                         1e-5, 1e-4);
            const bool in_x = nn_inside_ref(g, (t.code[i] - 128) * 0.125);
            assert_close((double)r.floats[3][i], (double)t.x[i] + (in_x ? G : 0), 1e-6,
                         1e-5);
            assert_true((double)r.floats[4][i] ==
                        (t.code[i] > 0 && t.code[i] < 255 ? G : 0));
        }
        assert_close(r.steps[0], step, 1e-5, 1e-2);
        assert_close((double)r.floats[1][3], sum, 1e-5, 1e-3);
        assert_close((double)r.floats[1][t.C + 3], sum_y, 1e-5, 1e-1);
        arena_free(t.a);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(instruction_sets_agree_with_the_plain_twin),
        cmocka_unit_test(the_twin_quantises_as_defined),
        cmocka_unit_test(the_twin_passes_gradients_as_defined),
    };
    return cmocka_run_group_tests_name("nn/act", tests, NULL, NULL);
}
