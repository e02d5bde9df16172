/* liberty_read.h -- what reading a library's groups is made of; private to
 * sim/liberty*.c. */
#ifndef SIM_LIBERTY_READ_H
#define SIM_LIBERTY_READ_H

#include "sim/liberty.h"
#include "sim/liberty_text.h"

/* What one reading has at hand. */
struct liberty_reader {
    const char *path;
    const struct liberty_group *library;
    struct arena *a;
    struct err *err;
    double pf, pj, ns, nw; /* one unit of the file's capacitance, energy, ... */
    int32_t n_power_tables;
};

/* "path:line: expected ..., found '...'". */
status liberty_fail_at(const struct liberty_reader *r, int32_t line, status code,
                       const char *expected, const char *found);
status liberty_number(const struct liberty_reader *r, int32_t line, const char *text,
                      double *out);
/* A simple attribute of at least lo; *out stays as it is if the group has none. */
status liberty_read_double(const struct liberty_reader *r,
                           const struct liberty_group *g, const char *name, double lo,
                           double *out);
/* NULL if the group has none. */
const char *liberty_text_of(const struct liberty_group *g, const char *name);
/* All numbers of an attribute; each value may be a quoted list.  In arena. */
status liberty_read_list(const struct liberty_reader *r,
                         const struct liberty_attr *attr, const double **out,
                         int32_t *n);

/* One internal_power group. */
status liberty_read_power(struct liberty_reader *r, const struct liberty_group *g,
                          struct liberty_power *out);

#endif
