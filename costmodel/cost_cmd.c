/* cost_cmd.c -- `bitwright cost`: what an accelerator costs, or what every layer of
 * a network would cost at every precision. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "costmodel/commands.h"
#include "costmodel/energy.h"
#include "costmodel/export.h"
#include "costmodel/layer_table.h"
#include "costmodel/precisions.h"
#include "costmodel/table.h"

struct cost_args {
    const char *cost, *accel, *network, *toolchain, *format, *metric;
    const char *requant_mul, *weight_ram, *output;
    int64_t pe, simd;
    struct energy_options energy;
    bool json;
    int i_format, i_metric; /* checked: enum table_format or export_format, metric */
};

/* Forms beyond those of table.h; numbered behind them. */
enum export_format {
    EXPORT_NPY = TABLE_JSON + 1,
    EXPORT_ACCELERGY,
    EXPORT_ERT,
    EXPORT_ART
};
static const char *const format_names[] = {"table",     "csv", "json", "npy",
                                           "accelergy", "ert", "art",  NULL};

static status find_name(const char *option, const char *const names[], const char *text,
                        int *out, struct err *err)
{
    for (*out = 0; names[*out]; ++*out)
        if (strcmp(names[*out], text) == 0) return ST_OK;
    const char *near = cli_nearest(text, names);
    char list[256] = "";
    for (int i = 0; names[i]; i++) {
        if (i) strcat(list, ", ");
        strcat(list, names[i]);
    }
    return err_set(err, ST_USAGE, "--%s: expected one of %s, found '%s'%s%s", option,
                   list, text, near ? "; nearest: " : "", near ? near : "");
}

/* Everything that both forms of the command need. */
struct cost_job {
    struct cost_args *args;
    struct arena *a;
    struct cost_model *model;   /* NULL with a table of layers */
    struct layer_table *layers; /* NULL with a model          */
    double clock_mhz;           /* of the accelerator          */
    int toolchain;
    struct energy_source energy;
    const struct energy_source *energy_or_null;
    struct provenance provenance;
    struct cost_table table;
};

/* Without a cost: NaN, never 0. */
static void forget(struct cost_estimate *e)
{
    *e = (struct cost_estimate){.outside = NULL};
    for (int m = 0; m < COST_N_METRICS; m++)
        e->metric[m] = (struct cost_value){NAN, NAN, NAN, COST_LEVEL_FORMULA};
}

/* What each estimate's energy is made of. */
static status energy_parts(struct cost_job *job, double (**out)[ENERGY_N_PARTS],
                           struct err *err)
{
    const struct cost_table *t = &job->table;
    *out = NULL;
    if (!job->energy_or_null) return ST_OK;
    *out = arena_alloc(job->a, (size_t)t->n_rows, sizeof **out);
    if (!*out) return arena_exhausted(err);
    for (int32_t i = 0; i < t->n_rows; i++) {
        struct cost_value total;
        const char *outside;
        const bool known = !isnan(t->costs[i].metric[COST_ENERGY_UJ].value);
        if (known && energy_mvu(job->energy_or_null, &t->layers[i], (*out)[i], &total,
                                &outside, err) != ST_OK)
            return err->code;
        for (int k = 0; k < ENERGY_N_PARTS && !known; k++)
            (*out)[i][k] = NAN;
    }
    return ST_OK;
}

/* Rows of a network that the model cannot price stay empty, with a note; there must be
 * one that it can. */
static status note_missing(int32_t n, int32_t n_missing, const struct err *first,
                           struct err *err)
{
    if (n_missing == n) return err_set(err, first->code, "%s", first->msg);
    if (n_missing > 0)
        cli_note("no cost for %d of %d rows, which stay empty; first: %s",
                 (int)n_missing, (int)n, first->msg);
    return ST_OK;
}

static status estimate_rows(struct cost_job *job, int32_t n,
                            const struct mvu_config *layers, struct err *err)
{
    struct cost_estimate *costs = ARENA_NEW(job->a, struct cost_estimate, (size_t)n);
    if (!costs) return arena_exhausted(err);
    struct err first = {.msg = ""};
    int32_t n_missing = 0;
    for (int32_t i = 0; i < n; i++) {
        struct err inner;
        const status st = cost_mvu(job->model, job->toolchain, &layers[i],
                                   job->energy_or_null, &costs[i], &inner);
        if (st == ST_OK) continue;
        if (st != ST_RANGE || job->args->accel)
            return err_set(err, st, "layer '%s': %s", layers[i].name, inner.msg);
        if (n_missing++ == 0)
            err_set(&first, st, "layer '%s': %s", layers[i].name, inner.msg);
        forget(&costs[i]);
    }
    TRY(note_missing(n, n_missing, &first, err));
    job->table = (struct cost_table){
        .toolchain = cost_model_toolchain(job->model, job->toolchain),
        .profile = job->energy_or_null ? job->energy.name : NULL,
        .n_rows = n,
        .layers = layers,
        .costs = costs};
    return energy_parts(job, &job->table.energy_uj, err);
}

