/* test_space.c -- foldings and costs of every candidate, on a planted cost model. */
#include "tests/cmocka_all.h"

#include <string.h>

#include "base/progress.h"
#include "costmodel/calibrate.h"
#include "search/space.h"
#include "tests/scratch.h"
#include "tests/unit/costmodel/planted.h"

struct fixture {
    struct scratch s;
    struct arena *a;
    struct cost_model *model;
    struct nn_graph *graph;
    struct space_options opt;
    struct err err;
};

static int open_fixture(void **state)
{
    static struct fixture f;
    struct meas meas;
    struct calibration c;
    struct calibrate_options opt = {.only = NULL};
    *state = &f;
    f.a = arena_new();
    if (!f.a || !scratch_open(&f.s)) return -1;
    FILE *file = fopen(scratch_path(&f.s, "m.csv"), "w");
    fputs(PLANTED_HEAD, file);
    planted_write(file, "xc7");
    fclose(file);
    if (meas_load(f.s.path, f.a, &meas, &f.err) ||
        calibrate(&meas, &opt, f.a, &c, &f.err) ||
        nn_graph_load("configs/networks/resnet8-fmnist.yaml", 1, f.a, &f.graph,
                      &f.err)) {
        print_error("%s\n", f.err.msg);
        return -1;
    }
    f.model = c.model;
    f.opt = space_defaults();
    f.opt.w_mask = f.opt.a_mask = 0x7c; /* 2..6: the planted model has no 1 bit */
    f.opt.fps = 2000;
    return 0;
}

static int close_fixture(void **state)
{
    struct fixture *f = *state;
    scratch_close(&f->s);
    arena_free(f->a);
    return 0;
}

static struct space *build(struct fixture *f, const struct space_options *opt)
{
    struct space *s = NULL;
    assert_ok(space_build(f->graph, f->model, opt, f->a, &s, &f->err), f->err);
    return s;
}

/* LUT of the cheapest of all foldings, not only the minimal ones. */
static double cheapest_of_all(struct fixture *f, const struct mvu_config *m)
{
    double best = INFINITY;
    for (int PE = 1; PE <= m->MH; PE++)
        for (int SIMD = 1; SIMD <= 64 && SIMD <= m->MW; SIMD++) {
            struct mvu_config c = *m;
            struct cost_estimate e;
            if (m->MH % PE || m->MW % SIMD) continue;
            c.PE = PE;
            c.SIMD = SIMD;
            if ((double)mvu_fold(&c) * c.n_vec > space_cycle_limit(&f->opt)) continue;
            if (mvu_fold(&c) > MVU_MAX_LUT_WORDS) continue;
            c.lanes = mvu_lanes(PE, c.MW / SIMD);
            assert_ok(cost_mvu(f->model, 0, &c, NULL, &e, &f->err), f->err);
            best = fmin(best, e.metric[COST_LUT].value);
        }
    return best;
}

static void every_candidate_has_the_cheapest_folding_that_keeps_up(void **state)
{
    struct fixture *f = *state;
    const struct space *s = build(f, &f->opt);
    for (int32_t i = 0; i < s->n_layers; i++)
        for (int bits = 2; bits <= 6; bits += 2) {
            const struct space_cell *c = &s->cell[i][bits][8 - bits];
            assert_true(c->known);
            assert_ok(mvu_config_check(&c->mvu, &f->err), f->err);
            assert_true((double)mvu_fold(&c->mvu) * c->mvu.n_vec <=
                        space_cycle_limit(&f->opt));
            assert_close(c->est.metric[COST_LUT].value, cheapest_of_all(f, &c->mvu),
                         1e-12, 0);
        }
}

static void the_policy_fixes_the_first_and_last_layer(void **state)
{
    struct fixture *f = *state;
    const struct space *s = build(f, &f->opt);
    const int32_t last = s->n_layers - 1;
    assert_int_equal(s->w_mask[0], 1 << 8);
    assert_int_equal(s->a_mask[0], 1 << 8);
    assert_int_equal(s->w_mask[last], 1 << 8);
    assert_int_equal(s->a_mask[1], f->opt.a_mask);
    assert_int_equal(space_n_cells(s), 2 * (s->n_layers - 2));
    assert_close(space_log10_size(s), 2 * (s->n_layers - 2) * log10(5), 1e-12, 0);
}

