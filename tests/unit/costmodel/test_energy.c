/* Energy by hand, and profiles that are wrong. */
#include "tests/cmocka_all.h"

#include <string.h>

#include "costmodel/energy.h"
#include "tests/scratch.h"

static const struct energy_profile p = {.name = "test",
                                        .mul_pj_per_bit2 = 0.01,
                                        .mul_pj_per_bit = 0.1,
                                        .add_pj_per_bit = 1,
                                        .weight_read_pj_per_bit = 10,
                                        .act_pj_per_bit = 100};

static void a_mac_is_multiplier_and_accumulator(void **state)
{
    (void)state;
    assert_close(energy_mac_pj(&p, 2, 4, 9), 0.08 + 0.3 + 9, 1e-12, 0);
}

static void
a_layer_counts_weights_once_per_product_and_activations_per_fold(void **state)
{
    (void)state;
    const struct mvu_config c = {.MW = 8,
                                 .MH = 4,
                                 .PE = 2,
                                 .SIMD = 4,
                                 .n_vec = 3,
                                 .wbits = 2,
                                 .abits = 4,
                                 .acc_bits = 9,
                                 .out_bits = 5};
    const double macs = 32 * 9.38, weights = 32 * 2 * 10;
    const double activations = (8 * 2 * 4 + 4 * 5) * 100;
    assert_close(energy_mvu_uj(&p, &c), 3 * (macs + weights + activations) * 1e-6,
                 1e-12, 0);
}

static void shipped_profiles_match_their_sources(void **state)
{
    (void)state;
    struct energy_profile h;
    struct err err;
    assert_ok(energy_profile_load("configs/energy/horowitz-45nm.yaml", &h, &err), err);
    assert_string_equal(h.name, "horowitz-45nm");
    /* ISSCC 2014: int8 multiply 0.2, int32 add 0.1, 64 bit of 8 kB SRAM 10 pJ */
    assert_close(energy_mac_pj(&h, 8, 8, 0), 0.2, 1e-3, 0);
    assert_close(energy_mac_pj(&h, 8, 8, 32) - energy_mac_pj(&h, 8, 8, 0), 0.1, 1e-9,
                 0);
    assert_close(64 * h.weight_read_pj_per_bit, 10, 1e-9, 0);
    assert_ok(energy_profile_load("configs/energy/gates-28nm.yaml", &h, &err), err);
    assert_string_equal(h.name, "gates-28nm");
    /* 1/2 C V^2 of NAND2 + full adder: 4.9 fF at 0.9 V */
    assert_close(h.mul_pj_per_bit2, 4.9e-3 * 0.5 * 0.81, 5e-3, 0);
}

#define GOOD                                                                  \
    "version: 1\nname: n\nsource: s\nmul_pj_per_bit2: 1\nmul_pj_per_bit: 1\n" \
    "add_pj_per_bit: 1\nweight_read_pj_per_bit: 1\n"

static void bad_profiles_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        status st;
        const char *msg;
    } rows[] = {
        {GOOD, ST_PARSE, "expected the key 'act_pj_per_bit'"},
        {GOOD "act_pj_per_bit: -1\n", ST_RANGE, ":8:17: expected"},
        {GOOD "act_pj_per_bit: .nan\n", ST_PARSE, ":8:17: expected"},
        {GOOD "act_pj_per_bits: 1\n", ST_PARSE, "act_pj_per_bit"},
        {"version: 2\n", ST_RANGE, ":1:10: expected"},
        {GOOD "act_pj_per_bit: 1\ndram: {pj_per_bit: 1}\n", ST_PARSE, "'source'"},
        {GOOD "act_pj_per_bit: 1\ndram: {source: '', pj_per_bit: 1}\n", ST_PARSE,
         "where the numbers come from"},
        {GOOD "act_pj_per_bit: 1\nsram: {source: s, points: []}\n", ST_PARSE,
         "expected points"},
        {GOOD "act_pj_per_bit: 1\nsram: {source: s, points: [{bytes: 9, pj_per_bit: "
              "1}, {bytes: 8, pj_per_bit: 1}]}\n",
         ST_RANGE, "expected rising sizes, found 8 bytes after 9"},
        {GOOD "act_pj_per_bit: 1\nfpga: {source: s, lut_pj: 1}\n", ST_PARSE, "'ff_pj'"},
        {GOOD "act_pj_per_bit: 1\nmac: {source: s, wbits: 9, abits: 8, pj: 1}\n",
         ST_RANGE, "9"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct scratch s;
        struct energy_profile e;
        struct err err = {.msg = ""};
        assert_true(scratch_open(&s));
        const status st =
            energy_profile_load(scratch_file(&s, "e.yaml", rows[i].text), &e, &err);
        scratch_close(&s);
        if (st != rows[i].st || !strstr(err.msg, rows[i].msg))
            fail_msg("row %zu: status %d, message '%s'", i, (int)st, err.msg);
    }
}

static void optional_parts_are_numbers_or_unknown(void **state)
{
    (void)state;
    struct energy_profile h;
    struct err err = {.msg = ""};
    const struct energy_resources r = {.lut = 10, .ff = 20, .dsp = 1, .bram18 = 2};
    assert_ok(energy_profile_find("horowitz-45nm", &h, &err), err);
    assert_close(64 * energy_sram_pj_per_bit(&h, 8192), 10, 1e-9, 0);
    assert_close(64 * energy_sram_pj_per_bit(&h, 1048576), 100, 1e-9, 0);
    /* half way in the logarithm: the geometric mean of 10 and 20 */
    assert_close(64 * energy_sram_pj_per_bit(&h, 16384), sqrt(200), 1e-9, 0);
    assert_true(isnan(energy_sram_pj_per_bit(&h, 4096)));
    assert_true(isnan(energy_sram_pj_per_bit(&h, 2097152)));
    assert_close(energy_dram_pj_per_bit(&h), 20.3, 1e-12, 0);
    assert_close(energy_shape_pj(&h, 30, 60), 0.15, 1e-12, 0);
    assert_true(isnan(energy_fpga_pj(&h, &r)));
    assert_true(isnan(energy_sram_pj_per_bit(&p, 8192)));
    assert_true(isnan(energy_dram_pj_per_bit(&p)));
    assert_true(isnan(energy_shape_pj(&p, 30, 60)));
    const struct energy_profile f = {
        .fpga = {.source = "s", .lut_pj = 1, .ff_pj = 2, .dsp_pj = 3, .bram18_pj = 4}};
    assert_close(energy_fpga_pj(&f, &r), 10 + 40 + 3 + 8, 1e-12, 0);
}

static void a_profile_is_found_by_name(void **state)
{
    (void)state;
    struct energy_profile e;
    struct err err = {.msg = ""};
    assert_ok(energy_profile_find("horowitz-45nm", &e, &err), err);
    assert_string_equal(e.name, "horowitz-45nm");
    assert_int_equal(energy_profile_find("no-such-profile", &e, &err), ST_NOT_FOUND);
    assert_non_null(strstr(err.msg, "configs/energy/no-such-profile.yaml"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_mac_is_multiplier_and_accumulator),
        cmocka_unit_test(
            a_layer_counts_weights_once_per_product_and_activations_per_fold),
        cmocka_unit_test(shipped_profiles_match_their_sources),
        cmocka_unit_test(bad_profiles_are_refused),
        cmocka_unit_test(optional_parts_are_numbers_or_unknown),
        cmocka_unit_test(a_profile_is_found_by_name),
    };
    return cmocka_run_group_tests_name("costmodel/energy", tests, NULL, NULL);
}
