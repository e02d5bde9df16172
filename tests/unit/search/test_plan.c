/* test_plan.c -- plan.yaml is read back as it was written, and strictly. */
#include "tests/cmocka_all.h"

#include <string.h>

#include "search/plan.h"
#include "tests/scratch.h"

struct fixture {
    struct scratch s;
    struct arena *a;
    struct err err;
};

static int setup(void **state)
{
    static struct fixture f;
    *state = &f;
    f.a = arena_new();
    return f.a && scratch_open(&f.s) ? 0 : -1;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    scratch_close(&f->s);
    arena_free(f->a);
    return 0;
}

static struct plan make_plan(struct fixture *f)
{
    struct plan p = {.method = "ssps",
                     .network = "net: with \"odd\" name.onnx",
                     .data = "idx:/some/where",
                     .cost_model = "cost.yaml",
                     .quantised = "plan.onnx",
                     .accel = "plan-accel.yaml",
                     .verilog = "plan-verilog",
                     .target = "xc7",
                     .energy_profile = "",
                     .seed = 12345678901234567,
                     .fps = 1000.5,
                     .clock_mhz = 1e2 / 3,
                     .budget = budget_none(),
                     .accuracy = .9123,
                     .accuracy_float = .92,
                     .n_test_images = 10000,
                     .n_layers = 3,
                     .n_uniform = 2,
                     .n_records = 2};
    p.budget.limit[COST_LUT] = 12000.1;
    for (int m = 0; m < COST_N_METRICS; m++)
        p.estimate.metric[m] =
            (struct cost_value){100.0 / 3 + m, 30, 40 + m, COST_LEVEL_TABLE};
    p.estimate.metric[COST_ENERGY_UJ].value = NAN;
    p.layers = ARENA_NEW(f->a, struct plan_layer, 3);
    for (int i = 0; i < 3; i++) {
        p.layers[i] = (struct plan_layer){
            "",  1 + i, 8 - i, 4,      2,   100.0 / 7, 160, 1, i == 0 ? NAN : 2,
            NAN, NAN,   784,   i == 1, {0}, {0}};
        snprintf(p.layers[i].name, LAYER_NAME_MAX, "stage/conv_%d", i);
        for (int b = 0; b < 9; b++)
            p.layers[i].w_value[b] = p.layers[i].a_value[b] =
                b >= 2 && b < 6 ? -1.0 / 3 * b : NAN;
    }
    p.uniform = ARENA_NEW(f->a, struct plan_uniform, 2);
    for (int i = 0; i < 2; i++) {
        p.uniform[i] = (struct plan_uniform){3 + i, .9 + .01 * i, {0}, i == 0};
        for (int m = 0; m < COST_N_METRICS; m++)
            p.uniform[i].cost[m] = m / 3.0;
    }
    p.records = ARENA_NEW(f->a, struct search_record, 2);
    for (int i = 0; i < 2; i++) {
        p.records[i] = (struct search_record){.step = 10 * i, .loss = 1.0 / 3};
        for (int m = 0; m < COST_N_METRICS; m++)
            p.records[i].expected[m] = m;
        p.records[i].expected[COST_ENERGY_UJ] = NAN;
        p.records[i].n_decided = i;
    }
    return p;
}

static bool same(double x, double y) { return x == y || (isnan(x) && isnan(y)); }

static void save(struct fixture *f, const struct plan *p, const char *name)
{
    struct provenance prov;
    provenance_init(&prov, "test", 1);
    assert_ok(plan_save(p, &prov, scratch_path(&f->s, name), &f->err), f->err);
}

static void what_is_written_is_read_back_to_the_last_bit(void **state)
{
    struct fixture *f = *state;
    const struct plan p = make_plan(f);
    struct plan q;
    save(f, &p, "plan.yaml");
    assert_ok(plan_load(f->s.path, f->a, &q, &f->err), f->err);
    assert_string_equal(q.network, p.network);
    assert_string_equal(q.accel, p.accel);
    assert_true(q.seed == p.seed && q.fps == p.fps && q.clock_mhz == p.clock_mhz);
    assert_true(q.accuracy == p.accuracy && q.accuracy_float == p.accuracy_float);
    for (int m = 0; m < COST_N_METRICS; m++) {
        assert_true(same(q.budget.limit[m], p.budget.limit[m]));
        assert_true(same(q.estimate.metric[m].value, p.estimate.metric[m].value));
        assert_true(same(q.uniform[1].cost[m], p.uniform[1].cost[m]));
        assert_true(same(q.records[1].expected[m], p.records[1].expected[m]));
    }
    assert_int_equal(q.n_layers, 3);
    assert_string_equal(q.layers[2].name, "stage/conv_2");
    assert_int_equal(q.layers[2].wbits, 3);
    assert_true(q.layers[1].has_values && !q.layers[0].has_values);
    for (int b = 1; b < 9; b++)
        assert_true(same(q.layers[1].w_value[b], p.layers[1].w_value[b]));
    assert_int_equal(q.n_uniform, 2);
    assert_int_equal(q.uniform[1].bits, 4);
    assert_true(q.uniform[0].budget_met && !q.uniform[1].budget_met);
    assert_int_equal(q.n_records, 2);
    assert_int_equal(q.records[1].step, 10);
}

