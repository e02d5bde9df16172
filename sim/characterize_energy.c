#include "sim/characterize_energy.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "sim/gate_energy.h"
#include "sim/workdir.h"

enum { SEED = 1 }; /* of the operands: a row must come out the same every time */

struct characterize_energy {
    struct arena *a;
    const char *dir, *netlist;
    struct gate_library library;
    struct gate_unit *unit; /* NULL until a point is measured */
};

static status open_folder(struct characterize_energy *e, struct err *err)
{
    e->a = arena_new();
    if (!e->a) return arena_exhausted(err);
    TRY(workdir_new(e->a, &e->dir, err));
    e->netlist = file_join(e->a, e->dir, "netlist.json");
    return e->netlist ? ST_OK : arena_exhausted(err);
}

status characterize_energy_new(const struct sweep_point *p,
                               struct characterize_energy **out, struct err *err)
{
    *out = NULL;
    if (!p->sample.stimulus[0]) return ST_OK;
    struct characterize_energy *e = calloc(1, sizeof *e);
    if (!e) return arena_exhausted(err);
    const status st = open_folder(e, err);
    if (st == ST_OK)
        *out = e;
    else
        characterize_energy_free(e);
    return st;
}

void characterize_energy_free(struct characterize_energy *e)
{
    if (!e) return;
    workdir_remove(e->dir);
    arena_free(e->a);
    free(e);
}

const char *characterize_energy_netlist(const struct characterize_energy *e)
{
    return e ? e->netlist : NULL;
}

static status load(struct characterize_energy *e, const struct sweep_point *p,
                   struct err *err)
{
    struct mac_unit_config c;
    TRY(sample_mac_unit(&p->sample, &c, err));
    TRY(gate_library_find(p->toolchain->name, e->a, &e->library, err));
    return gate_unit_load(&c, &e->library, e->netlist, e->a, &e->unit, err);
}

static struct operand_source source_of(const struct sweep_point *p)
{
    const bool gauss =
        strcmp(p->sample.stimulus, operand_kind_names[OPERANDS_GAUSS]) == 0;
    return (struct operand_source){.kind = p->layer ? OPERANDS_LAYER
                                           : gauss  ? OPERANDS_GAUSS
                                                    : OPERANDS_UNIFORM,
                                   .layer = p->layer};
}

status characterize_energy_measure(struct characterize_energy *e, struct sweep_point *p,
                                   struct err *err)
{
    struct sample *s = &p->sample;
    struct gate_energy energy;
    if (!e->unit) TRY(load(e, p, err));
    const struct mac_precision precision = sample_precision(s);
    const struct operand_source from = source_of(p);
    TRY(gate_unit_measure(e->unit, &precision, &from, SEED, &energy, err));
    s->energy = energy.energy_pj;
    s->energy_zero = energy.zero_pj;
    s->energy_clock = energy.clock_pj;
    s->leakage = energy.leakage_nw;
    return ST_OK;
}
