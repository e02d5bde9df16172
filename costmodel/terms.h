/* terms.h -- the analytic terms a formula may use: a size that the structure of an
 * element has, with its unit and the reason why LUTs are proportional to it.
 *
 *   LUT(element) = sum over chosen terms of  coefficient * size(element)
 *
 * Coefficients are non-negative: each term is something that is built, and nothing
 * that is built gives LUTs back.  Which terms are used is decided by held-out error
 * (costmodel/crossval.h), separately for every toolchain, module and class. */
#ifndef COSTMODEL_TERMS_H
#define COSTMODEL_TERMS_H

#include "costmodel/dot_shape.h"
#include "costmodel/element.h"

enum { TERMS_MAX = 24 }; /* candidate terms of one module */

/* An element with what several of its terms count. */
struct term_input {
    const struct element *e; /* borrowed */
    struct dot_shape dot;    /* multipliers: of mac_parallel, of requant in LUTs */
};
struct term_input term_input_of(const struct element *e);

struct cost_term {
    const char *name;   /* unique within its module                             */
    const char *size;   /* the size as a formula                                */
    const char *unit;   /* of the coefficient                                   */
    const char *reason; /* why it costs LUTs                                    */
    double (*eval)(const struct term_input *in);
};

/* Candidate terms of a module, in the order in which they are tried; *n of them.
 * static. */
const struct cost_term *terms_of(enum element_module m, int32_t *n);
/* Index of a term by name, -1 if the module has none of that name. */
int32_t terms_find(enum element_module m, const char *name);
/* Sizes of all candidate terms of one element: (n). */
void terms_eval(const struct element *e, double *sizes);

#endif
