/* test_graph.c -- architecture files, shapes, stream groups, copies. */
#include "tests/cmocka_all.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "nn/graph.h"

static const char tiny[] =
    "name: tiny\n"
    "input: {name: image, H: 6, W: 5, C: 2, scale: 0.25}\n"
    "nodes:\n"
    "- {name: c1, op: conv, inputs: [image], channels: 4, kernel: 3, stride: 2, pad: "
    "1, "
    "bn: true, relu: true}\n"
    "- {name: c2, op: conv, inputs: [c1], channels: 4, kernel: 1, stride: 1, pad: 0, "
    "bn: false, relu: false}\n"
    "- {name: sum, op: add, inputs: [c2, c1], relu: true}\n"
    "- {name: c3, op: conv, inputs: [sum], channels: 6, kernel: 3, stride: 1, pad: 1, "
    "bn: true, relu: true}\n"
    "- {name: pool, op: gap, inputs: [c3]}\n"
    "- {name: fc, op: gemm, inputs: [pool], channels: 3}\n";

struct fixture {
    struct arena *a;
    char path[64];
    struct err err;
};

static int make_fixture(void **state)
{
    struct fixture *x = calloc(1, sizeof *x);
    x->a = arena_new();
    snprintf(x->path, sizeof x->path, "/tmp/bitwright_graph_%d.yaml", (int)getpid());
    *state = x;
    return 0;
}

static int drop_fixture(void **state)
{
    struct fixture *x = *state;
    arena_free(x->a);
    (void)remove(x->path);
    free(x);
    return 0;
}

/* The text `tiny` with the first `from` replaced by `to`. */
static status load_changed(struct fixture *x, const char *from, const char *to,
                           struct nn_graph **g)
{
    FILE *f = fopen(x->path, "w");
    const char *at = strstr(tiny, from);
    assert_non_null(f);
    assert_non_null(at);
    fprintf(f, "%.*s%s%s", (int)(at - tiny), tiny, to, at + strlen(from));
    fclose(f);
    return nn_graph_load(x->path, 7, x->a, g, &x->err);
}

static struct nn_graph *load_tiny(struct fixture *x)
{
    struct nn_graph *g = NULL;
    assert_ok(load_changed(x, "", "", &g), x->err);
    return g;
}

static void shapes_follow_from_the_operators(void **state)
{
    const struct nn_graph *g = load_tiny(*state);
    assert_int_equal(g->n_nodes, 7);
    assert_int_equal(g->n_layers, 4);
    assert_int_equal(g->n_classes, 3);
    assert_true(g->input_scale == 0.25f);
    const struct layer_shape *c1 = nn_graph_layer(g, 0), *fc = nn_graph_layer(g, 3);
    assert_string_equal(c1->name, "c1");
    assert_int_equal(c1->P, 3);
    assert_int_equal(c1->Q, 3);
    assert_int_equal(layer_shape_MW(c1), 18);
    assert_int_equal(layer_shape_MH(c1), 4);
    assert_int_equal(layer_shape_n_vec(c1), 9);
    assert_int_equal(layer_shape_macs(c1), 9 * 18 * 4);
    assert_int_equal(layer_shape_weights(c1), 72);
    assert_int_equal(fc->op, LAYER_GEMM);
    assert_int_equal(layer_shape_MW(fc), 6);
    assert_int_equal(layer_shape_n_vec(fc), 1);
}

static void layers_are_found_by_name(void **state)
{
    const struct nn_graph *g = load_tiny(*state);
    assert_string_equal(nn_graph_layer(g, 2)->name, "c3");
}

static void weights_depend_on_the_seed_alone(void **state)
{
    struct fixture *x = *state;
    struct nn_graph *g = load_tiny(x), *same = load_tiny(x), *other = NULL;
    assert_ok(nn_graph_load(x->path, 8, x->a, &other, &x->err), x->err);
    assert_memory_equal(g->nodes[1].weights, same->nodes[1].weights,
                        72 * sizeof(float));
    assert_true(g->nodes[1].weights[0] != other->nodes[1].weights[0]);
}

static void weights_have_the_variance_of_he(void **state)
{
    struct fixture *x = *state;
    struct nn_graph *g = NULL;
    assert_ok(load_changed(x, "channels: 6, kernel: 3", "channels: 600, kernel: 3", &g),
              x->err);
    const struct nn_node *c3 = &g->nodes[g->layer_nodes[2]];
    double sum = 0, sum2 = 0;
    const int64_t n = layer_shape_weights(&c3->shape);
    for (int64_t i = 0; i < n; i++) {
        sum += c3->weights[i];
        sum2 += (double)c3->weights[i] * c3->weights[i];
    }
    assert_close(sum / (double)n, 0, 0, 0.01);
    assert_close(sum2 / (double)n, 2.0 / 36, 0.05, 0);
}

