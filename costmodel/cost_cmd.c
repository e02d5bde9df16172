/* cost_cmd.c -- `bitwright cost`: what an accelerator costs, or what every layer of
 * a network would cost at every precision. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "costmodel/commands.h"
#include "costmodel/cost_job.h"

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

/* What a table or .npy shows where --metric does not say it. */
static void default_metric(struct cost_job *job, enum cost_metric m)
{
    if (job->args->i_metric < 0) job->args->i_metric = (int)m;
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
    default_metric(job, job->layers->metrics[0].metric);
    TRY(cost_by_layers(job, err));
    warn_outside(job);
    return cost_write(job, err);
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

/* Which kind of accelerator it is decides what else is needed. */
static status find_accel(struct cost_job *job, struct err *err)
{
    struct cost_args *args = job->args;
    if (!args->accel) return ST_OK;
    TRY(shared_accel_find(args->accel, job->a, &args->accel, err));
    args->is_shared = shared_accel_is_file(args->accel);
    if (!args->is_shared && args->network)
        return err_set(err, ST_USAGE,
                       "expected either --accel FILE or --network FILE, found both; "
                       "only an accelerator of style shared takes both");
    if (args->is_shared && (!args->network || args->i_format >= EXPORT_ACCELERGY))
        return err_set(err, ST_USAGE,
                       "--accel %s is an array that layers share: expected --network "
                       "FILE and a format of table, csv, json or npy",
                       args->accel);
    return ST_OK;
}

static status run_shared(struct cost_job *job, struct err *err)
{
    const struct cost_args *args = job->args;
    job->shared = ARENA_NEW(job->a, struct shared_accel, 1);
    if (!job->shared) return arena_exhausted(err);
    TRY(shared_accel_load(args->accel, job->shared, err));
    TRY(provenance_input(&job->provenance, args->accel, err));
    const char *model = args->cost ? args->cost : job->shared->cost_model, *path;
    if (model[0]) {
        TRY(cost_model_find(model, job->a, &path, err));
        TRY(provenance_input(&job->provenance, path, err));
        TRY(cost_model_load(path, job->a, &job->model, err));
    }
    default_metric(job, COST_LATENCY_US);
    if (args->energy.profile) TRY(load_energy(job, err));
    TRY(cost_on_shared(job, err));
    warn_outside(job);
    return cost_write(job, err);
}

static status run_units(struct cost_job *job, const char *path, struct err *err)
{
    default_metric(job, COST_LUT);
    TRY(cost_model_load(path, job->a, &job->model, err));
    if (job->args->energy.profile) TRY(load_energy(job, err));
    TRY(job->args->accel ? cost_of_accel(job, err) : cost_of_network(job, err));
    warn_outside(job);
    return cost_write(job, err);
}

static status run_job(struct cost_job *job, struct err *err)
{
    provenance_init(&job->provenance, "bitwright cost", 0);
    const char *path;
    TRY(find_accel(job, err));
    if (!job->args->cost && !job->args->is_shared)
        return err_set(err, ST_USAGE, "expected --cost cost.yaml");
    if (!job->args->is_shared) {
        TRY(cost_model_find(job->args->cost, job->a, &path, err));
        TRY(provenance_input(&job->provenance, path, err));
        if (layer_table_is_file(path)) return run_layers(job, path, err);
    }
    if (job->args->i_metric == COST_ENERGY_UJ && !job->args->energy.profile)
        return err_set(err, ST_USAGE, "--metric energy_uj: expected --energy PROFILE");
    return job->args->is_shared ? run_shared(job, err) : run_units(job, path, err);
}

/* -1 where none was given. */
static status find_optional(const char *option, const char *const names[],
                            const char *text, int *out, struct err *err)
{
    *out = -1;
    return text ? find_name(option, names, text, out, err) : ST_OK;
}

static status check_args(struct cost_args *args, struct err *err)
{
    if (!args->accel && !args->network)
        return err_set(err, ST_USAGE,
                       "expected either --accel FILE or --network FILE, found neither");
    TRY(find_name("format", format_names, args->format, &args->i_format, err));
    TRY(find_optional("metric", cost_metric_names, args->metric, &args->i_metric, err));
    TRY(find_optional("requant-mul", rtl_mul_names, args->requant_mul,
                      &args->i_requant_mul, err));
    TRY(find_optional("weight-ram", rtl_ram_names, args->weight_ram,
                      &args->i_weight_ram, err));
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
    struct cost_args args = {.format = "table"};
    bool help = false;
    const struct cli_option options[] = {
        {"cost", 'c', CLI_TEXT, &args.cost, "FILE|NAME",
         "the cost model: a file, or a shipped one (xc7) (a shared array's own)", 0, 0},
        {"accel", 0, CLI_TEXT, &args.accel, "FILE|NAME",
         "cost of this accelerator; of style shared: of --network's layers on it", 0,
         0},
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
         "network, formats table and npy: which metric (lut; latency_us "
         "of a shared array; the first of a table of layers)",
         0, 0},
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
    "cost", "--cost cost.yaml [--accel ACCEL.yaml] [--network NETWORK]",
    "cost per layer: LUT with interval, FF, DSP, BRAM, cycles, latency, energy, size",
    cost_run};
