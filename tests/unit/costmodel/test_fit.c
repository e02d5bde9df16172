/* The fit on planted data, its cross-validation against a loop by hand, its
 * intervals against the noise that made the data, and what it refuses. */
#include "tests/cmocka_all.h"

#include "base/rng.h"
#include "costmodel/fit.h"

enum { N_MAX = 400, P = 4 };

/* Sizes: 1, x, x * y, y; groups of three rows each. */
struct data {
    double sizes[N_MAX * P], y[N_MAX];
    int32_t group[N_MAX];
    struct fit_rows rows;
    struct arena *a;
};

static const char *const names[P] = {"one", "x", "xy", "y"};

static struct data *new_data(int32_t n)
{
    static struct data d;
    d.a = arena_new();
    assert_non_null(d.a);
    for (int32_t i = 0; i < n; i++) {
        const double x = 1 + i % 8, y = 1 + i / 3 % 7;
        const double sizes[P] = {1, x, x * y, y};
        for (int j = 0; j < P; j++)
            d.sizes[i * P + j] = sizes[j];
        d.group[i] = i / 3;
    }
    d.rows =
        (struct fit_rows){n, P, d.sizes, d.y, NULL, 6, d.group, (n + 2) / 3, names};
    return &d;
}

static void plant(struct data *d, const double c[P], double noise, uint64_t seed)
{
    struct rng rng = rng_seed(seed, 0);
    for (int32_t i = 0; i < d->rows.n; i++) {
        d->y[i] = 0;
        for (int j = 0; j < P; j++)
            d->y[i] += c[j] * d->sizes[i * P + j];
        d->y[i] *= 1 + noise * rng_normal(&rng);
    }
}

static void planted_coefficients_are_recovered(void **state)
{
    (void)state;
    struct data *d = new_data(60);
    const double c[P] = {7, 0, 2.5, 1.25};
    const int32_t terms[P] = {0, 1, 2, 3};
    struct fit_formula f;
    struct err err;
    plant(d, c, 0, 1);
    assert_ok(fit_terms(&d->rows, P, terms, d->a, &f, &err), err);
    for (int j = 0; j < P; j++)
        assert_close(f.coefficients[j], c[j], 1e-9, 1e-9);
    arena_free(d->a);
}

static void the_planted_terms_are_chosen_and_the_error_vanishes(void **state)
{
    (void)state;
    struct data *d = new_data(60);
    const double c[P] = {7, 0, 2.5, 0};
    struct fit_result r;
    struct err err;
    plant(d, c, 0, 1);
    assert_ok(fit_choose(&d->rows, 0, NULL, d->a, &r, &err), err);
    assert_int_equal(r.formula.n_terms, 2);
    for (int i = 0; i < 2; i++)
        assert_close(r.formula.coefficients[i], c[r.formula.terms[i]], 1e-9, 0);
    assert_close(r.held_out.max, 0.0, 0, 1e-9);
    assert_close(r.train_max, 0.0, 0, 1e-9);
    arena_free(d->a);
}

static void a_term_that_only_describes_noise_is_not_taken(void **state)
{
    (void)state;
    int n_wrong = 0;
    for (uint64_t seed = 1; seed <= 20; seed++) {
        struct data *d = new_data(120);
        const double c[P] = {0, 0, 3, 0};
        struct fit_result r;
        struct err err;
        plant(d, c, 0.05, seed);
        assert_ok(fit_choose(&d->rows, 0, NULL, d->a, &r, &err), err);
        n_wrong += r.formula.n_terms > 1;
        assert_int_equal(r.formula.terms[0], 2);
        arena_free(d->a);
    }
    assert_in_range(n_wrong, 0, 4);
}

