/* The parameter space: limits with their messages, arithmetic, YAML, Verilog tops. */
#include <string.h>

#include "nn/quant.h"
#include "rtl/accel_config.h"
#include "tests/cmocka_all.h"
#include "tests/scratch.h"

static struct mvu_config good_layer(const char *name)
{
    struct mvu_config m = {.MW = 72,
                           .MH = 16,
                           .PE = 4,
                           .SIMD = 8,
                           .n_vec = 196,
                           .wbits = 3,
                           .abits = 4,
                           .wsigned = true,
                           .acc_bits = 14,
                           .out_bits = 4,
                           .shift = 17,
                           .lanes = 1,
                           .requant_mul = RTL_MUL_DSP};
    (void)snprintf(m.name, sizeof m.name, "%s", name);
    return m;
}

static struct accel_config good_accel(struct mvu_config *layers, int32_t n)
{
    return (struct accel_config){.name = "test",
                                 .target = RTL_XC7,
                                 .clock_mhz = 100,
                                 .n_layers = n,
                                 .layers = layers};
}

/* ---- arithmetic ---- */

static void lanes_are_the_fewest_that_keep_up(void **state)
{
    (void)state;
    for (int32_t PE = 1; PE <= 32; PE++)
        for (int32_t SF = 1; SF <= 40; SF++) {
            const int32_t lanes = mvu_lanes(PE, SF);
            assert_int_equal(PE % lanes, 0);
            assert_true(PE / lanes <= SF);
            for (int32_t fewer = 1; fewer < lanes; fewer++)
                assert_true(PE % fewer != 0 || PE / fewer > SF);
        }
}

static void the_limit_of_acc_bits_is_that_of_quant(void **state)
{
    (void)state;
    struct err err;
    for (int n = 0; n < 64 * 4; n++) {
        struct mac_config m = {.SIMD = 1 + n % 7,
                               .wbits = 1 + n % 8,
                               .abits = 1 + n / 8 % 8,
                               .wsigned = n / 64 % 2 != 0,
                               .asigned = n / 128 != 0};
        m.acc_bits = quant_acc_bits(m.SIMD, m.wbits, m.wsigned, m.abits, m.asigned);
        assert_int_equal(mac_config_check(&m, &err), ST_OK);
        m.acc_bits--;
        assert_int_equal(mac_config_check(&m, &err), ST_RANGE);
    }
}

static void instances_list_every_parameter_in_order(void **state)
{
    (void)state;
    const struct mvu_config m = good_layer("conv1");
    const struct rtl_instance inst = mvu_instance(&m);
    static const char *const names[] = {
        "MW",         "MH",      "PE",      "SIMD",        "WBITS",
        "ABITS",      "WSIGNED", "ASIGNED", "ACC_BITS",    "OUT_BITS",
        "OUT_SIGNED", "SHIFT",   "LANES",   "REQUANT_DSP", "RAM_BLOCK"};
    static const int64_t values[] = {72, 16, 4, 8, 3, 4, 1, 0, 14, 4, 0, 17, 1, 1, 0};
    assert_string_equal(inst.module, "mvu");
    assert_int_equal(inst.n_params, sizeof names / sizeof *names);
    for (int i = 0; i < inst.n_params; i++) {
        assert_string_equal(inst.params[i].name, names[i]);
        assert_int_equal(inst.params[i].value, values[i]);
    }
}

/* ---- limits ---- */

static void expect_refused(const struct mvu_config *m, status code, const char *why)
{
    struct err err = {0};
    assert_int_equal(mvu_config_check(m, &err), code);
    if (!strstr(err.msg, why)) fail_msg("'%s' does not say '%s'", err.msg, why);
    assert_non_null(strstr(err.msg, "layer"));
}

