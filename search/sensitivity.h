/* sensitivity.h -- the loss that each candidate adds alone: an additive proxy.
 * Private to search/: what `ilp` and `greedy` optimise.
 *
 * values[l][b] is minus the loss added by quantising one tensor (weights or inputs of
 * layer l) to b bits, all others at their highest candidate; 0 at the highest.  It
 * never falls with bits: what noise says otherwise is levelled.
 *
 * estimator     cost                              what it is
 * SENS_LOSS     one scored path per candidate     the measured change of the loss on
 *                                                 held-out images (ptq.h)
 * SENS_FISHER   FISHER_BATCHES training batches   B/2 mean_batch(<G, e_b>^2), G the
 *               for all candidates together       gradient of the mean loss of a batch
 * of B images, e_b the quantiser's error: the empirical Fisher form e' F e / 2, which
 *                                                 near a minimum is the second-order
 *                                                 change of the loss */
#ifndef SEARCH_SENSITIVITY_H
#define SEARCH_SENSITIVITY_H

#include "search/ptq.h"

/* Resumes by the scores of `p`.  ST_INTERRUPTED. */
status sensitivity_measure(struct ptq *p, const struct search_task *task,
                           enum sensitivity kind, struct nn_scores *values,
                           struct err *err);

#endif
