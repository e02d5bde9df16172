/* test_onnx_read_shortcut.c -- spellings of the shortcut without parameters, and what
 * is none. */
#include <stdint.h>

#include "tests/unit/nn/made_model.h"

static void ints(struct model *m, const char *name, int n, const int64_t *elems)
{
    const struct onnx_tensor_spec t = {.name = name,
                                       .type = INT64,
                                       .elem_bytes = 8,
                                       .n_dims = 1,
                                       .dims = {n},
                                       .elems = elems};
    onnx_build_tensor(&m->b, &t);
}

/* image -> Conv (3, 3, 3) of channels, rows, columns; the parts that shortcuts need. */
static void begin_shortcut(struct model *m, struct arena *a)
{
    static const int64_t zero[2] = {0, 0}, end[2] = {INT64_MAX, INT64_MAX};
    static const int64_t axes[2] = {2, 3}, steps[2] = {2, 2}, one[2] = {1, 1};
    static const int64_t pads[8] = {0, 1, 0, 0, 0, 2, 0, 0};
    begin(m, a);
    conv(m, "image w", "c");
    ints(m, "zero", 2, zero);
    ints(m, "end", 2, end);
    ints(m, "axes", 2, axes);
    ints(m, "steps", 2, steps);
    ints(m, "one", 2, one);
    ints(m, "pads", 8, pads);
}

/* Gemm of 6 channels, and the whole. */
static status finish(struct scratch *x, struct model *m, const char *last,
                     struct nn_graph **g)
{
    static const float dense[12] = {0};
    put(m, "wd6", 2, 2, 6, dense);
    node(m, "GlobalAveragePool", last, "pool");
    end(m, "pool");
    m->b.model->graph->node[m->b.model->graph->n_node - 1]->input[1] =
        arena_strdup(m->b.a, "wd6");
    return load(x, m, g);
}

static void assert_shortcut(const struct nn_graph *g, int32_t stride, int32_t before,
                            int32_t after)
{
    const struct nn_node *s = &g->nodes[2];
    assert_int_equal(g->n_nodes, 5);
    assert_int_equal(s->op, NN_SHORTCUT);
    assert_int_equal(s->inputs[0], 1);
    assert_int_equal(s->shortcut.stride_h, stride);
    assert_int_equal(s->shortcut.stride_w, stride);
    assert_int_equal(s->shortcut.before, before);
    assert_int_equal(s->shortcut.after, after);
    assert_int_equal(s->C, 6);
}

static void slices_and_a_pad_are_one_shortcut(void **state)
{
    struct scratch *x = *state;
    struct model m;
    struct nn_graph *g = NULL;
    begin_shortcut(&m, x->a);
    node(&m, "Slice", "c zero end axes steps", "s");
    node(&m, "Pad", "s pads", "p");
    assert_ok(finish(x, &m, "p", &g), x->err);
    assert_shortcut(g, 2, 1, 2);
    assert_int_equal(g->nodes[2].H, 2);
    assert_string_equal(g->nodes[2].name, "s");
}

static void the_older_form_has_attributes(void **state)
{
    static const int64_t pads[8] = {0, 1, 0, 0, 0, 2, 0, 0}, zero = 0, end = INT64_MAX;
    struct scratch *x = *state;
    struct model m;
    struct nn_graph *g = NULL;
    begin_shortcut(&m, x->a);
    Onnx__NodeProto *slice = node(&m, "Slice", "c", "s"); /* the whole: no change */
    onnx_build_ints(&m.b, slice, "starts", 1, &zero);
    onnx_build_ints(&m.b, slice, "ends", 1, &end);
    onnx_build_ints(&m.b, node(&m, "Pad", "s", "p"), "pads", 8, pads);
    assert_ok(finish(x, &m, "p", &g), x->err);
    assert_shortcut(g, 1, 1, 2);
}

static void zeros_may_be_joined_and_pixels_pooled(void **state)
{
    static const int64_t kernel[2] = {1, 1}, strides[2] = {2, 2};
    static const int64_t shape[4] = {0, 3, 2, 2};
    struct scratch *x = *state;
    struct model m;
    struct nn_graph *g = NULL;
    begin_shortcut(&m, x->a);
    ints(&m, "shape", 4, shape);
    Onnx__NodeProto *pool = node(&m, "AveragePool", "c", "s");
    onnx_build_ints(&m.b, pool, "kernel_shape", 2, kernel);
    onnx_build_ints(&m.b, pool, "strides", 2, strides);
    node(&m, "ConstantOfShape", "shape", "zeros");
    onnx_build_int(&m.b, node(&m, "Concat", "zeros s", "p"), "axis", 1);
    assert_ok(finish(x, &m, "p", &g), x->err);
    assert_shortcut(g, 2, 3, 0);
}

