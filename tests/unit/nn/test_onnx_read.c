/* test_onnx_read.c -- networks of other tools, every operator, and bad files. */
#include "nn/onnx_build.h"
#include "tests/unit/nn/tiny_network.h"

enum {
    FLOAT = ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT,
    INT64 = ONNX__TENSOR_PROTO__DATA_TYPE__INT64
};

/* ---- a graph in plain loops ---- */

static double conv_at(const struct nn_node *node, const double *x, int32_t p, int32_t q,
                      int32_t k)
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
    if (node->bias) sum += (double)node->bias[k];
    const struct nn_batch_norm *bn = node->bn;
    if (!bn) return sum;
    return (double)bn->gamma[k] * (sum - (double)bn->mean[k]) /
               sqrt((double)bn->var[k] + (double)bn->eps) +
           (double)bn->beta[k];
}

/* Values of every node for one image of pixel codes, NHWC; in arena. */
static double **run_graph(const struct nn_graph *g, const double *codes,
                          struct arena *a)
{
    double **v = ARENA_NEW(a, double *, (size_t)g->n_nodes);
    for (int32_t i = 0; i < g->n_nodes; i++) {
        const struct nn_node *node = &g->nodes[i];
        const struct nn_node *in = &g->nodes[node->inputs[0]];
        const double *x = v[node->inputs[0]], *y = v[node->inputs[1]];
        const int32_t n = node->H * node->W * node->C;
        v[i] = ARENA_NEW(a, double, (size_t)n);
        for (int32_t j = 0; j < n; j++) {
            double *out = &v[i][j];
            if (node->op == NN_INPUT) *out = codes[j] * (double)g->input_scale;
            if (node->op == NN_ADD) *out = x[j] + y[j];
            if (node->op == NN_CONV || node->op == NN_GEMM)
                *out = conv_at(node, x, j / node->C / node->W, j / node->C % node->W,
                               j % node->C);
            for (int32_t m = 0; node->op == NN_GAP && m < in->H * in->W; m++)
                *out += x[m * in->C + j] / (in->H * in->W);
            if (node->relu && *out < 0) *out = 0;
        }
    }
    return v;
}

static void read_row(FILE *f, double *row, int32_t n)
{
    for (int32_t i = 0; i < n; i++)
        assert_int_equal(fscanf(f, i ? ",%lf" : "%lf", &row[i]), 1);
}

/* ---- networks of another tool ---- */

static void logits_are_those_of_the_exporting_tool(void **state)
{
    static const char *const names[] = {"folded", "norms_and_shapes", "flattened",
                                        "transposed"};
    struct scratch *x = *state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char path[80];
        struct nn_graph *g = NULL;
        double codes[10 * 7 * 3], logits[5];
        snprintf(path, sizeof path, "tests/golden/nn/%s.onnx", names[i]);
        assert_ok(nn_graph_load(path, 0, x->a, &g, &x->err), x->err);
        assert_int_equal(g->n_layers, 5);
        snprintf(path, sizeof path, "tests/golden/nn/%s.csv", names[i]);
        FILE *f = fopen(path, "r");
        assert_non_null(f);
        for (int image = 0; image < 4; image++) {
            read_row(f, codes, 10 * 7 * 3);
            read_row(f, logits, 5);
            double **v = run_graph(g, codes, x->a);
            for (int k = 0; k < 5; k++)
                assert_close(v[g->n_nodes - 1][k], logits[k], 1e-4, 1e-5);
        }
        fclose(f);
    }
}

/* ---- networks made here ---- */

/* image (N, 2, 5, 4) -> Conv c (3, 2, 3, 2) -> ... -> Gemm fc (2, 3). */
struct model {
    struct onnx_builder b;
    float conv[36], dense[6], three[3];
    struct onnx_tensor_spec weights;
};

static void put(struct model *m, const char *name, int n_dims, int64_t d0, int64_t d1,
                const float *elems)
{
    const struct onnx_tensor_spec t = {.name = name,
                                       .type = FLOAT,
                                       .elem_bytes = 4,
                                       .n_dims = n_dims,
                                       .dims = {d0, d1},
                                       .elems = elems};
    onnx_build_tensor(&m->b, &t);
}

