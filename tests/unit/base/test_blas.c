/* test_blas.c -- OpenBLAS called from several threads gives the bits of one. */
#include "tests/cmocka_all.h"

#include <cblas.h>
#include <stdlib.h>
#include <string.h>

#include "base/blas.h"
#include "base/pool.h"

/* A product small enough that its work buffer is taken often. */
enum { M = 100, N = 16, K = 72, CALLS = 20000, THREADS = 4 };

struct product {
    float a[M * K], b[N * K], expected[M * N];
    float *c[THREADS]; /* (M, N) each */
    int n_wrong[THREADS];
};

static void multiply(const struct product *p, float *c)
{
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, M, N, K, 1, p->a, K, p->b, K,
                0, c, N);
}

static void multiply_again(void *arg, int i, int i_thread)
{
    struct product *p = arg;
    (void)i;
    multiply(p, p->c[i_thread]);
    p->n_wrong[i_thread] +=
        memcmp(p->c[i_thread], p->expected, sizeof p->expected) != 0;
}

static void products_in_threads_equal_those_in_one(void **state)
{
    (void)state;
    struct err err;
    struct pool *pool;
    struct product *p = calloc(1, sizeof *p);
    assert_ok(blas_prepare(THREADS, &err), err);
    assert_ok(pool_new(THREADS, &pool, &err), err);
    for (int i = 0; i < M * K; i++)
        p->a[i] = (float)(i * 7919 % 1000) * 0.001f;
    for (int i = 0; i < N * K; i++)
        p->b[i] = (float)(i * 7907 % 1000) * 0.001f;
    for (int i = 0; i < THREADS; i++)
        p->c[i] = calloc(M * N, sizeof(float));
    multiply(p, p->expected);
    pool_for(pool, CALLS, multiply_again, p);
    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(p->n_wrong[i], 0);
        free(p->c[i]);
    }
    pool_free(pool);
    free(p);
}

static void one_thread_is_always_safe(void **state)
{
    (void)state;
    struct err err;
    assert_ok(blas_prepare(1, &err), err);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(products_in_threads_equal_those_in_one),
        cmocka_unit_test(one_thread_is_always_safe),
    };
    return cmocka_run_group_tests_name("base/blas", tests, NULL, NULL);
}
