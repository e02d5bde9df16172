/* Non-negative least squares against solutions known by other means: closed forms,
 * and the best of all subsets of columns. */
#include "tests/cmocka_all.h"

#include <string.h>

#include "base/rng.h"
#include "costmodel/nnls.h"

enum { MAX_ROWS = 40, MAX_COLS = 6 };

struct problem {
    int32_t n_rows, n_cols;
    double a[MAX_ROWS * MAX_COLS], b[MAX_ROWS];
};

static void solve(const struct problem *p, double *x)
{
    struct nnls_system s;
    struct err err;
    int32_t columns[MAX_COLS];
    struct arena *scratch = arena_new();
    assert_non_null(scratch);
    for (int32_t j = 0; j < p->n_cols; j++)
        columns[j] = j;
    assert_ok(nnls_reduce(p->n_rows, p->n_cols, p->a, p->b, scratch, &s, &err), err);
    nnls_solve(&s, p->n_cols, columns, x);
    arena_free(scratch);
}

static double squares(const struct problem *p, const double *x)
{
    double sum = 0;
    for (int32_t i = 0; i < p->n_rows; i++) {
        double r = p->b[i];
        for (int32_t j = 0; j < p->n_cols; j++)
            r -= p->a[i * p->n_cols + j] * x[j];
        sum += r * r;
    }
    return sum;
}

static void a_positive_solution_of_a_square_system_is_exact(void **state)
{
    (void)state;
    const struct problem p = {3, 3, {2, 0, 1, 0, 3, 0, 1, 1, 4}, {5, 6, 15}};
    double x[3]; /* 2x + z = 5, 3y = 6, x + y + 4z = 15 */
    solve(&p, x);
    assert_close(x[0], 1.0, 1e-12, 0);
    assert_close(x[1], 2.0, 1e-12, 0);
    assert_close(x[2], 3.0, 1e-12, 0);
}

static void a_negative_unconstrained_coefficient_becomes_zero(void **state)
{
    (void)state;
    /* Unconstrained: b = 2 a0 - 1 a1.  With x1 = 0: x0 = <a0, b> / <a0, a0>. */
    const struct problem p = {3, 2, {1, 0, 1, 1, 0, 1}, {2, 1, -1}};
    double x[2];
    solve(&p, x);
    assert_close(x[0], 1.5, 1e-12, 0);
    assert_true(x[1] == 0);
}

static void nothing_helps_against_a_negative_right_side(void **state)
{
    (void)state;
    const struct problem p = {2, 2, {1, 2, 3, 4}, {-1, -2}};
    double x[2];
    solve(&p, x);
    assert_true(x[0] == 0 && x[1] == 0);
}

/* Least squares on two or fewer columns by the normal equations, Cramer's rule; on
 * more by Gaussian elimination: an independent way to the same minimum. */
static int normal_equations(const struct problem *p, unsigned mask, double *x)
{
    double m[MAX_COLS][MAX_COLS + 1] = {{0}};
    int at[MAX_COLS], n = 0;
    for (int j = 0; j < p->n_cols; j++)
        if (mask >> j & 1) at[n++] = j;
    for (int r = 0; r < n; r++) {
        for (int32_t i = 0; i < p->n_rows; i++) {
            for (int c = 0; c < n; c++)
                m[r][c] += p->a[i * p->n_cols + at[r]] * p->a[i * p->n_cols + at[c]];
            m[r][n] += p->a[i * p->n_cols + at[r]] * p->b[i];
        }
    }
    for (int c = 0; c < n; c++)
        for (int r = 0; r < n; r++) {
            if (r == c) continue;
            const double f = m[r][c] / m[c][c];
            for (int k = c; k <= n; k++)
                m[r][k] -= f * m[c][k];
        }
    memset(x, 0, MAX_COLS * sizeof *x);
    for (int r = 0; r < n; r++) {
        x[at[r]] = m[r][n] / m[r][r];
        if (x[at[r]] < 0) return 0;
    }
    return 1;
}

static void it_finds_the_best_of_all_subsets(void **state)
{
    (void)state;
    struct rng rng = rng_seed(11, 0);
    int n_at_border = 0;
    for (int trial = 0; trial < 200; trial++) {
        struct problem p = {.n_rows = 8 + (int32_t)rng_below(&rng, 30), .n_cols = 5};
        double x[MAX_COLS] = {0}, best = INFINITY;
        for (int32_t i = 0; i < p.n_rows * p.n_cols; i++)
            p.a[i] = rng_unit(&rng);
        for (int32_t i = 0; i < p.n_rows; i++)
            p.b[i] = 2 * p.a[i * p.n_cols] - p.a[i * p.n_cols + 1] + rng_normal(&rng);
        solve(&p, x);
        for (unsigned mask = 0; mask < 1u << p.n_cols; mask++) {
            double y[MAX_COLS];
            if (normal_equations(&p, mask, y)) best = fmin(best, squares(&p, y));
        }
        for (int32_t j = 0; j < p.n_cols; j++) {
            assert_true(x[j] >= 0);
            n_at_border += x[j] == 0;
        }
        assert_close(squares(&p, x), best, 1e-9, 1e-12);
    }
    assert_in_range(n_at_border, 100, 900); /* both kinds of coefficients occur */
}

