/* operands_network.c -- a layer's real operands: weights as they are stored, vectors as
 * the integer engine traces them. */
#include <stdio.h>
#include <string.h>

#include "nn/graph.h"
#include "nn/trainer.h"
#include "sim/operands.h"

enum { CALIBRATION_IMAGES = 256, HELD_OUT = 256 };

/* Steps of least squared error, one precision for all layers. */
static status quantise(const struct operand_request *q, const struct nn_dataset *data,
                       struct arena *a, struct qnet **out, struct err *err)
{
    struct nn_trainer_options opt = nn_trainer_defaults();
    struct nn_path path = {{0}, {0}};
    struct nn_graph *g;
    struct nn_trainer *t = NULL;
    opt.batch = 64;
    TRY(nn_graph_load(q->network, 0, a, &g, err));
    TRY(nn_trainer_new(g, &opt, NULL, &t, err));
    for (int32_t i = 0; i < NN_MAX_LAYERS; i++) {
        path.wbits[i] = (uint8_t)q->wbits;
        path.abits[i] = (uint8_t)q->abits;
    }
    for (int32_t i = 0; i < g->n_layers; i++)
        nn_trainer_set_candidates(t, i, 1U << q->wbits, 1U << q->abits);
    status st = nn_trainer_calibrate(t, &data->train, CALIBRATION_IMAGES, err);
    if (st == ST_OK) st = nn_trainer_quantise(t, &path, a, out, err);
    nn_trainer_free(t);
    return st;
}

static status copy_codes(const int8_t *w, const struct qnet_trace *traces,
                         int32_t n_images, int32_t n_layers, int32_t i_layer,
                         struct arena *a, struct operand_layer *l, struct err *err)
{
    const size_t MW = (size_t)l->MW, n_w = (size_t)l->MH * MW;
    const struct mac_precision *p = &l->precision;
    uint8_t *wc = ARENA_NEW(a, uint8_t, n_w);
    uint8_t *ac = ARENA_NEW(a, uint8_t, (size_t)l->n_vec * MW);
    if (!wc || !ac) return arena_exhausted(err);
    for (size_t i = 0; i < n_w; i++)
        wc[i] = (uint8_t)quant_encode(w[i], p->wbits, p->wsigned);
    uint8_t *to = ac;
    for (int32_t image = 0; image < n_images; image++) {
        const struct qnet_trace *t = &traces[image * n_layers + i_layer];
        for (size_t i = 0; i < (size_t)t->n_vec * MW; i++)
            *to++ = (uint8_t)quant_encode(t->vectors[i], p->abits, p->asigned);
    }
    l->w = wc;
    l->a = ac;
    return ST_OK;
}

static status unknown_layer(const struct operand_request *q, const struct qnet *net,
                            struct err *err)
{
    char list[256] = "";
    for (int32_t i = 0; i < qnet_n_layers(net); i++) {
        const size_t n = strlen(list);
        (void)snprintf(list + n, sizeof list - n, "%s%s", n ? ", " : "",
                       qnet_layer(net, i)->shape.name);
    }
    return err_set(err, ST_RANGE, "%s: expected a layer among %s, found %s", q->network,
                   list, q->layer);
}

static status collect(const struct operand_request *q, const struct qnet *net,
                      const struct qnet_trace *traces, struct arena *a,
                      struct operand_layer **out, int32_t *n, struct err *err)
{
    const int32_t n_layers = qnet_n_layers(net);
    const char *slash = strrchr(q->network, '/');
    const char *base = slash ? slash + 1 : q->network;
    *n = 0;
    *out = ARENA_NEW(a, struct operand_layer, (size_t)n_layers);
    if (!*out) return arena_exhausted(err);
    for (int32_t i = 0; i < n_layers; i++) {
        const struct qnet_layer *ql = qnet_layer(net, i);
        if (q->layer && strcmp(q->layer, ql->shape.name) != 0) continue;
        struct operand_layer *l = &(*out)[(*n)++];
        *l = (struct operand_layer){
            .precision = {ql->wbits, ql->abits, ql->wsigned, ql->asigned},
            .MH = layer_shape_MH(&ql->shape),
            .MW = layer_shape_MW(&ql->shape),
            .n_vec = traces[i].n_vec * q->n_images};
        (void)snprintf(l->name, sizeof l->name, "%.*s/%s", (int)strcspn(base, "."),
                       base, ql->shape.name);
        TRY(copy_codes(ql->weights, traces, q->n_images, n_layers, i, a, l, err));
    }
    return *n ? ST_OK : unknown_layer(q, net, err);
}

status operand_layers_load(const struct operand_request *q, struct arena *a,
                           struct operand_layer **out, int32_t *n, struct err *err)
{
    struct nn_dataset data;
    struct qnet *net;
    bool is_quantised;
    TRY(qnet_is_quantised(q->network, &is_quantised, err));
    TRY(nn_dataset_load(q->data, HELD_OUT, NN_SPLIT_SEED, a, &data, err));
    if (q->n_images < 1 || q->n_images > data.held_out.n)
        return err_set(err, ST_RANGE, "expected 1 to %d images, found %d",
                       data.held_out.n, q->n_images);
    TRY(is_quantised ? qnet_load(q->network, a, &net, err)
                     : quantise(q, &data, a, &net, err));
    const int32_t n_layers = qnet_n_layers(net);
    struct qnet_trace *traces =
        ARENA_NEW(a, struct qnet_trace, (size_t)n_layers * (size_t)q->n_images);
    if (!traces) return arena_exhausted(err);
    for (int32_t i = 0; i < q->n_images; i++) {
        uint16_t class;
        TRY(qnet_trace_image(net, &data.held_out, i, a, &traces[i * n_layers], &class,
                             err));
    }
    return collect(q, net, traces, a, out, n, err);
}
