/* foreign_rest.c -- the parts of a unit that a user did not measure, from a model that
 * has them: requantisers and control are the same Verilog whatever multiplies. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "costmodel/foreign.h"

static bool has_module(const struct model_toolchain *t, enum element_module m)
{
    for (int32_t i = 0; i < t->n_fits; i++)
        if (t->fits[i].module == m) return true;
    for (int32_t i = 0; i < t->n_elements; i++)
        if (t->elements[i].e.module == m) return true;
    return false;
}

static status add_module(struct model_toolchain *t, const struct model_toolchain *from,
                         enum element_module m, struct arena *a, struct err *err)
{
    struct model_fit *fits =
        ARENA_NEW(a, struct model_fit, (size_t)(t->n_fits + from->n_fits) + 1);
    struct model_element *elements = ARENA_NEW(
        a, struct model_element, (size_t)(t->n_elements + from->n_elements) + 1);
    if (!fits || !elements) return arena_exhausted(err);
    memcpy(fits, t->fits, (size_t)t->n_fits * sizeof *fits);
    memcpy(elements, t->elements, (size_t)t->n_elements * sizeof *elements);
    t->fits = fits;
    t->elements = elements;
    for (int32_t i = 0; i < from->n_fits; i++)
        if (from->fits[i].module == m) t->fits[t->n_fits++] = from->fits[i];
    for (int32_t i = 0; i < from->n_elements; i++)
        if (from->elements[i].e.module == m)
            t->elements[t->n_elements++] = from->elements[i];
    return ST_OK;
}

status foreign_add_rest(struct cost_model *m, const struct cost_model *rest,
                        struct arena *a, int32_t *n_added, struct err *err)
{
    static const enum element_module parts[] = {ELEMENT_REQUANT, ELEMENT_CONTROL};
    *n_added = 0;
    for (int32_t i = 0; i < m->n_toolchains; i++) {
        struct model_toolchain *t = &m->toolchains[i];
        int from;
        if (t->target == RTL_N_TARGETS) continue;
        TRY(cost_model_select(rest, rtl_target_names[t->target], &from, err));
        for (int k = 0; k < 2; k++) {
            if (has_module(t, parts[k])) continue;
            TRY(add_module(t, &rest->toolchains[from], parts[k], a, err));
            ++*n_added;
        }
        TRY(model_index(t, a, err));
    }
    return ST_OK;
}
