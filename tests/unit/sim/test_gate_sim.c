/* Toggles, glitches and energy of netlists that are small enough for a pencil. */
#include <math.h>

#include "base/rng.h"
#include "sim/gate_power.h"
#include "sim/gate_sim.h"
#include "tests/unit/sim/gate_fixture.h"

struct bench {
    struct arena *a;
    struct gate_netlist n;
    struct gate_sim *sim[2]; /* by enum gate_delay */
};

static void open_bench(void **state, const char *netlist, struct bench *b)
{
    struct err err = {0};
    b->a = arena_new();
    assert_ok(fixture_load(*state, netlist, b->a, &b->n, &err), err);
    for (int d = 0; d < 2; d++)
        assert_ok(gate_sim_new(&b->n, (enum gate_delay)d, b->a, &b->sim[d], &err), err);
}

static void set_input(struct bench *b, const char *port, uint64_t lanes)
{
    for (int d = 0; d < 2; d++) {
        uint64_t *w = gate_sim_input(b->sim[d], fixture_net(&b->n, port));
        for (int i = 0; i < GATE_WORDS; i++)
            w[i] = lanes;
    }
}

static void step(struct bench *b)
{
    for (int d = 0; d < 2; d++)
        gate_sim_step(b->sim[d]);
}

static uint64_t toggles(const struct bench *b, enum gate_delay d, const char *port)
{
    return gate_sim_toggles(b->sim[d], fixture_net(&b->n, port));
}

/* y = a ^ a'' : settles at 0 and pulses whenever a changes. */
static const char pulse[] = "in a 2; out y 5;"
                            "XOR2 u2 A=2 B=4 Y=5; INV u0 A=2 Y=3; INV u1 A=3 Y=4;";

static void a_pulse_is_seen_with_unit_delay_only(void **state)
{
    struct bench b;
    open_bench(state, pulse, &b);
    for (int i = 1; i <= 3; i++) {
        set_input(&b, "a", i % 2 ? UINT64_MAX : 0);
        step(&b);
    }
    assert_int_equal(toggles(&b, GATE_ZERO_DELAY, "a"), 3 * GATE_LANES);
    assert_int_equal(toggles(&b, GATE_ZERO_DELAY, "y"), 0);
    assert_int_equal(toggles(&b, GATE_UNIT_DELAY, "a"), 3 * GATE_LANES);
    assert_int_equal(toggles(&b, GATE_UNIT_DELAY, "y"), 2 * 3 * GATE_LANES);
    /* u0 and u1 can change at one time, u2 at 1 and 3 */
    assert_int_equal(gate_sim_n_evaluations(b.sim[GATE_ZERO_DELAY]), 3);
    assert_int_equal(gate_sim_n_evaluations(b.sim[GATE_UNIT_DELAY]), 4);
    arena_free(b.a);
}

/* Carries of p0, p1 and sums s1 = p1 ^ c1, s2 = p2 ^ c2:
 * c1 = p0 & cin, c2 = p1 & c1. */
static const char carry[] =
    "in cin 2; in p0 3; in p1 4; in p2 5; out c1 6; out c2 7; out s1 8; out s2 9;"
    "XOR2 x2 A=5 B=7 Y=9; AND2 a1 A=3 B=2 Y=6; AND2 a2 A=4 B=6 Y=7; XOR2 x1 A=4 B=6 "
    "Y=8;";

static void a_carry_that_ripples_glitches_the_sums(void **state)
{
    struct bench b;
    open_bench(state, carry, &b);
    const char *const inputs[] = {"cin", "p0", "p1", "p2"};
    for (int i = 0; i < 4; i++)
        set_input(&b, inputs[i], 1); /* lane 0 of each word, 8 lanes */
    step(&b);
    /* time 1: c1 = 1, s1 = 1, s2 = 1; time 2: c2 = 1, s1 = 0; time 3: s2 = 0 */
    assert_int_equal(toggles(&b, GATE_UNIT_DELAY, "c1"), GATE_WORDS);
    assert_int_equal(toggles(&b, GATE_UNIT_DELAY, "c2"), GATE_WORDS);
    assert_int_equal(toggles(&b, GATE_UNIT_DELAY, "s1"), 2 * GATE_WORDS);
    assert_int_equal(toggles(&b, GATE_UNIT_DELAY, "s2"), 2 * GATE_WORDS);
    assert_int_equal(toggles(&b, GATE_ZERO_DELAY, "c2"), GATE_WORDS);
    assert_int_equal(toggles(&b, GATE_ZERO_DELAY, "s1"), 0);
    assert_int_equal(toggles(&b, GATE_ZERO_DELAY, "s2"), 0);
    arena_free(b.a);
}