static void costs_add_up_and_cycles_are_a_maximum(void **state)
{
    struct fixture *f = *state;
    const struct space *s = build(f, &f->opt);
    struct nn_path path;
    double cost[COST_N_METRICS], lut = 0, cycles = 0;
    assert_ok(space_uniform(s, 4, &path, &f->err), f->err);
    space_cost(s, &path, cost);
    for (int32_t i = 0; i < s->n_layers; i++) {
        const struct cost_estimate *e = &s->cell[i][path.wbits[i]][path.abits[i]].est;
        lut += e->metric[COST_LUT].value;
        cycles = fmax(cycles, e->metric[COST_CYCLES].value);
    }
    assert_close(cost[COST_LUT], lut, 1e-12, 0);
    assert_close(cost[COST_CYCLES], cycles, 0, 0);
    assert_true(isnan(cost[COST_ENERGY_UJ])); /* no profile: unknown, not 0 */
}

static void a_share_of_a_uniform_plan_becomes_a_limit(void **state)
{
    struct fixture *f = *state;
    const struct space *s = build(f, &f->opt);
    const struct cli_list items = {1, {"lut=0.5*uniform3"}};
    struct budget b;
    struct nn_path path;
    double cost[COST_N_METRICS];
    assert_ok(budget_parse(&items, &b, &f->err), f->err);
    assert_ok(space_resolve_budget(s, &b, &f->err), f->err);
    assert_ok(space_uniform(s, 3, &path, &f->err), f->err);
    space_cost(s, &path, cost);
    assert_close(b.limit[COST_LUT], .5 * cost[COST_LUT], 1e-12, 0);
}

static void an_energy_budget_needs_a_profile(void **state)
{
    struct fixture *f = *state;
    const struct space *s = build(f, &f->opt);
    struct budget b = budget_none();
    b.limit[COST_ENERGY_UJ] = 1;
    assert_int_equal(space_resolve_budget(s, &b, &f->err), ST_USAGE);
    assert_non_null(strstr(f->err.msg, "--energy"));
}

static void a_limit_of_cycles_is_met_by_every_candidate(void **state)
{
    struct fixture *f = *state;
    struct space_options opt = f->opt;
    opt.max_cycles = 20000;
    const struct space *s = build(f, &opt);
    for (int32_t i = 0; i < s->n_layers; i++)
        assert_true(s->cell[i][4][4].est.metric[COST_CYCLES].value <= 20000);
}

static void a_throughput_beyond_every_folding_is_infeasible(void **state)
{
    struct fixture *f = *state;
    struct space_options opt = f->opt;
    struct space *s;
    opt.fps = 1e7;
    assert_int_equal(space_build(f->graph, f->model, &opt, f->a, &s, &f->err),
                     ST_INFEASIBLE);
    assert_non_null(strstr(f->err.msg, "layer stem"));
    assert_non_null(strstr(f->err.msg, "lower --fps"));
}

static void candidates_without_cost_are_left_out_and_named(void **state)
{
    struct fixture *f = *state;
    struct space_options opt = f->opt;
    opt.w_mask |= 1 << 1; /* bipolar weights: another class of hardware */
    const struct space *s = build(f, &opt);
    assert_int_equal(s->w_unpriced, 1 << 1);
    assert_int_equal(s->a_unpriced, 0);
    assert_non_null(strstr(s->unpriced_why.msg, "at 1-bit weights"));
    assert_int_equal(s->w_mask[1], f->opt.w_mask);
    assert_int_equal(s->w_mask[0], 1 << 8);
}

static void a_layer_without_any_cost_is_an_error(void **state)
{
    struct fixture *f = *state;
    struct space_options opt = f->opt;
    struct space *s;
    opt.w_mask = 1 << 1;
    assert_int_equal(space_build(f->graph, f->model, &opt, f->a, &s, &f->err),
                     ST_RANGE);
    assert_non_null(strstr(f->err.msg, "at 1-bit weights"));
}

static void it_builds_in_well_under_a_second(void **state)
{
    struct fixture *f = *state;
    const double start_s = clock_now_s();
    build(f, &f->opt);
    const double seconds = clock_now_s() - start_s;
    print_message("    %d layers: %.3f s, sanitised\n", (int)f->graph->n_layers,
                  seconds);
    assert_true(seconds < 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_candidate_has_the_cheapest_folding_that_keeps_up),
        cmocka_unit_test(the_policy_fixes_the_first_and_last_layer),
        cmocka_unit_test(costs_add_up_and_cycles_are_a_maximum),
        cmocka_unit_test(a_share_of_a_uniform_plan_becomes_a_limit),
        cmocka_unit_test(an_energy_budget_needs_a_profile),
        cmocka_unit_test(a_limit_of_cycles_is_met_by_every_candidate),
        cmocka_unit_test(a_throughput_beyond_every_folding_is_infeasible),
        cmocka_unit_test(candidates_without_cost_are_left_out_and_named),
        cmocka_unit_test(a_layer_without_any_cost_is_an_error),
        cmocka_unit_test(it_builds_in_well_under_a_second),
    };
    return cmocka_run_group_tests_name("search/space", tests, open_fixture,
                                       close_fixture);
}
