/* test_ssps.c -- SSPS on planted problems: no network, no training. */
#include "tests/cmocka_all.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "search/ssps.h"
#include "tests/unit/search/fake_space.h"

/* A loss that is a sum over layers, seen through noise.  Noise depends on the step
 * alone, so that a resumed run sees the same. */
struct planted {
    const struct space *space;
    struct nn_scores value;
    double noise;
    int64_t n_steps, stop_at; /* stop_at: fails there, as if killed            */
};

static status planted_score(void *context, int64_t i_step, const struct nn_path *path,
                            struct nn_scores *scores, struct err *err)
{
    const struct planted *p = context;
    struct rng r = rng_seed(99, (uint64_t)i_step);
    (void)path;
    (void)err;
    memset(scores, 0, sizeof *scores);
    for (int32_t i = 0; i < p->space->n_layers; i++)
        for (int b = 1; b < 9; b++) {
            scores->w[i][b] = -2 * p->value.w[i][b] + p->noise * rng_normal(&r);
            scores->a[i][b] = -2 * p->value.a[i][b] + p->noise * rng_normal(&r);
        }
    return ST_OK;
}

static status planted_step(void *context, int64_t i_step, const struct nn_path *path,
                           double *loss, struct nn_scores *scores, struct err *err)
{
    struct planted *p = context;
    if (i_step == p->stop_at) return err_set(err, ST_TOOL, "killed");
    p->n_steps++;
    *loss = -path_value(p->space, &p->value, path);
    return scores ? planted_score(context, i_step, path, scores, err) : ST_OK;
}

struct fixture {
    struct arena *arena;
    char dir[64], checkpoint[80];
};

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    f->arena = arena_new();
    strcpy(f->dir, "/tmp/bw_ssps_XXXXXX");
    if (!mkdtemp(f->dir)) return 1;
    snprintf(f->checkpoint, sizeof f->checkpoint, "%s/state", f->dir);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    arena_free(f->arena);
    file_remove_tree(f->dir, NULL);
    free(f);
    return 0;
}

static double uniform_lut(const struct space *s, int bits)
{
    struct nn_path p;
    double cost[COST_N_METRICS];
    memset(&p, bits, sizeof p);
    space_cost(s, &p, cost);
    return cost[COST_LUT];
}

static status search_with(const struct ssps_options *opt, struct fixture *f,
                          struct planted *p, const struct budget *b, uint64_t seed,
                          const char *checkpoint, int64_t n_steps,
                          struct search_result *out, struct err *err)
{
    const struct search_task task = {.space = p->space,
                                     .budget = b,
                                     .seed = seed,
                                     .checkpoint = checkpoint,
                                     .quiet = true};
    const struct ssps_objective objective = {p, planted_step, planted_score, NULL,
                                             NULL};
    return ssps_search(&task, opt, &objective, n_steps, f->arena, out, err);
}

/* What is planted is what fine-tuning leaves. */
static struct ssps_options planted_options(void)
{
    struct ssps_options opt = ssps_defaults();
    opt.w_recovery = 1;
    return opt;
}

static status search(struct fixture *f, struct planted *p, const struct budget *b,
                     uint64_t seed, const char *checkpoint, int64_t n_steps,
                     struct search_result *out, struct err *err)
{
    const struct ssps_options opt = planted_options();
    return search_with(&opt, f, p, b, seed, checkpoint, n_steps, out, err);
}

static struct planted plant(struct fixture *f, uint64_t seed)
{
    struct planted p = {.noise = .05, .stop_at = -1};
    p.space = fake_space(f->arena, 12, 0x7e, 0x7c, seed);
    fake_values(p.space, seed, &p.value);
    return p;
}

/* Share of the way from the uniform plan to the optimum, over three problems. */
static double share_of_gain(struct fixture *f, const struct ssps_options *opt)
{
    struct err err;
    double gained = 0, possible = 0;
    for (uint64_t seed = 1; seed <= 3; seed++) {
        struct planted p = plant(f, seed);
        struct budget b = budget_none();
        struct nn_path best, uniform;
        struct search_result r = {.n_records = 0};
        double cost[COST_N_METRICS];
        b.limit[COST_LUT] = uniform_lut(p.space, 3);
        memset(&uniform, 3, sizeof uniform);
        assert_ok(search_with(opt, f, &p, &b, seed, NULL, 500, &r, &err), err);
        assert_ok(
            search_best_under_budget(p.space, &b, &p.value, NULL, NULL, &best, &err),
            err);
        space_cost(p.space, &r.path, cost);
        assert_true(budget_met(&b, cost));
        const double base = path_value(p.space, &p.value, &uniform);
        gained += path_value(p.space, &p.value, &r.path) - base;
        possible += path_value(p.space, &p.value, &best) - base;
    }
    return gained / possible;
}