static void begin(struct model *m, struct arena *a)
{
    static const int64_t in[4] = {ONNX_BATCH, 2, 5, 4};
    for (int i = 0; i < 36; i++)
        m->conv[i] = 0.1f * (float)(i % 7) - 0.2f;
    for (int i = 0; i < 6; i++)
        m->dense[i] = 0.3f * (float)i - 0.5f;
    for (int i = 0; i < 3; i++)
        m->three[i] = 0.25f + (float)i;
    onnx_build_init(&m->b, a, "made");
    onnx_build_opset(&m->b, "", 13);
    onnx_build_value(&m->b, false, "image", FLOAT, 4, in);
    m->weights = (struct onnx_tensor_spec){.name = "w",
                                           .type = FLOAT,
                                           .elem_bytes = 4,
                                           .n_dims = 4,
                                           .dims = {3, 2, 3, 2},
                                           .elems = m->conv};
    put(m, "wd", 2, 2, 3, m->dense);
    put(m, "v3", 1, 3, 0, m->three);
}

/* One node whose inputs are the words of `inputs`. */
static Onnx__NodeProto *node(struct model *m, const char *op, const char *inputs,
                             const char *output)
{
    const char *list[8] = {NULL};
    char *words = arena_strdup(m->b.a, inputs);
    int n = 0;
    for (char *w = strtok(words, " "); w; w = strtok(NULL, " "))
        list[n++] = w;
    return onnx_build_node(&m->b, "", op, output, list, output);
}

static Onnx__NodeProto *conv(struct model *m, const char *inputs, const char *output)
{
    onnx_build_tensor(&m->b, &m->weights);
    return node(m, "Conv", inputs, output);
}

/* pooled value -> Flatten -> Gemm, and the graph's output. */
static Onnx__NodeProto *end(struct model *m, const char *pooled)
{
    static const int64_t out[2] = {ONNX_BATCH, 2};
    node(m, "Flatten", pooled, "flat");
    Onnx__NodeProto *n = node(m, "Gemm", "flat wd", "fc");
    onnx_build_int(&m->b, n, "transB", 1);
    onnx_build_value(&m->b, true, "fc", FLOAT, 2, out);
    return n;
}

static status load(struct scratch *x, struct model *m, struct nn_graph **g)
{
    assert_ok(onnx_build_save(&m->b, x->path, &x->err), x->err);
    return nn_graph_load(x->path, 0, x->a, g, &x->err);
}

static void text_attribute(struct model *m, Onnx__NodeProto *n, const char *name,
                           const char *text)
{
    onnx_build_int(&m->b, n, name, 0);
    Onnx__AttributeProto *attribute = n->attribute[n->n_attribute - 1];
    attribute->has_i = 0;
    attribute->type = ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__STRING;
    attribute->has_s = 1;
    attribute->s.len = strlen(text);
    attribute->s.data = (uint8_t *)arena_strdup(m->b.a, text);
}

static void automatic_padding_keeps_the_size(void **state)
{
    struct scratch *x = *state;
    static const struct {
        const char *mode;
        int32_t top, left, bottom, right, P, Q;
    } rows[] = {{"SAME_UPPER", 1, 0, 1, 1, 5, 4},
                {"SAME_LOWER", 1, 1, 1, 0, 5, 4},
                {"VALID", 0, 0, 0, 0, 3, 3},
                {"NOTSET", 0, 0, 0, 0, 3, 3}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct model m;
        struct nn_graph *g = NULL;
        begin(&m, x->a);
        text_attribute(&m, conv(&m, "image w", "c"), "auto_pad", rows[i].mode);
        node(&m, "GlobalAveragePool", "c", "pool");
        end(&m, "pool");
        assert_ok(load(x, &m, &g), x->err);
        const struct layer_shape *l = nn_graph_layer(g, 0);
        assert_int_equal(l->pad_top, rows[i].top);
        assert_int_equal(l->pad_left, rows[i].left);
        assert_int_equal(l->pad_bottom, rows[i].bottom);
        assert_int_equal(l->pad_right, rows[i].right);
        assert_int_equal(l->P, rows[i].P);
        assert_int_equal(l->Q, rows[i].Q);
    }
}

