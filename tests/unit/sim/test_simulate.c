/* Small units on random operands, against the integer semantics. */
#include "sim/simulate.h"

#include <string.h>

#include "nn/quant.h"
#include "sim/mvu_run.h"
#include "sim/stimulus.h"
#include "tests/cmocka_all.h"

static struct mvu_config small(void)
{
    return (struct mvu_config){.name = "small",
                               .MW = 6,
                               .MH = 4,
                               .PE = 2,
                               .SIMD = 2,
                               .n_vec = 1,
                               .wbits = 3,
                               .abits = 2,
                               .wsigned = true,
                               .acc_bits = 9,
                               .out_bits = 4,
                               .shift = 12,
                               .lanes = 1,
                               .mul = RTL_MUL_LUT,
                               .requant_mul = RTL_MUL_LUT,
                               .weight_ram = RTL_RAM_LUT};
}

static void a_unit_is_bit_exact_and_takes_its_cycles(void **state)
{
    (void)state;
    struct err err = {0};
    const struct mvu_config c = small();
    const struct simulate_options opt = simulate_defaults();
    struct simulate_result r;
    assert_ok(simulate_mvu(&c, &opt, &r, &err), err);
    assert_int_equal(r.meas_cycles, mvu_cycles(&c, opt.n_vec));
    assert_true(r.stalled_cycles > r.meas_cycles);
    assert_true(r.macs_per_s > 0);
}

static void operands_reach_both_ends_of_their_grids(void **state)
{
    (void)state;
    struct err err = {0};
    const struct mvu_config c = small();
    struct arena *a = arena_new();
    struct stimulus s;
    assert_ok(stimulus_random(&c, 16, 1, a, &s, &err), err);
    int32_t lo = 0, hi = 0;
    for (int32_t i = 0; i < 16 * c.MW; i++) {
        assert_in_range(s.vectors[i], 0, 3);
        lo += s.vectors[i] == 0;
        hi += s.vectors[i] == 3;
    }
    assert_true(lo >= c.MW && hi >= c.MW);
    for (int32_t i = 0; i < c.MH * c.MW; i++)
        assert_true(s.weights[i] >= -4 && s.weights[i] <= 3);
    arena_free(a);
}

/* A wrong reference must be noticed: the comparison is not blind. */
static void a_changed_weight_is_noticed(void **state)
{
    (void)state;
    struct err err = {0};
    const struct mvu_config c = small();
    struct arena *a = arena_new();
    struct stimulus s;
    assert_ok(stimulus_random(&c, 32, 1, a, &s, &err), err);
    int16_t want[32 * 4], got[32 * 4];
    int64_t cycles;
    mvu_reference(&c, s.weights, &s.requant, s.vectors, s.n_vec, want);
    s.weights[2 * c.MW] = s.weights[2 * c.MW] > 0 ? -4 : 3;
    const struct dut_options opt = dut_defaults();
    struct mvu_run *r = NULL;
    assert_ok(mvu_run_open(&c, s.weights, &s.requant, &opt, &r, &err), err);
    assert_ok(mvu_run_vectors(r, s.vectors, s.n_vec, 0, 1, got, &cycles, &err), err);
    assert_int_equal(mvu_compare(&c, got, want, s.n_vec, &err), ST_MISMATCH);
    assert_non_null(strstr(err.msg, "layer small"));
    assert_non_null(strstr(err.msg, "of 128 outputs differ"));
    assert_non_null(strstr(err.msg, "channel 2"));
    mvu_run_close(r);
    arena_free(a);
}

static void a_requantiser_of_another_shape_is_refused(void **state)
{
    (void)state;
    struct err err = {0};
    const struct mvu_config c = small();
    struct arena *a = arena_new();
    struct stimulus s;
    assert_ok(stimulus_random(&c, 2, 1, a, &s, &err), err);
    s.requant.shift = 13;
    const struct dut_options opt = dut_defaults();
    struct mvu_run *r = NULL;
    assert_int_equal(mvu_run_open(&c, s.weights, &s.requant, &opt, &r, &err),
                     ST_MISMATCH);
    assert_non_null(strstr(err.msg, "shift 12"));
    assert_null(r);
    arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_unit_is_bit_exact_and_takes_its_cycles),
        cmocka_unit_test(operands_reach_both_ends_of_their_grids),
        cmocka_unit_test(a_changed_weight_is_noticed),
        cmocka_unit_test(a_requantiser_of_another_shape_is_refused),
    };
    return cmocka_run_group_tests_name("sim/simulate", tests, NULL, NULL);
}
