/* bitwright characterize: a sweep file in, a measurement CSV out; rows live in a
 * database between runs. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/provenance.h"
#include "sim/characterize.h"
#include "sim/commands.h"

struct request {
    const char *sweep, *csv, *db;
    struct characterize_options opt;
    bool dry_run;
};

static status parse(int argc, char **argv, struct request *q, bool *help,
                    struct err *err)
{
    int64_t n_workers = q->opt.n_workers;
    const struct cli_option options[] = {
        {"output", 'o', CLI_TEXT, &q->csv, "FILE.csv", "the measurements", 0, 0},
        {"db", 0, CLI_TEXT, &q->db, "FILE",
         "database (default measurements.db in the cache folder)", 0, 0},
        {"jobs", 'j', CLI_INT, &n_workers, "N", "workers (default 1)", 1, 256},
        {"time-limit", 0, CLI_DOUBLE, &q->opt.time_limit_s, "S",
         "of one run of one tool [s] (default 300)", 0.01, 1e6},
        {"dry-run", 0, CLI_FLAG, &q->dry_run, NULL,
         "only say what there is to do, as a list on stdout", 0, 0},
        {NULL, 0, CLI_FLAG, NULL, NULL, NULL, 0, 0}};
    struct cli_list files = {0};
    TRY(cli_parse(&characterize_command, options, argc, argv, &files, help, err));
    if (*help) return ST_OK;
    if (files.n != 1)
        return err_set(err, ST_USAGE, "expected one SWEEP.yaml, found %d", files.n);
    if (!q->csv && !q->dry_run) return err_set(err, ST_USAGE, "expected -o FILE.csv");
    q->sweep = files.items[0];
    q->opt.n_workers = (int)n_workers;
    return ST_OK;
}

/* Seconds of one point where nothing was measured yet. */
static const double guess_s = 1.0;

static void print_todo(const struct request *q, const struct sweep *s,
                       const struct characterize_result *r)
{
    char text[256];
    for (int32_t i = 0; i < s->n_points; i++)
        if (!r->present[i])
            printf("%s  %s  %s\n", s->points[i].sample.key.hex,
                   s->points[i].sample.toolchain,
                   sample_describe(&s->points[i].sample, text, sizeof text));
    const double each = r->n_known ? r->known_synth_s : guess_s;
    fprintf(stderr,
            "%s: %d points, %d known, %d to measure, about %.0f s with %d worker%s\n",
            q->sweep, r->n_points, r->n_known, r->n_todo,
            each * r->n_todo / q->opt.n_workers, q->opt.n_workers,
            q->opt.n_workers > 1 ? "s" : "");
}

static status write_csv(const struct request *q, const struct sweep *s,
                        const struct characterize_result *r, struct err *err)
{
    struct provenance p;
    struct file_out o;
    provenance_init(&p, "bitwright characterize", s->seed);
    TRY(provenance_input(&p, q->sweep, err));
    TRY(provenance_tool(&p, "yosys", err));
    TRY(provenance_tool(&p, "verilator", err));
    TRY(file_out_open(q->csv, &o, err));
    provenance_csv(&p, o.f);
    sample_csv_header(o.f);
    for (int32_t i = 0; i < s->n_points; i++)
        if (r->present[i] || r->why[i].code != ST_OK)
            sample_csv_row(&s->points[i].sample, o.f);
    return file_out_commit(&o, err);
}

/* Lists the failed points; the status of the worst. */
static status report_failures(const struct sweep *s,
                              const struct characterize_result *r, struct err *err)
{
    status worst = ST_OK;
    char text[256];
    for (int32_t i = 0; i < s->n_points; i++) {
        const struct err *why = &r->why[i];
        if (why->code == ST_OK) continue;
        fprintf(stderr, "failed: %s on %s: %s\n",
                sample_describe(&s->points[i].sample, text, sizeof text),
                s->points[i].sample.toolchain, why->msg);
        if (worst != ST_MISMATCH) worst = why->code;
    }
    if (worst == ST_OK) return ST_OK;
    return err_set(err, worst == ST_MISMATCH ? ST_MISMATCH : ST_TOOL,
                   "%d of %d points failed; their rows say why", r->n_failed,
                   r->n_points);
}

static status measure(const struct request *q, struct sweep *s, struct meas_db *db,
                      struct arena *a, struct err *err)
{
    struct characterize_result r;
    TRY(characterize_look_up(s, db, a, &r, err));
    if (q->dry_run) {
        print_todo(q, s, &r);
        return ST_OK;
    }
    TRY(characterize_run(s, db, &q->opt, a, &r, err));
    TRY(write_csv(q, s, &r, err));
    fprintf(stderr, "%s: %d points, %d known, %d measured, %d failed\n", q->csv,
            r.n_points, r.n_known, r.n_measured, r.n_failed);
    return report_failures(s, &r, err);
}

static status characterize(const struct request *q, struct arena *a, struct err *err)
{
    struct sweep s;
    struct meas_db *db = NULL;
    const char *path = q->db, *cache = NULL;
    TRY(sweep_load(q->sweep, a, &s, err));
    if (!q->dry_run) TRY(file_check_writable(q->csv, err));
    if (!path) {
        TRY(file_cache_dir(a, &cache, err));
        path = file_join(a, cache, "measurements.db");
        if (!path) return arena_exhausted(err);
    }
    TRY(meas_db_open(path, &db, err));
    const status st = measure(q, &s, db, a, err);
    meas_db_close(db);
    return st;
}

static status run(int argc, char **argv, struct err *err)
{
    struct request q = {.opt = characterize_defaults()};
    bool help = false;
    TRY(parse(argc, argv, &q, &help, err));
    if (help) return ST_OK;
    struct arena *a = arena_new();
    const status st = a ? characterize(&q, a, err) : arena_exhausted(err);
    arena_free(a);
    return st;
}

const struct cli_command characterize_command = {
    .name = "characterize",
    .synopsis = "SWEEP.yaml -o MEAS.csv [options]",
    .summary = "measure a sweep of configurations: synthesis and cycles",
    .run = run};
