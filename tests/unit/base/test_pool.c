/* Threads: every index once, results independent of their number. */
#include "tests/cmocka_all.h"

#include <string.h>

#include "base/pool.h"
#include "base/rng.h"

enum { N = 1000 };

struct job {
    double out[N];
    int calls[N], n_threads, bad_thread;
};

static void body(void *arg, int i, int i_thread)
{
    struct job *j = arg;
    struct rng r = rng_seed((uint64_t)i, 0);
    double sum = 0;
    for (int k = 0; k < 50; k++)
        sum += rng_normal(&r);
    j->out[i] = sum;
    j->calls[i]++;
    if (i_thread < 0 || i_thread >= j->n_threads) j->bad_thread = 1;
}

static void run(int n_threads, struct job *j)
{
    struct err err;
    struct pool *p = NULL;
    memset(j, 0, sizeof *j);
    assert_ok(pool_new(n_threads, &p, &err), err);
    assert_int_equal(pool_n_threads(p), n_threads);
    j->n_threads = n_threads;
    pool_for(p, N, body, j);
    pool_free(p);
}

static void results_do_not_depend_on_the_number_of_threads(void **state)
{
    (void)state;
    static struct job one, many;
    run(1, &one);
    for (int n = 2; n <= 5; n++) {
        run(n, &many);
        assert_memory_equal(one.out, many.out, sizeof one.out);
        assert_false(many.bad_thread);
        for (int i = 0; i < N; i++)
            assert_int_equal(many.calls[i], 1);
    }
}

static void loops_follow_each_other_without_loss(void **state)
{
    (void)state;
    static struct job j;
    struct err err;
    struct pool *p = NULL;
    memset(&j, 0, sizeof j);
    j.n_threads = 3;
    assert_ok(pool_new(3, &p, &err), err);
    for (int round = 0; round < 300; round++)
        pool_for(p, round % 7, body, &j);
    pool_free(p);
    /* Index i is in every loop that is longer than i. */
    for (int i = 0; i < 7; i++) {
        int expected = 0;
        for (int round = 0; round < 300; round++)
            expected += round % 7 > i;
        assert_int_equal(j.calls[i], expected);
    }
}

static void no_pool_is_a_plain_loop(void **state)
{
    (void)state;
    static struct job j;
    memset(&j, 0, sizeof j);
    j.n_threads = 1;
    pool_for(NULL, 10, body, &j);
    for (int i = 0; i < N; i++)
        assert_int_equal(j.calls[i], i < 10);
    assert_int_equal(pool_n_threads(NULL), 1);
    pool_free(NULL);
}

static void a_senseless_number_of_threads_is_refused(void **state)
{
    (void)state;
    struct err err;
    struct pool *p = NULL;
    assert_int_equal(pool_new(-1, &p, &err), ST_RANGE);
    assert_string_equal(err.msg, "expected 1 to 1024 threads, found -1");
    assert_ok(pool_new(0, &p, &err), err);
    assert_true(pool_n_threads(p) >= 1);
    pool_free(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(results_do_not_depend_on_the_number_of_threads),
        cmocka_unit_test(loops_follow_each_other_without_loss),
        cmocka_unit_test(no_pool_is_a_plain_loop),
        cmocka_unit_test(a_senseless_number_of_threads_is_refused),
    };
    return cmocka_run_group_tests_name("base/pool", tests, NULL, NULL);
}
