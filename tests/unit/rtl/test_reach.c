/* Which files a module needs: through instances, not through comments and strings. */
#include "rtl/reach.h"

#include <string.h>

#include "rtl/accel_config.h"
#include "tests/cmocka_all.h"

static const char *const made[] = {"tests/unit/rtl/reach/leaf.v",
                                   "tests/unit/rtl/reach/other.v",
                                   "tests/unit/rtl/reach/top.v", NULL};

static void joined(const struct rtl_reach *r, const char *module,
                   const char *const *without, struct arena *a, char *text)
{
    struct err err = {0};
    const char *const *files = NULL;
    assert_ok(rtl_reach_files(r, module, without, a, &files, &err), err);
    text[0] = '\0';
    for (int i = 0; files[i]; i++) {
        strcat(text, strrchr(files[i], '/') + 1);
        strcat(text, " ");
    }
}

static void instances_are_followed_comments_and_strings_are_not(void **state)
{
    (void)state;
    struct arena *a = arena_new();
    struct rtl_reach *r = NULL;
    struct err err = {0};
    char text[256];
    assert_ok(rtl_reach_load(made, a, &r, &err), err);
    joined(r, "top", NULL, a, text);
    assert_string_equal(text, "leaf.v top.v ");
    joined(r, "leaf", NULL, a, text);
    assert_string_equal(text, "leaf.v ");
    joined(r, "other", NULL, a, text);
    assert_string_equal(text, "leaf.v other.v top.v ");
    static const char *const without[] = {"leaf", NULL};
    joined(r, "top", without, a, text);
    assert_string_equal(text, "top.v ");
    arena_free(a);
}

static void identifiers_are_whole_words_of_the_files_asked(void **state)
{
    (void)state;
    struct arena *a = arena_new();
    struct rtl_reach *r = NULL;
    struct err err = {0};
    assert_ok(rtl_reach_load(made, a, &r, &err), err);
    static const char *const top[] = {"tests/unit/rtl/reach/top.v", NULL};
    assert_true(rtl_reach_names(r, top, "u_leaf"));
    assert_false(rtl_reach_names(r, top, "u_lea"));
    assert_false(rtl_reach_names(r, top, "other")); /* in a comment and a string */
    assert_false(rtl_reach_names(r, top, "hface")); /* part of a number */
    assert_false(rtl_reach_names(r, top, "u_top")); /* in another file */
    arena_free(a);
}

static void an_unknown_module_and_a_missing_file_are_errors(void **state)
{
    (void)state;
    static const char *const none[] = {"tests/unit/rtl/reach/none.v", NULL};
    struct arena *a = arena_new();
    struct rtl_reach *r = NULL;
    struct err err = {0};
    const char *const *files = NULL;
    assert_int_equal(rtl_reach_load(none, a, &r, &err), ST_NOT_FOUND);
    assert_non_null(strstr(err.msg, "none.v"));
    assert_ok(rtl_reach_load(made, a, &r, &err), err);
    assert_int_equal(rtl_reach_files(r, "leaves", NULL, a, &files, &err), ST_NOT_FOUND);
    assert_non_null(strstr(err.msg, "leaves"));
    arena_free(a);
}

static void a_mac_does_not_depend_on_arrays_nor_a_requantiser_on_macs(void **state)
{
    (void)state;
    struct arena *a = arena_new();
    struct rtl_reach *r = NULL;
    struct err err = {0};
    char text[1024];
    assert_ok(rtl_reach_load(rtl_sources(), a, &r, &err), err);
    joined(r, "mac_parallel", NULL, a, text);
    assert_string_equal(text, "dot_chain.v dot_lut.v mac_parallel.v ");
    joined(r, "requant", NULL, a, text);
    assert_non_null(strstr(text, "requant.v"));
    assert_null(strstr(text, "mac_"));
    joined(r, "mvu", NULL, a, text);
    assert_non_null(strstr(text, "mac_parallel.v"));
    assert_non_null(strstr(text, "requant.v"));
    assert_non_null(strstr(text, "ram_sdp.v"));
    arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(instances_are_followed_comments_and_strings_are_not),
        cmocka_unit_test(identifiers_are_whole_words_of_the_files_asked),
        cmocka_unit_test(an_unknown_module_and_a_missing_file_are_errors),
        cmocka_unit_test(a_mac_does_not_depend_on_arrays_nor_a_requantiser_on_macs),
    };
    return cmocka_run_group_tests_name("rtl/reach", tests, NULL, NULL);
}