static void batch_norms_and_biases_start_at_the_identity(void **state)
{
    const struct nn_graph *g = load_tiny(*state);
    const struct nn_node *c1 = &g->nodes[1], *c2 = &g->nodes[2];
    assert_non_null(c1->bn);
    assert_null(c1->bias);
    assert_null(c2->bn);
    assert_non_null(c2->bias);
    assert_true(c1->bn->gamma[3] == 1 && c1->bn->var[3] == 1);
    assert_true(c1->bn->beta[3] == 0 && c1->bn->mean[3] == 0 && c2->bias[3] == 0);
}

static void operands_of_an_addition_share_a_stream_group(void **state)
{
    const struct nn_graph *g = load_tiny(*state);
    int32_t group[7];
    assert_int_equal(nn_stream_groups(g, group), 2);
    const int32_t want[7] = {-1, 0, 0, 0, 1, -1, -1};
    for (int i = 0; i < 7; i++)
        assert_int_equal(group[i], want[i]);
}

static void chained_additions_are_one_group(void **state)
{
    struct fixture *x = *state;
    struct nn_graph *g = NULL;
    assert_ok(load_changed(x, "- {name: pool, op: gap, inputs: [c3]}",
                           "- {name: c4, op: conv, inputs: [sum], channels: 6, kernel: "
                           "1, stride: 1, pad: 0, bn: true, relu: false}\n"
                           "- {name: sum2, op: add, inputs: [c4, c3], relu: true}\n"
                           "- {name: sum3, op: add, inputs: [sum2, c4], relu: true}\n"
                           "- {name: pool, op: gap, inputs: [sum3]}",
                           &g),
              x->err);
    int32_t group[10];
    assert_int_equal(nn_stream_groups(g, group), 2);
    const int32_t want[10] = {-1, 0, 0, 0, 1, 1, 1, 1, -1, -1};
    for (int i = 0; i < 10; i++)
        assert_int_equal(group[i], want[i]);
}

static void a_shortcut_shares_the_step_of_its_input(void **state)
{
    struct fixture *x = *state;
    struct nn_graph *g = NULL;
    assert_ok(load_changed(x, "- {name: pool, op: gap, inputs: [c3]}",
                           "- {name: skip, op: shortcut, inputs: [c3], channels: 11, "
                           "stride: 2, before: 2}\n"
                           "- {name: pool, op: gap, inputs: [skip]}",
                           &g),
              x->err);
    int32_t group[8];
    assert_int_equal(nn_stream_groups(g, group), 2);
    const int32_t want[8] = {-1, 0, 0, 0, 1, 1, -1, -1};
    for (int i = 0; i < 8; i++)
        assert_int_equal(group[i], want[i]);
    assert_int_equal(g->nodes[5].H, 2);
    assert_int_equal(g->nodes[5].W, 2);
    assert_int_equal(g->nodes[5].C, 11);
    assert_int_equal(g->nodes[5].shortcut.after, 3);
}

static void unread_nodes_are_refused(void **state)
{
    struct fixture *x = *state;
    struct nn_graph *g = NULL;
    assert_int_equal(load_changed(x, "inputs: [pool]", "inputs: [c3]", &g), ST_PARSE);
    assert_non_null(strstr(x->err.msg, "found no reader of 'pool'"));
}

static void a_feature_map_may_be_flattened(void **state)
{
    struct fixture *x = *state;
    struct nn_graph *g = NULL;
    assert_ok(load_changed(x,
                           "- {name: pool, op: gap, inputs: [c3]}\n"
                           "- {name: fc, op: gemm, inputs: [pool]",
                           "- {name: fc, op: gemm, inputs: [c3]", &g),
              x->err);
    assert_int_equal(nn_graph_layer(g, 3)->C, 3 * 3 * 6);
}

static void copies_share_nothing(void **state)
{
    struct fixture *x = *state;
    struct nn_graph *g = load_tiny(x);
    struct arena *b = arena_new();
    struct nn_graph *copy = nn_graph_copy(g, b);
    assert_non_null(copy);
    const float w = g->nodes[1].weights[5];
    arena_free(x->a);
    x->a = arena_new();
    assert_true(copy->nodes[1].weights[5] == w);
    assert_true(copy->nodes[1].bn->var[0] == 1);
    assert_string_equal(nn_graph_layer(copy, 3)->name, "fc");
    arena_free(b);
}