/* One term x: the weighted solution is sum(w^2 x y) / sum(w^2 x x), w = 1 / y. */
static double slope_without(const struct data *d, int32_t group)
{
    double above = 0, below = 0;
    for (int32_t i = 0; i < d->rows.n; i++) {
        const double x = d->sizes[i * P + 1], w = 1 / fmax(d->y[i], 6);
        if (d->group[i] == group) continue;
        above += w * w * x * d->y[i];
        below += w * w * x * x;
    }
    return above / below;
}

static void cross_validation_equals_a_loop_by_hand(void **state)
{
    (void)state;
    struct data *d = new_data(18);
    const double c[P] = {3, 2, 0, 0};
    const int32_t forced = 1;
    struct fit_result r;
    struct err err;
    double sum = 0, max = 0;
    plant(d, c, 0.1, 5);
    assert_ok(fit_choose(&d->rows, 1, &forced, d->a, &r, &err), err);
    assert_int_equal(r.n_folds, 6);
    for (int32_t i = 0; i < 18; i++) {
        const double by_hand = slope_without(d, d->group[i]) * d->sizes[i * P + 1];
        const double e = fabs(by_hand - d->y[i]) / fmax(d->y[i], 6);
        assert_close(r.predicted[i], by_hand, 1e-9, 0);
        sum += e;
        max = fmax(max, e);
    }
    assert_close(r.held_out.mean, sum / 18, 1e-9, 0);
    assert_close(r.held_out.max, max, 1e-9, 0);
    arena_free(d->a);
}

static void weights_are_relative(void **state)
{
    (void)state;
    /* Two rows want slope 1 at size 1000, two want slope 2 at size 10: relative to
     * y the small ones weigh as much, so the slope lies between, not at 1. */
    const double sizes[4] = {1000, 1000, 10, 10}, y[4] = {1000, 1000, 20, 20};
    const int32_t group[4] = {0, 1, 2, 3}, term = 0;
    const struct fit_rows rows = {4, 1, sizes, y, NULL, 6, group, 4, names};
    struct fit_formula f;
    struct err err;
    struct arena *a = arena_new();
    assert_ok(fit_terms(&rows, 1, &term, a, &f, &err), err);
    /* minimise 2 (c - 1)^2 + 2 (c / 2 - 1)^2: c = 1.2 */
    assert_close(f.coefficients[0], 1.2, 1e-12, 0);
    arena_free(a);
}

static void errors_of_parts_are_relative_to_the_whole(void **state)
{
    (void)state;
    /* Wholes of 1000 and 10: minimise 2 ((c - 1) / 1000)^2 + 2 ((c - 2) / 10)^2. */
    const double sizes[4] = {1, 1, 1, 1}, y[4] = {1, 1, 2, 2};
    const double whole[4] = {1000, 1000, 10, 10};
    const int32_t group[4] = {0, 1, 2, 3}, term = 0;
    const struct fit_rows rows = {4, 1, sizes, y, whole, 6, group, 4, names};
    struct fit_formula f;
    struct err err;
    struct arena *a = arena_new();
    assert_ok(fit_terms(&rows, 1, &term, a, &f, &err), err);
    assert_close(f.coefficients[0], (1e-6 + 2e-2) / (1e-6 + 1e-2), 1e-12, 0);
    arena_free(a);
}

static void the_interval_covers_as_promised(void **state)
{
    (void)state;
    int n_inside = 0, n_total = 0;
    for (uint64_t seed = 1; seed <= 10; seed++) {
        struct data *d = new_data(120);
        const double c[P] = {4, 0, 2, 0};
        const int32_t forced[2] = {0, 2};
        struct rng fresh = rng_seed(seed, 1);
        struct fit_result r;
        struct err err;
        plant(d, c, 0.06, seed);
        assert_ok(fit_choose(&d->rows, 2, forced, d->a, &r, &err), err);
        assert_in_range((long)(100 * r.held_out.coverage), 86, 94);
        for (int32_t i = 0; i < 120; i++) { /* rows that the fit has never seen */
            const double est = fit_formula_eval(&r.formula, d->sizes + i * P);
            const double truth =
                (4 + 2 * d->sizes[i * P + 2]) * (1 + 0.06 * rng_normal(&fresh));
            n_inside += fabs(truth - est) <= r.held_out.half_width * est;
            n_total++;
        }
        arena_free(d->a);
    }
    /* 1200 rows at 90 %: the standard error is 0.9 %, the width itself adds some. */
    assert_in_range(100 * n_inside / n_total, 86, 94);
}

