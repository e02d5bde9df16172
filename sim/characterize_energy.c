#include "sim/characterize_energy.h"

#include <stdlib.h>

struct characterize_energy {
    struct arena *a;
};

status characterize_energy_new(struct characterize_energy **out, struct err *err)
{
    *out = calloc(1, sizeof **out);
    if (*out) (*out)->a = arena_new();
    if (*out && (*out)->a) return ST_OK;
    characterize_energy_free(*out);
    *out = NULL;
    return arena_exhausted(err);
}

void characterize_energy_free(struct characterize_energy *e)
{
    if (!e) return;
    arena_free(e->a);
    free(e);
}

status characterize_energy_measure(struct characterize_energy *e, struct sweep_point *p,
                                   double time_limit_s, struct err *err)
{
    (void)e;
    (void)time_limit_s;
    return err_set(err, ST_UNSUPPORTED, "%s: energy cannot be measured",
                   p->sample.module);
}
