/* mac_packed beside tests/rtl/test_mac_units.c: packings of every kind with all
 * operands of 16 bits, many pairs with gaps, and the rule of the RTL against
 * rtl/mac_packed.c. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/file.h"
#include "base/proc.h"
#include "base/rng.h"
#include "nn/quant.h"
#include "rtl/mac_packed.h"
#include "sim/mac_run.h"
#include "sim/synth.h"
#include "tests/cmocka_all.h"
#include "tests/scratch.h"

static struct mac_unit_config config(const int *v)
{
    return (struct mac_unit_config){.unit = MAC_PACKED,
                                    .SIMD = v[0],
                                    .lanes = v[1],
                                    .wbits = v[2],
                                    .abits = v[3],
                                    .wsigned = v[4],
                                    .asigned = v[5],
                                    .acc_bits = v[6],
                                    .dsp48e2 = v[7]};
}

/* ---- simulation ---- */

static void run_and_compare(const struct mac_unit_config *c, const struct mac_dots *d)
{
    struct err err = {0};
    struct mac_run *r = NULL;
    struct dut_options opt = dut_defaults();
    struct arena *a = arena_new();
    assert_non_null(a);
    const size_t n = (size_t)(d->n * c->lanes);
    int32_t *got = ARENA_NEW(a, int32_t, n), *want = ARENA_NEW(a, int32_t, n);
    assert_true(got && want);
    int64_t cycles;
    assert_ok(mac_run_open(c, &opt, &r, &err), err);
    assert_ok(mac_run_dots(r, d, got, &cycles, &err), err);
    mac_run_close(r);
    mac_reference(d, c->lanes, want);
    if (mac_compare(c, d, got, want, &err) != ST_OK)
        fail_msg("SIMD %d, %d lanes, DSP48E%d: %s", c->SIMD, c->lanes, 1 + c->dsp48e2,
                 err.msg);
    arena_free(a);
}

/* Codes of dot product i: the bits of i. */
static void spell(uint8_t *codes, int64_t n_codes, int32_t bits, uint32_t *i)
{
    for (int64_t k = 0; k < n_codes; k++) {
        codes[k] = (uint8_t)(*i & ((1U << bits) - 1));
        *i >>= bits;
    }
}

static void all_operands(const struct mac_unit_config *c)
{
    const int64_t K = c->SIMD;
    const int64_t bits = K * (c->lanes * c->wbits + c->abits);
    assert_true(bits <= 16);
    struct arena *a = arena_new();
    assert_non_null(a);
    const size_t n = (size_t)1 << bits, row = (size_t)(c->lanes * K);
    uint8_t *w = ARENA_NEW(a, uint8_t, n * row);
    uint8_t *x = ARENA_NEW(a, uint8_t, n * (size_t)K);
    assert_true(w && x);
    for (size_t i = 0; i < n; i++) {
        uint32_t rest = (uint32_t)i;
        spell(x + i * (size_t)K, K, c->abits, &rest);
        spell(w + i * row, c->lanes * K, c->wbits, &rest);
    }
    const struct mac_dots d = {
        .p = {c->wbits, c->abits, c->wsigned, c->asigned},
        .K = K,
        .n = (int64_t)n,
        .w = w,
        .a = x,
    };
    run_and_compare(c, &d);
    arena_free(a);
}

static void all_operands_of_up_to_16_bits_give_every_lane(void **state)
{
    (void)state;
    static const int sets[][8] = {
        /* SIMD lanes wbits abits wsigned asigned acc_bits dsp48e2                  */
        {1, 2, 4, 8, 1, 0, 12, 0}, {1, 2, 4, 8, 1, 1, 24, 1}, {1, 2, 5, 6, 1, 0, 24, 0},
        {1, 2, 6, 4, 0, 1, 16, 1}, {1, 3, 4, 4, 1, 0, 9, 0},  {1, 3, 4, 4, 1, 1, 12, 0},
        {1, 3, 4, 4, 0, 0, 10, 1}, {1, 4, 3, 4, 1, 0, 12, 0}, {1, 4, 3, 4, 0, 1, 12, 1},
        {1, 4, 3, 4, 1, 1, 7, 0},  {1, 4, 2, 7, 1, 0, 12, 1}, {2, 4, 1, 4, 1, 0, 7, 0},
        {2, 3, 2, 2, 1, 1, 12, 1}, {3, 2, 1, 3, 1, 1, 12, 0}, {2, 3, 1, 5, 0, 1, 12, 0},
        {3, 4, 1, 1, 1, 1, 4, 0},
    };
    for (size_t i = 0; i < sizeof sets / sizeof *sets; i++) {
        const struct mac_unit_config c = config(sets[i]);
        all_operands(&c);
    }
}

