/* test_qnet_file.c -- quantised networks to files and back, and damaged files. */
#include "nn/onnx_file.h"
#include "tests/unit/nn/tiny_qnet.h"

static struct qnet *tiny(struct scratch *x, int wbits, int abits)
{
    const struct nn_path path = uniform_path(wbits, abits);
    return fold(x, tiny_network(x), &path);
}

static void assert_same_layer(const struct qnet_layer *p, const struct qnet_layer *q)
{
    const size_t K = (size_t)p->shape.K;
    assert_memory_equal(&p->shape, &q->shape, sizeof p->shape);
    assert_int_equal(p->wbits, q->wbits);
    assert_int_equal(p->abits, q->abits);
    assert_int_equal(p->wsigned, q->wsigned);
    assert_int_equal(p->asigned, q->asigned);
    assert_memory_equal(p->weights, q->weights, (size_t)layer_shape_weights(&p->shape));
    assert_int_equal(p->requant.n, q->requant.n);
    assert_int_equal(p->requant.shift, q->requant.shift);
    assert_int_equal(p->requant.out_bits, q->requant.out_bits);
    assert_int_equal(p->requant.out_signed, q->requant.out_signed);
    assert_memory_equal(p->requant.mul, q->requant.mul, K * sizeof(int32_t));
    assert_memory_equal(p->requant.bias, q->requant.bias, K * sizeof(int64_t));
}

static void a_saved_network_loads_the_same(void **state)
{
    struct scratch *x = *state;
    for (int bits = 1; bits <= 8; bits++) {
        struct qnet *q = tiny(x, bits, 9 - bits), *back = NULL;
        assert_ok(qnet_set_provenance(q, "{\"seed\": 3}", x->a, &x->err), x->err);
        assert_ok(qnet_save(q, x->path, &x->err), x->err);
        assert_ok(qnet_load(x->path, x->a, &back, &x->err), x->err);
        assert_string_equal(qnet_name(back), "tiny");
        assert_string_equal(qnet_provenance(back), "{\"seed\": 3}");
        assert_int_equal(qnet_n_layers(back), 4);
        assert_int_equal(back->n_nodes, q->n_nodes);
        for (int32_t i = 0; i < 4; i++)
            assert_same_layer(qnet_layer(q, i), qnet_layer(back, i));
        const struct nn_graph *g = tiny_network(x);
        const struct nn_images images = random_images(x, g, 50);
        uint16_t before[50], after[50];
        assert_ok(qnet_classify(q, &images, NULL, before, NULL, &x->err), x->err);
        assert_ok(qnet_classify(back, &images, NULL, after, NULL, &x->err), x->err);
        assert_memory_equal(before, after, sizeof before);
    }
}

static void shortcuts_are_kept(void **state)
{
    struct scratch *x = *state;
    const struct nn_graph *g = tiny_network_with(
        x, "- {name: pool, op: gap, inputs: [sum]}\n",
        "- {name: skip, op: shortcut, inputs: [sum], channels: 9, stride: 2, before: "
        "3}\n"
        "- {name: pool, op: gap, inputs: [skip]}\n");
    const struct nn_path path = uniform_path(5, 3);
    const struct nn_images images = random_images(x, g, 50);
    struct qnet *q = fold(x, g, &path), *back = NULL;
    uint16_t before[50], after[50];
    assert_ok(qnet_save(q, x->path, &x->err), x->err);
    assert_ok(qnet_load(x->path, x->a, &back, &x->err), x->err);
    assert_int_equal(back->n_nodes, q->n_nodes);
    for (int32_t i = 0; i < q->n_nodes; i++)
        assert_memory_equal(&q->nodes[i].shortcut, &back->nodes[i].shortcut,
                            sizeof q->nodes[i].shortcut);
    assert_ok(qnet_classify(q, &images, NULL, before, NULL, &x->err), x->err);
    assert_ok(qnet_classify(back, &images, NULL, after, NULL, &x->err), x->err);
    assert_memory_equal(before, after, sizeof before);
}

static void quantised_and_float_networks_are_told_apart(void **state)
{
    struct scratch *x = *state;
    struct nn_graph *g = NULL;
    struct qnet *q = NULL;
    bool is_quantised = false;
    assert_ok(qnet_save(tiny(x, 4, 4), x->path, &x->err), x->err);
    assert_ok(qnet_is_quantised(x->path, &is_quantised, &x->err), x->err);
    assert_true(is_quantised);
    assert_int_equal(nn_graph_load(x->path, 0, x->a, &g, &x->err), ST_UNSUPPORTED);
    assert_non_null(strstr(x->err.msg, "an fp32 network, found a quantised"));
    assert_ok(nn_graph_save_onnx(tiny_network(x), x->path, &x->err), x->err);
    assert_ok(qnet_is_quantised(x->path, &is_quantised, &x->err), x->err);
    assert_false(is_quantised);
    assert_int_equal(qnet_load(x->path, x->a, &q, &x->err), ST_UNSUPPORTED);
    assert_non_null(strstr(x->err.msg, "expected a quantised network (domain 'bitwr"));
}

