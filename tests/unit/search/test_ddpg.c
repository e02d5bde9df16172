/* test_ddpg.c -- the agent and its networks. */
#include "tests/cmocka_all.h"

#include <math.h>
#include <string.h>

#include "search/ddpg.h"

static int setup(void **state)
{
    *state = arena_new();
    return *state == NULL;
}

static int teardown(void **state)
{
    arena_free(*state);
    return 0;
}

enum { N = 5, N_IN = 4 };

/* Sum of outputs times fixed weights. */
static double loss_of(struct mlp *m, const float *x)
{
    double sum = 0;
    memcpy(m->y[0], x, sizeof *x * N * N_IN);
    mlp_forward(m, N);
    for (int k = 0; k < N * m->size[MLP_LAYERS]; k++)
        sum += (double)(1 + k % 3) * (double)m->y[MLP_LAYERS][k];
    return sum;
}

static void the_gradient_is_that_of_differences(void **state)
{
    struct err err;
    struct rng r = rng_seed(1, 0);
    const int32_t size[] = {N_IN, 7, 6, 2};
    struct mlp *m;
    float x[N * N_IN];
    assert_ok(mlp_new(size, N, &r, *state, &m, &err), err);
    for (int64_t k = 0; k < m->n_parameters; k++)
        m->value[k] = (float)(.5 * rng_normal(&r)); /* larger than at first */
    for (int k = 0; k < N * N_IN; k++)
        x[k] = (float)rng_normal(&r);
    loss_of(m, x);
    for (int k = 0; k < N * size[MLP_LAYERS]; k++)
        m->dy[MLP_LAYERS][k] = (float)(1 + k % 3);
    mlp_backward(m, N);
    for (int64_t k = 0; k < m->n_parameters; k += 3) {
        const float kept = m->value[k], h = 1e-3f;
        m->value[k] = kept + h;
        const double above = loss_of(m, x);
        m->value[k] = kept - h;
        const double below = loss_of(m, x);
        m->value[k] = kept;
        assert_close(m->gradient[k], (above - below) / (2 * (double)h), 2e-2, 2e-2);
    }
    for (int k = 0; k < N * N_IN; k++) {
        float moved[N * N_IN];
        const float h = 1e-3f;
        memcpy(moved, x, sizeof x);
        moved[k] = x[k] + h;
        const double above = loss_of(m, moved);
        moved[k] = x[k] - h;
        const double below = loss_of(m, moved);
        assert_close(m->dy[0][k], (above - below) / (2 * (double)h), 2e-2, 2e-2);
    }
}

/* One step, reward -(a - target(s))^2: the agent must find the target of each state. */
static void the_agent_finds_the_best_action_of_each_state(void **state)
{
    struct err err;
    struct ddpg_options opt = ddpg_defaults();
    struct rng r = rng_seed(2, 0);
    struct ddpg *d;
    opt.hidden = 64;
    opt.actor_rate = 1e-3;
    assert_ok(ddpg_new(&opt, 1, *state, &d, &err), err);
    for (int k = 0; k < 4000; k++) {
        struct ddpg_transition t = {.end = 1};
        t.state[0] = (float)(k % 2);
        const double target = k % 2 ? .8 : .3;
        double a = ddpg_act(d, t.state) + .2 * rng_normal(&r);
        a = fmin(1, fmax(0, a));
        t.action = (float)a;
        t.reward = (float)(-10 * (a - target) * (a - target));
        ddpg_store(d, &t);
        ddpg_update(d);
    }
    float s[DDPG_STATE] = {0};
    assert_close(ddpg_act(d, s), .3, 0, .1);
    s[0] = 1;
    assert_close(ddpg_act(d, s), .8, 0, .1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_gradient_is_that_of_differences, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(the_agent_finds_the_best_action_of_each_state,
                                        setup, teardown),
    };
    return cmocka_run_group_tests_name("search/ddpg", tests, NULL, NULL);
}
