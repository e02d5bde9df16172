/* Energy by hand, and profiles that are wrong. */
#include "tests/cmocka_all.h"

#include <string.h>

#include "costmodel/calibrate.h"
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
    struct energy_source s;
    struct cost_value total;
    struct err err;
    double parts[ENERGY_N_PARTS];
    const char *outside = NULL;
    assert_ok(energy_source_init(&p, NULL, false, &s, &err), err);
    assert_ok(energy_mvu(&s, &c, NULL, parts, &total, &outside, &err), err);
    assert_close(parts[ENERGY_MACS], 3 * macs * 1e-6, 1e-12, 0);
    assert_close(parts[ENERGY_WEIGHTS], 3 * weights * 1e-6, 1e-12, 0);
    assert_close(parts[ENERGY_ACTIVATIONS], 3 * activations * 1e-6, 1e-12, 0);
    assert_true(parts[ENERGY_DRAM] == 0);
    assert_close(total.value, 3 * (macs + weights + activations) * 1e-6, 1e-12, 0);
    assert_true(total.lo == total.value && total.hi == total.value);
    assert_int_equal(total.level, COST_LEVEL_PROFILE);
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
        {GOOD "act_pj_per_bit: 1\nmac: {source: s, wbits: 8, abits: 8, pj: 1}\n",
         ST_PARSE, "'acc_bits'"},
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
    assert_ok(energy_profile_load("configs/energy/horowitz-45nm.yaml", &h, &err), err);
    assert_close(64 * energy_sram_pj_per_bit(&h, 8192), 10, 1e-9, 0);
    assert_close(64 * energy_sram_pj_per_bit(&h, 1048576), 100, 1e-9, 0);
    /* half way in the logarithm: the geometric mean of 10 and 20 */
    assert_close(64 * energy_sram_pj_per_bit(&h, 16384), sqrt(200), 1e-9, 0);
    assert_true(isnan(energy_sram_pj_per_bit(&h, 4096)));
    assert_true(isnan(energy_sram_pj_per_bit(&h, 2097152)));
    assert_close(energy_dram_pj_per_bit(&h), 20.3, 1e-12, 0);
    assert_true(isnan(energy_fpga_pj(&h, &r)));
    assert_true(isnan(energy_sram_pj_per_bit(&p, 8192)));
    assert_true(isnan(energy_dram_pj_per_bit(&p)));
    const struct energy_profile f = {
        .fpga = {.source = "s", .lut_pj = 1, .ff_pj = 2, .dsp_pj = 3, .bram18_pj = 4}};
    assert_close(energy_fpga_pj(&f, &r), 10 + 40 + 3 + 8, 1e-12, 0);
}

static void on_an_fpga_energy_follows_blocks_and_cycles(void **state)
{
    (void)state;
    struct energy_source s;
    struct energy_profile v;
    struct cost_value total;
    struct err err = {.msg = ""};
    double parts[ENERGY_N_PARTS];
    const char *outside = NULL;
    const struct mvu_config c = {.MW = 8, .MH = 4, .wbits = 2};
    struct cost_estimate costs = {.outside = NULL};
    const double is[COST_N_METRICS] = {[COST_LUT] = 100,
                                       [COST_FF] = 50,
                                       [COST_DSP] = 2,
                                       [COST_BRAM18] = 3,
                                       [COST_CYCLES] = 1000};
    for (int m = 0; m < COST_N_METRICS; m++)
        costs.metric[m] = (struct cost_value){is[m], is[m], is[m], COST_LEVEL_EXACT};
    costs.metric[COST_LUT].lo = 90;
    costs.metric[COST_LUT].hi = 120;
    assert_ok(energy_profile_load("configs/energy/virtex5-65nm.yaml", &v, &err), err);
    assert_true(energy_of_fpga(&v) && isnan(v.mul_pj_per_bit2));
    /* 39 mW of 4 block RAMs at 300 MHz; 1.38 mW at 100 MHz */
    assert_close(v.fpga.bram18_pj, 39e-3 / 300e6 / 4 * 1e12, 1e-3, 0);
    assert_close(v.fpga.dsp_pj, 1.38e-3 / 100e6 * 1e12, 1e-9, 0);
    assert_ok(energy_source_init(&v, NULL, false, &s, &err), err);
    assert_ok(energy_mvu(&s, &c, &costs, parts, &total, &outside, &err), err);
    const double fabric = 100 * v.fpga.lut_pj + 50 * v.fpga.ff_pj + 2 * v.fpga.dsp_pj;
    assert_close(parts[ENERGY_MACS], 1e-3 * fabric, 1e-12, 0);
    assert_close(parts[ENERGY_WEIGHTS], 1e-3 * 3 * v.fpga.bram18_pj, 1e-12, 0);
    assert_close(total.value, parts[ENERGY_MACS] + parts[ENERGY_WEIGHTS], 1e-12, 0);
    assert_close(total.hi - total.value, 1e-3 * 20 * v.fpga.lut_pj, 1e-9, 0);
    assert_close(total.value - total.lo, 1e-3 * 10 * v.fpga.lut_pj, 1e-9, 0);
    assert_int_equal(energy_source_init(&v, NULL, true, &s, &err), ST_RANGE);
    struct cost_model *m = calloc(1, sizeof *m);
    assert_non_null(m);
    assert_int_equal(energy_source_init(&v, m, false, &s, &err), ST_RANGE);
    assert_non_null(strstr(err.msg, "virtex5-65nm: expected no energy model"));
    free(m);
}

