/* test_trainer_fold.c -- how closely the integer network follows the training forward.
 *
 * Both have the same accumulators; only the folded multiplier is rounded (18 bits), so
 * an output can differ where a value lies within that rounding of a tie, and then by
 * one step; and downstream of such an output, where one step of a coarse grid can be
 * several of the 8-bit stream.  Codes are therefore compared up to and with the first
 * layer of an image that differs, classes over the whole network. */
#include "trainer_fixture.h"

#include <string.h>

enum { N_IMAGES = 1000, BATCH = 100 };

struct trained {
    struct nn_trainer *t;
    struct nn_path path;
    struct qnet *q;
    float *codes[16]; /* per layer */
};

static struct trained train(struct fixture *x, int wbits, int abits)
{
    struct trained r;
    struct nn_trainer_options o = fixture_options();
    o.batch = BATCH;
    r.t = fixture_trainer(x, &o, NULL);
    r.path = fixture_path(x, wbits, abits);
    double loss;
    const struct nn_fit_options fit = {4, NULL, "test", true, false};
    assert_ok(nn_trainer_calibrate(r.t, &x->images, 200, &x->err), x->err);
    assert_ok(nn_trainer_fit(r.t, &x->images, &r.path, &fit, &loss, &x->err), x->err);
    assert_ok(nn_trainer_quantise(r.t, &r.path, x->a, &r.q, &x->err), x->err);
    for (int32_t l = 0; l < x->graph->n_layers; l++)
        r.codes[l] = ARENA_NEW(x->a, float,
                               BATCH *(size_t)r.t->nodes[r.t->layers[l].i_node].size);
    return r;
}

static struct nn_images from(const struct nn_images *all, int32_t first, int32_t n)
{
    struct nn_images part = *all;
    part.n = n;
    part.pixels += first * all->H * all->W * all->C;
    part.labels += first;
    return part;
}

/* Codes that layer l wrote for the batch that was evaluated last. */
static void codes_of(const struct nn_trainer *t, int32_t i_layer, float *codes)
{
    const int32_t i_node = t->layers[i_layer].i_node;
    const struct tr_node *node = &t->nodes[i_node];
    if (node->group >= 0)
        tr_view_code(t, i_node, codes);
    else
        tr_view_input(t, node->reader, codes);
}

struct tally {
    int64_t n, n_differ, n_far; /* far: by more than one step */
};

static void compare_image(struct fixture *x, const struct trained *r, int32_t first,
                          int32_t i, struct tally *tally)
{
    struct arena *a = arena_new();
    struct qnet_trace *traces = ARENA_NEW(a, struct qnet_trace, 16);
    uint16_t class_of;
    assert_ok(
        qnet_trace_image(r->q, &x->images, first + i, a, traces, &class_of, &x->err),
        x->err);
    /* What follows a layer that rounded otherwise had other inputs, so it is left out.
     */
    for (int32_t l = 0, differs = 0; l < x->graph->n_layers - 1 && !differs; l++) {
        const int64_t size = (int64_t)traces[l].n_vec * traces[l].MH;
        const float *codes = r->codes[l] + i * size;
        for (int64_t k = 0; k < size; k++) {
            const int gap = abs((int)codes[k] - traces[l].outputs[k]);
            tally[l].n++;
            tally[l].n_differ += gap > 0;
            tally[l].n_far += gap > 1;
            differs |= gap > 0;
        }
    }
    arena_free(a);
}

static void compare(struct fixture *x, int wbits, int abits)
{
    struct trained r = train(x, wbits, abits);
    struct tally tally[16];
    memset(tally, 0, sizeof tally);
    int32_t right = 0, right_integers;
    uint16_t *classes = ARENA_NEW(x->a, uint16_t, N_IMAGES);
    for (int32_t first = 0; first < N_IMAGES; first += BATCH) {
        const struct nn_images part = from(&x->images, first, BATCH);
        int32_t n;
        assert_ok(nn_trainer_evaluate(r.t, &part, &r.path, NULL, &n, &x->err), x->err);
        right += n;
        for (int32_t l = 0; l < x->graph->n_layers - 1; l++)
            codes_of(r.t, l, r.codes[l]);
        for (int32_t i = 0; i < BATCH; i += 4)
            compare_image(x, &r, first, i, tally);
    }
    for (int32_t l = 0; l < x->graph->n_layers - 1; l++) {
        print_message("W%dA%d %-5s %6lld of %lld outputs differ, %lld by more than 1\n",
                      wbits, abits, nn_graph_layer(x->graph, l)->name,
                      (long long)tally[l].n_differ, (long long)tally[l].n,
                      (long long)tally[l].n_far);
        assert_true(tally[l].n > 0);
        assert_true((double)tally[l].n_differ < 0.001 * (double)tally[l].n);
        assert_int_equal(tally[l].n_far, 0);
    }
    assert_ok(qnet_classify(r.q, &x->images, NULL, classes, &right_integers, &x->err),
              x->err);
    print_message("W%dA%d right: %d in training's forward, %d in integers\n", wbits,
                  abits, right, right_integers);
    assert_true(right > N_IMAGES / 2);
    assert_in_range(right_integers, right - N_IMAGES / 200, right + N_IMAGES / 200);
    nn_trainer_free(r.t);
}

