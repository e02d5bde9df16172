/* A second opinion on every MAC unit: Icarus, instead of Verilator, clocks mac_unit.v
 * through dot products of several precisions, with random gaps, against plain sums; one
 * wrong sum is found. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/file.h"
#include "base/proc.h"
#include "base/rng.h"
#include "nn/quant.h"
#include "sim/mac_run.h"
#include "sim/workdir.h"
#include "tests/cmocka_all.h"

static const struct mac_unit_config units[] = {
    {MAC_PARALLEL, 5, 3, 5, true, false, 20, 1, false, false},
    {MAC_PACKED, 4, 8, 8, true, false, 24, 2, false, false},
    {MAC_PACKED, 3, 4, 4, true, false, 16, 3, true, false},
    {MAC_SERIAL, 37, 8, 8, true, true, 28, 1, false, false},
    {MAC_ACTSERIAL, 9, 4, 8, true, true, 24, 1, false, false},
    {MAC_ACTSERIAL, 6, 1, 8, true, true, 20, 1, false, false},
    {MAC_FUSION, 2, 8, 8, true, true, 24, 1, false, false},
    {MAC_FUSION, 2, 8, 8, true, true, 24, 1, false, true},
};
/* Those that a unit cannot run are left out; units built for one precision run it. */
static const struct mac_precision precisions[] = {
    {8, 8, true, true}, {3, 5, true, false}, {1, 1, true, true},  {4, 2, false, true},
    {4, 8, true, true}, {4, 1, true, true},  {1, 3, true, false},
};
enum { N_DOTS = 5, MAX_CYCLES = 20000, GAP_IN = 4 };

/* What the test bench reads: pins a line per cycle, and after which of them o_acc must
 * be what. */
struct script {
    const struct mac_unit_config *c;
    struct mac_unit_ports ports;
    FILE *pins;
    int32_t *sums;  /* (MAX_CYCLES, lanes); where due                               */
    bool *due;      /* (MAX_CYCLES)                                                 */
    int64_t n;      /* cycles                                                       */
    int64_t n_sums; /* results                                                      */
    struct rng rng;
};

static void put_bits(FILE *f, const uint32_t *words, int32_t bits)
{
    for (int32_t i = bits - 1; i >= 0; i--)
        fputc(words[i / 32] >> i % 32 & 1 ? '1' : '0', f);
}

static void put_cycle(struct script *s, uint32_t en, uint32_t first, uint32_t ctl,
                      const uint32_t *w, const uint32_t *a)
{
    put_bits(s->pins, &en, 1);
    put_bits(s->pins, &first, 1);
    put_bits(s->pins, &ctl, MAC_CTL_BITS);
    put_bits(s->pins, w, s->ports.w);
    put_bits(s->pins, a, s->ports.a);
    fputc('\n', s->pins);
    s->n++;
    assert_true(s->n < MAX_CYCLES);
}

static void put_gap(struct script *s)
{
    uint32_t noise[MAC_MAX_PORT32];
    for (int i = 0; i < MAC_MAX_PORT32; i++)
        noise[i] = (uint32_t)rng_u64(&s->rng);
    put_cycle(s, 0, noise[0] & 1, noise[1], noise, noise + MAC_MAX_PORT32 / 2);
}

static void put_dot(struct script *s, const struct mac_precision *p, int64_t K,
                    const uint8_t *w, const uint8_t *a)
{
    const struct mac_unit_config *c = s->c;
    uint32_t w_port[MAC_MAX_PORT32], a_port[MAC_MAX_PORT32];
    const int64_t steps = mac_unit_steps(c, p, K);
    for (int64_t i = 0; i < steps; i++) {
        while (rng_below(&s->rng, GAP_IN) == 0)
            put_gap(s);
        const struct mac_step step = mac_unit_step(c, p, K, i);
        mac_unit_operands(c, p, K, &step, w, a, w_port, a_port);
        put_cycle(s, 1, step.first, step.ctl, w_port, a_port);
    }
    const int64_t at = s->n + s->ports.latency - 2; /* after this cycle's edge */
    const struct mac_dots d = {.p = *p, .K = K, .n = 1, .w = w, .a = a};
    assert_true(at < MAX_CYCLES);
    s->due[at] = true;
    mac_reference(&d, c->lanes, s->sums + at * c->lanes);
    s->n_sums++;
}