static void every_limit_names_layer_parameter_and_value(void **state)
{
    (void)state;
    const struct mvu_config good = good_layer("conv1");
    struct err err;
    assert_int_equal(mvu_config_check(&good, &err), ST_OK);
#define REFUSED(field, value, code, why)   \
    do {                                   \
        struct mvu_config m = good;        \
        m.field = (value);                 \
        expect_refused(&m, (code), (why)); \
    } while (0)
    REFUSED(MW, 0, ST_RANGE, "MW in [1, 65536], found 0");
    REFUSED(MH, 70000, ST_RANGE, "MH in [1, 65536], found 70000");
    REFUSED(PE, 5, ST_RANGE, "PE to divide MH, found PE 5 and MH 16");
    REFUSED(SIMD, 7, ST_RANGE, "SIMD to divide MW, found SIMD 7 and MW 72");
    REFUSED(SIMD, 72, ST_RANGE, "SIMD in [1, 64], found 72");
    REFUSED(n_vec, 0, ST_RANGE, "n_vec");
    REFUSED(wbits, 9, ST_RANGE, "wbits in [1, 8], found 9");
    REFUSED(abits, 0, ST_RANGE, "abits in [1, 8], found 0");
    REFUSED(acc_bits, 8, ST_RANGE, "acc_bits >= 14");
    REFUSED(out_bits, 17, ST_RANGE, "out_bits in [1, 16], found 17");
    REFUSED(shift, 0, ST_RANGE, "shift in [1, 30], found 0");
    REFUSED(shift, 29, ST_RANGE, "shift + out_bits <= acc_bits + 18");
    REFUSED(lanes, 3, ST_RANGE, "lanes to divide PE");
    REFUSED(lanes, 0, ST_RANGE, "lanes in [1, 4], found 0");
    REFUSED(mul, RTL_MUL_DSP, ST_UNSUPPORTED, "mul lut");
#undef REFUSED
    struct mvu_config slow = good_layer("fc");
    slow.MW = 8;
    slow.PE = 16;
    expect_refused(&slow, ST_RANGE, "PE / lanes");
    expect_refused(&(struct mvu_config){.name = "a b"}, ST_RANGE, "letters");
    expect_refused(&(struct mvu_config){.name = ""}, ST_RANGE, "empty");
}

static void what_the_target_lacks_is_refused(void **state)
{
    (void)state;
    struct err err = {0};
    struct mvu_config layer = good_layer("conv1");
    struct accel_config c = good_accel(&layer, 1);
    assert_ok(accel_config_check(&c, &err), err);
    c.target = RTL_ICE40;
    assert_int_equal(accel_config_check(&c, &err), ST_RANGE);
    assert_non_null(strstr(err.msg, "weight_ram block on ice40"));
    layer.weight_ram = RTL_RAM_BLOCK;
    assert_int_equal(accel_config_check(&c, &err), ST_RANGE);
    assert_non_null(strstr(err.msg, "requant_mul lut on ice40"));
    layer.requant_mul = RTL_MUL_LUT;
    assert_ok(accel_config_check(&c, &err), err);
}

static void names_that_make_one_verilog_module_are_refused(void **state)
{
    (void)state;
    struct err err = {0};
    struct mvu_config layers[2] = {good_layer("a/b"), good_layer("a.b")};
    const struct accel_config c = good_accel(layers, 2);
    assert_int_equal(accel_config_check(&c, &err), ST_RANGE);
    assert_non_null(strstr(err.msg, "layer_a_b"));
}

/* ---- files ---- */

static void a_saved_configuration_is_read_back(void **state)
{
    (void)state;
    struct scratch s;
    struct err err = {0};
    assert_true(scratch_open(&s));
    struct mvu_config layers[2] = {good_layer("conv1"), good_layer("stage1/conv.2")};
    layers[1].asigned = true;
    layers[1].out_signed = true;
    layers[1].weight_ram = RTL_RAM_BLOCK;
    const struct accel_config c = good_accel(layers, 2);
    const char *path = scratch_path(&s, "accel.yaml");
    assert_ok(accel_config_save(&c, NULL, path, &err), err);
    struct arena *a = arena_new();
    struct accel_config back;
    assert_ok(accel_config_load(path, a, &back, &err), err);
    assert_string_equal(back.name, "test");
    assert_int_equal(back.n_layers, 2);
    assert_close(back.clock_mhz, 100.0, 0, 0);
    for (int i = 0; i < 2; i++) {
        const struct rtl_instance x = mvu_instance(&layers[i]);
        const struct rtl_instance y = mvu_instance(&back.layers[i]);
        assert_string_equal(back.layers[i].name, layers[i].name);
        assert_int_equal(back.layers[i].n_vec, layers[i].n_vec);
        for (int k = 0; k < x.n_params; k++)
            assert_int_equal(x.params[k].value, y.params[k].value);
    }
    arena_free(a);
    scratch_close(&s);
}

