/* bench.c -- chooses and runs speed figures. */
#include "base/bench.h"

#include <string.h>

#include "base/cli.h"

enum { FIGURES_MAX = 31 };

static const struct bench_figure *find(const struct bench_figure *const figures[],
                                       const char *name)
{
    for (int i = 0; figures[i]; i++)
        if (strcmp(figures[i]->name, name) == 0) return figures[i];
    return NULL;
}

static status unknown(const struct bench_figure *const figures[], const char *name,
                      struct err *err)
{
    const char *names[FIGURES_MAX + 1] = {NULL};
    for (int i = 0; i < FIGURES_MAX && figures[i]; i++)
        names[i] = figures[i]->name;
    const char *near = cli_nearest(name, names);
    if (near)
        return err_set(err, ST_USAGE, "unknown figure '%s'; did you mean '%s'?", name,
                       near);
    return err_set(err, ST_USAGE, "unknown figure '%s'; see --help", name);
}

static status run(const struct bench_figure *figure, double seconds, struct err *err)
{
    printf("-- %s: %s\n", figure->name, figure->summary);
    TRY(figure->run(seconds, stdout, err));
    fflush(stdout);
    return ST_OK;
}

status bench_main(const struct cli_command *cmd,
                  const struct bench_figure *const figures[], int argc, char **argv,
                  struct err *err)
{
    double seconds = 2;
    struct cli_list wanted = {0};
    bool help = false;
    const struct cli_option options[] = {
        {"seconds", 0, CLI_DOUBLE, &seconds, "S", "per number, default 2", 0.01, 3600},
        {NULL, 0, CLI_FLAG, NULL, NULL, NULL, 0, 0}};
    TRY(cli_parse(cmd, options, argc, argv, &wanted, &help, err));
    if (help) return ST_OK;
    for (int i = 0; i < wanted.n; i++)
        if (!find(figures, wanted.items[i]))
            return unknown(figures, wanted.items[i], err);
    for (int i = 0; i < wanted.n; i++)
        TRY(run(find(figures, wanted.items[i]), seconds, err));
    for (int i = 0; wanted.n == 0 && figures[i]; i++)
        TRY(run(figures[i], seconds, err));
    return ST_OK;
}
