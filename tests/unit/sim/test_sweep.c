/* The sweep file: cross products, points, words, samples, and what is refused. */
#include "sim/sweep.h"

#include <glob.h>
#include <string.h>

#include "tests/cmocka_all.h"
#include "tests/scratch.h"

static status load(const char *text, struct arena *a, struct sweep *s, struct err *err)
{
    struct scratch dir;
    assert_true(scratch_open(&dir));
    assert_non_null(scratch_file(&dir, "s.yaml", text));
    const status st = sweep_load(dir.path, a, s, err);
    scratch_close(&dir);
    return st;
}

#define HEAD "version: 1\nname: t\ntoolchains: [xc7]\ngroups:\n"
#define MAC  "module: mac_parallel, wsigned: true, asigned: false"

static struct sweep good(const char *text, struct arena *a)
{
    struct err err = {0};
    struct sweep s;
    assert_ok(load(text, a, &s, &err), err);
    return s;
}

static void lists_are_crossed_with_the_last_parameter_fastest(void **state)
{
    (void)state;
    struct arena *a = arena_new();
    struct sweep s = good(HEAD "- {" MAC ", SIMD: [2, 4], wbits: 3, abits: [2, 5], "
                               "acc_bits: [20, 24]}\n",
                          a);
    assert_int_equal(s.n_points, 8);
    assert_int_equal(s.points[0].sample.SIMD, 2);
    assert_int_equal(s.points[0].sample.abits, 2);
    assert_int_equal(s.points[0].sample.acc_bits, 20);
    assert_int_equal(s.points[1].sample.acc_bits, 24);
    assert_int_equal(s.points[2].sample.abits, 5);
    assert_int_equal(s.points[7].sample.SIMD, 4);
    assert_string_equal(s.points[7].sample.toolchain, "xc7");
    arena_free(a);
}

static void the_dsp_of_a_packed_unit_is_its_toolchains(void **state)
{
    (void)state;
    struct arena *a = arena_new();
    struct sweep s = good(
        HEAD
        "- {module: mac_packed, toolchains: [xc7, xc7-widelut, xcup, xcup-widelut], "
        "wsigned: true, asigned: false, SIMD: 4, wbits: 4, abits: 4, acc_bits: 20, "
        "lanes: 2}\n",
        a);
    assert_int_equal(s.n_points, 4);
    for (int i = 0; i < 4; i++) {
        struct mac_unit_config c;
        assert_int_equal(sample_mac_unit(&s.points[i].sample, &c, NULL), ST_OK);
        assert_int_equal(c.dsp48e2, i >= 2);
    }
    arena_free(a);
}

static void each_unit_has_its_own_limit_of_pairs(void **state)
{
    (void)state;
    struct arena *a = arena_new();
    struct sweep s =
        good(HEAD "- {module: mac_serial, SIMD: [64, 256], acc_bits: 20}\n", a);
    assert_int_equal(s.points[1].sample.SIMD, 256);
    arena_free(a);
}

static void min_is_what_no_input_overflows(void **state)
{
    (void)state;
    struct arena *a = arena_new();
    struct sweep s = good(
        HEAD "- {" MAC ", SIMD: 4, wbits: 3, abits: 2, acc_bits: [min, min+3]}\n", a);
    /* 4 * (-4 * 3) = -48 .. 4 * (3 * 3) = 36: 7 bits */
    assert_int_equal(s.points[0].sample.acc_bits, 7);
    assert_int_equal(s.points[1].sample.acc_bits, 10);
    arena_free(a);
}

static void points_override_and_are_crossed_with_the_group(void **state)
{
    (void)state;
    struct arena *a = arena_new();
    struct sweep s =
        good(HEAD "- {" MAC ", SIMD: [2, 4], acc_bits: 20,\n"
                  "   points: [{wbits: 2, abits: 3}, {wbits: 4, abits: 5}]}\n",
             a);
    assert_int_equal(s.n_points, 4);
    assert_int_equal(s.points[1].sample.wbits, 2);
    assert_int_equal(s.points[1].sample.SIMD, 4);
    assert_int_equal(s.points[2].sample.abits, 5);
    arena_free(a);
}

