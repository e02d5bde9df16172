/* test_trainer.c -- the trainer as a whole: determinism, learning, state on disk. */
#include "trainer_fixture.h"

#include <math.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/hash.h"
#include "base/interrupt.h"
#include "nn/isa.h"

/* Everything that training changes. */
static struct hash_key state_of(const struct nn_trainer *t)
{
    struct hash *h = hash_new();
    for (int32_t i = 0; i < t->graph->n_layers; i++) {
        const struct tr_layer *l = &t->layers[i];
        const struct tr_param *all[] = {&l->weights, &l->gamma, &l->beta, &l->bias};
        for (int k = 0; k < 4; k++) {
            hash_bytes(h, all[k]->value, sizeof(float) * (size_t)all[k]->n);
            hash_bytes(h, all[k]->velocity, sizeof(float) * (size_t)all[k]->n);
        }
        if (l->node->bn) {
            hash_bytes(h, l->run_mean, sizeof(float) * (size_t)l->shape->K);
            hash_bytes(h, l->run_var, sizeof(float) * (size_t)l->shape->K);
        }
        hash_bytes(h, l->w_step, sizeof l->w_step);
        hash_bytes(h, l->a_step, sizeof l->a_step);
    }
    for (int32_t g = 0; g < t->n_groups; g++)
        hash_bytes(h, &t->groups[g].step, sizeof t->groups[g].step);
    return hash_free_key(h);
}

static struct hash_key state_after(struct fixture *x, int n_threads, uint64_t seed)
{
    struct pool *pool = NULL;
    if (n_threads > 1) assert_ok(pool_new(n_threads, &pool, &x->err), x->err);
    struct nn_trainer_options o = fixture_options();
    o.augment = true;
    o.batch = 36;
    o.seed = seed;
    struct nn_trainer *t = fixture_trainer(x, &o, pool);
    struct nn_scores s;
    double loss;
    assert_ok(nn_trainer_calibrate(t, &x->images, 48, &x->err), x->err);
    for (int i = 0; i < 6; i++) {
        const struct nn_path path = fixture_path(x, 1 + i % 3, 2 + i % 3);
        assert_ok(nn_trainer_step(t, &x->images, i / 2, i % 2, &path, 0.05, &loss, &s,
                                  &x->err),
                  x->err);
    }
    struct hash_key key = state_of(t);
    struct hash *h = hash_new();
    hash_text(h, key.hex);
    hash_bytes(h, &loss, sizeof loss);
    for (int32_t i = 0; i < x->graph->n_layers; i++) {
        hash_bytes(h, s.w[i], sizeof s.w[i]);
        hash_bytes(h, s.a[i], sizeof s.a[i]);
    }
    nn_trainer_free(t);
    pool_free(pool);
    return hash_free_key(h);
}

static void any_number_of_threads_gives_the_same_bits(void **state)
{
    const struct hash_key one = state_after(*state, 1, 3);
    assert_string_equal(one.hex, state_after(*state, 2, 3).hex);
    assert_string_equal(one.hex, state_after(*state, 5, 3).hex);
}

/* Across the end of an epoch, and where a step does not go on from the last one. */
static void batches_loaded_ahead_are_those_of_their_seed(void **state)
{
    static const int32_t steps[][2] = {{0, 6}, {0, 7}, {1, 0}, {1, 1}, {5, 3}, {5, 4}};
    struct fixture *x = *state;
    struct nn_trainer_options o = fixture_options();
    o.augment = true;
    struct nn_trainer *t = fixture_trainer(x, &o, NULL);
    struct nn_trainer *plain = fixture_trainer(x, &o, NULL);
    const size_t size = sizeof(float) * (size_t)(o.batch * t->nodes[0].size);
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        const int32_t epoch = steps[i][0], i_batch = steps[i][1];
        const float *before = t->nodes[0].code;
        assert_ok(tr_batch_step(t, &x->images, epoch, i_batch, &x->err), x->err);
        tr_prefetch_wait(t);
        const bool is_next = i > 0 && i != 4;
        assert_int_equal(t->nodes[0].code != before, is_next);
        assert_ok(tr_batch_load(plain, &x->images, epoch, i_batch, true, &x->err),
                  x->err);
        assert_memory_equal(t->nodes[0].code, plain->nodes[0].code, size);
        assert_memory_equal(t->labels, plain->labels,
                            (size_t)o.batch * sizeof *t->labels);
    }
    nn_trainer_free(t);
    nn_trainer_free(plain);
}