static void put_precision(struct script *s, const struct mac_precision *p,
                          struct arena *a)
{
    const struct mac_unit_config *c = s->c;
    const int64_t K = 2 * mac_unit_products(c, p);
    if (quant_acc_bits((int32_t)K, p->wbits, p->wsigned, p->abits, p->asigned) >
        c->acc_bits)
        return;
    uint8_t *w = ARENA_NEW(a, uint8_t, (size_t)(c->lanes * K));
    uint8_t *x = ARENA_NEW(a, uint8_t, (size_t)K);
    assert_true(w && x);
    for (int n = 0; n < N_DOTS; n++) {
        for (int64_t i = 0; i < c->lanes * K; i++)
            w[i] = (uint8_t)rng_below(&s->rng, 1U << p->wbits);
        for (int64_t i = 0; i < K; i++)
            x[i] = (uint8_t)rng_below(&s->rng, 1U << p->abits);
        put_dot(s, p, K, w, x);
    }
}

/* {due, o_acc} a line per cycle. */
static void write_sums(const struct script *s, const char *path, bool one_wrong)
{
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    for (int64_t i = 0; i < s->n; i++) {
        const uint32_t due = s->due[i];
        put_bits(f, &due, 1);
        for (int32_t lane = s->c->lanes - 1; lane >= 0; lane--) {
            const uint32_t sum = (uint32_t)s->sums[i * s->c->lanes + lane] ^
                                 (one_wrong && s->due[i] ? 1U : 0U);
            put_bits(f, &sum, s->c->acc_bits);
        }
        fputc('\n', f);
        if (due) one_wrong = false;
    }
    fclose(f);
}

static void write_bench(const struct script *s, const char *dir, const char *path)
{
    const struct rtl_instance inst = mac_unit_instance(s->c);
    const int32_t pins = 2 + MAC_CTL_BITS + s->ports.w + s->ports.a;
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fprintf(
        f,
        "`timescale 1ns / 1ps\nmodule tb;\n"
        "    localparam N = %" PRId64 ", PINS = %d, ACC = %d;\n"
        "    reg [PINS-1:0] pins [0:N-1];\n"
        "    reg [ACC:0] sums [0:N-1];\n"
        "    reg clk = 0;\n    integer i = 0, right = 0, wrong = 0;\n"
        "    wire [PINS-1:0] p = pins[i];\n    wire [ACC-1:0] acc;\n    mac_unit #(",
        s->n, pins, s->ports.acc);
    for (int i = 0; i < inst.n_params; i++)
        fprintf(f, "%s.%s(%" PRId64 ")", i ? ", " : "", inst.params[i].name,
                inst.params[i].value);
    fprintf(f,
            ") dut (.clk(clk), .i_en(p[PINS-1]), .i_first(p[PINS-2]),\n"
            "        .i_ctl(p[PINS-3 -: %d]), .i_w(p[%d +: %d]), .i_a(p[0 +: %d]),\n"
            "        .o_acc(acc));\n"
            "    initial begin\n"
            "        $readmemb(\"%s/pins\", pins);\n        $readmemb(\"%s/sums\", "
            "sums);\n"
            "        for (i = 0; i < N; i = i + 1) begin\n"
            "            #4 clk = 1; #1;\n"
            "            if (sums[i][ACC] && acc === sums[i][ACC-1:0]) right = right + "
            "1;\n"
            "            if (sums[i][ACC] && acc !== sums[i][ACC-1:0]) wrong = wrong + "
            "1;\n"
            "            #4 clk = 0; #1;\n        end\n"
            "        $display(\"right %%0d wrong %%0d\", right, wrong);\n"
            "        $finish;\n    end\nendmodule\n",
            MAC_CTL_BITS, s->ports.a, s->ports.w, s->ports.a, dir, dir);
    fclose(f);
}

