/* terms.c -- which terms a module and metric have, and the sizes that all share. */
#include "costmodel/terms.h"

#include <stdio.h>
#include <string.h>

#include "costmodel/ceil_log2.h"
#include "costmodel/terms_internal.h"
#include "nn/quant.h"

/* Rows of a chain come one after the other, chains in a tree; other units add their
 * products in a tree. */
double term_depth(const struct term_input *in)
{
    const struct element *e = in->e;
    const int32_t chains = in->dot.n_chains, digits = in->dot.n_digits;
    if (e->module != ELEMENT_MAC || digits == 0) return 1 + ceil_log2(e->SIMD);
    return (double)(digits + chains - 1) / chains + ceil_log2(chains);
}

static const struct term_list *resources(enum element_module m)
{
    static const struct term_list *const lists[ELEMENT_N_MODULES] = {
        [ELEMENT_MAC] = &terms_parallel,    [ELEMENT_PACKED] = &terms_packed,
        [ELEMENT_SERIAL] = &terms_serial,   [ELEMENT_ACTSERIAL] = &terms_actserial,
        [ELEMENT_FUSION] = &terms_fusion,   [ELEMENT_REQUANT] = &terms_requant,
        [ELEMENT_CONTROL] = &terms_control, [ELEMENT_ARRAY] = &terms_array};
    return lists[m];
}

static const struct term_list *energy(enum element_module m)
{
    if (m == ELEMENT_PACKED) return &terms_packed_energy;
    if (m == ELEMENT_SERIAL || m == ELEMENT_ACTSERIAL) return &terms_serial_energy;
    if (m == ELEMENT_FUSION) return &terms_fusion_energy;
    return &terms_parallel_energy;
}

const struct cost_term *terms_of(enum element_module m, enum element_metric metric,
                                 int32_t *n)
{
    const struct term_list *list = metric == ELEMENT_DELAY         ? &terms_delay
                                   : element_metric_is_run(metric) ? energy(m)
                                                                   : resources(m);
    *n = list->n;
    return list->terms;
}

void term_input_fill(const struct element *e, struct term_input *in)
{
    in->e = e;
    memset(&in->dot, 0, sizeof in->dot);
    memset(&in->compress, 0, sizeof in->compress);
    if (e->module == ELEMENT_MAC) {
        in->dot = dot_shape_of(e->SIMD, e->wbits, e->wsigned, e->abits, e->asigned);
        if (e->wbits == 1 && e->abits == 1)
            in->compress =
                compress_shape_of(e->SIMD, e->wsigned, e->asigned, e->acc_bits);
    } else if (e->module == ELEMENT_REQUANT && !e->requant_dsp) {
        in->dot = dot_chain_shape(1, REQUANT_MUL_BITS, true, e->acc_bits, true);
    } else if (e->module == ELEMENT_SERIAL || e->module == ELEMENT_ACTSERIAL) {
        in->count = count_shape_of(e->SIMD);
    } else if (e->module == ELEMENT_PACKED) {
        const struct mac_unit_config unit = element_unit(e);
        /* checked where the element comes from */
        if (mac_packed_shape(&unit, &in->packed, NULL) != ST_OK)
            memset(&in->packed, 0, sizeof in->packed);
    }
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
