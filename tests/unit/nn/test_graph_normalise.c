/* test_graph_normalise.c -- a network that reads codes computes what it computed on
 * normalised images. */
#include "tests/unit/nn/tiny_network.h"

static const double mean[2] = {0.485, 0.406}, deviation[2] = {0.25, 0.2};

/* Sum of one output of the first layer, (p, q, k), over an image of values. */
static double sum_at(const struct nn_node *node, int32_t p, int32_t q, int32_t k,
                     const double *x)
{
    const struct layer_shape *l = &node->shape;
    double sum = 0;
    for (int32_t r = 0; r < l->R; r++)
        for (int32_t s = 0; s < l->S; s++)
            for (int32_t c = 0; c < l->C; c++) {
                const int32_t h = p * l->stride_h - l->pad_top + r;
                const int32_t w = q * l->stride_w - l->pad_left + s;
                if (h < 0 || h >= l->H || w < 0 || w >= l->W) continue;
                sum += (double)node->weights[((k * l->R + r) * l->S + s) * l->C + c] *
                       x[(h * l->W + w) * l->C + c];
            }
    return sum;
}

static void the_first_layer_computes_the_same(void **state)
{
    struct scratch *x = *state;
    struct nn_graph *g = tiny_network(x), *h = nn_graph_copy(g, x->a);
    double before[60], after[60];
    assert_ok(nn_graph_normalise(h, mean, deviation, x->a, &x->err), x->err);
    for (int i = 0; i < 60; i++) {
        const double code = i * 37 % 256;
        before[i] = (code / 255 - mean[i % 2]) / deviation[i % 2];
        after[i] = (double)h->input_scale * (code - (double)h->input_zero[i % 2]);
    }
    for (int32_t i = 0; i < 3 * 3 * 4; i++)
        assert_close(sum_at(&h->nodes[1], i / 12, i / 4 % 3, i % 4, after),
                     sum_at(&g->nodes[1], i / 12, i / 4 % 3, i % 4, before), 1e-6,
                     1e-6);
}

static void the_weights_keep_their_size(void **state)
{
    struct scratch *x = *state;
    struct nn_graph *g = tiny_network(x), *h = nn_graph_copy(g, x->a);
    static const double same[2] = {0.3, 0.3};
    assert_ok(nn_graph_normalise(h, mean, same, x->a, &x->err), x->err);
    assert_memory_equal(h->nodes[1].weights, g->nodes[1].weights, 72 * sizeof(float));
    assert_close((double)h->input_scale, 1 / (255 * 0.3), 1e-6, 0);
}

static void borders_are_the_nearest_codes(void **state)
{
    struct scratch *x = *state;
    struct nn_graph *g = tiny_network(x);
    assert_ok(nn_graph_normalise(g, mean, deviation, x->a, &x->err), x->err);
    assert_int_equal(nn_border_code(g, 0, 8, g->input_scale), 124); /* 123.675 */
    assert_int_equal(nn_border_code(g, 1, 8, g->input_scale), 104); /* 103.53 */
    assert_int_equal(nn_border_code(g, 0, 4, 16 * g->input_scale), 8);
    assert_int_equal(nn_border_code(g, 0, 2, 16 * g->input_scale), 3); /* clipped */
}

static void what_cannot_be_normalised_is_refused(void **state)
{
    struct scratch *x = *state;
    struct nn_graph *g = tiny_network(x);
    const double above[2] = {0.5, 124}, none[2] = {0.2, 0}, nan[2] = {NAN, 0};
    assert_int_equal(nn_graph_normalise(g, above, deviation, x->a, &x->err), ST_RANGE);
    assert_string_equal(x->err.msg, "expected means in 0..1, found 124 of channel 1");
    assert_int_equal(nn_graph_normalise(g, nan, deviation, x->a, &x->err), ST_RANGE);
    assert_int_equal(nn_graph_normalise(g, mean, none, x->a, &x->err), ST_RANGE);
    assert_non_null(strstr(x->err.msg, "found 0 of channel 1"));
    assert_ok(nn_graph_normalise(g, mean, deviation, x->a, &x->err), x->err);
    assert_int_equal(nn_graph_normalise(g, mean, deviation, x->a, &x->err),
                     ST_UNSUPPORTED);
    assert_non_null(strstr(x->err.msg, "not normalised yet, found pixel code 123.675"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCRATCH_TEST(the_first_layer_computes_the_same),
        SCRATCH_TEST(the_weights_keep_their_size),
        SCRATCH_TEST(borders_are_the_nearest_codes),
        SCRATCH_TEST(what_cannot_be_normalised_is_refused),
    };
    return cmocka_run_group_tests_name("nn/graph_normalise", tests, NULL, NULL);
}
