/* test_methods.c -- every method that scores paths, on a planted problem.
 *
 * The loss of a path is the sum of what its tensors add, known here; so is the best
 * feasible path.  A method gets the space, the budget and the scores alone. */
#include "tests/cmocka_all.h"

#include <string.h>

#include "search/ptq.h"
#include "tests/scratch.h"
#include "tests/unit/search/fake_space.h"

enum { N_LAYERS = 5, W = 0x1e, A = 0x0c }; /* 1..4 and 2..3 bits: 8 choices */

struct planted {
    struct arena *arena;
    struct space *space;
    struct nn_graph graph;
    struct nn_scores added; /* minus the loss added                            */
    struct budget budget;
    double best; /* value of the best feasible path                          */
    int n_scored;
};

static status score(void *context, const struct nn_path *path, struct search_score *out,
                    struct err *err)
{
    struct planted *p = context;
    (void)err;
    p->n_scored++;
    out->loss = .3 - path_value(p->space, &p->added, path);
    out->accuracy = exp(-out->loss);
    return ST_OK;
}

static void limit(struct planted *p, double share)
{
    struct nn_path three, best;
    double cost[COST_N_METRICS];
    memset(&three, 3, sizeof three);
    space_cost(p->space, &three, cost);
    p->budget = budget_none();
    p->budget.limit[COST_LUT] = share * cost[COST_LUT];
    p->best = brute_force(p->space, &p->budget, &p->added, &best);
}

/* Layers for the states of haq. */
static void fake_graph(struct planted *p)
{
    struct nn_graph *g = &p->graph;
    g->n_nodes = g->n_layers = N_LAYERS;
    g->nodes = ARENA_NEW(p->arena, struct nn_node, N_LAYERS);
    g->layer_nodes = ARENA_NEW(p->arena, int32_t, N_LAYERS);
    for (int32_t i = 0; i < N_LAYERS; i++) {
        g->layer_nodes[i] = i;
        g->nodes[i].shape = (struct layer_shape){.K = 16 + 8 * i,
                                                 .C = 16,
                                                 .H = 32 >> (i / 2),
                                                 .W = 32 >> (i / 2),
                                                 .R = 3,
                                                 .S = 3,
                                                 .stride_h = 1 + i % 2,
                                                 .groups = 1};
    }
    p->space->graph = g;
}

static int setup(void **state)
{
    struct arena *a = arena_new();
    struct planted *p = a ? ARENA_NEW(a, struct planted, 1) : NULL;
    if (!p) return 1;
    p->arena = a;
    p->space = fake_space(a, N_LAYERS, W, A, 3);
    fake_values(p->space, 3, &p->added);
    fake_graph(p);
    limit(p, .7);
    *state = p;
    return 0;
}

static int teardown(void **state)
{
    struct planted *p = *state;
    arena_free(p->arena);
    return 0;
}

/* Value of the path that the method finds, which must meet the budget. */
static double found(struct planted *p, const struct search_method *m, uint64_t seed,
                    const char *checkpoint, struct search_result *r)
{
    struct err err;
    double cost[COST_N_METRICS];
    const struct search_evaluator evaluator = {p, score};
    const struct search_task task = {.space = p->space,
                                     .budget = &p->budget,
                                     .graph = &p->graph,
                                     .seed = seed,
                                     .epochs = .5,
                                     .evaluator = &evaluator,
                                     .checkpoint = checkpoint,
                                     .quiet = true};
    memset(r, 0, sizeof *r);
    assert_ok(m->run(&task, p->arena, r, &err), err);
    space_cost(p->space, &r->path, cost);
    assert_true(budget_met(&p->budget, cost));
    return path_value(p->space, &p->added, &r->path);
}

static double worst(const struct planted *p)
{
    struct nn_path least = {{0}, {0}};
    for (int32_t i = 0; i < N_LAYERS; i++) {
        least.wbits[i] = 1;
        least.abits[i] = 2;
    }
    return path_value(p->space, &p->added, &least);
}

static void ilp_finds_the_optimum_and_proves_it(void **state)
{
    struct planted *p = *state;
    struct search_result r;
    for (double share = .5; share < .96; share += .05) {
        limit(p, share);
        assert_close(found(p, &search_method_ilp, 1, NULL, &r), p->best, 1e-9, 1e-12);
        assert_close(r.proxy_bound, r.proxy_value, 1e-5, 1e-9);
    }
}