/* Between the best uniform plan and the exact optimum, most of the way. */
static void finds_most_of_a_planted_optimum(void **state)
{
    struct fixture *f = *state;
    const struct ssps_options opt = planted_options();
    const double share = share_of_gain(f, &opt);
    print_message("    %.1f %% of the planted gain\n", 100 * share);
    if (!(share >= .9)) fail_msg("gained %g", share);
}

static void every_option_meets_the_budget(void **state)
{
    struct fixture *f = *state;
    for (int k = 0; k < 8; k++) {
        struct ssps_options opt = planted_options();
        if (k == 1) opt.penalty = SSPS_ABSOLUTE;
        if (k == 2) opt.penalty = SSPS_HINGE;
        if (k == 3) opt.penalty = SSPS_LINEAR;
        if (k == 4) opt.decision = SSPS_ARGMAX;
        if (k == 5) opt.images = SSPS_HELD_OUT;
        if (k == 6) opt.n_rounds = 1;
        if (k == 7) opt.normaliser = SSPS_PER_LOGIT;
        const double share = share_of_gain(f, &opt);
        print_message("    option %d: %.1f %% of the planted gain\n", k, 100 * share);
        /* decisions that are joint do not depend on how well logits are held */
        if (k != 4 && share < .9) fail_msg("option %d gains %g", k, share);
        if (k == 4) assert_true(share < .95);
    }
}

static void the_literal_recipe_stays_behind(void **state)
{
    struct fixture *f = *state;
    struct ssps_options opt = planted_options();
    opt.penalty = SSPS_ABSOLUTE;
    opt.decision = SSPS_ARGMAX;
    opt.normaliser = SSPS_PER_LOGIT;
    const double share = share_of_gain(f, &opt);
    print_message("    %.1f %% of the planted gain\n", 100 * share);
    assert_true(share < .9);
}

static void every_candidate_is_observed_by_the_estimator_of_all(void **state)
{
    (void)state;
    struct ssps_cell c = {.left = 0x0c};
    const double score[9] = {1, 9, 4, 2, 9, 9, 9, 9, 9};
    ssps_observe(&c, SSPS_ALL, 2, score);
    assert_close(c.score_sum[2], 3, 0, 1e-12);
    assert_close(c.score_sum[3], 1, 0, 1e-12);
    assert_true(c.score_n[1] == 0 && c.score_n[2] == 1 && c.score_n[3] == 1);
    ssps_observe(&c, SSPS_SAMPLED, 3, score);
    assert_close(c.score_sum[3], 1.5, 0, 1e-12);
    assert_true(c.score_n[2] == 1);
}

static void meets_every_budget_and_spends_one(void **state)
{
    struct fixture *f = *state;
    struct err err;
    for (int k = 0; k < 6; k++) {
        struct planted p = plant(f, 20 + (uint64_t)k);
        struct budget b = budget_none();
        b.limit[COST_LUT] = (.4 + .3 * k) * uniform_lut(p.space, 3);
        if (k % 2) b.limit[COST_SIZE_BYTES] = b.limit[COST_LUT] / 3.2;
        if (k == 4) b.limit[COST_CYCLES] = 140; /* at most 4-bit weights */
        struct search_result r = {.n_records = 0};
        double cost[COST_N_METRICS], ratio;
        assert_ok(search(f, &p, &b, 1, NULL, 200, &r, &err), err);
        space_cost(p.space, &r.path, cost);
        assert_true(budget_met(&b, cost));
        budget_binding(&b, cost, &ratio);
        if (ratio < .97) fail_msg("budget %d: only %.3f spent", k, ratio);
        assert_true(r.n_records > 10);
        assert_true(r.records[r.n_records - 1].n_decided == 24);
    }
}