static void written_again_it_is_the_same_file(void **state)
{
    struct fixture *f = *state;
    const struct plan p = make_plan(f);
    struct plan q;
    char *first, *second;
    size_t n, n2;
    save(f, &p, "plan.yaml");
    assert_ok(plan_load(f->s.path, f->a, &q, &f->err), f->err);
    assert_ok(file_read(f->s.path, f->a, &first, &n, &f->err), f->err);
    save(f, &q, "again.yaml");
    assert_ok(file_read(f->s.path, f->a, &second, &n2, &f->err), f->err);
    assert_string_equal(first, second);
}

/* The plan with one piece of its text replaced by another. */
static void expect_refusal(struct fixture *f, const char *text, const char *from,
                           const char *to, status st, const char *message)
{
    const char *at = strstr(text, from);
    if (!at) fail_msg("the plan has no '%s'", from);
    const char *bad =
        arena_printf(f->a, "%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
    struct plan q;
    const status got =
        plan_load(scratch_file(&f->s, "bad.yaml", bad), f->a, &q, &f->err);
    if (got != st || !strstr(f->err.msg, message) || !strstr(f->err.msg, "bad.yaml:"))
        fail_msg("'%s': status %d, %s", to, (int)got, f->err.msg);
}

static void malformed_plans_are_refused_with_their_place(void **state)
{
    struct fixture *f = *state;
    const struct plan p = make_plan(f);
    char *text;
    size_t n;
    save(f, &p, "plan.yaml");
    assert_ok(file_read(f->s.path, f->a, &text, &n, &f->err), f->err);
    expect_refusal(f, text, "method:", "methud:", ST_PARSE, "method");
    expect_refusal(f, text, "version: 1", "version: 2", ST_RANGE, "2");
    expect_refusal(f, text, "fps: 1000.5", "fps: fast", ST_PARSE, "fast");
    expect_refusal(f, text, "target: xc7", "target: xc8", ST_PARSE, "xc7");
    expect_refusal(f, text, "wbits: 2", "wbits: 9", ST_RANGE, "9");
    expect_refusal(f, text, "wbits: 2", "wbitz: 2", ST_PARSE, "wbits");
    expect_refusal(f, text, "budget: {lut", "budget: {lutt", ST_PARSE, "lut");
    expect_refusal(f, text, "level: table", "level: guess", ST_PARSE, "table");
    expect_refusal(f, text, "plan: 0.9123", "plan: 91.23", ST_RANGE, "91.23");
}

static void a_truncated_plan_is_refused(void **state)
{
    struct fixture *f = *state;
    const struct plan p = make_plan(f);
    struct plan q;
    char *text;
    size_t n;
    save(f, &p, "plan.yaml");
    assert_ok(file_read(f->s.path, f->a, &text, &n, &f->err), f->err);
    for (size_t cut = 0; cut < n * 9 / 10; cut += n / 23) {
        const char *part = arena_strndup(f->a, text, cut);
        const status st =
            plan_load(scratch_file(&f->s, "cut.yaml", part), f->a, &q, &f->err);
        if (st != ST_PARSE && st != ST_RANGE)
            fail_msg("cut at %zu: status %d", cut, (int)st);
    }
    assert_int_equal(plan_load("none.yaml", f->a, &q, &f->err), ST_NOT_FOUND);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(what_is_written_is_read_back_to_the_last_bit),
        TEST(written_again_it_is_the_same_file),
        TEST(malformed_plans_are_refused_with_their_place),
        TEST(a_truncated_plan_is_refused),
    };
    return cmocka_run_group_tests_name("search/plan", tests, NULL, NULL);
}
