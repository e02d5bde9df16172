/* Reading goes through an axis per parameter: the values that a group gives for it.
 * Walking all combinations, the last parameter fastest, yields the points; words such
 * as min are resolved once the numbers they depend on are known. */
#include "sim/sweep.h"

#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "base/yaml.h"
#include "sim/sweep_parts.h"
#include "sim/sweep_value.h"

enum {
    MAX_POINTS = 200000, /* of a sweep: years of synthesis                       */
    MAX_VECTORS = 100000,
    MAX_TOOLCHAINS = 32, /* of a group */
};

struct group {
    const struct yaml_node *node;
    int module;  /* index in sample_modules */
    int modules; /* its bit, and that of an array's unit */
    bool fmax, only_legal;
    int64_t n_vec, n_keep;
    int n_toolchains;
    const struct toolchain *toolchains[MAX_TOOLCHAINS];
    struct sweep_axis axes[SWEEP_N_PARAMETERS];
};

struct list {
    struct sweep_point *points; /* (n of MAX_POINTS), grows by doubling, in arena */
    int64_t n, cap;
};

/* ---- one point ---- */

static status append(const struct yaml_node *where, const struct sample *s,
                     const struct toolchain *toolchain, struct arena *a, struct list *l,
                     struct err *err)
{
    if (l->n == l->cap) {
        const int64_t cap = l->cap ? 2 * l->cap : 256;
        struct sweep_point *more = ARENA_NEW(a, struct sweep_point, (size_t)cap);
        if (!more) return arena_exhausted(err);
        if (l->n) memcpy(more, l->points, (size_t)l->n * sizeof *more);
        l->points = more;
        l->cap = cap;
    }
    if (l->n == MAX_POINTS)
        return yaml_fail(where, ST_RANGE, err, "expected at most %d points",
                         MAX_POINTS);
    struct sweep_point *p = &l->points[l->n++];
    p->sample = *s;
    p->toolchain = toolchain;
    p->fmax = false;
    p->layer = NULL;
    (void)snprintf(p->sample.toolchain, sizeof p->sample.toolchain, "%s",
                   toolchain->name);
    return ST_OK;
}

/* What a toolchain has no cells for, and a name that its column cannot hold. */
static status check_toolchain(const struct sample *s, const struct toolchain *t,
                              struct err *err)
{
    if (strlen(t->name) >= sizeof s->toolchain)
        return err_set(err, ST_RANGE,
                       "expected a toolchain of at most %zu characters, found %s",
                       sizeof s->toolchain - 1, t->name);
    const bool dsp = strcmp(s->module, "mac_packed") == 0 ||
                     strcmp(s->unit, "mac_packed") == 0 || s->requant_dsp == 1;
    if (dsp && t->dsp == TOOLCHAIN_NO_DSP48)
        return err_set(err, ST_UNSUPPORTED,
                       "expected a toolchain with DSP48 blocks for %s, found %s",
                       s->module, t->name);
    if (t->liberty && s->MW != SAMPLE_NONE)
        return err_set(err, ST_UNSUPPORTED,
                       "expected a module without memories for %s, found %s", t->name,
                       s->module);
    if (s->stimulus[0] && s->unit[0])
        return err_set(err, ST_UNSUPPORTED,
                       "stimulus: expected a MAC unit, whose energy is measured, found "
                       "%s",
                       s->module);
    if (!t->liberty && s->stimulus[0])
        return err_set(err, ST_UNSUPPORTED,
                       "stimulus: expected a toolchain with a Liberty library, which "
                       "energy needs, found %s",
                       t->name);
    return ST_OK;
}

/* The precision that runs: that of the unit, where it is built for one. */
static status set_op(struct sample *s, struct err *err)
{
    if (!s->stimulus[0]) return ST_OK;
    if (s->op_wbits == SAMPLE_NONE) s->op_wbits = s->wbits;
    if (s->op_abits == SAMPLE_NONE) s->op_abits = s->abits;
    struct mac_unit_config c;
    struct mac_precision p;
    TRY(sample_mac_unit(s, &c, err));
    if (s->op_wbits != SAMPLE_NONE && s->op_abits != SAMPLE_NONE) {
        p = sample_precision(s);
        return mac_unit_precision_check(&c, &p, err);
    }
    return err_set(
        err, ST_PARSE,
        "stimulus: expected op_wbits and op_abits, the precision that runs on "
        "%s",
        s->module);
}

