/* import_cmd.c -- `bitwright import`: what a network file holds, layer by layer; and,
 * with -o, the same network in the form that our writers give it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/provenance.h"
#include "nn/commands.h"
#include "nn/graph.h"
#include "nn/qnet_internal.h"

/* One row per layer with weights; bits are 0 in an fp32 network, and where a file gave
 * none. */
struct row {
    const struct layer_shape *shape;
    int wbits, abits;
    int64_t parameters; /* weights, biases, batch-norm scales and shifts        */
};

struct network {
    const struct nn_graph *graph; /* NULL: a quantised network                */
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
    *n = (struct network){.graph = g, .name = g->name, .H = in->H, .W = in->W};
    n->C = in->C;
    n->n_classes = g->n_classes;
    n->rows = ARENA_NEW(a, struct row, (size_t)g->n_layers);
    if (!n->rows) return arena_exhausted(err);
    for (int32_t i = 0; i < g->n_layers; i++) {
        const struct nn_node *node = &g->nodes[g->layer_nodes[i]];
        const int64_t K = node->shape.K;
        add_row(n, (struct row){.shape = &node->shape,
                                .wbits = node->given.wbits,
                                .abits = node->given.abits,
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

/* ---- normalisation ---- */

struct import {
    const char *path, *mean, *deviation, *output;
    bool json;
};

/* n numbers separated by commas, or one for all. */
static status read_numbers(const char *option, const char *text, int32_t n, double *out,
                           struct err *err)
{
    const char *p = text;
    int32_t i = 0;
    for (; i < n; i++) {
        char *end;
        out[i] = strtod(p, &end);
        if (end == p || (*end != ',' && *end)) break;
        p = *end ? end + 1 : end;
        if (!*end && i == 0)
            for (; i < n - 1; i++)
                out[i + 1] = out[0];
    }
    if (i == n && !*p) return ST_OK;
    return err_set(err, ST_USAGE,
                   "--%s: expected %d numbers separated by commas, one per channel, "
                   "found '%s'",
                   option, n, text);
}

static status normalise(const struct import *c, struct nn_graph *g, struct arena *a,
                        struct err *err)
{
    const int32_t C = g->nodes[0].C;
    double *mean = ARENA_NEW(a, double, (size_t)C);
    double *deviation = ARENA_NEW(a, double, (size_t)C);
    if (!mean || !deviation) return arena_exhausted(err);
    TRY(read_numbers("mean", c->mean, C, mean, err));
    TRY(read_numbers("std", c->deviation, C, deviation, err));
    struct err why;
    const status st = nn_graph_normalise(g, mean, deviation, a, &why);
    return st == ST_OK ? ST_OK : err_set(err, st, "%s: %s", c->path, why.msg);
}

static bool is_onnx(const char *path)
{
    const size_t length = strlen(path);
    return length > 5 && strcmp(path + length - 5, ".onnx") == 0;
}

static status load(const struct import *c, struct arena *a, struct network *n,
                   struct err *err)
{
    const char *path = c->path;
    bool is_quantised = false;
    if (is_onnx(path)) TRY(qnet_is_quantised(path, &is_quantised, err));
    if (is_quantised && (c->mean || c->output))
        return err_set(err, ST_UNSUPPORTED,
                       "%s: --mean, --std and -o expect an fp32 network, found a "
                       "quantised one",
                       path);
    if (is_quantised) {
        struct qnet *q;
        TRY(qnet_load(path, a, &q, err));
        return describe_qnet(q, a, n, err);
    }
    struct nn_graph *g;
    TRY(nn_graph_load(path, 0, a, &g, err));
    if (c->mean) TRY(normalise(c, g, a, err));
    return describe_graph(g, a, n, err);
}

/* ---- output ---- */

static const char *op_name(const struct layer_shape *l)
{
    if (l->op == LAYER_GEMM) return "gemm";
    return l->groups == 1 ? "conv" : l->groups == l->C ? "dwconv" : "gconv";
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
    char a[8] = "-", w[8] = "-";
    if (r->wbits) snprintf(w, sizeof w, "%d", r->wbits);
    if (r->abits) snprintf(a, sizeof a, "%d", r->abits);
    if (r->wbits || r->abits)
        snprintf(bits, sizeof bits, "%s/%s", w, a);
    else
        snprintf(bits, sizeof bits, "fp32");
    printf("%-*s  %-6s %-13s %-13s %-6s %-6s %-5s %12lld %11lld\n", width, l->name,
           op_name(l), in, out, kernel, stride, bits, (long long)layer_shape_macs(l),
           (long long)r->parameters);
}

static void print_table(const struct network *n)
{
    const int width = name_width(n);
    printf("%s: input %dx%dx%d (rows, columns, channels), %d classes\n\n", n->name,
           n->H, n->W, n->C, n->n_classes);
    if (n->graph && n->graph->input_zero) {
        printf("pixel codes that stand for 0: ");
        for (int32_t c = 0; c < n->C; c++)
            printf("%s%.6g", c ? ", " : "", (double)n->graph->input_zero[c]);
        printf("; value of one code: %.6g\n\n", (double)n->graph->input_scale);
    }
    printf("%-*s  %-6s %-13s %-13s %-6s %-6s %-5s %12s %11s\n", width, "layer", "op",
           "input", "output", "kernel", "stride", "w/a", "MACs", "parameters");
    for (int32_t i = 0; i < n->n_rows; i++)
        print_row(&n->rows[i], width);
    printf("%-*s  %-6s %-13s %-13s %-6s %-6s %-5s %12lld %11lld\n", width, "total", "",
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
        "{s:i, s:i, s:i, s:I, s:I, s:I}", "groups", l->groups, "MW", layer_shape_MW(l),
        "MH", layer_shape_MH(l), "n_vec", (json_int_t)layer_shape_n_vec(l), "macs",
        (json_int_t)layer_shape_macs(l), "parameters", (json_int_t)r->parameters);
    json_t *bits = r->wbits ? json_pack("{s:i, s:o}", "wbits", r->wbits, "abits",
                                        r->abits ? json_integer(r->abits) : json_null())
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

/* ---- the command ---- */

/* What made the file, after what the network's own file said. */
static status set_provenance(const struct import *c, struct nn_graph *g,
                             struct arena *a, struct err *err)
{
    struct provenance p;
    provenance_init(&p, "bitwright import", 0);
    TRY(provenance_input(&p, c->path, err));
    json_t *value = provenance_json(&p);
    const bool good =
        value && (!c->mean ||
                  (json_object_set_new(value, "mean", json_string(c->mean)) == 0 &&
                   json_object_set_new(value, "std", json_string(c->deviation)) == 0));
    char *text = good ? json_dumps(value, JSON_COMPACT) : NULL;
    g->provenance = text ? arena_strdup(a, text) : NULL;
    free(text);
    json_decref(value);
    return g->provenance ? ST_OK : arena_exhausted(err);
}

static status import(const struct import *c, struct arena *a, struct err *err)
{
    struct network n;
    TRY(load(c, a, &n, err));
    if (c->output) {
        struct nn_graph *g = nn_graph_copy(n.graph, a);
        if (!g) return arena_exhausted(err);
        TRY(set_provenance(c, g, a, err));
        return nn_graph_save_onnx(g, c->output, err);
    }
    if (c->json) return print_json(&n, c->path, err);
    print_table(&n);
    return ST_OK;
}

static status check_options(const struct import *c, struct err *err)
{
    if (!c->mean != !c->deviation)
        return err_set(err, ST_USAGE, "expected --mean and --std together, found one");
    if (c->output && c->json)
        return err_set(err, ST_USAGE, "expected -o or --json, found both");
    if (c->output && !is_onnx(c->path))
        return err_set(err, ST_USAGE,
                       "%s: -o expects a trained network, *.onnx; an architecture file "
                       "has no weights",
                       c->path);
    if (c->output && !is_onnx(c->output))
        return err_set(err, ST_USAGE, "-o: expected a file named *.onnx, found '%s'",
                       c->output);
    return ST_OK;
}

static status import_run(int argc, char **argv, struct err *err)
{
    struct import c = {0};
    bool help = false;
    struct cli_list files = {0};
    const struct cli_option options[] = {
        {"mean", 0, CLI_TEXT, &c.mean, "R,G,B",
         "mean that training took off each channel, in 0..1; needs --std", 0, 0},
        {"std", 0, CLI_TEXT, &c.deviation, "R,G,B",
         "standard deviation that training divided by", 0, 0},
        {"output", 'o', CLI_TEXT, &c.output, "FILE.onnx",
         "write the network instead of its table, reading pixel codes", 0, 0},
        {"json", 0, CLI_FLAG, &c.json, NULL, "one JSON object instead of a table", 0,
         0},
        {0}};
    TRY(cli_parse(&import_command, options, argc, argv, &files, &help, err));
    if (help) return ST_OK;
    if (files.n != 1)
        return err_set(err, ST_USAGE, "expected one network file, found %d", files.n);
    struct arena *a = arena_new();
    if (!a) return arena_exhausted(err);
    c.path = files.items[0];
    status st = check_options(&c, err);
    if (st == ST_OK) st = import(&c, a, err);
    arena_free(a);
    return st;
}

const struct cli_command import_command = {
    "import", "NETWORK.onnx|NETWORK.yaml [--json] [-o FILE.onnx]",
    "layers of a network: shapes, MACs, parameters", import_run};
