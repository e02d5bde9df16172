/* Systolic arrays: matrix products on every unit and both flows, with sizes that are no
 * multiple of the array, against plain sums; cycles and flip-flops against formulas. */
#include "base/arena.h"
#include "base/rng.h"
#include "nn/quant.h"
#include "sim/synth.h"
#include "sim/systolic_run.h"
#include "tests/cmocka_all.h"

static const struct mac_unit_config units[] = {
    {MAC_PARALLEL, 1, 8, 8, true, false, 24, 1, false, false},
    {MAC_PARALLEL, 3, 3, 5, true, true, 20, 1, false, false},
    {MAC_PARALLEL, 2, 1, 1, true, true, 14, 1, false, false},
    {MAC_SERIAL, 8, 8, 8, true, true, 24, 1, false, false},
    {MAC_ACTSERIAL, 4, 4, 8, true, true, 24, 1, false, false},
    {MAC_FUSION, 1, 8, 8, true, true, 24, 1, false, false},
    {MAC_FUSION, 2, 8, 8, true, true, 24, 1, false, true},
    {MAC_PACKED, 3, 4, 4, true, false, 20, 4, true, false},
    {MAC_PACKED, 1, 8, 8, true, true, 24, 2, true, false},
};
enum { N_UNITS = sizeof units / sizeof *units, N_PACKED = 2 };

/* Precisions for units that run any; others take their own. */
static const struct mac_precision precisions[] = {
    {8, 8, true, false}, {2, 3, true, true}, {1, 4, true, false}, {1, 1, true, true}};

static void fill(uint8_t *codes, int64_t n, int32_t bits, struct rng *r)
{
    for (int64_t i = 0; i < n; i++)
        codes[i] = (uint8_t)rng_below(r, 1U << bits);
}

static void check_job(struct systolic_run *r, const struct systolic_config *c,
                      const struct systolic_shape *s, double p_gap)
{
    struct arena *a = arena_new();
    struct rng rng = rng_seed(7, (uint64_t)(s->M + s->K * 64));
    uint8_t *x = ARENA_NEW(a, uint8_t, (size_t)(s->M * s->K));
    uint8_t *w = ARENA_NEW(a, uint8_t, (size_t)(s->N * s->K));
    int32_t *got = ARENA_NEW(a, int32_t, (size_t)(s->M * s->N));
    int32_t *want = ARENA_NEW(a, int32_t, (size_t)(s->M * s->N));
    assert_true(x && w && got && want);
    fill(x, s->M * s->K, s->p.abits, &rng);
    fill(w, s->N * s->K, s->p.wbits, &rng);
    const struct systolic_job j = {.s = *s, .a = x, .w = w, .p_gap = p_gap, .seed = 3};
    struct err err = {0};
    int64_t cycles = 0;
    assert_ok(systolic_run_job(r, &j, got, &cycles, &err), err);
    systolic_reference(&j, want);
    assert_ok(systolic_compare(c, &j, got, want, &err), err);
    if (cycles != systolic_cycles(c, s))
        fail_msg("%s of %s, M %d K %d N %d, %d x %d bits: %d cycles, expected %d",
                 systolic_names[c->flow], mac_unit_names[c->unit.unit], (int)s->M,
                 (int)s->K, (int)s->N, s->p.wbits, s->p.abits, (int)cycles,
                 (int)systolic_cycles(c, s));
    arena_free(a);
}

/* K that the unit accepts: where padding cannot be zero, a multiple of everything. */
static int64_t length(const struct systolic_config *c, const struct mac_precision *p,
                      int64_t K)
{
    struct systolic_shape s = {.p = *p, .M = 1, .K = K, .N = 1};
    while (systolic_shape_check(c, &s, NULL) != ST_OK)
        s.K++;
    return s.K;
}

static void check_precision(struct systolic_run *r, const struct systolic_config *c,
                            const struct mac_precision *p)
{
    static const int sizes[][3] = {{1, 1, 1}, {5, 7, 4}, {3, 40, 2}, {11, 29, 9}};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        const struct systolic_shape s = {.p = *p,
                                         .M = sizes[i][0],
                                         .K = length(c, p, sizes[i][1]),
                                         .N = sizes[i][2]};
        check_job(r, c, &s, 0);
        check_job(r, c, &s, 0.3);
    }
}