/* q <- !q, with both outputs; enable drives nothing. */
static const char toggle[] = "in ck 2; out q 3; out qn 4; DFF f CK=2 D=4 Q=3 QN=4;";

static void a_flip_flop_takes_its_input_once_per_cycle(void **state)
{
    struct bench b;
    open_bench(state, toggle, &b);
    assert_int_equal(b.n.n_flip_flops, 1);
    for (int i = 1; i <= 5; i++) {
        step(&b);
        const uint64_t want = i % 2 ? UINT64_MAX : 0;
        assert_true(gate_sim_value(b.sim[0], fixture_net(&b.n, "q"))[3] == want);
        assert_true(gate_sim_value(b.sim[1], fixture_net(&b.n, "qn"))[0] == ~want);
    }
    assert_int_equal(toggles(&b, GATE_UNIT_DELAY, "q"), 5 * GATE_LANES);
    gate_sim_clear(b.sim[0]);
    assert_int_equal(toggles(&b, GATE_ZERO_DELAY, "q"), 0);
    arena_free(b.a);
}

static void the_energy_of_a_toggle_is_the_sum_by_hand(void **state)
{
    struct bench b;
    struct gate_power p;
    struct err err = {0};
    open_bench(state, carry, &b);
    assert_ok(gate_power_find(&b.n, 0.1, b.a, &p, &err), err);
    /* c1 drives B of AND2 (0.03 pF) and B of XOR2 (0.02 pF): 1/2 * 0.05 * 2^2 */
    const int32_t c1 = fixture_net(&b.n, "c1");
    assert_close(p.load_pj[c1], 0.1, 1e-12, 0);
    assert_close(p.internal_pj[c1], 0.03, 1e-12, 0); /* mean of 0.02 and 0.04 */
    assert_close(p.load_pj[fixture_net(&b.n, "s2")], 0, 0, 1e-15);
    assert_close(p.load_pj[fixture_net(&b.n, "p1")], 0.06, 1e-12, 0);
    assert_close(p.internal_pj[fixture_net(&b.n, "p1")], 0, 0, 1e-15);
    assert_close(p.area_um2, 10, 1e-12, 0);
    assert_close(p.leakage_nw, 4, 1e-12, 0);
    assert_close(p.clock_pj, 0, 0, 1e-15);
    arena_free(b.a);
    open_bench(state, toggle, &b);
    assert_ok(gate_power_find(&b.n, 0.1, b.a, &p, &err), err);
    /* 0.02 pF * 2^2, and 0.1 + 0.3 inside */
    assert_close(p.clock_pj, 0.48, 1e-12, 0);
    assert_close(p.internal_pj[fixture_net(&b.n, "q")], 0.5, 1e-12, 0);
    /* no fall table: half of 0 */
    assert_close(p.internal_pj[fixture_net(&b.n, "qn")], 0, 0, 1e-15);
    arena_free(b.a);
}

/* Every function of three inputs and some of four to six, against its table. */
static void any_function_simulates_as_its_table(void **state)
{
    (void)state;
    struct rng r = rng_seed(1, 0);
    for (int i = 0; i < 256 + 300; i++) {
        const int n = i < 256 ? 3 : 4 + i % 3;
        const uint64_t rows = n == 6 ? UINT64_MAX : (UINT64_C(1) << (1 << n)) - 1;
        const uint64_t truth = i < 256 ? (uint64_t)i : rng_u64(&r) & rows;
        const struct gate_shape s = gate_shape_find(truth, n);
        struct gate g = {.out = GATE_FIRST_NET + n, .n_inputs = n, .shape = s};
        int32_t nets[LIBERTY_MAX_INPUTS];
        for (int k = 0; k < n; k++) {
            nets[k] = GATE_FIRST_NET + k;
            g.in[k] = GATE_FIRST_NET + s.input[k];
        }
        const struct gate_port port = {"in", true, n, nets};
        const struct gate_netlist net = {.path = "table",
                                         .n_nets = GATE_FIRST_NET + n + 1,
                                         .n_ports = 1,
                                         .ports = &port,
                                         .n_gates = 1,
                                         .gates = &g,
                                         .clock = -1};
        struct gate_sim *sim;
        struct err err = {0};
        struct arena *a = arena_new();
        assert_ok(gate_sim_new(&net, GATE_ZERO_DELAY, a, &sim, &err), err);
        for (int k = 0; k < n; k++) /* lane = row of the table */
            for (unsigned lane = 0; lane < 64; lane++)
                gate_sim_input(sim, nets[k])[0] |= (uint64_t)(lane >> k & 1) << lane;
        gate_sim_step(sim);
        assert_true((gate_sim_value(sim, g.out)[0] & rows) == truth);
        arena_free(a);
    }
}

