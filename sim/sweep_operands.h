/* sweep_operands.h -- the networks whose operands a sweep may take: its `operands`. */
#ifndef SIM_SWEEP_OPERANDS_H
#define SIM_SWEEP_OPERANDS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/status.h"
#include "base/yaml.h"

/* One of the list; all text in arena. */
struct sweep_operands {
    const char *name; /* NETWORK of "layer:NETWORK/LAYER": the file's name up to '.' */
    const char *network, *data;
    int32_t n_images;
};

/* What a stimulus of a layer begins with. */
#define SWEEP_LAYER "layer:"

/* node: the list, NULL for none.  ST_PARSE, ST_RANGE: also two of one name. */
status sweep_operands_read(const struct yaml_node *node, struct arena *a,
                           const struct sweep_operands **out, int32_t *n,
                           struct err *err);
/* Whose layer "layer:NETWORK/LAYER" is, and which; -1 if it is none of the list. */
int32_t sweep_operands_find(const struct sweep_operands *list, int32_t n,
                            const char *stimulus, const char **layer);

#endif
