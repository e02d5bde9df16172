/* test_budget.c -- limits from the command line and from files. */
#include "tests/cmocka_all.h"

#include <string.h>

#include "search/budget.h"
#include "tests/scratch.h"

struct fixture {
    struct scratch s;
    struct err err;
};

static int setup(void **state)
{
    static struct fixture f;
    *state = &f;
    return scratch_open(&f.s) ? 0 : -1;
}

static int teardown(void **state)
{
    scratch_close(&((struct fixture *)*state)->s);
    return 0;
}

static status parse(struct fixture *f, struct budget *b, int n, const char *x,
                    const char *y)
{
    const struct cli_list items = {n, {x, y}};
    return budget_parse(&items, b, &f->err);
}

static void limits_are_read_and_the_tighter_one_holds(void **state)
{
    struct fixture *f = *state;
    struct budget b;
    assert_ok(parse(f, &b, 2, "lut=12000", "energy_uj=0.5"), f->err);
    assert_close(b.limit[COST_LUT], 12000, 0, 0);
    assert_close(b.limit[COST_ENERGY_UJ], .5, 0, 0);
    assert_true(isinf(b.limit[COST_FF]));
    assert_ok(parse(f, &b, 2, "lut=12000", "lut=9e3"), f->err);
    assert_close(b.limit[COST_LUT], 9000, 0, 0);
}

static void a_share_of_a_uniform_plan_waits_for_the_space(void **state)
{
    struct fixture *f = *state;
    struct budget b;
    assert_ok(parse(f, &b, 1, "lut=0.97*uniform4", NULL), f->err);
    assert_true(isinf(b.limit[COST_LUT]));
    assert_close(b.relative[COST_LUT].ratio, .97, 0, 0);
    assert_int_equal(b.relative[COST_LUT].bits, 4);
    assert_int_equal(parse(f, &b, 2, "lut=0.97*uniform4", "lut=0.9*uniform3"),
                     ST_USAGE);
    assert_non_null(strstr(f->err.msg, "already limited by uniform4"));
}

static void malformed_limits_are_refused(void **state)
{
    struct fixture *f = *state;
    static const struct {
        const char *item, *message;
        status st;
    } rows[] = {
        {"lutt=5",
         "unknown metric 'lutt' (did you mean 'lut'?); expected one of lut, "
         "ff, dsp, bram18, cycles, energy_uj, size_bytes, bitops, latency_us",
         ST_USAGE},
        {"lut=", "expected a number > 0", ST_USAGE},
        {"lut=abc", "found 'abc'", ST_USAGE},
        {"lut=-5", "found '-5'", ST_USAGE},
        {"lut=0", "found '0'", ST_USAGE},
        {"lut=nan", "found 'nan'", ST_USAGE},
        {"lut=inf", "found 'inf'", ST_USAGE},
        {"lut=5k", "found '5k'", ST_USAGE},
        {"lut=0.9*uniform", "found '0.9*uniform'", ST_USAGE},
        {"lut=0.9*uniform9", "found '0.9*uniform9'", ST_USAGE},
        {"lut=0.9*uniform44", "found '0.9*uniform44'", ST_USAGE},
        {"zynq7021", "found no such file", ST_NOT_FOUND},
        {"none/zynq.yaml", "found no such file", ST_NOT_FOUND},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct budget b;
        const status st = parse(f, &b, 1, rows[i].item, NULL);
        if (st != rows[i].st || !strstr(f->err.msg, rows[i].message))
            fail_msg("%s: status %d, %s", rows[i].item, (int)st, f->err.msg);
    }
}

