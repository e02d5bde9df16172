/* test_onnx_read_quant.c -- quantisers that files bring along, as bits and as integers.
 */
#include <math.h>

#include "nn/qnet_export.h"
#include "tests/unit/nn/made_model.h"
#include "tests/unit/nn/tiny_qnet.h"

#define assert_has(text, part) assert_non_null(strstr((text), (part)))

static const float zero = 0, quarter = 0.25f, tenth = 0.1f, pixel = 1.0f / 255;
static const float bits[9] = {0, 1, 2, 3, 4, 5, 6, 7, 8}, three = 3;
static const float scales[3] = {0.1f, 0.2f, 0.1f};

static void begin_quant(struct model *m, struct arena *a)
{
    begin(m, a);
    onnx_build_tensor(&m->b, &m->weights);
    onnx_build_opset(&m->b, "qonnx.custom_op.general", 1);
    put(m, "zero", 0, 0, 0, &zero);
    put(m, "three", 0, 0, 0, &three);
    put(m, "quarter", 0, 0, 0, &quarter);
    put(m, "tenth", 0, 0, 0, &tenth);
    put(m, "pixel", 0, 0, 0, &pixel);
    put(m, "scales", 1, 3, 0, scales);
    put(m, "b3", 0, 0, 0, &bits[3]);
    put(m, "b4", 0, 0, 0, &bits[4]);
    put(m, "b5", 0, 0, 0, &bits[5]);
    put(m, "b8", 0, 0, 0, &bits[8]);
}

static void quant(struct model *m, const char *inputs, const char *output,
                  int64_t is_signed)
{
    Onnx__NodeProto *n = node(m, "Quant", inputs, output);
    n->domain = arena_strdup(m->b.a, "qonnx.custom_op.general");
    onnx_build_int(&m->b, n, "signed", is_signed);
    onnx_build_int(&m->b, n, "narrow", 0);
}

/* -> Flatten -> Gemm of quantised weights "wq". */
static void end_quant(struct model *m, const char *pooled)
{
    end(m, pooled)->input[1] = arena_strdup(m->b.a, "wq");
}

static void quant_nodes_are_given_bits(void **state)
{
    struct scratch *x = *state;
    struct model m;
    struct nn_graph *g = NULL;
    struct qnet *q = NULL;
    begin_quant(&m, x->a);
    quant(&m, "image pixel zero b8", "iq", 0);
    quant(&m, "w tenth zero b4", "cq", 1);
    quant(&m, "wd quarter zero b3", "wq", 1);
    node(&m, "Conv", "iq cq", "c");
    quant(&m, "c quarter zero b8", "s", 0);
    node(&m, "GlobalAveragePool", "s", "p");
    quant(&m, "p tenth zero b5", "pq", 0);
    end_quant(&m, "pq");
    assert_ok(load(x, &m, &g), x->err);
    assert_true(nn_graph_has_given(g));
    const struct nn_node *conv_node = &g->nodes[1], *fc = &g->nodes[g->n_nodes - 1];
    assert_int_equal(conv_node->given.wbits, 4);
    assert_int_equal(conv_node->given.abits, 8);
    assert_true(conv_node->relu); /* its output's grid begins at 0 */
    assert_int_equal(fc->given.wbits, 3);
    assert_int_equal(fc->given.abits, 5);

    assert_ok(nn_graph_quantise_given(g, x->a, &q, &x->err), x->err);
    const struct qnet_layer *l = qnet_layer(q, 0);
    assert_int_equal(l->wbits, 4);
    assert_int_equal(l->abits, 8);
    for (int32_t k = 0; k < 3; k++) /* (K, R, S, C) from (K, C, R, S) */
        for (int32_t c = 0; c < 2; c++)
            for (int32_t rs = 0; rs < 6; rs++)
                assert_int_equal(l->weights[(k * 6 + rs) * 2 + c],
                                 (int)lrintf(m.conv[(k * 2 + c) * 6 + rs] / tenth));
    assert_int_equal(qnet_layer(q, 1)->wbits, 3);
    assert_int_equal(qnet_layer(q, 1)->abits, 5);
    /* accumulators are worth pixel * tenth each, codes of the stream a quarter */
    const double scale = (double)l->requant.mul[0] / (1 << l->requant.shift);
    assert_true(fabs(scale / ((double)pixel * 0.1 / 0.25) - 1) < 1e-4);
}

