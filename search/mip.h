/* mip.h -- the best pick under any number of budgets, with a proven bound.
 * Private to search/.
 *
 *   maximise sum_l sum_j value_lj x_lj   subject to   sum_j x_lj = 1          every l
 *                                        sum_l sum_j share_ljm x_lj <= 1      every m
 *                                        x_lj in {0, 1}
 *
 * by CBC's branch and bound (COIN-OR). */
#ifndef SEARCH_MIP_H
#define SEARCH_MIP_H

#include "search/choices.h"

/* pick: in, a feasible pick; out, the best one found, never worse.  *bound: no pick's
 * value is larger; equal to the pick's value (within 1e-6 of the range of values) if
 * the pick is proven best.  The search tree is cut at MIP_MAX_NODES, not by time, so
 * that the same problem always has the same answer. */
enum { MIP_MAX_NODES = 100000 };
status mip_improve(const struct choices *c, int32_t *pick, double *bound,
                   struct err *err);

#endif
