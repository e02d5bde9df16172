/* test_qnet_run.c -- the fast engine equals the plain reference. */
#include "base/pool.h"
#include "nn/qconv.h"
#include "tests/unit/nn/tiny_qnet.h"

enum { N_IMAGES = 37 }; /* not a multiple of the engine's batch */

/* Classes of all images by the reference. */
static void classify_ref(struct scratch *x, const struct qnet *q,
                         const struct nn_images *images, uint16_t *classes)
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
static int n_classes_seen(const uint16_t *classes, int n)
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
    uint16_t want[N_IMAGES], got[N_IMAGES];
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

/* Every logit, not only the class. */
static void assert_logits_on_bytes(struct scratch *x, const struct nn_graph *g,
                                   const struct nn_path *path)
{
    const struct qnet *q = fold(x, g, path);
    const struct nn_images images = random_images(x, g, QNET_BATCH);
    const size_t size = (size_t)images.H * (size_t)images.W * (size_t)images.C;
    struct arena *a = arena_new();
    struct qnet_fast *fast;
    int32_t **values = qnet_ref_buffers(q, a);
    assert_ok(qnet_fast_new(q, 1, a, &fast, &x->err), x->err);
    assert_non_null(fast);
    for (int n = 1; n <= QNET_BATCH; n += 3) {
        const int32_t *logits = qnet_fast_run(fast, images.pixels, n, 0);
        for (int i = 0; i < n; i++) {
            qnet_run_ref(q, images.pixels + (size_t)i * size, values);
            assert_memory_equal(logits + i * q->n_classes, values[q->n_nodes - 1],
                                sizeof *logits * (size_t)q->n_classes);
        }
    }
    arena_free(a);
}

static void logits_on_bytes_are_those_of_the_reference(void **state)
{
    struct scratch *x = *state;
    const struct nn_graph *g = tiny_network(x);
    enum nn_isa isa;
    assert_ok(nn_isa_choose(&isa, &x->err), x->err);
    if (!qconv_isa_of(isa)) skip();
    for (int wbits = 1; wbits <= 8; wbits += 1)
        for (int abits = 1; abits <= 8; abits += 1) {
            struct nn_path path = uniform_path(wbits, abits);
            assert_logits_on_bytes(x, g, &path);
            path.abits[0] = path.wbits[0] = 8;
            path.abits[2] = 1;
            assert_logits_on_bytes(x, g, &path);
        }
}

/* One QGemm on C pixels: class 0 where the sum of the first half of them times 127 is
 * at least that of the second half, else class 1, whose logit is 0. */
static struct qnet *comparison(struct scratch *x, int32_t C)
{
    struct qnet *q = ARENA_NEW(x->a, struct qnet, 1);
    int8_t *weights = ARENA_NEW(x->a, int8_t, 2 * (size_t)C);
    *q = (struct qnet){.name = "comparison", .n_nodes = 2, .n_layers = 1};
    q->nodes = ARENA_NEW(x->a, struct qnet_node, 2);
    q->layers = ARENA_NEW(x->a, struct qnet_layer, 1);
    q->nodes[0] = (struct qnet_node){.name = "image", .H = 1, .W = 1, .C = C};
    q->nodes[0].i_layer = -1;
    q->nodes[1] = (struct qnet_node){.name = "fc", .op = QNET_GEMM, .n_inputs = 1};
    for (int32_t i = 0; i < C; i++)
        weights[i] = i < C / 2 ? 127 : -127;
    q->layers[0] = (struct qnet_layer){.shape = {.name = "fc", .K = 2},
                                       .wbits = 8,
                                       .abits = 8,
                                       .wsigned = true,
                                       .weights = weights};
    struct requant *r = &q->layers[0].requant;
    *r = (struct requant){.n = 2, .shift = 1, .out_bits = 16, .out_signed = true};
    r->mul = ARENA_NEW(x->a, int32_t, 2);
    r->bias = ARENA_NEW(x->a, int64_t, 2);
    r->mul[0] = r->mul[1] = 1;
    assert_ok(qnet_finish_node(q, 0, x->a, &x->err), x->err);
    assert_ok(qnet_finish_node(q, 1, x->a, &x->err), x->err);
    assert_ok(qnet_finish(q, &x->err), x->err);
    return q;
}

