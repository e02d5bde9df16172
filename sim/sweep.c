/* Reading goes through an axis per parameter: the values that a group gives for it.
 * Walking all combinations, the last parameter fastest, yields the points; words such
 * as min are resolved once the numbers they depend on are known. */
#include "sim/sweep.h"

#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "base/yaml.h"
#include "sim/sweep_value.h"

enum {
    MAX_POINTS = 200000, /* of a sweep: years of synthesis                       */
    MAX_VECTORS = 100000,
};

struct group {
    const struct yaml_node *node;
    int module; /* index in sample_modules */
    int64_t n_vec, n_keep;
    int n_toolchains;
    const struct synth_toolchain *toolchains[8];
    struct sweep_axis axes[SWEEP_N_PARAMETERS];
};

struct list {
    struct sweep_point *points; /* (n of MAX_POINTS), grows by doubling, in arena */
    int64_t n, cap;
};

/* ---- one point ---- */

static status append(const struct yaml_node *where, const struct sample *s,
                     const struct synth_toolchain *toolchain, struct arena *a,
                     struct list *l, struct err *err)
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
    (void)snprintf(p->sample.toolchain, sizeof p->sample.toolchain, "%s",
                   toolchain->name);
    return ST_OK;
}

static status add_point(const struct group *g, const struct sample *values,
                        struct arena *a, struct list *l, struct err *err)
{
    struct sample s = *values;
    struct rtl_instance inst;
    struct err why = {0};
    sweep_resolve(&s);
    const status st = sample_instance(&s, &inst, &why);
    if (st != ST_OK) return yaml_fail(g->node, st, err, "%s", why.msg);
    for (int t = 0; t < g->n_toolchains; t++) {
        /* Cycles do not depend on the toolchain. */
        s.n_vec = t == 0 && g->n_vec ? g->n_vec : SAMPLE_NONE64;
        TRY(append(g->node, &s, g->toolchains[t], a, l, err));
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
            if (g->axes[p].n)
                *sweep_field(&s, &sweep_parameters[p]) = g->axes[p].values[at[p]];
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
        if (sweep_parameters[p].modules & 1 << g->module && g->axes[p].n == 0)
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
        if (sweep_parameters[p].modules & 1 << g->module)
            known[n++] = sweep_parameters[p].name;
    TRY(yaml_check_keys(map, known, err));
    for (int p = 0; p < SWEEP_N_PARAMETERS; p++) {
        const struct yaml_node *v = yaml_find(map, sweep_parameters[p].name);
        if (v) TRY(sweep_axis_read(v, p, g->module, &g->axes[p], err));
    }
    return ST_OK;
}

static status read_toolchains(const struct yaml_node *list, struct group *g,
                              struct err *err)
{
    TRY(yaml_expect(list, YAML_SEQ, err));
    g->n_toolchains = 0;
    for (size_t i = 0; i < yaml_size(list) && g->n_toolchains < 8; i++) {
        const struct yaml_node *n = yaml_item(list, i);
        const char *name = NULL;
        struct err why = {0};
        TRY(yaml_text(n, &name, err));
        if (synth_toolchain_find(name, &g->toolchains[g->n_toolchains++], &why) !=
            ST_OK)
            return yaml_fail(n, ST_RANGE, err, "%s", why.msg);
    }
    if (g->n_toolchains) return ST_OK;
    return yaml_fail(list, ST_RANGE, err, "expected at least one toolchain");
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

static status read_group(const struct yaml_node *node, const struct yaml_node *defaults,
                         struct rng *r, struct arena *a, struct list *l,
                         struct err *err)
{
    static const char *const extra[] = {"module", "toolchains", "simulate",
                                        "sample", "points",     NULL};
    struct group *g = ARENA_NEW(a, struct group, 1);
    if (!g) return arena_exhausted(err);
    g->node = node;
    TRY(yaml_expect(node, YAML_MAP, err));
    TRY(yaml_need_enum(node, "module", sample_modules, &g->module, err));
    if (sweep_parameters[SWEEP_LANES].modules & 1 << g->module)
        g->axes[SWEEP_LANES] = (struct sweep_axis){.n = 1, .values = {SWEEP_WORD}};
    TRY(read_axes(node, g, extra, err));
    const struct yaml_node *v = yaml_find(node, "toolchains");
    if (!v) v = defaults;
    if (!v) return yaml_fail(node, ST_PARSE, err, "expected toolchains, found none");
    TRY(read_toolchains(v, g, err));
    v = yaml_find(node, "simulate");
    if (v) {
        const bool can = 1 << g->module == SWEEP_FOR_MVU;
        TRY(yaml_int(v, 0, can ? MAX_VECTORS : 0, &g->n_vec, err));
    }
    v = yaml_find(node, "sample");
    if (v) TRY(yaml_int(v, 1, MAX_POINTS, &g->n_keep, err));
    const int64_t first = l->n;
    TRY(expand_points(g, a, l, err));
    return keep(l, first, g->n_keep, r, a, err);
}

/* ---- the parts of units ---- */

static struct sample mac_part(const struct sample *unit)
{
    struct sample s = sample_empty();
    (void)snprintf(s.module, sizeof s.module, "mac_parallel");
    s.SIMD = unit->SIMD;
    s.wbits = unit->wbits;
    s.abits = unit->abits;
    s.wsigned = unit->wsigned;
    s.asigned = unit->asigned;
    s.acc_bits = unit->acc_bits;
    return s;
}

static struct sample requant_part(const struct sample *unit)
{
    struct sample s = sample_empty();
    (void)snprintf(s.module, sizeof s.module, "requant");
    s.acc_bits = unit->acc_bits;
    s.out_bits = unit->out_bits;
    s.out_signed = unit->out_signed;
    s.shift = unit->shift;
    s.requant_dsp = unit->requant_dsp;
    return s;
}

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
        const struct sample mac = mac_part(&unit.sample);
        const struct sample requant = requant_part(&unit.sample);
        TRY(append(where, &mac, unit.toolchain, a, l, err));
        TRY(append(where, &requant, unit.toolchain, a, l, err));
    }
    return ST_OK;
}

/* ---- the file ---- */

static status read_root(const struct yaml_node *root, struct arena *a,
                        struct sweep *out, struct err *err)
{
    static const char *const known[] = {"version", "name",       "seed",
                                        "groups",  "toolchains", NULL};
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
    return ST_OK;
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