static void the_seed_decides_the_run(void **state)
{
    const struct hash_key first = state_after(*state, 1, 3);
    assert_string_equal(first.hex, state_after(*state, 1, 3).hex);
    assert_string_not_equal(first.hex, state_after(*state, 1, 4).hex);
}

/* Loss of one batch after n steps on it. */
static double overfit(struct fixture *x, int wbits, int abits, int n)
{
    struct nn_trainer_options o = fixture_options();
    o.batch = 24;
    struct nn_trainer *t = fixture_trainer(x, &o, NULL);
    const struct nn_path path = fixture_path(x, wbits, abits);
    double loss = 0;
    assert_ok(nn_trainer_calibrate(t, &x->images, 48, &x->err), x->err);
    for (int i = 0; i < n; i++)
        assert_ok(
            nn_trainer_step(t, &x->images, 0, 0, &path, 0.05, &loss, NULL, &x->err),
            x->err);
    nn_trainer_free(t);
    return loss;
}

static void one_batch_is_learned_by_heart(void **state)
{
    assert_true(overfit(*state, NN_FLOAT, NN_FLOAT, 60) < 0.02);
    assert_true(overfit(*state, 4, 4, 60) < 0.05);
    assert_true(overfit(*state, 2, 2, 100) < 0.2);
    assert_true(overfit(*state, 1, 1, 100) < 0.7);
}

/* Forward sums are exact in all sets; gradients are rounded differently. */
static void instruction_sets_learn_alike(void **state)
{
    enum { STEPS = 5 }; /* later, roundings tell */
    struct fixture *x = *state;
    const struct nn_trainer_options o = fixture_options();
    const struct nn_path path = fixture_path(x, 4, 4);
    double first[STEPS];
    for (int isa = 0; isa < NN_N_ISAS; isa++) {
        if (!nn_isa_has((enum nn_isa)isa)) continue;
        setenv("BITWRIGHT_ISA", nn_isa_name((enum nn_isa)isa), 1);
        struct nn_trainer *t = fixture_trainer(x, &o, NULL);
        assert_ok(nn_trainer_calibrate(t, &x->images, 48, &x->err), x->err);
        for (int i = 0; i < STEPS; i++) {
            double loss;
            assert_ok(nn_trainer_step(t, &x->images, 0, i, &path, 0.005, &loss, NULL,
                                      &x->err),
                      x->err);
            if (isa == NN_ISA_BLAS) first[i] = loss;
            assert_close(loss, first[i], i ? 0.05 : 1e-5, 0);
        }
        nn_trainer_free(t);
    }
    unsetenv("BITWRIGHT_ISA");
}

/* ---- numbers that are none ---- */

static void a_weight_that_is_no_number_stops_the_training(void **state)
{
    struct fixture *x = *state;
    const struct nn_trainer_options o = fixture_options();
    struct nn_trainer *t = fixture_trainer(x, &o, NULL);
    const struct nn_path path = fixture_path(x, 4, 4);
    const struct nn_fit_options fit = {
        .epochs = 1, .checkpoint = "/tmp/bitwright_no_number.ckpt", .quiet = true};
    double loss;
    assert_ok(nn_trainer_calibrate(t, &x->images, 48, &x->err), x->err);
    t->layers[2].weights.velocity[3] = NAN;
    assert_int_equal(nn_trainer_fit(t, &x->images, &path, &fit, &loss, &x->err),
                     ST_RANGE);
    assert_non_null(strstr(x->err.msg, "epoch 0, batch 0: layer 'c2': its parameters "
                                       "are not finite any more"));
    assert_false(file_exists(fit.checkpoint));
    nn_trainer_free(t);
}

static void a_loss_that_is_no_number_names_its_layer(void **state)
{
    struct fixture *x = *state;
    const struct nn_trainer_options o = fixture_options();
    struct nn_trainer *t = fixture_trainer(x, &o, NULL);
    const struct nn_path plain = fixture_path(x, NN_FLOAT, NN_FLOAT);
    double loss;
    t->layers[x->graph->n_layers - 1].bias.value[1] = NAN;
    assert_int_equal(
        nn_trainer_step(t, &x->images, 0, 2, &plain, 0.05, &loss, NULL, &x->err),
        ST_RANGE);
    assert_non_null(strstr(x->err.msg, "epoch 0, batch 2: the loss is not finite, from "
                                       "layer 'fc' on"));
    nn_trainer_free(t);
}