static void lanes_and_shift_have_words_and_toolchains_multiply(void **state)
{
    (void)state;
    struct arena *a = arena_new();
    struct sweep s = good(
        HEAD "- {module: mvu, toolchains: [xc7, ice40], simulate: 3, MW: 8, MH: 8, "
             "PE: 8, SIMD: 4, wbits: 2, abits: 2, wsigned: true, asigned: false, "
             "acc_bits: min, out_bits: 4, out_signed: false, shift: max-2, "
             "requant_mul: lut, weight_ram: block}\n",
        a);
    assert_int_equal(s.n_points, 6); /* two units, then the parts of each */
    assert_int_equal(s.points[0].sample.lanes, 4);
    assert_int_equal(s.points[0].sample.acc_bits, 7);
    assert_int_equal(s.points[0].sample.shift, 7 + 16 - 4 - 2);
    assert_int_equal(s.points[0].sample.ram_block, 1);
    assert_int_equal(s.points[0].sample.n_vec, 3);
    /* Cycles are measured once. */
    assert_true(s.points[1].sample.n_vec == SAMPLE_NONE64);
    assert_string_equal(s.points[1].toolchain->name, "ice40");
    assert_string_equal(s.points[2].sample.module, "mac_parallel");
    assert_int_equal(s.points[2].sample.SIMD, 4);
    assert_string_equal(s.points[3].sample.module, "requant");
    assert_int_equal(s.points[3].sample.shift, s.points[0].sample.shift);
    assert_string_equal(s.points[5].toolchain->name, "ice40");
    arena_free(a);
}

static void a_sample_keeps_so_many_points_and_depends_on_the_seed_alone(void **state)
{
    (void)state;
    struct arena *a = arena_new();
    static const char group[] =
        "- {" MAC ", sample: 7, SIMD: [1, 2, 3, 4], wbits: [2, 3, 4, 5], "
        "abits: [2, 3, 4, 5], acc_bits: 24}\n";
    char text[512];
    struct sweep s[3];
    for (int i = 0; i < 3; i++) {
        snprintf(text, sizeof text, "seed: %d\n" HEAD "%s", i == 2 ? 9 : 4, group);
        s[i] = good(text, a);
        assert_int_equal(s[i].n_points, 7);
    }
    int n_different = 0;
    for (int i = 0; i < 7; i++) {
        assert_memory_equal(&s[0].points[i].sample, &s[1].points[i].sample,
                            sizeof(struct sample));
        n_different += memcmp(&s[0].points[i].sample, &s[2].points[i].sample,
                              sizeof(struct sample)) != 0;
    }
    assert_true(n_different > 0);
    arena_free(a);
}

static void run_time_units_are_asked_for_the_precision_that_runs(void **state)
{
    (void)state;
    struct arena *a = arena_new();
    struct sweep s =
        good(HEAD "- {module: mac_serial, toolchains: [osu018], SIMD: 8, acc_bits: 20, "
                  "stimulus: [uniform, gauss], op_wbits: [2, 3], op_abits: 4}\n"
                  "- {module: mac_serial, SIMD: 8, acc_bits: 20}\n"
                  "- {" MAC ", toolchains: [osu018], SIMD: 4, wbits: 3, abits: 5, "
                  "acc_bits: min, stimulus: uniform}\n",
             a);
    assert_int_equal(s.n_points, 6);
    assert_int_equal(s.points[0].sample.wbits, SAMPLE_NONE);
    assert_int_equal(s.points[0].sample.op_wbits, 2);
    assert_string_equal(s.points[1].sample.stimulus, "gauss");
    assert_int_equal(s.points[2].sample.op_wbits, 3);
    assert_string_equal(s.points[4].sample.stimulus, "");
    assert_int_equal(s.points[4].sample.op_wbits, SAMPLE_NONE);
    assert_int_equal(s.points[5].sample.op_wbits, 3);
    assert_int_equal(s.points[5].sample.op_abits, 5);
    arena_free(a);
}

