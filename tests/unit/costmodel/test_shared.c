/* Shared arrays: latency and energy by hand, and files that are wrong. */
#include "tests/cmocka_all.h"

#include <math.h>
#include <string.h>

#include "costmodel/shared.h"
#include "tests/scratch.h"

/* 1 pJ per bit of each memory but DRAM, 1 pJ per bit of the accumulator. */
static const struct energy_profile profile = {.name = "test",
                                              .add_pj_per_bit = 1,
                                              .weight_read_pj_per_bit = 1,
                                              .act_pj_per_bit = 10,
                                              .dram = {"test", 100}};

static const char text[] = "version: 1\n"
                           "name: small\n"
                           "style: shared\n"
                           "source: a test\n"
                           "cost_model: none\n"
                           "clock_mhz: 50\n"
                           "unit: {unit: mac_serial, SIMD: 4, acc_bits: 20}\n"
                           "dataflow: os\n"
                           "rows: 2\n"
                           "cols: 4\n"
                           "batch: 2\n"
                           "fill_cycles: 7\n"
                           "weights: {buffer_kib: 8, bytes_per_cycle: 4}\n"
                           "activations: {buffer_kib: 16, bytes_per_cycle: 2}\n";

/* 16 vectors of 36 elements, 8 channels */
static const struct layer_shape conv = {.name = "conv",
                                        .K = 8,
                                        .C = 4,
                                        .H = 4,
                                        .W = 4,
                                        .P = 4,
                                        .Q = 4,
                                        .R = 3,
                                        .S = 3,
                                        .stride_h = 1,
                                        .stride_w = 1,
                                        .groups = 1};

static struct shared_accel load(struct scratch *dir)
{
    struct shared_accel s;
    struct err err;
    const char *path = scratch_file(dir, "a.yaml", text);
    assert_true(shared_accel_is_file(path));
    assert_ok(shared_accel_load(path, &s, &err), err);
    return s;
}

static void a_file_is_read(void **state)
{
    const struct shared_accel s = load(*state);
    assert_string_equal(s.name, "small");
    assert_string_equal(s.cost_model, "");
    assert_int_equal(s.array.unit.unit, MAC_SERIAL);
    assert_int_equal(s.array.schedule, LATENCY_OS);
    assert_close(s.array.weight_bits_per_cycle, 32, 0, 0);
    assert_close(s.array.act_bits_per_cycle, 16, 0, 0);
    assert_close(s.weight_buffer_bytes, 8192, 0, 0);
    assert_close(s.array.act_buffer_bits, 131072, 0, 0);
}

static void latency_is_per_image_and_energy_counts_every_read(void **state)
{
    const struct shared_accel s = load(*state);
    const struct shared_layer l = shared_layer_of(&conv, 3, 2, false, false);
    struct energy_source e;
    struct cost_estimate out;
    struct latency t;
    double parts[ENERGY_N_PARTS];
    struct err err;
    assert_ok(energy_source_init(&profile, NULL, false, &e, &err), err);
    assert_ok(shared_layer_cost(&s, &l, &e, &out, &t, parts, &err), err);
    /* 9 words of 4, 6 pairs of planes: 54 steps, 16 row groups, 2 column groups */
    const double compute = 31 * 54 + 54 + 2 * 2 + 4 + 1 - 2;
    assert_close(t.compute, compute, 0, 0);
    assert_int_equal(t.bound, LATENCY_COMPUTE);
    assert_close(out.metric[COST_LATENCY_US].value, (compute + 7) / 2 / 50, 1e-12, 0);
    assert_int_equal(out.metric[COST_LATENCY_US].level, COST_LEVEL_ROOFLINE);
    /* Weights: 8 * 36 * 3 bits, twice for 2 planes, by 16 row groups, for 2 images. */
    const double weights = 8 * 36 * 3 * 2 * 16 / 2.0 + 8 * 36 * 3 / 2.0;
    /* Activations: 16 * 36 * 2 bits, 3 planes, 2 column groups; outputs of 2 bits. */
    const double dram_act = 64 * 2 + 128 * 2;
    const double acts = 16 * 36 * 2 * 3 * 2 + 128 * 2 + dram_act;
    assert_close(parts[ENERGY_MACS], 16 * 36 * 8 * 20 * 1e-6, 1e-12, 0);
    assert_close(parts[ENERGY_WEIGHTS], weights * 1e-6, 1e-12, 0);
    assert_close(parts[ENERGY_ACTIVATIONS], acts * 10 * 1e-6, 1e-12, 0);
    assert_close(parts[ENERGY_DRAM], (dram_act + 8 * 36 * 3 / 2.0) * 100 * 1e-6, 1e-12,
                 0);
    assert_close(out.metric[COST_SIZE_BYTES].value, 8 * 36 * 3 / 8, 0, 0);
    assert_true(isnan(out.metric[COST_LUT].value));
}