static void integers_follow_training_at_4_bits(void **state) { compare(*state, 4, 4); }
static void integers_follow_training_at_2_bits(void **state) { compare(*state, 2, 2); }
static void integers_follow_training_at_1_bit(void **state) { compare(*state, 1, 1); }
static void integers_follow_training_at_mixed_bits(void **state)
{
    compare(*state, 3, 8);
}

/* Its border is the same code in both; the trainer of the fixture has another image. */
static void integers_follow_training_on_normalised_images(void **state)
{
    struct fixture *x = *state;
    struct nn_graph *plain = x->graph;
    const double mean = 0.37, deviation = 0.25;
    x->graph = nn_graph_copy(plain, x->a);
    assert_ok(nn_graph_normalise(x->graph, &mean, &deviation, x->a, &x->err), x->err);
    compare(x, 4, 4);
    x->graph = plain;
}

/* The first layer's accumulators do not depend on any rounding. */
static void the_weights_are_the_same_integers(void **state)
{
    struct fixture *x = *state;
    struct trained r = train(x, 3, 3);
    double loss;
    assert_ok(nn_trainer_evaluate(r.t, &x->images, &r.path, &loss, NULL, &x->err),
              x->err);
    for (int32_t l = 0; l < x->graph->n_layers; l++) {
        const struct qnet_layer *q = qnet_layer(r.q, l);
        for (int64_t i = 0; i < r.t->layers[l].weights.n; i++)
            assert_int_equal((int)r.t->layers[l].wq[i], q->weights[i]);
    }
    nn_trainer_free(r.t);
}

static void unquantised_layers_cannot_be_folded(void **state)
{
    struct fixture *x = *state;
    const struct nn_trainer_options o = fixture_options();
    struct nn_trainer *t = fixture_trainer(x, &o, NULL);
    struct nn_path path = fixture_path(x, 4, 4);
    struct qnet *q;
    path.abits[2] = NN_FLOAT;
    assert_int_equal(nn_trainer_quantise(t, &path, x->a, &q, &x->err), ST_RANGE);
    assert_non_null(strstr(x->err.msg, "layer 'c2': expected bits in [1, 8]"));
    nn_trainer_free(t);
}

static void the_trained_graph_carries_the_trained_values(void **state)
{
    struct fixture *x = *state;
    struct trained r = train(x, 4, 4);
    struct nn_graph *g;
    assert_ok(nn_trainer_graph(r.t, x->a, &g, &x->err), x->err);
    struct nn_trainer_options o = fixture_options();
    struct nn_trainer *again;
    assert_ok(nn_trainer_new(g, &o, NULL, &again, &x->err), x->err);
    const struct nn_path plain = fixture_path(x, NN_FLOAT, NN_FLOAT);
    double loss[2];
    assert_ok(nn_trainer_evaluate(r.t, &x->images, &plain, &loss[0], NULL, &x->err),
              x->err);
    assert_ok(nn_trainer_evaluate(again, &x->images, &plain, &loss[1], NULL, &x->err),
              x->err);
    assert_close(loss[0], loss[1], 1e-7, 0); /* batches of other sizes: sgemm rounds */
    nn_trainer_free(r.t);
    nn_trainer_free(again);
}

static int setup(void **state)
{
    if (fixture_setup(state) != 0) return -1;
    fixture_images(*state, N_IMAGES);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(integers_follow_training_at_4_bits),
        cmocka_unit_test(integers_follow_training_at_2_bits),
        cmocka_unit_test(integers_follow_training_at_1_bit),
        cmocka_unit_test(integers_follow_training_at_mixed_bits),
        cmocka_unit_test(integers_follow_training_on_normalised_images),
        cmocka_unit_test(the_weights_are_the_same_integers),
        cmocka_unit_test(unquantised_layers_cannot_be_folded),
        cmocka_unit_test(the_trained_graph_carries_the_trained_values),
    };
    return cmocka_run_group_tests_name("nn/trainer_fold", tests, setup,
                                       fixture_teardown);
}
