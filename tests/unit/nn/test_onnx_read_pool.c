/* test_onnx_read_pool.c -- max pools, clips and groups of other tools' files, and the
 * same networks written and read back. */
#include "tests/unit/nn/made_model.h"

#define assert_has(text, part) assert_non_null(strstr((text), (part)))

static void number(struct model *m, const char *name, const float *value)
{
    put(m, name, 0, 0, 0, value);
}

/* image (5, 4) -> c (3, 3); `last` is pooled and classified. */
static status finish(struct scratch *x, struct model *m, const char *last,
                     struct nn_graph **g)
{
    node(m, "GlobalAveragePool", last, "pool");
    end(m, "pool");
    return load(x, m, g);
}

static Onnx__NodeProto *max_pool(struct model *m, int64_t kernel, int64_t stride,
                                 int64_t ceil_mode)
{
    const int64_t k[2] = {kernel, kernel}, s[2] = {stride, stride};
    Onnx__NodeProto *n = node(m, "MaxPool", "c", "m");
    onnx_build_ints(&m->b, n, "kernel_shape", 2, k);
    onnx_build_ints(&m->b, n, "strides", 2, s);
    onnx_build_int(&m->b, n, "ceil_mode", ceil_mode);
    return n;
}

static void max_pools_have_rows_rounded_down_or_up(void **state)
{
    static const struct {
        int64_t kernel, stride, ceil_mode;
        int32_t rows;
    } cases[] = {{3, 1, 0, 1}, {2, 2, 0, 1}, {2, 2, 1, 2}, {1, 3, 1, 1}, {2, 1, 1, 2}};
    struct scratch *x = *state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct model m;
        struct nn_graph *g = NULL;
        begin(&m, x->a);
        conv(&m, "image w", "c");
        max_pool(&m, cases[i].kernel, cases[i].stride, cases[i].ceil_mode);
        assert_ok(finish(x, &m, "m", &g), x->err);
        assert_int_equal(g->nodes[2].op, NN_MAXPOOL);
        assert_int_equal(g->nodes[2].H, cases[i].rows);
        assert_int_equal(g->nodes[2].C, 3);
    }
}

static void clips_are_relus_with_an_end(void **state)
{
    static const float zero = 0, six = 6, one = 1;
    struct scratch *x = *state;
    for (int form = 0; form < 3; form++) {
        struct model m;
        struct nn_graph *g = NULL;
        begin(&m, x->a);
        conv(&m, "image w", "c");
        number(&m, "lo", &zero);
        number(&m, "hi", &six);
        Onnx__NodeProto *n = node(&m, "Clip", form == 0 ? "c" : "c lo hi", "r");
        if (form == 0) onnx_build_float(&m.b, n, "min", 0);
        if (form == 0) onnx_build_float(&m.b, n, "max", six);
        if (form == 2) node(&m, "Relu", "r", "r2");
        assert_ok(finish(x, &m, form == 2 ? "r2" : "r", &g), x->err);
        assert_true(g->nodes[1].relu && g->nodes[1].clip == 6.0f);
    }
    struct model m;
    struct nn_graph *g = NULL;
    begin(&m, x->a);
    conv(&m, "image w", "c");
    number(&m, "lo", &one);
    number(&m, "hi", &six);
    node(&m, "Clip", "c lo hi", "r");
    assert_int_equal(finish(x, &m, "r", &g), ST_UNSUPPORTED);
    assert_has(x->err.msg, "node 'r' (Clip): expected a clip from 0 to a positive");
}

