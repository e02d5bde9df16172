/* The door to a Verilated module: build, cache, pins, clock, reset, trace. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "sim/dut.h"
#include "tests/cmocka_all.h"

static const char *const sources[] = {"tests/unit/sim/stream_copy.v", NULL};

static struct rtl_instance copy_instance(int64_t width, int64_t n, int64_t fault)
{
    return (struct rtl_instance){
        .module = "stream_copy",
        .n_params = 3,
        .params = {{"WIDTH", width}, {"N", n}, {"FAULT", fault}}};
}

static struct dut *open_copy(int64_t width, int64_t n)
{
    struct err err = {0};
    struct dut_options opt = dut_defaults();
    opt.sources = sources;
    struct rtl_instance inst = copy_instance(width, n, 0);
    struct dut *d = NULL;
    assert_ok(dut_open_with(&inst, &opt, &d, &err), err);
    return d;
}

static void ports_have_the_widths_of_their_parameters(void **state)
{
    (void)state;
    struct dut *d = open_copy(40, 3);
    assert_int_equal(dut_port_bits(d, dut_port(d, "s_data")), 40);
    assert_int_equal(dut_port_bits(d, dut_port(d, "m_data")), 120);
    assert_int_equal(dut_port_bits(d, dut_port(d, "clk")), 1);
    assert_int_equal(dut_port(d, "absent"), -1);
    struct err err = {0};
    int port;
    assert_int_equal(dut_need_port(d, "absent", &port, &err), ST_MISMATCH);
    assert_non_null(strstr(err.msg, "stream_copy"));
    assert_non_null(strstr(err.msg, "absent"));
    dut_close(d);
}

static void a_word_goes_through_ports_of_every_storage_size(void **state)
{
    (void)state;
    static const int32_t widths[] = {1, 7, 8, 9, 16, 17, 32, 33, 64, 65, 100};
    for (size_t i = 0; i < sizeof widths / sizeof *widths; i++) {
        const int32_t bits = widths[i];
        struct dut *d = open_copy(bits, 1);
        uint32_t in[4] = {0}, out[4] = {0};
        for (int32_t at = 0; at < bits; at += 5) {
            int32_t n = bits - at < 5 ? bits - at : 5;
            dut_pack(in, at, n, 0x15u + (uint32_t)at);
        }
        dut_reset(d);
        dut_set(d, dut_port(d, "s_data"), in);
        dut_set_u64(d, dut_port(d, "s_valid"), 1);
        dut_tick(d);
        dut_get(d, dut_port(d, "m_data"), out);
        for (int32_t at = 0; at < bits; at++)
            if (dut_unpack(in, at, 1) != dut_unpack(out, at, 1))
                fail_msg("width %d: bit %d differs", bits, at);
        dut_close(d);
    }
}

static void packed_fields_cross_word_boundaries(void **state)
{
    (void)state;
    uint32_t w[3] = {0xffffffffu, 0xffffffffu, 0xffffffffu};
    dut_pack(w, 28, 13, 0x1555);
    assert_int_equal(dut_unpack(w, 28, 13), 0x1555);
    assert_int_equal(dut_unpack(w, 0, 28), 0xfffffff);
    assert_int_equal(dut_unpack(w, 41, 23), 0x7fffff);
    dut_pack(w, 64, 32, 0x12345678u);
    assert_int_equal(dut_unpack(w, 64, 32), 0x12345678u);
}

static void outputs_settle_without_a_clock_edge(void **state)
{
    (void)state;
    struct dut *d = open_copy(8, 1);
    dut_reset(d);
    const int m_ready = dut_port(d, "m_ready"), s_ready = dut_port(d, "s_ready");
    dut_set_u64(d, dut_port(d, "s_valid"), 1);
    dut_tick(d); /* one word now waits at the output */
    dut_set_u64(d, m_ready, 0);
    dut_eval(d);
    assert_int_equal(dut_get_u64(d, s_ready), 0);
    dut_set_u64(d, m_ready, 1);
    dut_eval(d);
    assert_int_equal(dut_get_u64(d, s_ready), 1);
    dut_close(d);
}

static void reset_clears_the_cycle_counter_and_the_module(void **state)
{
    (void)state;
    struct dut *d = open_copy(8, 1);
    dut_reset(d);
    dut_set_u64(d, dut_port(d, "m_ready"), 1);
    dut_set_u64(d, dut_port(d, "s_valid"), 1);
    for (int i = 0; i < 10; i++)
        dut_tick(d);
    assert_int_equal(dut_cycles(d), 10);
    assert_int_equal(dut_get_u64(d, dut_port(d, "o_seen")), 10);
    dut_set_u64(d, dut_port(d, "s_valid"), 0);
    dut_reset(d);
    assert_int_equal(dut_cycles(d), 0);
    assert_int_equal(dut_get_u64(d, dut_port(d, "o_seen")), 0);
    dut_close(d);
}

