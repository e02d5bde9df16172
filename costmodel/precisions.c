/* precisions.c -- see precisions.h. */
#include "costmodel/precisions.h"

#include <stdio.h>

#include "nn/quant.h"

static int32_t largest_divisor(int32_t n, int32_t bound)
{
    for (int32_t d = bound < n ? bound : n; d > 1; d--)
        if (n % d == 0) return d;
    return 1;
}

static int32_t bound_of(int32_t wanted, int32_t limit)
{
    return wanted > 0 && wanted < limit ? wanted : limit;
}

static struct mvu_config precision_mvu(const struct layer_shape *l,
                                       const struct precision_options *o, int32_t wbits,
                                       int32_t abits)
{
    struct mvu_config c = {.MW = layer_shape_MW(l),
                           .MH = layer_shape_MH(l),
                           .n_vec = (int32_t)layer_shape_n_vec(l),
                           .wbits = wbits,
                           .abits = abits,
                           .wsigned = true,
                           .asigned = false,
                           .out_bits = abits,
                           .out_signed = false,
                           .mul = RTL_MUL_LUT,
                           .requant_mul = o->requant_mul,
                           .weight_ram = o->weight_ram};
    snprintf(c.name, sizeof c.name, "%s", l->name);
    c.PE = largest_divisor(c.MH, bound_of(o->pe, 256));
    c.SIMD = largest_divisor(c.MW, bound_of(o->simd, 64));
    c.lanes = mvu_lanes(c.PE, c.MW / c.SIMD);
    c.acc_bits = quant_acc_bits(c.MW, wbits, true, abits, false);
    /* The shift that requant_fold aims at; training decides the real one. */
    c.shift = c.acc_bits + 16 - c.out_bits;
    if (c.shift > REQUANT_MAX_SHIFT) c.shift = REQUANT_MAX_SHIFT;
    return c;
}

status precisions_of_network(const struct nn_graph *g,
                             const struct precision_options *o, struct arena *a,
                             struct mvu_config **rows, struct err *err)
{
    *rows = ARENA_NEW(a, struct mvu_config, (size_t)g->n_layers * PRECISIONS);
    if (!*rows) return arena_exhausted(err);
    for (int32_t i = 0; i < g->n_layers * PRECISIONS; i++) {
        const struct layer_shape *l = nn_graph_layer(g, i / PRECISIONS);
        (*rows)[i] = precision_mvu(l, o, i / 8 % 8 + 1, i % 8 + 1);
        TRY(mvu_config_check(&(*rows)[i], err));
    }
    return ST_OK;
}