/* A bias before a batch norm, a bias as an addition, names that only rename. */
static void equivalent_spellings_are_one_network(void **state)
{
    struct scratch *x = *state;
    struct model m;
    struct nn_graph *g = NULL, *h = NULL;
    double codes[40];
    for (int i = 0; i < 40; i++)
        codes[i] = (i * 37) % 256;
    begin(&m, x->a);
    conv(&m, "image w v3", "c");
    node(&m, "BatchNormalization", "c v3 v3 v3 v3", "n");
    node(&m, "Relu", "n", "r");
    node(&m, "GlobalAveragePool", "r", "pool");
    end(&m, "pool");
    assert_ok(load(x, &m, &g), x->err);
    assert_null(g->nodes[1].bias);

    begin(&m, x->a);
    conv(&m, "image w", "c");
    m.b.model->graph->initializer[1]->n_dims = 3; /* v3 as (3, 1, 1) */
    m.b.model->graph->initializer[1]->dims[1] = 1;
    m.b.model->graph->initializer[1]->dims[2] = 1;
    put(&m, "one3", 1, 3, 0, m.three);
    node(&m, "Add", "c v3", "biased");
    node(&m, "Identity", "biased", "same");
    node(&m, "BatchNormalization", "same one3 one3 one3 one3", "n");
    node(&m, "Dropout", "n", "d");
    node(&m, "Relu", "d", "r");
    node(&m, "Relu", "r", "r2");
    const int64_t axes[2] = {-2, -1};
    Onnx__NodeProto *mean = node(&m, "ReduceMean", "r2", "pool");
    onnx_build_ints(&m.b, mean, "axes", 2, axes);
    end(&m, "pool");
    assert_ok(load(x, &m, &h), x->err);
    assert_int_equal(g->n_nodes, h->n_nodes);
    double **v = run_graph(g, codes, x->a), **w = run_graph(h, codes, x->a);
    for (int k = 0; k < 2; k++)
        assert_close(v[3][k], w[3][k], 1e-6, 1e-6);
}

static void typed_fields_hold_the_same_as_raw_data(void **state)
{
    struct scratch *x = *state;
    struct nn_graph *g = NULL;
    struct model m;
    begin(&m, x->a);
    conv(&m, "image w", "c");
    Onnx__TensorProto *w = m.b.model->graph->initializer[2];
    w->has_raw_data = 0;
    w->n_float_data = 36;
    w->float_data = m.conv;
    node(&m, "GlobalAveragePool", "c", "pool");
    end(&m, "pool");
    assert_ok(load(x, &m, &g), x->err);
    /* ours (k, r, s, c) = (1, 2, 0, 1) is ONNX's (k, c, r, s) = (1, 1, 2, 0) */
    assert_true(g->nodes[1].weights[((1 * 3 + 2) * 2 + 0) * 2 + 1] ==
                m.conv[((1 * 2 + 1) * 3 + 2) * 2 + 0]);
}

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
        {"group", 2, "node 'c' (Conv): expected group 1, found 2"},
        {"axis_order", 1, "node 'c' (Conv): attribute 'axis_order' is not supported"},
        {"strides", 1, "expected 2 integers in attribute 'strides', found 0"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct model m;
        begin(&m, x->a);
        onnx_build_int(&m.b, conv(&m, "image w", "c"), rows[i].name, rows[i].value);
        node(&m, "GlobalAveragePool", "c", "pool");
        end(&m, "pool");
        ASSERT_REFUSED(x, &m, i == 2 ? ST_PARSE : ST_UNSUPPORTED, rows[i].message);
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

/* Without the fsync of file_write: thousands of them take their time. */
static void write_quickly(const struct scratch *x, const char *bytes, size_t n)
{
    FILE *f = fopen(x->path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(bytes, 1, n, f), n);
    assert_int_equal(fclose(f), 0);
}

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
        SCRATCH_TEST(logits_are_those_of_the_exporting_tool),
        SCRATCH_TEST(automatic_padding_keeps_the_size),
        SCRATCH_TEST(equivalent_spellings_are_one_network),
        SCRATCH_TEST(typed_fields_hold_the_same_as_raw_data),
        SCRATCH_TEST(external_data_is_read_beside_the_model),
        SCRATCH_TEST(external_data_cannot_leave_the_folder),
        SCRATCH_TEST(unsupported_operators_name_node_and_operator),
        SCRATCH_TEST(unsupported_attributes_are_named),
        SCRATCH_TEST(outputs_that_are_read_twice_stay_as_they_are),
        SCRATCH_TEST(shapes_and_names_must_fit),
        SCRATCH_TEST(the_graphs_ends_are_checked),
        SCRATCH_TEST(every_truncation_is_a_clear_error),
        SCRATCH_TEST(flipped_bits_never_crash),
        SCRATCH_TEST(deep_nesting_is_refused),
    };
    return cmocka_run_group_tests_name("nn/onnx_read", tests, NULL, NULL);
}