static void arrays_take_the_parameters_of_their_unit(void **state)
{
    (void)state;
    struct arena *a = arena_new();
    struct err err = {0};
    struct rtl_instance inst;
    struct sweep s = good(
        HEAD
        "- {module: systolic_ws, unit: mac_serial, rows: [2, 4], cols: 2, SIMD: 8, "
        "acc_bits: 20}\n"
        "- {module: systolic_os, unit: mac_parallel, rows: 2, cols: 3, SIMD: 1, "
        "wbits: 2, abits: 3, wsigned: true, asigned: false, acc_bits: min+4}\n",
        a);
    assert_int_equal(s.n_points, 3);
    assert_int_equal(s.points[1].sample.rows, 4);
    assert_string_equal(s.points[1].sample.unit, "mac_serial");
    assert_ok(sample_instance(&s.points[2].sample, &inst, &err), err);
    assert_string_equal(inst.module, "systolic_os");
    arena_free(a);
}

static void operands_of_layers_name_a_network_of_the_file(void **state)
{
    (void)state;
    struct arena *a = arena_new();
    struct sweep s =
        good("version: 1\nname: t\ntoolchains: [osu018]\n"
             "operands: [{network: some/net.v2.onnx, data: \"idx:d\"}]\ngroups:\n"
             "- {" MAC ", SIMD: 4, wbits: 3, abits: 2, acc_bits: min, simulate: 5, "
             "stimulus: [uniform, \"layer:net/conv/1\"]}\n",
             a);
    const char *layer = NULL;
    assert_int_equal(s.n_points, 2);
    assert_int_equal(s.points[1].sample.n_vec, 5);
    assert_string_equal(s.points[1].sample.stimulus, "layer:net/conv/1");
    assert_int_equal(s.operands[0].n_images, 4);
    assert_string_equal(s.operands[0].network, "some/net.v2.onnx");
    assert_int_equal(
        sweep_operands_find(s.operands, 1, s.points[1].sample.stimulus, &layer), 0);
    assert_string_equal(layer, "conv/1");
    assert_int_equal(sweep_operands_find(s.operands, 1, "layer:ne/conv", &layer), -1);
    arena_free(a);
}

static void only_legal_leaves_out_what_the_hardware_does_not_allow(void **state)
{
    (void)state;
    struct arena *a = arena_new();
    struct sweep s =
        good(HEAD "- {module: mac_packed, wsigned: true, asigned: false, SIMD: 1, "
                  "wbits: 8, abits: 8, acc_bits: 24, lanes: [1, 2, 3, 4], "
                  "only_legal: true}\n",
             a);
    assert_true(s.n_points >= 1 && s.n_points < 4);
    arena_free(a);
}

#define ON(toolchains) "version: 1\nname: t\ntoolchains: [" toolchains "]\ngroups:\n"
#define TEN            "xc7, xc7, xc7, xc7, xc7, xc7, xc7, xc7, xc7, xc7, "

