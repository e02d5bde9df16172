/* trainer_fast.h -- the engine of quantised paths: integer forward, bf16 backward.
 *
 * It runs the same schedule of operations on the same chunks as nn/trainer_forward.c,
 * but on bytes: the layouts are those of nn/qconv.h and nn/act.h, channels padded to
 * 16.  What it keeps of a step is
 *   y     accumulators, s32             x     a layer's input, bytes with border
 *   code  of stream nodes, bytes        grad  in a node's value, after its quantiser
 * A quantiser's and batch norm's gradients are not stored: both passes over a layer's
 * output compute them again from y and grad, which costs less than memory.
 *
 * A residual sum is computed by the finish of its last operand where that operand has
 * no other reader; backward, both operands share its gradient's memory where nothing
 * writes to it in between. */
#ifndef NN_TRAINER_FAST_H
#define NN_TRAINER_FAST_H

#include "nn/act.h"
#include "nn/qconv.h"
#include "nn/trainer_internal.h"

struct fast_layer {
    struct qconv conv;
    const struct qconv_isa *isa; /* kernels of this layer                           */
    void *forward, *backward;    /* weights of the running path, packed              */
    uint8_t *x;                  /* (batch, x_image)                                 */
    int32_t *y;                  /* (batch, y_image)                                 */
    float zero;                  /* of x                                             */
    int32_t chunk;               /* images of a chunk                                */
    int32_t group;               /* images per pass over the weights' gradients      */
    size_t dy_bytes, dy_pack_image, x_pack_image; /* scratch                      */
};

struct fast_node {
    int32_t C;      /* channels, padded                                          */
    int64_t size;   /* H * W * C                                                 */
    uint8_t *code;  /* (batch, size) of stream nodes                             */
    float *sum;     /* (batch, C) of a pool                                      */
    float *grad;    /* (batch, size)                                             */
    float zero;     /* of code                                                   */
    int32_t i_add;  /* sum that its finish computes, or -1                       */
    bool is_fused;  /* a sum that a finish computes                              */
    bool copies[2]; /* a sum: operand k needs its own copy of the gradient       */
    int32_t i_grad; /* buffer of gradients                                       */
};

struct fast_buffer {
    int64_t size; /* elements per image */
    int32_t n_users;
    float *values;
};

struct nn_fast {
    const struct qconv_isa *isa; /* of all layers; each picks its kernels          */
    const struct act_isa *act;
    struct fast_layer *layers;
    struct fast_node *nodes;
    struct fast_buffer *buffers; /* of gradients */
    int32_t n_buffers;
    size_t scratch_bytes; /* of one thread */
    unsigned char **scratch;
    bool is_clear; /* borders are in place: the other engine uses the same memory  */
};

/* One thread's scratch, cut up for one layer. */
struct fast_scratch {
    struct qconv_scratch conv;
    float *dy, *dx; /* one image                                                  */
    float *sums;    /* (2, Kp)                                                    */
};
struct fast_scratch fast_scratch_of(const struct fast_layer *l, unsigned char *at);

/* ---- trainer_fast_plan.c ---- */
/* t->fast, or NULL where the path of fp32 products is all there is. */
status fast_build(struct nn_trainer *t, struct err *err);
/* Puts the tensors at `at`; returns the bytes they take.  at NULL: only counts. */
size_t fast_place(struct nn_trainer *t, unsigned char *at);

/* ---- trainer_fast.c ---- */
/* Packs the weights of layer i for the path that was set. */
void fast_pack(struct nn_trainer *t, int32_t i);
void fast_start(struct nn_trainer *t);
extern tr_op_fn *const fast_forward_ops[TR_N_OPS];
/* Grid and map of a finish; C is padded. */
struct act_map fast_finish_map(const struct nn_trainer *t, int32_t i_node);
struct act_grid fast_grid(const struct nn_grid *g, float zero);

/* ---- trainer_fast_back.c ---- */
extern tr_op_fn *const fast_backward_ops[TR_N_OPS];

#endif