/* Layers 0, 3, 6.. share one precision; in layer 1 weights and activations do. */
static void tied_layers_are_decided_as_one(void **state)
{
    struct fixture *f = *state;
    struct err err;
    const struct ssps_options opt = planted_options();
    struct planted p = plant(f, 91);
    struct space tied = *p.space;
    struct budget b = budget_none();
    struct search_result r = {.n_records = 0};
    struct nn_path best;
    double cost[COST_N_METRICS], ratio;
    tied.leader = ARENA_NEW(f->arena, int32_t, 12);
    tied.same_bits = ARENA_NEW(f->arena, bool, 12);
    for (int i = 0; i < 12; i++)
        tied.leader[i] = i % 3 ? i : 0;
    tied.same_bits[1] = true;
    tied.w_mask[1] = tied.a_mask[1] = 0x7c;
    p.space = &tied;
    b.limit[COST_LUT] = uniform_lut(&tied, 3);
    assert_int_equal(space_n_cells(&tied), 2 * 9 - 1);
    assert_ok(search_with(&opt, f, &p, &b, 1, NULL, 400, &r, &err), err);
    for (int i = 0; i < 12; i += 3) {
        assert_int_equal(r.path.wbits[i], r.path.wbits[0]);
        assert_int_equal(r.path.abits[i], r.path.abits[0]);
    }
    assert_int_equal(r.path.wbits[1], r.path.abits[1]);
    space_cost(&tied, &r.path, cost);
    budget_binding(&b, cost, &ratio);
    assert_true(budget_met(&b, cost) && ratio > .9);
    assert_ok(search_best_under_budget(&tied, &b, &p.value, NULL, NULL, &best, &err),
              err);
    const double most = path_value(&tied, &p.value, &best);
    assert_true(path_value(&tied, &p.value, &r.path) >= 1.2 * most);
}

/* The gradient of a tied cell is that of all that follows it. */
static void cost_advantages_of_tied_cells_give_the_gradient(void **state)
{
    struct fixture *f = *state;
    struct space *space = fake_space(f->arena, 3, 0x7c, 0x7c, 4);
    struct ssps_state *s = ARENA_NEW(f->arena, struct ssps_state, 1);
    struct ssps_cell *c = &s->cell[SSPS_W][0];
    space->leader = ARENA_NEW(f->arena, int32_t, 3);
    space->same_bits = ARENA_NEW(f->arena, bool, 3);
    space->leader[1] = 1;
    space->same_bits[0] = space->same_bits[2] = true;
    ssps_init(s, space, 1, 100);
    for (int bits = 2; bits <= 6; bits++) {
        double g[9], p[9], up[COST_N_METRICS], down[COST_N_METRICS];
        ssps_cost_advantage(s, space, COST_LUT, 7, SSPS_W, 0, g);
        ssps_probabilities(c, p);
        c->evidence[bits] = 1e-5;
        ssps_expected(s, space, up);
        c->evidence[bits] = -1e-5;
        ssps_expected(s, space, down);
        c->evidence[bits] = 0;
        assert_close(p[bits] * g[bits], (up[COST_LUT] - down[COST_LUT]) / 2e-5 / 7,
                     1e-5, 1e-8);
    }
}

static void the_same_seed_gives_the_same_plan(void **state)
{
    struct fixture *f = *state;
    struct err err;
    struct planted p = plant(f, 31);
    struct budget b = budget_none();
    b.limit[COST_LUT] = uniform_lut(p.space, 3);
    p.noise = 2;
    struct search_result r[2] = {{.n_records = 0}};
    for (int k = 0; k < 2; k++)
        assert_ok(search(f, &p, &b, 5, NULL, 150, &r[k], &err), err);
    assert_memory_equal(&r[0].path, &r[1].path, sizeof r[0].path);
    assert_memory_equal(&r[0].values, &r[1].values, sizeof r[0].values);
}

static void a_killed_search_resumes_to_the_same_plan(void **state)
{
    struct fixture *f = *state;
    struct err err;
    struct planted p = plant(f, 41);
    struct budget b = budget_none();
    b.limit[COST_LUT] = uniform_lut(p.space, 3);
    struct search_result whole = {.n_records = 0}, parts = {.n_records = 0};
    assert_ok(search(f, &p, &b, 3, NULL, 900, &whole, &err), err);
    for (int64_t stop = 130; stop < 900; stop += 230) {
        p.stop_at = stop;
        assert_int_equal(search(f, &p, &b, 3, f->checkpoint, 900, &parts, &err),
                         ST_TOOL);
    }
    p.stop_at = -1;
    p.n_steps = 0;
    assert_ok(search(f, &p, &b, 3, f->checkpoint, 900, &parts, &err), err);
    assert_int_equal(p.n_steps, 100); /* from the checkpoint at 800 */
    assert_memory_equal(&whole.path, &parts.path, sizeof whole.path);
    assert_memory_equal(&whole.values, &parts.values, sizeof whole.values);
    assert_int_equal(whole.n_records, parts.n_records);
    for (int i = 0; i < whole.n_records; i++) {
        assert_true(whole.records[i].loss == parts.records[i].loss);
        assert_int_equal(whole.records[i].n_decided, parts.records[i].n_decided);
    }
}

