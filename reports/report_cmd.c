/* report_cmd.c -- `bitwright report`: the artefacts of a plan, or the costs of the MAC
 * units, as one HTML page or as text. */
#include "base/file.h"
#include "reports/commands.h"
#include "reports/hardware_page.h"
#include "reports/plan_page.h"
#include "reports/text.h"
#include "reports/vega.h"

struct report_arguments {
    struct report_paths plan;     /* of the page of a plan */
    const char *units, *operands; /* of the page of the MAC units */
    struct cli_list parity;
    const char *output, *markdown, *vega_dir;
    bool text;
};

static status check_arguments(struct report_arguments *args,
                              const struct cli_list *positional, struct err *err)
{
    if (positional->n > 0)
        return err_set(err, ST_USAGE, "expected only options, found '%s'",
                       positional->items[0]);
    if ((args->plan.plan == NULL) == (args->units == NULL))
        return err_set(err, ST_USAGE,
                       "expected --plan plan.yaml or --units units.csv, found %s",
                       args->units == NULL ? "neither" : "both");
    if (args->units != NULL && (args->plan.verify || args->plan.cost || args->text))
        return err_set(err, ST_USAGE,
                       "expected --parity, --markdown and -o with "
                       "--units, found --verify, --cost or --text");
    if (args->plan.plan != NULL && args->operands != NULL)
        return err_set(err, ST_USAGE, "expected --operands with --units, found --plan");
    if (args->plan.plan != NULL && args->markdown != NULL)
        return err_set(err, ST_USAGE, "expected --text with --plan, found --markdown");
    if (args->plan.plan != NULL && args->parity.n > 1)
        return err_set(err, ST_USAGE, "expected one --parity with --plan, found %d",
                       args->parity.n);
    if (args->output == NULL && !args->text && args->markdown == NULL)
        return err_set(err, ST_USAGE, "expected -o report.html or %s, found neither",
                       args->units == NULL ? "--text" : "--markdown FILE");
    args->plan.parity = args->parity.n > 0 ? args->parity.items[0] : NULL;
    return ST_OK;
}

static status page_options_of(const struct report_arguments *args, struct arena *a,
                              struct page_options *out, struct err *err)
{
    const char *home;
    TRY(file_home_dir(a, &home, err));
    out->vega_dir = args->vega_dir;
    out->assets_dir = file_join(a, home, "reports");
    return out->assets_dir == NULL ? arena_exhausted(err) : ST_OK;
}

static status write_plan(const struct report_arguments *args, struct arena *a,
                         struct err *err)
{
    struct report *r = ARENA_NEW(a, struct report, 1);
    if (r == NULL) return arena_exhausted(err);
    TRY(report_load(&args->plan, a, r, err));
    if (!report_same_cost(r))
        cli_note("warning: %s is not the cost model that the plan was searched with "
                 "(another hash)",
                 args->plan.cost);
    if (args->output != NULL) {
        struct page_options opt;
        TRY(page_options_of(args, a, &opt, err));
        TRY(plan_page_write(r, &opt, args->output, a, err));
        cli_note("wrote %s", args->output);
    }
    return args->text ? report_text_write(r, stdout, a, err) : ST_OK;
}

static status write_hardware(const struct report_arguments *args, struct arena *a,
                             struct err *err)
{
    const struct hardware_paths paths = {args->units, args->parity.items,
                                         args->parity.n, args->operands};
    struct hardware *h = ARENA_NEW(a, struct hardware, 1);
    if (h == NULL) return arena_exhausted(err);
    TRY(hardware_load(&paths, a, h, err));
    if (args->output != NULL) {
        struct page_options opt;
        TRY(page_options_of(args, a, &opt, err));
        TRY(hardware_page_write(h, &opt, args->output, a, err));
        cli_note("wrote %s", args->output);
    }
    if (args->markdown != NULL) {
        TRY(hardware_text_write(h, args->markdown, a, err));
        cli_note("wrote %s", args->markdown);
    }
    return ST_OK;
}

static status report_run(int argc, char **argv, struct err *err)
{
    struct report_arguments args = {.vega_dir = VEGA_DIR};
    const struct cli_option options[] = {
        {"plan", 'p', CLI_TEXT, &args.plan.plan, "FILE", "plan.yaml: a page about it",
         0, 0},
        {"units", 'u', CLI_TEXT, &args.units, "FILE",
         "units.csv of `bitwright units`: a page about the MAC units", 0, 0},
        {"operands", 0, CLI_TEXT, &args.operands, "FILE",
         "with --units: measurements with several operand distributions", 0, 0},
        {"verify", 0, CLI_TEXT, &args.plan.verify, "FILE",
         "verify.json of the plan; without it nothing counts as measured", 0, 0},
        {"cost", 0, CLI_TEXT, &args.plan.cost, "FILE", "cost.yaml that priced the plan",
         0, 0},
        {"parity", 0, CLI_LIST, &args.parity, "FILE",
         "parity.json of a cost model; several with --units", 0, 0},
        {"output", 'o', CLI_TEXT, &args.output, "FILE", "the HTML page", 0, 0},
        {"markdown", 0, CLI_TEXT, &args.markdown, "FILE",
         "with --units: the tables as Markdown", 0, 0},
        {"text", 0, CLI_FLAG, &args.text, NULL,
         "with --plan: print a summary on stdout", 0, 0},
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
    const status st =
        args.units == NULL ? write_plan(&args, a, err) : write_hardware(&args, a, err);
    arena_free(a);
    return st;
}

const struct cli_command report_command = {
    .name = "report",
    .synopsis = "--plan plan.yaml --verify verify.json --cost cost.yaml "
                "[--parity parity.json] -o report.html",
    .summary = "show a plan, or the costs of the MAC units, as one HTML page",
    .run = report_run,
};
