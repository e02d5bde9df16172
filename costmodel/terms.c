/* terms.c -- which terms a module and metric have, and the sizes that all share. */
#include "costmodel/terms.h"

#include <stdio.h>
#include <string.h>

#include "costmodel/ceil_log2.h"
#include "costmodel/terms_internal.h"
#include "nn/quant.h"

double term_one(const struct term_input *in)
{
    (void)in;
    return 1;
}
double term_acc(const struct term_input *in) { return in->e->acc_bits; }
double term_simd(const struct term_input *in) { return in->e->SIMD; }

/* Rows of a chain come one after the other, chains in a tree; other units add their
 * products in a tree. */
double term_depth(const struct term_input *in)
{
    const struct element *e = in->e;
    const int32_t chains = in->dot.n_chains, digits = in->dot.n_digits;
    if (e->module != ELEMENT_MAC || digits == 0) return 1 + ceil_log2(e->SIMD);
    return (double)(digits + chains - 1) / chains + ceil_log2(chains);
}

static const struct cost_term *resources(enum element_module m, int32_t *n)
{
    switch (m) {
    case ELEMENT_MAC:
        return terms_parallel(n);
    case ELEMENT_PACKED:
        return terms_packed(n);
    case ELEMENT_SERIAL:
        return terms_serial(n);
    case ELEMENT_ACTSERIAL:
        return terms_actserial(n);
    case ELEMENT_FUSION:
        return terms_fusion(n);
    case ELEMENT_REQUANT:
        return terms_requant(n);
    case ELEMENT_ARRAY:
        return terms_array(n);
    case ELEMENT_CONTROL:
    case ELEMENT_N_MODULES:
        break;
    }
    return terms_control(n);
}

const struct cost_term *terms_of(enum element_module m, enum element_metric metric,
                                 int32_t *n)
{
    if (metric == ELEMENT_DELAY) return terms_delay(n);
    if (element_metric_is_run(metric)) return terms_energy(m, n);
    return resources(m, n);
}

void term_input_fill(const struct element *e, struct term_input *in)
{
    in->e = e;
    if (e->module == ELEMENT_MAC)
        in->dot = dot_shape_of(e->SIMD, e->wbits, e->wsigned, e->abits, e->asigned);
    else if (e->module == ELEMENT_REQUANT && !e->requant_dsp)
        in->dot = dot_chain_shape(1, REQUANT_MUL_BITS, true, e->acc_bits, true);
    else
        memset(&in->dot, 0, sizeof in->dot);
}

int32_t terms_find(enum element_module m, enum element_metric metric, const char *name)
{
    int32_t n;
    const struct cost_term *t = terms_of(m, metric, &n);
    for (int32_t i = 0; i < n; i++)
        if (strcmp(t[i].name, name) == 0) return i;
    return -1;
}

void terms_eval(const struct element *e, enum element_metric metric, double *sizes)
{
    int32_t n;
    const struct cost_term *t = terms_of(e->module, metric, &n);
    struct term_input in;
    term_input_fill(e, &in);
    for (int32_t i = 0; i < n; i++)
        sizes[i] = t[i].eval(&in);
}

const char *terms_unit(const struct cost_term *t, enum element_metric metric,
                       char *text, size_t size)
{
    snprintf(text, size, "%s%s%s", element_metric_units[metric], t->per[0] ? "/" : "",
             t->per);
    return text;
}
