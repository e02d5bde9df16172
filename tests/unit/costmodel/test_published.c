/* Formulas of others give their published figures. */
#include "costmodel/published.h"
#include "tests/cmocka_all.h"

/* FINN's own test: a 4 x 4 layer of 2-bit operands, PE = SIMD = 1, weights in LUT RAM,
 * gives 317 LUTs, or 313 with its multiplier in a DSP. */
static void finn_gives_317_and_313_luts(void **state)
{
    (void)state;
    struct finn_mvau m = {.MW = 4,
                          .MH = 4,
                          .PE = 1,
                          .SIMD = 1,
                          .wbits = 2,
                          .abits = 2,
                          .acc_bits = 6,
                          .weights_in_lut = true};
    assert_int_equal((int64_t)finn_mvau_lut(&m), 317);
    m.mul_in_dsp = true;
    assert_int_equal((int64_t)finn_mvau_lut(&m), 313);
}

/* 3 levels of a 2-bit result: 3 * 6 bits of thresholds and of comparators more. */
static void finn_counts_thresholds_per_level(void **state)
{
    (void)state;
    struct finn_mvau m = {.MW = 4,
                          .MH = 4,
                          .PE = 1,
                          .SIMD = 1,
                          .wbits = 2,
                          .abits = 2,
                          .acc_bits = 6,
                          .out_bits = 2,
                          .weights_in_lut = true};
    const double without = finn_mvau_lut(&m);
    m.thresholds_in_lut = true;
    assert_close(finn_mvau_lut(&m) - without, 1.1 * (18 + 18), 1e-12, 0);
}

/* At Dk = 256, 0.91 LUT per binary operation with compressors, 1.47 before. */
static void bismo_gives_its_luts_per_operation(void **state)
{
    (void)state;
    struct bismo_array b = {8, 256, 8, 1024, 1024, true};
    assert_close(bismo_lut_per_op(&b), 0.91, 0.005, 0);
    assert_close(bismo_lut(&b), 64 * (1.17 * 256 + 44.1 + 120.1), 1e-12, 0);
    b.compressors = false;
    assert_close(bismo_lut_per_op(&b), 1.47, 0.005, 0);
}

static void bismo_buffers_round_up(void **state)
{
    (void)state;
    const struct bismo_array b = {2, 33, 3, 1025, 1024, true};
    assert_int_equal(bismo_bram(&b), 2 * (2 * 2 + 3 * 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finn_gives_317_and_313_luts),
        cmocka_unit_test(finn_counts_thresholds_per_level),
        cmocka_unit_test(bismo_gives_its_luts_per_operation),
        cmocka_unit_test(bismo_buffers_round_up),
    };
    return cmocka_run_group_tests_name("costmodel/published", tests, NULL, NULL);
}
