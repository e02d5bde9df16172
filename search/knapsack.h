/* knapsack.h -- the multiple-choice knapsack: one item of each group, the largest
 * sum of values whose sum of costs keeps within a limit.
 *
 *   F_0 = {(0, 0)}
 *   F_l = Pareto front of { (c + cost_j, v + value_j) : (c, v) in F_l-1, j in l }
 *
 * The front is kept as a list of (cost, value), so costs need not be integers
 * (Nemhauser and Ullmann, 1969).  Exact while no front outgrows n_states; beyond that
 * it is thinned to the best value in each of n_states equal intervals of cost, and
 * the result is at least as good as the exact one for a limit that is smaller by
 * n_groups / n_states of the span of costs.  It always keeps within the limit. */
#ifndef SEARCH_KNAPSACK_H
#define SEARCH_KNAPSACK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/status.h"

/* Fronts of 16384 states take about 10 ms per group of 30 items. */
enum { KNAPSACK_STATES = 16384, KNAPSACK_MAX_ITEMS = 64 };

struct knapsack_item {
    double cost, value; /* cost >= 0, both finite                            */
    int32_t tag;        /* the caller's; the answer                          */
};

struct knapsack_group {
    int32_t n; /* [1, KNAPSACK_MAX_ITEMS]                                     */
    struct knapsack_item items[KNAPSACK_MAX_ITEMS];
};

/* tags: (n_groups), one chosen tag per group; *found is false if even the cheapest
 * items exceed the limit.  Only ST_NOMEM fails. */
status knapsack_solve(const struct knapsack_group *groups, int32_t n_groups,
                      double limit, int32_t n_states, int32_t *tags, bool *found,
                      struct err *err);

#endif
