/* Bump allocation: zeroed, aligned, independent pieces. */
#include "tests/cmocka_all.h"

#include <string.h>

#include "base/arena.h"

static void pieces_are_zeroed_aligned_and_disjoint(void **state)
{
    (void)state;
    struct arena *a = arena_new();
    assert_non_null(a);
    enum { N = 2000 };
    unsigned char *p[N];
    for (size_t i = 0; i < N; i++) {
        const size_t size = i * 37 % 3000;
        p[i] = arena_alloc(a, size, 1);
        assert_non_null(p[i]);
        assert_int_equal((uintptr_t)p[i] % 64, 0);
        for (size_t k = 0; k < size; k++)
            assert_int_equal(p[i][k], 0);
        memset(p[i], (int)(i % 251) + 1, size);
    }
    for (size_t i = 0; i < N; i++)
        for (size_t k = 0; k < i * 37 % 3000; k++)
            assert_int_equal(p[i][k], i % 251 + 1);
    arena_free(a);
}

static void a_large_piece_does_not_end_the_current_chunk(void **state)
{
    (void)state;
    struct arena *a = arena_new();
    unsigned char *first = arena_alloc(a, 1, 1);
    unsigned char *large = arena_alloc(a, 1 << 20, 1);
    unsigned char *second = arena_alloc(a, 1, 1);
    assert_non_null(large);
    large[(1 << 20) - 1] = 1;
    assert_int_equal(second - first, 64);
    arena_free(a);
}

static void an_overflowing_request_is_refused(void **state)
{
    (void)state;
    struct arena *a = arena_new();
    assert_null(arena_alloc(a, SIZE_MAX / 2, 3));
    assert_null(arena_alloc(a, SIZE_MAX, 1));
    assert_null(ARENA_NEW(a, double, SIZE_MAX / 8));
    assert_non_null(arena_alloc(a, 0, 8));
    assert_non_null(arena_alloc(a, 8, 0));
    arena_free(a);
}

static void strings_are_copied(void **state)
{
    (void)state;
    struct arena *a = arena_new();
    assert_string_equal(arena_strdup(a, "plan"), "plan");
    assert_string_equal(arena_strndup(a, "plan", 2), "pl");
    assert_string_equal(arena_strndup(a, "plan", 9), "plan");
    assert_string_equal(arena_printf(a, "%s-%03d", "w", 7), "w-007");
    arena_free(a);
}

static void freeing_nothing_is_fine(void **state)
{
    (void)state;
    arena_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pieces_are_zeroed_aligned_and_disjoint),
        cmocka_unit_test(a_large_piece_does_not_end_the_current_chunk),
        cmocka_unit_test(an_overflowing_request_is_refused),
        cmocka_unit_test(strings_are_copied),
        cmocka_unit_test(freeing_nothing_is_fine),
    };
    return cmocka_run_group_tests_name("base/arena", tests, NULL, NULL);
}