static void qdq_pairs_are_given_bits(void **state)
{
    static const int8_t w8[36] = {1, -2, 3, 127, -128}, d8[6] = {1, 2, 3, -4, 5, 6};
    static const uint8_t zero8 = 0;
    struct scratch *x = *state;
    struct model m;
    struct nn_graph *g = NULL;
    struct qnet *q = NULL;
    begin_quant(&m, x->a);
    const struct onnx_tensor_spec w = {"w8", 3, 1, 4, {3, 2, 3, 2}, w8};
    const struct onnx_tensor_spec d = {"d8", 3, 1, 2, {2, 3}, d8};
    const struct onnx_tensor_spec z = {"z8", 2, 1, 0, {0}, &zero8};
    onnx_build_tensor(&m.b, &w);
    onnx_build_tensor(&m.b, &d);
    onnx_build_tensor(&m.b, &z);
    node(&m, "DequantizeLinear", "w8 tenth", "cq");
    node(&m, "DequantizeLinear", "d8 quarter", "wq");
    node(&m, "Conv", "image cq", "c");
    node(&m, "Relu", "c", "r");
    node(&m, "QuantizeLinear", "r quarter z8", "rq");
    node(&m, "DequantizeLinear", "rq quarter z8", "s");
    node(&m, "GlobalAveragePool", "s", "p");
    node(&m, "QuantizeLinear", "p tenth z8", "pi");
    node(&m, "DequantizeLinear", "pi tenth z8", "pq");
    end_quant(&m, "pq");
    assert_ok(load(x, &m, &g), x->err);
    assert_int_equal(g->nodes[1].given.wbits, 8);
    assert_int_equal(g->nodes[1].given.abits, 0); /* pixels are codes anyway */
    assert_ok(nn_graph_quantise_given(g, x->a, &q, &x->err), x->err);
    assert_int_equal(qnet_layer(q, 0)->abits, 8);
    assert_int_equal(qnet_layer(q, 0)->weights[0], 1);
    assert_int_equal(qnet_layer(q, 1)->weights[3], -4);
}

static void what_integers_cannot_be_is_refused(void **state)
{
    static const struct {
        const char *w, *value;
        const char *message;
    } rows[] = {
        {"w tenth three b4", "c quarter zero b8",
         "node 'cq' (Quant): expected a zero point of 0, found 3"},
        {"w scales zero b4", "c quarter zero b8",
         "node 'cq' (Quant): expected one scale for the whole tensor, found 3"},
        {"w tenth zero quarter", "c quarter zero b8", "expected 1..8 bits, 2..8"},
        {"w tenth zero b4", "c quarter zero b5",
         "node 'p' (GlobalAveragePool): expected values of 8 bits between layers, "
         "found "
         "5"},
    };
    struct scratch *x = *state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct model m;
        struct nn_graph *g = NULL;
        begin_quant(&m, x->a);
        quant(&m, rows[i].w, "cq", 1);
        quant(&m, "wd quarter zero b3", "wq", 1);
        node(&m, "Conv", "image cq", "c");
        quant(&m, rows[i].value, "s", 0);
        node(&m, "GlobalAveragePool", "s", "p");
        end_quant(&m, "p");
        assert_int_equal(load(x, &m, &g), ST_UNSUPPORTED);
        assert_has(x->err.msg, rows[i].message);
    }
}

static void a_layer_without_bits_is_named(void **state)
{
    struct scratch *x = *state;
    struct model m;
    struct nn_graph *g = NULL;
    struct qnet *q = NULL;
    begin_quant(&m, x->a);
    quant(&m, "w tenth zero b4", "cq", 1);
    quant(&m, "wd quarter zero b3", "wq", 1);
    node(&m, "Conv", "image cq", "c");
    node(&m, "Relu", "c", "r");
    node(&m, "GlobalAveragePool", "r", "p");
    end_quant(&m, "p");
    assert_ok(load(x, &m, &g), x->err);
    assert_int_equal(nn_graph_quantise_given(g, x->a, &q, &x->err), ST_UNSUPPORTED);
    assert_has(x->err.msg, "node 'fc': expected a quantiser of its input, found none");
}

static void an_exported_network_reads_back_the_same(void **state)
{
    struct scratch *x = *state;
    const struct nn_graph *g = tiny_network(x);
    for (int wbits = 2; wbits <= 8; wbits++) {
        const struct nn_path path = uniform_path(wbits, 10 - wbits);
        const struct qnet *q = fold(x, g, &path);
        struct nn_graph *back = NULL;
        struct qnet *again = NULL;
        assert_ok(qnet_export_qonnx(q, x->path, &x->err), x->err);
        assert_ok(nn_graph_load(x->path, 0, x->a, &back, &x->err), x->err);
        assert_ok(nn_graph_quantise_given(back, x->a, &again, &x->err), x->err);
        assert_int_equal(qnet_n_layers(again), qnet_n_layers(q));
        for (int32_t i = 0; i < qnet_n_layers(q); i++) {
            const struct qnet_layer *a = qnet_layer(q, i), *b = qnet_layer(again, i);
            assert_int_equal(a->wbits, b->wbits);
            assert_int_equal(a->abits, b->abits);
            assert_memory_equal(a->weights, b->weights,
                                (size_t)layer_shape_weights(&a->shape));
            if (i == qnet_n_layers(q) - 1)
                continue; /* logits have a step of their own */
            const size_t K = (size_t)a->shape.K;
            assert_int_equal(a->requant.shift, b->requant.shift);
            assert_memory_equal(a->requant.mul, b->requant.mul, K * sizeof(int32_t));
            for (size_t k = 0; k < K; k++)
                assert_int_equal(a->requant.bias[k], b->requant.bias[k]);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCRATCH_TEST(quant_nodes_are_given_bits),
        SCRATCH_TEST(qdq_pairs_are_given_bits),
        SCRATCH_TEST(what_integers_cannot_be_is_refused),
        SCRATCH_TEST(a_layer_without_bits_is_named),
        SCRATCH_TEST(an_exported_network_reads_back_the_same),
    };
    return cmocka_run_group_tests_name("nn/onnx_read_quant", tests, NULL, NULL);
}
