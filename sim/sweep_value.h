/* sweep_value.h -- the parameters a sweep may name and the values it may give them;
 * private to sim/sweep*.c. */
#ifndef SIM_SWEEP_VALUE_H
#define SIM_SWEEP_VALUE_H

#include "base/yaml.h"
#include "sim/sample.h"

enum {
    SWEEP_MAX_VALUES = 64, /* of one parameter                                 */
    SWEEP_N_PARAMETERS = 22,
    /* Modules as bits, by index in sample_modules. */
    SWEEP_PARALLEL = 1,
    SWEEP_PACKED = 2,
    SWEEP_SERIAL = 4,
    SWEEP_ACTSERIAL = 8,
    SWEEP_FUSION = 16,
    SWEEP_WS = 32,
    SWEEP_OS = 64,
    SWEEP_REQUANT = 128,
    SWEEP_MVU = 256,
    SWEEP_ARRAYS = SWEEP_WS | SWEEP_OS,
    SWEEP_BUILT = SWEEP_PARALLEL | SWEEP_PACKED, /* for one precision          */
    SWEEP_RUN = SWEEP_SERIAL | SWEEP_ACTSERIAL | SWEEP_FUSION, /* for many     */
    SWEEP_UNITS = SWEEP_BUILT | SWEEP_RUN,
    /* A word is kept as a number far outside every range, plus its offset. */
    SWEEP_WORD = 1 << 28,
};

enum sweep_kind {
    SWEEP_NUMBER,
    SWEEP_BOOLEAN,
    SWEEP_MUL,
    SWEEP_RAM,
    SWEEP_UNIT,    /* index in mac_unit_names */
    SWEEP_STIMULUS /* text */
};

/* Parameters whose words depend on others come after those. */
struct sweep_parameter {
    const char *name;
    enum sweep_kind kind;
    int modules;  /* that have it, and must be given it                         */
    int optional; /* that may be given it                                       */
    int32_t lo, hi;
    const char *word; /* accepted instead of a number, or NULL                  */
    int sign;         /* of N in word+N, word-N; 0: none allowed                */
    int word_modules; /* where the word has a meaning                           */
    size_t offset;    /* in struct sample; of a text, the index is not stored   */
};
extern const struct sweep_parameter sweep_parameters[SWEEP_N_PARAMETERS];

/* The values that a group gives for one parameter; n = 0: none. */
struct sweep_axis {
    int n;
    int32_t values[SWEEP_MAX_VALUES];
    const char *texts[SWEEP_MAX_VALUES]; /* of stimuli, borrowed from the file   */
};

/* A value or a list.  modules: bits of the module, and of the unit of an array. */
status sweep_axis_read(const struct yaml_node *n, int i_parameter, int modules,
                       struct sweep_axis *axis, struct err *err);
/* Sets the parameter of a point to value i of its axis. */
void sweep_set(struct sample *s, const struct sweep_parameter *p,
               const struct sweep_axis *axis, int i);
/* Replaces words by the numbers they stand for, once all else is set. */
void sweep_resolve(struct sample *s);

#endif
