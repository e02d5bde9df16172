/* selectors.h -- which layers may have which bits, where one list for all will not do.
 *
 * configs/search/NAME.yaml (version 1), `search --config`:
 *
 *   version: 1
 *   layers:                       # in order: later ones win
 *   - {match: "*conv1*", wbits: 2-4, abits: "2,4"}
 *   - {match: 0, wbits: 4-8}      # by index; -1 is the last layer
 *   - {match: "s2_*", group: stage2}   # one precision for all of them
 *   - {match: "*", same_bits: true}    # weights and activations alike
 *
 * match is a layer's name, a glob of names (fnmatch) or an index.  The first and the
 * last layer have bits of their own (--first-wbits, --last-bits), which a glob leaves
 * alone: they are selected by their whole name or by index. */
#ifndef SEARCH_SELECTORS_H
#define SEARCH_SELECTORS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/status.h"

struct selector {
    char match[64], group[64]; /* group "": none said                          */
    bool by_index;
    int32_t index;           /* from the end if negative                     */
    uint32_t w_mask, a_mask; /* 0: none said                                   */
    bool says_same, same_bits;
};

struct selectors {
    int32_t n;
    struct selector *items; /* in arena */
};

/* What they say of every layer; (n_layers) each. */
struct selected {
    uint32_t *w_mask, *a_mask;
    bool *same_bits;
    int32_t *leader; /* first layer of the same group, its own index without one */
};

/* Strict: unknown keys are errors. */
status selectors_load(const char *path, struct arena *a, struct selectors *out,
                      struct err *err);
/* Changes what is given.  ST_RANGE lists the layers if a match selects none, and says
 * so if the layers of a group or the two sides of a layer have no bits in common. */
status selectors_apply(const struct selectors *s, const char *const names[],
                       int32_t n_layers, struct selected *layers, struct arena *a,
                       struct err *err);

#endif
