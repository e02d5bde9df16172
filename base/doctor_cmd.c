/* doctor_cmd.c -- `bitwright doctor`: is everything here that bitwright needs?
 *
 * Reads configs/packages.txt, asks dpkg for each package, and tries the tools.
 * ST_MISSING_TOOL (exit 7) with the command that mends it if something lacks. */
#include <string.h>

#include "base/arena.h"
#include "base/commands.h"
#include "base/file.h"
#include "base/proc.h"
#include "base/provenance.h"

/* Programs that bitwright runs: without them the named step cannot work. */
static const struct {
    const char *tool, *use;
} tools[] = {
    {"verilator", "simulation"},
    {"g++", "simulation"},
    {"make", "simulation"},
    {"yosys", "synthesis"},
    {"iverilog", "second opinion on the RTL"},
    {"nextpnr-ice40", "Fmax on iCE40"},
    {"sta", "delay on standard cells"},
};

enum { N_TOOLS = sizeof tools / sizeof tools[0], PACKAGES_MAX = 64 };

struct doctor {
    struct arena *arena;
    FILE *f;
    int n_missing;
    const char *missing[PACKAGES_MAX]; /* packages, each once */
};

static void note_missing(struct doctor *d, const char *package)
{
    for (int i = 0; i < d->n_missing; i++)
        if (strcmp(d->missing[i], package) == 0) return;
    if (d->n_missing < PACKAGES_MAX) d->missing[d->n_missing++] = package;
}

static void check_tool(struct doctor *d, const char *tool, const char *use)
{
    struct provenance p;
    struct err err = {.msg = ""};
    provenance_init(&p, "bitwright doctor", 0);
    const status st = provenance_tool(&p, tool, &err);
    if (st == ST_OK)
        fprintf(d->f, "ok       %-22s %s\n", tool, p.tools[0].version);
    else
        fprintf(d->f, "%-8s %-22s %s (%s)\n",
                st == ST_MISSING_TOOL ? "MISSING" : "BROKEN", tool, use, err.msg);
    if (st != ST_OK) note_missing(d, proc_package_of(tool));
}

/* dpkg's own words for one package; a package it has never heard of is an error
 * of dpkg-query, hence "not installed" here. */
static bool is_installed(struct doctor *d, const char *package)
{
    const char *const argv[] = {"dpkg-query",          "-W",    "-f",
                                "${db:Status-Status}", package, NULL};
    char *text = NULL;
    return proc_capture(argv, NULL, d->arena, &text, NULL) == ST_OK &&
           strcmp(text, "installed") == 0;
}

/* A line is `package   what for`. */
static void check_package(struct doctor *d, char *line)
{
    const size_t n = strcspn(line, " \t");
    if (n == 0 || line[0] == '#') return;
    char *use = line + n + strspn(line + n, " \t");
    line[n] = '\0';
    const bool ok = is_installed(d, line);
    fprintf(d->f, "%-8s %-22s %s\n", ok ? "ok" : "MISSING", line, use);
    if (!ok) note_missing(d, line);
}

static status check_packages(struct doctor *d, struct err *err)
{
    const char *home;
    char *text;
    size_t size;
    TRY(file_home_dir(d->arena, &home, err));
    const char *path = file_join(d->arena, home, "configs/packages.txt");
    if (!path) return arena_exhausted(err);
    TRY(file_read(path, d->arena, &text, &size, err));
    struct err ignored;
    const char *dpkg;
    if (proc_find("dpkg-query", d->arena, &dpkg, &ignored) != ST_OK) {
        fputs("no dpkg here: packages are not checked\n", d->f);
        return ST_OK;
    }
    for (char *line = text; *line;) {
        char *stop = line + strcspn(line, "\n");
        const bool last = *stop == '\0';
        *stop = '\0';
        check_package(d, line);
        line = stop + !last;
    }
    return ST_OK;
}

static status verdict(const struct doctor *d, struct err *err)
{
    if (d->n_missing == 0) {
        fputs("everything is here\n", d->f);
        return ST_OK;
    }
    char list[320] = "";
    size_t used = 0;
    for (int i = 0; i < d->n_missing && used < sizeof list; i++)
        used += (size_t)snprintf(list + used, sizeof list - used, " %s", d->missing[i]);
    return err_set(err, ST_MISSING_TOOL,
                   "%d missing; mend with: make deps, or apt-get install%s",
                   d->n_missing, list);
}

static status doctor_run(int argc, char **argv, struct err *err)
{
    const struct cli_option options[] = {{.name = NULL}};
    bool help;
    TRY(cli_parse(&doctor_command, options, argc, argv, NULL, &help, err));
    if (help) return ST_OK;
    struct doctor d = {.arena = arena_new(), .f = stdout};
    if (!d.arena) return arena_exhausted(err);
    for (int i = 0; i < N_TOOLS; i++)
        check_tool(&d, tools[i].tool, tools[i].use);
    status st = check_packages(&d, err);
    if (st == ST_OK) st = verdict(&d, err);
    arena_free(d.arena);
    return st;
}

const struct cli_command doctor_command = {
    .name = "doctor",
    .synopsis = "[options]",
    .summary = "say what is missing and the command that mends it",
    .run = doctor_run,
};