static void faults_are_named_with_their_place(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        status st;
        const char *message;
    } rows[] = {
        {"version: 2\nname: t\ngroups: []\n", ST_RANGE, ":1:10: "},
        {"version: 1\nname: t\ngroups: []\n", ST_RANGE, "at least one point"},
        {"version: 1\nname: t\ngruops: []\n", ST_PARSE, "groups"},
        {HEAD "- {module: mac, SIMD: 4}\n", ST_PARSE, "mac_parallel"},
        {HEAD "- {" MAC ", SIMD: 4, wbit: 3}\n", ST_PARSE, "wbits"},
        {HEAD "- {" MAC ", SIMD: 4, wbits: 9, abits: 2, acc_bits: 20}\n", ST_RANGE,
         ":5:73: "},
        {HEAD "- {" MAC ", SIMD: 4, wbits: 3, abits: 2}\n", ST_PARSE,
         "expected acc_bits of mac_parallel"},
        {HEAD "- {" MAC ", SIMD: 4, wbits: 3, abits: 2, acc_bits: min-1}\n", ST_PARSE,
         "expected min or min+N, found min-1"},
        {HEAD "- {" MAC ", SIMD: 4, wbits: 3, abits: 2, acc_bits: 5}\n", ST_RANGE,
         "acc_bits"},
        {HEAD "- {" MAC ", SIMD: [], wbits: 3, abits: 2, acc_bits: 5}\n", ST_RANGE,
         "1 to 64 values of SIMD, found 0"},
        {HEAD "- {" MAC ", SIMD: 4, wbits: 3, abits: 2, acc_bits: min, MW: 4}\n",
         ST_PARSE, "MW"},
        {HEAD "- {module: requant, simulate: 2, acc_bits: 20, out_bits: 2, "
              "out_signed: false, shift: 4, requant_mul: lut}\n",
         ST_RANGE, "simulate"},
        {ON("osu018") "- {" MAC ", SIMD: 4, wbits: 3, abits: 2, acc_bits: min, "
                      "stimulus: \"layer:net/fc\"}\n",
         ST_RANGE,
         "stimulus layer:net/fc: expected a network of `operands`, found none"},
        {"version: 1\nname: t\noperands:\n- {network: a/n.onnx, data: d}\n- {network: "
         "n.q.onnx, data: d}\ngroups: []\n",
         ST_PARSE, ":5:3: expected networks of different file names, found n again"},
        {"version: 1\nname: t\noperands: [{network: n.onnx, data: d, images: 65}]\n"
         "groups: []\n",
         ST_RANGE, "images"},
        {"version: 1\nname: t\noperands: [{network: n.onnx}]\ngroups: []\n", ST_PARSE,
         "data"},
        {HEAD "- {module: requant, acc_bits: min, out_bits: 2, out_signed: false, "
              "shift: 4, requant_mul: lut}\n",
         ST_PARSE, "expected an integer"},
        {HEAD
         "- {module: mac_packed, wsigned: true, asigned: false, SIMD: 1, wbits: 8, "
         "abits: 8, acc_bits: 24, lanes: 4}\n",
         ST_UNSUPPORTED, "lanes"},
        {HEAD
         "- {module: mac_packed, toolchains: [ecp5], wsigned: true, asigned: false, "
         "SIMD: 1, wbits: 4, abits: 4, acc_bits: 24, lanes: 2}\n",
         ST_UNSUPPORTED, "DSP48 blocks for mac_packed, found ecp5"},
        {HEAD "- {" MAC
              ", SIMD: 4, wbits: 3, abits: 2, acc_bits: min, stimulus: uniform}\n",
         ST_UNSUPPORTED, "Liberty library, which energy needs, found xc7"},
        {HEAD "- {module: mac_serial, toolchains: [osu018], SIMD: 4, acc_bits: 20, "
              "stimulus: uniform}\n",
         ST_PARSE, "expected op_wbits and op_abits"},
        {HEAD "- {" MAC
              ", SIMD: 4, wbits: 3, abits: 2, acc_bits: min, stimulus: normal}\n",
         ST_PARSE, "uniform, gauss"},
        {HEAD "- {" MAC ", SIMD: 4, wbits: 3, abits: 2, acc_bits: min, fmax: true}\n",
         ST_UNSUPPORTED, "place and route: ice40"},
        {HEAD "- {module: systolic_os, rows: 2, cols: 2, SIMD: 4}\n", ST_PARSE, "unit"},
        {HEAD "- {module: systolic_os, unit: mac_serial, rows: 2, cols: 65, SIMD: 4, "
              "acc_bits: 20}\n",
         ST_RANGE, "65"},
        {HEAD "- {module: mac_serial, SIMD: 4, acc_bits: 20, wbits: 3}\n", ST_PARSE,
         "wbits"},
        {HEAD "- {module: mac_serial, SIMD: 257, acc_bits: 20}\n", ST_RANGE,
         "from 1 to 256 for 'SIMD', found '257'"},
        {HEAD "- {module: mac_actserial, SIMD: 65, wbits: 2, wsigned: true, acc_bits: "
              "20}\n",
         ST_RANGE, "mac_actserial: expected SIMD in [1, 64], found 65"},
        {HEAD "- {" MAC ", SIMD: 65, wbits: 3, abits: 2, acc_bits: 20}\n", ST_RANGE,
         "expected SIMD in [1, 64], found 65"},
        {HEAD "- {module: mac_fusion, SIMD: 17, grouped: false, acc_bits: 20}\n",
         ST_RANGE, "mac_fusion: expected SIMD in [1, 16], found 17"},
        {HEAD "- {module: mvu, toolchains: [osu018], MW: 8, MH: 8, PE: 8, SIMD: 4, "
              "wbits: 2, abits: 2, wsigned: true, asigned: false, acc_bits: min, "
              "out_bits: 4, out_signed: false, shift: max, requant_mul: lut, "
              "weight_ram: block}\n",
         ST_UNSUPPORTED, "without memories for osu018, found mvu"},
        {"version: 1\nname: t\ntoolchains: [xc8]\ngroups:\n- {" MAC
         ", SIMD: 4, wbits: 3, abits: 2, acc_bits: min}\n",
         ST_RANGE, "lib:PATH, found xc8"},
        {"version: 1\nname: t\ngroups:\n- {" MAC
         ", SIMD: 4, wbits: 3, abits: 2, acc_bits: min}\n",
         ST_PARSE, "expected toolchains"},
        {ON("osu018") "- {module: systolic_os, unit: mac_parallel, rows: 2, cols: 2, "
                      "SIMD: 4, wbits: 3, abits: 2, wsigned: true, asigned: false, "
                      "acc_bits: 12, stimulus: uniform}\n",
         ST_UNSUPPORTED,
         "expected a MAC unit, whose energy is measured, found systolic_os"},
        {ON("ice40") "- {" MAC
                     ", SIMD: 4, wbits: 3, abits: 2, acc_bits: min, stimulus: "
                     "uniform}\n",
         ST_UNSUPPORTED, "expected a toolchain with a Liberty library"},
        {ON("osu018") "- {module: mac_serial, SIMD: 4, acc_bits: 20, only_legal: true, "
                      "stimulus: uniform}\n",
         ST_PARSE, "expected op_wbits and op_abits"},
        {ON("xc7") "- {module: mac_packed, SIMD: 4, lanes: 4, wbits: 8, abits: 8, "
                   "wsigned: true, asigned: true, acc_bits: 20, only_legal: true}\n",
         ST_RANGE, "expected a group with a legal point, found none"},
        {ON("ecp5") "- {module: mac_packed, SIMD: 4, lanes: 2, wbits: 4, abits: 4, "
                    "wsigned: true, asigned: true, acc_bits: 20}\n",
         ST_UNSUPPORTED, "expected a toolchain with DSP48 blocks for mac_packed"},
        {ON(TEN TEN TEN "xc7, xc7, xc7") "- {" MAC ", SIMD: 4, wbits: 3, abits: 2, "
                                         "acc_bits: min}\n",
         ST_RANGE, "expected 1 to 32 toolchains, found 33"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct arena *a = arena_new();
        struct sweep s;
        struct err err = {0};
        const status st = load(rows[i].text, a, &s, &err);
        if (st != rows[i].st || !strstr(err.msg, rows[i].message))
            fail_msg("row %zu: expected status %d and '%s', found %d and '%s'", i,
                     rows[i].st, rows[i].message, st, err.msg);
        assert_non_null(strstr(err.msg, "s.yaml:"));
        arena_free(a);
    }
}