static void two_models_of_one_process_do_not_mix(void **state)
{
    (void)state;
    struct dut *x = open_copy(8, 1), *y = open_copy(8, 2), *z = open_copy(8, 1);
    struct dut *all[] = {x, y, z};
    for (uint64_t i = 0; i < 3; i++) {
        dut_reset(all[i]);
        dut_set_u64(all[i], dut_port(all[i], "s_data"), 0x11 * (i + 1));
        dut_set_u64(all[i], dut_port(all[i], "s_valid"), 1);
    }
    for (int i = 0; i < 3; i++)
        dut_tick(all[i]);
    assert_int_equal(dut_get_u64(x, dut_port(x, "m_data")), 0x11);
    assert_int_equal(dut_get_u64(y, dut_port(y, "m_data")), 0x2222);
    assert_int_equal(dut_get_u64(z, dut_port(z, "m_data")), 0x33);
    for (int i = 0; i < 3; i++)
        dut_close(all[i]);
}

static void a_fired_assertion_is_reported_with_its_cycle(void **state)
{
    (void)state;
    struct err err = {0};
    struct dut_options opt = dut_defaults();
    opt.sources = sources;
    struct rtl_instance inst = copy_instance(8, 1, 4);
    struct dut *d = NULL;
    assert_ok(dut_open_with(&inst, &opt, &d, &err), err);
    dut_reset(d);
    assert_ok(dut_check(d, &err), err);
    dut_set_u64(d, dut_port(d, "s_valid"), 1);
    dut_tick(d);
    assert_int_equal(dut_check(d, &err), ST_MISMATCH);
    assert_non_null(strstr(err.msg, "cycle 1"));
    dut_close(d);
}

static void a_trace_is_written_when_asked_for_and_refused_otherwise(void **state)
{
    (void)state;
    struct err err = {0};
    struct dut *d = open_copy(8, 1);
    assert_int_equal(dut_trace(d, "/tmp/never.vcd", &err), ST_UNSUPPORTED);
    dut_close(d);

    char path[] = "/tmp/bitwright-trace-XXXXXX";
    close(mkstemp(path));
    struct dut_options opt = dut_defaults();
    opt.sources = sources;
    opt.trace = true;
    struct rtl_instance inst = copy_instance(8, 1, 0);
    assert_ok(dut_open_with(&inst, &opt, &d, &err), err);
    assert_ok(dut_trace(d, path, &err), err);
    dut_reset(d);
    for (int i = 0; i < 5; i++)
        dut_tick(d);
    dut_close(d);
    struct stat sb;
    assert_int_equal(stat(path, &sb), 0);
    assert_true(sb.st_size > 200);
    remove(path);
}

static void a_module_that_is_not_there_fails_with_the_tool_s_words(void **state)
{
    (void)state;
    struct err err = {0};
    struct dut_options opt = dut_defaults();
    opt.sources = sources;
    struct rtl_instance inst = {.module = "no_such_module", .n_params = 0};
    struct dut *d = NULL;
    assert_int_equal(dut_open_with(&inst, &opt, &d, &err), ST_TOOL);
    assert_non_null(strstr(err.msg, "no_such_module"));
    assert_null(d);
}

static void the_key_of_a_model_depends_on_its_parameters(void **state)
{
    (void)state;
    struct err err = {0};
    struct dut_options opt = dut_defaults();
    opt.sources = sources;
    struct arena *a = arena_new();
    struct rtl_instance x = copy_instance(8, 1, 0), y = copy_instance(9, 1, 0);
    const char *px, *py, *pz;
    assert_ok(dut_build(&x, &opt, a, &px, &err), err);
    assert_ok(dut_build(&y, &opt, a, &py, &err), err);
    assert_ok(dut_build(&x, &opt, a, &pz, &err), err);
    assert_string_not_equal(px, py);
    assert_string_equal(px, pz);
    arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ports_have_the_widths_of_their_parameters),
        cmocka_unit_test(a_word_goes_through_ports_of_every_storage_size),
        cmocka_unit_test(packed_fields_cross_word_boundaries),
        cmocka_unit_test(outputs_settle_without_a_clock_edge),
        cmocka_unit_test(reset_clears_the_cycle_counter_and_the_module),
        cmocka_unit_test(two_models_of_one_process_do_not_mix),
        cmocka_unit_test(a_fired_assertion_is_reported_with_its_cycle),
        cmocka_unit_test(a_trace_is_written_when_asked_for_and_refused_otherwise),
        cmocka_unit_test(a_module_that_is_not_there_fails_with_the_tool_s_words),
        cmocka_unit_test(the_key_of_a_model_depends_on_its_parameters),
    };
    return cmocka_run_group_tests_name("sim/dut", tests, NULL, NULL);
}
