/* trainer.c -- the trainer's life, its steps and its evaluations. */
#include "nn/trainer.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/blas.h"
#include "base/interrupt.h"
#include "base/pages.h"
#include "nn/augment.h"
#include "nn/trainer_internal.h"

/* Share of a batch in the running statistics of batch norm. */
static const double bn_momentum = 0.1;

struct nn_trainer_options nn_trainer_defaults(void)
{
    return (struct nn_trainer_options){.batch = 128,
                                       .lr = 0.05,
                                       .momentum = 0.9,
                                       .weight_decay = 5e-5,
                                       .warmup_steps = 50,
                                       .augment = true,
                                       .shift = NN_SHIFT_BY_SIZE,
                                       .temperature = 1,
                                       .equalise = true,
                                       .seed = 1};
}

status nn_backward_parse(const char *text, bool *fp32, struct err *err)
{
    *fp32 = strcmp(text, "fp32") == 0;
    return *fp32 || strcmp(text, "bf16") == 0
               ? ST_OK
               : err_set(err, ST_USAGE, "--backward: expected fp32 or bf16, found '%s'",
                         text);
}

static status check_options(const struct nn_trainer_options *o, struct err *err)
{
    if (o->batch < 1 || o->batch > 65536)
        return err_set(err, ST_RANGE, "expected a batch in [1, 65536], found %d",
                       (int)o->batch);
    if (!(o->lr > 0) || !(o->momentum >= 0 && o->momentum < 1) ||
        !(o->weight_decay >= 0) || o->warmup_steps < 0)
        return err_set(err, ST_RANGE,
                       "expected lr > 0, momentum in [0, 1), weight decay >= 0, "
                       "warm-up steps >= 0, found %g, %g, %g, %d",
                       o->lr, o->momentum, o->weight_decay, (int)o->warmup_steps);
    if (o->shift < NN_SHIFT_BY_SIZE || o->shift > 1024)
        return err_set(err, ST_RANGE, "expected a shift of 0 to 1024 pixels, found %d",
                       (int)o->shift);
    return ST_OK;
}

status nn_trainer_new(const struct nn_graph *graph,
                      const struct nn_trainer_options *opt, struct pool *pool,
                      struct nn_trainer **out, struct err *err)
{
    *out = NULL;
    TRY(check_options(opt, err));
    TRY(blas_prepare(pool ? pool_n_threads(pool) : 1, err));
    struct arena *arena = arena_new();
    struct nn_trainer *t = arena ? ARENA_NEW(arena, struct nn_trainer, 1) : NULL;
    if (!t) {
        arena_free(arena);
        return arena_exhausted(err);
    }
    *t = (struct nn_trainer){.arena = arena, .opt = *opt, .pool = pool};
    t->graph = nn_graph_copy(graph, arena);
    if (opt->shift == NN_SHIFT_BY_SIZE)
        t->opt.shift = nn_augment_reach(graph->nodes[0].W);
    status st = t->graph ? ST_OK : arena_exhausted(err);
    if (st == ST_OK) st = tr_state_build(t, err);
    if (st == ST_OK) st = tr_schedule_build(t, err);
    if (st == ST_OK) st = tr_tensors_build(t, err);
    if (st != ST_OK) {
        nn_trainer_free(t);
        return st;
    }
    *out = t;
    return ST_OK;
}

void nn_trainer_free(struct nn_trainer *t)
{
    if (!t) return;
    nn_trainer_free(t->teacher);
    tr_prefetch_free(t);
    for (int i = 0; i < 2; i++)
        free(t->orders[i].images);
    pages_free(t->tensors, t->n_tensor_bytes);
    arena_free(t->arena); /* t lies in it */
}

void nn_trainer_set_candidates(struct nn_trainer *t, int32_t i_layer, uint32_t w_mask,
                               uint32_t a_mask)
{
    t->layers[i_layer].w_mask = w_mask & NN_ALL_BITS;
    t->layers[i_layer].a_mask = a_mask & NN_ALL_BITS;
}

double nn_trainer_lr(const struct nn_trainer_options *opt, int64_t i, int64_t n)
{
    const double pi = 3.14159265358979323846;
    const double cosine = 0.5 * (1 + cos(pi * (double)i / (double)(n > 0 ? n : 1)));
    const double warm =
        i < opt->warmup_steps ? (double)(i + 1) / opt->warmup_steps : 1.0;
    return opt->lr * cosine * warm;
}

/* The first layer whose output is not finite, or NULL. */
static const char *first_lost(const struct nn_trainer *t)
{
    for (int32_t i = 0; i < t->graph->n_layers; i++)
        for (int32_t k = 0; k < t->layers[i].shape->K; k++)
            if (!isfinite(t->layers[i].scale[k]) || !isfinite(t->layers[i].offset[k]))
                return t->layers[i].shape->name;
    return NULL;
}