/* ---- what is none ---- */

struct mistake {
    const char *op, *inputs;
    int64_t list[8]; /* the constant `list` */
    int n;
    status st;
    const char *message;
};

static void other_cuts_and_pads_are_refused(void **state)
{
    static const struct mistake rows[] = {
        {"Slice",
         "c one end axes steps",
         {0},
         1,
         ST_UNSUPPORTED,
         "node 'p' (Slice): expected every element, or every 2nd to 16th row"},
        {"Slice", "c zero one axes", {0}, 1, ST_UNSUPPORTED, "found 0:1:1 of axis 2"},
        {"Slice", "c zero end axes list", {-1, -1}, 2, ST_UNSUPPORTED, "of axis 2"},
        {"Slice",
         "c zero end axes list",
         {0, 0},
         2,
         ST_RANGE,
         "a step other than 0, found 0"},
        {"Slice", "c zero end list steps", {0, 1}, 2, ST_UNSUPPORTED, "of axis 0"},
        {"Slice",
         "c zero end list steps",
         {2, 4},
         2,
         ST_RANGE,
         "an axis of 4 dimensions, found 4"},
        {"Slice", "c zero end list", {2}, 1, ST_PARSE, "of one length, found 2, 2, 1"},
        {"Slice",
         "c zero c",
         {0},
         1,
         ST_UNSUPPORTED,
         "expected a constant or a shape as input 2"},
        {"Pad",
         "c list",
         {0, 1, 1, 0, 0, 2, 0, 0},
         8,
         ST_UNSUPPORTED,
         "only convolutions pad rows and columns"},
        {"Pad", "c list", {0, -1, 0, 0, 0, 2, 0, 0}, 8, ST_UNSUPPORTED, "found -1"},
        {"Pad", "c list", {0, 1}, 2, ST_PARSE, "expected 8 pads"},
        {"Pad", "c pads w", {0}, 1, ST_UNSUPPORTED, "expected padding with zeros"},
        {"Pad",
         "c list",
         {0, 65535, 0, 0, 0, 65535, 0, 0},
         8,
         ST_RANGE,
         "expected channels in 1..65536, found 65535 of zeros, 3 and 65535"},
        {"Concat", "c c", {0}, 1, ST_UNSUPPORTED, "one feature map and zeros"},
        {"Concat",
         "c w",
         {0},
         1,
         ST_UNSUPPORTED,
         "expected zeros of (1, channels, 3, 3) as input 1"},
        {"Sub",
         "end list",
         {-1, 1},
         2,
         ST_RANGE,
         "node 'p' (Sub): expected a result of 64 bits, found"},
        {"Reshape",
         "one list",
         {3},
         1,
         ST_PARSE,
         "node 'p' (Reshape): expected a shape"},
        {"ConstantOfShape",
         "list",
         {4096, 4096, 4096},
         3,
         ST_UNSUPPORTED,
         "elements, found dimension 1 of 4096"},
    };
    struct scratch *x = *state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct model m;
        struct nn_graph *g = NULL;
        begin_shortcut(&m, x->a);
        ints(&m, "list", rows[i].n, rows[i].list);
        Onnx__NodeProto *n = node(&m, rows[i].op, rows[i].inputs, "p");
        if (strcmp(rows[i].op, "Concat") == 0) onnx_build_int(&m.b, n, "axis", 1);
        const status st = finish(x, &m, "p", &g);
        if (st != rows[i].st || !strstr(x->err.msg, rows[i].message) ||
            strncmp(x->err.msg, x->path, strlen(x->path)) != 0)
            fail_msg("row %zu: %d: %s", i, (int)st, x->err.msg);
    }
}

static void damaged_metadata_are_refused(void **state)
{
    static const char *const rows[] = {"",     "1",     "1,2,3", "1,x",
                                       "1,-1", "1,256", "1,nan"};
    struct scratch *x = *state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct model m;
        struct nn_graph *g = NULL;
        begin_shortcut(&m, x->a);
        onnx_build_metadata(&m.b, "bitwright.input_zero", rows[i]);
        node(&m, "Pad", "c pads", "p");
        if (finish(x, &m, "p", &g) != ST_PARSE ||
            !strstr(x->err.msg, "metadata bitwright.input_zero: expected a number in "))
            fail_msg("row %zu: %s", i, x->err.msg);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCRATCH_TEST(slices_and_a_pad_are_one_shortcut),
        SCRATCH_TEST(the_older_form_has_attributes),
        SCRATCH_TEST(zeros_may_be_joined_and_pixels_pooled),
        SCRATCH_TEST(other_cuts_and_pads_are_refused),
        SCRATCH_TEST(damaged_metadata_are_refused),
    };
    return cmocka_run_group_tests_name("nn/onnx_read_shortcut", tests, NULL, NULL);
}