static void every_shipped_sweep_is_read(void **state)
{
    (void)state;
    glob_t g;
    assert_int_equal(glob("configs/sweep/*.yaml", 0, NULL, &g), 0);
    assert_int_equal(glob("configs/sweep/*/*.yaml", GLOB_APPEND, NULL, &g), 0);
    for (size_t i = 0; i < g.gl_pathc; i++) {
        struct arena *a = arena_new();
        struct sweep s;
        struct err err = {0};
        assert_ok(sweep_load(g.gl_pathv[i], a, &s, &err), err);
        assert_true(s.n_points > 0);
        arena_free(a);
    }
    globfree(&g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists_are_crossed_with_the_last_parameter_fastest),
        cmocka_unit_test(the_dsp_of_a_packed_unit_is_its_toolchains),
        cmocka_unit_test(each_unit_has_its_own_limit_of_pairs),
        cmocka_unit_test(min_is_what_no_input_overflows),
        cmocka_unit_test(points_override_and_are_crossed_with_the_group),
        cmocka_unit_test(lanes_and_shift_have_words_and_toolchains_multiply),
        cmocka_unit_test(a_sample_keeps_so_many_points_and_depends_on_the_seed_alone),
        cmocka_unit_test(run_time_units_are_asked_for_the_precision_that_runs),
        cmocka_unit_test(arrays_take_the_parameters_of_their_unit),
        cmocka_unit_test(operands_of_layers_name_a_network_of_the_file),
        cmocka_unit_test(only_legal_leaves_out_what_the_hardware_does_not_allow),
        cmocka_unit_test(faults_are_named_with_their_place),
        cmocka_unit_test(every_shipped_sweep_is_read),
    };
    return cmocka_run_group_tests_name("sim/sweep", tests, NULL, NULL);
}
