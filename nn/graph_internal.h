/* graph_internal.h -- what the readers of nn/ share when they build a graph.
 *
 * A reader fills name, op, inputs and relu of each node, and for NN_CONV and NN_GEMM
 * also shape.K, R, S, strides, pads and groups (0: 1), for NN_MAXPOOL pool;
 * graph_infer_node derives everything else. */
#ifndef NN_GRAPH_INTERNAL_H
#define NN_GRAPH_INTERNAL_H

#include "nn/graph.h"

/* Largest tensor or weight matrix [elements]: keeps every product in int32. */
enum { GRAPH_MAX_ELEMENTS = 1 << 27 };

/* Output shape and layer shape of node i from its inputs, which come before it.
 * The message of a failure names no file: the reader adds its position. */
status graph_infer_node(struct nn_graph *g, int32_t i, struct err *err);
/* Numbers the layers and checks what holds for a whole network: unique names, no
 * unread output, one NN_GEMM, and it is the last node. */
status graph_finish(struct nn_graph *g, struct arena *a, struct err *err);

/* Where pixel codes other than 0 stand for 0, convolutions alone read the image. */
status graph_check_zero(const struct nn_graph *g, struct err *err);

/* The same for one layer alone: completes l from its K, R, S, strides, pads, groups and
 * the (H, W, C) of its input.  ST_RANGE outside the bounds of nn/layer_shape.h. */
status graph_infer_conv(struct layer_shape *l, int32_t H, int32_t W, int32_t C,
                        struct err *err);
status graph_infer_gemm(struct layer_shape *l, int32_t H, int32_t W, int32_t C,
                        struct err *err);

/* Output rows and columns of a max pool over (H, W); checks its numbers. */
status graph_infer_pool(const char *name, const struct nn_pool *p, int32_t H, int32_t W,
                        int32_t *P, int32_t *Q, struct err *err);

/* Batch norm of C channels in arena, gamma = var = 1; NULL on exhaustion. */
struct nn_batch_norm *graph_new_batch_norm(int32_t C, struct arena *a);

const char *graph_op_name(enum nn_op op); /* static */

status graph_load_yaml(const char *path, uint64_t seed, struct arena *a,
                       struct nn_graph **out, struct err *err);
status graph_load_onnx(const char *path, struct arena *a, struct nn_graph **out,
                       struct err *err);

#endif
