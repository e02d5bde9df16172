/* ptq.h -- scores of paths without training, for the methods that need many.
 * Private to search/.
 *
 * A path is scored on held-out images: its quantisers were calibrated once for every
 * candidate, its batch norms are re-estimated for it.  A score depends on the path
 * and the task alone, so it is computed once: scores live in a table by path, and the
 * table is the checkpoint.  A method that asks for its scores in the same order
 * resumes by asking again.
 *
 * Checkpoint (version 1), YAML:
 *   version: 1
 *   scores:                    # in the order in which they were asked for
 *     - {path: "88424388", loss: 0.31, accuracy: 0.90}
 *                      wbits, abits of each layer, a digit each */
#ifndef SEARCH_PTQ_H
#define SEARCH_PTQ_H

#include "search/supernet.h"

enum {
    PTQ_PER_EPOCH = 48, /* scoring a path takes about 1/48 of an epoch of training */
    PTQ_MAX_PATHS = 16384,
};

struct ptq; /* opaque */

/* Reads task->checkpoint if it exists.  task is borrowed. */
status ptq_open(const struct search_task *task, struct ptq **out, struct err *err);
void ptq_close(struct ptq *p); /* NULL allowed */

/* By task->evaluator, where there is one.  ST_INTERRUPTED after the score in work is
 * saved; ST_RANGE beyond PTQ_MAX_PATHS. */
status ptq_score(struct ptq *p, const struct nn_path *path, struct search_score *out,
                 struct err *err);
/* The calibrated supernet, borrowed. */
status ptq_supernet(struct ptq *p, struct supernet **out, struct err *err);

#endif
