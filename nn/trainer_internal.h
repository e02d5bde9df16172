/* trainer_internal.h -- the trainer's state, shared by nn/trainer*.c.
 *
 * A step is a list of small operations per node (forward, then backward) that run on
 * chunks of images.  A run of operations without a batch-wide dependency is
 * a segment: one counted loop over chunks.  Segments end where batch norm needs the
 * whole batch.  Every sum over images is kept per chunk and reduced in order.
 *
 * Tensors hold grid integers as floats ("codes"); a node's real value is step * code.
 *   - a layer's raw output y = conv(x, wq) is the accumulator of the hardware;
 *   - its finish (batch norm, ReLU, quantiser) writes the residual stream's codes if
 *     the node is on the stream, else its only reader's input codes x;
 *   - a layer that reads the stream requantises the stream's codes into its x.
 * A path of NN_FLOAT layers only runs the same code on real grids of step 1.
 *
 * A path whose layers are all quantised runs on bytes instead (nn/trainer_fast.h) where
 * the CPU has the instructions; both engines use the same memory for their tensors. */
#ifndef NN_TRAINER_INTERNAL_H
#define NN_TRAINER_INTERNAL_H

#include "base/hash.h"
#include "nn/lsq_kernel.h"
#include "nn/trainer.h"

enum {
    NN_CHUNK = 8,       /* images per item of a counted loop, at least   */
    NN_PARTS = 1 << 25, /* elements of all gradient parts, at most       */
    NN_BITS = 9,        /* arrays indexed by bits, 0 unused              */
    NN_STREAM_BITS = 8, /* precision of the residual stream              */
    NN_ALL_BITS = 0x1fe
};

/* A trained array. */
struct tr_param {
    int64_t n;
    float *value, *velocity, *gradient; /* (n)                               */
};

/* A trained step. */
struct tr_step {
    double value, velocity; /* value 0: not calibrated                        */
    double n_levels;        /* values per image times Qp, of the gradient scale */
};

struct tr_layer {
    const struct nn_node *node;
    const struct layer_shape *shape;
    int32_t i_node, i_in; /* its node, the node it reads                      */
    bool asigned;         /* sign of its input's grid                         */
    uint32_t w_mask, a_mask;
    struct tr_param weights, gamma, beta, bias; /* n = 0: none               */
    float *run_mean, *run_var;                  /* (K) real units            */
    struct tr_step w_step[NN_BITS], a_step[NN_BITS];

    float *x;              /* (batch, H, W, C) input codes                         */
    float *wq;             /* (K, R, S, C) weight codes                            */
    float *y;              /* (batch, P, Q, K) accumulators                        */
    float *dw;             /* (n_chunks, K, R, S, C) gradient parts                */
    double *sums;          /* (n_chunks, 2, n_sums) batch norm's sums              */
    int32_t n_sums;        /* of the running step: K, or K padded                  */
    float *mean, *inv;     /* (K) of y: batch mean, 1 / standard deviation     */
    float *scale, *offset; /* (K) real output = y * scale + offset       */
    float *map_scale, *map_offset;  /* (K) the same in units of the output step */
    float *k0, *k1, *k2;            /* (K) of batch norm's backward pass          */
    double *a_step_parts;           /* (n_chunks)                            */
    double (*score_parts)[NN_BITS]; /* (n_chunks)                            */

    /* of the running step */
    struct nn_grid w_grid, a_grid;
    bool is_finite;      /* what the step has made of its parameters                */
    const float *x_used; /* x, or the codes of the node it reads               */
    bool needs_dx;

    /* of a layer that reads normalised pixels, else NULL: nn/trainer_pixels.c */
    float *border; /* (C) input codes that stand for 0, of the running step        */
    uint8_t *border_code; /* (C) the same on bytes                                    */
    float *shift;     /* (C) what is left of 0: real value = a_step * (x - shift)     */
    double *zero_sum; /* (K) accumulator of an input of shift                         */
    float *sum_g;     /* (K) sum of the gradient in the output, without batch norm    */
};

struct tr_node {
    int32_t group;  /* of the residual stream, -1 none, -2 the image          */
    int32_t reader; /* layer that alone reads a node off the stream, or -1    */
    bool is_signed;
    int64_t size;        /* H * W * C                                              */
    float *code;         /* (batch, size): stream codes, pixels, pool sums         */
    float *grad;         /* (batch, size): gradient in the node's real value       */
    double *step_parts;  /* (n_chunks) gradient of the stream's step           */
    struct nn_grid grid; /* of the running step                               */
};

struct tr_group {
    struct tr_step step;
};

