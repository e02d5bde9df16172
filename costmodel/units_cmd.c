/* units_cmd.c -- `bitwright units`: what one product costs in every measured MAC unit.
 */
#include "base/file.h"
#include "base/provenance.h"
#include "costmodel/commands.h"
#include "costmodel/unit_costs.h"

struct units_args {
    const char *output;
    struct cli_list tables;
};

static status put_table(const struct units_args *args, FILE *f, struct arena *a,
                        struct err *err)
{
    struct provenance p;
    size_t n = 0;
    provenance_init(&p, "bitwright units", 0);
    for (int i = 0; i < args->tables.n; i++)
        TRY(provenance_input(&p, args->tables.items[i], err));
    provenance_csv(&p, f);
    unit_costs_header(f);
    for (int i = 0; i < args->tables.n; i++)
        TRY(unit_costs_append(args->tables.items[i], f, a, &n, err));
    if (n > 0) return ST_OK;
    return err_set(err, ST_RANGE, "%s: expected rows of MAC units, found none",
                   args->tables.items[0]);
}

static status write_units(const struct units_args *args, struct arena *a,
                          struct err *err)
{
    struct file_out o;
    TRY(file_out_open(args->output, &o, err));
    const status st = put_table(args, o.f, a, err);
    if (st == ST_OK) return file_out_commit(&o, err);
    file_out_abort(&o);
    return st;
}

static status units_run(int argc, char **argv, struct err *err)
{
    struct units_args args = {.output = NULL};
    const struct cli_option options[] = {
        {"output", 'o', CLI_TEXT, &args.output, "FILE", "the table (required)", 0, 0},
        {.name = NULL},
    };
    bool help;
    TRY(cli_parse(&units_command, options, argc, argv, &args.tables, &help, err));
    if (help) return ST_OK;
    if (args.tables.n == 0)
        return err_set(err, ST_USAGE, "expected measurement CSVs, found none");
    if (args.output == NULL)
        return err_set(err, ST_USAGE, "expected -o units.csv, found no -o");
    struct arena *a = arena_new();
    if (a == NULL) return arena_exhausted(err);
    const status st = write_units(&args, a, err);
    arena_free(a);
    return st;
}

const struct cli_command units_command = {
    "units", "MEASUREMENTS.csv ... -o units.csv",
    "table what a product costs in every measured MAC unit", units_run};