static void held_weights_are_read_once_and_sums_of_tall_columns_twice(void **state)
{
    struct shared_accel s = load(*state);
    const struct shared_layer l = shared_layer_of(&conv, 8, 8, false, true);
    struct energy_source e;
    struct cost_estimate out;
    double parts[ENERGY_N_PARTS];
    struct err err;
    s.array.unit = (struct mac_unit_config){MAC_PARALLEL, 4,  8, 8,     true,
                                            false,        20, 1, false, false};
    s.array.schedule = LATENCY_WS;
    assert_ok(energy_source_init(&profile, NULL, false, &e, &err), err);
    assert_ok(shared_layer_cost(&s, &l, &e, &out, NULL, parts, &err), err);
    const double weight_bits = 8 * 36 * 8, dram = 64 * 8 + 128 * 16;
    assert_close(parts[ENERGY_WEIGHTS], weight_bits * 1e-6, 1e-12, 0); /* 2 halves */
    /* 36 elements are 9 words, 5 times the height: sums go out and in 4 times. */
    const double acts = 16 * 36 * 8 * 2 + 128 * 16 + 2 * 4 * 16 * 8 * 20 + dram;
    assert_close(parts[ENERGY_ACTIVATIONS], acts * 10 * 1e-6, 1e-12, 0);
}

static void a_profile_without_dram_or_the_buffers_size_is_refused(void **state)
{
    const struct shared_accel s = load(*state);
    const struct shared_layer l = shared_layer_of(&conv, 3, 2, false, false);
    struct energy_profile p = profile;
    struct energy_source e;
    struct cost_estimate out;
    struct err err;
    p.dram.source[0] = '\0';
    assert_ok(energy_source_init(&p, NULL, false, &e, &err), err);
    assert_int_equal(shared_layer_cost(&s, &l, &e, &out, NULL, NULL, &err), ST_RANGE);
    assert_string_equal(err.msg,
                        "energy profile test: expected a part 'dram', which a shared "
                        "array reads its operands from, found none");
    p = profile;
    p.sram.n = 2;
    p.sram.bytes[0] = 1024;
    p.sram.bytes[1] = 8192;
    p.sram.pj_per_bit[0] = p.sram.pj_per_bit[1] = 1;
    assert_ok(energy_source_init(&p, NULL, false, &e, &err), err);
    assert_int_equal(shared_layer_cost(&s, &l, &e, &out, NULL, NULL, &err), ST_RANGE);
    assert_string_equal(err.msg,
                        "energy profile test: expected a buffer of 1024 to 8192 byte, "
                        "the sizes it knows, found 16384");
}

/* text with one line replaced */
static const char *changed(char *out, size_t size, const char *from, const char *to)
{
    const char *at = strstr(text, from);
    assert_non_null(at);
    const char *end = strchr(at, '\n');
    snprintf(out, size, "%.*s%s%s", (int)(at - text), text, to, end);
    return out;
}

static void wrong_files_are_refused_at_their_line(void **state)
{
    static const struct {
        const char *from, *to, *say;
    } cases[] = {
        {"rows:", "rows: 65",
         "x.yaml:9:7: expected an integer from 1 to 64 for 'rows', found '65'"},
        {"unit:", "unit: {unit: mac_parallel, SIMD: 4, acc_bits: 20}",
         "x.yaml:7:7: expected the key 'wbits', found none in 'unit'"},
        {"unit:", "unit: {unit: mac_fusion, SIMD: 17, acc_bits: 20}",
         "x.yaml:7:7: mac_fusion: expected SIMD in [1, 16], found 17"},
        {"weights:", "weights: {buffer_kib: 8}",
         "x.yaml:13:10: expected the key 'bytes_per_cycle', found none in "
         "'weights'"},
        {"batch:", "bacth: 2",
         "x.yaml:11:1: expected a known key, found 'bacth'; did you mean "
         "'batch'?"},
        {"dataflow:", "dataflow: is",
         "x.yaml:8:11: expected one of broadcast, ws, os for 'dataflow', found 'is'"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char yaml[1024];
        struct shared_accel s;
        struct err err;
        const char *path = scratch_file(
            *state, "x.yaml", changed(yaml, sizeof yaml, cases[i].from, cases[i].to));
        assert_int_not_equal(shared_accel_load(path, &s, &err), ST_OK);
        const char *said = err.msg + (strrchr(path, '/') + 1 - path);
        if (strncmp(said, cases[i].say, strlen(cases[i].say)) != 0)
            print_error("case %zu: %s\n", i, err.msg);
        assert_int_equal(strncmp(said, cases[i].say, strlen(cases[i].say)), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_is_read),
        cmocka_unit_test(latency_is_per_image_and_energy_counts_every_read),
        cmocka_unit_test(held_weights_are_read_once_and_sums_of_tall_columns_twice),
        cmocka_unit_test(a_profile_without_dram_or_the_buffers_size_is_refused),
        cmocka_unit_test(wrong_files_are_refused_at_their_line),
    };
    return cmocka_run_group_tests_name("costmodel/shared", tests, scratch_setup,
                                       scratch_teardown);
}