enum tr_op_kind {
    OP_LAYER,  /* requantise the input if needed, convolve, sums            */
    OP_FINISH, /* batch norm, ReLU, quantiser                               */
    OP_ADD,
    OP_GAP,
    OP_SHORTCUT,
    OP_MAXPOOL,
    OP_LOSS,
    OP_BACK_FINISH,
    OP_BACK_LAYER,
    OP_BACK_ADD,
    OP_BACK_GAP,
    OP_BACK_SHORTCUT,
    OP_BACK_MAXPOOL,
    TR_N_OPS
};
struct tr_op {
    enum tr_op_kind kind;
    int32_t node;
    bool add[2]; /* backward: contribution to inputs[i] is added, not written */
};
/* One operation on one chunk of images. */
struct tr_item {
    const struct tr_op *op;
    int32_t node;     /* of op                                                    */
    int32_t first, n; /* images                                                   */
    int32_t i_chunk;
    int i_thread;
};
struct nn_trainer;
typedef void tr_op_fn(struct nn_trainer *t, const struct tr_item *it);
struct tr_segment {
    int32_t first, n; /* of the list of operations                        */
};
struct tr_schedule {
    struct tr_op *ops;
    struct tr_segment *segments;
    int32_t n_ops, n_segments;
};

/* Order of images: a permutation of one epoch. */
struct tr_order {
    uint32_t *images; /* (n), owned */
    int32_t n, epoch;
};
struct tr_prefetch; /* nn/trainer_prefetch.c */

struct nn_fast; /* nn/trainer_fast.h */

struct nn_trainer {
    struct arena *arena;
    void *tensors; /* owned: what both engines keep of a step              */
    size_t n_tensor_bytes, n_fast_bytes; /* all; up to the end of t->fast's         */
    struct nn_fast *fast; /* NULL: this CPU has no instructions for it            */
    const struct nn_graph *graph;
    struct nn_trainer_options opt;
    struct pool *pool;
    int32_t chunk, n_chunks,
        n_groups; /* chunk: NN_CHUNK images, more in large networks */
    struct tr_layer *layers;
    struct tr_node *nodes;
    struct tr_group *groups;
    struct tr_schedule forward, backward;
    float **workspace, **dx; /* (n_threads): of nn_conv_*, one chunk's dx      */

    /* of the running step */
    struct nn_path path;
    int32_t n_images, n_images_chunks;
    bool is_quantised;  /* the path has at least one quantised layer            */
    bool is_fast;       /* all of them are, and t->fast runs the step           */
    bool batch_stats;   /* batch norm by the batch, else by running statistics  */
    double bn_momentum; /* share of the batch in the running statistics        */
    bool wants_grad, wants_scores;
    uint16_t *labels;           /* (batch)                                           */
    double *loss_parts;         /* (n_chunks)                                        */
    float *logits;              /* (batch, classes)                                  */
    struct nn_trainer *teacher; /* owned; NULL: labels alone                    */
    int32_t *right_parts;       /* (n_chunks)                                        */

    struct tr_order orders[2]; /* of even and odd epochs                        */
    struct tr_prefetch *ahead; /* owned; NULL until a step runs                 */
    bool no_ahead;             /* it could not be started: not tried again      */

    /* position of nn_trainer_fit */
    int64_t fit_step;
    double fit_loss; /* sum of the epoch's losses so far                       */
    struct hash_key fit_key; /* of what is run; a checkpoint of another is refused */
};

/* ---- trainer_schedule.c ---- */
status tr_schedule_build(struct nn_trainer *t, struct err *err);

/* ---- trainer_state.c: allocation ---- */
status tr_state_build(struct nn_trainer *t, struct err *err);
/* After the schedule: tensors of both engines. */
status tr_tensors_build(struct nn_trainer *t, struct err *err);

/* ---- trainer_view.c: what the running step left, whichever engine ran it ---- */
/* Input codes of layer i (n_images, H, W, C); stream codes of a node the same way. */
void tr_view_input(const struct nn_trainer *t, int32_t i_layer, float *out);
void tr_view_code(const struct nn_trainer *t, int32_t i_node, float *out);

/* ---- trainer_path.c: grids and weight codes of one path ---- */
status tr_path_set(struct nn_trainer *t, const struct nn_path *path, struct err *err);
/* Map of a layer's input quantiser from the codes of the node it reads. */
struct nn_lsq_map tr_input_map(const struct nn_trainer *t, const struct tr_layer *l,
                               int32_t n_images);
/* Map of the finish of a node: y to the grid that it writes. */
struct nn_lsq_map tr_finish_map(const struct nn_trainer *t, int32_t i_node,
                                int32_t n_images);

/* ---- trainer_pixels.c: images whose 0 is not code 0 ---- */
status tr_pixels_build(struct nn_trainer *t, struct err *err);
/* After the weight codes of a path. */
void tr_pixels_set(struct nn_trainer *t);
/* Puts border around the images of the layers' inputs on bytes. */
void tr_pixels_fill(struct nn_trainer *t);
/* x (n images) -= border: of what nn/conv_kernel.h pads with 0. */
void tr_pixels_centre(const struct tr_layer *l, int32_t n, float *x);
/* Takes the share of `shift` off the gradient of the weights. */
void tr_pixels_gradient(struct tr_layer *l);
static inline double tr_zero_sum(const struct tr_layer *l, int32_t k)
{
    return l->zero_sum ? l->zero_sum[k] : 0.0;
}