static void fill(uint8_t *codes, size_t n, int32_t bits, struct rng *r)
{
    for (size_t i = 0; i < n; i++)
        codes[i] = (uint8_t)rng_below(r, 1U << bits);
}

/* Random dot products of two words and one element, and rows of extreme codes. */
static void random_operands(const struct mac_unit_config *c)
{
    enum { N_DOTS = 300 };
    const bool bipolar = c->wbits == 1 && c->wsigned && c->abits == 1 && c->asigned;
    const int64_t K = 2 * c->SIMD + !bipolar;
    const size_t row = (size_t)K, lanes = (size_t)c->lanes;
    struct arena *a = arena_new();
    assert_non_null(a);
    struct rng r = rng_seed(9, (uint64_t)(c->SIMD * 100 + c->wbits * 10 + c->abits));
    uint8_t *w = ARENA_NEW(a, uint8_t, N_DOTS * row * lanes);
    uint8_t *x = ARENA_NEW(a, uint8_t, N_DOTS * row);
    assert_true(w && x);
    fill(w, N_DOTS * row * lanes, c->wbits, &r);
    fill(x, N_DOTS * row, c->abits, &r);
    /* Every lane at one end of its grid or the other, in all combinations. */
    const int w_ends[] = {1 << (c->wbits - 1), (1 << (c->wbits - 1)) - 1};
    const int a_ends[] = {1 << (c->abits - 1), (1 << (c->abits - 1)) - 1,
                          (1 << c->abits) - 1};
    for (size_t i = 0; i < (size_t)3 << lanes; i++) {
        for (size_t l = 0; l < lanes; l++)
            memset(w + (i * lanes + l) * row, w_ends[i >> l & 1], row);
        memset(x + i * row, a_ends[i >> lanes], row);
    }
    const struct mac_dots d = {.p = {c->wbits, c->abits, c->wsigned, c->asigned},
                               .K = K,
                               .n = N_DOTS,
                               .w = w,
                               .a = x,
                               .p_gap = 0.3,
                               .seed = 4};
    run_and_compare(c, &d);
    arena_free(a);
}

/* Of every kind: in the DSP or not, overlapping, offset, one chain, several, a last
 * chain that is shorter. */
static const int wide[][8] = {
    {8, 2, 8, 8, 1, 0, 24, 1},  {8, 2, 8, 8, 1, 0, 24, 0},  {19, 2, 8, 8, 1, 1, 32, 1},
    {5, 2, 8, 8, 0, 0, 24, 1},  {64, 2, 8, 8, 1, 0, 32, 0}, {6, 2, 5, 8, 1, 0, 19, 0},
    {8, 2, 4, 4, 1, 0, 20, 1},  {11, 3, 4, 4, 1, 0, 16, 0}, {17, 3, 5, 5, 1, 0, 20, 1},
    {5, 4, 4, 4, 1, 0, 16, 0},  {7, 4, 4, 4, 1, 1, 16, 0},  {9, 4, 4, 4, 1, 0, 16, 1},
    {20, 4, 3, 3, 1, 0, 16, 0}, {64, 4, 2, 2, 1, 0, 14, 1}, {12, 4, 1, 1, 1, 1, 8, 0},
    {20, 1, 8, 8, 1, 0, 26, 0},
};
enum { N_WIDE = sizeof wide / sizeof *wide };

static void many_pairs_with_gaps_give_every_lane(void **state)
{
    (void)state;
    for (int i = 0; i < N_WIDE; i++) {
        const struct mac_unit_config c = config(wide[i]);
        random_operands(&c);
    }
}

/* ---- synthesis ---- */

