/* explain_cmd.c -- `bitwright explain`: why each layer has its bits, and what one bit
 * more or less would change.
 *
 * Reads the plan and the files that it names (network, cost model), rebuilds the
 * space and compares neighbouring candidates. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "search/commands.h"
#include "search/plan.h"

struct explain_args {
    const char *network, *cost, *toolchain;
    struct energy_options energy;
};

struct explain {
    struct plan plan;
    struct nn_graph *graph;
    struct cost_model *model;
    struct layer_table *table;   /* instead of a model; NULL if there is one */
    struct shared_accel *shared; /* the same */
    struct energy_source energy; /* where args.energy has a profile */
    enum cost_metric metric;     /* that differences are given in */
    struct space *space;
    struct nn_path path;
};

/* A file that the plan names, relative to itself; `given` is the option's. */
static status find_named(const char *plan, const char *named, const char *given,
                         const char *option, struct arena *a, const char **out,
                         struct err *err)
{
    *out = given ? given : file_beside(a, plan, named);
    if (!*out) return arena_exhausted(err);
    if (given || file_exists(*out)) return ST_OK;
    return err_set(err, ST_NOT_FOUND,
                   "%s names %s, found none; say with --%s where it is", plan, *out,
                   option);
}

/* Says so where the costs are no longer those that the plan was searched with. */
static status warn_of_other_cost(const struct plan *p, const char *cost,
                                 struct err *err)
{
    struct provenance now;
    provenance_init(&now, "bitwright explain", 0);
    TRY(provenance_input(&now, cost, err));
    if (p->cost_hash[0] && strcmp(p->cost_hash, now.inputs[0].key.hex) != 0)
        cli_note("warning: %s is not the cost model that the plan was searched with "
                 "(hash %.8s, the plan's %.8s)",
                 cost, now.inputs[0].key.hex, p->cost_hash);
    return ST_OK;
}

/* A name is that of a shipped model, or of a shared array in plans without units of
 * their own; a path is the plan's, or the option's. */
static status find_cost_file(const char *plan, const struct explain_args *x,
                             struct arena *a, const struct explain *e, const char **out,
                             struct err *err)
{
    const char *name = x->cost ? x->cost : e->plan.cost_model;
    const bool by_path = strpbrk(name, "/.") != NULL;
    if (by_path && !x->cost) return find_named(plan, name, NULL, "cost", a, out, err);
    if (!by_path && strcmp(e->plan.target, "none") == 0)
        return shared_accel_find(name, a, out, err);
    return cost_model_find(name, a, out, err);
}

static status open_cost(const char *plan, const struct explain_args *x, struct arena *a,
                        struct explain *e, struct err *err)
{
    const char *cost;
    TRY(find_cost_file(plan, x, a, e, &cost, err));
    TRY(warn_of_other_cost(&e->plan, cost, err));
    if (shared_accel_is_file(cost)) {
        e->shared = ARENA_NEW(a, struct shared_accel, 1);
        return e->shared ? shared_accel_load(cost, e->shared, err)
                         : arena_exhausted(err);
    }
    if (!layer_table_is_file(cost)) return cost_model_load(cost, a, &e->model, err);
    e->table = ARENA_NEW(a, struct layer_table, 1);
    if (!e->table) return arena_exhausted(err);
    return layer_table_load(cost, a, e->table, err);
}

/* What the accelerator was built for. */
static status read_accel(const char *path, const struct explain_args *x,
                         struct arena *a, const struct explain *e,
                         struct space_options *o, struct err *err)
{
    const struct plan *p = &e->plan;
    if (!p->accel[0])
        return err_set(err, ST_MISMATCH,
                       "%s was searched with a table of layers, which %s is not", path,
                       x->cost ? x->cost : p->cost_model);
    const char *accel_path = file_beside(a, path, p->accel);
    struct accel_config accel;
    if (!accel_path) return arena_exhausted(err);
    TRY(accel_config_load(accel_path, a, &accel, err));
    o->target = accel.target;
    o->requant_mul = accel.layers[0].requant_mul;
    o->weight_ram = accel.layers[0].weight_ram;
    o->fps = p->fps;
    o->clock_mhz = p->clock_mhz;
    return cost_model_select(e->model, x->toolchain ? x->toolchain : p->target,
                             &o->toolchain, err);
}