static status add_to(const struct group *g, struct sample *s, int i_toolchain,
                     struct arena *a, struct list *l, struct err *err)
{
    const struct toolchain *t = g->toolchains[i_toolchain];
    struct rtl_instance inst;
    struct err why = {0};
    status st = check_toolchain(s, t, &why);
    if (st != ST_OK) return yaml_fail(g->node, st, err, "%s", why.msg);
    (void)snprintf(s->toolchain, sizeof s->toolchain, "%s", t->name);
    st = sample_instance(s, &inst, &why);
    if (st == ST_OK) st = set_op(s, &why);
    if (g->only_legal && (st == ST_RANGE || st == ST_UNSUPPORTED)) return ST_OK;
    if (st != ST_OK) return yaml_fail(g->node, st, err, "%s", why.msg);
    /* Cycles do not depend on the toolchain. */
    s->n_vec = i_toolchain == 0 && g->n_vec ? g->n_vec : SAMPLE_NONE64;
    TRY(append(g->node, s, t, a, l, err));
    l->points[l->n - 1].fmax = g->fmax && t->nextpnr_ice40;
    return ST_OK;
}

static status add_point(const struct group *g, const struct sample *values,
                        struct arena *a, struct list *l, struct err *err)
{
    for (int t = 0; t < g->n_toolchains; t++) {
        struct sample s = *values;
        sweep_resolve(&s);
        TRY(add_to(g, &s, t, a, l, err));
    }
    return ST_OK;
}

static status expand(const struct group *g, struct arena *a, struct list *l,
                     struct err *err)
{
    int at[SWEEP_N_PARAMETERS] = {0};
    struct sample s = sample_empty();
    (void)snprintf(s.module, sizeof s.module, "%s", sample_modules[g->module]);
    for (;;) {
        for (int p = 0; p < SWEEP_N_PARAMETERS; p++)
            if (g->axes[p].n) sweep_set(&s, &sweep_parameters[p], &g->axes[p], at[p]);
        TRY(add_point(g, &s, a, l, err));
        int p = SWEEP_N_PARAMETERS - 1;
        while (p >= 0 && (g->axes[p].n == 0 || ++at[p] == g->axes[p].n))
            at[p--] = 0;
        if (p < 0) return ST_OK;
    }
}

/* ---- one group ---- */

static status check_complete(const struct group *g, const struct yaml_node *where,
                             struct err *err)
{
    for (int p = 0; p < SWEEP_N_PARAMETERS; p++)
        if (sweep_parameters[p].modules & g->modules && g->axes[p].n == 0)
            return yaml_fail(where, ST_PARSE, err, "expected %s of %s, found none",
                             sweep_parameters[p].name, sample_modules[g->module]);
    return ST_OK;
}

/* The parameters among the keys of a map, which has `extra` keys besides. */
static status read_axes(const struct yaml_node *map, struct group *g,
                        const char *const extra[], struct err *err)
{
    const char *known[SWEEP_N_PARAMETERS + 8] = {NULL};
    int n = 0;
    for (int i = 0; extra[i]; i++)
        known[n++] = extra[i];
    for (int p = 0; p < SWEEP_N_PARAMETERS; p++)
        if ((sweep_parameters[p].modules | sweep_parameters[p].optional) & g->modules)
            known[n++] = sweep_parameters[p].name;
    TRY(yaml_check_keys(map, known, err));
    for (int p = 0; p < SWEEP_N_PARAMETERS; p++) {
        const struct yaml_node *v = yaml_find(map, sweep_parameters[p].name);
        if (v) TRY(sweep_axis_read(v, p, g->modules, &g->axes[p], err));
    }
    return ST_OK;
}