static status cost_of_accel(struct cost_job *job, struct err *err)
{
    struct accel_config *accel = ARENA_NEW(job->a, struct accel_config, 1);
    struct cost_estimate *total = ARENA_NEW(job->a, struct cost_estimate, 1);
    if (!accel || !total) return arena_exhausted(err);
    TRY(accel_config_load(job->args->accel, job->a, accel, err));
    job->clock_mhz = accel->clock_mhz;
    TRY(provenance_input(&job->provenance, job->args->accel, err));
    const char *name =
        job->args->toolchain ? job->args->toolchain : rtl_target_names[accel->target];
    TRY(cost_model_select(job->model, name, &job->toolchain, err));
    if (cost_model_target(job->model, job->toolchain) != accel->target)
        return err_set(err, ST_RANGE,
                       "%s: expected a toolchain for target %s, found '%s' for %s",
                       job->args->accel, rtl_target_names[accel->target], name,
                       cost_model_target_name(job->model, job->toolchain));
    TRY(estimate_rows(job, accel->n_layers, accel->layers, err));
    cost_total(job->table.costs, accel->n_layers, total);
    job->table.total = total;
    return ST_OK;
}

/* Without --toolchain a model of one toolchain is taken as it is. */
static status select_for_network(struct cost_job *job, struct err *err)
{
    if (job->args->toolchain)
        return cost_model_select(job->model, job->args->toolchain, &job->toolchain,
                                 err);
    job->toolchain = 0;
    if (cost_model_n_toolchains(job->model) == 1) return ST_OK;
    return cost_model_select(job->model, "(none given: say --toolchain NAME)",
                             &job->toolchain, err);
}

static status precision_options(struct cost_job *job, struct precision_options *o,
                                struct err *err)
{
    int choice;
    o->pe = (int32_t)job->args->pe;
    o->simd = (int32_t)job->args->simd;
    const enum rtl_target target = cost_model_target(job->model, job->toolchain);
    o->requant_mul = target == RTL_XC7 ? RTL_MUL_DSP : RTL_MUL_LUT;
    o->weight_ram = target == RTL_XC7 ? RTL_RAM_LUT : RTL_RAM_BLOCK;
    if (job->args->requant_mul) {
        TRY(find_name("requant-mul", rtl_mul_names, job->args->requant_mul, &choice,
                      err));
        o->requant_mul = (enum rtl_mul)choice;
    }
    if (job->args->weight_ram) {
        TRY(find_name("weight-ram", rtl_ram_names, job->args->weight_ram, &choice,
                      err));
        o->weight_ram = (enum rtl_ram)choice;
    }
    return ST_OK;
}

/* The same by a table of layers: what it says, beside size and BitOps. */
static status cost_by_layers(struct cost_job *job, struct err *err)
{
    struct nn_graph *g;
    struct precision_options o = {.weight_ram = RTL_RAM_BLOCK};
    struct mvu_config *rows;
    struct err first = {.msg = ""}, inner;
    int32_t to_table[NN_MAX_LAYERS], n_missing = 0;
    TRY(nn_graph_load(job->args->network, 0, job->a, &g, err));
    TRY(provenance_input(&job->provenance, job->args->network, err));
    TRY(layer_table_match(job->layers, g, to_table, err));
    TRY(precisions_of_network(g, &o, job->a, &rows, err));
    const int32_t n = g->n_layers * PRECISIONS;
    struct cost_estimate *costs = ARENA_NEW(job->a, struct cost_estimate, (size_t)n);
    if (!costs) return arena_exhausted(err);
    for (int32_t i = 0; i < n; i++) {
        const struct mvu_config *c = &rows[i];
        const double weights = (double)c->MW * c->MH, size = weights * c->wbits / 8;
        const double bitops = weights * c->n_vec * c->wbits * c->abits;
        forget(&costs[i]);
        if (layer_table_cost(job->layers, to_table[i / PRECISIONS], c->wbits, c->abits,
                             &costs[i], &inner) != ST_OK) {
            if (n_missing++ == 0) first = inner;
            forget(&costs[i]);
        }
        costs[i].metric[COST_SIZE_BYTES] =
            (struct cost_value){size, size, size, COST_LEVEL_EXACT};
        costs[i].metric[COST_BITOPS] =
            (struct cost_value){bitops, bitops, bitops, COST_LEVEL_EXACT};
    }
    job->table = (struct cost_table){
        .toolchain = "none", .n_rows = n, .layers = rows, .costs = costs};
    return note_missing(n, n_missing, &first, err);
}

