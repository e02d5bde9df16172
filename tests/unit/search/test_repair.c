/* test_repair.c -- the best path under the budgets. */
#include "tests/cmocka_all.h"

#include <string.h>

#include "tests/unit/search/fake_space.h"

enum { W = 0x1e, A = 0x0c }; /* 1..4 and 2..3 bits: 8 choices */

static int setup(void **state)
{
    *state = arena_new();
    return *state == NULL;
}

static int teardown(void **state)
{
    arena_free(*state);
    return 0;
}

static struct budget limit_lut(double lut)
{
    struct budget b = budget_none();
    b.limit[COST_LUT] = lut;
    return b;
}

static double uniform_cost(const struct space *s, int bits, enum cost_metric m)
{
    struct nn_path p;
    double cost[COST_N_METRICS];
    memset(&p, bits, sizeof p);
    space_cost(s, &p, cost);
    return cost[m];
}

static void one_budget_equals_brute_force(void **state)
{
    struct err err;
    for (uint64_t seed = 1; seed <= 12; seed++) {
        struct space *s = fake_space(*state, 5, W, A, seed);
        struct nn_scores v;
        fake_values(s, seed, &v);
        const struct budget b =
            limit_lut(uniform_cost(s, 3, COST_LUT) * (.55 + .04 * (double)seed));
        struct nn_path best, path;
        const double most = brute_force(s, &b, &v, &best);
        assert_ok(search_best_under_budget(s, &b, &v, NULL, NULL, &path, &err), err);
        assert_close(path_value(s, &v, &path), most, 1e-12, 1e-12);
    }
}

static void several_budgets_are_met_and_near_brute_force(void **state)
{
    struct err err;
    double lost = 0, span = 0;
    for (uint64_t seed = 1; seed <= 12; seed++) {
        struct space *s = fake_space(*state, 5, W, A, seed);
        struct nn_scores v;
        fake_values(s, seed, &v);
        struct budget b = limit_lut(.9 * uniform_cost(s, 3, COST_LUT));
        b.limit[COST_FF] = .85 * uniform_cost(s, 3, COST_FF);
        b.limit[COST_SIZE_BYTES] = .8 * uniform_cost(s, 3, COST_SIZE_BYTES);
        struct nn_path best, path;
        double cost[COST_N_METRICS];
        const double most = brute_force(s, &b, &v, &best);
        assert_ok(search_best_under_budget(s, &b, &v, NULL, NULL, &path, &err), err);
        space_cost(s, &path, cost);
        assert_true(budget_met(&b, cost));
        lost += most - path_value(s, &v, &path);
        memset(&path, 2, sizeof path);
        span += most - path_value(s, &v, &path);
        assert_true(lost >= -1e-9);
    }
    if (!(lost <= .02 * span)) fail_msg("lost %g of %g", lost, span);
}

static void a_larger_budget_is_never_worse(void **state)
{
    struct err err;
    struct space *s = fake_space(*state, 12, 0x7e, 0x7c, 3);
    struct nn_scores v;
    fake_values(s, 3, &v);
    double before = -INFINITY;
    for (int k = 0; k < 12; k++) {
        const struct budget b =
            limit_lut(uniform_cost(s, 2, COST_LUT) * (1 + .2 * (double)k));
        struct nn_path path;
        double cost[COST_N_METRICS];
        assert_ok(search_best_under_budget(s, &b, &v, NULL, NULL, &path, &err), err);
        space_cost(s, &path, cost);
        assert_true(budget_met(&b, cost));
        assert_true(path_value(s, &v, &path) >= before - 1e-12);
        before = path_value(s, &v, &path);
    }
}

static void decided_layers_are_left_alone(void **state)
{
    struct err err;
    struct space *s = fake_space(*state, 6, W, A, 4);
    struct nn_scores v;
    fake_values(s, 4, &v);
    const struct budget b = limit_lut(.8 * uniform_cost(s, 3, COST_LUT));
    uint32_t w[6], a[6];
    for (int i = 0; i < 6; i++) {
        w[i] = i == 2 ? 1u << 4 : W;
        a[i] = i == 4 ? 1u << 2 : A;
    }
    struct nn_path path;
    assert_ok(search_best_under_budget(s, &b, &v, w, a, &path, &err), err);
    assert_int_equal(path.wbits[2], 4);
    assert_int_equal(path.abits[4], 2);
}