static status read_toolchains(const struct yaml_node *list, struct group *g,
                              struct arena *a, struct err *err)
{
    TRY(yaml_expect(list, YAML_SEQ, err));
    if (yaml_size(list) == 0 || yaml_size(list) > MAX_TOOLCHAINS)
        return yaml_fail(list, ST_RANGE, err, "expected 1 to %d toolchains, found %zu",
                         MAX_TOOLCHAINS, yaml_size(list));
    g->n_toolchains = 0;
    for (size_t i = 0; i < yaml_size(list); i++) {
        const struct yaml_node *n = yaml_item(list, i);
        const char *name = NULL;
        struct err why = {0};
        TRY(yaml_text(n, &name, err));
        if (toolchain_find(name, a, &g->toolchains[g->n_toolchains++], &why) != ST_OK)
            return yaml_fail(n, ST_RANGE, err, "%s", why.msg);
    }
    return ST_OK;
}

static status expand_points(const struct group *g, struct arena *a, struct list *l,
                            struct err *err)
{
    static const char *const none[] = {NULL};
    const struct yaml_node *points = yaml_find(g->node, "points");
    if (!points) {
        TRY(check_complete(g, g->node, err));
        return expand(g, a, l, err);
    }
    TRY(yaml_expect(points, YAML_SEQ, err));
    for (size_t i = 0; i < yaml_size(points); i++) {
        struct group *one = ARENA_NEW(a, struct group, 1);
        if (!one) return arena_exhausted(err);
        *one = *g;
        one->node = yaml_item(points, i);
        TRY(yaml_expect(one->node, YAML_MAP, err));
        TRY(read_axes(one->node, one, none, err));
        TRY(check_complete(one, one->node, err));
        TRY(expand(one, a, l, err));
    }
    return ST_OK;
}

/* Keeps n of the points from `first` on, in their order. */
static status keep(struct list *l, int64_t first, int64_t n, struct rng *r,
                   struct arena *a, struct err *err)
{
    const int64_t all = l->n - first;
    if (n == 0 || n >= all) return ST_OK;
    uint32_t *order = ARENA_NEW(a, uint32_t, (size_t)all);
    bool *kept = ARENA_NEW(a, bool, (size_t)all);
    if (!order || !kept) return arena_exhausted(err);
    for (int64_t i = 0; i < all; i++)
        order[i] = (uint32_t)i;
    rng_shuffle(r, order, (uint32_t)all);
    for (int64_t i = 0; i < n; i++)
        kept[order[i]] = true;
    l->n = first;
    for (int64_t i = 0; i < all; i++)
        if (kept[i]) l->points[l->n++] = l->points[first + i];
    return ST_OK;
}

/* The module, and the unit of an array: which parameters there are depends on both. */
static status read_module(const struct yaml_node *node, struct group *g,
                          struct err *err)
{
    int unit = 0;
    TRY(yaml_need_enum(node, "module", sample_modules, &g->module, err));
    g->modules = 1 << g->module;
    if (!(g->modules & SWEEP_ARRAYS)) return ST_OK;
    TRY(yaml_need_enum(node, "unit", mac_unit_names, &unit, err));
    g->modules |= 1 << unit;
    return ST_OK;
}

static status read_extras(const struct yaml_node *node, struct group *g,
                          struct err *err)
{
    const struct yaml_node *v = yaml_find(node, "simulate");
    if (v)
        TRY(yaml_int(v, 0, g->modules == SWEEP_REQUANT ? 0 : MAX_VECTORS, &g->n_vec,
                     err));
    v = yaml_find(node, "sample");
    if (v) TRY(yaml_int(v, 1, MAX_POINTS, &g->n_keep, err));
    v = yaml_find(node, "only_legal");
    if (v) TRY(yaml_bool(v, &g->only_legal, err));
    v = yaml_find(node, "fmax");
    if (!v) return ST_OK;
    TRY(yaml_bool(v, &g->fmax, err));
    for (int t = 0; t < g->n_toolchains; t++)
        if (g->toolchains[t]->nextpnr_ice40) return ST_OK;
    return g->fmax ? yaml_fail(v, ST_UNSUPPORTED, err,
                               "expected a toolchain with place and route: ice40")
                   : ST_OK;
}

