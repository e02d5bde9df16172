/* test_selectors.c -- which layers may have which bits. */
#include "tests/cmocka_all.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "search/selectors.h"

enum { N = 5 };
static const char *const names[] = {"stem",     "s1_conv1", "s1_conv2",
                                    "s2_conv1", "fc",       NULL};

struct fixture {
    struct arena *arena;
    char path[64];
    uint32_t w[N], a[N];
    bool same[N];
    int32_t leader[N];
};

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    f->arena = arena_new();
    strcpy(f->path, "/tmp/bw_selectors_XXXXXX");
    const int fd = mkstemp(f->path);
    if (fd < 0) return 1;
    close(fd);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    unlink(f->path);
    arena_free(f->arena);
    free(f);
    return 0;
}

static status apply(struct fixture *f, const char *layers, struct err *err)
{
    const char *text = arena_printf(f->arena, "version: 1\nlayers:\n%s", layers);
    struct selectors s;
    struct selected l = {f->w, f->a, f->same, f->leader};
    for (int i = 0; i < N; i++) {
        f->w[i] = 0x7e;
        f->a[i] = 0x7c;
        f->same[i] = false;
    }
    f->w[0] = f->a[0] = f->w[N - 1] = f->a[N - 1] = 0x100;
    assert_ok(file_write(f->path, text, strlen(text), err), *err);
    TRY(selectors_load(f->path, f->arena, &s, err));
    return selectors_apply(&s, names, N, &l, f->arena, err);
}

static void later_selectors_win(void **state)
{
    struct fixture *f = *state;
    struct err err;
    assert_ok(apply(f,
                    "- {match: \"*\", wbits: 2-4}\n- {match: s1_conv2, wbits: \"8\"}\n",
                    &err),
              err);
    assert_int_equal(f->w[1], 0x1c);
    assert_int_equal(f->w[2], 0x100);
    assert_int_equal(f->a[1], 0x7c);
}

static void a_glob_leaves_the_first_and_last_layer_alone(void **state)
{
    struct fixture *f = *state;
    struct err err;
    assert_ok(apply(f, "- {match: \"*\", wbits: 2-4}\n", &err), err);
    assert_int_equal(f->w[0], 0x100);
    assert_int_equal(f->w[4], 0x100);
    assert_ok(
        apply(f, "- {match: -1, abits: 4-8}\n- {match: stem, wbits: 4-8}\n", &err),
        err);
    assert_int_equal(f->w[0], 0x1f0);
    assert_int_equal(f->a[4], 0x1f0);
}

static void a_group_has_what_all_of_it_may_have(void **state)
{
    struct fixture *f = *state;
    struct err err;
    assert_ok(apply(f,
                    "- {match: 1, wbits: 1-4}\n- {match: 3, wbits: 3-6}\n"
                    "- {match: \"*conv1\", group: g}\n",
                    &err),
              err);
    assert_int_equal(f->leader[1], 1);
    assert_int_equal(f->leader[2], 2);
    assert_int_equal(f->leader[3], 1);
    assert_int_equal(f->w[1], 0x18);
    assert_int_equal(f->w[3], 0x18);
}

static void the_same_bits_leave_the_common_candidates(void **state)
{
    struct fixture *f = *state;
    struct err err;
    assert_ok(apply(f, "- {match: 2, same_bits: true}\n", &err), err);
    assert_true(f->same[2] && !f->same[1]);
    assert_int_equal(f->w[2], 0x7c);
    assert_int_equal(f->a[2], 0x7c);
}

static void what_is_wrong_is_said(void **state)
{
    struct fixture *f = *state;
    static const struct {
        const char *layers, *message;
    } bad[] = {
        {"- {match: s9_*, wbits: 2-4}\n", "no layer matches; expected one of 0..4 or "
                                          "stem, s1_conv1, s1_conv2, s2_conv1, fc"},
        {"- {match: 7, wbits: 2-4}\n", "no layer matches"},
        {"- {match: 0, abits: 2-4}\n", "reads pixels of 8 bits"},
        {"- {match: 1, wbits: 2-9}\n", ":3:21: expected bits in 1..8"},
        {"- {match: 1, wbit: 2-4}\n", "wbits"},
        {"- {match: 1}\n", "expected one of wbits, abits, group, same_bits"},
        {"- {match: 1, wbits: \"2\"}\n- {match: 2, wbits: \"3\"}\n"
         "- {match: \"s1*\", group: g}\n",
         "layer s1_conv2: expected candidate bits in common with the others"},
        {"- {match: 1, wbits: \"1\", same_bits: true}\n",
         "common with its activations"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct err err = {.code = ST_OK};
        const status st = apply(f, bad[i].layers, &err);
        if (st == ST_OK || !strstr(err.msg, bad[i].message))
            fail_msg("%s: %d %s", bad[i].layers, (int)st, err.msg);
    }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(later_selectors_win),
        TEST(a_glob_leaves_the_first_and_last_layer_alone),
        TEST(a_group_has_what_all_of_it_may_have),
        TEST(the_same_bits_leave_the_common_candidates),
        TEST(what_is_wrong_is_said),
    };
    return cmocka_run_group_tests_name("search/selectors", tests, NULL, NULL);
}