/* ---- values out of their limits ---- */

/* Loads the file after `change` of its parsed model. */
static status load_changed(struct scratch *x, void (*change)(Onnx__GraphProto *g))
{
    struct qnet *q = NULL;
    struct onnx_file f;
    assert_ok(qnet_save(tiny(x, 4, 4), x->path, &x->err), x->err);
    assert_ok(onnx_open(x->path, x->a, &f, &x->err), x->err);
    change(f.model->graph);
    const size_t size = onnx__model_proto__get_packed_size(f.model);
    uint8_t *packed = malloc(size);
    onnx__model_proto__pack(f.model, packed);
    assert_ok(file_write(x->path, packed, size, &x->err), x->err);
    free(packed);
    return qnet_load(x->path, x->a, &q, &x->err);
}

static Onnx__NodeProto *find(Onnx__GraphProto *g, const char *name)
{
    for (size_t i = 0; i < g->n_node; i++)
        if (strcmp(g->node[i]->name, name) == 0) return g->node[i];
    fail_msg("no node '%s'", name);
    return NULL;
}

static Onnx__TensorProto *tensor(Onnx__GraphProto *g, const char *name)
{
    for (size_t i = 0; i < g->n_initializer; i++)
        if (strcmp(g->initializer[i]->name, name) == 0) return g->initializer[i];
    fail_msg("no tensor '%s'", name);
    return NULL;
}

static void set(Onnx__NodeProto *n, const char *name, int64_t value)
{
    for (size_t i = 0; i < n->n_attribute; i++)
        if (strcmp(n->attribute[i]->name, name) == 0) n->attribute[i]->i = value;
}

static void nine_bits(Onnx__GraphProto *g) { set(find(g, "c2"), "wbits", 9); }
static void narrow_weights(Onnx__GraphProto *g) { set(find(g, "c2"), "wbits", 2); }
static void other_input_grid(Onnx__GraphProto *g) { set(find(g, "c2"), "abits", 3); }
static void no_shift(Onnx__GraphProto *g) { set(find(g, "c2"), "shift", 0); }
static void wide_output(Onnx__GraphProto *g) { set(find(g, "c2"), "out_bits", 12); }
static void wide_mul(Onnx__GraphProto *g)
{
    tensor(g, "c2.mul")->raw_data.data[3] = 0x7f;
}
static void wide_bias(Onnx__GraphProto *g)
{
    tensor(g, "c2.bias")->raw_data.data[7] = 0x7f;
}
static void short_mul(Onnx__GraphProto *g)
{
    tensor(g, "c2.mul")->dims[0] = 3;
    tensor(g, "c2.mul")->raw_data.len = 12;
}
static void wide_typed_weights(Onnx__GraphProto *g)
{
    static int32_t elems[4096];
    Onnx__TensorProto *w = tensor(g, "c2.weight");
    assert_true(w->raw_data.len <= 4096);
    elems[0] = 300;
    w->has_raw_data = 0;
    w->n_int32_data = w->raw_data.len;
    w->int32_data = elems;
}
static void lost_weights(Onnx__GraphProto *g) { tensor(g, "c2.weight")->name[0] = 'x'; }
static void lost_input(Onnx__GraphProto *g) { find(g, "sum")->input[1][0] = 'x'; }
static void other_operator(Onnx__GraphProto *g) { find(g, "sum")->op_type[1] = 'X'; }
static void other_domain(Onnx__GraphProto *g) { find(g, "sum")->domain[0] = 'X'; }
static void no_stride(Onnx__GraphProto *g)
{
    Onnx__NodeProto *n = find(g, "c1");
    for (size_t i = 0; i < n->n_attribute; i++)
        if (strcmp(n->attribute[i]->name, "strides") == 0) n->attribute[i]->ints[0] = 0;
}
static void no_attribute(Onnx__GraphProto *g) { find(g, "c1")->n_attribute--; }
static void no_end(Onnx__GraphProto *g) { g->n_node--; }
static void float_image(Onnx__GraphProto *g)
{
    g->input[0]->type->tensor_type->elem_type = ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT;
}

