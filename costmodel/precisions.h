/* precisions.h -- every layer of a network at all 64 precisions, at one folding. */
#ifndef COSTMODEL_PRECISIONS_H
#define COSTMODEL_PRECISIONS_H

#include "base/arena.h"
#include "base/status.h"
#include "nn/graph.h"
#include "rtl/accel_config.h"

enum { PRECISIONS = 64 }; /* 8 wbits times 8 abits */

struct precision_options {
    int32_t pe, simd; /* upper bounds; 0 = as many as can be (256, 64) */
    enum rtl_mul requant_mul;
    enum rtl_ram weight_ram;
};

/* rows: (n_layers, 8 wbits, 8 abits) in arena.  Weights are signed, activations
 * unsigned, outputs as wide as the activations; PE and SIMD are the largest divisors
 * of MH and MW within the bounds. */
status precisions_of_network(const struct nn_graph *g,
                             const struct precision_options *o, struct arena *a,
                             struct mvu_config **rows, struct err *err);

#endif
