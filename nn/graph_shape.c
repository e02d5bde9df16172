/* graph_shape.c -- from operators to shapes, and the checks on a whole network. */
#include <string.h>

#include "nn/graph_internal.h"

/* The bounds that nn/layer_shape.h states. */
static status check_bounds(const struct layer_shape *l, struct err *err)
{
    const struct {
        const char *what;
        int32_t value, lo, hi;
    } rows[] = {
        {"out-channels", l->K, 1, 65536},
        {"in-channels", l->C, 1, 65536},
        {"rows", l->H, 1, 65536},
        {"columns", l->W, 1, 65536},
        {"kernel rows", l->R, 1, 31},
        {"kernel columns", l->S, 1, 31},
        {"row stride", l->stride_h, 1, 16},
        {"column stride", l->stride_w, 1, 16},
        {"top padding", l->pad_top, 0, 31},
        {"left padding", l->pad_left, 0, 31},
        {"bottom padding", l->pad_bottom, 0, 31},
        {"right padding", l->pad_right, 0, 31},
        {"groups", l->groups, 1, 65536},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (rows[i].value >= rows[i].lo && rows[i].value <= rows[i].hi) continue;
        return err_set(err, ST_RANGE, "layer '%s': expected %s in %d..%d, found %d",
                       l->name, rows[i].what, rows[i].lo, rows[i].hi, rows[i].value);
    }
    return ST_OK;
}

static status check_elements(const struct nn_node *node, struct err *err)
{
    const int64_t limit = GRAPH_MAX_ELEMENTS;
    const int64_t n = (int64_t)node->H * node->W; /* at most 2^32 by the bounds */
    if (n > limit || n * node->C > limit)
        return err_set(err, ST_RANGE,
                       "node '%s': expected at most %lld output elements, "
                       "found %dx%dx%d",
                       node->name, (long long)limit, node->H, node->W, node->C);
    return ST_OK;
}

static status check_weights(const struct layer_shape *l, struct err *err)
{
    if (layer_shape_weights(l) <= GRAPH_MAX_ELEMENTS) return ST_OK;
    return err_set(err, ST_RANGE, "layer '%s': expected at most %d weights, found %lld",
                   l->name, GRAPH_MAX_ELEMENTS, (long long)layer_shape_weights(l));
}

status graph_infer_conv(struct layer_shape *l, int32_t H, int32_t W, int32_t C,
                        struct err *err)
{
    l->op = LAYER_CONV;
    l->C = C;
    l->H = H;
    l->W = W;
    if (l->groups == 0) l->groups = 1;
    TRY(check_bounds(l, err));
    if (l->C % l->groups || l->K % l->groups)
        return err_set(err, ST_RANGE,
                       "layer '%s': expected in-channels and out-channels that %d "
                       "groups divide, found %d and %d",
                       l->name, l->groups, l->C, l->K);
    const int32_t rows = l->H + l->pad_top + l->pad_bottom - l->R;
    const int32_t columns = l->W + l->pad_left + l->pad_right - l->S;
    if (rows < 0 || columns < 0)
        return err_set(err, ST_RANGE,
                       "layer '%s': expected a kernel no larger than its padded input, "
                       "found %dx%d on %dx%d",
                       l->name, l->R, l->S, rows + l->R, columns + l->S);
    l->P = rows / l->stride_h + 1;
    l->Q = columns / l->stride_w + 1;
    return check_weights(l, err);
}

/* A feature map is flattened in NHWC order, which needs no copying. */
status graph_infer_gemm(struct layer_shape *l, int32_t H, int32_t W, int32_t C,
                        struct err *err)
{
    const int64_t n = (int64_t)H * W * C; /* an output's size: GRAPH_MAX_ELEMENTS */
    l->op = LAYER_GEMM;
    l->C = (int32_t)n;
    l->H = l->W = l->P = l->Q = l->R = l->S = l->stride_h = l->stride_w = l->groups = 1;
    l->pad_top = l->pad_left = l->pad_bottom = l->pad_right = 0;
    TRY(check_bounds(l, err));
    return check_weights(l, err);
}

static void set_output(struct nn_node *node, int32_t H, int32_t W, int32_t C)
{
    node->H = H;
    node->W = W;
    node->C = C;
}

static status infer_add(struct nn_node *node, const struct nn_node *x,
                        const struct nn_node *y, struct err *err)
{
    if (x->op == NN_INPUT || y->op == NN_INPUT)
        return err_set(err, ST_UNSUPPORTED,
                       "node '%s' (Add): expected outputs of layers "
                       "as operands, found the image",
                       node->name);
    if (x->op == NN_GAP || y->op == NN_GAP)
        return err_set(err, ST_UNSUPPORTED,
                       "node '%s' (Add): expected feature maps as "
                       "operands, found a pooled one",
                       node->name);
    if (x->H != y->H || x->W != y->W || x->C != y->C)
        return err_set(err, ST_PARSE,
                       "node '%s' (Add): expected operands of one shape, "
                       "found %dx%dx%d from '%s' and %dx%dx%d from '%s'",
                       node->name, x->H, x->W, x->C, x->name, y->H, y->W, y->C,
                       y->name);
    set_output(node, x->H, x->W, x->C);
    return ST_OK;
}