static status check_loss(const struct nn_trainer *t, double loss, int32_t epoch,
                         int32_t i_batch, double lr, struct err *err)
{
    if (isfinite(loss)) return ST_OK;
    const char *layer = first_lost(t);
    return err_set(err, ST_RANGE,
                   "epoch %d, batch %d: the loss is not finite%s%s%s; a smaller "
                   "learning rate than %g may help",
                   (int)epoch, (int)i_batch, layer ? ", from layer '" : "",
                   layer ? layer : "", layer ? "' on" : "", lr);
}

/* A quantiser would hide a weight that is not a number. */
static status check_update(const struct nn_trainer *t, int32_t epoch, int32_t i_batch,
                           double lr, struct err *err)
{
    for (int32_t i = 0; i < t->graph->n_layers; i++)
        if (!t->layers[i].is_finite)
            return err_set(err, ST_RANGE,
                           "epoch %d, batch %d: layer '%s': its parameters are not "
                           "finite any more; a smaller learning rate than %g may help",
                           (int)epoch, (int)i_batch, t->layers[i].shape->name, lr);
    return ST_OK;
}

/* On the loaded batch. */
static status step(struct nn_trainer *t, int32_t epoch, int32_t i_batch,
                   const struct nn_path *path, double lr, double *loss,
                   struct nn_scores *scores, struct err *err)
{
    if (t->teacher) TRY(tr_teacher_run(t, err));
    TRY(tr_path_set(t, path, err));
    t->batch_stats = t->wants_grad = true;
    t->bn_momentum = bn_momentum;
    t->wants_scores = scores != NULL;
    tr_run(t);
    *loss = tr_loss(t, NULL) / t->n_images;
    TRY(check_loss(t, *loss, epoch, i_batch, lr, err));
    tr_update(t, lr, scores);
    return check_update(t, epoch, i_batch, lr, err);
}

status nn_trainer_step(struct nn_trainer *t, const struct nn_images *train,
                       int32_t epoch, int32_t i_batch, const struct nn_path *path,
                       double lr, double *loss, struct nn_scores *scores,
                       struct err *err)
{
    TRY(tr_batch_step(t, train, epoch, i_batch, err));
    const status st = step(t, epoch, i_batch, path, lr, loss, scores, err);
    tr_prefetch_wait(t);
    return st;
}

/* One batch after the other, with running statistics; logits NULL: not wanted. */
static status run_all(struct nn_trainer *t, const struct nn_images *images,
                      float *logits, double *sum, int32_t *n_right, struct err *err)
{
    t->batch_stats = t->wants_grad = t->wants_scores = false;
    for (int32_t first = 0; first < images->n; first += t->opt.batch) {
        const int32_t left = images->n - first;
        if (interrupt_requested())
            return interrupt_status(err, "run the same command again");
        tr_batch_range(t, images, first, left < t->opt.batch ? left : t->opt.batch);
        tr_run(t);
        int32_t n = 0;
        *sum += tr_loss(t, &n);
        *n_right += n;
        const int64_t K = t->graph->n_classes;
        for (int64_t i = 0; logits && i < t->n_images * K; i++)
            logits[first * K + i] = t->logits[i];
    }
    return ST_OK;
}

status nn_trainer_logits(struct nn_trainer *t, const struct nn_images *images,
                         float *logits, struct err *err)
{
    static const struct nn_path fp32 = {{NN_FLOAT}, {NN_FLOAT}};
    double sum = 0;
    int32_t right = 0;
    TRY(tr_images_check(t, images, err));
    TRY(tr_path_set(t, &fp32, err));
    return run_all(t, images, logits, &sum, &right, err);
}

status nn_trainer_evaluate(struct nn_trainer *t, const struct nn_images *images,
                           const struct nn_path *path, double *loss, int32_t *n_correct,
                           struct err *err)
{
    TRY(tr_images_check(t, images, err));
    TRY(tr_path_set(t, path, err));
    double sum = 0;
    int32_t right = 0;
    TRY(run_all(t, images, NULL, &sum, &right, err));
    if (loss) *loss = sum / images->n;
    if (n_correct) *n_correct = right;
    return ST_OK;
}

status nn_trainer_recalibrate_bn(struct nn_trainer *t, const struct nn_images *train,
                                 int32_t n_batches, const struct nn_path *path,
                                 struct err *err)
{
    TRY(tr_images_check(t, train, err));
    TRY(tr_path_set(t, path, err));
    const int32_t all = train->n / t->opt.batch;
    if (n_batches > all) n_batches = all;
    if (n_batches < 1)
        return err_set(err, ST_RANGE, "%d images do not fill a batch of %d",
                       (int)train->n, (int)t->opt.batch);
    t->batch_stats = true;
    t->wants_grad = t->wants_scores = false;
    for (int32_t i = 0; i < n_batches; i++) {
        TRY(tr_batch_load(t, train, 0, i, t->opt.augment, err));
        t->bn_momentum = 1.0 / (i + 1); /* the plain mean over the batches */
        tr_run(t);
    }
    return ST_OK;
}