static void dsps_and_registers_are_as_the_shape_says(void **state)
{
    (void)state;
    struct err err = {0};
    struct synth_options opt = {.time_limit_s = 120};
    assert_ok(toolchain_find("xc7", NULL, &opt.toolchain, &err), err);
    struct rtl_instance inst[N_WIDE];
    struct synth_result r[N_WIDE];
    struct mac_packed_shape s[N_WIDE];
    int n = 0;
    for (int i = 0; i < N_WIDE; i++) {
        const struct mac_unit_config c = config(wide[i]);
        if (c.dsp48e2) continue;
        assert_ok(mac_packed_shape(&c, &s[n], &err), err);
        inst[n++] = mac_unit_bare(&c);
    }
    assert_ok(synth_run(inst, n, &opt, r, &err), err);
    for (int i = 0; i < n; i++) {
        assert_ok(r[i].st, r[i].why);
        if (r[i].total.dsp != s[i].dsp || r[i].total.ff != s[i].ff)
            fail_msg("set %d: %lld DSP, %lld FF; expected %d and %d", i,
                     (long long)r[i].total.dsp, (long long)r[i].total.ff, s[i].dsp,
                     s[i].ff);
    }
}

/* ---- the rule, in the RTL and in C ---- */

static const char *instance_text(struct arena *a, const struct mac_unit_config *c,
                                 int i)
{
    const char *params = arena_printf(
        a,
        "#(.SIMD(%d), .LANES(%d), .WBITS(%d), .ABITS(%d), .WSIGNED(%d), .ASIGNED(%d), "
        ".ACC_BITS(%d), .DSP48E2(%d))",
        c->SIMD, c->lanes, c->wbits, c->abits, c->wsigned, c->asigned, c->acc_bits,
        c->dsp48e2);
    return arena_printf(a,
                        "mac_packed %s m%d (.clk(1'b0), .i_en(1'b0), .i_first(1'b0), "
                        ".i_w(%d'd0), .i_a(%d'd0), .o_acc());\n"
                        "initial $display(\"%%0d %%0d %%0d %%0d %%0d %%0d %%0d\", %d, "
                        "m%d.SPACING, m%d.OVERLAP, m%d.OFFSET, m%d.IN_DSP, m%d.CHAINS, "
                        "m%d.CHAIN);\n",
                        params, i, c->lanes * c->SIMD * c->wbits, c->SIMD * c->abits, i,
                        i, i, i, i, i, i);
}

/* The rule needs no chains: they are empty here, which Icarus elaborates sooner. */
static const char *const empty_parts =
    "module packed_chain #(parameter N = 1, LANES = 1, SPACING = 1, WBITS = 1, "
    "ABITS = 1, WSIGNED = 0, ASIGNED = 0, DSP_E2 = 0, BIASED = 0, OFFSET = 0, "
    "ACCUMULATE = 0) (input clk, i_en, i_p_en, i_first, input [LANES*N*WBITS-1:0] "
    "i_w, input [N*ABITS-1:0] i_a, output [47:0] o_p);\nendmodule\n"
    "module carry_tree #(parameter TERMS = 1, BITS = 1, SUM_BITS = 1, CARRIES = 1) "
    "(input [TERMS*BITS-1:0] i_x, input [TERMS-1:0] i_carry, output [SUM_BITS-1:0] "
    "o_sum, output o_carry);\nendmodule\n";

/* Elaborates `text` as module tb; its output in arena. */
static status elaborate(struct arena *a, struct scratch *s, const char *text,
                        char **out, struct err *err)
{
    const char *tb = arena_strdup(a, scratch_file(s, "tb.v", text));
    const char *parts = arena_strdup(a, scratch_file(s, "parts.v", empty_parts));
    const char *vvp = arena_strdup(a, scratch_path(s, "tb.vvp"));
    const char *argv[] = {
        "iverilog", "-g2005", "-s", "tb", "-o", vvp, tb, parts, "rtl/mac/mac_packed.v",
        NULL};
    const struct proc_options opt = {.time_limit_s = 120};
    TRY(proc_run(argv, &opt, err));
    const char *run[] = {"vvp", "-n", vvp, NULL};
    return proc_capture(run, &opt, a, out, err);
}