#define HEAD \
    "version: 1\nname: t\nstyle: dataflow\ntarget: xc7\nclock_mhz: 100\nlayers:\n"
#define LAYER(shift, extra)                                                       \
    "  - {name: c, MW: 8, MH: 4, PE: 2, SIMD: 4, n_vec: 1, wbits: 2, abits: 2,\n" \
    "     wsigned: true, asigned: false, acc_bits: 8, out_bits: 2,\n"             \
    "     out_signed: false, shift: " shift                                       \
    ", lanes: 1, mul: lut, requant_mul: dsp,\n"                                   \
    "     weight_ram: lut" extra "}\n"

static void bad_files_are_refused_with_line_and_reason(void **state)
{
    (void)state;
    static const struct {
        const char *text, *why;
        status st;
    } bad[] = {
        {HEAD LAYER("17", ", lane: 1"), ":10:", ST_PARSE},
        {HEAD LAYER("17", ", lane: 1"), "lanes", ST_PARSE},
        {HEAD LAYER("31", ""), "from 1 to 30", ST_RANGE},
        {HEAD LAYER("25", ""), "shift + out_bits", ST_RANGE},
        {"version: 2\n", "version", ST_PARSE},
        {HEAD "  []\n", "1 to 4096 layers", ST_RANGE},
        {"version: 1\nname: t\nstyle: shared\n", "dataflow", ST_PARSE},
    };
    struct scratch s;
    assert_true(scratch_open(&s));
    struct arena *a = arena_new();
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct err err = {0};
        struct accel_config c;
        const char *path = scratch_file(&s, "accel.yaml", bad[i].text);
        const status st = accel_config_load(path, a, &c, &err);
        if (st == ST_OK || !strstr(err.msg, bad[i].why))
            fail_msg("text %zu: status %d, '%s' does not say '%s'", i, (int)st, err.msg,
                     bad[i].why);
        assert_non_null(strstr(err.msg, "accel.yaml:"));
    }
    struct err err;
    struct accel_config c;
    assert_int_equal(accel_config_load("/nonexistent/a.yaml", a, &c, &err),
                     ST_NOT_FOUND);
    arena_free(a);
    scratch_close(&s);
}

static void the_verilog_folder_holds_tops_and_sources(void **state)
{
    (void)state;
    struct scratch s;
    struct err err = {0};
    assert_true(scratch_open(&s));
    struct mvu_config layer = good_layer("stage1/conv.2");
    const struct accel_config c = good_accel(&layer, 1);
    assert_ok(accel_config_write_verilog(&c, s.dir, &err), err);
    assert_true(file_exists(scratch_path(&s, "layer_stage1_conv_2.v")));
    for (const char *const *src = rtl_sources(); *src; src++)
        assert_true(file_exists(scratch_path(&s, strrchr(*src, '/') + 1)));
    scratch_close(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lanes_are_the_fewest_that_keep_up),
        cmocka_unit_test(the_limit_of_acc_bits_is_that_of_quant),
        cmocka_unit_test(instances_list_every_parameter_in_order),
        cmocka_unit_test(every_limit_names_layer_parameter_and_value),
        cmocka_unit_test(what_the_target_lacks_is_refused),
        cmocka_unit_test(names_that_make_one_verilog_module_are_refused),
        cmocka_unit_test(a_saved_configuration_is_read_back),
        cmocka_unit_test(bad_files_are_refused_with_line_and_reason),
        cmocka_unit_test(the_verilog_folder_holds_tops_and_sources),
    };
    return cmocka_run_group_tests_name("rtl/accel_config", tests, NULL, NULL);
}