static void mistakes_name_node_and_value(void **state)
{
    static const struct {
        void (*change)(Onnx__GraphProto *g);
        status st;
        const char *message;
    } rows[] = {
        {nine_bits, ST_RANGE,
         "node 'c2' (QConv): expected attribute 'wbits' in 1..8, fo"},
        {narrow_weights, ST_RANGE, "layer 'c2': expected weights of 2 bits, found"},
        {other_input_grid, ST_PARSE,
         "layer 'c2': expected input on a grid of 3 unsigned bits, found 4 unsigned"},
        {no_shift, ST_RANGE, "expected attribute 'shift' in 1..30, found 0"},
        {wide_output, ST_RANGE,
         "node 'c2': expected out_bits in 1..16 signed or 1..8 un"},
        {wide_mul, ST_RANGE, "node 'c2': expected multipliers of 18 bits, found"},
        {wide_bias, ST_RANGE, "node 'c2': expected biases of"},
        {short_mul, ST_PARSE, "expected 4 multipliers and biases, found 3 and 4"},
        {wide_typed_weights, ST_RANGE,
         "tensor 'c2.weight': expected 8-bit elements, found 300"},
        {lost_weights, ST_PARSE,
         "expected an initializer as input 1, found 'c2.weight'"},
        {lost_input, ST_PARSE,
         "node 'sum' (QAdd): expected an earlier node's output as in"},
        {other_operator, ST_UNSUPPORTED,
         "node 'sum' (QXdd): expected an operator of the"},
        {other_domain, ST_UNSUPPORTED,
         "node 'sum' (QAdd): expected an operator of the"},
        {no_stride, ST_RANGE, "layer 'c1': expected row stride in 1..16, found 0"},
        {no_attribute, ST_PARSE, "expected an attribute 'out_signed', found none"},
        {no_end, ST_PARSE, "expected a QGemm of 2..65535 classes as the last node"},
        {float_image, ST_PARSE,
         "expected one input, UINT8 (N, H, W, C), found another"},
    };
    struct scratch *x = *state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const status st = load_changed(x, rows[i].change);
        if (st != rows[i].st || !strstr(x->err.msg, rows[i].message) ||
            strncmp(x->err.msg, x->path, strlen(x->path)) != 0)
            fail_msg("row %zu: %d: %s", i, (int)st, x->err.msg);
    }
}

/* ---- damage ---- */

static void every_truncation_is_a_parse_error(void **state)
{
    struct scratch *x = *state;
    char *bytes;
    size_t size;
    assert_ok(qnet_save(tiny(x, 3, 5), x->path, &x->err), x->err);
    assert_ok(file_read(x->path, x->a, &bytes, &size, &x->err), x->err);
    for (size_t n = 0; n < size; n += n < 200 || size - n < 200 ? 1 : 11) {
        struct arena *a = arena_new();
        struct qnet *q = NULL;
        write_quickly(x, bytes, n);
        const status st = qnet_load(x->path, a, &q, &x->err);
        if (st != ST_PARSE || !strstr(x->err.msg, x->path))
            fail_msg("cut to %zu of %zu: %d: %s", n, size, (int)st, x->err.msg);
        arena_free(a);
    }
}

/* Whatever loads after damage must also run. */
static void flipped_bits_never_crash(void **state)
{
    struct scratch *x = *state;
    struct rng rng = rng_seed(3, 0);
    const struct nn_images images = random_images(x, tiny_network(x), 2);
    char *bytes;
    size_t size;
    int n_loaded = 0;
    assert_ok(qnet_save(tiny(x, 3, 5), x->path, &x->err), x->err);
    assert_ok(file_read(x->path, x->a, &bytes, &size, &x->err), x->err);
    for (int i = 0; i < 1500; i++) {
        struct arena *a = arena_new();
        struct qnet *q = NULL;
        const size_t at = rng_below(&rng, size);
        const char bit = (char)(1 << rng_below(&rng, 8));
        bytes[at] ^= bit;
        write_quickly(x, bytes, size);
        bytes[at] ^= bit;
        if (qnet_load(x->path, a, &q, &x->err) == ST_OK) {
            uint16_t classes[2];
            n_loaded++;
            (void)qnet_classify(q, &images, NULL, classes, NULL, &x->err);
        }
        arena_free(a);
    }
    assert_true(n_loaded > 100 && n_loaded < 1400);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCRATCH_TEST(a_saved_network_loads_the_same),
        SCRATCH_TEST(shortcuts_are_kept),
        SCRATCH_TEST(quantised_and_float_networks_are_told_apart),
        SCRATCH_TEST(mistakes_name_node_and_value),
        SCRATCH_TEST(every_truncation_is_a_parse_error),
        SCRATCH_TEST(flipped_bits_never_crash),
    };
    return cmocka_run_group_tests_name("nn/qnet_file", tests, NULL, NULL);
}
