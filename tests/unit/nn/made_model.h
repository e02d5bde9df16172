/* made_model.h -- small ONNX files for tests, made node by node. */
#ifndef TESTS_MADE_MODEL_H
#define TESTS_MADE_MODEL_H

#include "nn/onnx_build.h"
#include "tests/unit/nn/tiny_network.h"

enum {
    FLOAT = ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT,
    INT64 = ONNX__TENSOR_PROTO__DATA_TYPE__INT64
};

/* image (N, 2, 5, 4) -> Conv c (3, 2, 3, 2) -> ... -> Gemm fc (2, 3). */
struct model {
    struct onnx_builder b;
    float conv[36], dense[6], three[3];
    struct onnx_tensor_spec weights;
};

static inline void put(struct model *m, const char *name, int n_dims, int64_t d0,
                       int64_t d1, const float *elems)
{
    const struct onnx_tensor_spec t = {.name = name,
                                       .type = FLOAT,
                                       .elem_bytes = 4,
                                       .n_dims = n_dims,
                                       .dims = {d0, d1},
                                       .elems = elems};
    onnx_build_tensor(&m->b, &t);
}

static inline void begin(struct model *m, struct arena *a)
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
static inline Onnx__NodeProto *node(struct model *m, const char *op, const char *inputs,
                                    const char *output)
{
    const char *list[8] = {NULL};
    char *words = arena_strdup(m->b.a, inputs);
    int n = 0;
    for (char *w = strtok(words, " "); w; w = strtok(NULL, " "))
        list[n++] = w;
    return onnx_build_node(&m->b, "", op, output, list, output);
}

static inline Onnx__NodeProto *conv(struct model *m, const char *inputs,
                                    const char *output)
{
    onnx_build_tensor(&m->b, &m->weights);
    return node(m, "Conv", inputs, output);
}

/* pooled value -> Flatten -> Gemm, and the graph's output. */
static inline Onnx__NodeProto *end(struct model *m, const char *pooled)
{
    static const int64_t out[2] = {ONNX_BATCH, 2};
    node(m, "Flatten", pooled, "flat");
    Onnx__NodeProto *n = node(m, "Gemm", "flat wd", "fc");
    onnx_build_int(&m->b, n, "transB", 1);
    onnx_build_value(&m->b, true, "fc", FLOAT, 2, out);
    return n;
}

static inline status load(struct scratch *x, struct model *m, struct nn_graph **g)
{
    assert_ok(onnx_build_save(&m->b, x->path, &x->err), x->err);
    return nn_graph_load(x->path, 0, x->a, g, &x->err);
}

static inline void text_attribute(struct model *m, Onnx__NodeProto *n, const char *name,
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

#endif
