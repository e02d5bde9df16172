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
 * gathered in *positional in order (NULL: none are allowed).  --help prints the
 * table on stdout and sets *help, after which the command returns ST_OK at once;
 * --help=words and --help=man print it for completion and man pages.  Commands
 * call cli_parse before anything else.
 * ST_USAGE names the option and the nearest known one. */
status cli_parse(const struct cli_command *cmd, const struct cli_option options[],
                 int argc, char **argv, struct cli_list *positional, bool *help,
                 struct err *err);

/* The program: runs the command that argv[1] names, answers help, man, completion and
 * --version itself, and prints one line on stderr where something fails.
 * commands[] ends with NULL.  Returns the exit code. */
int cli_main(const struct cli_command *const commands[], int argc, char **argv);

/* True after the global option -q/--quiet, which every command takes: no progress
 * and no notes on stderr.  (It is kept in the environment, BITWRIGHT_QUIET, so
 * that child processes of ours follow it too.) */
bool cli_quiet(void);
/* A message for the user: one line on stderr unless quiet.  For commands only. */
void cli_note(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* True if f is a terminal that wants colour (NO_COLOR is not set). */
bool cli_color(FILE *f);

/* The nearest of names[] (NULL-terminated) by edit distance, NULL if none is
 * near.  Used for every "did you mean". */
const char *cli_nearest(const char *word, const char *const names[]);

#endif
