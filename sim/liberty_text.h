/* liberty_text.h -- the syntax of Liberty: groups, attributes, lines.  Private to
 * sim/liberty*.c.
 *
 *   group    name (arg, ...) { statement ... }
 *   complex  name (arg, ...) ;
 *   simple   name : value ;                      a missing ';' ends with the line
 *
 * Groups whose contents nobody reads (timing and its like) are checked and dropped, so
 * that a file of tens of megabytes stays small in memory. */
#ifndef SIM_LIBERTY_TEXT_H
#define SIM_LIBERTY_TEXT_H

#include <stdint.h>

#include "base/arena.h"
#include "base/status.h"

struct liberty_attr {
    const char *name;
    int32_t line, n;
    const char **values; /* (n), without quotes                               */
    struct liberty_attr *next;
};

struct liberty_group {
    const char *name;
    int32_t line, n_args;
    const char **args; /* (n_args)                                            */
    struct liberty_attr *attrs;
    struct liberty_group *groups, *next; /* in the order of the file           */
};

/* The library group.  In arena. */
status liberty_text_load(const char *path, struct arena *a, struct liberty_group **out,
                         struct err *err);
/* NULL if absent. */
const struct liberty_attr *liberty_attr(const struct liberty_group *g,
                                        const char *name);
/* Next group of that name after `at` (NULL: the first); NULL if there is none. */
const struct liberty_group *liberty_next(const struct liberty_group *parent,
                                         const struct liberty_group *at,
                                         const char *name);

#endif
