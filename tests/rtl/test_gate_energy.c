/* Toggles of mapped units: exactly those of a Verilated model and of Icarus with the
 * library's own cells; energies that order units and operands as they must. */
#include "base/rng.h"
#include "sim/gate_energy.h"
#include "sim/gate_lanes.h"
#include "sim/gate_sim.h"
#include "sim/gate_synth.h"
#include "sim/workdir.h"
#include "tests/cmocka_all.h"
#include "tests/scratch.h"

enum { LIMIT_S = 300 };

static struct mac_unit_config parallel(int32_t SIMD, int32_t bits)
{
    return (struct mac_unit_config){.unit = MAC_PARALLEL,
                                    .SIMD = SIMD,
                                    .wbits = bits,
                                    .abits = bits,
                                    .wsigned = true,
                                    .acc_bits = 2 * bits + 8,
                                    .lanes = 1};
}

static void toggles_equal_those_of_a_verilated_model(void **state)
{
    struct scratch *s = *state;
    struct err err = {0};
    struct arena *a = arena_new();
    struct gate_library lib;
    struct liberty l;
    struct gate_netlist n;
    struct gate_sim *sim;
    struct gate_lanes *g;
    const struct mac_unit_config c = parallel(2, 4);
    const struct rtl_instance inst = mac_unit_instance(&c);
    assert_ok(gate_library_find("osu018", a, &lib, &err), err);
    assert_ok(liberty_load(lib.liberty, a, &l, &err), err);
    assert_ok(gate_synth_run(&inst, lib.liberty, s->dir, LIMIT_S, &err), err);
    assert_ok(
        gate_netlist_load(scratch_path(s, GATE_SYNTH_JSON), NULL, &l, a, &n, &err),
        err);
    assert_ok(gate_sim_new(&n, GATE_ZERO_DELAY, a, &sim, &err), err);
    assert_ok(gate_lanes_open(&n, s->dir, 64, false, &g, &err), err);
    struct rng r = rng_seed(1, 0);
    for (int i = 0; i < 200; i++) {
        /* registers start at random there: cleared before counting */
        if (i == 4) {
            gate_sim_clear(sim);
            gate_lanes_clear(g);
        }
        for (int32_t p = 0; p < n.n_ports; p++)
            for (int32_t k = 0; n.ports[p].is_input && k < n.ports[p].n_bits; k++) {
                const int32_t net = n.ports[p].nets[k];
                if (net == n.clock) continue;
                const uint64_t v = i < 4 ? UINT64_MAX : rng_u64(&r);
                gate_lanes_set(g, net, v);
                for (int w = 0; w < GATE_WORDS; w++)
                    gate_sim_input(sim, net)[w] = v;
            }
        gate_sim_step(sim);
        gate_lanes_step(g);
    }
    uint64_t sum = 0;
    for (int32_t i = 0; i < n.n_nets; i++) {
        sum += gate_lanes_toggles(g, i);
        assert_int_equal(gate_sim_toggles(sim, i),
                         GATE_WORDS * gate_lanes_toggles(g, i));
    }
    assert_true(sum > 1000);
    gate_lanes_close(g);
    arena_free(a);
}

static void every_unit_toggles_as_in_icarus(void **state)
{
    (void)state;
    const struct operand_source uniform = {.kind = OPERANDS_UNIFORM};
    const struct mac_precision run = {3, 2, true, false};
    for (int k = 0; k < 3; k++) {
        struct mac_unit_config c = parallel(2, 3);
        if (k) {
            c.unit = k == 1 ? MAC_SERIAL : MAC_FUSION;
            c.wbits = c.abits = 8;
            c.asigned = true;
            c.SIMD = k == 1 ? 8 : 1;
            c.acc_bits = 24;
        }
        const struct mac_precision built = {3, 3, true, false};
        struct err err = {0};
        struct arena *a = arena_new();
        struct gate_library lib;
        struct gate_unit *u;
        struct gate_check check;
        assert_ok(gate_library_find("osu018", a, &lib, &err), err);
        assert_ok(gate_unit_map(&c, &lib, LIMIT_S, a, &u, &err), err);
        assert_ok(gate_unit_check(u, k ? &run : &built, &uniform, 7, 300, &check, &err),
                  err);
        assert_true(check.zero_is_exact);
        assert_close(check.zero_pj, check.icarus_zero_pj, 1e-9, 0);
        assert_true(check.icarus_pj > check.zero_pj);
        arena_free(a);
    }
}

