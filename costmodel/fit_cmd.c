/* fit_cmd.c -- `bitwright fit`: measurements in, cost model and its account out. */
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "costmodel/account.h"
#include "costmodel/commands.h"
#include "costmodel/foreign.h"
#include "costmodel/foreign_map.h"
#include "costmodel/layer_table.h"
#include "costmodel/terms.h"

struct fit_args {
    const char *output, *map, *parity, *toolchain, *stimulus;
    bool json, require_goals;
    struct cli_list targets, terms;
    struct foreign_args foreign;
};

/* Index of names[] that is text[0 .. length), -1 if none. */
static int find_prefix(const char *const names[], const char *text, size_t length)
{
    for (int i = 0; names[i]; i++)
        if (strlen(names[i]) == length && strncmp(names[i], text, length) == 0)
            return i;
    return -1;
}

static status unknown_term(enum element_module m, enum element_metric metric,
                           const char *name, struct err *err)
{
    int32_t n_terms;
    const char *names[TERMS_MAX + 1] = {NULL};
    const struct cost_term *terms = terms_of(m, metric, &n_terms);
    for (int32_t i = 0; i < n_terms; i++)
        names[i] = terms[i].name;
    const char *near = cli_nearest(name, names);
    return err_set(err, ST_USAGE,
                   "--terms: expected terms of %s for %s, found '%s'%s%s",
                   element_module_names[m], element_metric_names[metric], name,
                   near ? "; nearest: " : "", near ? near : "");
}

/* "mac_parallel=one,cells,acc", "mac_fusion:energy=..." */
static status parse_terms(const char *text, struct calibrate_options *opt,
                          struct err *err)
{
    const size_t length = strcspn(text, "="), colon = strcspn(text, ":=");
    const int m = find_prefix(element_module_names, text, colon);
    const int metric =
        colon == length
            ? ELEMENT_LUT
            : find_prefix(element_metric_names, text + colon + 1, length - colon - 1);
    if (m < 0 || metric < 0)
        return err_set(err, ST_USAGE,
                       "--terms: expected MODULE=... (lut) or MODULE:METRIC=..., as "
                       "mac_parallel=cells,acc, found '%s'",
                       text);
    int32_t *n = &opt->n_forced[m][metric], *forced = opt->forced[m][metric];
    *n = 0;
    for (const char *p = text + length; *p;) {
        char name[32];
        const size_t used = strcspn(++p, ",");
        snprintf(name, sizeof name, "%.*s", (int)(used < 31 ? used : 31), p);
        const int32_t term =
            terms_find((enum element_module)m, (enum element_metric)metric, name);
        if (term < 0)
            return unknown_term((enum element_module)m, (enum element_metric)metric,
                                name, err);
        if (*n == FIT_MAX_TERMS)
            return err_set(err, ST_USAGE,
                           "--terms: expected at most %d terms, found "
                           "more in '%s'",
                           FIT_MAX_TERMS, text);
        forced[(*n)++] = term;
        p += used;
    }
    return ST_OK;
}

static status save_json(const char *path, json_t *value, struct err *err)
{
    if (!value) return err_set(err, ST_NOMEM, "out of memory while writing JSON");
    const status st = json_file_save(path, value, err);
    json_decref(value);
    return st;
}

static void note_left_aside(const struct meas *meas, const struct calibration *c,
                            const struct fit_args *args)
{
    if (meas->n_other > 0)
        cli_note("%zu rows of other modules left aside", meas->n_other);
    if (meas->n_failed > 0) cli_note("%zu rows that failed left aside", meas->n_failed);
    if (c->n_repeated > 0)
        cli_note("%d rows measured again with the same result", c->n_repeated);
    if (c->n_other_stimulus > 0)
        cli_note("%d rows with energies of other operands than %s left aside",
                 c->n_other_stimulus, args->stimulus);
}

static status check_goals(int32_t n, const struct goal *goals, struct err *err)
{
    int32_t n_missed = 0;
    const struct goal *first = NULL;
    for (int32_t i = n - 1; i >= 0; i--)
        if (!goals[i].met) {
            n_missed++;
            first = &goals[i];
        }
    if (n == 0)
        return err_set(
            err, ST_MISMATCH,
            "--require-goals: expected rows enough for a formula or a check, "
            "found no goal that could be judged");
    if (!first) return ST_OK;
    return err_set(
        err, ST_MISMATCH,
        "--require-goals: expected all %d goals met, found %d missed, first: "
        "%s, mean %.2f %%, max %.2f %%",
        n, n_missed, first->what, 100 * first->mean, 100 * first->max);
}

/* The target that the mapping says, as --target would. */
static status add_target(const struct foreign_set *set, struct cli_list *targets,
                         struct arena *a, struct err *err)
{
    if (!set->target[0]) return ST_OK;
    if (targets->n == CLI_LIST_MAX)
        return err_set(err, ST_USAGE, "--target: expected fewer of them");
    const char *item = arena_printf(a, "%s=%s", set->toolchain, set->target);
    if (!item) return arena_exhausted(err);
    targets->items[targets->n++] = item;
    return ST_OK;
}

