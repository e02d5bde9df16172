/* mlp.h -- a small dense network with ReLU between its layers, trained by Adam.
 * Private to search/: actor and critic of ddpg.h. */
#ifndef SEARCH_MLP_H
#define SEARCH_MLP_H

#include <stdint.h>

#include "base/arena.h"
#include "base/rng.h"
#include "base/status.h"

enum { MLP_LAYERS = 3 };

struct mlp {
    int32_t size[MLP_LAYERS + 1]; /* inputs, hidden, hidden, outputs          */
    int32_t max_batch;
    int64_t n_parameters, n_updates;
    /* of layer i: (size[i+1], size[i]) weights, then (size[i+1]) biases; all of one
     * layer after the other */
    float *value, *gradient, *mean, *square; /* (n_parameters) each           */
    float *y[MLP_LAYERS + 1];  /* (batch, size[i]): the input, then outputs of layers */
    float *dy[MLP_LAYERS + 1]; /* the loss's gradient by y                     */
};

/* In arena.  Uniform initial values of +-1/sqrt(inputs); +-0.003 in the last layer, so
 * that first outputs are alike (Lillicrap et al., 2016). */
status mlp_new(const int32_t size[MLP_LAYERS + 1], int32_t max_batch, struct rng *r,
               struct arena *a, struct mlp **out, struct err *err);
/* m->y[0], (n, size[0]), holds the input; the output is m->y[MLP_LAYERS]. */
void mlp_forward(struct mlp *m, int32_t n);
/* After mlp_forward; m->dy[MLP_LAYERS] holds the gradient of the loss by the output.
 * Sets m->gradient, and the gradient by the input in m->dy[0]. */
void mlp_backward(struct mlp *m, int32_t n);
/* One step of Adam (Kingma and Ba, 2015) along -gradient. */
void mlp_update(struct mlp *m, double rate);
/* value = (1 - rate) value + rate source->value; same sizes. */
void mlp_follow(struct mlp *m, const struct mlp *source, double rate);

#endif
