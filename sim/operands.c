#include "sim/operands.h"

#include <math.h>
#include <stdio.h>

#include "nn/quant.h"

const char *const operand_kind_names[] = {"uniform", "gauss", "layer", NULL};

void operand_source_name(const struct operand_source *s, char *text, size_t size)
{
    if (s->kind == OPERANDS_LAYER)
        (void)snprintf(text, size, "layer:%s", s->layer->name);
    else
        (void)snprintf(text, size, "%s", operand_kind_names[s->kind]);
}

static const char *sign(bool is_signed) { return is_signed ? "signed" : "unsigned"; }

status operand_source_check(const struct operand_source *s,
                            const struct mac_precision *p, struct err *err)
{
    if (s->kind != OPERANDS_LAYER) return ST_OK;
    const struct mac_precision *have = &s->layer->precision;
    if (have->wbits == p->wbits && have->abits == p->abits &&
        have->wsigned == p->wsigned && have->asigned == p->asigned)
        return ST_OK;
    return err_set(err, ST_MISMATCH,
                   "layer %s: expected %s weights of %d and %s activations of %d bits, "
                   "found %s of %d and %s of %d",
                   s->layer->name, sign(p->wsigned), p->wbits, sign(p->asigned),
                   p->abits, sign(have->wsigned), have->wbits, sign(have->asigned),
                   have->abits);
}

static uint8_t bell_code(struct rng *r, int bits, bool is_signed)
{
    const float v = (float)rng_normal(r) * (float)quant_hi(bits, is_signed) / 3.0F;
    return (uint8_t)quant_encode(quant_round(v, 1, bits, is_signed), bits, is_signed);
}

static void draw_one(enum operand_kind kind, struct rng *r, int64_t K, int bits,
                     bool is_signed, uint8_t *out)
{
    for (int64_t i = 0; i < K; i++)
        out[i] = kind == OPERANDS_GAUSS ? bell_code(r, bits, is_signed)
                                        : (uint8_t)rng_below(r, UINT64_C(1) << bits);
}

static void draw_layer(const struct operand_layer *l, struct rng *r, int64_t K,
                       uint8_t *w, uint8_t *a)
{
    const uint64_t MW = (uint64_t)l->MW, n_vec = (uint64_t)l->n_vec;
    const uint8_t *row = l->w + rng_below(r, (uint64_t)l->MH) * MW;
    uint64_t vec = rng_below(r, n_vec), col = rng_below(r, MW);
    for (int64_t i = 0; i < K; i++) {
        w[i] = row[col];
        a[i] = l->a[vec * MW + col];
        if (++col < MW) continue;
        col = 0;
        vec = (vec + 1) % n_vec;
    }
}

void operands_draw(const struct operand_source *s, const struct mac_precision *p,
                   int64_t K, struct rng *r, uint8_t *w, uint8_t *a)
{
    if (s->kind == OPERANDS_LAYER) {
        draw_layer(s->layer, r, K, w, a);
        return;
    }
    draw_one(s->kind, r, K, p->wbits, p->wsigned, w);
    draw_one(s->kind, r, K, p->abits, p->asigned, a);
}
