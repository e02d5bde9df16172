/* Every toolchain on a small module: counts, area and delay, Fmax. */
#include <math.h>
#include <string.h>

#include "tests/unit/sim/synth_fixture.h"

static void every_family_counts_its_luts_and_the_same_flip_flops(void **state)
{
    (void)state;
    static const char *const names[] = {"xc7",   "xcup", "ecp5", "nexus",
                                        "gowin", "alm",  "ice40"};
    const struct rtl_instance inst = copy_instance(8, 1);
    int64_t ff = 0;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct err err = {0};
        const struct synth_options opt = options(names[i]);
        struct synth_result r;
        assert_ok(synth_run(&inst, 1, &opt, &r, &err), err);
        assert_ok(r.st, r.why);
        assert_true(r.total.lut > 0 && r.total.carry > 0);
        if (i > 0) assert_int_equal(r.total.ff, ff);
        ff = r.total.ff;
        assert_true(isnan(r.area_um2) && isnan(r.fmax_mhz));
    }
}

static void a_liberty_library_gives_area_and_delay_and_no_counts(void **state)
{
    (void)state;
    struct err err = {0};
    const struct synth_options opt = options("osu018");
    const struct rtl_instance inst[2] = {copy_instance(8, 1), copy_instance(16, 1)};
    struct synth_result r[2];
    assert_ok(synth_run(inst, 2, &opt, r, &err), err);
    for (int i = 0; i < 2; i++) {
        assert_ok(r[i].st, r[i].why);
        assert_true(r[i].delay_ns > 0.1 && r[i].delay_ns < 20);
        assert_int_equal(r[i].total.lut, 0);
    }
    /* Eight more bits are eight more flip-flops of 96 um2 each, at least. */
    assert_true(r[1].area_um2 > r[0].area_um2 + 8 * 96);
}

static void place_and_route_gives_the_same_fmax_twice(void **state)
{
    (void)state;
    struct err err = {0};
    struct synth_options opt = options("ice40");
    opt.fmax = true;
    const struct rtl_instance inst = copy_instance(8, 1);
    struct synth_result r[2];
    for (int i = 0; i < 2; i++) {
        assert_ok(synth_run(&inst, 1, &opt, &r[i], &err), err);
        assert_ok(r[i].st, r[i].why);
    }
    assert_true(r[0].fmax_mhz > 50 && r[0].fmax_mhz < 600);
    assert_true(r[0].fmax_mhz == r[1].fmax_mhz);
    opt = options("ecp5");
    opt.fmax = true;
    assert_ok(synth_run(&inst, 1, &opt, r, &err), err);
    assert_int_equal(r[0].st, ST_UNSUPPORTED);
    assert_non_null(strstr(r[0].why.msg, "ecp5 has no place and route"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_family_counts_its_luts_and_the_same_flip_flops),
        cmocka_unit_test(a_liberty_library_gives_area_and_delay_and_no_counts),
        cmocka_unit_test(place_and_route_gives_the_same_fmax_twice),
    };
    return cmocka_run_group_tests_name("rtl/toolchains", tests, NULL, NULL);
}
