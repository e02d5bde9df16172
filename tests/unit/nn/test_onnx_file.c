/* test_onnx_file.c -- external data, what the ONNX reader refuses, and damaged files.
 */
#include "tests/unit/nn/made_model.h"

/* ---- external data ---- */

static void keep_outside(struct model *m, const char *location, const char *offset,
                         const char *length)
{
    const char *const pairs[3][2] = {
        {"location", location}, {"offset", offset}, {"length", length}};
    Onnx__TensorProto *w = m->b.model->graph->initializer[2];
    w->has_raw_data = 0;
    w->has_data_location = 1;
    w->data_location = ONNX__TENSOR_PROTO__DATA_LOCATION__EXTERNAL;
    w->external_data = ARENA_NEW(m->b.a, Onnx__StringStringEntryProto *, 3);
    for (size_t i = 0; i < 3; i++) {
        if (!pairs[i][1]) continue;
        Onnx__StringStringEntryProto *e =
            ARENA_NEW(m->b.a, Onnx__StringStringEntryProto, 1);
        onnx__string_string_entry_proto__init(e);
        e->key = arena_strdup(m->b.a, pairs[i][0]);
        e->value = arena_strdup(m->b.a, pairs[i][1]);
        w->external_data[w->n_external_data++] = e;
    }
}

static status load_external(struct scratch *x, const char *location, const char *offset,
                            const char *length, struct nn_graph **g)
{
    struct model m;
    char path[96];
    uint8_t bytes[16 + 144];
    begin(&m, x->a);
    memset(bytes, 0xee, 16);
    memcpy(bytes + 16, m.conv, 144);
    snprintf(path, sizeof path, "%s/weights.bin", x->dir);
    assert_ok(file_write(path, bytes, sizeof bytes, &x->err), x->err);
    conv(&m, "image w", "c");
    keep_outside(&m, location, offset, length);
    node(&m, "GlobalAveragePool", "c", "pool");
    end(&m, "pool");
    return load(x, &m, g);
}

static void external_data_is_read_beside_the_model(void **state)
{
    struct scratch *x = *state;
    struct nn_graph *g = NULL;
    assert_ok(load_external(x, "weights.bin", "16", "144", &g), x->err);
    assert_true(g->nodes[1].weights[((1 * 3 + 2) * 2 + 0) * 2 + 1] ==
                0.0f + (0.1f * (float)(((1 * 2 + 1) * 3 + 2) * 2 % 7) - 0.2f));
}

