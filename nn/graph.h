/* graph.h -- a network as a list of nodes in topological order.
 *
 * The importer brings every supported ONNX file into this canonical form: batch
 * norms are attached to the convolution they follow, ReLU to the node it
 * follows.  Tensors are one per node (its output), NHWC, batch outermost. */
#ifndef NN_GRAPH_H
#define NN_GRAPH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/status.h"
#include "nn/layer_shape.h"
#include "nn/pool.h"
#include "nn/shortcut.h"

enum { NN_MAX_LAYERS = 256 /* with weights, in one network */ };

enum nn_op {
    NN_INPUT,    /* the image                                                    */
    NN_CONV,     /* y = conv(x) [, batch norm] [+ bias] [, ReLU]                 */
    NN_ADD,      /* y = x0 + x1 [, ReLU]                                         */
    NN_GAP,      /* global average pool: (H, W, C) -> (1, 1, C)                  */
    NN_GEMM,     /* fully connected, last node                                   */
    NN_SHORTCUT, /* y = samples of x, channels of zeros around (nn/shortcut.h)  */
    NN_MAXPOOL,  /* y = max of x over windows (nn/pool.h)                        */
};

/* Batch norm at inference: y = gamma * (x - mean) / sqrt(var + eps) + beta. */
struct nn_batch_norm {
    float *gamma, *beta, *mean, *var; /* (C) each                             */
    float eps;
};

/* Quantisers that a file brought along: bits 0 where it brought none. */
struct nn_given {
    int wbits, abits, out_bits; /* of a layer's weights and input, a node's output */
    float w_step, a_step, out_step; /* real value of grid integer 1 */
    bool out_twice; /* the output is quantised again: it must be on the stream */
};

struct nn_node {
    char name[LAYER_NAME_MAX];
    enum nn_op op;
    int32_t n_inputs;
    int32_t inputs[2]; /* indices of earlier nodes                        */
    int32_t H, W, C;   /* of the output tensor                            */
    bool relu;
    float clip; /* upper bound of the ReLU (ReLU6: 6), 0: none.  Of real numbers: on
                   integers the end of the output's grid takes its place       */
    int32_t i_layer;             /* index among layers with weights, -1 if none     */
    struct nn_shortcut shortcut; /* NN_SHORTCUT                               */
    struct nn_pool pool;         /* NN_MAXPOOL                                */
    struct layer_shape shape;    /* NN_CONV, NN_GEMM                            */
    float *weights;              /* (K, R, S, C / groups), row-major                */
    float *bias;                 /* (K) or NULL; NULL where bn is set               */
    struct nn_given given;       /* nn/graph_given.c                           */
    struct nn_batch_norm *bn;    /* NULL if none                                */
};

struct nn_graph {
    char name[LAYER_NAME_MAX];
    int32_t n_nodes, n_layers;
    struct nn_node *nodes; /* (n_nodes), in arena                         */
    int32_t *layer_nodes;  /* (n_layers): node of each layer              */
    int32_t n_classes;
    float input_scale;      /* real value of pixel code 1 (1/255 by default) */
    float *input_zero;      /* (C of the image) pixel codes whose value is 0, in
                               [0, 255], not rounded; NULL: 0                  */
    const char *provenance; /* JSON text for the files written, NULL if none   */
};

/* Operators whose output is made of values of their input, on the same grid. */
static inline bool nn_keeps_grid(enum nn_op op)
{
    return op == NN_SHORTCUT || op == NN_MAXPOOL;
}

/* Shape of layer i_layer; borrowed. */
const struct layer_shape *nn_graph_layer(const struct nn_graph *g, int32_t i_layer);

/* Reads .onnx (weights and all) or .yaml (architecture only: weights drawn with
 * He's initialisation from `seed`).  In arena. */
status nn_graph_load(const char *path, uint64_t seed, struct arena *a,
                     struct nn_graph **out, struct err *err);
/* Writes an fp32 ONNX file (opset 13), batch norms as nodes.  Reading it back gives
 * the same graph, every weight bit for bit. */
status nn_graph_save_onnx(const struct nn_graph *g, const char *path, struct err *err);
/* Residual stream (see nn/qnet.h).  group: (n_nodes), filled with a group number per
 * node whose output lives on the stream (operands and outputs of Adds, inputs and
 * outputs of shortcuts and max pools, outputs with several readers, the input of the
 * global pool), -1 elsewhere.  Nodes of one group share one step.  Returns the number
 * of groups.  The image is in no group. */
int32_t nn_stream_groups(const struct nn_graph *g, int32_t *group);
/* Makes g, trained on images normalised as (pixel - mean) / deviation, read pixel
 * codes. mean, deviation: (C of the image) in units of the largest pixel, as PyTorch
 * has them. A value is then input_scale * (code - input_zero[c]) with one input_scale
 * for all channels, as integers need it; what is left of the deviations goes into the
 * weights of the convolutions that read the image.  Their padding is the mean (0 after
 * normalisation); integers have the nearest code there, see nn_border_code. */
status nn_graph_normalise(struct nn_graph *g, const double *mean,
                          const double *deviation, struct arena *a, struct err *err);
/* Code of channel c in the padding of a layer that reads the image at `bits` bits of
 * step `step`: of training's quantised passes, of the integer engine and of traces. */
int32_t nn_border_code(const struct nn_graph *g, int32_t c, int bits, float step);
/* True if a layer's bits are given. */
bool nn_graph_has_given(const struct nn_graph *g);
struct qnet;
/* The integer network of the bits and steps that the file gave.  ST_UNSUPPORTED names
 * the node without one, or whose one cannot be represented.  In arena. */
status nn_graph_quantise_given(const struct nn_graph *g, struct arena *a,
                               struct qnet **out, struct err *err);
/* Independent copy, in arena b. */
struct nn_graph *nn_graph_copy(const struct nn_graph *g, struct arena *b);

#endif