static void check_array(const struct systolic_config *c)
{
    struct err err = {0};
    struct systolic_run *r = NULL;
    const struct dut_options opt = dut_defaults();
    assert_ok(systolic_run_open(c, &opt, &r, &err), err);
    const struct mac_precision own = {c->unit.wbits, c->unit.abits, c->unit.wsigned,
                                      c->unit.asigned};
    int n = 0;
    if (systolic_shape_check(c, &(struct systolic_shape){own, 1, 24, 1}, NULL) ==
        ST_OK) {
        check_precision(r, c, &own);
        n++;
    }
    for (size_t i = 0; i < sizeof precisions / sizeof *precisions; i++) {
        struct mac_precision p = precisions[i];
        if (c->unit.unit == MAC_ACTSERIAL) p.wbits = c->unit.wbits;
        if (mac_unit_precision_check(&c->unit, &p, NULL) != ST_OK) continue;
        check_precision(r, c, &p);
        n++;
    }
    assert_true(n > 0);
    systolic_run_close(r);
}

static void all_units(enum systolic_flow flow)
{
    static const int sides[][2] = {{3, 4}, {4, 2}, {1, 3}};
    for (int i = 0; i < N_UNITS; i++) {
        const int *side = sides[i % 3];
        const struct systolic_config c = {
            .flow = flow, .rows = side[0], .cols = side[1], .unit = units[i]};
        check_array(&c);
    }
}

static void output_stationary_products_are_exact_in_the_stated_cycles(void **state)
{
    (void)state;
    all_units(SYSTOLIC_OS);
}

static void weight_stationary_products_are_exact_in_the_stated_cycles(void **state)
{
    (void)state;
    all_units(SYSTOLIC_WS);
}

/* ---- the form for simulation ---- */

enum { LOCKSTEP_CYCLES = 4000 };

/* Random pins, also ones that no sequence of tiles has; last steps keep their distance.
 */
static void lockstep(const struct systolic_config *c)
{
    struct systolic_config looped = *c;
    looped.loop = true;
    struct err err = {0};
    assert_ok(systolic_check(&looped, &err), err);
    const struct rtl_instance inst[2] = {systolic_instance(c),
                                         systolic_instance(&looped)};
    struct dut *d[2] = {NULL, NULL};
    for (int i = 0; i < 2; i++) {
        assert_ok(dut_open(&inst[i], &d[i], &err), err);
        dut_reset(d[i]);
    }
    const char *const names[] = {"i_en", "i_first", "i_last", "i_a", "i_w"};
    const int valid = dut_port(d[0], "o_valid"), acc = dut_port(d[0], "o_acc");
    const int bits = c->unit.acc_bits;
    struct rng r = rng_seed(9, (uint64_t)c->rows);
    int64_t since_last = 0, n_results = 0;
    for (int t = 0; t < LOCKSTEP_CYCLES; t++) {
        since_last++;
        for (int k = 0; k < 5; k++) {
            uint32_t words[64];
            const int port = dut_port(d[0], names[k]);
            const int32_t port_bits = dut_port_bits(d[0], port);
            for (int i = 0; i < 64; i++)
                words[i] = (uint32_t)rng_u64(&r);
            if (port_bits < 32) words[0] &= (1U << port_bits) - 1;
            if (port_bits % 32) words[port_bits / 32] &= (1U << port_bits % 32) - 1;
            if (k == 0) words[0] = t < 8 || rng_below(&r, 5) > 0; /* all sums start */
            if (k == 1) words[0] = t < 1 || rng_below(&r, 8) == 0;
            if (k == 2) {
                words[0] = since_last >= 2 * c->rows - 1 && rng_below(&r, 3) == 0;
                if (words[0]) since_last = 0;
            }
            for (int i = 0; i < 2; i++)
                dut_set(d[i], dut_port(d[i], names[k]), words);
        }
        uint32_t got[2][64];
        for (int i = 0; i < 2; i++) {
            dut_tick(d[i]);
            dut_get(d[i], dut_port(d[i], "o_acc"), got[i]);
        }
        const uint64_t v = dut_get_u64(d[0], valid);
        assert_int_equal(v, dut_get_u64(d[1], dut_port(d[1], "o_valid")));
        for (int32_t col = 0; col < c->cols; col++) {
            if (!(v >> col & 1)) continue;
            n_results++;
            assert_int_equal(dut_unpack(got[0], col * bits, bits),
                             dut_unpack(got[1], col * bits, bits));
        }
    }
    assert_true(n_results > LOCKSTEP_CYCLES / 20 && acc >= 0);
    for (int i = 0; i < 2; i++)
        dut_close(d[i]);
}