static void a_profile_is_found_by_name(void **state)
{
    (void)state;
    const struct energy_options good = {.profile = "horowitz-45nm"},
                                bad = {.profile = "no-such-profile"};
    struct energy_source s;
    struct provenance prov;
    struct err err = {.msg = ""};
    struct arena *a = arena_new();
    assert_non_null(a);
    provenance_init(&prov, "test", 0);
    assert_ok(energy_source_load(&good, a, &prov, &s, &err), err);
    assert_string_equal(s.name, "horowitz-45nm");
    assert_int_equal(prov.n_inputs, 1);
    assert_int_equal(energy_source_load(&bad, a, &prov, &s, &err), ST_NOT_FOUND);
    assert_non_null(strstr(err.msg, "configs/energy/no-such-profile.yaml"));
    arena_free(a);
}

/* ---- macs by a measured shape ---- */

static double shape_law(int simd, int w, int a, int acc)
{
    return 3 * w * a + 0.5 * acc / simd;
}

/* A model of energies that follow a law of its own, at a level of its own. */
static struct cost_model *shape_model(struct arena *a, const char *metric)
{
    struct scratch s;
    struct meas meas;
    struct calibration c;
    const struct calibrate_options opt = {.only = NULL};
    struct err err = {.msg = ""};
    assert_true(scratch_open(&s));
    const char *path = arena_strdup(a, scratch_path(&s, "m.csv"));
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fprintf(f,
            "module,toolchain,SIMD,wbits[bit],abits[bit],wsigned,asigned,acc_bits[bit],"
            "%s\n",
            metric);
    for (int s_a = 0; s_a < 2; s_a++)
        for (int simd = 1; simd <= 8; simd *= 2)
            for (int w = 2; w <= 8; w += 2)
                for (int b = 2; b <= 8; b += 3)
                    for (int acc = 22; acc <= 32; acc += 10)
                        fprintf(f, "mac_parallel,osu018,%d,%d,%d,1,%d,%d,%.17g\n", simd,
                                w, b, s_a, acc, shape_law(simd, w, b, acc));
    fclose(f);
    assert_ok(meas_load(path, a, &meas, &err), err);
    assert_ok(calibrate(&meas, &opt, a, &c, &err), err);
    scratch_close(&s);
    return c.model;
}

static const struct mvu_config layer = {.MW = 8192,
                                        .MH = 4,
                                        .PE = 2,
                                        .SIMD = 4,
                                        .n_vec = 3,
                                        .wbits = 2,
                                        .abits = 5,
                                        .wsigned = true,
                                        .acc_bits = 22,
                                        .out_bits = 5};

