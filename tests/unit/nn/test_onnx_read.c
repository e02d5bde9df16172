/* test_onnx_read.c -- networks of another tool, and different spellings of one network.
 */
#include "tests/unit/nn/made_model.h"

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCRATCH_TEST(logits_are_those_of_the_exporting_tool),
        SCRATCH_TEST(automatic_padding_keeps_the_size),
        SCRATCH_TEST(equivalent_spellings_are_one_network),
        SCRATCH_TEST(typed_fields_hold_the_same_as_raw_data),
    };
    return cmocka_run_group_tests_name("nn/onnx_read", tests, NULL, NULL);
}
