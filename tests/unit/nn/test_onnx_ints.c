/* test_onnx_ints.c -- arithmetic on integer tensors, against results worked out by hand
 * or element by element. */
#include "tests/cmocka_all.h"

#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "nn/onnx_ints.h"

struct fixture {
    struct arena *a;
    struct err err;
};

static int make_fixture(void **state)
{
    struct fixture *x = calloc(1, sizeof *x);
    x->a = arena_new();
    *state = x;
    return x->a ? 0 : -1;
}

static int drop_fixture(void **state)
{
    struct fixture *x = *state;
    arena_free(x->a);
    free(x);
    return 0;
}

/* (d0, d1, ...) of 0, 1, 2, ...; a negative dimension ends the list. */
static struct onnx_ints counting(struct fixture *x, int64_t d0, int64_t d1, int64_t d2,
                                 int64_t d3)
{
    const int64_t dims[4] = {d0, d1, d2, d3};
    size_t n_dims = 0;
    struct onnx_ints out;
    while (n_dims < 4 && dims[n_dims] >= 0)
        n_dims++;
    assert_ok(onnx_ints_new(n_dims, dims, x->a, &out, &x->err), x->err);
    for (size_t i = 0; i < out.n; i++)
        out.elems[i] = (int64_t)i;
    return out;
}

static struct onnx_ints list(struct fixture *x, size_t n, const int64_t *elems)
{
    struct onnx_ints out = counting(x, (int64_t)n, -1, -1, -1);
    for (size_t i = 0; i < n; i++)
        out.elems[i] = elems[i];
    return out;
}

static void assert_ints(const struct onnx_ints *x, size_t n, const int64_t *want)
{
    assert_int_equal(x->n, n);
    for (size_t i = 0; i < n; i++)
        assert_int_equal(x->elems[i], want[i]);
}

/* ---- what PyTorch leaves of F.pad(x, (0, 0, 0, 0, 8, 8)) ---- */

static void pads_of_pytorch_become_those_of_onnx(void **state)
{
    struct fixture *x = *state;
    static const int64_t pads[6] = {0, 0, 0, 0, 8, 8},
                         want[8] = {0, 8, 0, 0, 0, 8, 0, 0};
    struct onnx_ints parts[2] = {list(x, 6, pads), counting(x, 2, -1, -1, -1)}, v, w;
    parts[1].elems[1] = 0;
    assert_ok(onnx_ints_concat(parts, 2, 0, x->a, &v, &x->err), x->err);
    const struct onnx_ints pairs = list(x, 2, (const int64_t[]){-1, 2});
    assert_ok(onnx_ints_reshape(&v, &pairs, 0, &v, &x->err), x->err);
    assert_int_equal(v.dims[0], 4);
    struct onnx_range reversed;
    assert_ok(onnx_ints_range(4, -1, -INT64_MAX, -1, &reversed, &x->err), x->err);
    assert_ok(onnx_ints_slice(&v, 0, &reversed, x->a, &w, &x->err), x->err);
    assert_ok(onnx_ints_transpose(&w, (const int64_t[]){1, 0}, 2, x->a, &v, &x->err),
              x->err);
    const struct onnx_ints flat = list(x, 1, (const int64_t[]){-1});
    assert_ok(onnx_ints_reshape(&v, &flat, 0, &v, &x->err), x->err);
    assert_ints(&v, 8, want);
}

/* ---- one operation after the other ---- */

static void operands_broadcast(void **state)
{
    struct fixture *x = *state;
    const struct onnx_ints column = counting(x, 2, 1, -1, -1);
    const struct onnx_ints row = list(x, 3, (const int64_t[]){10, 20, -30});
    const struct onnx_ints scalar = counting(x, -1, -1, -1, -1);
    struct onnx_ints v;
    assert_ok(onnx_ints_binary('+', &column, &row, x->a, &v, &x->err), x->err);
    assert_int_equal(v.n_dims, 2);
    assert_ints(&v, 6, (const int64_t[]){10, 20, -30, 11, 21, -29});
    assert_ok(onnx_ints_binary('-', &scalar, &row, x->a, &v, &x->err), x->err);
    assert_ints(&v, 3, (const int64_t[]){-10, -20, 30});
    assert_ok(onnx_ints_binary('*', &row, &row, x->a, &v, &x->err), x->err);
    assert_ints(&v, 3, (const int64_t[]){100, 400, 900});
    scalar.elems[0] = 7;
    assert_ok(onnx_ints_binary('/', &row, &scalar, x->a, &v, &x->err), x->err);
    assert_ints(&v, 3, (const int64_t[]){1, 2, -4});
}

