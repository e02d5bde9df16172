/* Random numbers: reproducible, uniform, independent streams. */
#include "tests/cmocka_all.h"

#include "base/rng.h"

static void the_generator_is_xoshiro256starstar(void **state)
{
    (void)state;
    /* First outputs of the authors' reference code from the state {1, 2, 3, 4}. */
    static const uint64_t expected[] = {11520, 0, 1509978240, 1215971899390074240};
    struct rng r = {{1, 2, 3, 4}};
    for (int i = 0; i < 4; i++)
        assert_true(rng_u64(&r) == expected[i]);
}

static void the_same_seed_gives_the_same_numbers(void **state)
{
    (void)state;
    struct rng a = rng_seed(7, 1), b = rng_seed(7, 1);
    for (int i = 0; i < 1000; i++)
        assert_true(rng_u64(&a) == rng_u64(&b));
}

static void seeds_and_streams_differ(void **state)
{
    (void)state;
    uint64_t first[8];
    int n = 0;
    for (uint64_t seed = 0; seed < 4; seed++)
        for (uint64_t stream = 0; stream < 2; stream++) {
            struct rng r = rng_seed(seed, stream);
            first[n++] = rng_u64(&r);
        }
    for (int i = 0; i < n; i++)
        for (int j = 0; j < i; j++)
            assert_true(first[i] != first[j]);
}

static void below_is_uniform(void **state)
{
    (void)state;
    enum { N = 7, DRAWS = 70000 };
    int count[N] = {0};
    struct rng r = rng_seed(1, 0);
    for (int i = 0; i < DRAWS; i++)
        count[rng_below(&r, N)]++;
    double chi2 = 0;
    for (int k = 0; k < N; k++) {
        const double d = count[k] - (double)DRAWS / N;
        chi2 += d * d / ((double)DRAWS / N);
    }
    assert_true(chi2 < 22.46); /* 6 degrees of freedom, p = 0.001 */
    assert_true(rng_below(&r, 1) == 0);
}

static void normal_has_mean_zero_and_variance_one(void **state)
{
    (void)state;
    enum { N = 100000 };
    struct rng r = rng_seed(3, 0);
    double sum = 0, sum2 = 0, tail = 0;
    for (int i = 0; i < N; i++) {
        const double x = rng_normal(&r);
        sum += x;
        sum2 += x * x;
        tail += fabs(x) > 1.959964;
    }
    assert_close(sum / N, 0.0, 0, 0.015);
    assert_close(sum2 / N, 1.0, 0, 0.02);
    assert_close(tail / N, 0.05, 0, 0.003);
}

static void unit_stays_below_one(void **state)
{
    (void)state;
    struct rng r = rng_seed(9, 0);
    double sum = 0;
    for (int i = 0; i < 100000; i++) {
        const double x = rng_unit(&r);
        assert_true(x >= 0 && x < 1);
        sum += x;
    }
    assert_close(sum / 100000, 0.5, 0, 0.005);
}

static void shuffle_is_a_permutation(void **state)
{
    (void)state;
    uint32_t v[100];
    int seen[100] = {0}, moved = 0;
    for (uint32_t i = 0; i < 100; i++)
        v[i] = i;
    struct rng r = rng_seed(5, 0);
    rng_shuffle(&r, v, 100);
    for (uint32_t i = 0; i < 100; i++) {
        seen[v[i]]++;
        moved += v[i] != i;
    }
    for (int i = 0; i < 100; i++)
        assert_int_equal(seen[i], 1);
    assert_true(moved > 50);
    rng_shuffle(&r, v, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_generator_is_xoshiro256starstar),
        cmocka_unit_test(the_same_seed_gives_the_same_numbers),
        cmocka_unit_test(seeds_and_streams_differ),
        cmocka_unit_test(below_is_uniform),
        cmocka_unit_test(normal_has_mean_zero_and_variance_one),
        cmocka_unit_test(unit_stays_below_one),
        cmocka_unit_test(shuffle_is_a_permutation),
    };
    return cmocka_run_group_tests_name("base/rng", tests, NULL, NULL);
}
