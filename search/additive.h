/* additive.h -- searches of an additive proxy: values first, then a pick.
 * Private to search/: the frame of `ilp` and `greedy`. */
#ifndef SEARCH_ADDITIVE_H
#define SEARCH_ADDITIVE_H

#include "search/choices.h"

/* pick: in, a feasible pick; out, the method's.  *bound: no pick's value is larger;
 * NaN where that is not known. */
typedef status additive_solve(const struct choices *c, int32_t *pick, double *bound,
                              struct err *err);

/* Measures task->sensitivity, solves, and fills *out, proxy and values included.
 * ST_INFEASIBLE as of search_feasible. */
status additive_search(const struct search_task *task, additive_solve *solve,
                       struct arena *a, struct search_result *out, struct err *err);

#endif
