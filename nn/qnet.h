/* qnet.h -- the quantised network: integers only, equal to the RTL bit for bit.
 *
 * File format (version 1): an ONNX container (IR 8) whose nodes live in the
 * domain "bitwright" (QConv, QAdd, QGap, QGemm, QShortcut, QMaxPool,
 * Rescale), with int8 weights,
 * int32 mul and int64 bias as initializers and bits, signs and shift as
 * attributes, so that common viewers open it.  metadata_props hold provenance.
 *
 * Data flow of a residual network:
 *   - a layer (QConv, QGemm) reads codes of its abits and writes, through its
 *     requant, the grid of its reader: the next layer's activation grid if that
 *     is its only reader, otherwise the residual stream's grid;
 *   - the residual stream is 8 bits: operands of QAdd are signed 8-bit on one
 *     common step (ReLU-ed streams unsigned), the sum is clipped to the stream's
 *     grid (that clip at 0 is the ReLU), no multiplier;
 *   - a layer that reads the stream does so through a Rescale: a table of 256
 *     entries from stream code to activation code, computed with requant_apply;
 *   - QShortcut takes samples and adds channels of zeros, QMaxPool takes the largest of
 *     each window, both on the grid of their input;
 *   - QGap sums; its Rescale to the last layer's grid takes the sum as input;
 *   - the last layer writes 16-bit signed logits on a step at which no input can clip
 *     them; the class is the first maximum.
 * A Rescale between equal grids is left out, so a first layer of 8 bits whose step is
 * the pixels' own reads the pixels. */
#ifndef NN_QNET_H
#define NN_QNET_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/pool.h"
#include "base/status.h"
#include "nn/dataset.h"
#include "nn/layer_shape.h"
#include "nn/quant.h"

/* One layer with weights, as the hardware runs it. */
struct qnet_layer {
    struct layer_shape shape;
    int wbits, abits;       /* [1, 8]                                      */
    bool wsigned, asigned;  /* wsigned is true in this version             */
    const int8_t *weights;  /* (MH, MW) grid integers, MW ordered (r, s, c),
                              with groups c of the channel's own group */
    const uint8_t *border;  /* (C) padding of each channel, NULL: 0         */
    struct requant requant; /* (MH) channels                               */
};

struct qnet; /* opaque */

struct nn_graph;
struct nn_path;
/* What training learned beside the weights: the steps of all quantisers. */
struct qnet_steps {
    const float *w;      /* (n_layers) step of the weights                     */
    const float *a;      /* (n_layers) step of the layer's input activations   */
    const float *stream; /* (n groups of nn_stream_groups) step of each group  */
};
/* Folds a trained graph at one precision per layer into integers.  In arena.
 * ST_RANGE names the layer whose scale cannot be represented. */
status qnet_from_graph(const struct nn_graph *g, const struct nn_path *path,
                       const struct qnet_steps *steps, struct arena *a,
                       struct qnet **out, struct err *err);

int32_t qnet_n_layers(const struct qnet *q);
const struct qnet_layer *qnet_layer(const struct qnet *q, int32_t i); /* borrowed */
const char *qnet_name(const struct qnet *q);
/* JSON text that qnet_save puts into the file; NULL if none.  A network folded from a
 * graph starts with the graph's.  Copied, in arena. */
const char *qnet_provenance(const struct qnet *q);
status qnet_set_provenance(struct qnet *q, const char *json_text, struct arena *a,
                           struct err *err);

status qnet_load(const char *path, struct arena *a, struct qnet **out, struct err *err);
/* True if the ONNX file is a quantised network rather than an fp32 one. */
status qnet_is_quantised(const char *path, bool *out, struct err *err);
status qnet_save(const struct qnet *q, const char *path, struct err *err);

/* Runs images and counts right classes.  The count does not depend on the number
 * of threads.  n_correct may be NULL; classes (n) may be NULL. */
status qnet_classify(const struct qnet *q, const struct nn_images *images,
                     struct pool *pool, uint16_t *classes, int32_t *n_correct,
                     struct err *err);

/* What one layer reads and writes for one image, for verification:
 *   vectors (n_vec, MW) grid integers as the MVU reads them (padding in place)
 *   outputs (n_vec, MH) grid integers after requantisation                     */
struct qnet_trace {
    const int16_t *vectors;
    const int16_t *outputs;
    int32_t n_vec, MW, MH;
};
/* Traces of all layers for image i, (n_layers), in arena; also its class. */
status qnet_trace_image(const struct qnet *q, const struct nn_images *images, int32_t i,
                        struct arena *a, struct qnet_trace *traces, uint16_t *class_out,
                        struct err *err);

#endif