/* The sums climb beyond the 24 bits of a float and come back to exactly 0. */
static void long_sums_are_exact(void **state)
{
    enum { C = 2304, N = 64 };
    struct scratch *x = *state;
    struct qnet *q = comparison(x, C);
    struct rng rng = rng_seed(12, 0);
    uint8_t *pixels = ARENA_NEW(x->a, uint8_t, N * C);
    uint16_t classes[N], want[N];
    struct nn_images images = {.n = N, .H = 1, .W = 1, .C = C, .pixels = pixels};
    for (int32_t i = 0; i < N * C; i++) {
        const bool second = i % C >= C / 2;
        pixels[i] = second ? pixels[i - C / 2] : (uint8_t)(240 + rng_below(&rng, 16));
    }
    assert_ok(qnet_classify(q, &images, NULL, classes, NULL, &x->err), x->err);
    classify_ref(x, q, &images, want);
    for (int i = 0; i < N; i++) {
        assert_int_equal(want[i], 0);
        assert_int_equal(classes[i], 0);
    }
    for (int i = 0; i < N; i++)
        pixels[i * C + C - 1]++; /* 240..255 in the second half: now it may win */
    assert_ok(qnet_classify(q, &images, NULL, classes, NULL, &x->err), x->err);
    classify_ref(x, q, &images, want);
    assert_memory_equal(classes, want, N);
    assert_int_equal(n_classes_seen(want, N), 2);
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

static void shortcuts_copy_codes_and_add_zeros(void **state)
{
    struct scratch *x = *state;
    const struct nn_graph *g = tiny_network_with(
        x, "- {name: pool, op: gap, inputs: [sum]}\n",
        "- {name: c5, op: conv, inputs: [sum], channels: 9, kernel: 3, stride: 2, pad: "
        "1, bn: true, relu: false}\n"
        "- {name: skip, op: shortcut, inputs: [sum], channels: 9, stride: 2, before: "
        "3}\n"
        "- {name: sum2, op: add, inputs: [c5, skip], relu: true}\n"
        "- {name: pool, op: gap, inputs: [sum2]}\n");
    int n_seen = 0;
    for (int bits = 2; bits <= 8; bits++) {
        const struct nn_path each = uniform_path(bits, 9 - bits);
        assert_engines_agree(x, g, &each, &n_seen);
    }
    assert_true(n_seen > 1);

    const struct nn_path path = uniform_path(4, 4);
    const struct qnet *q = fold(x, g, &path);
    const struct nn_images images = random_images(x, g, 1);
    int32_t **values = qnet_ref_buffers(q, x->a);
    qnet_run_ref(q, images.pixels, values);
    for (int32_t i = 0; i < q->n_nodes; i++) {
        const struct qnet_node *node = &q->nodes[i];
        if (node->op != QNET_SHORTCUT) continue;
        const int32_t *sum = values[node->inputs[0]]; /* 3x3x4 */
        for (int32_t k = 0; k < 2 * 2 * 9; k++) {
            const int32_t p = k / 18, r = k / 9 % 2, c = k % 9 - 3;
            const bool inside = c >= 0 && c < 4;
            assert_int_equal(values[i][k],
                             inside ? sum[(2 * p * 3 + 2 * r) * 4 + c] : 0);
        }
    }
}

static void pools_and_groups_agree(void **state)
{
    struct scratch *x = *state;
    const struct nn_graph *g = tiny_network_with(
        x, "- {name: pool, op: gap, inputs: [sum]}\n",
        "- {name: max, op: maxpool, inputs: [sum], kernel: 2, stride: 1, pad: 1}\n"
        "- {name: c5, op: conv, inputs: [max], channels: 8, kernel: 3, stride: 1, pad: "
        "1, groups: 2, bn: true, relu: true, clip: 6}\n"
        "- {name: c6, op: conv, inputs: [c5], channels: 8, kernel: 3, stride: 2, pad: "
        "1, groups: 8, bn: true, relu: true}\n"
        "- {name: pool, op: gap, inputs: [c6]}\n");
    int n_seen = 0;
    for (int bits = 2; bits <= 8; bits++) {
        const struct nn_path each = uniform_path(bits, 9 - bits);
        assert_engines_agree(x, g, &each, &n_seen);
    }
    assert_true(n_seen > 1);

    /* One output by hand: channel 5 of c5 at (1, 0) reads channels 2 and 3. */
    const struct nn_path path = uniform_path(4, 4);
    const struct qnet *q = fold(x, g, &path);
    const struct nn_images images = random_images(x, g, 1);
    int32_t **values = qnet_ref_buffers(q, x->a);
    qnet_run_ref(q, images.pixels, values);
    for (int32_t i = 0; i < q->n_nodes; i++) {
        const struct qnet_node *node = &q->nodes[i];
        if (node->i_layer < 0 || q->layers[node->i_layer].shape.groups != 2) continue;
        const struct qnet_layer *l = &q->layers[node->i_layer];
        const int32_t *v = values[node->inputs[0]]; /* H x W x 4 */
        int32_t acc = 0;
        for (int32_t r = 0; r < 3; r++)
            for (int32_t s = 1; s < 3; s++)
                for (int32_t c = 0; c < 2; c++)
                    acc += l->weights[5 * 18 + (r * 3 + s) * 2 + c] *
                           v[(r * l->shape.W + s - 1) * 4 + 2 + c];
        assert_int_equal(values[i][l->shape.Q * 8 + 5],
                         requant_apply(&l->requant, 5, acc));
    }
}

static void the_count_does_not_depend_on_threads(void **state)
{
    struct scratch *x = *state;
    const struct nn_graph *g = tiny_network(x);
    const struct nn_path path = uniform_path(3, 3);
    struct qnet *q = fold(x, g, &path);
    const struct nn_images images = random_images(x, g, 2000);
    uint16_t *one = ARENA_NEW(x->a, uint16_t, 2000),
             *three = ARENA_NEW(x->a, uint16_t, 2000);
    struct pool *pool = NULL;
    int32_t n_one, n_three;
    assert_ok(pool_new(3, &pool, &x->err), x->err);
    assert_ok(qnet_classify(q, &images, NULL, one, &n_one, &x->err), x->err);
    assert_ok(qnet_classify(q, &images, pool, three, &n_three, &x->err), x->err);
    pool_free(pool);
    assert_memory_equal(one, three, 2000 * sizeof *one);
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
    uint16_t classes[3];
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
    uint16_t class;
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
    uint16_t classes[5], class;
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

/* As codes, and quantised; padding is what quantises the mean. */
static void padding_of_normalised_images_is_their_mean(void **state)
{
    struct scratch *x = *state;
    static const double mean[2] = {0.485, 0.406}, deviation[2] = {0.95, 1.1};
    struct nn_graph *g = tiny_network(x);
    int n_seen = 0;
    assert_ok(nn_graph_normalise(g, mean, deviation, x->a, &x->err), x->err);
    for (int bits = 2; bits <= 8; bits++) {
        const struct nn_path path = uniform_path(4, bits);
        assert_engines_agree(x, g, &path, &n_seen);
    }
    assert_true(n_seen > 1);
    const struct nn_path path = uniform_path(4, 8);
    struct qnet *q = fold(x, g, &path), *back = NULL;
    const struct nn_images images = random_images(x, g, 1);
    struct qnet_trace t[4];
    uint16_t class;
    assert_ok(qnet_save(q, x->path, &x->err), x->err);
    assert_ok(qnet_load(x->path, x->a, &back, &x->err), x->err);
    assert_ok(qnet_trace_image(back, &images, 0, x->a, t, &class, &x->err), x->err);
    for (int i = 0; i < 6; i++) /* first row of the first vector: padding */
        assert_int_equal(t[0].vectors[i], i % 2 ? 104 : 124);
    assert_int_equal(t[0].vectors[8], images.pixels[0]);
    assert_int_equal(t[1].vectors[0], 0); /* only the image is normalised */
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
        uint16_t class;
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
        SCRATCH_TEST(logits_on_bytes_are_those_of_the_reference),
        SCRATCH_TEST(logits_are_those_of_another_implementation),
        SCRATCH_TEST(long_sums_are_exact),
        SCRATCH_TEST(a_flattened_map_needs_no_pooling),
        SCRATCH_TEST(shortcuts_copy_codes_and_add_zeros),
        SCRATCH_TEST(pools_and_groups_agree),
        SCRATCH_TEST(the_count_does_not_depend_on_threads),
        SCRATCH_TEST(ties_go_to_the_first_class),
        SCRATCH_TEST(images_of_another_shape_are_refused),
        SCRATCH_TEST(traces_are_what_the_hardware_reads),
        SCRATCH_TEST(padding_of_normalised_images_is_their_mean),
    };
    int n_failed = 0;
    for (int i = 0; i < NN_N_ISAS; i++) {
        if (!nn_isa_has((enum nn_isa)i)) continue;
        setenv("BITWRIGHT_ISA", nn_isa_name((enum nn_isa)i), 1);
        print_message("instruction set: %s\n", nn_isa_name((enum nn_isa)i));
        n_failed += cmocka_run_group_tests_name("nn/qnet_run", tests, NULL, NULL);
    }
    return n_failed;
}