/* Differences are told in the binding budget's metric, if the space knows it. */
static enum cost_metric told_metric(const struct explain *e)
{
    double cost[COST_N_METRICS], ratio;
    for (int m = 0; m < COST_N_METRICS; m++)
        cost[m] = e->plan.estimate.metric[m].value;
    const enum cost_metric m = budget_binding(&e->plan.budget, cost, &ratio);
    if (ratio > 0 &&
        !isnan(
            e->space->cell[0][e->path.wbits[0]][e->path.abits[0]].est.metric[m].value))
        return m;
    if (ratio > 0 && m == COST_ENERGY_UJ)
        cli_note("the binding budget is of energy: give --energy and --energy-model as "
                 "in the search to see what bits change of it");
    return e->table    ? e->table->metrics[0].metric
           : e->shared ? COST_LATENCY_US
                       : COST_LUT;
}

static status open_energy(const struct explain_args *x, struct arena *a,
                          struct explain *e, struct space_options *o, struct err *err)
{
    struct provenance unused;
    if (!x->energy.profile) return ST_OK;
    provenance_init(&unused, "bitwright explain", 0);
    TRY(energy_source_load(&x->energy, a, &unused, &e->energy, err));
    o->energy = &e->energy;
    return ST_OK;
}

static status open_plan(const char *path, const struct explain_args *x, struct arena *a,
                        struct explain *e, struct err *err)
{
    TRY(plan_load(path, a, &e->plan, err));
    const struct plan *p = &e->plan;
    const char *network;
    TRY(find_named(path, p->network, x->network, "network", a, &network, err));
    TRY(nn_graph_load(network, 1, a, &e->graph, err));
    TRY(open_cost(path, x, a, e, err));
    if (p->n_layers < 1)
        return err_set(err, ST_PARSE, "%s: expected layers, found none", path);
    struct space_options o = space_defaults();
    o.layers = e->table;
    o.shared = e->shared;
    if (!space_of_layers(&o)) TRY(read_accel(path, x, a, e, &o, err));
    o.max_cycles = p->budget.limit[COST_CYCLES]; /* as the search folded its layers */
    o.first_w_mask = 1u << p->layers[0].wbits;
    o.last_mask = 1u << p->layers[p->n_layers - 1].wbits;
    o.w_mask = o.a_mask = 0; /* the plan's own bits must have a cost, no others */
    for (int32_t i = 0; i < p->n_layers; i++) {
        o.w_mask |= 1u << p->layers[i].wbits;
        o.a_mask |= 1u << p->layers[i].abits;
    }
    TRY(open_energy(x, a, e, &o, err));
    TRY(space_build(e->graph, e->model, &o, a, &e->space, err));
    if (p->n_layers != e->space->n_layers)
        return err_set(err, ST_MISMATCH, "%s: has %d layers, network %s has %d", path,
                       (int)p->n_layers, p->network, (int)e->space->n_layers);
    for (int32_t i = 0; i < p->n_layers; i++) {
        const char *name = nn_graph_layer(e->graph, i)->name;
        if (strcmp(p->layers[i].name, name) != 0)
            return err_set(err, ST_MISMATCH,
                           "%s: layer %d is '%s', of network %s it is '%s'", path,
                           (int)i + 1, p->layers[i].name, p->network, name);
        e->path.wbits[i] = (uint8_t)p->layers[i].wbits;
        e->path.abits[i] = (uint8_t)p->layers[i].abits;
        if (!e->space->cell[i][e->path.wbits[i]][e->path.abits[i]].known)
            return err_set(err, ST_RANGE, "%s: the costs say nothing of layer %s: %s",
                           path, name, e->space->unpriced_why.msg);
    }
    e->metric = told_metric(e);
    return ST_OK;
}

/* "+1: LUT +120, loss -0.0003" of one side of one layer. */
static void print_neighbour(const struct explain *e, int32_t i, bool weights, int step)
{
    const struct plan_layer *l = &e->plan.layers[i];
    const int now = weights ? l->wbits : l->abits, to = now + step;
    if (to < 1 || to > 8) return;
    const struct space_cell *x = &e->space->cell[i][l->wbits][l->abits];
    const struct space_cell *y =
        weights ? &e->space->cell[i][to][l->abits] : &e->space->cell[i][l->wbits][to];
    if (!y->known) return;
    const double *value = weights ? l->w_value : l->a_value;
    const double difference =
        y->est.metric[e->metric].value - x->est.metric[e->metric].value;
    printf("    to %d bit%s: ", to, to > 1 ? "s" : "");
    if (e->metric == COST_LUT)
        printf("LUT %+.0f", difference);
    else
        printf("%s %+.4g", cost_metric_names[e->metric], difference);
    if (l->has_values && isfinite(value[to]))
        printf(", estimated loss %+.5f", value[now] - value[to]);
    else if (l->has_values)
        printf(", not a candidate");
    putchar('\n');
}

