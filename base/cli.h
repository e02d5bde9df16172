/* cli.h -- one table per command: parsing, --help, completion and man page. */
#ifndef BASE_CLI_H
#define BASE_CLI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/status.h"

enum cli_type {
    CLI_FLAG,   /* bool *                                                     */
    CLI_INT,    /* int64_t *, within [lo, hi]                                 */
    CLI_DOUBLE, /* double *, within [lo, hi]                                  */
    CLI_TEXT,   /* const char **, borrowed from argv                          */
    CLI_LIST,   /* struct cli_list *: may be given several times              */
};

enum { CLI_LIST_MAX = 32 };
struct cli_list {
    int n;
    const char *items[CLI_LIST_MAX]; /* borrowed from argv */
};

struct cli_option {
    const char *name; /* long name without "--"; NULL ends the table          */
    char letter;      /* short name, or 0                                     */
    enum cli_type type;
    void *value;      /* where it goes; holds the default                     */
    const char *arg;  /* name of the argument in help, NULL for a flag        */
    const char *help; /* one line, with unit and default                      */
    double lo, hi;    /* numeric bounds, inclusive; both 0 = unbounded        */
};

struct cli_command {
    const char *name;     /* "fit"                                            */
    const char *synopsis; /* "MEASUREMENTS.csv -o cost.yaml [options]"        */
    const char *summary;  /* one line                                         */
    status (*run)(int argc, char **argv, struct err *err);
};

/* Parses argv[1..] of a command (argv[0] is its name).  Positional arguments are
 * gathered in *positional in order.  --help prints the table on stdout and sets
 * *help, after which the command returns ST_OK at once.
 * ST_USAGE names the option and the nearest known one. */
status cli_parse(const struct cli_command *cmd, const struct cli_option options[],
                 int argc, char **argv, struct cli_list *positional, bool *help,
                 struct err *err);

/* The nearest of names[] (NULL-terminated) by edit distance, NULL if none is
 * near.  Used for every "did you mean". */
const char *cli_nearest(const char *word, const char *const names[]);

#endif
