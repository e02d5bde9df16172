/* foreign.h -- what `bitwright fit` takes besides a measurement CSV of ours. */
#ifndef COSTMODEL_FOREIGN_H
#define COSTMODEL_FOREIGN_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/status.h"

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

#endif