/* What the mapping takes from another model. */
static status add_rest(const struct foreign_set *set, const char *map,
                       struct cost_model *m, struct provenance *p, struct arena *a,
                       struct err *err)
{
    const char *path;
    struct cost_model *rest;
    int32_t n;
    if (!set->rest[0]) return ST_OK;
    TRY(cost_model_find(set->rest, a, &path, err));
    if (strpbrk(set->rest, "/.")) path = file_beside(a, map, set->rest);
    if (!path) return arena_exhausted(err);
    TRY(cost_model_load(path, a, &rest, err));
    TRY(provenance_input(p, path, err));
    TRY(foreign_add_rest(m, rest, a, &n, err));
    if (n > 0) cli_note("requantisers and control are those of %s", path);
    return ST_OK;
}

static status fit_and_save(const char *csv, struct fit_args *args,
                           const struct calibrate_options *opt, struct arena *a,
                           struct err *err)
{
    struct foreign_set set;
    struct meas meas;
    struct calibration c;
    struct provenance p;
    struct goal *goals;
    int32_t n_goals;
    TRY(foreign_read(csv, args->map, a, &set, err));
    if (!args->map && csv_column(&set.csv, "module") < 0)
        return err_set(
            err, ST_PARSE,
            "%s:%d: expected a column 'module', found none; columns of other "
            "names need a mapping: --map FILE (costmodel/README.md)",
            csv, set.csv.head_line);
    TRY(meas_read(&set.csv, a, &meas, err));
    TRY(add_target(&set, &args->targets, a, err));
    TRY(calibrate(&meas, opt, a, &c, err));
    TRY(goals_of(&c, a, &goals, &n_goals, err));
    provenance_init(&p, "bitwright fit", 0);
    TRY(provenance_input(&p, csv, err));
    if (args->map) TRY(provenance_input(&p, args->map, err));
    TRY(add_rest(&set, args->map, c.model, &p, a, err));
    TRY(cost_model_save(c.model, &p, args->output, err));
    if (args->parity) TRY(save_json(args->parity, account_parity(&c, &p), err));
    note_left_aside(&meas, &c, args);
    if (args->json)
        TRY(save_json("-", account_json(&c, n_goals, goals, &p), err));
    else
        account_print(&c, n_goals, goals, stdout);
    return args->require_goals ? check_goals(n_goals, goals, err) : ST_OK;
}

static status fit_run(int argc, char **argv, struct err *err)
{
    struct fit_args args = {.output = "cost.yaml", .stimulus = "uniform"};
    struct cli_list files = {.n = 0};
    bool help = false;
    const struct cli_option options[] = {
        {"output", 'o', CLI_TEXT, &args.output, "FILE", "the model (cost.yaml)", 0, 0},
        {"map", 'm', CLI_TEXT, &args.map, "FILE",
         "mapping of the CSV's own columns and units (costmodel/README.md)", 0, 0},
        {"parity", 0, CLI_TEXT, &args.parity, "FILE",
         "also write measured and held-out estimates as JSON", 0, 0},
        {"toolchain", 0, CLI_TEXT, &args.toolchain, "NAME",
         "fit the rows of this toolchain alone (all)", 0, 0},
        {"target", 0, CLI_LIST, &args.targets, "NAME=TARGET",
         "target (xc7, ice40) of a toolchain whose name does not say it", 0, 0},
        {"stimulus", 0, CLI_TEXT, &args.stimulus, "NAME",
         "fit energies of these operands (uniform)", 0, 0},
        {"terms", 0, CLI_LIST, &args.terms, "MODULE[:METRIC]=A,B",
         "use these terms instead of choosing by held-out error", 0, 0},
        {"network", 'n', CLI_TEXT, &args.foreign.network, "FILE",
         "table of layers: the network it was measured on", 0, 0},
        {"unit", 0, CLI_TEXT, &args.foreign.unit, "UNIT",
         "table of layers in a .npy: us, ms, cycle, uJ, ...", 0, 0},
        {"clock", 0, CLI_DOUBLE, &args.foreign.clock_mhz, "MHZ",
         "table of layers in cycles: turns them into time", 1e-3, 1e5},
        {"require-goals", 0, CLI_FLAG, &args.require_goals, NULL,
         "exit 6 if a goal is missed; the model is written all the same", 0, 0},
        {"json", 0, CLI_FLAG, &args.json, NULL, "the account as JSON on stdout", 0, 0},
        {NULL, 0, CLI_FLAG, NULL, NULL, NULL, 0, 0}};
    TRY(cli_parse(&fit_command, options, argc, argv, &files, &help, err));
    if (help) return ST_OK;
    if (files.n != 1)
        return err_set(err, ST_USAGE, "expected one measurement CSV, found %d",
                       files.n);
    struct calibrate_options opt = {
        .only = args.toolchain, .targets = &args.targets, .stimulus = args.stimulus};
    for (int i = 0; i < args.terms.n; i++)
        TRY(parse_terms(args.terms.items[i], &opt, err));
    struct arena *a = arena_new();
    if (!a) return arena_exhausted(err);
    args.foreign.output = args.output;
    args.foreign.json = args.json;
    const status st = layer_table_is_input(files.items[0])
                          ? foreign_fit_layers(files.items[0], &args.foreign, a, err)
                          : fit_and_save(files.items[0], &args, &opt, a, err);
    arena_free(a);
    return st;
}

const struct cli_command fit_command = {
    "fit", "MEASUREMENTS.csv|LAYERS.csv|LAYERS.npy [-o cost.yaml]",
    "fit the cost model to measurements and report its held-out error", fit_run};
