/* import_cmd.c -- `bitwright import`: what a network file holds, layer by layer. */
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/provenance.h"
#include "nn/commands.h"
#include "nn/graph.h"
#include "nn/qnet_internal.h"

/* One row per layer with weights; bits are 0 in an fp32 network. */
struct row {
    const struct layer_shape *shape;
    int wbits, abits;
    int64_t parameters; /* weights, biases, batch-norm scales and shifts        */
};

struct network {
    const char *name;
    int32_t H, W, C, n_classes, n_rows;
    struct row *rows;
    int64_t macs, parameters; /* per image; of all layers */
};

static void add_row(struct network *n, struct row row)
{
    n->macs += layer_shape_macs(row.shape);
    n->parameters += row.parameters;
    n->rows[n->n_rows++] = row;
}

static status describe_graph(const struct nn_graph *g, struct arena *a,
                             struct network *n, struct err *err)
{
    const struct nn_node *in = &g->nodes[0];
    *n = (struct network){.name = g->name, .H = in->H, .W = in->W, .C = in->C};
    n->n_classes = g->n_classes;
    n->rows = ARENA_NEW(a, struct row, (size_t)g->n_layers);
    if (!n->rows) return arena_exhausted(err);
    for (int32_t i = 0; i < g->n_layers; i++) {
        const struct nn_node *node = &g->nodes[g->layer_nodes[i]];
        const int64_t K = node->shape.K;
        add_row(n, (struct row){.shape = &node->shape,
                                .parameters = layer_shape_weights(&node->shape) +
                                              (node->bn ? 2 * K : 0) +
                                              (node->bias ? K : 0)});
    }
    return ST_OK;
}

static status describe_qnet(const struct qnet *q, struct arena *a, struct network *n,
                            struct err *err)
{
    const struct qnet_node *in = &q->nodes[0];
    *n = (struct network){.name = q->name, .H = in->H, .W = in->W, .C = in->C};
    n->n_classes = q->n_classes;
    n->rows = ARENA_NEW(a, struct row, (size_t)q->n_layers);
    if (!n->rows) return arena_exhausted(err);
    for (int32_t i = 0; i < q->n_layers; i++) {
        const struct qnet_layer *l = qnet_layer(q, i);
        add_row(n, (struct row){.shape = &l->shape,
                                .wbits = l->wbits,
                                .abits = l->abits,
                                .parameters = layer_shape_weights(&l->shape) +
                                              2 * (int64_t)l->shape.K});
    }
    return ST_OK;
}

static status load(const char *path, struct arena *a, struct network *n,
                   struct err *err)
{
    const size_t length = strlen(path);
    bool is_quantised = false;
    if (length > 5 && strcmp(path + length - 5, ".onnx") == 0)
        TRY(qnet_is_quantised(path, &is_quantised, err));
    if (is_quantised) {
        struct qnet *q;
        TRY(qnet_load(path, a, &q, err));
        return describe_qnet(q, a, n, err);
    }
    struct nn_graph *g;
    TRY(nn_graph_load(path, 0, a, &g, err));
    return describe_graph(g, a, n, err);
}

/* ---- output ---- */

static const char *op_name(const struct layer_shape *l)
{
    return l->op == LAYER_CONV ? "conv" : "gemm";
}

static int name_width(const struct network *n)
{
    size_t width = 5;
    for (int32_t i = 0; i < n->n_rows; i++)
        if (strlen(n->rows[i].shape->name) > width)
            width = strlen(n->rows[i].shape->name);
    return (int)width;
}

static void print_row(const struct row *r, int width)
{
    const struct layer_shape *l = r->shape;
    char in[40], out[40], kernel[16], stride[16], bits[16];
    snprintf(in, sizeof in, "%dx%dx%d", l->H, l->W, l->C);
    snprintf(out, sizeof out, "%dx%dx%d", l->P, l->Q, l->K);
    snprintf(kernel, sizeof kernel, "%dx%d", l->R, l->S);
    snprintf(stride, sizeof stride, "%dx%d", l->stride_h, l->stride_w);
    if (r->wbits)
        snprintf(bits, sizeof bits, "%d/%d", r->wbits, r->abits);
    else
        snprintf(bits, sizeof bits, "fp32");
    printf("%-*s  %-4s  %-13s %-13s %-6s %-6s %-5s %12lld %11lld\n", width, l->name,
           op_name(l), in, out, kernel, stride, bits, (long long)layer_shape_macs(l),
           (long long)r->parameters);
}