static status infer_gap(struct nn_node *node, const struct nn_node *x, struct err *err)
{
    if (x->op == NN_INPUT || x->op == NN_GAP)
        return err_set(err, ST_UNSUPPORTED,
                       "node '%s' (GlobalAveragePool): expected the "
                       "output of a layer as input, found '%s'",
                       node->name, x->name);
    set_output(node, 1, 1, x->C);
    return ST_OK;
}

/* On a shortcut another one would be the same as one alone. */
static status infer_shortcut(struct nn_node *node, const struct nn_node *x,
                             struct err *err)
{
    const struct nn_shortcut *s = &node->shortcut;
    const int64_t channels = (int64_t)s->before + x->C + s->after;
    if (x->op != NN_CONV && x->op != NN_ADD && !nn_keeps_grid(x->op))
        return err_set(
            err, ST_UNSUPPORTED,
            "node '%s' (shortcut): expected the output of a convolution or an "
            "addition as input, found '%s' (%s)",
            node->name, x->name, graph_op_name(x->op));
    if (s->stride_h < 1 || s->stride_h > 16 || s->stride_w < 1 || s->stride_w > 16)
        return err_set(
            err, ST_RANGE,
            "node '%s' (shortcut): expected strides in 1..16, found %d and %d",
            node->name, s->stride_h, s->stride_w);
    if (s->stride_h == 1 && s->stride_w == 1 && s->before == 0 && s->after == 0)
        return err_set(err, ST_RANGE,
                       "node '%s' (shortcut): expected a stride or channels of zeros, "
                       "found neither",
                       node->name);
    if (s->before < 0 || s->after < 0 || channels > 65536)
        return err_set(
            err, ST_RANGE,
            "node '%s' (shortcut): expected channels in 1..65536, found %d of "
            "zeros, %d and %d of zeros",
            node->name, s->before, x->C, s->after);
    set_output(node, nn_shortcut_size(x->H, s->stride_h),
               nn_shortcut_size(x->W, s->stride_w), (int32_t)channels);
    return ST_OK;
}

status graph_infer_pool(const char *name, const struct nn_pool *p, int32_t H, int32_t W,
                        int32_t *P, int32_t *Q, struct err *err)
{
    if (p->R < 1 || p->R > 31 || p->S < 1 || p->S > 31 || p->stride_h < 1 ||
        p->stride_h > 16 || p->stride_w < 1 || p->stride_w > 16)
        return err_set(
            err, ST_RANGE,
            "node '%s' (max pool): expected a window of 1..31 and strides of "
            "1..16, found %dx%d and %dx%d",
            name, p->R, p->S, p->stride_h, p->stride_w);
    if (p->pad_top < 0 || p->pad_top >= p->R || p->pad_bottom < 0 ||
        p->pad_bottom >= p->R || p->pad_left < 0 || p->pad_left >= p->S ||
        p->pad_right < 0 || p->pad_right >= p->S)
        return err_set(err, ST_RANGE,
                       "node '%s' (max pool): expected less padding than the window of "
                       "%dx%d, found %d, %d, %d and %d",
                       name, p->R, p->S, p->pad_top, p->pad_left, p->pad_bottom,
                       p->pad_right);
    if (H + p->pad_top + p->pad_bottom < p->R || W + p->pad_left + p->pad_right < p->S)
        return err_set(err, ST_RANGE,
                       "node '%s' (max pool): expected a window no larger than its "
                       "padded input, found %dx%d on %dx%d",
                       name, p->R, p->S, H + p->pad_top + p->pad_bottom,
                       W + p->pad_left + p->pad_right);
    *P = nn_pool_size(H, p->pad_top, p->pad_bottom, p->R, p->stride_h);
    *Q = nn_pool_size(W, p->pad_left, p->pad_right, p->S, p->stride_w);
    return ST_OK;
}

static status infer_max_pool(struct nn_node *node, const struct nn_node *x,
                             struct err *err)
{
    int32_t P, Q;
    if (x->op != NN_CONV && x->op != NN_ADD && !nn_keeps_grid(x->op))
        return err_set(err, ST_UNSUPPORTED,
                       "node '%s' (max pool): expected the output of a convolution or "
                       "an addition as input, found '%s' (%s)",
                       node->name, x->name, graph_op_name(x->op));
    TRY(graph_infer_pool(node->name, &node->pool, x->H, x->W, &P, &Q, err));
    set_output(node, P, Q, x->C);
    return ST_OK;
}