static void a_checkpoint_of_another_search_is_refused(void **state)
{
    struct fixture *f = *state;
    struct err err;
    struct planted p = plant(f, 51);
    struct budget b = budget_none();
    b.limit[COST_LUT] = uniform_lut(p.space, 3);
    struct search_result r = {.n_records = 0};
    assert_ok(search(f, &p, &b, 3, f->checkpoint, 250, &r, &err), err);
    assert_int_equal(search(f, &p, &b, 4, f->checkpoint, 250, &r, &err), ST_RANGE);
    assert_non_null(strstr(err.msg, "expected the checkpoint of this search"));
}

static void a_damaged_checkpoint_is_refused(void **state)
{
    struct fixture *f = *state;
    struct err err;
    struct planted p = plant(f, 61);
    struct budget b = budget_none();
    b.limit[COST_LUT] = uniform_lut(p.space, 3);
    struct search_result r = {.n_records = 0};
    assert_ok(search(f, &p, &b, 3, f->checkpoint, 250, &r, &err), err);
    char *bytes;
    size_t size;
    assert_ok(file_read(f->checkpoint, f->arena, &bytes, &size, &err), err);
    bytes[size / 2] ^= 1;
    assert_ok(file_write(f->checkpoint, bytes, size, &err), err);
    assert_int_equal(search(f, &p, &b, 3, f->checkpoint, 250, &r, &err), ST_PARSE);
    assert_non_null(strstr(err.msg, "expected a whole search checkpoint"));
    assert_ok(file_write(f->checkpoint, bytes, size / 3, &err), err);
    assert_int_equal(search(f, &p, &b, 3, f->checkpoint, 250, &r, &err), ST_PARSE);
}

static void an_infeasible_budget_stops_before_the_first_step(void **state)
{
    struct fixture *f = *state;
    struct err err;
    struct planted p = plant(f, 71);
    struct budget b = budget_none();
    b.limit[COST_LUT] = .1;
    struct search_result r = {.n_records = 0};
    assert_int_equal(search(f, &p, &b, 3, NULL, 250, &r, &err), ST_INFEASIBLE);
    assert_int_equal(p.n_steps, 0);
}

static void a_single_assignment_needs_no_steps(void **state)
{
    struct fixture *f = *state;
    struct err err;
    struct planted p = plant(f, 81);
    struct nn_path least = {{0}, {0}};
    double cost[COST_N_METRICS];
    struct budget b = budget_none();
    for (int i = 0; i < 12; i++) {
        least.wbits[i] = 1;
        least.abits[i] = 2;
    }
    space_cost(p.space, &least, cost);
    b.limit[COST_SIZE_BYTES] = cost[COST_SIZE_BYTES];
    b.limit[COST_BITOPS] = cost[COST_BITOPS];
    struct search_result r = {.n_records = 0};
    assert_ok(search(f, &p, &b, 3, NULL, 250, &r, &err), err);
    assert_int_equal(p.n_steps, 0);
    assert_memory_equal(&r.path, &least, sizeof least);
}

static void the_start_is_tilted_to_the_budget(void **state)
{
    struct fixture *f = *state;
    struct space *space = fake_space(f->arena, 10, 0x7e, 0x7c, 1);
    struct ssps_state *s = ARENA_NEW(f->arena, struct ssps_state, 1);
    for (int bits = 2; bits <= 5; bits++) {
        struct budget b = budget_none();
        double expected[COST_N_METRICS];
        b.limit[COST_LUT] = uniform_lut(space, bits);
        ssps_init(s, space, 1, 100);
        ssps_tilt(s, space, &b);
        ssps_expected(s, space, expected);
        assert_close(expected[COST_LUT], b.limit[COST_LUT], 1e-6, 0);
    }
}

/* Expected cost from the tables against the mean over samples. */
static void expected_costs_are_exact(void **state)
{
    struct fixture *f = *state;
    struct space *space = fake_space(f->arena, 4, 0x7e, 0x7c, 2);
    struct ssps_state *s = ARENA_NEW(f->arena, struct ssps_state, 1);
    struct budget b = budget_none();
    double expected[COST_N_METRICS], mean = 0, mean2 = 0;
    b.limit[COST_LUT] = uniform_lut(space, 3);
    ssps_init(s, space, 1, 100);
    ssps_tilt(s, space, &b);
    ssps_expected(s, space, expected);
    const int n = 20000;
    for (int k = 0; k < n; k++) {
        struct nn_path p = {{0}, {0}};
        double cost[COST_N_METRICS];
        for (int i = 0; i < 4; i++) {
            p.wbits[i] = (uint8_t)ssps_sample(&s->cell[SSPS_W][i], &s->rng);
            p.abits[i] = (uint8_t)ssps_sample(&s->cell[SSPS_A][i], &s->rng);
        }
        space_cost(space, &p, cost);
        mean += cost[COST_LUT] / n;
        mean2 += cost[COST_LUT] * cost[COST_LUT] / n;
    }
    const double error = sqrt((mean2 - mean * mean) / n);
    assert_close(mean, expected[COST_LUT], 0, 4 * error);
}