static void evaluation_learns_nothing_and_agrees_with_training(void **state)
{
    struct fixture *x = *state;
    const struct nn_trainer_options o = fixture_options();
    struct nn_trainer *t = fixture_trainer(x, &o, NULL);
    const struct nn_path path = fixture_path(x, NN_FLOAT, NN_FLOAT);
    const struct nn_fit_options fit = {12, NULL, "test", true, false};
    double train_loss, loss;
    int32_t right;
    assert_ok(nn_trainer_fit(t, &x->images, &path, &fit, &train_loss, &x->err), x->err);
    assert_ok(nn_trainer_recalibrate_bn(t, &x->images, 100, &path, &x->err), x->err);
    const struct hash_key before = state_of(t);
    assert_ok(nn_trainer_evaluate(t, &x->images, &path, &loss, &right, &x->err),
              x->err);
    assert_string_equal(before.hex, state_of(t).hex);
    assert_true(right > 86); /* of 96, four classes */
    assert_true(loss < 0.5);
    nn_trainer_free(t);
}

static void learned_steps_stay_positive(void **state)
{
    struct fixture *x = *state;
    const struct nn_trainer_options o = fixture_options();
    struct nn_trainer *t = fixture_trainer(x, &o, NULL);
    const struct nn_path path = fixture_path(x, 2, 2);
    double loss;
    int n_steps = 0;
    assert_ok(nn_trainer_calibrate(t, &x->images, 48, &x->err), x->err);
    for (int i = 0; i < 40; i++) {
        const status st = nn_trainer_step(t, &x->images, i / 8, i % 8, &path, 3.0,
                                          &loss, NULL, &x->err);
        if (st != ST_OK) break; /* far too large a rate may diverge, not go negative */
        n_steps++;
        for (int32_t l = 0; l < x->graph->n_layers; l++)
            for (int bits = 1; bits < NN_BITS; bits++) {
                assert_true(t->layers[l].w_step[bits].value > 0);
                assert_true(t->layers[l].a_step[bits].value > 0);
            }
        for (int32_t g = 0; g < t->n_groups; g++)
            assert_true(t->groups[g].step.value > 0);
    }
    assert_true(n_steps > 0);
    nn_trainer_free(t);
}

static void calibrated_steps_have_the_least_error(void **state)
{
    struct fixture *x = *state;
    const struct nn_trainer_options o = fixture_options();
    struct nn_trainer *t = fixture_trainer(x, &o, NULL);
    assert_ok(nn_trainer_calibrate(t, &x->images, 48, &x->err), x->err);
    for (int32_t i = 0; i < x->graph->n_layers; i++)
        for (int bits = 1; bits < NN_BITS; bits++) {
            const struct tr_layer *l = &t->layers[i];
            const double step = l->w_step[bits].value;
            const struct nn_grid at = nn_grid_of(bits, true, (float)step);
            const double error = nn_lsq_error(l->weights.value, l->weights.n, &at);
            for (int k = -1; k <= 1; k += 2) {
                const struct nn_grid near =
                    nn_grid_of(bits, true, (float)(step * (1 + 0.3 * k)));
                assert_true(nn_lsq_error(l->weights.value, l->weights.n, &near) >=
                            error);
            }
        }
    nn_trainer_free(t);
}

/* ---- checkpoints ---- */

static void temp_path(char *path, size_t size, const char *name)
{
    snprintf(path, size, "/tmp/bitwright_%s_%d.ckpt", name, (int)getpid());
}

static struct nn_trainer *quantised_trainer(struct fixture *x)
{
    struct nn_trainer_options o = fixture_options();
    o.augment = true;
    struct nn_trainer *t = fixture_trainer(x, &o, NULL);
    assert_ok(nn_trainer_calibrate(t, &x->images, 48, &x->err), x->err);
    return t;
}

static struct nn_fit_options long_fit(const char *checkpoint)
{
    return (struct nn_fit_options){16, checkpoint, "test", true, false};
}

/* Runs the fit in a child that is interrupted after a while; its exit code. */
static int interrupted_run(struct fixture *x, const char *checkpoint, int after_us)
{
    const pid_t child = fork();
    if (child == 0) {
        interrupt_install();
        struct nn_trainer *t = quantised_trainer(x);
        const struct nn_path path = fixture_path(x, 3, 2);
        const struct nn_fit_options fit = long_fit(checkpoint);
        double loss;
        const status st = nn_trainer_fit(t, &x->images, &path, &fit, &loss, &x->err);
        _exit(status_exit_code(st));
    }
    const struct timespec wait = {0, after_us * 1000L};
    nanosleep(&wait, NULL);
    kill(child, SIGINT);
    int how;
    waitpid(child, &how, 0);
    return WIFEXITED(how) ? WEXITSTATUS(how) : -1;
}

