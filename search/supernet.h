/* supernet.h -- a trainer whose quantisers are calibrated for every candidate.
 * Private to search/: where the methods that train or score paths begin. */
#ifndef SEARCH_SUPERNET_H
#define SEARCH_SUPERNET_H

#include "search/search.h"

enum {
    /* images that the first quantiser steps are fitted on: enough for the largest
     * activation of every tensor, a second of work */
    SUPERNET_CALIBRATION_IMAGES = 512,
};

struct supernet {
    struct nn_trainer *trainer; /* owned */
    const struct nn_dataset *dataset;
    int32_t steps_per_epoch, held_out_steps; /* batches of each part */
    double lr;
};

status supernet_open(const struct search_task *task, double lr, struct supernet *out,
                     struct err *err);
void supernet_close(struct supernet *n);

#endif