static status read_group(const struct yaml_node *node, const struct yaml_node *defaults,
                         struct rng *r, struct arena *a, struct list *l,
                         struct err *err)
{
    static const char *const extra[] = {"module", "toolchains", "simulate",   "fmax",
                                        "sample", "points",     "only_legal", NULL};
    struct group *g = ARENA_NEW(a, struct group, 1);
    if (!g) return arena_exhausted(err);
    g->node = node;
    TRY(yaml_expect(node, YAML_MAP, err));
    TRY(read_module(node, g, err));
    TRY(read_axes(node, g, extra, err));
    const struct yaml_node *v = yaml_find(node, "toolchains");
    if (!v) v = defaults;
    if (!v) return yaml_fail(node, ST_PARSE, err, "expected toolchains, found none");
    TRY(read_toolchains(v, g, a, err));
    TRY(read_extras(node, g, err));
    const int64_t first = l->n;
    TRY(expand_points(g, a, l, err));
    if (l->n == first)
        return yaml_fail(node, ST_RANGE, err,
                         "expected a group with a legal point, found none");
    return keep(l, first, g->n_keep, r, a, err);
}

/* ---- the parts of units ---- */

/* A unit says what is left for its control only if its mac and its requantiser are
 * measured as well: they join the sweep, once each if several units share them (the
 * repeated ones are dropped before anything is measured). */
static status add_parts(const struct yaml_node *where, struct arena *a, struct list *l,
                        struct err *err)
{
    const int64_t n = l->n;
    for (int64_t i = 0; i < n; i++) {
        const struct sweep_point unit = l->points[i];
        if (strcmp(unit.sample.module, "mvu") != 0) continue;
        const struct sample mac = sweep_mac_part(&unit.sample);
        const struct sample requant = sweep_requant_part(&unit.sample);
        TRY(append(where, &mac, unit.toolchain, a, l, err));
        TRY(append(where, &requant, unit.toolchain, a, l, err));
    }
    return ST_OK;
}

/* ---- the file ---- */

static status check_layers(const struct yaml_node *where, const struct sweep *s,
                           struct err *err)
{
    const char *layer;
    for (int32_t i = 0; i < s->n_points; i++) {
        const char *stimulus = s->points[i].sample.stimulus;
        if (strncmp(stimulus, SWEEP_LAYER, strlen(SWEEP_LAYER)) != 0) continue;
        if (sweep_operands_find(s->operands, s->n_operands, stimulus, &layer) < 0)
            return yaml_fail(where, ST_RANGE, err,
                             "stimulus %s: expected a network of `operands`, found "
                             "none of that name",
                             stimulus);
    }
    return ST_OK;
}

static status read_root(const struct yaml_node *root, struct arena *a,
                        struct sweep *out, struct err *err)
{
    static const char *const known[] = {"version",    "name",     "seed", "groups",
                                        "toolchains", "operands", NULL};
    int64_t version = 0, seed = 1;
    const char *name = NULL;
    const struct yaml_node *groups = NULL;
    struct list l = {.n = 0};
    TRY(yaml_expect(root, YAML_MAP, err));
    TRY(yaml_check_keys(root, known, err));
    TRY(yaml_need_int(root, "version", 1, 1, &version, err));
    TRY(yaml_need_text(root, "name", &name, err));
    const struct yaml_node *v = yaml_find(root, "seed");
    if (v) TRY(yaml_int(v, 0, INT64_MAX, &seed, err));
    TRY(sweep_operands_read(yaml_find(root, "operands"), a, &out->operands,
                            &out->n_operands, err));
    TRY(yaml_need(root, "groups", &groups, err));
    TRY(yaml_expect(groups, YAML_SEQ, err));
    (void)snprintf(out->name, sizeof out->name, "%s", name);
    out->seed = (uint64_t)seed;
    struct rng r = rng_seed(out->seed, 0);
    for (size_t i = 0; i < yaml_size(groups); i++)
        TRY(read_group(yaml_item(groups, i), yaml_find(root, "toolchains"), &r, a, &l,
                       err));
    if (l.n == 0)
        return yaml_fail(groups, ST_RANGE, err, "expected at least one point");
    TRY(add_parts(groups, a, &l, err));
    out->points = l.points;
    out->n_points = (int32_t)l.n;
    return check_layers(groups, out, err);
}

status sweep_load(const char *path, struct arena *a, struct sweep *out, struct err *err)
{
    struct yaml_doc *d = NULL;
    *out = (struct sweep){.n_points = 0};
    TRY(yaml_open(path, &d, err));
    const status st = read_root(yaml_root(d), a, out, err);
    yaml_close(d);
    return st;
}
