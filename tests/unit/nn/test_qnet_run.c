/* test_qnet_run.c -- the fast engine equals the plain reference. */
#include "base/pool.h"
#include "tests/unit/nn/tiny_qnet.h"

enum { N_IMAGES = 37 }; /* not a multiple of the engine's batch */

/* Classes of all images by the reference. */
static void classify_ref(struct scratch *x, const struct qnet *q,
                         const struct nn_images *images, uint8_t *classes)
{
    const size_t size = (size_t)images->H * (size_t)images->W * (size_t)images->C;
    int32_t **values = qnet_ref_buffers(q, x->a);
    assert_non_null(values);
    for (int32_t i = 0; i < images->n; i++) {
        qnet_run_ref(q, images->pixels + (size_t)i * size, values);
        classes[i] = qnet_first_maximum(values[q->n_nodes - 1], q->n_classes);
    }
}

/* Also the logits' spread: a network with one class would prove nothing. */
static int n_classes_seen(const uint8_t *classes, int n)
{
    int seen[256] = {0}, count = 0;
    for (int i = 0; i < n; i++)
        count += seen[classes[i]]++ == 0;
    return count;
}

static void assert_engines_agree(struct scratch *x, const struct nn_graph *g,
                                 const struct nn_path *path, int *n_seen)
{
    struct qnet *q = fold(x, g, path);
    const struct nn_images images = random_images(x, g, N_IMAGES);
    uint8_t want[N_IMAGES], got[N_IMAGES];
    int32_t n_correct, n_right = 0;
    classify_ref(x, q, &images, want);
    assert_ok(qnet_classify(q, &images, NULL, got, &n_correct, &x->err), x->err);
    for (int i = 0; i < N_IMAGES; i++) {
        assert_int_equal(got[i], want[i]);
        n_right += want[i] == images.labels[i];
    }
    assert_int_equal(n_correct, n_right);
    const int seen = n_classes_seen(want, N_IMAGES);
    if (seen > *n_seen) *n_seen = seen;
}

static void engine_equals_the_reference_at_all_precisions(void **state)
{
    struct scratch *x = *state;
    const struct nn_graph *g = tiny_network(x);
    int n_seen = 0;
    for (int wbits = 1; wbits <= 8; wbits++) {
        for (int abits = 1; abits <= 8; abits++) {
            const struct nn_path path = uniform_path(wbits, abits);
            assert_engines_agree(x, g, &path, &n_seen);
        }
    }
    assert_true(n_seen > 1);
}

/* MW = 1152 at 8 bits does not fit the 24 bits of a float. */
static void long_sums_are_exact(void **state)
{
    struct scratch *x = *state;
    static const char from[] = "channels: 4, kernel: 3, stride: 1, pad: 1, bn: true, "
                               "relu: true}\n- {name: c3, op: conv, inputs: [c2]";
    static const char to[] =
        "channels: 128, kernel: 3, stride: 1, pad: 1, bn: true, relu: true}\n"
        "- {name: c4, op: conv, inputs: [c2], channels: 8, kernel: 3, stride: 1, pad: "
        "1, "
        "bn: true, relu: true}\n- {name: c3, op: conv, inputs: [c4]";
    const struct nn_graph *g = tiny_network_with(x, from, to);
    const struct nn_path path = uniform_path(8, 8);
    struct tiny_steps storage;
    struct qnet_steps steps = tiny_steps_for(g, &path, &storage);
    struct nn_node *c4 = &g->nodes[g->layer_nodes[2]];
    assert_string_equal(c4->name, "c4");
    for (int64_t i = 0; i < layer_shape_weights(&c4->shape); i++)
        c4->weights[i] = i % 3 ? 1.0f : 0.97f; /* all of one sign: huge sums */
    storage.w[2] = 1.0f / 127;
    storage.a[2] = 1e-4f; /* activations at the top of their grid */
    c4->bn->gamma[0] = 0.001f;
    struct qnet *q = NULL;
    assert_ok(qnet_from_graph(g, &path, &steps, x->a, &q, &x->err), x->err);
    const struct nn_images images = random_images(x, g, N_IMAGES);
    uint8_t want[N_IMAGES], got[N_IMAGES];
    classify_ref(x, q, &images, want);
    assert_ok(qnet_classify(q, &images, NULL, got, NULL, &x->err), x->err);
    assert_memory_equal(want, got, N_IMAGES);
    struct qnet_trace t[16];
    uint8_t class;
    assert_ok(qnet_trace_image(q, &images, 0, x->a, t, &class, &x->err), x->err);
    int64_t acc = 0;
    for (int32_t i = 0; i < t[2].MW; i++)
        acc += t[2].vectors[4 * t[2].MW + i] * qnet_layer(q, 2)->weights[i];
    assert_true(acc > 1 << 24);
}