static double energy_of(struct gate_unit *u, int32_t w, int32_t a, bool asigned,
                        enum operand_kind kind)
{
    struct err err = {0};
    struct gate_energy e;
    const struct mac_precision p = {w, a, true, asigned};
    const struct operand_source from = {.kind = kind};
    assert_ok(gate_unit_measure(u, &p, &from, 1, &e, &err), err);
    assert_true(e.clock_pj > 0 && e.zero_pj > e.clock_pj && e.energy_pj > e.zero_pj);
    assert_true(e.leakage_nw > 0);
    return e.energy_pj;
}

static void energy_follows_bits_and_operands(void **state)
{
    (void)state;
    struct err err = {0};
    struct arena *a = arena_new();
    struct gate_library lib;
    struct gate_unit *u;
    struct mac_unit_config c = parallel(1, 2);
    assert_ok(gate_library_find("osu018", a, &lib, &err), err);
    assert_ok(gate_unit_map(&c, &lib, LIMIT_S, a, &u, &err), err);
    const double two = energy_of(u, 2, 2, false, OPERANDS_UNIFORM);
    assert_true(energy_of(u, 2, 2, false, OPERANDS_GAUSS) < two);
    assert_true(energy_of(u, 2, 2, false, OPERANDS_UNIFORM) == two); /* repeatable */
    c = parallel(1, 6);
    assert_ok(gate_unit_map(&c, &lib, LIMIT_S, a, &u, &err), err);
    assert_true(energy_of(u, 6, 6, false, OPERANDS_UNIFORM) > 3 * two);
    c.unit = MAC_SERIAL;
    c.wbits = c.abits = 8;
    c.asigned = true;
    c.SIMD = 16;
    c.acc_bits = 24;
    assert_ok(gate_unit_map(&c, &lib, LIMIT_S, a, &u, &err), err);
    const double ratio = energy_of(u, 4, 4, false, OPERANDS_UNIFORM) /
                         energy_of(u, 2, 2, false, OPERANDS_UNIFORM);
    assert_true(ratio > 3 && ratio < 5); /* 16 steps against 4 */
    arena_free(a);
}

static void what_cannot_be_measured_is_refused(void **state)
{
    struct err err = {0};
    struct arena *a = arena_new();
    struct gate_library lib;
    struct gate_unit *u;
    const struct mac_precision wrong = {5, 5, true, false};
    const struct operand_source uniform = {.kind = OPERANDS_UNIFORM};
    struct gate_energy e;
    struct mac_unit_config c = parallel(1, 2);
    assert_ok(gate_library_find("osu018", a, &lib, &err), err);
    assert_ok(gate_unit_map(&c, &lib, LIMIT_S, a, &u, &err), err);
    assert_int_equal(gate_unit_measure(u, &wrong, &uniform, 1, &e, &err), ST_RANGE);
    lib.glitch[MAC_PARALLEL].n_points = 0;
    const struct mac_precision right = {2, 2, true, false};
    assert_int_equal(gate_unit_measure(u, &right, &uniform, 1, &e, &err), ST_RANGE);
    assert_non_null(strstr(err.msg, "expected a glitch factor of mac_parallel"));
    lib.liberty = scratch_file(*state, "empty.lib", "library (x) {");
    assert_int_equal(gate_unit_map(&c, &lib, LIMIT_S, a, &u, &err), ST_PARSE);
    assert_int_equal(gate_library_find("no-such", a, &lib, &err), ST_NOT_FOUND);
    assert_int_equal(gate_library_find("lib:/none.lib", a, &lib, &err), ST_NOT_FOUND);
    arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(toggles_equal_those_of_a_verilated_model),
        cmocka_unit_test(every_unit_toggles_as_in_icarus),
        cmocka_unit_test(energy_follows_bits_and_operands),
        cmocka_unit_test(what_cannot_be_measured_is_refused),
    };
    return cmocka_run_group_tests_name("rtl/gate_energy", tests, scratch_setup,
                                       scratch_teardown);
}