static void groups_are_read(void **state)
{
    struct scratch *x = *state;
    struct model m;
    struct nn_graph *g = NULL;
    begin(&m, x->a);
    m.weights.dims[0] = 4;
    m.weights.dims[1] = 1; /* (4, 1, 3, 2) */
    onnx_build_int(&m.b, conv(&m, "image w", "c"), "group", 2);
    static const float dense[8] = {0};
    put(&m, "wd4", 2, 2, 4, dense);
    node(&m, "GlobalAveragePool", "c", "pool");
    end(&m, "pool")->input[1] = arena_strdup(m.b.a, "wd4");
    assert_ok(load(x, &m, &g), x->err);
    const struct layer_shape *l = &g->nodes[1].shape;
    assert_int_equal(l->groups, 2);
    assert_int_equal(layer_shape_weights(l), 4 * 6);
    assert_int_equal(layer_shape_macs(l), 4 * 6 * 3 * 3);
    assert_true(g->nodes[1].weights[6 + 2] == m.conv[6 + 2]);
}

static void mistakes_are_named(void **state)
{
    static const struct {
        const char *attribute;
        int64_t value[4];
        size_t n;
        status st;
        const char *message;
    } rows[] = {
        {"dilations",
         {2, 2},
         2,
         ST_UNSUPPORTED,
         "node 'm' (MaxPool): expected dilations of 1"},
        {"pads",
         {2, 0, 0, 0},
         4,
         ST_RANGE,
         "node 'm' (max pool): expected less padding than the window of 2x2, found 2"},
        {"pads", {-1, 0, 0, 0}, 4, ST_RANGE, "expected less padding than the window"},
        {"axis", {1}, 1, ST_UNSUPPORTED, "attribute 'axis' is not supported"},
    };
    struct scratch *x = *state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct model m;
        struct nn_graph *g = NULL;
        begin(&m, x->a);
        conv(&m, "image w", "c");
        onnx_build_ints(&m.b, max_pool(&m, 2, 1, 0), rows[i].attribute, rows[i].n,
                        rows[i].value);
        assert_int_equal(finish(x, &m, "m", &g), rows[i].st);
        assert_has(x->err.msg, rows[i].message);
    }
    struct model m;
    struct nn_graph *g = NULL;
    begin(&m, x->a);
    conv(&m, "image w", "c");
    max_pool(&m, 9, 1, 0);
    assert_int_equal(finish(x, &m, "m", &g), ST_RANGE);
    assert_has(x->err.msg, "expected a window no larger than its padded input");
}

static void they_are_written_and_read_back(void **state)
{
    struct scratch *x = *state;
    const struct nn_graph *g = tiny_network_with(
        x, "- {name: pool, op: gap, inputs: [sum]}\n",
        "- {name: max, op: maxpool, inputs: [sum], kernel: 2, stride: 1, pad: 1}\n"
        "- {name: c5, op: conv, inputs: [max], channels: 8, kernel: 3, stride: 1, pad: "
        "1, groups: 2, bn: true, relu: true, clip: 6}\n"
        "- {name: pool, op: gap, inputs: [c5]}\n");
    struct nn_graph *back = NULL;
    assert_ok(nn_graph_save_onnx(g, x->path, &x->err), x->err);
    assert_ok(nn_graph_load(x->path, 0, x->a, &back, &x->err), x->err);
    assert_int_equal(back->n_nodes, g->n_nodes);
    for (int32_t i = 0; i < g->n_nodes; i++) {
        const struct nn_node *a = &g->nodes[i], *b = &back->nodes[i];
        assert_int_equal(a->op, b->op);
        assert_memory_equal(&a->pool, &b->pool, sizeof a->pool);
        assert_true(a->clip == b->clip && a->relu == b->relu);
        assert_int_equal(a->shape.groups, b->shape.groups);
        if (a->i_layer >= 0)
            assert_memory_equal(a->weights, b->weights,
                                (size_t)layer_shape_weights(&a->shape) * sizeof(float));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCRATCH_TEST(max_pools_have_rows_rounded_down_or_up),
        SCRATCH_TEST(clips_are_relus_with_an_end),
        SCRATCH_TEST(groups_are_read),
        SCRATCH_TEST(mistakes_are_named),
        SCRATCH_TEST(they_are_written_and_read_back),
    };
    return cmocka_run_group_tests_name("nn/onnx_read_pool", tests, NULL, NULL);
}