status graph_infer_node(struct nn_graph *g, int32_t i, struct err *err)
{
    struct nn_node *node = &g->nodes[i];
    const struct nn_node *x = node->n_inputs > 0 ? &g->nodes[node->inputs[0]] : NULL;
    memcpy(node->shape.name, node->name, sizeof node->name);
    node->i_layer = -1;
    if (node->relu && node->op != NN_CONV && node->op != NN_ADD)
        return err_set(err, ST_UNSUPPORTED,
                       "node '%s': a ReLU is supported after a "
                       "convolution or an addition, found one after '%s'",
                       node->name, graph_op_name(node->op));
    switch (node->op) {
    case NN_INPUT:
        break;
    case NN_CONV:
        TRY(graph_infer_conv(&node->shape, x->H, x->W, x->C, err));
        set_output(node, node->shape.P, node->shape.Q, node->shape.K);
        break;
    case NN_GEMM:
        TRY(graph_infer_gemm(&node->shape, x->H, x->W, x->C, err));
        set_output(node, 1, 1, node->shape.K);
        break;
    case NN_ADD:
        TRY(infer_add(node, x, &g->nodes[node->inputs[1]], err));
        break;
    case NN_GAP:
        TRY(infer_gap(node, x, err));
        break;
    case NN_SHORTCUT:
        TRY(infer_shortcut(node, x, err));
        break;
    case NN_MAXPOOL:
        TRY(infer_max_pool(node, x, err));
        break;
    }
    return check_elements(node, err);
}

static status check_names(const struct nn_graph *g, struct err *err)
{
    for (int32_t i = 0; i < g->n_nodes; i++)
        for (int32_t j = 0; j < i; j++)
            if (strcmp(g->nodes[i].name, g->nodes[j].name) == 0)
                return err_set(err, ST_PARSE,
                               "expected unique node names, found '%s' "
                               "twice",
                               g->nodes[i].name);
    return ST_OK;
}

static bool is_read(const struct nn_graph *g, int32_t i)
{
    for (int32_t j = i + 1; j < g->n_nodes; j++)
        for (int32_t k = 0; k < g->nodes[j].n_inputs; k++)
            if (g->nodes[j].inputs[k] == i) return true;
    return false;
}

static status check_ends(const struct nn_graph *g, struct err *err)
{
    const struct nn_node *last = &g->nodes[g->n_nodes - 1];
    if (last->op != NN_GEMM)
        return err_set(err, ST_UNSUPPORTED,
                       "expected a fully connected layer as the "
                       "last node, found '%s' (%s)",
                       last->name, graph_op_name(last->op));
    for (int32_t i = 0; i < g->n_nodes - 1; i++) {
        if (g->nodes[i].op == NN_GEMM)
            return err_set(err, ST_UNSUPPORTED,
                           "node '%s' (Gemm): a fully connected "
                           "layer is supported as the last node only",
                           g->nodes[i].name);
        if (!is_read(g, i))
            return err_set(err, ST_PARSE,
                           "expected every node to be read, found no "
                           "reader of '%s'",
                           g->nodes[i].name);
    }
    if (last->C < 2 || last->C > 65535)
        return err_set(err, ST_RANGE, "layer '%s': expected 2..65535 classes, found %d",
                       last->name, last->C);
    return ST_OK;
}

status graph_check_zero(const struct nn_graph *g, struct err *err)
{
    for (int32_t i = 1; i < g->n_nodes && g->input_zero; i++)
        for (int32_t k = 0; k < g->nodes[i].n_inputs; k++)
            if (g->nodes[i].inputs[k] == 0 && g->nodes[i].op != NN_CONV)
                return err_set(err, ST_UNSUPPORTED,
                               "node '%s' (%s): expected convolutions as readers of "
                               "normalised images, found another",
                               g->nodes[i].name, graph_op_name(g->nodes[i].op));
    for (int32_t i = 1; i < g->n_nodes && g->input_zero; i++)
        if (g->nodes[i].inputs[0] == 0 && g->nodes[i].shape.groups > 1)
            return err_set(err, ST_UNSUPPORTED,
                           "layer '%s': expected one group in a reader of normalised "
                           "images, found %d",
                           g->nodes[i].name, g->nodes[i].shape.groups);
    return ST_OK;
}

status graph_finish(struct nn_graph *g, struct arena *a, struct err *err)
{
    TRY(check_names(g, err));
    TRY(check_ends(g, err));
    TRY(graph_check_zero(g, err));
    g->n_classes = g->nodes[g->n_nodes - 1].C;
    g->layer_nodes = ARENA_NEW(a, int32_t, (size_t)g->n_nodes);
    if (!g->layer_nodes) return arena_exhausted(err);
    g->n_layers = 0;
    for (int32_t i = 0; i < g->n_nodes; i++) {
        struct nn_node *node = &g->nodes[i];
        if (node->op != NN_CONV && node->op != NN_GEMM) continue;
        node->i_layer = g->n_layers;
        g->layer_nodes[g->n_layers++] = i;
    }
    if (g->n_layers > NN_MAX_LAYERS)
        return err_set(err, ST_RANGE,
                       "expected at most %d layers with weights, found %d",
                       NN_MAX_LAYERS, g->n_layers);
    return ST_OK;
}
