/* The start of quantised training: channels of one size, and the teacher. */
#include "tests/unit/nn/trainer_fixture.h"

#include <math.h>
#include <string.h>

#include "base/hash.h"

/* The fixture's network, trained in fp32. */
static struct nn_graph *trained_graph(struct fixture *x)
{
    const struct nn_trainer_options o = fixture_options();
    struct nn_trainer *t = fixture_trainer(x, &o, NULL);
    const struct nn_path path = fixture_path(x, NN_FLOAT, NN_FLOAT);
    const struct nn_fit_options fit = {12, NULL, "test", true, false};
    struct nn_graph *g;
    double loss;
    assert_ok(nn_trainer_fit(t, &x->images, &path, &fit, &loss, &x->err), x->err);
    assert_ok(nn_trainer_graph(t, x->a, &g, &x->err), x->err);
    nn_trainer_free(t);
    return g;
}

static double channel_rms(const struct tr_layer *l, int32_t k)
{
    const int64_t MW = layer_shape_MW(l->shape);
    double sum = 0;
    for (int64_t i = 0; i < MW; i++)
        sum += pow((double)l->weights.value[k * MW + i], 2);
    return sqrt(sum / (double)MW);
}

static void equalised_channels_compute_the_same(void **state)
{
    struct fixture *x = *state;
    struct nn_trainer_options o = fixture_options();
    o.equalise = false;
    struct nn_trainer *t;
    assert_ok(nn_trainer_new(trained_graph(x), &o, NULL, &t, &x->err), x->err);
    const struct nn_path path = fixture_path(x, NN_FLOAT, NN_FLOAT);
    double before, after;
    for (int i = 0; i < 9; i++) /* one channel far too small, its batch norm with it */
        t->layers[0].weights.value[i] *= 1e-3f;
    t->layers[0].run_mean[0] *= 1e-3f;
    t->layers[0].run_var[0] *= 1e-6f;
    assert_ok(nn_trainer_evaluate(t, &x->images, &path, &before, NULL, &x->err),
              x->err);
    tr_equalise(t);
    assert_ok(nn_trainer_evaluate(t, &x->images, &path, &after, NULL, &x->err), x->err);
    assert_close(after, before, 1e-4, 0);
    int32_t n_small = 0;
    for (int32_t i = 0; i < x->graph->n_layers; i++) {
        const struct tr_layer *l = &t->layers[i];
        for (int32_t k = 1; l->node->bn && k < l->shape->K; k++) {
            const double ratio = channel_rms(l, k) / channel_rms(l, k - 1);
            n_small += !(fabs(ratio - 1) < 1e-3);
        }
    }
    assert_int_equal(n_small, 1); /* channel 0 of layer 0, four times what it was */
    nn_trainer_free(t);
}

/* Images of the trained graph that are still right after steps on labels that are all
 * 0, with a teacher's share. */
static int32_t right_after_lies(struct fixture *x, const struct nn_graph *g,
                                double share, int n_threads, struct hash_key *key)
{
    struct nn_trainer_options o = fixture_options();
    o.distill = share;
    struct pool *pool;
    struct nn_trainer *t;
    assert_ok(pool_new(n_threads, &pool, &x->err), x->err);
    assert_ok(nn_trainer_new(g, &o, pool, &t, &x->err), x->err);
    assert_ok(nn_trainer_calibrate(t, &x->images, 48, &x->err), x->err);
    uint16_t zeros[96] = {0};
    struct nn_images lies = x->images;
    lies.labels = zeros;
    const struct nn_path path = fixture_path(x, 4, 4);
    const struct nn_fit_options fit = {3, NULL, "test", true, false};
    double loss;
    int32_t right;
    assert_ok(nn_trainer_fit(t, &lies, &path, &fit, &loss, &x->err), x->err);
    assert_ok(nn_trainer_evaluate(t, &x->images, &path, NULL, &right, &x->err), x->err);
    struct hash *h = hash_new();
    tr_hash_state(t, h);
    *key = hash_free_key(h);
    nn_trainer_free(t);
    pool_free(pool);
    return right;
}

static void a_teacher_outweighs_labels_by_its_share(void **state)
{
    struct fixture *x = *state;
    struct hash_key key, one, two;
    const struct nn_graph *g = trained_graph(x);
    assert_true(right_after_lies(x, g, 0, 1, &key) < 48);
    assert_true(right_after_lies(x, g, 1, 1, &one) > 80);
    assert_string_not_equal(key.hex, one.hex);
    assert_true(right_after_lies(x, g, 1, 3, &two) > 80);
    assert_string_equal(one.hex, two.hex);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equalised_channels_compute_the_same),
        cmocka_unit_test(a_teacher_outweighs_labels_by_its_share),
    };
    return cmocka_run_group_tests_name("nn/trainer_teacher", tests, fixture_setup,
                                       fixture_teardown);
}
