/* test_qnet_build.c -- folded layers against real arithmetic, and what is refused. */
#include "tests/unit/nn/tiny_qnet.h"

/* Real value of the layer's output before quantisation, from the graph. */
static double real_output(const struct nn_node *node, const struct qnet_layer *l,
                          double unit, const int16_t *vector, int32_t k)
{
    const int32_t MW = layer_shape_MW(&l->shape);
    int64_t acc = 0;
    for (int32_t i = 0; i < MW; i++)
        acc += l->weights[k * MW + i] * vector[i];
    double y = unit * (double)acc + (node->bias ? (double)node->bias[k] : 0);
    if (node->bn)
        y = (double)node->bn->beta[k] +
            (double)node->bn->gamma[k] * (y - (double)node->bn->mean[k]) /
                sqrt((double)node->bn->var[k] + (double)node->bn->eps);
    return y;
}

/* Every layer but the last: its outputs are the real ones, rounded to its out step. */
static void layers_follow_the_real_network(void **state)
{
    struct scratch *x = *state;
    const struct nn_graph *g = tiny_network(x);
    for (int bits = 1; bits <= 8; bits++) {
        const struct nn_path path = uniform_path(bits, 9 - bits);
        struct tiny_steps s;
        const struct qnet_steps steps = tiny_steps_for(g, &path, &s);
        struct qnet *q = fold(x, g, &path);
        const struct nn_images images = random_images(x, g, 1);
        struct qnet_trace t[4];
        uint16_t class;
        assert_ok(qnet_trace_image(q, &images, 0, x->a, t, &class, &x->err), x->err);
        /* c1 and c3 write the stream (group 0), c2 the grid of c3. */
        const double out_step[3] = {(double)steps.stream[0], (double)steps.a[2],
                                    (double)steps.stream[0]};
        for (int32_t l = 0; l < 3; l++) {
            const struct qnet_layer *layer = qnet_layer(q, l);
            const struct nn_node *node = &g->nodes[g->layer_nodes[l]];
            const double unit = (double)steps.w[l] * (double)steps.a[l];
            const double lo =
                quant_lo(layer->requant.out_bits, layer->requant.out_signed);
            const double hi =
                quant_hi(layer->requant.out_bits, layer->requant.out_signed);
            assert_int_equal(layer->requant.out_bits, l == 1 ? 9 - bits : 8);
            assert_int_equal(layer->requant.out_signed, l == 2);
            for (int32_t i = 0; i < t[l].n_vec * t[l].MH; i++) {
                const double y =
                    real_output(node, layer, unit, t[l].vectors + i / t[l].MH * t[l].MW,
                                i % t[l].MH) /
                    out_step[l];
                const double want = fmin(fmax(floor(y + 0.5), lo), hi);
                if (fabs(y + 0.5 - floor(y + 0.5)) < 0.01) continue;
                if (t[l].outputs[i] != want)
                    fail_msg("bits %d layer %d output %d: %d, expected %g", bits, l, i,
                             t[l].outputs[i], y);
            }
        }
    }
}

/* What the next layer reads is the rescaled stream. */
static void readers_of_the_stream_rescale_it(void **state)
{
    struct scratch *x = *state;
    const struct nn_graph *g = tiny_network(x);
    const struct nn_path path = uniform_path(4, 3);
    struct tiny_steps s;
    const struct qnet_steps steps = tiny_steps_for(g, &path, &s);
    struct qnet *q = fold(x, g, &path);
    const struct nn_images images = random_images(x, g, 1);
    struct qnet_trace t[4];
    uint16_t class;
    assert_ok(qnet_trace_image(q, &images, 0, x->a, t, &class, &x->err), x->err);
    /* c2 (3x3, pad 1) at its middle position reads c1's output as it lies. */
    const double ratio = (double)steps.stream[0] / (double)steps.a[1];
    const int32_t middle = 4;
    int n_compared = 0;
    for (int32_t i = 0; i < t[1].MW; i++) {
        const double y = t[0].outputs[i] * ratio;
        if (fabs(y + 0.5 - floor(y + 0.5)) < 0.01) continue;
        assert_int_equal(t[1].vectors[middle * t[1].MW + i], fmin(floor(y + 0.5), 7));
        n_compared++;
    }
    assert_true(n_compared > 20);
}

