/* onnx_read_input.c -- the image of an ONNX network: its shape, and what our metadata
 * say about its pixels. */
#include <math.h>
#include <stdlib.h>

#include "nn/onnx_read_internal.h"

static status check_image(const struct onnx_reader *r, const Onnx__ValueInfoProto *v,
                          struct err *err)
{
    if (!v->type || v->type->value_case != ONNX__TYPE_PROTO__VALUE_TENSOR_TYPE ||
        !v->type->tensor_type->shape || v->type->tensor_type->shape->n_dim != 4)
        return err_set(err, ST_UNSUPPORTED,
                       "%s: input '%.64s': expected a tensor of four "
                       "dimensions (N, C, H, W), found another type",
                       r->f.path, v->name);
    if (v->type->tensor_type->elem_type != ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT)
        return err_set(err, ST_UNSUPPORTED,
                       "%s: input '%.64s': expected elements of type "
                       "FLOAT, found ONNX type %d",
                       r->f.path, v->name, v->type->tensor_type->elem_type);
    for (size_t i = 1; i < 4; i++)
        if (onnx_dim(v->type->tensor_type->shape, i) < 1 ||
            onnx_dim(v->type->tensor_type->shape, i) > 65536)
            return err_set(err, ST_UNSUPPORTED,
                           "%s: input '%.64s': expected fixed "
                           "dimensions in 1..65536 after the batch, found %lld",
                           r->f.path, v->name,
                           (long long)onnx_dim(v->type->tensor_type->shape, i));
    return ST_OK;
}

/* Older files list initializers among the inputs; the image is the other one. */
status onnx_read_image(struct onnx_reader *r, struct err *err)
{
    const Onnx__GraphProto *g = r->f.model->graph;
    const Onnx__ValueInfoProto *image = NULL;
    for (size_t i = 0; i < g->n_input; i++) {
        const Onnx__ValueInfoProto *v = g->input[i];
        if (!v->name || onnx_initializer(&r->f, v->name)) continue;
        if (image)
            return err_set(err, ST_UNSUPPORTED,
                           "%s: expected one input, found '%.64s' and "
                           "'%.64s'",
                           r->f.path, image->name, v->name);
        image = v;
    }
    if (!image)
        return err_set(err, ST_PARSE, "%s: expected one input, found none", r->f.path);
    TRY(check_image(r, image, err));
    const Onnx__TensorShapeProto *shape = image->type->tensor_type->shape;
    struct nn_node *node = &r->g->nodes[0];
    onnx_copy_name(node->name, image->name);
    node->op = NN_INPUT;
    node->C = (int32_t)onnx_dim(shape, 1);
    node->H = (int32_t)onnx_dim(shape, 2);
    node->W = (int32_t)onnx_dim(shape, 3);
    struct err why;
    const status st = graph_infer_node(r->g, 0, &why);
    if (st != ST_OK) return err_set(err, st, "%s: %.400s", r->f.path, why.msg);
    r->g->n_nodes = 1;
    r->values[r->n_values++] = (struct onnx_value){.name = image->name};
    return ST_OK;
}

static status bad_metadata(const struct onnx_reader *r, const char *key,
                           const char *what, const char *text, struct err *err)
{
    return err_set(err, ST_PARSE, "%s: metadata %s: expected %s, found '%.64s'",
                   r->f.path, key, what, text);
}

/* Codes that stand for 0, one per channel, separated by commas. */
static status read_zero(struct onnx_reader *r, const char *text, struct err *err)
{
    static const char key[] = "bitwright.input_zero";
    const int32_t C = r->g->nodes[0].C;
    const char *p = text;
    r->g->input_zero = ARENA_NEW(r->a, float, (size_t)C);
    if (!r->g->input_zero) return arena_exhausted(err);
    for (int32_t c = 0; c < C; c++) {
        char *end;
        const float v = strtof(p, &end);
        if (end == p || !(v >= 0 && v <= 255) || *end != (c < C - 1 ? ',' : '\0'))
            return bad_metadata(r, key, "a number in 0..255 for each channel", text,
                                err);
        r->g->input_zero[c] = v;
        p = end + 1;
    }
    return ST_OK;
}

status onnx_read_metadata(struct onnx_reader *r, struct err *err)
{
    static const char key[] = "bitwright.input_scale";
    r->g->input_scale = 1.0f / 255.0f;
    const char *provenance = onnx_metadata(&r->f, "bitwright.provenance");
    if (provenance) r->g->provenance = provenance;
    const char *zero = onnx_metadata(&r->f, "bitwright.input_zero");
    if (zero) TRY(read_zero(r, zero, err));
    const char *text = onnx_metadata(&r->f, key);
    if (!text) return ST_OK;
    char *end;
    r->g->input_scale = strtof(text, &end);
    if (*end || end == text || !isfinite(r->g->input_scale) || r->g->input_scale <= 0)
        return bad_metadata(r, key, "a positive number", text, err);
    return ST_OK;
}