static void a_subset_of_the_columns_is_solved_alone(void **state)
{
    (void)state;
    const struct problem p = {3, 3, {1, 9, 1, 1, 9, 2, 1, 9, 4}, {3, 5, 9}};
    const int32_t columns[2] = {2, 0}; /* b = 2 * a2 + 1 * a0 */
    struct nnls_system s;
    struct err err;
    double x[2];
    struct arena *scratch = arena_new();
    assert_ok(nnls_reduce(3, 3, p.a, p.b, scratch, &s, &err), err);
    nnls_solve(&s, 2, columns, x);
    assert_close(x[0], 2.0, 1e-10, 0);
    assert_close(x[1], 1.0, 1e-10, 0);
    arena_free(scratch);
}

static void dependent_columns_are_found_with_their_partners(void **state)
{
    (void)state;
    double a[5 * 4], b[5] = {1, 2, 3, 4, 5};
    const int32_t columns[4] = {0, 1, 2, 3};
    int32_t partners[4];
    struct nnls_system s;
    struct err err;
    struct arena *scratch = arena_new();
    for (int i = 0; i < 5; i++) { /* column 3 = 2 * column 0 + column 2 */
        a[i * 4 + 0] = 1;
        a[i * 4 + 1] = i * i;
        a[i * 4 + 2] = i;
        a[i * 4 + 3] = 2 + i;
    }
    assert_ok(nnls_reduce(5, 4, a, b, scratch, &s, &err), err);
    assert_int_equal(nnls_collinear(&s, 3, columns, NULL), -1);
    assert_int_equal(nnls_collinear(&s, 4, columns, partners), 3);
    assert_int_equal(partners[0], 1);
    assert_int_equal(partners[1], 0);
    assert_int_equal(partners[2], 1);
    arena_free(scratch);
}

static void more_columns_than_rows_are_dependent_and_still_solved(void **state)
{
    (void)state;
    const struct problem p = {2, 3, {1, 0, 1, 0, 1, 1}, {1, 1}};
    const int32_t columns[3] = {0, 1, 2};
    struct nnls_system s;
    struct err err;
    double x[MAX_COLS] = {0};
    struct arena *scratch = arena_new();
    assert_ok(nnls_reduce(2, 3, p.a, p.b, scratch, &s, &err), err);
    assert_int_equal(nnls_collinear(&s, 3, columns, NULL), 2);
    nnls_solve(&s, 3, columns, x);
    assert_close(squares(&p, x), 0.0, 0, 1e-20);
    arena_free(scratch);
}

static void a_column_of_zeros_gets_the_coefficient_zero(void **state)
{
    (void)state;
    const struct problem p = {3, 2, {0, 1, 0, 2, 0, 3}, {2, 4, 6}};
    double x[2];
    solve(&p, x);
    assert_true(x[0] == 0);
    assert_close(x[1], 2.0, 1e-12, 0);
}

static void bad_problems_are_refused(void **state)
{
    (void)state;
    const double a[4] = {1, 2, NAN, 4}, b[2] = {1, 2};
    struct nnls_system s;
    struct err err;
    struct arena *scratch = arena_new();
    assert_int_equal(nnls_reduce(0, 2, a, b, scratch, &s, &err), ST_RANGE);
    assert_string_equal(err.msg, "least squares: expected at least 1 row and 1 to 24 "
                                 "columns, found 0 rows and 2 columns");
    assert_int_equal(nnls_reduce(2, NNLS_MAX + 1, a, b, scratch, &s, &err), ST_RANGE);
    assert_int_equal(nnls_reduce(2, 2, a, b, scratch, &s, &err), ST_RANGE);
    assert_string_equal(err.msg, "least squares: expected finite sizes and "
                                 "measurements, found a NaN or an infinity");
    arena_free(scratch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_positive_solution_of_a_square_system_is_exact),
        cmocka_unit_test(a_negative_unconstrained_coefficient_becomes_zero),
        cmocka_unit_test(nothing_helps_against_a_negative_right_side),
        cmocka_unit_test(it_finds_the_best_of_all_subsets),
        cmocka_unit_test(a_subset_of_the_columns_is_solved_alone),
        cmocka_unit_test(dependent_columns_are_found_with_their_partners),
        cmocka_unit_test(more_columns_than_rows_are_dependent_and_still_solved),
        cmocka_unit_test(a_column_of_zeros_gets_the_coefficient_zero),
        cmocka_unit_test(bad_problems_are_refused),
    };
    return cmocka_run_group_tests_name("costmodel/nnls", tests, NULL, NULL);
}