static void what_64_bits_cannot_hold_is_refused(void **state)
{
    struct fixture *x = *state;
    static const struct {
        char op;
        int64_t x, y;
    } rows[] = {{'+', INT64_MAX, 1}, {'-', INT64_MIN, 1},  {'*', INT64_MAX, 2},
                {'/', 5, 0},         {'/', INT64_MIN, -1}, {'*', INT64_MIN, -1}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct onnx_ints p = list(x, 1, &rows[i].x), q = list(x, 1, &rows[i].y);
        struct onnx_ints v;
        assert_int_equal(onnx_ints_binary(rows[i].op, &p, &q, x->a, &v, &x->err),
                         ST_RANGE);
        assert_non_null(strstr(x->err.msg, "expected a result of 64 bits, found"));
    }
}

/* Against a walk over the positions, for all small ranges. */
static void slices_take_every_nth_in_either_direction(void **state)
{
    struct fixture *x = *state;
    const struct onnx_ints v = counting(x, 5, -1, -1, -1);
    for (int64_t start = -7; start <= 7; start++)
        for (int64_t end = -7; end <= 7; end++)
            for (int64_t step = -3; step <= 3; step++) {
                struct onnx_range range;
                struct onnx_ints part;
                if (step == 0) continue;
                int64_t want[8], at = start < 0 ? start + 5 : start;
                int64_t last = end < 0 ? end + 5 : end;
                size_t n = 0;
                if (at < 0) at = 0;
                if (at > (step > 0 ? 5 : 4)) at = step > 0 ? 5 : 4;
                if (last < 0) last = step > 0 ? 0 : -1;
                for (; step > 0 ? at < last && at < 5 : at > last && at >= 0;
                     at += step)
                    want[n++] = at;
                assert_ok(onnx_ints_range(5, start, end, step, &range, &x->err),
                          x->err);
                assert_ok(onnx_ints_slice(&v, 0, &range, x->a, &part, &x->err), x->err);
                assert_ints(&part, n, want);
            }
}

static void axes_are_rearranged(void **state)
{
    struct fixture *x = *state;
    const struct onnx_ints v = counting(x, 2, 3, 1, 2);
    struct onnx_ints y;
    assert_ok(
        onnx_ints_transpose(&v, (const int64_t[]){3, 1, 0, 2}, 4, x->a, &y, &x->err),
        x->err);
    assert_int_equal(y.dims[0], 2);
    assert_int_equal(y.dims[1], 3);
    assert_int_equal(y.dims[2], 2);
    for (size_t i = 0; i < 12; i++) /* y[i, j, k] = v[k, j, 0, i] */
        assert_int_equal(y.elems[i], i % 2 * 6 + i / 2 % 3 * 2 + i / 6);
    assert_ok(onnx_ints_transpose(&v, NULL, 0, x->a, &y, &x->err), x->err);
    assert_int_equal(y.elems[1], 6);
    assert_ok(onnx_ints_squeeze(&v, NULL, 0, &y, &x->err), x->err);
    assert_int_equal(y.n_dims, 3);
    assert_ok(onnx_ints_unsqueeze(&y, (const int64_t[]){-1}, 1, &y, &x->err), x->err);
    assert_int_equal(y.n_dims, 4);
    assert_int_equal(y.dims[2], 2);
    assert_int_equal(y.dims[3], 1);
}

static void gather_reads_along_its_axis(void **state)
{
    struct fixture *x = *state;
    const struct onnx_ints v = counting(x, 2, 3, -1, -1);
    const struct onnx_ints pair = list(x, 2, (const int64_t[]){-1, 0});
    struct onnx_ints scalar = counting(x, -1, -1, -1, -1), y;
    assert_ok(onnx_ints_gather(&v, &pair, 1, x->a, &y, &x->err), x->err);
    assert_ints(&y, 4, (const int64_t[]){2, 0, 5, 3});
    scalar.elems[0] = 1;
    assert_ok(onnx_ints_gather(&v, &scalar, 0, x->a, &y, &x->err), x->err);
    assert_int_equal(y.n_dims, 1);
    assert_ints(&y, 3, (const int64_t[]){3, 4, 5});
}

