#include "sim/characterize_operands.h"

#include <stdio.h>
#include <string.h>

/* The layers of one network at one precision. */
struct traced {
    int32_t i_operands, wbits, abits;
    const struct operand_layer *layers; /* (n) */
    int32_t n;
    struct traced *next;
};

/* The layers without what loading them needed besides. */
static status keep(const struct operand_layer *from, int32_t n, struct arena *a,
                   const struct operand_layer **out, struct err *err)
{
    struct operand_layer *to = ARENA_NEW(a, struct operand_layer, (size_t)n);
    if (!to) return arena_exhausted(err);
    for (int32_t i = 0; i < n; i++) {
        const size_t MW = (size_t)from[i].MW, MH = (size_t)from[i].MH;
        const size_t n_a = (size_t)from[i].n_vec * MW;
        uint8_t *codes_w = ARENA_NEW(a, uint8_t, MH * MW);
        uint8_t *codes_a = ARENA_NEW(a, uint8_t, n_a);
        if (!codes_w || !codes_a) return arena_exhausted(err);
        to[i] = from[i];
        to[i].w = memcpy(codes_w, from[i].w, MH * MW);
        to[i].a = memcpy(codes_a, from[i].a, n_a);
    }
    *out = to;
    return ST_OK;
}

static status trace(const struct sweep_operands *o, struct traced *t, struct arena *a,
                    struct err *err)
{
    const struct operand_request q = {.network = o->network,
                                      .data = o->data,
                                      .wbits = t->wbits,
                                      .abits = t->abits,
                                      .n_images = o->n_images};
    struct operand_layer *layers = NULL;
    struct arena *own = arena_new();
    if (!own) return arena_exhausted(err);
    status st = operand_layers_load(&q, own, &layers, &t->n, err);
    if (st == ST_OK) st = keep(layers, t->n, a, &t->layers, err);
    arena_free(own);
    return st;
}

static status find_traced(const struct sweep *s, int32_t i_operands,
                          const struct mac_precision *p, struct traced **list,
                          struct arena *a, struct traced **out, struct err *err)
{
    for (*out = *list; *out; *out = (*out)->next)
        if ((*out)->i_operands == i_operands && (*out)->wbits == p->wbits &&
            (*out)->abits == p->abits)
            return ST_OK;
    struct traced *t = ARENA_NEW(a, struct traced, 1);
    if (!t) return arena_exhausted(err);
    *t = (struct traced){
        .i_operands = i_operands, .wbits = p->wbits, .abits = p->abits, .next = *list};
    TRY(trace(&s->operands[i_operands], t, a, err));
    *list = *out = t;
    return ST_OK;
}

static status no_layer(const struct sweep_operands *o, const struct traced *t,
                       const char *layer, struct err *err)
{
    char list[256] = "";
    for (int32_t i = 0; i < t->n; i++) {
        const size_t n = strlen(list);
        (void)snprintf(list + n, sizeof list - n, "%s%s", n ? ", " : "",
                       strchr(t->layers[i].name, '/') + 1);
    }
    return err_set(err, ST_RANGE, "%s: expected a layer among %s, found %s", o->network,
                   list, layer);
}

static status find_layer(const struct sweep *s, struct sweep_point *p,
                         struct traced **list, struct arena *a, struct err *err)
{
    const char *name = NULL;
    const int32_t i =
        sweep_operands_find(s->operands, s->n_operands, p->sample.stimulus, &name);
    const struct mac_precision precision = sample_precision(&p->sample);
    struct traced *t;
    TRY(find_traced(s, i, &precision, list, a, &t, err));
    for (int32_t k = 0; k < t->n; k++) {
        if (strcmp(t->layers[k].name, p->sample.stimulus + strlen(SWEEP_LAYER)) != 0)
            continue;
        const struct operand_source from = {OPERANDS_LAYER, &t->layers[k]};
        struct err why = {0};
        p->layer = from.layer;
        if (operand_source_check(&from, &precision, &why) == ST_OK) return ST_OK;
        return err_set(err, ST_RANGE, "stimulus: %s", why.msg);
    }
    return no_layer(&s->operands[i], t, name, err);
}

status characterize_operands(struct sweep *s, struct arena *a, struct err *err)
{
    struct traced *list = NULL;
    for (int32_t i = 0; i < s->n_points; i++)
        if (strncmp(s->points[i].sample.stimulus, SWEEP_LAYER, strlen(SWEEP_LAYER)) ==
            0)
            TRY(find_layer(s, &s->points[i], &list, a, err));
    return ST_OK;
}

void characterize_operands_hash(const struct operand_layer *l, struct hash *h)
{
    const size_t MW = (size_t)l->MW;
    hash_i64(h, l->MH);
    hash_i64(h, l->MW);
    hash_i64(h, l->n_vec);
    hash_bytes(h, l->w, (size_t)l->MH * MW);
    hash_bytes(h, l->a, (size_t)l->n_vec * MW);
}