static void eight_bit_pixels_are_read_as_they_are(void **state)
{
    struct scratch *x = *state;
    const struct nn_graph *g = tiny_network(x);
    struct nn_path path = uniform_path(2, 2);
    path.abits[0] = 8;
    const struct qnet *q = fold(x, g, &path);
    assert_int_equal(q->nodes[1].op, QNET_CONV);
    path.abits[0] = 4;
    q = fold(x, g, &path);
    assert_int_equal(q->nodes[1].op, QNET_RESCALE);
    assert_string_equal(q->nodes[1].name, "c1/rescale");
}

/* The worst input that exists cannot clip the last layer's 16 bits. */
static void logits_cannot_clip(void **state)
{
    struct scratch *x = *state;
    const struct nn_graph *g = tiny_network(x);
    for (int bits = 1; bits <= 8; bits++) {
        const struct nn_path path = uniform_path(bits, bits);
        const struct qnet_layer *l = qnet_layer(fold(x, g, &path), 3);
        const int32_t MW = layer_shape_MW(&l->shape);
        int32_t most = 0;
        assert_int_equal(l->requant.out_bits, 16);
        for (int32_t k = 0; k < l->requant.n; k++) {
            for (int sign = -1; sign <= 1; sign += 2) {
                int32_t acc = 0;
                for (int32_t i = 0; i < MW; i++)
                    if (l->weights[k * MW + i] * sign > 0)
                        acc += l->weights[k * MW + i] * quant_hi(bits, false);
                const int32_t y = requant_apply(&l->requant, k, acc);
                assert_in_range(y + 40000, 40000 - 32767, 40000 + 32767);
                if (abs(y) > most) most = abs(y);
            }
        }
        assert_true(most > 32000); /* and it uses them */
    }
}

static void unusable_steps_and_precisions_name_the_layer(void **state)
{
    struct scratch *x = *state;
    const struct nn_graph *g = tiny_network(x);
    struct tiny_steps s;
    struct qnet *q = NULL;
    struct nn_path path = uniform_path(4, 4);
    struct qnet_steps steps = tiny_steps_for(g, &path, &s);
    s.w[1] = 0;
    assert_int_equal(qnet_from_graph(g, &path, &steps, x->a, &q, &x->err), ST_RANGE);
    assert_string_equal(x->err.msg,
                        "layer 'c2': expected a positive step of its weights, found 0");
    steps = tiny_steps_for(g, &path, &s);
    s.stream[1] = NAN;
    s.stream[0] = -1;
    assert_int_equal(qnet_from_graph(g, &path, &steps, x->a, &q, &x->err), ST_RANGE);
    assert_non_null(strstr(x->err.msg, "stream group 0, found -1"));
    steps = tiny_steps_for(g, &path, &s);
    s.a[2] = 1e-30f;
    assert_int_equal(qnet_from_graph(g, &path, &steps, x->a, &q, &x->err), ST_RANGE);
    assert_non_null(strstr(x->err.msg, "layer 'c2': its output scale"));
    steps = tiny_steps_for(g, &path, &s);
    s.a[1] = 1e-30f;
    assert_int_equal(qnet_from_graph(g, &path, &steps, x->a, &q, &x->err), ST_RANGE);
    assert_non_null(strstr(x->err.msg, "layer 'c2': the step 1e-30 of its input"));
    steps = tiny_steps_for(g, &path, &s);
    path.abits[3] = NN_FLOAT;
    assert_int_equal(qnet_from_graph(g, &path, &steps, x->a, &q, &x->err), ST_RANGE);
    assert_non_null(
        strstr(x->err.msg, "layer 'fc': expected 1..8 bits of weights and"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCRATCH_TEST(layers_follow_the_real_network),
        SCRATCH_TEST(readers_of_the_stream_rescale_it),
        SCRATCH_TEST(eight_bit_pixels_are_read_as_they_are),
        SCRATCH_TEST(logits_cannot_clip),
        SCRATCH_TEST(unusable_steps_and_precisions_name_the_layer),
    };
    return cmocka_run_group_tests_name("nn/qnet_build", tests, NULL, NULL);
}