static void the_form_for_simulation_is_equal_in_every_cycle(void **state)
{
    (void)state;
    static const struct systolic_config arrays[] = {
        {.rows = 3, .cols = 4, .unit = {MAC_PARALLEL, 1, 8, 8, true, false, 24, 1}},
        {.rows = 4, .cols = 2, .unit = {MAC_PARALLEL, 3, 3, 5, true, true, 20, 1}},
        {.rows = 1, .cols = 5, .unit = {MAC_PARALLEL, 2, 1, 1, true, true, 15, 1}},
        {.rows = 5, .cols = 1, .unit = {MAC_PARALLEL, 1, 1, 4, false, false, 32, 1}},
        {.rows = 16, .cols = 16, .unit = {MAC_PARALLEL, 1, 8, 8, true, false, 32, 1}},
    };
    for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++)
        lockstep(&arrays[i]);
    for (int i = 0; i < 3; i++) {
        const struct systolic_config c = {
            .rows = 3, .cols = 2 + i, .unit = units[i], .loop = true};
        check_array(&c);
    }
}

static void only_parallel_units_have_a_form_for_simulation(void **state)
{
    (void)state;
    const struct systolic_config c = {
        .rows = 3, .cols = 2, .unit = units[3], .loop = true};
    struct err err = {0};
    assert_int_equal(systolic_check(&c, &err), ST_UNSUPPORTED);
    assert_string_equal(err.msg, "systolic_os of mac_serial: expected systolic_os of "
                                 "mac_parallel, which alone has a form for simulation");
}

/* ---- negative control ---- */

static void a_wrong_operand_is_found(void **state)
{
    (void)state;
    const struct systolic_config c = {
        .flow = SYSTOLIC_OS, .rows = 3, .cols = 4, .unit = units[0]};
    struct err err = {0};
    struct systolic_run *r = NULL;
    const struct dut_options opt = dut_defaults();
    assert_ok(systolic_run_open(&c, &opt, &r, &err), err);
    uint8_t x[6] = {1, 2, 3, 4, 5, 6}, w[6] = {1, 1, 1, 2, 2, 2};
    const struct systolic_job j = {.s = {{8, 8, true, false}, 2, 3, 2}, .a = x, .w = w};
    int32_t got[4], want[4];
    int64_t cycles;
    assert_ok(systolic_run_job(r, &j, got, &cycles, &err), err);
    x[5] = 7;
    systolic_reference(&j, want);
    assert_int_equal(systolic_compare(&c, &j, got, want, &err), ST_MISMATCH);
    assert_string_equal(err.msg, "systolic_os of mac_parallel, 8 x 8 bits: 2 of 4 "
                                 "results differ; first at row 1, column 0: expected "
                                 "16, found 15");
    systolic_run_close(r);
}

/* ---- flip-flops ---- */

/* ice40 has no shift-register LUTs, so every delay is flip-flops; it has no DSP for
 * packed units either. */
static void flip_flops_are_exactly_the_formula(void **state)
{
    (void)state;
    enum { EACH = N_UNITS - N_PACKED, N = 2 * EACH };
    struct systolic_config c[N];
    struct rtl_instance inst[2 * N];
    static struct synth_result results[2 * N];
    struct synth_options opt = {.time_limit_s = 300};
    struct err err = {0};
    for (int i = 0; i < N; i++) {
        c[i] = (struct systolic_config){.flow = i < EACH ? SYSTOLIC_OS : SYSTOLIC_WS,
                                        .rows = 2 + i % 2,
                                        .cols = 3 - i % 3 / 2,
                                        .unit = units[i % EACH]};
        inst[i] = systolic_instance(&c[i]);
        inst[N + i] = mac_unit_bare(&c[i].unit);
    }
    assert_ok(toolchain_find("ice40", NULL, &opt.toolchain, &err), err);
    assert_ok(synth_run(inst, 2 * N, &opt, results, &err), err);
    for (int i = 0; i < N; i++) {
        assert_ok(results[i].st, results[i].why);
        assert_ok(results[N + i].st, results[N + i].why);
        const int64_t macs = (int64_t)c[i].rows * c[i].cols * results[N + i].total.ff;
        const int64_t want = systolic_ff(&c[i]) + macs;
        if (results[i].total.ff != want)
            fail_msg("%s of %s, %d x %d: %d FF, Yosys says %d",
                     systolic_names[c[i].flow], mac_unit_names[c[i].unit.unit],
                     c[i].rows, c[i].cols, (int)want, (int)results[i].total.ff);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_wrong_operand_is_found),
        cmocka_unit_test(output_stationary_products_are_exact_in_the_stated_cycles),
        cmocka_unit_test(weight_stationary_products_are_exact_in_the_stated_cycles),
        cmocka_unit_test(only_parallel_units_have_a_form_for_simulation),
        cmocka_unit_test(the_form_for_simulation_is_equal_in_every_cycle),
        cmocka_unit_test(flip_flops_are_exactly_the_formula),
    };
    return cmocka_run_group_tests_name("rtl/systolic", tests, NULL, NULL);
}