static void print_layer(const struct explain *e, int32_t i)
{
    const struct plan_layer *l = &e->plan.layers[i];
    printf("%s: %d-bit weights, %d-bit activations", l->name, (int)l->wbits,
           (int)l->abits);
    if (!l->PE)
        printf(", %s %.6g\n", cost_metric_names[e->metric],
               e->space->cell[i][l->wbits][l->abits].est.metric[e->metric].value);
    else
        printf(", PE %d, SIMD %d, LUT %.0f\n", (int)l->PE, (int)l->SIMD, l->lut);
    for (int side = 0; side < 2; side++) {
        printf("  %s\n", side == 0 ? "weights" : "activations");
        print_neighbour(e, i, side == 0, 1);
        print_neighbour(e, i, side == 0, -1);
    }
}

static void print_head(const struct explain *e)
{
    double cost[COST_N_METRICS], ratio;
    for (int m = 0; m < COST_N_METRICS; m++)
        cost[m] = e->plan.estimate.metric[m].value;
    const enum cost_metric m = budget_binding(&e->plan.budget, cost, &ratio);
    printf("method %s", e->plan.method);
    if (ratio > 0)
        printf("; binding budget %s: %.6g of %.6g (%.1f %%)", cost_metric_names[m],
               cost[m], e->plan.budget.limit[m], 100 * ratio);
    if (e->plan.n_layers > 0 && !e->plan.layers[0].has_values) {
        puts("\nThis method gives candidates no values of their own: costs alone, the "
             "cost "
             "model's\nestimates, with the cheapest folding.");
        return;
    }
    puts("\nLoss is what a quantiser adds to the cross-entropy in nats, as the search\n"
         "estimated it; costs are the cost model's estimates, with the cheapest "
         "folding.");
}

static status explain_run(int argc, char **argv, struct err *err)
{
    struct explain_args x = {.network = NULL};
    struct cli_list files = {.n = 0};
    bool help = false;
    const struct cli_option options[] = {
        {"network", 'n', CLI_TEXT, &x.network, "FILE", "instead of the plan's", 0, 0},
        {"cost", 'c', CLI_TEXT, &x.cost, "FILE", "instead of the plan's cost model", 0,
         0},
        {"toolchain", 0, CLI_TEXT, &x.toolchain, "NAME",
         "of the cost model, where it has several for the target", 0, 0},
        {"energy", 0, CLI_TEXT, &x.energy.profile, "PROFILE",
         "energy profile, as in the search (no energy)", 0, 0},
        {"energy-model", 0, CLI_TEXT, &x.energy.model, "FILE|NAME",
         "macs by this model's measured energies, as in the search", 0, 0},
        {"dram-weights", 0, CLI_FLAG, &x.energy.weights_in_dram, NULL,
         "energy: weights from DRAM, as in the search", 0, 0},
        {NULL, 0, CLI_FLAG, NULL, NULL, NULL, 0, 0}};
    TRY(cli_parse(&explain_command, options, argc, argv, &files, &help, err));
    if (help) return ST_OK;
    if (files.n != 1)
        return err_set(err, ST_USAGE, "expected one plan.yaml, found %d", files.n);
    TRY(energy_options_check(&x.energy, err));
    struct arena *a = arena_new();
    if (!a) return arena_exhausted(err);
    struct explain *e = ARENA_NEW(a, struct explain, 1);
    status st = e ? open_plan(files.items[0], &x, a, e, err) : arena_exhausted(err);
    if (st == ST_OK) {
        print_head(e);
        for (int32_t i = 0; i < e->plan.n_layers; i++)
            print_layer(e, i);
    }
    arena_free(a);
    return st;
}

const struct cli_command explain_command = {
    "explain", "plan.yaml", "why each layer has its bits, and what one bit changes",
    explain_run};
