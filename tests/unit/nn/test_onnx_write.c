/* test_onnx_write.c -- a graph that is written and read back is the same graph. */
#include "tests/unit/nn/tiny_network.h"

static void assert_same_floats(const float *p, const float *q, int64_t n)
{
    assert_int_equal(p == NULL, q == NULL);
    if (p) assert_memory_equal(p, q, (size_t)n * sizeof *p);
}

static void assert_same_node(const struct nn_node *p, const struct nn_node *q)
{
    const int64_t K = p->shape.K;
    assert_string_equal(p->name, q->name);
    assert_int_equal(p->op, q->op);
    assert_int_equal(p->n_inputs, q->n_inputs);
    assert_memory_equal(p->inputs, q->inputs, sizeof p->inputs);
    assert_int_equal(p->relu, q->relu);
    assert_int_equal(p->i_layer, q->i_layer);
    assert_memory_equal(&p->shortcut, &q->shortcut, sizeof p->shortcut);
    assert_memory_equal(&p->shape, &q->shape, sizeof p->shape);
    if (p->i_layer < 0) return;
    assert_same_floats(p->weights, q->weights, layer_shape_weights(&p->shape));
    assert_same_floats(p->bias, q->bias, K);
    assert_int_equal(p->bn == NULL, q->bn == NULL);
    if (!p->bn) return;
    assert_same_floats(p->bn->gamma, q->bn->gamma, K);
    assert_same_floats(p->bn->beta, q->bn->beta, K);
    assert_same_floats(p->bn->mean, q->bn->mean, K);
    assert_same_floats(p->bn->var, q->bn->var, K);
    assert_true(p->bn->eps == q->bn->eps);
}

static void assert_survives(struct scratch *x, const struct nn_graph *g)
{
    struct nn_graph *back = NULL;
    assert_ok(nn_graph_save_onnx(g, x->path, &x->err), x->err);
    assert_ok(nn_graph_load(x->path, 0, x->a, &back, &x->err), x->err);
    assert_string_equal(g->name, back->name);
    assert_int_equal(g->n_nodes, back->n_nodes);
    assert_int_equal(g->n_layers, back->n_layers);
    assert_int_equal(g->n_classes, back->n_classes);
    assert_true(g->input_scale == back->input_scale);
    assert_same_floats(g->input_zero, back->input_zero, g->nodes[0].C);
    for (int32_t i = 0; i < g->n_nodes; i++)
        assert_same_node(&g->nodes[i], &back->nodes[i]);
}

static void a_written_network_reads_back_bit_for_bit(void **state)
{
    struct scratch *x = *state;
    assert_survives(x, tiny_network(x));
}

static void a_flattened_map_keeps_the_order_of_its_weights(void **state)
{
    struct scratch *x = *state;
    assert_survives(x, tiny_network_with(x,
                                         "- {name: pool, op: gap, inputs: [sum]}\n"
                                         "- {name: fc, op: gemm, inputs: [pool]",
                                         "- {name: fc, op: gemm, inputs: [sum]"));
}

/* Samples alone, zeros alone, and both. */
static void shortcuts_survive_as_slice_and_pad(void **state)
{
    static const char *const rows[] = {"channels: 4, stride: 2, before: 0}\n",
                                       "channels: 9, stride: 1, before: 2}\n",
                                       "channels: 7, stride: 2, before: 3}\n"};
    struct scratch *x = *state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char text[160];
        snprintf(text, sizeof text,
                 "- {name: skip, op: shortcut, inputs: [sum], %s"
                 "- {name: pool, op: gap, inputs: [skip]}\n",
                 rows[i]);
        assert_survives(
            x, tiny_network_with(x, "- {name: pool, op: gap, inputs: [sum]}\n", text));
    }
}

static void normalised_images_survive(void **state)
{
    struct scratch *x = *state;
    static const double mean[2] = {0.485, 1.0 / 3}, deviation[2] = {0.229, 0.2};
    struct nn_graph *g = tiny_network(x);
    assert_ok(nn_graph_normalise(g, mean, deviation, x->a, &x->err), x->err);
    assert_survives(x, g);
}

static void the_shipped_architecture_survives(void **state)
{
    struct scratch *x = *state;
    struct nn_graph *g = NULL;
    assert_ok(
        nn_graph_load("configs/networks/resnet8-fmnist.yaml", 3, x->a, &g, &x->err),
        x->err);
    assert_survives(x, g);
}

static void provenance_is_kept(void **state)
{
    struct scratch *x = *state;
    struct nn_graph *g = tiny_network(x), *back = NULL;
    g->provenance = "{\"seed\": 5}";
    assert_ok(nn_graph_save_onnx(g, x->path, &x->err), x->err);
    assert_ok(nn_graph_load(x->path, 0, x->a, &back, &x->err), x->err);
    assert_string_equal(back->provenance, g->provenance);
}

static void the_same_graph_gives_the_same_bytes(void **state)
{
    struct scratch *x = *state;
    const struct nn_graph *g = tiny_network(x);
    char *first, *second;
    size_t n_first, n_second;
    assert_ok(nn_graph_save_onnx(g, x->path, &x->err), x->err);
    assert_ok(file_read(x->path, x->a, &first, &n_first, &x->err), x->err);
    assert_ok(nn_graph_save_onnx(g, x->path, &x->err), x->err);
    assert_ok(file_read(x->path, x->a, &second, &n_second, &x->err), x->err);
    assert_int_equal(n_first, n_second);
    assert_memory_equal(first, second, n_first);
}

static void an_unwritable_path_is_an_error(void **state)
{
    struct scratch *x = *state;
    const struct nn_graph *g = tiny_network(x);
    assert_int_equal(nn_graph_save_onnx(g, "/nonexistent/net.onnx", &x->err), ST_IO);
    assert_non_null(strstr(x->err.msg, "/nonexistent/net.onnx"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCRATCH_TEST(a_written_network_reads_back_bit_for_bit),
        SCRATCH_TEST(a_flattened_map_keeps_the_order_of_its_weights),
        SCRATCH_TEST(shortcuts_survive_as_slice_and_pad),
        SCRATCH_TEST(normalised_images_survive),
        SCRATCH_TEST(the_shipped_architecture_survives),
        SCRATCH_TEST(provenance_is_kept),
        SCRATCH_TEST(the_same_graph_gives_the_same_bytes),
        SCRATCH_TEST(an_unwritable_path_is_an_error),
    };
    return cmocka_run_group_tests_name("nn/onnx_write", tests, NULL, NULL);
}