static void cost_advantages_give_the_gradient(void **state)
{
    struct fixture *f = *state;
    struct space *space = fake_space(f->arena, 3, 0x7e, 0x7c, 3);
    struct ssps_state *s = ARENA_NEW(f->arena, struct ssps_state, 1);
    struct budget b = budget_none();
    b.limit[COST_LUT] = uniform_lut(space, 3);
    ssps_init(s, space, 1, 100);
    ssps_tilt(s, space, &b);
    for (int side = 0; side < SSPS_N_SIDES; side++)
        for (int bits = 2; bits <= 6; bits++) {
            double g[9], p[9], up[COST_N_METRICS], down[COST_N_METRICS];
            struct ssps_cell *c = &s->cell[side][1];
            ssps_cost_advantage(s, space, COST_LUT, 7, (enum ssps_side)side, 1, g);
            ssps_probabilities(c, p);
            c->evidence[bits] = 1e-5;
            ssps_expected(s, space, up);
            c->evidence[bits] = -1e-5;
            ssps_expected(s, space, down);
            c->evidence[bits] = 0;
            assert_close(p[bits] * g[bits], (up[COST_LUT] - down[COST_LUT]) / 2e-5 / 7,
                         1e-5, 1e-8);
        }
}

static void certainty_runs_from_even_to_decided(void **state)
{
    (void)state;
    struct ssps_cell c = {.left = 0x7e};
    assert_close(ssps_certainty(&c), 0, 0, 1e-12);
    c.evidence[3] = 3;
    const double some = ssps_certainty(&c);
    c.evidence[3] = 30;
    assert_true(some > .1 && ssps_certainty(&c) > some);
    c.left = 1 << 4;
    assert_close(ssps_certainty(&c), 1, 0, 0);
}

static void losses_fall_with_bits_and_fill_gaps(void **state)
{
    (void)state;
    struct ssps_cell c = {.left = 0x7e};
    double loss[9], score[9] = {0};
    /* the law 4^-b, with a violation between 3 and 4 bits; 1 and 6 never sampled */
    for (int k = 0; k < 50; k++)
        for (int b = 2; b <= 5; b++) {
            score[NN_FLOAT] = 7;
            score[b] = 7 + 2 * pow(4, -b) * (b == 3 ? .1 : 1);
            ssps_observe(&c, SSPS_SAMPLED, b, score);
        }
    ssps_losses(&c, loss);
    for (int b = 2; b <= 6; b++)
        assert_true(loss[b] <= loss[b - 1]);
    assert_close(loss[2], pow(4, -2), .05, 0);
    assert_true(loss[3] == loss[4]);
    assert_close(loss[1], .25, .25, 0);
    assert_close(loss[6], pow(4, -6), .25, 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(finds_most_of_a_planted_optimum),
        TEST(meets_every_budget_and_spends_one),
        TEST(every_option_meets_the_budget),
        TEST(the_literal_recipe_stays_behind),
        TEST(every_candidate_is_observed_by_the_estimator_of_all),
        TEST(tied_layers_are_decided_as_one),
        TEST(cost_advantages_of_tied_cells_give_the_gradient),
        TEST(the_same_seed_gives_the_same_plan),
        TEST(a_killed_search_resumes_to_the_same_plan),
        TEST(a_checkpoint_of_another_search_is_refused),
        TEST(a_damaged_checkpoint_is_refused),
        TEST(an_infeasible_budget_stops_before_the_first_step),
        TEST(a_single_assignment_needs_no_steps),
        TEST(the_start_is_tilted_to_the_budget),
        TEST(expected_costs_are_exact),
        TEST(cost_advantages_give_the_gradient),
        TEST(certainty_runs_from_even_to_decided),
        TEST(losses_fall_with_bits_and_fill_gaps),
    };
    return cmocka_run_group_tests_name("search/ssps", tests, NULL, NULL);
}
