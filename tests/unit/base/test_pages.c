/* test_pages.c -- blocks of pages are zeroed, aligned, and can give memory back. */
#include "tests/cmocka_all.h"

#include <stdint.h>
#include <string.h>

#include "base/pages.h"

enum { LARGE = 2 * 1024 * 1024 };

static void a_block_is_zeroed_and_aligned(void **state)
{
    (void)state;
    for (size_t n = 0; n <= 3 * (size_t)LARGE; n += LARGE / 2) {
        unsigned char *p = pages_new(n);
        assert_non_null(p);
        assert_int_equal((uintptr_t)p % LARGE, 0);
        for (size_t i = 0; i < n; i += 4096)
            assert_int_equal(p[i], 0);
        memset(p, 1, n);
        pages_free(p, n);
    }
}

static void released_memory_can_be_used_again(void **state)
{
    (void)state;
    const size_t n = 8 * (size_t)LARGE;
    unsigned char *p = pages_new(n);
    assert_non_null(p);
    memset(p, 7, n);
    pages_release(p + LARGE + 5, n - LARGE - 5);
    assert_int_equal(p[LARGE + 4], 7); /* what lies before stays */
    assert_int_equal(p[2 * LARGE - 1], 7);
    memset(p, 8, n);
    assert_int_equal(p[n - 1], 8);
    pages_release(p, 10); /* less than a page: nothing to give */
    assert_int_equal(p[0], 8);
    pages_free(p, n);
    pages_free(NULL, 0);
}

static void too_much_is_refused(void **state)
{
    (void)state;
    assert_null(pages_new(SIZE_MAX));
    assert_null(pages_new(SIZE_MAX / 2));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_block_is_zeroed_and_aligned),
        cmocka_unit_test(released_memory_can_be_used_again),
        cmocka_unit_test(too_much_is_refused),
    };
    return cmocka_run_group_tests_name("base/pages", tests, NULL, NULL);
}
