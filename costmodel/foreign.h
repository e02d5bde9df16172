/* foreign.h -- what `bitwright fit` takes besides a measurement CSV of ours. */
#ifndef COSTMODEL_FOREIGN_H
#define COSTMODEL_FOREIGN_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/status.h"
#include "costmodel/model_internal.h"

struct foreign_args {
    const char *network, *unit; /* of a .npy; NULL: none given */
    double clock_mhz;           /* 0: none given               */
    const char *output;
    bool json;
};

/* A table of layers (layer_table.h) from a CSV or .npy: fits it, writes the model and
 * prints its account. */
status foreign_fit_layers(const char *path, const struct foreign_args *args,
                          struct arena *a, struct err *err);

/* Adds what a model of single MAC units lacks to price whole layers, requantisers and
 * control, from another model of the same target.  *n_added: modules that were. */
status foreign_add_rest(struct cost_model *m, const struct cost_model *rest,
                        struct arena *a, int32_t *n_added, struct err *err);

#endif