static status cost_of_network(struct cost_job *job, struct err *err)
{
    struct nn_graph *g;
    struct precision_options o;
    struct mvu_config *rows;
    TRY(select_for_network(job, err));
    TRY(precision_options(job, &o, err));
    TRY(nn_graph_load(job->args->network, 0, job->a, &g, err));
    TRY(provenance_input(&job->provenance, job->args->network, err));
    TRY(precisions_of_network(g, &o, job->a, &rows, err));
    return estimate_rows(job, g->n_layers * PRECISIONS, rows, err);
}

static struct export_source source_of(const struct cost_job *job)
{
    return (struct export_source){job->model, job->toolchain,
                                  job->energy_or_null ? job->energy.profile : NULL};
}

/* Forms that are files of their own. */
static status write_file(struct cost_job *job, struct err *err)
{
    const struct cost_args *args = job->args;
    const struct export_source s = source_of(job);
    const char *unit;
    if (args->i_format == EXPORT_ERT)
        return export_ert(&s, &job->table, job->clock_mhz, args->output, err);
    if (args->i_format == EXPORT_ART)
        return export_art(&s, &job->table, args->output, err);
    TRY(export_npy(&job->table, (enum cost_metric)args->i_metric, args->output, &unit,
                   err));
    cli_note("%s: %s in %s, shape (%d, 8, 8)", args->output,
             cost_metric_names[args->i_metric], unit, (int)job->table.n_rows / 64);
    return ST_OK;
}

static status write_table(struct cost_job *job, FILE *f, struct err *err)
{
    const struct cost_args *args = job->args;
    const struct export_source s = source_of(job);
    if (args->i_format == EXPORT_ACCELERGY)
        return export_accelergy(&s, args->simd ? (int32_t)args->simd : 4,
                                &job->provenance, f, err);
    if (args->i_format == TABLE_TEXT && !args->accel) {
        table_print_grids(&job->table, (enum cost_metric)args->i_metric, f);
        return ST_OK;
    }
    return table_write(&job->table, (enum table_format)args->i_format, &job->provenance,
                       f, err);
}

static status write_output(struct cost_job *job, struct err *err)
{
    struct file_out o;
    const int format = job->args->i_format;
    if (format == EXPORT_NPY || format == EXPORT_ERT || format == EXPORT_ART)
        return write_file(job, err);
    if (!job->args->output) return write_table(job, stdout, err);
    TRY(file_out_open(job->args->output, &o, err));
    const status st = write_table(job, o.f, err);
    if (st == ST_OK) return file_out_commit(&o, err);
    file_out_abort(&o);
    return st;
}

/* Says on stderr what the formulas were not fitted for. */
static void warn_outside(const struct cost_job *job)
{
    for (int32_t i = 0; i < job->table.n_rows; i++)
        if (job->table.costs[i].outside_box) {
            cli_note(
                "warning: layer '%s' (%d x %d bits) lies outside the box of the fit: "
                "%s",
                job->table.layers[i].name, job->table.layers[i].wbits,
                job->table.layers[i].abits, job->table.costs[i].outside);
            return;
        }
}

static status run_layers(struct cost_job *job, const char *path, struct err *err)
{
    if (!job->args->network || job->args->i_format >= EXPORT_ACCELERGY)
        return err_set(
            err, ST_USAGE,
            "--cost %s is a table of layers, which prices networks alone: "
            "expected --network FILE and a format of table, csv, json or npy",
            path);
    job->layers = ARENA_NEW(job->a, struct layer_table, 1);
    if (!job->layers) return arena_exhausted(err);
    TRY(layer_table_load(path, job->a, job->layers, err));
    TRY(cost_by_layers(job, err));
    warn_outside(job);
    return write_output(job, err);
}

static status load_energy(struct cost_job *job, struct err *err)
{
    TRY(energy_source_load(&job->args->energy, job->a, &job->provenance, &job->energy,
                           err));
    job->energy_or_null = &job->energy;
    if (job->energy.outside)
        cli_note(
            "warning: the mac of profile %s lies outside what the energy model was "
            "fitted to: %s",
            job->energy.profile->name, job->energy.outside);
    return ST_OK;
}