static void a_flattened_map_needs_no_pooling(void **state)
{
    struct scratch *x = *state;
    const struct nn_graph *g =
        tiny_network_with(x,
                          "- {name: pool, op: gap, inputs: "
                          "[sum]}\n- {name: fc, op: gemm, "
                          "inputs: [pool]",
                          "- {name: fc, op: gemm, inputs: [sum]");
    const struct nn_path path = uniform_path(3, 5);
    int n_seen = 0;
    assert_engines_agree(x, g, &path, &n_seen);
}

static void the_count_does_not_depend_on_threads(void **state)
{
    struct scratch *x = *state;
    const struct nn_graph *g = tiny_network(x);
    const struct nn_path path = uniform_path(3, 3);
    struct qnet *q = fold(x, g, &path);
    const struct nn_images images = random_images(x, g, 2000);
    uint8_t *one = ARENA_NEW(x->a, uint8_t, 2000),
            *three = ARENA_NEW(x->a, uint8_t, 2000);
    struct pool *pool = NULL;
    int32_t n_one, n_three;
    assert_ok(pool_new(3, &pool, &x->err), x->err);
    assert_ok(qnet_classify(q, &images, NULL, one, &n_one, &x->err), x->err);
    assert_ok(qnet_classify(q, &images, pool, three, &n_three, &x->err), x->err);
    pool_free(pool);
    assert_memory_equal(one, three, 2000);
    assert_int_equal(n_one, n_three);
    assert_true(n_one > 0 && n_one < 2000);
}

static void ties_go_to_the_first_class(void **state)
{
    struct scratch *x = *state;
    struct nn_graph *g = tiny_network(x);
    struct nn_node *fc = &g->nodes[g->n_nodes - 1];
    memset(fc->weights, 0, (size_t)layer_shape_weights(&fc->shape) * sizeof(float));
    fc->bias[0] = -1;
    fc->bias[1] = fc->bias[2] = 0.5f;
    const struct nn_path path = uniform_path(4, 4);
    struct tiny_steps storage;
    struct qnet_steps steps = tiny_steps_for(g, &path, &storage);
    storage.w[3] = 1;
    struct qnet *q = NULL;
    assert_ok(qnet_from_graph(g, &path, &steps, x->a, &q, &x->err), x->err);
    const struct nn_images images = random_images(x, g, 3);
    uint8_t classes[3];
    assert_ok(qnet_classify(q, &images, NULL, classes, NULL, &x->err), x->err);
    for (int i = 0; i < 3; i++)
        assert_int_equal(classes[i], 1);
}

static void images_of_another_shape_are_refused(void **state)
{
    struct scratch *x = *state;
    const struct nn_graph *g = tiny_network(x);
    const struct nn_path path = uniform_path(4, 4);
    struct qnet *q = fold(x, g, &path);
    struct nn_images images = random_images(x, g, 2);
    struct qnet_trace t[4];
    uint8_t class;
    assert_int_equal(qnet_trace_image(q, &images, 2, x->a, t, &class, &x->err),
                     ST_RANGE);
    assert_string_equal(x->err.msg, "expected an image in 0..1, found 2");
    images.H = 7;
    assert_int_equal(qnet_classify(q, &images, NULL, NULL, NULL, &x->err), ST_RANGE);
    assert_string_equal(x->err.msg,
                        "network 'tiny': expected images of 6x5x2, found 7x5x2");
}