static void an_interrupted_run_resumes_to_the_same_bits(void **state)
{
    struct fixture *x = *state;
    const struct nn_path path = fixture_path(x, 3, 2);
    char checkpoint[64];
    temp_path(checkpoint, sizeof checkpoint, "resume");
    unlink(checkpoint);
    /* Until a run was caught between its first and its last step. */
    int rc = 0;
    for (int us = 150000; rc != 5 && us > 1000; us = us * 2 / 3) {
        unlink(checkpoint);
        rc = interrupted_run(x, checkpoint, us);
    }
    assert_int_equal(rc, 5);
    assert_true(file_exists(checkpoint));

    struct nn_trainer *whole = quantised_trainer(x), *resumed = quantised_trainer(x);
    double loss[2];
    const struct nn_fit_options plain = long_fit(NULL), from = long_fit(checkpoint);
    assert_ok(nn_trainer_fit(whole, &x->images, &path, &plain, &loss[0], &x->err),
              x->err);
    assert_ok(nn_trainer_fit(resumed, &x->images, &path, &from, &loss[1], &x->err),
              x->err);
    assert_true(loss[0] == loss[1]);
    assert_string_equal(state_of(whole).hex, state_of(resumed).hex);
    unlink(checkpoint);
    nn_trainer_free(whole);
    nn_trainer_free(resumed);
}

static void a_saved_state_loads_to_the_same_bits(void **state)
{
    struct fixture *x = *state;
    char path[64];
    temp_path(path, sizeof path, "save");
    struct nn_trainer *t = quantised_trainer(x);
    const struct nn_path bits = fixture_path(x, 2, 3);
    double loss;
    assert_ok(nn_trainer_step(t, &x->images, 0, 0, &bits, 0.1, &loss, NULL, &x->err),
              x->err);
    assert_ok(nn_trainer_save(t, path, &x->err), x->err);
    struct nn_trainer_options o = fixture_options();
    o.augment = true;
    struct nn_trainer *other = fixture_trainer(x, &o, NULL);
    assert_ok(nn_trainer_load(other, path, &x->err), x->err);
    assert_string_equal(state_of(t).hex, state_of(other).hex);
    unlink(path);
    nn_trainer_free(t);
    nn_trainer_free(other);
}

static void a_foreign_checkpoint_is_refused(void **state)
{
    struct fixture *x = *state;
    char path[64];
    temp_path(path, sizeof path, "foreign");
    struct nn_trainer *t = quantised_trainer(x);
    assert_ok(nn_trainer_save(t, path, &x->err), x->err);
    struct nn_trainer_options o = fixture_options();
    o.augment = true;
    o.lr = 0.06;
    struct nn_trainer *other = fixture_trainer(x, &o, NULL);
    assert_int_equal(nn_trainer_load(other, path, &x->err), ST_MISMATCH);
    assert_non_null(strstr(x->err.msg, "other options"));
    unlink(path);
    nn_trainer_free(t);
    nn_trainer_free(other);
}

static void a_damaged_checkpoint_is_refused(void **state)
{
    struct fixture *x = *state;
    char path[64], *content;
    size_t size;
    temp_path(path, sizeof path, "damaged");
    struct nn_trainer *t = quantised_trainer(x);
    assert_ok(nn_trainer_save(t, path, &x->err), x->err);
    assert_ok(file_read(path, x->a, &content, &size, &x->err), x->err);
    content[size / 2] ^= 1;
    assert_ok(file_write(path, content, size, &x->err), x->err);
    assert_int_equal(nn_trainer_load(t, path, &x->err), ST_PARSE);
    assert_non_null(strstr(x->err.msg, "does not match its hash"));
    assert_ok(file_write(path, content, size / 3, &x->err), x->err);
    assert_int_equal(nn_trainer_load(t, path, &x->err), ST_PARSE);
    assert_ok(file_write(path, "hello", 5, &x->err), x->err);
    assert_int_equal(nn_trainer_load(t, path, &x->err), ST_PARSE);
    assert_non_null(strstr(x->err.msg, "expected a bitwright checkpoint"));
    unlink(path);
    assert_int_equal(nn_trainer_load(t, path, &x->err), ST_NOT_FOUND);
    nn_trainer_free(t);
}