static void every_device_is_found_by_name(void **state)
{
    struct fixture *f = *state;
    static const struct {
        const char *name, *target;
        double lut;
    } rows[] = {{"zynq7020", "xc7", 53200},    {"zu3eg", "xc7", 70560},
                {"k26", "xc7", 117120},        {"vu9p", "xc7", 1182240},
                {"ice40-hx8k", "ice40", 7680}, {"ice40-up5k", "ice40", 5280}};
    setenv("BITWRIGHT_HOME", ".", 1);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct budget b;
        assert_ok(parse(f, &b, 2, rows[i].name, "lut=1e9"), f->err);
        assert_string_equal(b.name, rows[i].name);
        assert_string_equal(b.target, rows[i].target);
        assert_close(b.limit[COST_LUT], rows[i].lut, 0, 0);
        assert_true(isfinite(b.limit[COST_FF]) && isfinite(b.limit[COST_BRAM18]));
    }
    struct budget b;
    assert_int_equal(parse(f, &b, 1, "zynq7021", NULL), ST_NOT_FOUND);
    assert_non_null(strstr(f->err.msg, "zynq7020"));
    assert_int_equal(parse(f, &b, 2, "zynq7020", "ice40-up5k"), ST_RANGE);
    assert_non_null(strstr(f->err.msg, "expected target xc7"));
}

#define HEAD "version: 1\nname: x\ntarget: xc7\nsource: y\n"
static void malformed_files_are_refused_with_their_place(void **state)
{
    struct fixture *f = *state;
    static const struct {
        const char *text, *message;
        status st;
    } rows[] = {
        {HEAD "limits: {lut: 5}\n", NULL, ST_OK},
        {HEAD "limits: {lutt: 5}\n", "b.yaml:5:10: ", ST_PARSE},
        {HEAD "limits: {lut: -5}\n", "b.yaml:5:15: ", ST_RANGE},
        {HEAD "limits: {lut: many}\n", "b.yaml:5:15: ", ST_PARSE},
        {HEAD "limits: [lut]\n", "b.yaml:5:9: ", ST_PARSE},
        {HEAD "limit: {lut: 5}\n", "b.yaml:5:1: ", ST_PARSE},
        {HEAD, "limits", ST_PARSE},
        {"version: 2\nname: x\ntarget: xc7\nsource: y\nlimits: {}\n",
         "b.yaml:1:10: ", ST_RANGE},
        {"version: 1\nname: x\ntarget: xc8\nsource: y\nlimits: {}\n",
         "b.yaml:3:9: ", ST_PARSE},
        {"version: [\n", "b.yaml:", ST_PARSE},
        {"", "b.yaml", ST_PARSE},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct budget b;
        const char *path = scratch_file(&f->s, "b.yaml", rows[i].text);
        const status st = parse(f, &b, 1, path, NULL);
        if (st != rows[i].st || (st && !strstr(f->err.msg, rows[i].message)))
            fail_msg("row %zu: status %d, %s", i, (int)st, f->err.msg);
    }
}

static void the_binding_metric_is_the_largest_share(void **state)
{
    (void)state;
    struct budget b = budget_none();
    double cost[COST_N_METRICS] = {0}, ratio;
    cost[COST_LUT] = 90;
    cost[COST_FF] = 300;
    budget_binding(&b, cost, &ratio);
    assert_close(ratio, 0, 0, 0);
    assert_true(budget_met(&b, cost));
    b.limit[COST_LUT] = 100;
    b.limit[COST_FF] = 200;
    assert_int_equal(budget_binding(&b, cost, &ratio), COST_FF);
    assert_close(ratio, 1.5, 1e-12, 0);
    assert_false(budget_met(&b, cost));
    cost[COST_FF] = NAN; /* an unknown cost meets no limit */
    assert_false(budget_met(&b, cost));
    char text[64];
    cost[COST_FF] = 200;
    budget_describe(&b, cost, text, sizeof text);
    assert_string_equal(text, "lut 90, ff 200");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(limits_are_read_and_the_tighter_one_holds),
        TEST(a_share_of_a_uniform_plan_waits_for_the_space),
        TEST(malformed_limits_are_refused),
        TEST(every_device_is_found_by_name),
        TEST(malformed_files_are_refused_with_their_place),
        TEST(the_binding_metric_is_the_largest_share),
    };
    return cmocka_run_group_tests_name("search/budget", tests, NULL, NULL);
}
