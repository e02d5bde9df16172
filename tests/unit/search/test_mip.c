/* test_mip.c -- the exact pick under any number of budgets. */
#include "tests/cmocka_all.h"

#include <string.h>

#include "search/mip.h"
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

static struct budget share_of_uniform(const struct space *s, double share)
{
    struct budget b = budget_none();
    struct nn_path p;
    double cost[COST_N_METRICS];
    memset(&p, 3, sizeof p);
    space_cost(s, &p, cost);
    b.limit[COST_LUT] = share * cost[COST_LUT];
    b.limit[COST_SIZE_BYTES] = (share + .1) * cost[COST_SIZE_BYTES];
    b.limit[COST_FF] = (share + .15) * cost[COST_FF];
    return b;
}

/* From the least pick. */
static double solve(struct arena *a, const struct space *s, const struct budget *b,
                    const struct nn_scores *v, struct nn_path *path, double *bound)
{
    struct err err;
    struct choices *c;
    int32_t pick[8] = {0};
    assert_ok(choices_build(s, b, v, NULL, NULL, a, &c, &err), err);
    assert_true(choices_worst(c, pick) <= SHARE_FULL);
    assert_ok(mip_improve(c, pick, bound, &err), err);
    choices_path(c, pick, path);
    return choices_value(c, pick);
}

static void three_budgets_equal_brute_force_and_the_bound_is_tight(void **state)
{
    for (uint64_t seed = 1; seed <= 12; seed++) {
        struct space *s = fake_space(*state, 5, W, A, seed);
        struct nn_scores v;
        fake_values(s, seed, &v);
        const struct budget b = share_of_uniform(s, .6 + .02 * (double)seed);
        struct nn_path best, path;
        double bound, cost[COST_N_METRICS];
        const double most = brute_force(s, &b, &v, &best);
        const double value = solve(*state, s, &b, &v, &path, &bound);
        assert_close(value, most, 1e-12, 1e-12);
        assert_true(bound >= value);
        assert_close(bound, value, 1e-5, 1e-6);
        space_cost(s, &path, cost);
        assert_true(budget_met(&b, cost));
    }
}

static void no_heuristic_is_better(void **state)
{
    struct err err;
    for (uint64_t seed = 1; seed <= 6; seed++) {
        struct space *s = fake_space(*state, 8, 0x7e, 0x7c, seed);
        struct nn_scores v;
        fake_values(s, seed, &v);
        const struct budget b = share_of_uniform(s, .7);
        struct nn_path heuristic, path;
        double bound;
        assert_ok(search_best_under_budget(s, &b, &v, NULL, NULL, &heuristic, &err),
                  err);
        const double value = solve(*state, s, &b, &v, &path, &bound);
        assert_true(value >= path_value(s, &v, &heuristic) - 1e-6);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            three_budgets_equal_brute_force_and_the_bound_is_tight, setup, teardown),
        cmocka_unit_test_setup_teardown(no_heuristic_is_better, setup, teardown),
    };
    return cmocka_run_group_tests_name("search/mip", tests, NULL, NULL);
}