static void a_larger_budget_is_never_worse_for_ilp(void **state)
{
    struct planted *p = *state;
    struct search_result r;
    double before = -INFINITY;
    for (double share = .5; share < .96; share += .03) {
        limit(p, share);
        const double value = found(p, &search_method_ilp, 1, NULL, &r);
        assert_true(value >= before - 1e-12);
        before = value;
    }
}

/* Methods without a guarantee: at least this share of what can be gained. */
static void each_heuristic_comes_near_the_optimum(void **state)
{
    struct planted *p = *state;
    const struct {
        const struct search_method *method;
        double share;
    } rows[] = {{&search_method_greedy, .9},
                {&search_method_random, .9},
                {&search_method_haq, .9}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct search_result r;
        const double value = found(p, rows[i].method, 1, NULL, &r);
        const double share = (value - worst(p)) / (p->best - worst(p));
        if (share < rows[i].share || share > 1 + 1e-9)
            fail_msg("%s: %.4f of what can be gained", rows[i].method->name, share);
    }
}

static void the_same_seed_gives_the_same_path_and_resumes(void **state)
{
    struct planted *p = *state;
    const struct search_method *const methods[] = {
        &search_method_ilp, &search_method_greedy, &search_method_random,
        &search_method_haq};
    struct scratch dir;
    assert_true(scratch_open(&dir));
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
        struct search_result first, again;
        const char *name = scratch_path(&dir, methods[i]->name);
        found(p, methods[i], 2, NULL, &first);
        found(p, methods[i], 2, name, &again);
        assert_memory_equal(&first.path, &again.path, sizeof first.path);
        p->n_scored = 0; /* all scores are in the checkpoint now */
        found(p, methods[i], 2, name, &again);
        assert_memory_equal(&first.path, &again.path, sizeof first.path);
        assert_int_equal(p->n_scored, 0);
    }
    scratch_close(&dir);
}

static void layers_of_one_group_get_the_same_bits(void **state)
{
    struct planted *p = *state;
    int32_t leader[N_LAYERS] = {0, 1, 0, 3, 1};
    bool same_bits[N_LAYERS] = {[3] = true};
    p->space->leader = leader;
    p->space->same_bits = same_bits;
    p->space->w_mask[3] = p->space->a_mask[3];
    for (int i = 0; search_methods[i]; i++) {
        struct search_result r;
        if (search_methods[i] == &search_method_ssps) continue;    /* needs a network */
        if (search_methods[i] == &search_method_uniform) continue; /* all the same */
        found(p, search_methods[i], 1, NULL, &r);
        for (int32_t k = 0; k < N_LAYERS; k++) {
            assert_int_equal(r.path.wbits[k], r.path.wbits[leader[k]]);
            assert_int_equal(r.path.abits[k], r.path.abits[leader[k]]);
        }
        assert_int_equal(r.path.wbits[3], r.path.abits[3]);
        if (search_methods[i] == &search_method_ilp)
            assert_close(r.proxy_bound, r.proxy_value, 1e-5, 1e-9);
    }
}

static void a_budget_that_nothing_meets_is_refused_before_scoring(void **state)
{
    struct planted *p = *state;
    const struct search_evaluator evaluator = {p, score};
    struct search_result r;
    struct err err;
    limit(p, .7);
    p->budget.limit[COST_LUT] = 1;
    const struct search_task task = {.space = p->space,
                                     .budget = &p->budget,
                                     .graph = &p->graph,
                                     .epochs = .5,
                                     .evaluator = &evaluator,
                                     .quiet = true};
    for (int i = 0; search_methods[i]; i++) {
        if (search_methods[i] == &search_method_ssps) continue; /* needs a network */
        p->n_scored = 0;
        memset(&r, 0, sizeof r);
        assert_int_equal(search_methods[i]->run(&task, p->arena, &r, &err),
                         ST_INFEASIBLE);
        assert_int_equal(p->n_scored, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(ilp_finds_the_optimum_and_proves_it, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_larger_budget_is_never_worse_for_ilp, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(each_heuristic_comes_near_the_optimum, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(the_same_seed_gives_the_same_path_and_resumes,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(layers_of_one_group_get_the_same_bits, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(
            a_budget_that_nothing_meets_is_refused_before_scoring, setup, teardown),
    };
    return cmocka_run_group_tests_name("search/methods", tests, NULL, NULL);
}
