/* compose.c -- provisional counts, until rtl/array/mvu.v settles its structure. */
#include "costmodel/compose.h"

#include <string.h>

int64_t mac_ff(const struct mac_config *m) { return m->acc_bits; }

int64_t requant_ff(const struct requant_config *r, enum rtl_target target)
{
    (void)target;
    return r->out_bits;
}

void mvu_compose(const struct mvu_config *c, enum rtl_target target,
                 struct mvu_parts *out)
{
    memset(out, 0, sizeof *out);
    out->mac = mvu_mac(c);
    out->requant = mvu_requant(c);
    out->n_mac = c->PE;
    out->n_requant = c->lanes;
    out->ff = c->PE * mac_ff(&out->mac) + c->lanes * requant_ff(&out->requant, target);
    out->dsp = c->requant_mul == RTL_MUL_DSP ? c->lanes : 0;
    out->lut_control = 20;
}
