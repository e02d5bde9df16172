/* energy_source.c -- a profile and, for the shape of its macs, a model that was fitted
 * to energies: which of the model's toolchains, and at which level. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "costmodel/energy.h"
#include "costmodel/model_internal.h"

static bool has_energies(const struct model_toolchain *t)
{
    for (int32_t i = 0; i < t->n_fits; i++)
        if (t->fits[i].module == ELEMENT_MAC && t->fits[i].metric == ELEMENT_ENERGY)
            return true;
    for (int32_t i = 0; i < t->n_elements; i++)
        if (t->elements[i].e.module == ELEMENT_MAC &&
            !isnan(t->elements[i].value[ELEMENT_ENERGY]))
            return true;
    return false;
}

static status find_toolchain(const struct cost_model *m, int *out, struct err *err)
{
    int n = 0;
    char names[200] = "none";
    for (int i = 0; i < m->n_toolchains; i++) {
        if (!has_energies(&m->toolchains[i])) continue;
        const size_t used = n ? strlen(names) : 0;
        snprintf(names + used, sizeof names - used, "%s%s", n ? ", " : "",
                 m->toolchains[i].name);
        *out = i;
        n++;
    }
    if (n == 1) return ST_OK;
    return err_set(
        err, ST_RANGE,
        "energy model: expected one toolchain with energies of mac_parallel, "
        "found %s%s",
        names, n ? "; fit one alone with --toolchain" : "");
}

/* The MAC that the profile's level is of: one product a step, both operands signed. */
static status find_scale(struct energy_source *s, struct err *err)
{
    const struct energy_profile *p = s->profile;
    const struct mac_config mac = {1,    p->mac.wbits,    p->mac.abits, true,
                                   true, p->mac.acc_bits, RTL_MUL_LUT};
    const struct element e = element_of_mac(&mac);
    struct cost_value level;
    s->scale = 1;
    if (!p->mac.source[0]) return ST_OK;
    TRY(cost_element(s->shape, s->toolchain, &e, ELEMENT_ENERGY, &level, &s->outside,
                     err));
    if (!(level.value > 0))
        return err_set(err, ST_RANGE,
                       "energy model: expected more than 0 pJ for the mac of profile "
                       "%s, found %g",
                       p->name, level.value);
    s->scale = p->mac.pj / level.value;
    return ST_OK;
}

status energy_source_init(const struct energy_profile *p,
                          const struct cost_model *shape, bool weights_in_dram,
                          struct energy_source *out, struct err *err)
{
    *out = (struct energy_source){
        .profile = p, .shape = shape, .scale = 1, .weights_in_dram = weights_in_dram};
    if (weights_in_dram && !p->dram.source[0])
        return err_set(
            err, ST_RANGE,
            "energy profile %s: expected a part 'dram' for weights that live "
            "there, found none",
            p->name);
    snprintf(out->name, sizeof out->name, "%s", p->name);
    if (!shape) return ST_OK;
    if (energy_of_fpga(p))
        return err_set(
            err, ST_RANGE,
            "energy profile %s: expected no energy model beside a profile of "
            "an FPGA, whose energies are of blocks, found one",
            p->name);
    TRY(find_toolchain(shape, &out->toolchain, err));
    snprintf(out->name, sizeof out->name, "%s, macs by %s", p->name,
             cost_model_toolchain(shape, out->toolchain));
    return find_scale(out, err);
}

status energy_options_check(const struct energy_options *o, struct err *err)
{
    if (o->profile || (!o->model && !o->weights_in_dram)) return ST_OK;
    return err_set(err, ST_USAGE, "--%s: expected --energy PROFILE beside it",
                   o->model ? "energy-model" : "dram-weights");
}

status energy_source_load(const struct energy_options *o, struct arena *a,
                          struct provenance *p, struct energy_source *out,
                          struct err *err)
{
    const char *path;
    struct cost_model *shape = NULL;
    struct energy_profile *profile = ARENA_NEW(a, struct energy_profile, 1);
    if (!profile) return arena_exhausted(err);
    TRY(energy_profile_find(o->profile, a, &path, err));
    TRY(energy_profile_load(path, profile, err));
    TRY(provenance_input(p, path, err));
    if (o->model) {
        TRY(cost_model_find(o->model, a, &path, err));
        TRY(cost_model_load(path, a, &shape, err));
        TRY(provenance_input(p, path, err));
    }
    return energy_source_init(profile, shape, o->weights_in_dram, out, err);
}