static void few_residuals_give_their_maximum(void **state)
{
    (void)state;
    const double est[4] = {10, 10, 10, 10}, meas[4] = {10, 11, 9, 13};
    const int32_t group[4] = {0, 1, 2, 3};
    struct fit_error e;
    struct err err;
    struct arena *a = arena_new();
    assert_ok(fit_error_of(&(struct fit_estimates){4, est, meas, 1, group}, a, NULL, &e,
                           &err),
              err);
    assert_close(e.half_width, 0.3, 1e-12, 0);
    assert_close(e.coverage, 0.75, 1e-12, 0); /* the 13 is outside the others' 0.1 */
    assert_close(e.median, (1.0 / 11 + 1.0 / 9) / 2, 1e-12, 0);
    assert_close(e.max, 3.0 / 13, 1e-12, 0);
    arena_free(a);
}

static void ninety_percent_of_many_residuals_are_inside(void **state)
{
    (void)state;
    double est[99], meas[99];
    int32_t group[99];
    struct fit_error e;
    struct err err;
    struct arena *a = arena_new();
    for (int i = 0; i < 99; i++) {
        est[i] = 1000;
        meas[i] = 1001 + i;
        group[i] = i;
    }
    assert_ok(fit_error_of(&(struct fit_estimates){99, est, meas, 1, group}, a, NULL,
                           &e, &err),
              err);
    assert_close(e.half_width, 0.090, 1e-12, 0); /* the 90th of 99 */
    arena_free(a);
}

/* Residuals 0.1, 0.2, 0.3 (one group) and 0.9 (another). */
static void intervals_come_from_other_groups(void **state)
{
    (void)state;
    const double est[] = {1, 1, 1, 1}, meas[] = {1.1, 1.2, 1.3, 1.9};
    const int32_t two[] = {0, 0, 0, 1}, one[] = {5, 5, 5, 5};
    struct fit_estimates h = {4, est, meas, 1, two};
    struct fit_error e;
    struct err err;
    double half[4];
    struct arena *a = arena_new();
    assert_ok(fit_error_of(&h, a, half, &e, &err), err);
    assert_close(half[0], 0.9, 1e-12, 0);
    assert_close(half[3], 0.3, 1e-12, 0);
    assert_close(e.coverage, 0.75, 1e-12, 0);
    h.group = one; /* nothing else to go by: each row by the others */
    assert_ok(fit_error_of(&h, a, half, &e, &err), err);
    assert_close(half[0], 0.9, 1e-12, 0);
    assert_close(half[3], 0.3, 1e-12, 0);
    assert_close(e.coverage, 0.75, 1e-12, 0);
    arena_free(a);
}

static void dependent_terms_are_refused_by_name(void **state)
{
    (void)state;
    struct data *d = new_data(30);
    const double c[P] = {1, 1, 1, 1};
    const int32_t terms[3] = {0, 3, 1};
    struct fit_formula f;
    struct err err;
    plant(d, c, 0, 1);
    for (int32_t i = 0; i < 30; i++) /* x = 3 + 2 y */
        d->sizes[i * P + 1] = 3 + 2 * d->sizes[i * P + 3];
    assert_int_equal(fit_terms(&d->rows, 3, terms, d->a, &f, &err), ST_RANGE);
    assert_string_equal(
        err.msg, "fit: expected independent terms, found 'x' is a combination of "
                 "'one', 'y' in all 30 rows; measure rows that vary them "
                 "independently or leave one out");
    for (int32_t i = 0; i < 30; i++)
        d->sizes[i * P + 1] = 0;
    assert_int_equal(fit_terms(&d->rows, 3, terms, d->a, &f, &err), ST_RANGE);
    assert_string_equal(err.msg,
                        "fit: expected every term to vary, found 'x' is 0 in all rows");
    arena_free(d->a);
}