static void concat_joins_along_its_axis(void **state)
{
    struct fixture *x = *state;
    const struct onnx_ints parts[2] = {counting(x, 2, 1, -1, -1),
                                       counting(x, 2, 2, -1, -1)};
    struct onnx_ints y;
    assert_ok(onnx_ints_concat(parts, 2, -1, x->a, &y, &x->err), x->err);
    assert_ints(&y, 6, (const int64_t[]){0, 0, 1, 1, 2, 3});
}

static void empty_tensors_stay_empty(void **state)
{
    struct fixture *x = *state;
    const struct onnx_ints none = counting(x, 0, -1, -1, -1);
    const struct onnx_ints two = list(x, 2, (const int64_t[]){0, 2});
    struct onnx_range range;
    struct onnx_ints y;
    assert_ok(onnx_ints_range(0, -1, -9, -1, &range, &x->err), x->err);
    assert_ok(onnx_ints_slice(&none, 0, &range, x->a, &y, &x->err), x->err);
    assert_int_equal(y.n, 0);
    assert_ok(onnx_ints_reshape(&none, &two, 0, &y, &x->err), x->err);
    assert_int_equal(y.n, 0);
    assert_int_equal(y.dims[1], 2);
}

/* ---- mistakes ---- */

static void shapes_that_do_not_fit_are_refused(void **state)
{
    struct fixture *x = *state;
    const struct onnx_ints v = counting(x, 2, 3, -1, -1),
                           w = counting(x, 4, -1, -1, -1);
    const struct onnx_ints both[2] = {v, w};
    const int64_t many[5] = {1, 1, 1, 1, 1}, large[2] = {64, 65}, twice[2] = {0, 0};
    const struct onnx_ints open = list(x, 2, (const int64_t[]){-1, -1});
    const struct onnx_ints other = list(x, 2, (const int64_t[]){-1, 4});
    struct onnx_range range;
    struct onnx_ints y;
    assert_int_equal(onnx_ints_new(5, many, x->a, &y, &x->err), ST_UNSUPPORTED);
    assert_non_null(strstr(x->err.msg, "at most 4 dimensions, found 5"));
    assert_int_equal(onnx_ints_new(2, large, x->a, &y, &x->err), ST_UNSUPPORTED);
    assert_non_null(strstr(x->err.msg, "at most 4096 integers"));
    assert_int_equal(onnx_ints_binary('+', &v, &w, x->a, &y, &x->err), ST_PARSE);
    assert_non_null(strstr(x->err.msg, "broadcast, found dimensions of 3 and 4"));
    assert_int_equal(onnx_ints_concat(both, 2, 0, x->a, &y, &x->err), ST_PARSE);
    assert_int_equal(onnx_ints_reshape(&v, &open, 0, &y, &x->err), ST_PARSE);
    assert_int_equal(onnx_ints_reshape(&v, &other, 0, &y, &x->err), ST_PARSE);
    assert_non_null(strstr(x->err.msg, "a shape of 6 elements, found another"));
    assert_int_equal(onnx_ints_transpose(&v, twice, 2, x->a, &y, &x->err), ST_PARSE);
    assert_int_equal(onnx_ints_transpose(&v, twice, 1, x->a, &y, &x->err), ST_PARSE);
    assert_int_equal(onnx_ints_gather(&v, &w, 1, x->a, &y, &x->err), ST_RANGE);
    assert_non_null(strstr(x->err.msg, "an index into 3 elements, found 3"));
    assert_int_equal(onnx_ints_gather(&v, &w, 2, x->a, &y, &x->err), ST_RANGE);
    assert_int_equal(onnx_ints_squeeze(&v, twice, 1, &y, &x->err), ST_PARSE);
    assert_non_null(strstr(x->err.msg, "a dimension of 1 at axis 0, found 2"));
    assert_int_equal(onnx_ints_unsqueeze(&v, twice, 2, &y, &x->err), ST_PARSE);
    assert_int_equal(onnx_ints_range(5, 0, 5, 0, &range, &x->err), ST_RANGE);
    assert_non_null(strstr(x->err.msg, "a step other than 0, found 0"));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, make_fixture, drop_fixture)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(pads_of_pytorch_become_those_of_onnx),
        TEST(operands_broadcast),
        TEST(what_64_bits_cannot_hold_is_refused),
        TEST(slices_take_every_nth_in_either_direction),
        TEST(axes_are_rearranged),
        TEST(gather_reads_along_its_axis),
        TEST(concat_joins_along_its_axis),
        TEST(empty_tensors_stay_empty),
        TEST(shapes_that_do_not_fit_are_refused),
    };
    return cmocka_run_group_tests_name("nn/onnx_ints", tests, NULL, NULL);
}