static void a_maximum_budget_removes_choices(void **state)
{
    struct err err;
    struct space *s = fake_space(*state, 5, W, A, 5);
    struct nn_scores v;
    fake_values(s, 5, &v);
    struct budget b = budget_none();
    b.limit[COST_CYCLES] = 120; /* 100 + 10 w */
    struct nn_path path;
    assert_ok(search_best_under_budget(s, &b, &v, NULL, NULL, &path, &err), err);
    for (int i = 0; i < 5; i++) {
        assert_int_equal(path.wbits[i], 2);
        assert_int_equal(path.abits[i], 3);
    }
    b.limit[COST_CYCLES] = 105;
    assert_int_equal(search_best_under_budget(s, &b, &v, NULL, NULL, &path, &err),
                     ST_INFEASIBLE);
    assert_non_null(strstr(err.msg, "cycles is binding, at least 110"));
}

static void an_infeasible_budget_names_the_nearest_point(void **state)
{
    struct err err;
    struct space *s = fake_space(*state, 5, W, A, 6);
    struct nn_scores v;
    fake_values(s, 6, &v);
    struct nn_path least, path;
    double cost[COST_N_METRICS];
    for (int i = 0; i < 5; i++) {
        least.wbits[i] = 1;
        least.abits[i] = 2;
    }
    space_cost(s, &least, cost);
    const struct budget b = limit_lut(cost[COST_LUT] - 1);
    assert_int_equal(search_best_under_budget(s, &b, &v, NULL, NULL, &path, &err),
                     ST_INFEASIBLE);
    char want[64];
    snprintf(want, sizeof want, "lut is binding, at least %g", cost[COST_LUT]);
    assert_non_null(strstr(err.msg, want));
    assert_memory_equal(path.wbits, least.wbits, 5);
    /* ... and that point is feasible */
    const struct budget enough = limit_lut(cost[COST_LUT]);
    assert_ok(search_best_under_budget(s, &enough, &v, NULL, NULL, &path, &err), err);
}

static void a_single_assignment_is_reported(void **state)
{
    struct err err;
    struct space *s = fake_space(*state, 5, W, A, 7);
    struct nn_path least;
    double cost[COST_N_METRICS];
    bool several;
    for (int i = 0; i < 5; i++) {
        least.wbits[i] = 1;
        least.abits[i] = 2;
    }
    space_cost(s, &least, cost);
    struct budget b = limit_lut(cost[COST_LUT] + .5);
    assert_ok(search_feasible(s, &b, NULL, NULL, &several, &err), err);
    assert_false(several);
    b = limit_lut(1.2 * cost[COST_LUT] + 20);
    assert_ok(search_feasible(s, &b, NULL, NULL, &several, &err), err);
    assert_true(several);
    b = limit_lut(cost[COST_LUT] - 1);
    assert_int_equal(search_feasible(s, &b, NULL, NULL, &several, &err), ST_INFEASIBLE);
}

static void an_impossible_pair_of_budgets_is_infeasible(void **state)
{
    struct err err;
    struct space *s = fake_space(*state, 5, W, A, 8);
    struct budget b = limit_lut(1e9);
    b.limit[COST_FF] = 1;
    struct nn_scores v;
    fake_values(s, 8, &v);
    struct nn_path path;
    assert_int_equal(search_best_under_budget(s, &b, &v, NULL, NULL, &path, &err),
                     ST_INFEASIBLE);
    assert_non_null(strstr(err.msg, "ff is binding"));
}

static void without_budget_the_best_of_each_layer_is_taken(void **state)
{
    struct err err;
    struct space *s = fake_space(*state, 5, W, A, 9);
    struct nn_scores v;
    fake_values(s, 9, &v);
    const struct budget b = budget_none();
    struct nn_path path;
    assert_ok(search_best_under_budget(s, &b, &v, NULL, NULL, &path, &err), err);
    for (int i = 0; i < 5; i++) {
        assert_int_equal(path.wbits[i], 4);
        assert_int_equal(path.abits[i], 3);
    }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(one_budget_equals_brute_force),
        TEST(several_budgets_are_met_and_near_brute_force),
        TEST(a_larger_budget_is_never_worse),
        TEST(decided_layers_are_left_alone),
        TEST(a_maximum_budget_removes_choices),
        TEST(an_infeasible_budget_names_the_nearest_point),
        TEST(a_single_assignment_is_reported),
        TEST(an_impossible_pair_of_budgets_is_infeasible),
        TEST(without_budget_the_best_of_each_layer_is_taken),
    };
    return cmocka_run_group_tests_name("search/repair", tests, NULL, NULL);
}
