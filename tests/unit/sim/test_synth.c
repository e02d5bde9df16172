/* Counts of synthesised instances, and what happens to those that fail. */
#include <string.h>

#include "tests/unit/sim/synth_fixture.h"

static void an_instance_counts_the_same_whatever_was_counted_before(void **state)
{
    (void)state;
    struct err err = {0};
    const struct synth_options opt = options("ice40");
    struct rtl_instance inst[3];
    struct synth_result all[3], single;
    for (int i = 0; i < 3; i++)
        inst[i] = copy_instance(8 + 5 * i, 1 + i);
    assert_ok(synth_run(inst, 3, &opt, all, &err), err);
    for (int i = 2; i >= 0; i--) {
        assert_ok(all[i].st, all[i].why);
        assert_ok(synth_run(&inst[i], 1, &opt, &single, &err), err);
        assert_memory_equal(&all[i].total, &single.total, sizeof single.total);
        /* data, valid, odd, the 16-bit counter */
        assert_true(all[i].total.ff >= 8 + 5 * i + 17);
        assert_true(all[i].total.lut > 0);
        assert_string_equal(all[i].parts[0].module, "stream_copy");
    }
}

static void a_liberty_file_that_is_not_there_or_none_fails_the_row(void **state)
{
    (void)state;
    struct err err = {0};
    struct arena *a = arena_new();
    struct synth_options opt = {.sources = fixture_sources, .time_limit_s = 60};
    const struct rtl_instance inst = copy_instance(8, 1);
    struct synth_result r;
    assert_ok(toolchain_find("lib:/none.lib", a, &opt.toolchain, &err), err);
    assert_ok(synth_run(&inst, 1, &opt, &r, &err), err);
    assert_int_equal(r.st, ST_NOT_FOUND);
    assert_non_null(strstr(r.why.msg, "/none.lib"));
    assert_ok(toolchain_find("lib:LICENSE", a, &opt.toolchain, &err), err);
    assert_ok(synth_run(&inst, 1, &opt, &r, &err), err);
    assert_int_equal(r.st, ST_TOOL);
    assert_int_equal(toolchain_find("lib:", a, &opt.toolchain, &err), ST_RANGE);
    arena_free(a);
}

static void a_bad_instance_fails_alone(void **state)
{
    (void)state;
    struct err err = {0};
    const struct synth_options opt = options("ice40");
    struct rtl_instance inst[2] = {{.module = "absent", .n_params = 0},
                                   copy_instance(8, 1)};
    struct synth_result r[2];
    assert_ok(synth_run(inst, 2, &opt, r, &err), err);
    assert_int_equal(r[0].st, ST_NOT_FOUND);
    assert_non_null(strstr(r[0].why.msg, "absent"));
    assert_ok(r[1].st, r[1].why);
    assert_true(r[1].total.ff > 0);
}

static void a_run_beyond_its_time_is_a_failure_of_the_row(void **state)
{
    (void)state;
    struct err err = {0};
    struct synth_options opt = options("xc7");
    opt.time_limit_s = 0.05;
    struct rtl_instance inst = copy_instance(8, 1);
    struct synth_result r;
    assert_ok(synth_run(&inst, 1, &opt, &r, &err), err);
    assert_int_equal(r.st, ST_TOOL);
    assert_non_null(strstr(r.why.msg, "yosys"));
}

static void an_unknown_toolchain_lists_the_known_ones(void **state)
{
    (void)state;
    struct err err = {0};
    const struct toolchain *t;
    assert_int_equal(toolchain_find("xc9", NULL, &t, &err), ST_RANGE);
    assert_non_null(strstr(err.msg, "ice40"));
    assert_non_null(strstr(err.msg, "xc9"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_instance_counts_the_same_whatever_was_counted_before),
        cmocka_unit_test(a_liberty_file_that_is_not_there_or_none_fails_the_row),
        cmocka_unit_test(a_bad_instance_fails_alone),
        cmocka_unit_test(a_run_beyond_its_time_is_a_failure_of_the_row),
        cmocka_unit_test(an_unknown_toolchain_lists_the_known_ones),
    };
    return cmocka_run_group_tests_name("sim/synth", tests, NULL, NULL);
}
