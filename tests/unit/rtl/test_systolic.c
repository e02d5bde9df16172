/* Closed forms of the systolic arrays: SCALE-Sim's published count, and ours beside it.
 */
#include <string.h>

#include "rtl/systolic.h"
#include "tests/cmocka_all.h"

static struct systolic_config array(enum systolic_flow flow, int32_t side,
                                    enum mac_unit unit, int32_t SIMD)
{
    return (struct systolic_config){
        .flow = flow,
        .rows = side,
        .cols = side,
        .unit = {unit, SIMD, 8, 8, true, true, 32, 1, false, false}};
}

/* First layer of AlexNet, 11 x 11 x 3 to 96 channels of 55 x 55, on 32 x 32. */
enum { M = 55 * 55, K = 11 * 11 * 3, N = 96 };
static const struct mac_precision bits8 = {8, 8, true, true};

static void scale_sims_count_of_alexnet_is_reproduced(void **state)
{
    (void)state;
    assert_int_equal(systolic_scale_sim_cycles(SYSTOLIC_WS, 32, 32, M, K, N), 112283);
}

static void ours_is_that_and_the_registers_behind_the_units(void **state)
{
    (void)state;
    const struct systolic_shape s = {bits8, M, K, N};
    const struct systolic_config ws = array(SYSTOLIC_WS, 32, MAC_PARALLEL, 1);
    assert_int_equal(systolic_tiles(&ws, &s), 36);
    assert_int_equal(systolic_cycles(&ws, &s), 112283 + 3);

    const struct systolic_shape tile = {bits8, 32, K, 32};
    const struct systolic_config os = array(SYSTOLIC_OS, 32, MAC_PARALLEL, 1);
    assert_int_equal(systolic_cycles(&os, &tile),
                     systolic_scale_sim_cycles(SYSTOLIC_OS, 32, 32, 32, K, 32) + 34);
}

static void precision_is_in_the_cycles(void **state)
{
    (void)state;
    const struct mac_precision bits2 = {2, 2, true, true};
    const struct systolic_shape s8 = {bits8, 64, 576, 64}, s2 = {bits2, 64, 576, 64};
    const struct systolic_config fusion = array(SYSTOLIC_OS, 16, MAC_FUSION, 1);
    const struct systolic_config serial = array(SYSTOLIC_OS, 16, MAC_SERIAL, 16);
    assert_int_equal(systolic_interval(&fusion, &s8), 576);
    assert_int_equal(systolic_interval(&fusion, &s2), 576 / 16);
    assert_int_equal(systolic_interval(&serial, &s8), 576 / 16 * 64);
    assert_int_equal(systolic_interval(&serial, &s2), 576 / 16 * 4);
}

/* Results move up two rows behind each other, so tiles keep their distance. */
static void short_tiles_wait_for_the_results_before_them(void **state)
{
    (void)state;
    const struct systolic_config os = array(SYSTOLIC_OS, 16, MAC_PARALLEL, 1);
    const struct systolic_shape s = {bits8, 32, 9, 16};
    assert_int_equal(systolic_interval(&os, &s), 31);
    assert_int_equal(systolic_cycles(&os, &s), 31 + 9 + 32 + 16 - 1);
}

static void the_largest_product_fits_the_count_of_cycles(void **state)
{
    (void)state;
    struct err err = {0};
    const int64_t m20 = INT64_C(1) << 20;
    struct systolic_shape s = {bits8, m20, 1 << 10, m20};
    for (int flow = 0; flow < SYSTOLIC_N_FLOWS; flow++) {
        struct systolic_config c = array((enum systolic_flow)flow, 1, MAC_SERIAL, 1);
        assert_ok(systolic_shape_check(&c, &s, &err), err);
        /* 64 planes of 2^50 products, one at a time, and less than as much again. */
        assert_true(systolic_cycles(&c, &s) >= INT64_C(64) << 50);
        assert_true(systolic_cycles(&c, &s) < INT64_C(64) << 51);
        struct systolic_shape more = s;
        more.K++;
        assert_int_equal(systolic_shape_check(&c, &more, &err), ST_RANGE);
        assert_non_null(strstr(err.msg, "expected M * N * K in [1, 1125899906842624], "
                                        "found 1126999418470400"));
    }
}

static void limits_are_named(void **state)
{
    (void)state;
    struct err err = {0};
    struct systolic_config c = array(SYSTOLIC_WS, 65, MAC_PARALLEL, 1);
    assert_int_equal(systolic_check(&c, &err), ST_RANGE);
    assert_string_equal(err.msg, "systolic_ws: expected rows in [1, 64], found 65");
    c.rows = c.cols = 4;
    assert_ok(systolic_check(&c, &err), err);
    c.unit.wbits = c.unit.abits = 1;
    const struct systolic_shape s = {{1, 1, true, true}, 3, 6, 3};
    assert_int_equal(systolic_shape_check(&c, &s, &err), ST_RANGE);
    assert_string_equal(err.msg,
                        "systolic_ws: expected K to be a multiple of 4, because a "
                        "product of two bipolar operands is never zero, found 6");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scale_sims_count_of_alexnet_is_reproduced),
        cmocka_unit_test(ours_is_that_and_the_registers_behind_the_units),
        cmocka_unit_test(precision_is_in_the_cycles),
        cmocka_unit_test(short_tiles_wait_for_the_results_before_them),
        cmocka_unit_test(the_largest_product_fits_the_count_of_cycles),
        cmocka_unit_test(limits_are_named),
    };
    return cmocka_run_group_tests_name("rtl/systolic", tests, NULL, NULL);
}
