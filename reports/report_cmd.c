/* report_cmd.c -- `bitwright report`: the artefacts of a plan as one HTML page, or
 * as a summary for the terminal. */
#include "base/file.h"
#include "reports/commands.h"
#include "reports/plan_page.h"
#include "reports/text.h"
#include "reports/vega.h"

struct report_arguments {
    struct report_paths paths;
    const char *output, *vega_dir;
    bool text;
};

static status check_arguments(const struct report_arguments *args,
                              const struct cli_list *positional, struct err *err)
{
    if (positional->n > 0)
        return err_set(err, ST_USAGE, "expected only options, found '%s'",
                       positional->items[0]);
    if (args->paths.plan == NULL)
        return err_set(err, ST_USAGE, "expected --plan plan.yaml, found no --plan");
    if (args->output == NULL && !args->text)
        return err_set(err, ST_USAGE,
                       "expected -o report.html or --text, found neither");
    return ST_OK;
}

static status write_report(const struct report_arguments *args, struct arena *a,
                           struct err *err)
{
    struct report *r = ARENA_NEW(a, struct report, 1);
    if (r == NULL) return arena_exhausted(err);
    TRY(report_load(&args->paths, a, r, err));
    if (args->output != NULL) {
        const char *home;
        struct page_options opt = {.vega_dir = args->vega_dir};
        TRY(file_home_dir(a, &home, err));
        opt.assets_dir = file_join(a, home, "reports");
        if (opt.assets_dir == NULL) return arena_exhausted(err);
        TRY(plan_page_write(r, &opt, args->output, a, err));
        cli_note("wrote %s", args->output);
    }
    return args->text ? report_text_write(r, stdout, a, err) : ST_OK;
}

static status report_run(int argc, char **argv, struct err *err)
{
    struct report_arguments args = {.vega_dir = VEGA_DIR};
    const struct cli_option options[] = {
        {"plan", 'p', CLI_TEXT, &args.paths.plan, "FILE", "plan.yaml (required)", 0, 0},
        {"verify", 0, CLI_TEXT, &args.paths.verify, "FILE",
         "verify.json of that plan; without it nothing counts as measured", 0, 0},
        {"cost", 0, CLI_TEXT, &args.paths.cost, "FILE", "cost.yaml that priced it", 0,
         0},
        {"parity", 0, CLI_TEXT, &args.paths.parity, "FILE",
         "parity.json of the cost model", 0, 0},
        {"output", 'o', CLI_TEXT, &args.output, "FILE", "the HTML page", 0, 0},
        {"text", 0, CLI_FLAG, &args.text, NULL, "print a summary on stdout", 0, 0},
        {"vega", 0, CLI_TEXT, &args.vega_dir, "DIR",
         "where libjs-vega is (default " VEGA_DIR ")", 0, 0},
        {.name = NULL},
    };
    struct cli_list positional = {0};
    bool help;
    TRY(cli_parse(&report_command, options, argc, argv, &positional, &help, err));
    if (help) return ST_OK;
    TRY(check_arguments(&args, &positional, err));
    struct arena *a = arena_new();
    if (a == NULL) return arena_exhausted(err);
    const status st = write_report(&args, a, err);
    arena_free(a);
    return st;
}

const struct cli_command report_command = {
    .name = "report",
    .synopsis = "--plan plan.yaml --verify verify.json --cost cost.yaml "
                "[--parity parity.json] -o report.html",
    .summary = "show a plan, its verification and its cost model as one HTML page",
    .run = report_run,
};