/* Compares the lines that `text` prints with what the C rule says. */
static void compare_shapes(struct scratch *s, const char *text,
                           const struct mac_packed_shape *want, int n)
{
    struct err err = {0};
    struct arena *a = arena_new();
    char *out = NULL;
    assert_ok(elaborate(a, s, text, &out, &err), err);
    int seen = 0;
    for (char *line = strtok(out, "\n"); line; line = strtok(NULL, "\n")) {
        int got[7];
        if (sscanf(line, "%d %d %d %d %d %d %d", &got[0], &got[1], &got[2], &got[3],
                   &got[4], &got[5], &got[6]) != 7)
            continue;
        const struct mac_packed_shape *w = &want[got[0]];
        const int expect[7] = {got[0],    w->spacing, w->overlap, w->offset,
                               w->in_dsp, w->chains,  w->chain};
        assert_memory_equal(got, expect, sizeof got);
        seen++;
    }
    assert_int_equal(seen, n);
    arena_free(a);
}

/* In batches: Icarus' time grows faster than their size. */
static void the_rtl_packs_as_the_shape_says(void **state)
{
    struct scratch *s = *state;
    enum { ALL = 2 * 4 * 256, BATCH = 60 };
    struct mac_packed_shape want[BATCH];
    struct arena *a = arena_new();
    const char *text = "module tb;\n";
    int n = 0, total = 0;
    for (int i = 0; i < ALL; i++) {
        const int v[] = {1 + i * 7 % 23, 1 + i % 4,   1 + i / 4 % 8,   1 + i / 32 % 8,
                         i / 256 % 2,    i / 512 % 2, 2 + i * 11 % 31, i / 1024};
        const struct mac_unit_config c = config(v);
        if (mac_packed_shape(&c, &want[n], NULL) == ST_OK) {
            text = arena_printf(a, "%s%s", text, instance_text(a, &c, n++));
            total++;
        }
        if (n < BATCH && i < ALL - 1) continue;
        compare_shapes(s, arena_printf(a, "%sendmodule\n", text), want, n);
        text = "module tb;\n";
        n = 0;
    }
    assert_true(total > 1500);
    arena_free(a);
}

/* The widest activation that C allows elaborates, one bit more is refused. */
static void the_rtl_refuses_what_the_shape_refuses(void **state)
{
    struct scratch *s = *state;
    struct err err = {0};
    int n_refused = 0;
    for (int i = 0; i < 2 * 3 * 8 * 4; i++) {
        int v[] = {3, 2 + i % 3, 1 + i / 3 % 8, 1, i / 24 % 2, i / 48 % 2, 24, i / 96};
        struct mac_packed_shape shape;
        struct mac_unit_config c = config(v);
        while (c.abits <= 8 && mac_packed_shape(&c, &shape, NULL) == ST_OK)
            c.abits++;
        if (c.abits > 8) continue;
        struct arena *a = arena_new();
        char *out = NULL;
        const char *text =
            arena_printf(a, "module tb;\n%sendmodule\n", instance_text(a, &c, 0));
        err = (struct err){.code = ST_OK};
        if (elaborate(a, s, text, &out, &err) != ST_TOOL ||
            !strstr(err.msg, "mac_packed_lanes_do_not_fit_the_DSP"))
            fail_msg("%d lanes of %d x %d bits, signs %d %d, DSP48E%d: not refused: %s",
                     c.lanes, c.wbits, c.abits, c.wsigned, c.asigned, 1 + c.dsp48e2,
                     err.msg);
        n_refused++;
        arena_free(a);
    }
    assert_true(n_refused > 50);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_rtl_packs_as_the_shape_says, scratch_setup,
                                        scratch_teardown),
        cmocka_unit_test_setup_teardown(the_rtl_refuses_what_the_shape_refuses,
                                        scratch_setup, scratch_teardown),
        cmocka_unit_test(dsps_and_registers_are_as_the_shape_says),
        cmocka_unit_test(many_pairs_with_gaps_give_every_lane),
        cmocka_unit_test(all_operands_of_up_to_16_bits_give_every_lane),
    };
    return cmocka_run_group_tests_name("rtl/mac_packed", tests, NULL, NULL);
}
