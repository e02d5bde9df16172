/* methods.c -- the table of search algorithms. */
#include <stdio.h>
#include <string.h>

#include "search/search.h"

const struct search_method *const search_methods[] = {&search_method_ssps,
                                                      &search_method_haq,
                                                      &search_method_ilp,
                                                      &search_method_greedy,
                                                      &search_method_random,
                                                      &search_method_uniform,
                                                      NULL};

status search_method_find(const char *name, const struct search_method **out,
                          struct err *err)
{
    char known[128] = "";
    for (int i = 0; search_methods[i]; i++) {
        *out = search_methods[i];
        if (strcmp((*out)->name, name) == 0) return ST_OK;
        const size_t n = strlen(known);
        snprintf(known + n, sizeof known - n, "%s%s", i ? ", " : "", (*out)->name);
    }
    return err_set(err, ST_USAGE, "--method %s: unknown; expected one of %s", name,
                   known);
}
