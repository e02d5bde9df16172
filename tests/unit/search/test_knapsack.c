/* test_knapsack.c -- the exact multiple-choice knapsack. */
#include "tests/cmocka_all.h"

#include "base/rng.h"
#include "search/knapsack.h"

enum { GROUPS = 6, ITEMS = 5 };

static void random_groups(struct rng *r, bool whole, struct knapsack_group *g)
{
    for (int l = 0; l < GROUPS; l++) {
        g[l].n = ITEMS;
        for (int j = 0; j < ITEMS; j++) {
            const double c = 10 * rng_unit(r);
            g[l].items[j] =
                (struct knapsack_item){whole ? floor(c) : c, rng_normal(r), 100 + j};
        }
    }
}

static double brute(const struct knapsack_group *g, double limit)
{
    double best = -INFINITY;
    int n = 1;
    for (int l = 0; l < GROUPS; l++)
        n *= ITEMS;
    for (int k = 0; k < n; k++) {
        double cost = 0, value = 0;
        for (int l = 0, rest = k; l < GROUPS; l++, rest /= ITEMS) {
            cost += g[l].items[rest % ITEMS].cost;
            value += g[l].items[rest % ITEMS].value;
        }
        if (cost <= limit && value > best) best = value;
    }
    return best;
}

static void picked(const struct knapsack_group *g, const int32_t *tags, double *cost,
                   double *value)
{
    *cost = *value = 0;
    for (int l = 0; l < GROUPS; l++) {
        assert_in_range(tags[l], 100, 100 + ITEMS - 1);
        *cost += g[l].items[tags[l] - 100].cost;
        *value += g[l].items[tags[l] - 100].value;
    }
}

static void compare(bool whole, int32_t n_states, double tolerance)
{
    struct rng r = rng_seed(1, 0);
    struct knapsack_group g[GROUPS];
    struct err err;
    for (int trial = 0; trial < 40; trial++) {
        random_groups(&r, whole, g);
        const double limit = 5 + 40 * rng_unit(&r);
        const double best = brute(g, limit);
        int32_t tags[GROUPS];
        bool found;
        assert_ok(knapsack_solve(g, GROUPS, limit, n_states, tags, &found, &err), err);
        assert_int_equal(found, isfinite(best));
        if (!found) continue;
        double cost, value;
        picked(g, tags, &cost, &value);
        assert_true(cost <= limit * (1 + 1e-9));
        assert_true(value <= best + 1e-9);
        if (value < best - tolerance)
            fail_msg("trial %d: value %g, best %g", trial, value, best);
    }
}

static void equals_brute_force_on_whole_costs(void **state)
{
    (void)state;
    compare(true, KNAPSACK_STATES, 1e-9);
}

static void equals_brute_force_on_real_costs(void **state)
{
    (void)state;
    compare(false, KNAPSACK_STATES, 1e-9);
}

static void a_thinned_front_stays_feasible_and_near(void **state)
{
    (void)state;
    compare(false, 64, .6); /* 6 groups, 64 states: a tenth of the budget lost */
}

static void a_budget_below_the_cheapest_finds_nothing(void **state)
{
    (void)state;
    struct rng r = rng_seed(2, 0);
    struct knapsack_group g[GROUPS];
    int32_t tags[GROUPS];
    bool found = true;
    struct err err;
    random_groups(&r, false, g);
    for (int l = 0; l < GROUPS; l++)
        for (int j = 0; j < ITEMS; j++)
            g[l].items[j].cost += 1;
    assert_ok(knapsack_solve(g, GROUPS, GROUPS * .99, 100, tags, &found, &err), err);
    assert_false(found);
}

static void a_limit_met_exactly_is_feasible(void **state)
{
    (void)state;
    struct knapsack_group g[3] = {{2, {{.1, 0, 0}, {.2, 5, 1}}},
                                  {2, {{.1, 0, 0}, {.3, 5, 1}}},
                                  {1, {{.1, 0, 0}}}};
    int32_t tags[3];
    bool found;
    struct err err;
    assert_ok(knapsack_solve(g, 3, .6, 100, tags, &found, &err), err);
    assert_true(found);
    assert_int_equal(tags[0], 1);
    assert_int_equal(tags[1], 1);
}

static void a_larger_budget_is_never_worse(void **state)
{
    (void)state;
    struct rng r = rng_seed(3, 0);
    struct knapsack_group g[GROUPS];
    struct err err;
    random_groups(&r, false, g);
    double before = -INFINITY;
    for (double limit = 1; limit < 60; limit += .7) {
        int32_t tags[GROUPS];
        bool found;
        double cost, value;
        assert_ok(knapsack_solve(g, GROUPS, limit, KNAPSACK_STATES, tags, &found, &err),
                  err);
        if (!found) continue;
        picked(g, tags, &cost, &value);
        assert_true(value >= before - 1e-12);
        before = value;
    }
    assert_true(isfinite(before));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equals_brute_force_on_whole_costs),
        cmocka_unit_test(equals_brute_force_on_real_costs),
        cmocka_unit_test(a_thinned_front_stays_feasible_and_near),
        cmocka_unit_test(a_budget_below_the_cheapest_finds_nothing),
        cmocka_unit_test(a_limit_met_exactly_is_feasible),
        cmocka_unit_test(a_larger_budget_is_never_worse),
    };
    return cmocka_run_group_tests_name("search/knapsack", tests, NULL, NULL);
}
