/* qnet_internal.h -- the integer network as its builder, file and engines see it.
 *
 * Nodes are in topological order; each has one output, NHWC, whose integers lie on
 * the grid (bits, is_signed).  A builder or reader fills name, op, inputs, layers and
 * requants of one node after the other; qnet_finish_node derives the rest. */
#ifndef NN_QNET_INTERNAL_H
#define NN_QNET_INTERNAL_H

#include "nn/pool.h"
#include "nn/qnet.h"
#include "nn/shortcut.h"

enum {
    QNET_STREAM_BITS = 8,
    QNET_LOGIT_BITS = 16,
    QNET_BATCH =
        8, /* images that the engines run at once, so that tensors stay in cache */
    QNET_NAME_MAX = LAYER_NAME_MAX + 16
};

enum qnet_op {
    QNET_INPUT,
    QNET_RESCALE,
    QNET_CONV,
    QNET_ADD,
    QNET_GAP,
    QNET_GEMM,
    QNET_SHORTCUT,
    QNET_MAXPOOL
};

struct qnet_node {
    char name[QNET_NAME_MAX];
    enum qnet_op op;
    int32_t n_inputs;
    int32_t inputs[2]; /* indices of earlier nodes                            */
    int32_t H, W, C;   /* of the output                                       */
    int bits;          /* of the output's grid; QNET_ADD: filled by the builder */
    bool is_signed;
    int32_t i_layer;             /* QNET_CONV, QNET_GEMM, else -1                   */
    struct nn_shortcut shortcut; /* QNET_SHORTCUT                             */
    struct nn_pool pool;         /* QNET_MAXPOOL                              */
    struct requant rescale;      /* QNET_RESCALE: one channel                      */
    const float *table;   /* QNET_RESCALE of a grid of at most 8 bits: its output for
                             every input from the lowest up, else NULL          */
    const float *weights; /* layers: (MH, MW), the integers as floats           */
    const float *border;  /* layers: (C), the same; NULL: 0                     */
};

struct qnet {
    char name[LAYER_NAME_MAX];
    int32_t n_nodes, n_layers, n_classes;
    struct qnet_node *nodes;   /* (n_nodes); the first is the image, the last QGemm */
    struct qnet_layer *layers; /* (n_layers)                                  */
    const char *provenance;    /* JSON text, NULL if none                     */
};

/* Of a node's output for one image. */
static inline size_t qnet_n_elements(const struct qnet_node *node)
{
    return (size_t)node->H * (size_t)node->W * (size_t)node->C;
}
/* Bits of a signed accumulator of one layer. */
int qnet_layer_acc_bits(const struct qnet_layer *l);
/* Derives shape, grid, table and float weights of node i from its inputs, in arena,
 * and refuses what could not be computed exactly.  The message of a failure names the
 * node but no file. */
status qnet_finish_node(struct qnet *q, int32_t i, struct arena *a, struct err *err);
/* What holds for the whole, once every node is finished. */
status qnet_finish(struct qnet *q, struct err *err);

/* The quantised network as an ONNX file (IR 8, operator set "bitwright" 1).
 *
 *   operator  inputs                    attributes
 *   QConv     x, weights                kernel_shape strides pads wbits wsigned abits
 *             (K, R, S, C / group)      asigned shift out_bits out_signed
 *             int8, mul (K) int32,      border (C, if not 0) group (if not 1)
 *             bias (K) int64
 *   QGemm     x, weights (K, C), mul,   wbits wsigned abits asigned shift out_bits
 *             bias                      out_signed
 *   Rescale   x, mul (1), bias (1)      shift out_bits out_signed
 *   QAdd      x, y                      out_signed
 *   QGap      x
 *   QShortcut x                         strides before after
 *   QMaxPool  x                         kernel_shape strides pads
 *
 * The one input is the image, UINT8 (N, H, W, C); the one output the logits, INT16. */
#define QNET_DOMAIN "bitwright"
enum { QNET_OPSET = 1 };
const char *qnet_op_type(enum qnet_op op); /* "" for QNET_INPUT; static */

/* The reference: every node's output for one image (H, W, C), out[i] (H, W, C) of node
 * i.  The arrays come from qnet_ref_buffers, in arena, NULL on exhaustion. */
int32_t **qnet_ref_buffers(const struct qnet *q, struct arena *a);
void qnet_run_ref(const struct qnet *q, const uint8_t *image, int32_t *const *out);
/* The engine on bytes, where CPU and network have what it takes; else *out is NULL and
 * the products are fp32 (qnet_run.c).  In arena, with room for n_threads. */
struct qnet_fast;
status qnet_fast_new(const struct qnet *q, int n_threads, struct arena *a,
                     struct qnet_fast **out, struct err *err);
/* Runs n <= QNET_BATCH images; logits (n, n_classes), borrowed until the next run of
 * this thread. */
const int32_t *qnet_fast_run(const struct qnet_fast *f, const uint8_t *images, int n,
                             int i_thread);

/* Class of the last node's output: the first maximum. */
uint16_t qnet_first_maximum(const int32_t *logits, int32_t n);
/* ST_RANGE unless the images have the shape of the network's input. */
status qnet_check_images(const struct qnet *q, const struct nn_images *images,
                         struct err *err);

#endif