static void a_measured_shape_takes_the_level_of_the_profile(void **state)
{
    (void)state;
    struct energy_source s;
    struct energy_profile h;
    struct cost_value total;
    struct err err;
    double parts[ENERGY_N_PARTS];
    const char *outside = NULL;
    struct arena *a = arena_new();
    assert_non_null(a);
    const struct cost_model *m = shape_model(a, "energy[pJ]");
    assert_ok(energy_profile_load("configs/energy/horowitz-45nm.yaml", &h, &err), err);
    assert_ok(energy_source_init(&h, m, true, &s, &err), err);
    assert_string_equal(s.name, "horowitz-45nm, macs by osu018");
    assert_ok(energy_mvu(&s, &layer, NULL, parts, &total, &outside, &err), err);
    const double weights = 8192 * 4,
                 mac = 0.3 * shape_law(4, 2, 5, 22) / shape_law(1, 8, 8, 32);
    assert_close(parts[ENERGY_MACS], 3 * weights * mac * 1e-6, 1e-9, 0);
    /* 8 KiB of weights: 10 pJ per 64 bits; 5 KiB of activations: no such point */
    assert_close(parts[ENERGY_WEIGHTS], 3 * weights * 2 * 10 / 64 * 1e-6, 1e-9, 0);
    assert_close(parts[ENERGY_ACTIVATIONS],
                 3 * (8192 * 2 * 5 + 4 * 5) * h.act_pj_per_bit * 1e-6, 1e-9, 0);
    assert_close(parts[ENERGY_DRAM], weights * 2 * 20.3 * 1e-6, 1e-9, 0);
    assert_close(total.value, parts[0] + parts[1] + parts[2] + parts[3], 1e-12, 0);
    assert_int_equal(total.level, COST_LEVEL_TABLE);
    assert_null(outside);

    /* between the points a formula answers, with an interval of the macs alone */
    struct mvu_config c = layer;
    c.wbits = 3;
    assert_ok(energy_mvu(&s, &c, NULL, parts, &total, &outside, &err), err);
    assert_true(total.level == COST_LEVEL_FORMULA || total.level == COST_LEVEL_SCALED);
    assert_true(total.lo <= total.value && total.value <= total.hi);

    /* without a mac of the profile the energies are as measured */
    h.mac.source[0] = '\0';
    assert_ok(energy_source_init(&h, m, false, &s, &err), err);
    assert_ok(energy_mvu(&s, &layer, NULL, parts, &total, &outside, &err), err);
    assert_close(parts[ENERGY_MACS], 3 * weights * shape_law(4, 2, 5, 22) * 1e-6, 1e-9,
                 0);
    assert_true(parts[ENERGY_DRAM] == 0);
    arena_free(a);
}

static void what_a_source_lacks_is_refused(void **state)
{
    (void)state;
    struct energy_source s;
    struct cost_value total;
    struct err err;
    double parts[ENERGY_N_PARTS];
    const char *outside = NULL;
    struct arena *a = arena_new();
    assert_non_null(a);
    assert_int_equal(energy_source_init(&p, NULL, true, &s, &err), ST_RANGE);
    assert_non_null(strstr(err.msg, "expected a part 'dram'"));
    const struct cost_model *areas = shape_model(a, "area[um2]");
    assert_int_equal(energy_source_init(&p, areas, false, &s, &err), ST_RANGE);
    assert_non_null(strstr(err.msg, "one toolchain with energies of mac_parallel"));
    const struct cost_model *m = shape_model(a, "energy[pJ]");
    assert_ok(energy_source_init(&p, m, false, &s, &err), err);
    struct mvu_config binary = layer;
    binary.wbits = 1;
    assert_int_equal(energy_mvu(&s, &binary, NULL, parts, &total, &outside, &err),
                     ST_RANGE);
    assert_non_null(strstr(err.msg, "energy of mac_parallel class s1xu"));
    const struct energy_options none = {.model = "osu018"};
    assert_int_equal(energy_options_check(&none, &err), ST_USAGE);
    assert_non_null(strstr(err.msg, "--energy-model"));
    arena_free(a);
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
        cmocka_unit_test(on_an_fpga_energy_follows_blocks_and_cycles),
        cmocka_unit_test(a_profile_is_found_by_name),
        cmocka_unit_test(a_measured_shape_takes_the_level_of_the_profile),
        cmocka_unit_test(what_a_source_lacks_is_refused),
    };
    return cmocka_run_group_tests_name("costmodel/energy", tests, NULL, NULL);
}