static status run_job(struct cost_job *job, struct err *err)
{
    provenance_init(&job->provenance, "bitwright cost", 0);
    const char *path;
    TRY(cost_model_find(job->args->cost, job->a, &path, err));
    TRY(provenance_input(&job->provenance, path, err));
    if (layer_table_is_file(path)) return run_layers(job, path, err);
    if (job->args->i_metric == COST_ENERGY_UJ && !job->args->energy.profile)
        return err_set(err, ST_USAGE, "--metric energy_uj: expected --energy PROFILE");
    TRY(cost_model_load(path, job->a, &job->model, err));
    if (job->args->energy.profile) TRY(load_energy(job, err));
    TRY(job->args->accel ? cost_of_accel(job, err) : cost_of_network(job, err));
    warn_outside(job);
    return write_output(job, err);
}

static status check_args(struct cost_args *args, struct err *err)
{
    if (!args->cost) return err_set(err, ST_USAGE, "expected --cost cost.yaml");
    if (!args->accel == !args->network)
        return err_set(err, ST_USAGE,
                       "expected either --accel FILE or --network FILE, found %s",
                       args->accel ? "both" : "neither");
    TRY(find_name("format", format_names, args->format, &args->i_format, err));
    TRY(find_name("metric", cost_metric_names, args->metric, &args->i_metric, err));
    if (args->json) args->i_format = TABLE_JSON;
    TRY(energy_options_check(&args->energy, err));
    const int form = args->i_format;
    if (!args->output &&
        (form == EXPORT_NPY || form == EXPORT_ERT || form == EXPORT_ART))
        return err_set(err, ST_USAGE, "--format %s: expected -o FILE", args->format);
    if ((form == EXPORT_NPY && !args->network) ||
        ((form == EXPORT_ERT || form == EXPORT_ART) && !args->accel))
        return err_set(err, ST_USAGE, "--format %s: expected --%s FILE", args->format,
                       form == EXPORT_NPY ? "network" : "accel");
    return ST_OK;
}

static status cost_run(int argc, char **argv, struct err *err)
{
    struct cost_args args = {.format = "table", .metric = "lut"};
    bool help = false;
    const struct cli_option options[] = {
        {"cost", 'c', CLI_TEXT, &args.cost, "FILE|NAME",
         "the cost model: a file, or a shipped one (xc7) (required)", 0, 0},
        {"accel", 0, CLI_TEXT, &args.accel, "FILE", "cost of this accelerator", 0, 0},
        {"network", 0, CLI_TEXT, &args.network, "FILE",
         "or: every layer of this network at all 64 precisions", 0, 0},
        {"toolchain", 0, CLI_TEXT, &args.toolchain, "NAME",
         "toolchain of the model (the accelerator's target)", 0, 0},
        {"energy", 0, CLI_TEXT, &args.energy.profile, "PROFILE",
         "energy by this profile of configs/energy, or a path (no energy)", 0, 0},
        {"energy-model", 0, CLI_TEXT, &args.energy.model, "FILE|NAME",
         "macs by this model's measured energies, at the profile's level (the "
         "profile's formula)",
         0, 0},
        {"dram-weights", 0, CLI_FLAG, &args.energy.weights_in_dram, NULL,
         "energy: weights come from DRAM once per image (they live on chip)", 0, 0},
        {"pe", 0, CLI_INT, &args.pe, "N",
         "network: at most N rows at once (as many as can be)", 0, 256},
        {"simd", 0, CLI_INT, &args.simd, "N",
         "network: at most N columns at once (as many as can be)", 0, 64},
        {"requant-mul", 0, CLI_TEXT, &args.requant_mul, "lut|dsp",
         "network: multiplier of the requantisers (dsp on xc7, else lut)", 0, 0},
        {"weight-ram", 0, CLI_TEXT, &args.weight_ram, "lut|block",
         "network: where weights live (lut on xc7, else block)", 0, 0},
        {"metric", 0, CLI_TEXT, &args.metric, "NAME",
         "network, formats table and npy: which metric (lut)", 0, 0},
        {"format", 0, CLI_TEXT, &args.format, "NAME",
         "table, csv, json; npy (HAQ), accelergy, ert, art (table)", 0, 0},
        {"json", 0, CLI_FLAG, &args.json, NULL, "the same as --format json", 0, 0},
        {"output", 'o', CLI_TEXT, &args.output, "FILE", "write there (stdout)", 0, 0},
        {NULL, 0, CLI_FLAG, NULL, NULL, NULL, 0, 0}};
    TRY(cli_parse(&cost_command, options, argc, argv, NULL, &help, err));
    if (help) return ST_OK;
    TRY(check_args(&args, err));
    struct cost_job job = {.args = &args, .a = arena_new()};
    if (!job.a) return arena_exhausted(err);
    const status st = run_job(&job, err);
    arena_free(job.a);
    return st;
}

const struct cli_command cost_command = {
    "cost", "--cost cost.yaml (--accel ACCEL.yaml | --network NETWORK)",
    "cost per layer: LUT with interval, FF, DSP, BRAM, cycles, energy, size", cost_run};
