/* bench.h -- speed figures: each module offers some, `bitwright bench` prints them.
 *
 * bitwright.c lists the figures, since no module may see all others. */
#ifndef BASE_BENCH_H
#define BASE_BENCH_H

#include <stdio.h>

#include "base/status.h"

struct bench_figure {
    const char *name, *summary;
    /* Measures for about `seconds` per number and prints lines on f. */
    status (*run)(double seconds, FILE *f, struct err *err);
};

/* The command: `bench [NAME...] [--seconds S]`; all figures without a name.
 * figures: NULL-terminated. */
struct cli_command;
status bench_main(const struct cli_command *cmd,
                  const struct bench_figure *const figures[], int argc, char **argv,
                  struct err *err);

#endif
