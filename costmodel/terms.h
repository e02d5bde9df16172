/* terms.h -- the analytic terms a formula may use: a size that the structure of an
 * element has, what its coefficient is per, and the reason why the metric is
 * proportional to it.
 *
 *   metric(element) = sum over chosen terms of  coefficient * size(element)
 *
 * Coefficients are non-negative: each term is something that is built, switched or
 * passed through, and nothing of that gives LUTs, pJ or ns back.  Which terms are
 * used is decided by held-out error (costmodel/select.c), separately for every
 * toolchain, module, class and metric.
 *
 * Candidates depend on the module and on the kind of metric:
 *   resources (lut, ff, dsp, area)   bits of adders, operands, accumulators
 *   delay                            depths and logarithms: what a signal passes
 *   energy, energy_zero              resources per product, alone (each switches once
 *                                    a cycle) and times the depth at which they sit
 *                                    (glitches multiply along the path) */
#ifndef COSTMODEL_TERMS_H
#define COSTMODEL_TERMS_H

#include "costmodel/compress_shape.h"
#include "costmodel/count_shape.h"
#include "costmodel/dot_shape.h"
#include "costmodel/element.h"
#include "rtl/mac_packed.h"

enum { TERMS_MAX = 24 }; /* candidate terms of one module and metric */

/* An element with what several of its terms count. */
struct term_input {
    const struct element *e; /* borrowed */
    struct dot_shape dot;    /* multipliers: of mac_parallel, of requant in LUTs */
    struct compress_shape compress; /* mac_parallel of two 1-bit operands      */
    struct count_shape count;       /* mac_serial, mac_actserial               */
    struct mac_packed_shape packed; /* mac_packed                              */
};
void term_input_fill(const struct element *e, struct term_input *in);

struct cost_term {
    const char *name;   /* unique within its module and metric                  */
    const char *size;   /* the size as a formula                                */
    const char *per;    /* what one unit of the size is; "" of a pure number    */
    const char *reason; /* why the metric grows with it                         */
    double (*eval)(const struct term_input *in);
};

/* Candidate terms, in the order in which they are tried; *n of them.  static. */
const struct cost_term *terms_of(enum element_module m, enum element_metric metric,
                                 int32_t *n);
/* Index of a term by name, -1 if there is none of that name. */
int32_t terms_find(enum element_module m, enum element_metric metric, const char *name);
/* Sizes of all candidate terms of one element: (n). */
void terms_eval(const struct element *e, enum element_metric metric, double *sizes);
/* Unit of a term's coefficient, as "LUT/bit", into text; returns text. */
const char *terms_unit(const struct cost_term *t, enum element_metric metric,
                       char *text, size_t size);

#endif