static void mistakes_are_named_with_their_place(void **state)
{
    struct fixture *x = *state;
    static const struct {
        const char *from, *to;
        status st;
        const char *message;
    } rows[] = {
        {"stride: 2", "strid: 2", ST_PARSE, "stride"},
        {"op: gap", "op: pool", ST_PARSE, "gap"},
        {"inputs: [c2, c1]", "inputs: [c2, c9]", ST_PARSE, "earlier node, found 'c9'"},
        {"inputs: [c2, c1]", "inputs: [c2]", ST_PARSE, "expected 2 inputs of 'sum'"},
        {"inputs: [c2, c1]", "inputs: [c2, image]", ST_UNSUPPORTED, "found the image"},
        {"channels: 4, kernel: 1", "channels: 5, kernel: 1", ST_PARSE,
         "operands of one shape, found 3x3x5 from 'c2' and 3x3x4 from 'c1'"},
        {"stride: 2", "stride: 17", ST_RANGE, "17"},
        {"kernel: 3, stride: 2, pad: 1", "kernel: 9, stride: 2, pad: 0", ST_RANGE,
         "expected a kernel no larger than its padded input, found 9x9 on 6x5"},
        {"name: fc", "name: c1", ST_PARSE, "found 'c1' twice"},
        {"- {name: fc, op: gemm, inputs: [pool], channels: 3}\n", "", ST_UNSUPPORTED,
         "expected a fully connected layer as the last node, found 'pool'"},
        {"channels: 3}", "channels: 1}", ST_RANGE,
         "expected 2..65535 classes, found 1"},
        {"bn: true, ", "", ST_PARSE, "bn"},
        {"op: gap, inputs: [c3]",
         "op: shortcut, inputs: [image], channels: 9, "
         "stride: 2, before: 0",
         ST_UNSUPPORTED, "found 'image' (input)"},
        {"op: gap, inputs: [c3]",
         "op: shortcut, inputs: [c3], channels: 7, "
         "stride: 2, before: 2",
         ST_RANGE,
         "expected at least 8 channels, those of 'c3' and 2 before them, found 7"},
        {"op: gap, inputs: [c3]",
         "op: shortcut, inputs: [c3], channels: 6, "
         "stride: 17, before: 0",
         ST_RANGE, "17"},
        {"op: gap, inputs: [c3]",
         "op: shortcut, inputs: [c3], channels: 6, stride: 1, before: 0", ST_RANGE,
         "expected a stride or channels of zeros, found neither"},
        {"H: 6, W: 5", "H: 65536, W: 65536", ST_RANGE, "output elements"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct nn_graph *g = NULL;
        const status st = load_changed(x, rows[i].from, rows[i].to, &g);
        if (st != rows[i].st || !strstr(x->err.msg, rows[i].message) ||
            strncmp(x->err.msg, x->path, strlen(x->path)) != 0)
            fail_msg("'%s': status %d: %s", rows[i].to, (int)st, x->err.msg);
    }
}

static void a_file_of_another_kind_is_refused(void **state)
{
    struct fixture *x = *state;
    struct nn_graph *g = NULL;
    assert_int_equal(nn_graph_load("network.txt", 0, x->a, &g, &x->err),
                     ST_UNSUPPORTED);
    assert_non_null(strstr(x->err.msg, "network.txt: expected a network file"));
}

static void the_shipped_architecture_has_its_documented_size(void **state)
{
    struct fixture *x = *state;
    struct nn_graph *g = NULL;
    assert_ok(
        nn_graph_load("configs/networks/resnet8-fmnist.yaml", 0, x->a, &g, &x->err),
        x->err);
    int64_t macs = 0;
    for (int32_t i = 0; i < g->n_layers; i++)
        macs += layer_shape_macs(nn_graph_layer(g, i));
    assert_in_range(macs, 1000000, 4000000);
    assert_int_equal(g->n_classes, 10);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, make_fixture, drop_fixture)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(shapes_follow_from_the_operators),
        TEST(layers_are_found_by_name),
        TEST(weights_depend_on_the_seed_alone),
        TEST(weights_have_the_variance_of_he),
        TEST(batch_norms_and_biases_start_at_the_identity),
        TEST(operands_of_an_addition_share_a_stream_group),
        TEST(chained_additions_are_one_group),
        TEST(a_shortcut_shares_the_step_of_its_input),
        TEST(unread_nodes_are_refused),
        TEST(a_feature_map_may_be_flattened),
        TEST(copies_share_nothing),
        TEST(mistakes_are_named_with_their_place),
        TEST(a_file_of_another_kind_is_refused),
        TEST(the_shipped_architecture_has_its_documented_size),
    };
    return cmocka_run_group_tests_name("nn/graph", tests, NULL, NULL);
}