static const struct {
    const char *text, *message;
    status code;
} malformed[] = {
    {"{", "top.json", ST_PARSE},
    {"{\"modules\": {}}", "expected one module, found 0", ST_PARSE},
    {"in a 2; NAND9 u A=2;", "cell u: expected a cell of the library, found NAND9",
     ST_UNSUPPORTED},
    {"in a 2; INV u B=2 Y=3;", "cell u: expected a pin of its cell, found B", ST_PARSE},
    {"in a 2; INV u Y=3;", "cell u: expected every input connected, found A", ST_PARSE},
    {"in a 2; INV u A=x Y=3;", "cell u: expected a bit number", ST_PARSE},
    {"in a 2; INV u A=7 Y=3;", "cell u: expected a driver of every input, found A",
     ST_PARSE},
    {"in a 2; INV u A=2 Y=2;", "only driver of its net", ST_PARSE},
    {"in a 2; INV u A=3 Y=4; INV v A=4 Y=3;", "expected no combinational loop",
     ST_UNSUPPORTED},
    {"in a 2; DLAT u G=2 D=2 Y=3;", "cell u: expected no latch, found DLAT",
     ST_UNSUPPORTED},
    {"in a 2; in b 3; DFF u CK=2 D=3 Q=4; DFF v CK=3 D=2 Q=5;",
     "expected one clock and one edge", ST_UNSUPPORTED},
    {"in a 2; DFF u CK=2 D=5 Q=4; INV v A=2 Y=5;",
     "cell v: expected the clock to drive flip-flops only", ST_UNSUPPORTED},
};

static void malformed_netlists_are_refused_by_cell(void **state)
{
    for (size_t i = 0; i < sizeof malformed / sizeof *malformed; i++) {
        struct err err = {0};
        struct gate_netlist n;
        struct arena *a = arena_new();
        const status st = fixture_load(*state, malformed[i].text, a, &n, &err);
        if (st != malformed[i].code || !strstr(err.msg, malformed[i].message))
            print_message("row %zu: %d %s\n", i, (int)st, err.msg);
        assert_int_equal(st, malformed[i].code);
        assert_non_null(strstr(err.msg, malformed[i].message));
        arena_free(a);
    }
}

static void a_cell_without_power_tables_is_refused(void **state)
{
    struct err err = {0};
    struct gate_netlist n;
    struct gate_power p;
    struct arena *a = arena_new();
    assert_ok(fixture_load(*state, "in a 2; HUSH u A=2 Y=3;", a, &n, &err), err);
    assert_int_equal(gate_power_find(&n, 0.1, a, &p, &err), ST_UNSUPPORTED);
    assert_non_null(strstr(err.msg, "cell HUSH: expected internal_power tables of pin "
                                    "Y"));
    arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_pulse_is_seen_with_unit_delay_only),
        cmocka_unit_test(a_carry_that_ripples_glitches_the_sums),
        cmocka_unit_test(a_flip_flop_takes_its_input_once_per_cycle),
        cmocka_unit_test(the_energy_of_a_toggle_is_the_sum_by_hand),
        cmocka_unit_test(any_function_simulates_as_its_table),
        cmocka_unit_test(malformed_netlists_are_refused_by_cell),
        cmocka_unit_test(a_cell_without_power_tables_is_refused),
    };
    return cmocka_run_group_tests_name("sim/gate_sim", tests, scratch_setup,
                                       scratch_teardown);
}
