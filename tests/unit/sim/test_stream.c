/* Drivers and monitors of ready/valid streams, and what they object to. */
#include <string.h>

#include "sim/stream.h"
#include "tests/cmocka_all.h"

static const char *const sources[] = {"tests/unit/sim/stream_copy.v", NULL};
enum { BITS = 70, N_WORDS = 200 };

static struct dut *open_faulty(int64_t fault)
{
    struct err err = {0};
    struct dut_options opt = dut_defaults();
    opt.sources = sources;
    struct rtl_instance inst = {
        .module = "stream_copy",
        .n_params = 3,
        .params = {{"WIDTH", BITS}, {"N", 1}, {"FAULT", fault}}};
    struct dut *d = NULL;
    assert_ok(dut_open_with(&inst, &opt, &d, &err), err);
    dut_reset(d);
    return d;
}

static void random_words(struct stream_words *w, struct arena *a, int64_t n)
{
    struct err err = {0};
    assert_ok(stream_words_new(a, BITS, n, w, &err), err);
    struct rng r = rng_seed(7, 0);
    for (int64_t i = 0; i < n; i++)
        for (int32_t at = 0; at < BITS; at += 10)
            dut_pack(stream_word(w, i), at, 10, (uint32_t)rng_u64(&r));
}

static status copy(int64_t fault, const struct stream_options *opt, int64_t n_out,
                   int64_t *cycles, struct err *err)
{
    struct arena *a = arena_new();
    struct stream_words in, out;
    random_words(&in, a, N_WORDS);
    assert_ok(stream_words_new(a, BITS, n_out, &out, err), *err);
    struct dut *d = open_faulty(fault);
    status st = stream_run(d, &in, &out, opt, cycles, err);
    if (st == ST_OK && memcmp(in.data, out.data, N_WORDS * 3 * sizeof *in.data) != 0)
        st = err_set(err, ST_MISMATCH, "the words differ");
    dut_close(d);
    arena_free(a);
    return st;
}

static void without_stalls_a_register_takes_one_cycle_more_than_its_words(void **state)
{
    (void)state;
    struct err err = {0};
    const struct stream_options opt = {.p_stall = 0, .seed = 1, .timeout_cycles = 1000};
    int64_t cycles = 0;
    assert_ok(copy(0, &opt, N_WORDS, &cycles, &err), err);
    assert_int_equal(cycles, N_WORDS + 1);
}

static void words_survive_stalls_on_both_sides(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 8; seed++) {
        struct err err = {0};
        const struct stream_options opt = {
            .p_stall = 0.5, .seed = seed, .timeout_cycles = 5000};
        int64_t cycles = 0;
        assert_ok(copy(0, &opt, N_WORDS, &cycles, &err), err);
        assert_true(cycles > 2 * N_WORDS);
    }
}

static void equal_seeds_stall_equally(void **state)
{
    (void)state;
    struct err err = {0};
    const struct stream_options opt = {
        .p_stall = 0.3, .seed = 5, .timeout_cycles = 5000};
    int64_t x = 0, y = 0;
    assert_ok(copy(0, &opt, N_WORDS, &x, &err), err);
    assert_ok(copy(0, &opt, N_WORDS, &y, &err), err);
    assert_int_equal(x, y);
}

static void expect(int64_t fault, double p_stall, int64_t n_out, const char *message)
{
    struct err err = {0};
    const struct stream_options opt = {
        .p_stall = p_stall, .seed = 3, .timeout_cycles = 1000};
    int64_t cycles = 0;
    assert_int_equal(copy(fault, &opt, n_out, &cycles, &err), ST_MISMATCH);
    if (!strstr(err.msg, message))
        fail_msg("expected '%s' in the message, found '%s'", message, err.msg);
}

static void a_valid_that_drops_is_reported(void **state)
{
    (void)state;
    expect(1, 0.5, N_WORDS, "valid fell before the word was taken");
}

static void data_that_changes_while_stalled_is_reported(void **state)
{
    (void)state;
    expect(2, 0.5, N_WORDS, "data changed while the word was stalled");
}

static void a_module_that_is_never_ready_times_out(void **state)
{
    (void)state;
    expect(3, 0, N_WORDS, "time-out after 1000 cycles with 0 of 200 words in");
}

static void a_fired_assertion_fails_the_run(void **state)
{
    (void)state;
    expect(4, 0, N_WORDS, "an assertion of the RTL fired");
}

static void a_word_too_many_is_reported(void **state)
{
    (void)state;
    expect(0, 0, N_WORDS - 1, "expected 199 output words, found one more");
}

static void a_width_that_differs_from_the_port_is_refused(void **state)
{
    (void)state;
    struct err err = {0};
    struct arena *a = arena_new();
    struct stream_words in, out;
    assert_ok(stream_words_new(a, BITS - 1, 1, &in, &err), err);
    assert_ok(stream_words_new(a, BITS, 1, &out, &err), err);
    const struct stream_options opt = {.timeout_cycles = 10};
    struct dut *d = open_faulty(0);
    int64_t cycles;
    assert_int_equal(stream_run(d, &in, &out, &opt, &cycles, &err), ST_MISMATCH);
    assert_non_null(strstr(err.msg, "s_data: expected 69 bits, found 70"));
    dut_close(d);
    arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_stalls_a_register_takes_one_cycle_more_than_its_words),
        cmocka_unit_test(words_survive_stalls_on_both_sides),
        cmocka_unit_test(equal_seeds_stall_equally),
        cmocka_unit_test(a_valid_that_drops_is_reported),
        cmocka_unit_test(data_that_changes_while_stalled_is_reported),
        cmocka_unit_test(a_module_that_is_never_ready_times_out),
        cmocka_unit_test(a_fired_assertion_fails_the_run),
        cmocka_unit_test(a_word_too_many_is_reported),
        cmocka_unit_test(a_width_that_differs_from_the_port_is_refused),
    };
    return cmocka_run_group_tests_name("sim/stream", tests, NULL, NULL);
}
