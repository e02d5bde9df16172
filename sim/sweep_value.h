/* sweep_value.h -- the parameters a sweep may name and the values it may give them;
 * private to sim/sweep*.c. */
#ifndef SIM_SWEEP_VALUE_H
#define SIM_SWEEP_VALUE_H

#include "base/yaml.h"
#include "sim/sample.h"

enum {
    SWEEP_MAX_VALUES = 64, /* of one parameter                                 */
    SWEEP_N_PARAMETERS = 15,
    SWEEP_LANES = 12, /* the one with a default: its place in sweep_parameters */
    /* Bits by index in sample_modules. */
    SWEEP_FOR_MAC = 1,
    SWEEP_FOR_REQUANT = 2,
    SWEEP_FOR_MVU = 4,
    /* A word is kept as a number far outside every range, plus its offset. */
    SWEEP_WORD = 1 << 28,
};

enum sweep_kind { SWEEP_NUMBER, SWEEP_BOOLEAN, SWEEP_MUL, SWEEP_RAM };

/* Parameters whose words depend on others come after those. */
struct sweep_parameter {
    const char *name;
    enum sweep_kind kind;
    int modules; /* that have it                                               */
    int32_t lo, hi;
    const char *word; /* accepted instead of a number, or NULL                  */
    int sign;         /* of N in word+N, word-N; 0: none allowed                */
    int word_modules; /* where the word has a meaning                           */
    size_t offset;    /* in struct sample                                       */
};
extern const struct sweep_parameter sweep_parameters[SWEEP_N_PARAMETERS];

/* The values that a group gives for one parameter; n = 0: none. */
struct sweep_axis {
    int n;
    int32_t values[SWEEP_MAX_VALUES];
};

/* A value or a list.  module: index in sample_modules. */
status sweep_axis_read(const struct yaml_node *n, int i_parameter, int module,
                       struct sweep_axis *axis, struct err *err);
int32_t *sweep_field(struct sample *s, const struct sweep_parameter *p);
/* Replaces words by the numbers they stand for, once all else is set. */
void sweep_resolve(struct sample *s);

#endif
