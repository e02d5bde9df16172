/* fit_cmd.c -- `bitwright fit`: measurements in, cost model and its account out. */
#include <stdio.h>
#include <string.h>

#include "costmodel/account.h"
#include "costmodel/commands.h"
#include "costmodel/foreign.h"
#include "costmodel/layer_table.h"
#include "costmodel/terms.h"

struct fit_args {
    const char *output, *parity, *toolchain;
    bool json;
    struct cli_list targets, terms;
    struct foreign_args foreign;
};

static status find_module(const char *name, size_t length, enum element_module *out,
                          struct err *err)
{
    for (int m = 0; m < ELEMENT_N_MODULES; m++)
        if (strlen(element_module_names[m]) == length &&
            strncmp(element_module_names[m], name, length) == 0) {
            *out = (enum element_module)m;
            return ST_OK;
        }
    return err_set(
        err, ST_USAGE,
        "--terms: expected mac_parallel=..., requant=... or mvu_control=..., "
        "found '%s'",
        name);
}

/* "mac_parallel=one,cells,acc" */
static status parse_terms(const char *text, struct calibrate_options *opt,
                          struct err *err)
{
    const size_t length = strcspn(text, "=");
    enum element_module m = ELEMENT_MAC;
    TRY(find_module(text, length, &m, err));
    opt->n_forced[m] = 0;
    for (const char *p = text + length; *p;) {
        char name[32];
        const size_t n = strcspn(++p, ",");
        snprintf(name, sizeof name, "%.*s", (int)(n < 31 ? n : 31), p);
        const int32_t term = terms_find(m, name);
        if (term < 0) {
            int32_t n_terms;
            const char *names[TERMS_MAX + 1] = {NULL};
            const struct cost_term *terms = terms_of(m, &n_terms);
            for (int32_t i = 0; i < n_terms; i++)
                names[i] = terms[i].name;
            const char *near = cli_nearest(name, names);
            return err_set(err, ST_USAGE,
                           "--terms: expected terms of %s, found '%s'%s%s",
                           element_module_names[m], name, near ? "; nearest: " : "",
                           near ? near : "");
        }
        if (opt->n_forced[m] == FIT_MAX_TERMS)
            return err_set(err, ST_USAGE,
                           "--terms: expected at most %d terms, found "
                           "more in '%s'",
                           FIT_MAX_TERMS, text);
        opt->forced[m][opt->n_forced[m]++] = term;
        p += n;
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

static status fit_and_save(const char *csv, struct fit_args *args,
                           const struct calibrate_options *opt, struct arena *a,
                           struct err *err)
{
    struct meas meas;
    struct calibration c;
    struct provenance p;
    TRY(meas_load(csv, a, &meas, err));
    TRY(calibrate(&meas, opt, a, &c, err));
    provenance_init(&p, "bitwright fit", 0);
    TRY(provenance_input(&p, csv, err));
    TRY(cost_model_save(c.model, &p, args->output, err));
    if (args->parity) TRY(save_json(args->parity, account_parity(&c, &p), err));
    if (meas.n_other > 0)
        cli_note("%zu rows of other modules left aside", meas.n_other);
    if (c.n_repeated > 0)
        cli_note("%d rows measured again with the same result", c.n_repeated);
    if (args->json) return save_json("-", account_json(&c, &p), err);
    account_print(&c, stdout);
    return ST_OK;
}

static status fit_run(int argc, char **argv, struct err *err)
{
    struct fit_args args = {.output = "cost.yaml"};
    struct cli_list files = {.n = 0};
    bool help = false;
    const struct cli_option options[] = {
        {"output", 'o', CLI_TEXT, &args.output, "FILE", "the model (cost.yaml)", 0, 0},
        {"parity", 0, CLI_TEXT, &args.parity, "FILE",
         "also write measured and held-out estimates as JSON", 0, 0},
        {"toolchain", 0, CLI_TEXT, &args.toolchain, "NAME",
         "fit the rows of this toolchain alone (all)", 0, 0},
        {"target", 0, CLI_LIST, &args.targets, "NAME=TARGET",
         "target (xc7, ice40) of a toolchain whose name does not begin with it", 0, 0},
        {"terms", 0, CLI_LIST, &args.terms, "MODULE=A,B,...",
         "use these terms instead of choosing by held-out error", 0, 0},
        {"network", 'n', CLI_TEXT, &args.foreign.network, "FILE",
         "table of layers: the network it was measured on", 0, 0},
        {"unit", 0, CLI_TEXT, &args.foreign.unit, "UNIT",
         "table of layers in a .npy: us, ms, cycle, uJ, ...", 0, 0},
        {"clock", 0, CLI_DOUBLE, &args.foreign.clock_mhz, "MHZ",
         "table of layers in cycles: turns them into time", 1e-3, 1e5},
        {"json", 0, CLI_FLAG, &args.json, NULL, "the account as JSON on stdout", 0, 0},
        {NULL, 0, CLI_FLAG, NULL, NULL, NULL, 0, 0}};
    TRY(cli_parse(&fit_command, options, argc, argv, &files, &help, err));
    if (help) return ST_OK;
    if (files.n != 1)
        return err_set(err, ST_USAGE, "expected one measurement CSV, found %d",
                       files.n);
    struct calibrate_options opt = {.only = args.toolchain, .targets = &args.targets};
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
