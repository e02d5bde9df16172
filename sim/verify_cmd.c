/* bitwright verify: a plan on the RTL that it describes; exit 6 if anything differs. */
#include <string.h>

#include "base/file.h"
#include "base/provenance.h"
#include "sim/commands.h"
#include "sim/verify.h"
#include "sim/verify_report.h"

struct request {
    const char *plan, *json;
    struct verify_options opt;
};

static status parse(int argc, char **argv, struct request *q, bool *help,
                    struct err *err)
{
    int64_t n_images = q->opt.n_images, n_workers = q->opt.n_workers;
    int64_t seed = (int64_t)q->opt.seed;
    bool no_synth = false;
    const struct cli_option options[] = {
        {"images", 'n', CLI_INT, &n_images, "N", "test images on the RTL (default 5)",
         1, 1e6},
        {"stall", 0, CLI_DOUBLE, &q->opt.p_stall, "P",
         "probability of a stall per cycle on every second image (default 0.2)", 0,
         0.95},
        {"seed", 0, CLI_INT, &seed, "N", "of the stalls (default 1)", 0, 1e15},
        {"json", 0, CLI_TEXT, &q->json, "FILE", "verify.json; - is stdout", 0, 0},
        {"no-synth", 0, CLI_FLAG, &no_synth, NULL, "do not synthesise", 0, 0},
        {"jobs", 'j', CLI_INT, &n_workers, "N", "workers (default 1)", 1, 256},
        {"time-limit", 0, CLI_DOUBLE, &q->opt.time_limit_s, "S",
         "of the synthesis of one layer [s] (default 300)", 0.01, 1e6},
        {NULL, 0, CLI_FLAG, NULL, NULL, NULL, 0, 0}};
    struct cli_list files = {0};
    TRY(cli_parse(&verify_command, options, argc, argv, &files, help, err));
    if (*help) return ST_OK;
    if (files.n != 1)
        return err_set(err, ST_USAGE, "expected one PLAN.yaml, found %d", files.n);
    q->plan = files.items[0];
    q->opt.n_images = (int32_t)n_images;
    q->opt.n_workers = (int)n_workers;
    q->opt.seed = (uint64_t)seed;
    q->opt.synth = !no_synth;
    return ST_OK;
}

static status write_json(const struct request *q, const struct verify_result *r,
                         struct err *err)
{
    struct provenance p;
    provenance_init(&p, "bitwright verify", q->opt.seed);
    TRY(provenance_input(&p, q->plan, err));
    TRY(provenance_input(&p, r->plan.accel, err));
    TRY(provenance_input(&p, r->plan.quantised, err));
    TRY(provenance_tool(&p, "verilator", err));
    if (q->opt.synth) TRY(provenance_tool(&p, "yosys", err));
    json_t *root = verify_json(r, &p);
    if (!root) return arena_exhausted(err);
    const status st = json_file_save(q->json, root, err);
    json_decref(root);
    return st;
}

static status verify(const struct request *q, struct arena *a, struct err *err)
{
    struct verify_result *r = ARENA_NEW(a, struct verify_result, 1);
    if (!r) return arena_exhausted(err);
    const bool json_on_stdout = q->json && strcmp(q->json, "-") == 0;
    if (q->json && !json_on_stdout) TRY(file_check_writable(q->json, err));
    TRY(verify_plan(q->plan, &q->opt, a, r, err));
    verify_print(r, json_on_stdout ? stderr : stdout);
    if (q->json) TRY(write_json(q, r, err));
    return verify_verdict(r, err);
}

static status run(int argc, char **argv, struct err *err)
{
    struct request q = {.opt = verify_defaults()};
    bool help = false;
    TRY(parse(argc, argv, &q, &help, err));
    if (help) return ST_OK;
    struct arena *a = arena_new();
    const status st = a ? verify(&q, a, err) : arena_exhausted(err);
    arena_free(a);
    return st;
}

const struct cli_command verify_command = {
    .name = "verify",
    .synopsis = "PLAN.yaml [--images N] [--json verify.json] [options]",
    .summary = "run a plan on its RTL: bit-exact, cycles, LUT",
    .run = run};
