/* trainer.h -- quantisation-aware training of a graph; the searched supernet.
 *
 * One trainer owns fp32 master weights, batch-norm state, learned steps for every
 * (layer, candidate bits) of weights and activations (LSQ, Esser et al. 2020),
 * optimiser state and one arena for all activations.  Each step runs one path:
 * one wbits and one abits per layer.  The forward pass of a quantised layer
 * multiplies grid integers, so its accumulators are those of the hardware.
 * Results depend on the seed and the instruction set (nn/isa.h), never on the number
 * of threads. */
#ifndef NN_TRAINER_H
#define NN_TRAINER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/pool.h"
#include "base/status.h"
#include "nn/dataset.h"
#include "nn/graph.h"
#include "nn/qnet.h"

enum {
    NN_FLOAT = 0,         /* bits: not quantised                        */
    NN_SHIFT_BY_SIZE = -1 /* nn_augment_reach of the network's images */
};

/* Precision of every layer; 1..8, or NN_FLOAT for fp32 training. */
struct nn_path {
    uint8_t wbits[NN_MAX_LAYERS], abits[NN_MAX_LAYERS];
};

/* First-order scores of the candidates of one step: s[l][b] = <G, Q_b(x)> where G
 * is the gradient that arrived at the quantiser's output (methods of SSPS); only
 * candidate bits are filled, index = bits; index NN_FLOAT is <G, x>, so that
 * s[l][b] - s[l][NN_FLOAT] = <G, quantisation error of b>. */
struct nn_scores {
    double w[NN_MAX_LAYERS][9], a[NN_MAX_LAYERS][9];
};

struct nn_trainer_options {
    int32_t batch;        /* images per step                      default 128 */
    double lr;            /* peak learning rate                   default .05 */
    double momentum;      /*                                      default .9  */
    double weight_decay;  /* on conv and gemm weights only        default 5e-5 */
    int32_t warmup_steps; /* linear                               default 50  */
    bool augment;         /* random shift and horizontal flip, default true   */
    int32_t shift;        /* pixels each way, at most; default NN_SHIFT_BY_SIZE */
    bool fp32_backward;   /* gradients are not rounded to bf16 where they could be */
    double distill;       /* share of the teacher in the loss      default 0   */
    double temperature;   /* of teacher and student                default 1   */
    bool equalise;        /* output channels of one size           default true */
    uint64_t seed;
};
struct nn_trainer_options nn_trainer_defaults(void);
/* --backward: "fp32" or "bf16", else ST_USAGE.  bf16 holds where the instruction set
 * has it (nn/isa.h); every other one computes gradients in fp32. */
status nn_backward_parse(const char *text, bool *fp32, struct err *err);

struct nn_trainer; /* opaque, owns everything it needs */

/* graph is copied.  pool is borrowed and may be NULL. */
status nn_trainer_new(const struct nn_graph *graph,
                      const struct nn_trainer_options *opt, struct pool *pool,
                      struct nn_trainer **out, struct err *err);
void nn_trainer_free(struct nn_trainer *t); /* NULL allowed */

/* Candidate bits of one layer: bit b of the mask stands for b bits. */
void nn_trainer_set_candidates(struct nn_trainer *t, int32_t i_layer, uint32_t w_mask,
                               uint32_t a_mask);
/* Starts every learned step at the value of least squared error on `images`
 * (calibration; training images only). */
status nn_trainer_calibrate(struct nn_trainer *t, const struct nn_images *images,
                            int32_t n_images, struct err *err);

/* Order of images: epoch e of seed s is a fixed permutation.  The batch after this one
 * is loaded meanwhile, so images must not change from one step to the next.  Runs one
 * step on batch i_batch of epoch `epoch` at learning rate lr; 0 trains nothing,
 * momentum included.  scores may be NULL (then not computed).  *loss is the mean
 * cross-entropy of the batch. */
status nn_trainer_step(struct nn_trainer *t, const struct nn_images *train,
                       int32_t epoch, int32_t i_batch, const struct nn_path *path,
                       double lr, double *loss, struct nn_scores *scores,
                       struct err *err);

/* Mean loss and correct count with running batch-norm statistics.  ST_INTERRUPTED. */
status nn_trainer_evaluate(struct nn_trainer *t, const struct nn_images *images,
                           const struct nn_path *path, double *loss, int32_t *n_correct,
                           struct err *err);

/* logits (images->n, n_classes) of the same, in real numbers, of a path of NN_FLOAT
 * alone. */
status nn_trainer_logits(struct nn_trainer *t, const struct nn_images *images,
                         float *logits, struct err *err);

/* Re-estimates batch-norm statistics on n_batches of training images, augmented as in
 * training: ResNet-20 at 8 bits has 4 points less by whole images alone. */
status nn_trainer_recalibrate_bn(struct nn_trainer *t, const struct nn_images *train,
                                 int32_t n_batches, const struct nn_path *path,
                                 struct err *err);

/* Cosine schedule with linear warm-up: the learning rate of step i of n. */
double nn_trainer_lr(const struct nn_trainer_options *opt, int64_t i, int64_t n);

/* A whole training run of `epochs` epochs on a fixed path, with progress on stderr,
 * a checkpoint every epoch in `checkpoint` (NULL: none) from which it resumes, and
 * SIGINT handled. *loss is the last epoch's mean training loss. */
struct nn_fit_options {
    int32_t epochs;
    const char *checkpoint; /* path, borrowed; NULL = none                     */
    const char *label;      /* for progress                                    */
    bool quiet;
    bool replaces_other; /* a checkpoint of another run: start anew, else an error  */
};
status nn_trainer_fit(struct nn_trainer *t, const struct nn_images *train,
                      const struct nn_path *path, const struct nn_fit_options *opt,
                      double *loss, struct err *err);

/* Folds the trained network of one path into integers.  In arena. */
status nn_trainer_quantise(const struct nn_trainer *t, const struct nn_path *path,
                           struct arena *a, struct qnet **out, struct err *err);
/* The trained fp32 graph (weights, batch norms). In arena. */
status nn_trainer_graph(const struct nn_trainer *t, struct arena *a,
                        struct nn_graph **out, struct err *err);

/* Whole state, all or nothing; load checks that graph and options match. */
status nn_trainer_save(const struct nn_trainer *t, const char *path, struct err *err);
status nn_trainer_load(struct nn_trainer *t, const char *path, struct err *err);

#endif