static void print_table(const struct network *n)
{
    const int width = name_width(n);
    printf("%s: input %dx%dx%d (rows, columns, channels), %d classes\n\n", n->name,
           n->H, n->W, n->C, n->n_classes);
    printf("%-*s  %-4s  %-13s %-13s %-6s %-6s %-5s %12s %11s\n", width, "layer", "op",
           "input", "output", "kernel", "stride", "w/a", "MACs", "parameters");
    for (int32_t i = 0; i < n->n_rows; i++)
        print_row(&n->rows[i], width);
    printf("%-*s  %-4s  %-13s %-13s %-6s %-6s %-5s %12lld %11lld\n", width, "total", "",
           "", "", "", "", "", (long long)n->macs, (long long)n->parameters);
}

static json_t *row_json(const struct row *r)
{
    const struct layer_shape *l = r->shape;
    json_t *o = json_pack("{s:s, s:s, s:[iii], s:[iii], s:[ii], s:[ii], s:[iiii]}",
                          "name", l->name, "op", op_name(l), "input_hwc", l->H, l->W,
                          l->C, "output_pqk", l->P, l->Q, l->K, "kernel_rs", l->R, l->S,
                          "stride_hw", l->stride_h, l->stride_w, "pads_tlbr",
                          l->pad_top, l->pad_left, l->pad_bottom, l->pad_right);
    json_t *sizes = json_pack(
        "{s:i, s:i, s:I, s:I, s:I}", "MW", layer_shape_MW(l), "MH", layer_shape_MH(l),
        "n_vec", (json_int_t)layer_shape_n_vec(l), "macs",
        (json_int_t)layer_shape_macs(l), "parameters", (json_int_t)r->parameters);
    json_t *bits = r->wbits
                       ? json_pack("{s:i, s:i}", "wbits", r->wbits, "abits", r->abits)
                       : json_object();
    const bool good = o && sizes && bits && json_object_update(o, sizes) == 0 &&
                      json_object_update(o, bits) == 0;
    json_decref(sizes);
    json_decref(bits);
    if (good) return o;
    json_decref(o);
    return NULL;
}

static json_t *network_json(const struct network *n, const struct provenance *p)
{
    json_t *layers = json_array();
    for (int32_t i = 0; layers && i < n->n_rows; i++) {
        if (json_array_append_new(layers, row_json(&n->rows[i])) == 0) continue;
        json_decref(layers);
        return NULL;
    }
    return json_pack("{s:s, s:s, s:[iii], s:i, s:I, s:I, s:o, s:o}", "schema",
                     "bitwright.network/1", "name", n->name, "input_hwc", n->H, n->W,
                     n->C, "n_classes", n->n_classes, "macs", (json_int_t)n->macs,
                     "parameters", (json_int_t)n->parameters, "layers", layers,
                     "provenance", provenance_json(p));
}

static status print_json(const struct network *n, const char *path, struct err *err)
{
    struct provenance p;
    provenance_init(&p, "bitwright import", 0);
    TRY(provenance_input(&p, path, err));
    json_t *value = network_json(n, &p);
    if (!value)
        return err_set(err, ST_PARSE,
                       "%s: expected names in UTF-8 to write as JSON, found "
                       "others",
                       path);
    const status st = json_file_save("-", value, err);
    json_decref(value);
    return st;
}

static status import_run(int argc, char **argv, struct err *err)
{
    bool json = false, help = false;
    struct cli_list files = {0};
    const struct cli_option options[] = {
        {"json", 0, CLI_FLAG, &json, NULL, "one JSON object instead of a table", 0, 0},
        {0}};
    TRY(cli_parse(&import_command, options, argc, argv, &files, &help, err));
    if (help) return ST_OK;
    if (files.n != 1)
        return err_set(err, ST_USAGE, "expected one network file, found %d", files.n);
    struct arena *a = arena_new();
    if (!a) return arena_exhausted(err);
    struct network n;
    status st = load(files.items[0], a, &n, err);
    if (st == ST_OK && json) st = print_json(&n, files.items[0], err);
    if (st == ST_OK && !json) print_table(&n);
    arena_free(a);
    return st;
}

const struct cli_command import_command = {
    "import", "NETWORK.onnx|NETWORK.yaml [--json]",
    "layers of a network: shapes, MACs, parameters", import_run};
