/* model_internal.h -- what a cost model is made of; shared by the files that build,
 * read, write and query it. */
#ifndef COSTMODEL_MODEL_INTERNAL_H
#define COSTMODEL_MODEL_INTERNAL_H

#include "costmodel/element.h"
#include "costmodel/fit.h"
#include "costmodel/model.h"

enum { MODEL_TOOLCHAINS_MAX = 16, COST_MODEL_VERSION = 2 };

/* One measured element. */
struct model_element {
    struct element e;
    uint64_t key;
    double value[ELEMENT_N_METRICS]; /* NaN: not measured                       */
    double ratio[ELEMENT_N_METRICS]; /* value / formula; 0 where either is missing */
};

/* The formula of one module, class and metric. */
struct model_fit {
    enum element_module module;
    int32_t i_class;
    enum element_metric metric;
    int32_t n_rows, n_groups;
    struct fit_formula formula; /* terms are indices into terms_of(module, metric) */
    double train_mean, train_max;
    struct fit_error held_out; /* formula, whole precisions left out          */
    int32_t n_scaled;          /* rows with a measured sibling; 0: no such level */
    struct fit_error scaled;   /* formula scaled by the nearest sibling       */
    int32_t box_lo[BOX_N], box_hi[BOX_N];
};

struct model_toolchain {
    char name[64];
    enum rtl_target target; /* RTL_N_TARGETS: none */
    char tool_version[96], options[192];
    char stimulus[96]; /* of the energies; "" if there are none */
    int32_t n_elements, n_fits;
    struct model_element *elements; /* (n_elements), by key */
    struct model_fit *fits;         /* (n_fits) */

    /* Index, made by model_index. */
    uint32_t n_slots; /* power of two */
    int32_t *slots;   /* (n_slots) element + 1, 0 = free */
    const struct model_fit
        *fit_of[ELEMENT_N_MODULES][ELEMENT_N_CLASSES][ELEMENT_N_METRICS];
    /* Some measured element of the class is not what structure says of it. */
    bool deviates[ELEMENT_N_MODULES][ELEMENT_N_CLASSES][ELEMENT_N_METRICS];
    /* Structure answers for all macs and requantisers: neither deviates nor fits. */
    bool structural[ELEMENT_N_METRICS];
};

struct cost_model {
    int32_t n_toolchains;
    struct model_toolchain toolchains[MODEL_TOOLCHAINS_MAX];
};

/* Fits of one toolchain, at most. */
enum { MODEL_FITS_MAX = ELEMENT_N_MODULES * ELEMENT_N_CLASSES * ELEMENT_N_METRICS };

/* Sorts the elements and builds the index.  ST_NOMEM. */
status model_index(struct model_toolchain *t, struct arena *a, struct err *err);
/* Formula of e's class, NULL if none. */
const struct model_fit *model_fit_of(const struct model_toolchain *t,
                                     const struct element *e,
                                     enum element_metric metric);
/* Measured element, NULL if none. */
const struct model_element *model_find(const struct model_toolchain *t,
                                       const struct element *e);
/* Measured element of the same family nearest in SIMD and accumulator; NULL if there is
 * none with a ratio. */
const struct model_element *model_sibling(const struct model_toolchain *t,
                                          const struct element *e,
                                          enum element_metric metric);
/* Formula of one element alone, in units of its metric. */
double model_formula(const struct model_fit *f, const struct element *e);
/* value with its interval. */
struct cost_value model_within(double value, double half_width, double floor,
                               enum cost_level level);

/* What structure alone says of an element, NaN if it does not: FF of macs and
 * requantisers, DSP.  Toolchains that do not follow it have a formula instead. */
double model_structure(const struct model_toolchain *t, const struct element *e,
                       enum element_metric metric);

/* One metric of one element: table, else structure, else scaled formula, else formula.
 * with_table false leaves the table and its siblings out.  *outside names the first
 * parameter beyond the box (untouched if none). */
status model_element_value(const struct model_toolchain *t, const struct element *e,
                           enum element_metric metric, bool with_table,
                           struct cost_value *out, const char **outside,
                           struct err *err);

/* LUT, FF, DSP or area of one array; with_table as above. */
status model_array_value(const struct model_toolchain *t,
                         const struct systolic_config *c, enum element_metric metric,
                         bool with_table, struct cost_value *out, const char **outside,
                         struct err *err);

/* LUT of one mvu; with_table as above. */
status model_mvu_lut(const struct model_toolchain *t, const struct mvu_config *c,
                     const struct mvu_parts *parts, bool with_table,
                     struct cost_value *out, const char **outside, struct err *err);

#endif