static void dependent_terms_are_not_chosen_together(void **state)
{
    (void)state;
    struct data *d = new_data(60);
    const double c[P] = {5, 2, 0, 0};
    struct fit_result r;
    struct err err;
    for (int32_t i = 0; i < 60; i++) /* y is x again */
        d->sizes[i * P + 3] = d->sizes[i * P + 1];
    plant(d, c, 0.01, 3);
    assert_ok(fit_choose(&d->rows, 0, NULL, d->a, &r, &err), err);
    int n_slopes = 0;
    for (int i = 0; i < r.formula.n_terms; i++)
        n_slopes += r.formula.terms[i] == 1 || r.formula.terms[i] == 3;
    assert_int_equal(n_slopes, 1);
    arena_free(d->a);
}

static void too_few_rows_are_refused(void **state)
{
    (void)state;
    struct data *d = new_data(4);
    const double c[P] = {1, 1, 1, 1};
    const int32_t terms[P] = {0, 1, 2, 3};
    struct fit_formula f;
    struct fit_result r;
    struct err err;
    plant(d, c, 0, 1);
    assert_int_equal(fit_terms(&d->rows, P, terms, d->a, &f, &err), ST_RANGE);
    assert_string_equal(err.msg, "fit: expected at least 5 rows for 4 terms, found 4");
    d->rows.n_groups = 1;
    for (int i = 0; i < 4; i++)
        d->group[i] = 0;
    assert_int_equal(fit_choose(&d->rows, 0, NULL, d->a, &r, &err), ST_RANGE);
    assert_string_equal(err.msg,
                        "fit: expected at least 2 groups to hold one out, found 1");
    d->rows.n = 3;
    assert_int_equal(fit_choose(&d->rows, 0, NULL, d->a, &r, &err), ST_RANGE);
    assert_string_equal(err.msg, "fit: expected at least 4 rows, found 3");
    arena_free(d->a);
}

static void measurements_that_are_all_zero_have_no_formula(void **state)
{
    (void)state;
    struct data *d = new_data(12);
    struct fit_result r;
    struct err err;
    for (int i = 0; i < 12; i++)
        d->y[i] = 0;
    assert_int_equal(fit_choose(&d->rows, 0, NULL, d->a, &r, &err), ST_RANGE);
    assert_string_equal(err.msg, "fit: expected measurements that grow with some term, "
                                 "found 12 rows that no term describes");
    arena_free(d->a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(planted_coefficients_are_recovered),
        cmocka_unit_test(the_planted_terms_are_chosen_and_the_error_vanishes),
        cmocka_unit_test(a_term_that_only_describes_noise_is_not_taken),
        cmocka_unit_test(cross_validation_equals_a_loop_by_hand),
        cmocka_unit_test(weights_are_relative),
        cmocka_unit_test(errors_of_parts_are_relative_to_the_whole),
        cmocka_unit_test(the_interval_covers_as_promised),
        cmocka_unit_test(few_residuals_give_their_maximum),
        cmocka_unit_test(ninety_percent_of_many_residuals_are_inside),
        cmocka_unit_test(intervals_come_from_other_groups),
        cmocka_unit_test(dependent_terms_are_refused_by_name),
        cmocka_unit_test(dependent_terms_are_not_chosen_together),
        cmocka_unit_test(too_few_rows_are_refused),
        cmocka_unit_test(measurements_that_are_all_zero_have_no_formula),
    };
    return cmocka_run_group_tests_name("costmodel/fit", tests, NULL, NULL);
}