/* ---- trainer_pool.c ---- */
tr_op_fn tr_pool_op;

/* ---- trainer_shortcut.c ---- */
tr_op_fn tr_shortcut_op;

/* ---- trainer_forward.c, trainer_backward.c: by kind of operation ---- */
extern tr_op_fn *const tr_forward_ops[TR_N_OPS], *const tr_backward_ops[TR_N_OPS];

/* ---- trainer_reduce.c: what a layer needs of the whole batch ---- */
/* Real output = y * scale + offset, and the same in units of the output's step: after
 * all chunks of a layer if that depends on the batch, before the first otherwise. */
void tr_reduce(struct nn_trainer *t, struct tr_layer *l);
/* Without batch norm the factors do not wait for the batch. */
void tr_backward_prepare(struct tr_layer *l);
/* Gradients of batch norm and bias, and the factors of batch norm's backward pass:
 *   dy = gamma * inv * (g - sum_g / n - xhat * sum(g * xhat) / n). */
void tr_backward_reduce(struct nn_trainer *t, struct tr_layer *l);

/* ---- trainer_equalise.c ---- */
void tr_equalise(struct nn_trainer *t);

/* ---- trainer_teacher.c ---- */
/* A teacher of the weights that t started from, if t's options want one. */
status tr_teacher_build(struct nn_trainer *t, const struct nn_images *images,
                        int32_t n_images, struct err *err);
/* Fills the teacher's logits of t's loaded batch. */
status tr_teacher_run(struct nn_trainer *t, struct err *err);
/* Loss, class and logits of a chunk by its accumulators (n, classes); grad: the same
 * shape, of the loss with the teacher's share, or NULL. */
void tr_loss_images(struct nn_trainer *t, int32_t i_chunk, const float *acc,
                    float *grad);

/* ---- trainer_run.c ---- */
/* Runs the loaded batch: codes of the image node and labels are in place. */
void tr_run(struct nn_trainer *t);
double tr_loss(const struct nn_trainer *t, int32_t *n_right);

/* ---- trainer_checkpoint.c ---- */
void tr_hash_state(const struct nn_trainer *t, struct hash *h);

/* ---- trainer_batch.c ---- */
/* One batch to be made of images. */
struct tr_load {
    const struct nn_images *images;
    const uint32_t *order; /* NULL: from `first` on                            */
    uint64_t seed;
    int32_t first, epoch, shift;
    bool augment;
    float *code; /* where to: (batch, H, W, C), (batch)                         */
    uint16_t *labels;
};
/* Images [first, first + n) of the batch. */
void tr_load_images(const struct tr_load *load, int32_t first, int32_t n);
/* The batch of a step, before tr_path_set, which looks where it lies; the one after it,
 * which the next step will want, is loaded until tr_prefetch_wait. */
status tr_batch_step(struct nn_trainer *t, const struct nn_images *images,
                     int32_t epoch, int32_t i_batch, struct err *err);
status tr_batch_load(struct nn_trainer *t, const struct nn_images *images,
                     int32_t epoch, int32_t i_batch, bool augment, struct err *err);
void tr_batch_range(struct nn_trainer *t, const struct nn_images *images, int32_t first,
                    int32_t n);
status tr_images_check(const struct nn_trainer *t, const struct nn_images *images,
                       struct err *err);

/* ---- trainer_prefetch.c: a batch loaded on a thread of its own ---- */
/* Copies load; where its batch goes is not looked at.  Without a thread, nothing. */
void tr_prefetch_start(struct nn_trainer *t, const struct tr_load *load);
/* Returns when no batch is being loaded: images may go away then. */
void tr_prefetch_wait(struct nn_trainer *t);
/* True if this batch has been loaded; it is the trainer's then. */
bool tr_prefetch_take(struct nn_trainer *t, const struct tr_load *load);
void tr_prefetch_free(struct nn_trainer *t);

/* ---- trainer_update.c ---- */
void tr_update(struct nn_trainer *t, double lr, struct nn_scores *scores);

/* Images of chunk i of the running batch. */
static inline int32_t tr_chunk_images(const struct nn_trainer *t, int32_t i_chunk)
{
    const int32_t left = t->n_images - i_chunk * t->chunk;
    return left < t->chunk ? left : t->chunk;
}

/* Chunk i of a tensor (batch, n->size). */
static inline float *tr_node_part(const struct nn_trainer *t, const struct tr_node *n,
                                  float *of, int32_t i_chunk)
{
    return of + (int64_t)i_chunk * t->chunk * n->size;
}

#endif