/* ---- refusals ---- */

static void bits_without_calibration_are_refused(void **state)
{
    struct fixture *x = *state;
    const struct nn_trainer_options o = fixture_options();
    struct nn_trainer *t = fixture_trainer(x, &o, NULL);
    const struct nn_path path = fixture_path(x, 4, 4);
    double loss;
    assert_int_equal(
        nn_trainer_step(t, &x->images, 0, 0, &path, 0.1, &loss, NULL, &x->err),
        ST_RANGE);
    assert_non_null(strstr(x->err.msg, "layer 'stem'"));
    assert_non_null(strstr(x->err.msg, "calibrate first"));
    nn_trainer_free(t);
}

static void images_of_another_size_are_refused(void **state)
{
    struct fixture *x = *state;
    const struct nn_trainer_options o = fixture_options();
    struct nn_trainer *t = fixture_trainer(x, &o, NULL);
    const struct nn_path path = fixture_path(x, NN_FLOAT, NN_FLOAT);
    struct nn_images images = x->images;
    double loss;
    images.W = 8;
    images.H = 7;
    assert_int_equal(
        nn_trainer_step(t, &images, 0, 0, &path, 0.1, &loss, NULL, &x->err), ST_RANGE);
    assert_non_null(strstr(x->err.msg, "expects images of 8x7x1, found 7x8x1"));
    assert_int_equal(
        nn_trainer_step(t, &x->images, 0, 8, &path, 0.1, &loss, NULL, &x->err),
        ST_RANGE);
    assert_non_null(strstr(x->err.msg, "batch 8 of 8"));
    nn_trainer_free(t);
}

static void bad_options_are_refused(void **state)
{
    struct fixture *x = *state;
    struct nn_trainer_options o = fixture_options();
    struct nn_trainer *t;
    o.batch = 0;
    assert_int_equal(nn_trainer_new(x->graph, &o, NULL, &t, &x->err), ST_RANGE);
    assert_non_null(strstr(x->err.msg, "expected a batch in [1, 65536], found 0"));
    o = fixture_options();
    o.momentum = 1;
    assert_int_equal(nn_trainer_new(x->graph, &o, NULL, &t, &x->err), ST_RANGE);
    assert_null(t);
}

static void the_schedule_of_the_rate_warms_up_and_ends_at_zero(void **state)
{
    (void)state;
    struct nn_trainer_options o = fixture_options();
    o.lr = 2;
    o.warmup_steps = 10;
    assert_close(nn_trainer_lr(&o, 0, 1000), 0.2, 1e-6, 0);
    assert_close(nn_trainer_lr(&o, 500, 1000), 1, 1e-9, 0);
    assert_close(nn_trainer_lr(&o, 1000, 1000), 0, 0, 1e-12);
    for (int i = 10; i < 1000; i++)
        assert_true(nn_trainer_lr(&o, i + 1, 1000) < nn_trainer_lr(&o, i, 1000));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_number_of_threads_gives_the_same_bits),
        cmocka_unit_test(batches_loaded_ahead_are_those_of_their_seed),
        cmocka_unit_test(the_seed_decides_the_run),
        cmocka_unit_test(one_batch_is_learned_by_heart),
        cmocka_unit_test(instruction_sets_learn_alike),
        cmocka_unit_test(a_weight_that_is_no_number_stops_the_training),
        cmocka_unit_test(a_loss_that_is_no_number_names_its_layer),
        cmocka_unit_test(evaluation_learns_nothing_and_agrees_with_training),
        cmocka_unit_test(learned_steps_stay_positive),
        cmocka_unit_test(calibrated_steps_have_the_least_error),
        cmocka_unit_test(an_interrupted_run_resumes_to_the_same_bits),
        cmocka_unit_test(a_saved_state_loads_to_the_same_bits),
        cmocka_unit_test(a_foreign_checkpoint_is_refused),
        cmocka_unit_test(a_damaged_checkpoint_is_refused),
        cmocka_unit_test(bits_without_calibration_are_refused),
        cmocka_unit_test(images_of_another_size_are_refused),
        cmocka_unit_test(bad_options_are_refused),
        cmocka_unit_test(the_schedule_of_the_rate_warms_up_and_ends_at_zero),
    };
    return cmocka_run_group_tests_name("nn/trainer", tests, fixture_setup,
                                       fixture_teardown);
}