/* The class of a trace is the engine's, and the trace's padding is in place. */
static void traces_are_what_the_hardware_reads(void **state)
{
    struct scratch *x = *state;
    const struct nn_graph *g = tiny_network(x);
    struct nn_path path = uniform_path(5, 4);
    path.abits[0] = 8;
    struct qnet *q = fold(x, g, &path);
    const struct nn_images images = random_images(x, g, 5);
    uint8_t classes[5], class;
    struct qnet_trace t[4];
    assert_ok(qnet_classify(q, &images, NULL, classes, NULL, &x->err), x->err);
    for (int32_t i = 0; i < 5; i++) {
        assert_ok(qnet_trace_image(q, &images, i, x->a, t, &class, &x->err), x->err);
        assert_int_equal(class, classes[i]);
    }
    assert_int_equal(t[0].n_vec, 9);
    assert_int_equal(t[0].MW, 18);
    assert_int_equal(t[3].n_vec, 1);
    for (int i = 0; i < 6; i++) /* first row of the first vector: padding */
        assert_int_equal(t[0].vectors[i], 0);
    const uint8_t *last = images.pixels + 4 * 6 * 5 * 2;
    assert_int_equal(t[0].vectors[8], last[0]); /* (r, s) = (1, 1): pixel (0, 0) */
    assert_int_equal(t[0].vectors[9], last[1]);
    for (int l = 0; l < 4; l++)
        for (int32_t i = 0; i < t[l].n_vec * t[l].MH; i++) {
            const struct qnet_layer *layer = qnet_layer(q, l);
            int32_t acc = 0;
            for (int32_t j = 0; j < t[l].MW; j++)
                acc += layer->weights[i % t[l].MH * t[l].MW + j] *
                       t[l].vectors[i / t[l].MH * t[l].MW + j];
            assert_int_equal(t[l].outputs[i],
                             requant_apply(&layer->requant, i % t[l].MH, acc));
        }
}

/* tests/golden/nn/README.md says which. */
static void logits_are_those_of_another_implementation(void **state)
{
    struct scratch *x = *state;
    struct qnet *q = NULL;
    struct nn_images images;
    int32_t n_correct;
    assert_ok(qnet_load("tests/golden/nn/mixed.onnx", x->a, &q, &x->err), x->err);
    assert_ok(nn_dataset_load_test("idx:tests/golden/nn", x->a, &images, &x->err),
              x->err);
    FILE *f = fopen("tests/golden/nn/mixed.csv", "r");
    assert_non_null(f);
    for (int32_t i = 0; i < images.n; i++) {
        struct qnet_trace t[7];
        uint8_t class;
        assert_ok(qnet_trace_image(q, &images, i, x->a, t, &class, &x->err), x->err);
        for (int k = 0; k < 10; k++) {
            int logit;
            assert_int_equal(fscanf(f, k ? ",%d" : "%d", &logit), 1);
            assert_int_equal(t[6].outputs[k], logit);
        }
    }
    fclose(f);
    assert_ok(qnet_classify(q, &images, NULL, NULL, &n_correct, &x->err), x->err);
    assert_int_equal(n_correct, images.n);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCRATCH_TEST(engine_equals_the_reference_at_all_precisions),
        SCRATCH_TEST(logits_are_those_of_another_implementation),
        SCRATCH_TEST(long_sums_are_exact),
        SCRATCH_TEST(a_flattened_map_needs_no_pooling),
        SCRATCH_TEST(the_count_does_not_depend_on_threads),
        SCRATCH_TEST(ties_go_to_the_first_class),
        SCRATCH_TEST(images_of_another_shape_are_refused),
        SCRATCH_TEST(traces_are_what_the_hardware_reads),
    };
    return cmocka_run_group_tests_name("nn/qnet_run", tests, NULL, NULL);
}
