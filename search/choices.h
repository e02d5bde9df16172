/* choices.h -- what each layer may still choose, with values and shares of the
 * budgets.  Private to search/: the common form of repair and of the knapsack. */
#ifndef SEARCH_CHOICES_H
#define SEARCH_CHOICES_H

#include "search/search.h"

enum { CHOICES_MAX = 64 };

/* A share up to here meets its budget: rounding of sums, as in budget_met. */
#define SHARE_FULL (1 + 1e-9)

struct choice {
    uint8_t w, a; /* bits                                                     */
    double value;
    double share[COST_N_METRICS]; /* cost / limit; 0 without a limit          */
};

struct layer_choices {
    int32_t n; /* >= 1 */
    struct choice c[CHOICES_MAX];
};

/* Layers that share their precision are one layer here. */
struct choices {
    int32_t n_layers;
    int32_t n_path, *of_path; /* layers of the network, and which one here each is */
    int32_t n_sums; /* budgets on sums                                        */
    enum cost_metric sums[COST_N_METRICS];
    bool over_max;               /* a maximum-type budget cannot be met         */
    struct layer_choices *layer; /* (n_layers)                                 */
};

/* Every pair of bits in the masks whose cost is known.  Pairs that break a budget of
 * maximum type (cycles) are left out, unless a layer has none else: then its least
 * bad one stays and over_max is set.  In arena.  scores may be NULL (values 0). */
status choices_build(const struct space *space, const struct budget *budget,
                     const struct nn_scores *scores, const uint32_t *w_left,
                     const uint32_t *a_left, struct arena *a, struct choices **out,
                     struct err *err);

/* A pick is one index into layer[l].c per layer. */
void choices_path(const struct choices *c, const int32_t *pick, struct nn_path *path);
double choices_value(const struct choices *c, const int32_t *pick);
/* Sum of shares of metric m. */
double choices_share(const struct choices *c, const int32_t *pick, enum cost_metric m);
/* The largest share over all sum budgets: <= 1 is feasible. */
double choices_worst(const struct choices *c, const int32_t *pick);
/* Towards the least worst share, from any pick, by single changes. */
void choices_relieve(const struct choices *c, int32_t *pick);
/* Towards feasibility at little loss of value: the most excess per value lost first. */
void choices_mend(const struct choices *c, int32_t *pick);
/* Raises the value by single changes that stay feasible. */
void choices_fill(const struct choices *c, int32_t *pick);
/* Raises the value by single changes and exchanges of pairs that stay feasible. */
void choices_improve(const struct choices *c, int32_t *pick);

#endif