static void external_data_cannot_leave_the_folder(void **state)
{
    struct scratch *x = *state;
    static const struct {
        const char *location, *offset, *length;
        status st;
        const char *message;
    } rows[] = {
        {"/etc/passwd", "0", "144", ST_PARSE, "inside the model's folder, found '/etc"},
        {"../weights.bin", "0", "144", ST_PARSE, "found '../weights.bin'"},
        {"a/../../w", "0", "144", ST_PARSE, "inside the model's folder"},
        {"", "0", "144", ST_PARSE, "inside the model's folder, found ''"},
        {NULL, "0", "144", ST_PARSE, "inside the model's folder, found ''"},
        {"weights.bin", "17", "144", ST_PARSE, "expected 144 bytes at offset 17"},
        {"weights.bin", "99999999999999999999", "144", ST_PARSE,
         "'offset' to be a byte"},
        {"weights.bin", "-1", NULL, ST_PARSE,
         "'offset' to be a byte count, found '-1'"},
        {"weights.bin", "16", "143", ST_PARSE,
         "expected 144 bytes or elements, found 143"},
        {"nothing.bin", "16", "144", ST_NOT_FOUND, "nothing.bin"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct nn_graph *g = NULL;
        const status st =
            load_external(x, rows[i].location, rows[i].offset, rows[i].length, &g);
        if (st != rows[i].st || !strstr(x->err.msg, rows[i].message))
            fail_msg("row %zu: %d: %s", i, (int)st, x->err.msg);
    }
}

/* ---- what is refused ---- */

#define ASSERT_REFUSED(x, m, want_st, text)                                    \
    do {                                                                       \
        struct nn_graph *g_ = NULL;                                            \
        const status st_ = load((x), (m), &g_);                                \
        if (st_ != (want_st) || !strstr((x)->err.msg, (text)) ||               \
            !strstr((x)->err.msg, (x)->path))                                  \
            fail_msg("expected '%s': %d: %s", (text), (int)st_, (x)->err.msg); \
    } while (0)

static void unsupported_operators_name_node_and_operator(void **state)
{
    struct scratch *x = *state;
    struct model m;
    begin(&m, x->a);
    conv(&m, "image w", "c");
    node(&m, "Softplus", "c", "act7");
    node(&m, "GlobalAveragePool", "act7", "pool");
    end(&m, "pool");
    ASSERT_REFUSED(x, &m, ST_UNSUPPORTED,
                   "node 'act7' (Softplus): this operator is not supported");
}

static void unsupported_attributes_are_named(void **state)
{
    struct scratch *x = *state;
    static const struct {
        const char *name;
        int64_t value;
        const char *message;
    } rows[] = {
        {"group", 3,
         "node 'c' (Conv): expected a group that divides the 2 in-channels, found 3"},
        {"axis_order", 1, "node 'c' (Conv): attribute 'axis_order' is not supported"},
        {"strides", 1, "expected 2 integers in attribute 'strides', found 0"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct model m;
        begin(&m, x->a);
        onnx_build_int(&m.b, conv(&m, "image w", "c"), rows[i].name, rows[i].value);
        node(&m, "GlobalAveragePool", "c", "pool");
        end(&m, "pool");
        ASSERT_REFUSED(x, &m,
                       i == 0   ? ST_RANGE
                       : i == 1 ? ST_UNSUPPORTED
                                : ST_PARSE,
                       rows[i].message);
    }
    static const struct {
        const char *name;
        size_t n;
        int64_t values[4];
        status st;
        const char *message;
    } lists[] = {
        {"dilations",
         2,
         {2, 1},
         ST_UNSUPPORTED,
         "expected dilations of 1, found 2 and 1"},
        {"strides", 2, {0, 1}, ST_RANGE, "expected row stride in 1..16, found 0"},
        {"strides",
         2,
         {1, 1L << 40},
         ST_RANGE,
         "expected 32-bit integers in attribute"},
        {"pads", 4, {-1, 0, 0, 0}, ST_RANGE, "expected top padding in 0..31, found -1"},
        {"kernel_shape",
         2,
         {3, 3},
         ST_PARSE,
         "kernel_shape of 3x2 as the weights have"},
    };
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        struct model m;
        begin(&m, x->a);
        onnx_build_ints(&m.b, conv(&m, "image w", "c"), lists[i].name, lists[i].n,
                        lists[i].values);
        node(&m, "GlobalAveragePool", "c", "pool");
        end(&m, "pool");
        ASSERT_REFUSED(x, &m, lists[i].st, lists[i].message);
    }
}

static void a_mean_over_other_axes_is_refused(void **state)
{
    struct scratch *x = *state;
    static const int64_t rows[][2] = {
        {1, 2}, {3, 3}, {-1, -3}, {6, 1}, {INT32_MAX, INT32_MAX}, {INT32_MIN, 2}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct model m;
        begin(&m, x->a);
        conv(&m, "image w", "c");
        onnx_build_ints(&m.b, node(&m, "ReduceMean", "c", "pool"), "axes", 2, rows[i]);
        end(&m, "pool");
        ASSERT_REFUSED(x, &m, ST_UNSUPPORTED,
                       "node 'pool' (ReduceMean): expected the axes of rows and");
    }
}

/* A ReLU or batch norm may join a layer only if nothing else reads the layer. */
static void outputs_that_are_read_twice_stay_as_they_are(void **state)
{
    struct scratch *x = *state;
    struct model m;
    begin(&m, x->a);
    conv(&m, "image w", "c");
    node(&m, "Identity", "c", "c2");
    node(&m, "Relu", "c2", "r");
    node(&m, "Add", "c r", "sum");
    node(&m, "GlobalAveragePool", "sum", "pool");
    end(&m, "pool");
    ASSERT_REFUSED(
        x, &m, ST_UNSUPPORTED,
        "node 'r' (Relu): expected the output of a convolution or an addition "
        "that nothing else reads, found 'c' (conv)");
    begin(&m, x->a);
    conv(&m, "image w", "c");
    node(&m, "BatchNormalization", "c v3 v3 v3 v3", "n");
    node(&m, "Add", "c n", "sum");
    node(&m, "GlobalAveragePool", "sum", "pool");
    end(&m, "pool");
    ASSERT_REFUSED(x, &m, ST_UNSUPPORTED,
                   "node 'n' (BatchNormalization): expected the");
}

static void shapes_and_names_must_fit(void **state)
{
    struct scratch *x = *state;
    struct model m;
    begin(&m, x->a);
    m.weights.dims[1] = 1;
    m.weights.dims[3] = 4;
    conv(&m, "image w", "c");
    end(&m, "c");
    ASSERT_REFUSED(x, &m, ST_PARSE, "four dimensions with 2 in-channels, found 4 dim");
    begin(&m, x->a);
    conv(&m, "picture w", "c");
    end(&m, "c");
    ASSERT_REFUSED(x, &m, ST_PARSE, "the name of an earlier tensor, found 'picture'");
    begin(&m, x->a);
    conv(&m, "image image", "c");
    end(&m, "c");
    ASSERT_REFUSED(x, &m, ST_UNSUPPORTED, "expected a constant as input 1, found the");
    begin(&m, x->a);
    conv(&m, "image", "c");
    end(&m, "c");
    ASSERT_REFUSED(x, &m, ST_PARSE, "expected an input 1, found none");
    begin(&m, x->a);
    conv(&m, "image w", "c");
    end(&m, "c");
    ASSERT_REFUSED(x, &m, ST_PARSE, "(Gemm): expected weights for 27 inputs, found 3");
    begin(&m, x->a);
    m.conv[7] = NAN;
    conv(&m, "image w", "c");
    end(&m, "c");
    ASSERT_REFUSED(x, &m, ST_RANGE, "expected finite numbers in 'w', found nan at el");
    begin(&m, x->a);
    conv(&m, "image w", "c");
    m.b.model->graph->initializer[2]->dims[0] = 4;
    end(&m, "c");
    ASSERT_REFUSED(x, &m, ST_PARSE,
                   "tensor 'w': expected 192 bytes or elements, found");
    begin(&m, x->a);
    conv(&m, "image w", "c");
    m.b.model->graph->initializer[2]->data_type = INT64;
    end(&m, "c");
    ASSERT_REFUSED(x, &m, ST_UNSUPPORTED,
                   "expected elements of type FLOAT, found ONNX");
}

static void the_graphs_ends_are_checked(void **state)
{
    struct scratch *x = *state;
    struct model m;
    begin(&m, x->a);
    conv(&m, "image w", "c");
    end(&m, "c");
    m.b.model->opset_import[0]->version = 18;
    ASSERT_REFUSED(x, &m, ST_UNSUPPORTED, "operator set in 9..17, found 18");
    begin(&m, x->a);
    conv(&m, "image w", "c");
    const int64_t out[2] = {ONNX_BATCH, 2};
    onnx_build_value(&m.b, true, "c", FLOAT, 2, out);
    ASSERT_REFUSED(x, &m, ST_UNSUPPORTED,
                   "expected a fully connected layer as the last");
    begin(&m, x->a);
    onnx_build_value(&m.b, false, "second", FLOAT, 2, out);
    conv(&m, "image w", "c");
    end(&m, "c");
    ASSERT_REFUSED(x, &m, ST_UNSUPPORTED, "one input, found 'image' and 'second'");
    begin(&m, x->a);
    m.b.model->graph->input[0]->type->tensor_type->shape->n_dim = 3;
    conv(&m, "image w", "c");
    end(&m, "c");
    ASSERT_REFUSED(x, &m, ST_UNSUPPORTED, "a tensor of four dimensions (N, C, H, W)");
    begin(&m, x->a);
    conv(&m, "image w", "c");
    node(&m, "GlobalAveragePool", "c", "pool");
    end(&m, "pool");
    m.b.model->graph->output[0]->name = m.b.model->graph->node[0]->output[0];
    ASSERT_REFUSED(x, &m, ST_UNSUPPORTED, "the last layer's output as the network's");
    begin(&m, x->a);
    onnx_build_metadata(&m.b, "bitwright.input_scale", "bright");
    conv(&m, "image w", "c");
    end(&m, "c");
    ASSERT_REFUSED(x, &m, ST_PARSE, "expected a positive number, found 'bright'");
}

/* ---- damaged files ---- */

/* No crash, no leak (the sanitizers watch), and a message that names the file. */
static void load_damaged(struct scratch *x, const char *bytes, size_t n)
{
    struct arena *a = arena_new();
    struct nn_graph *g = NULL;
    write_quickly(x, bytes, n);
    const status st = nn_graph_load(x->path, 0, a, &g, &x->err);
    if (st != ST_OK && !strstr(x->err.msg, x->path))
        fail_msg("a message without the file's name: %s", x->err.msg);
    arena_free(a);
}

static void every_truncation_is_a_clear_error(void **state)
{
    struct scratch *x = *state;
    char *bytes;
    size_t size;
    assert_ok(nn_graph_save_onnx(tiny_network(x), x->path, &x->err), x->err);
    assert_ok(file_read(x->path, x->a, &bytes, &size, &x->err), x->err);
    for (size_t n = 0; n < size; n += n < 300 || size - n < 300 ? 1 : 13) {
        struct nn_graph *g = NULL;
        struct arena *a = arena_new();
        write_quickly(x, bytes, n);
        const status st = nn_graph_load(x->path, 0, a, &g, &x->err);
        if (st != ST_PARSE || !strstr(x->err.msg, x->path))
            fail_msg("cut to %zu of %zu: %d: %s", n, size, (int)st, x->err.msg);
        arena_free(a);
    }
}

static void flipped_bits_never_crash(void **state)
{
    struct scratch *x = *state;
    struct rng rng = rng_seed(2, 0);
    char *bytes;
    size_t size;
    assert_ok(nn_graph_save_onnx(tiny_network(x), x->path, &x->err), x->err);
    assert_ok(file_read(x->path, x->a, &bytes, &size, &x->err), x->err);
    for (int i = 0; i < 1500; i++) {
        char *copy = malloc(size);
        memcpy(copy, bytes, size);
        for (uint64_t n = 1 + rng_below(&rng, 3); n > 0; n--)
            copy[rng_below(&rng, size)] ^= (char)(1 << rng_below(&rng, 8));
        load_damaged(x, copy, size);
        free(copy);
    }
}

static void deep_nesting_is_refused(void **state)
{
    /* ModelProto.graph(7) . node(1) . attribute(5) . g(6) . node(1) ... */
    enum { LEVELS = 60000 };
    static const uint8_t tags[3] = {1 << 3 | 2, 5 << 3 | 2, 6 << 3 | 2};
    struct scratch *x = *state;
    struct nn_graph *g = NULL;
    const size_t room = (size_t)LEVELS * 5 + 8;
    uint8_t *buffer = malloc(room);
    size_t start = room; /* built from the inside out */
    for (int i = LEVELS; i >= 0; i--) {
        size_t length = room - start, n_length = 0;
        uint8_t varint[5];
        do {
            varint[n_length++] =
                (uint8_t)((length & 0x7f) | (length > 0x7f ? 0x80 : 0));
            length >>= 7;
        } while (length);
        start -= n_length;
        memcpy(buffer + start, varint, n_length);
        buffer[--start] = i == 0 ? 7 << 3 | 2 : tags[(i - 1) % 3];
    }
    assert_ok(file_write(x->path, buffer + start, room - start, &x->err), x->err);
    free(buffer);
    assert_int_equal(nn_graph_load(x->path, 0, x->a, &g, &x->err), ST_PARSE);
    assert_non_null(strstr(x->err.msg, "expected an ONNX model"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCRATCH_TEST(external_data_is_read_beside_the_model),
        SCRATCH_TEST(external_data_cannot_leave_the_folder),
        SCRATCH_TEST(unsupported_operators_name_node_and_operator),
        SCRATCH_TEST(unsupported_attributes_are_named),
        SCRATCH_TEST(a_mean_over_other_axes_is_refused),
        SCRATCH_TEST(outputs_that_are_read_twice_stay_as_they_are),
        SCRATCH_TEST(shapes_and_names_must_fit),
        SCRATCH_TEST(the_graphs_ends_are_checked),
        SCRATCH_TEST(every_truncation_is_a_clear_error),
        SCRATCH_TEST(flipped_bits_never_crash),
        SCRATCH_TEST(deep_nesting_is_refused),
    };
    return cmocka_run_group_tests_name("nn/onnx_file", tests, NULL, NULL);
}