/* Runs Icarus on what lies in dir. */
static void run_icarus(const char *dir, struct arena *a, int *right, int *wrong)
{
    enum { MAX_ARGS = 64 };
    const char *home, *out = file_join(a, dir, "tb.vvp");
    struct err err = {0};
    assert_ok(file_home_dir(a, &home, &err), err);
    const char *compile[MAX_ARGS] = {
        "iverilog", "-g2005", "-DSIM=1", "-s",
        "tb",       "-o",     out,       file_join(a, dir, "tb.v")};
    int n = 8;
    for (const char *const *f = rtl_sim_sources(); *f; f++) {
        assert_true(n < MAX_ARGS - 1);
        compile[n++] = file_join(a, home, *f);
    }
    const struct proc_options opt = {.time_limit_s = 120};
    assert_ok(proc_run(compile, &opt, &err), err);
    const char *const simulate[] = {"vvp", "-n", out, NULL};
    char *text = NULL;
    assert_ok(proc_capture(simulate, &opt, a, &text, &err), err);
    if (sscanf(text, "right %d wrong %d", right, wrong) != 2)
        fail_msg("vvp says: %s", text);
}

static void check_unit(const struct mac_unit_config *c, bool one_wrong)
{
    struct arena *a = arena_new();
    assert_non_null(a);
    struct err err = {0};
    const char *dir = NULL;
    assert_ok(mac_unit_check(c, &err), err);
    assert_ok(workdir_new(a, &dir, &err), err);
    struct script s = {.c = c,
                       .ports = mac_unit_ports(c),
                       .pins = fopen(file_join(a, dir, "pins"), "w"),
                       .sums = ARENA_NEW(a, int32_t, (size_t)MAX_CYCLES * 4),
                       .due = ARENA_NEW(a, bool, MAX_CYCLES),
                       .rng = rng_seed(17, c->unit)};
    assert_true(s.pins && s.sums && s.due);
    const struct mac_precision built = {c->wbits, c->abits, c->wsigned, c->asigned};
    put_precision(&s, &built, a);
    for (size_t i = 0; i < sizeof precisions / sizeof *precisions; i++)
        if (mac_unit_precision_check(c, &precisions[i], NULL) == ST_OK)
            put_precision(&s, &precisions[i], a);
    for (int i = 0; i < s.ports.latency; i++)
        put_gap(&s);
    fclose(s.pins);
    write_sums(&s, file_join(a, dir, "sums"), one_wrong);
    write_bench(&s, dir, file_join(a, dir, "tb.v"));
    int right = 0, wrong = 0;
    run_icarus(dir, a, &right, &wrong);
    if (wrong != one_wrong || right + wrong != s.n_sums || s.n_sums < N_DOTS)
        fail_msg("%s SIMD %d: %d sums right, %d wrong, of %" PRId64,
                 mac_unit_names[c->unit], c->SIMD, right, wrong, s.n_sums);
    workdir_remove(dir);
    arena_free(a);
}

static bool icarus_is_missing(void)
{
    struct arena *a = arena_new();
    const char *path;
    const bool missing = proc_find("iverilog", a, &path, NULL) != ST_OK;
    arena_free(a);
    return missing;
}

static void icarus_gets_the_same_sums_from_every_unit(void **state)
{
    (void)state;
    if (icarus_is_missing()) skip();
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        check_unit(&units[i], false);
}

static void a_wrong_sum_is_found(void **state)
{
    (void)state;
    if (icarus_is_missing()) skip();
    check_unit(&units[0], true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(icarus_gets_the_same_sums_from_every_unit),
        cmocka_unit_test(a_wrong_sum_is_found),
    };
    return cmocka_run_group_tests_name("rtl/mac_icarus", tests, NULL, NULL);
}
