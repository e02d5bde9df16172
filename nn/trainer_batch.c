/* trainer_batch.c -- which images make a batch, and their pixels. */
#include <stdlib.h>

#include "base/rng.h"
#include "nn/augment.h"
#include "nn/trainer_internal.h"

status tr_images_check(const struct nn_trainer *t, const struct nn_images *images,
                       struct err *err)
{
    const struct nn_node *in = &t->graph->nodes[0];
    if (images->H != in->H || images->W != in->W || images->C != in->C)
        return err_set(err, ST_RANGE,
                       "network '%s' expects images of %dx%dx%d, found %dx%dx%d",
                       t->graph->name, (int)in->H, (int)in->W, (int)in->C,
                       (int)images->H, (int)images->W, (int)images->C);
    if (images->n_classes > t->graph->n_classes)
        return err_set(err, ST_RANGE, "network '%s' has %d classes, the images have %d",
                       t->graph->name, (int)t->graph->n_classes,
                       (int)images->n_classes);
    if (images->n < 1) return err_set(err, ST_RANGE, "expected images, found none");
    return ST_OK;
}

/* ---- loading ---- */

void tr_load_images(const struct tr_load *load, int32_t first, int32_t n)
{
    const struct nn_images *images = load->images;
    const int64_t size = (int64_t)images->H * images->W * images->C;
    for (int32_t at = first; at < first + n; at++) {
        const int32_t place = load->first + at;
        const int32_t i = load->order ? (int32_t)load->order[place] : place;
        struct nn_augment how = {0, 0, false};
        if (load->augment) how = nn_augment_of(load->seed, load->epoch, i, load->shift);
        nn_augment_image(images, i, &how, load->code + at * size);
        load->labels[at] = images->labels[i];
    }
}

struct run {
    const struct nn_trainer *t;
    const struct tr_load *load;
};

static void load_chunk(void *arg, int i_chunk, int i_thread)
{
    const struct run *run = arg;
    (void)i_thread;
    tr_load_images(run->load, i_chunk * run->t->chunk,
                   tr_chunk_images(run->t, i_chunk));
}

static void load_all(struct nn_trainer *t, const struct tr_load *load, int32_t n)
{
    struct run run = {t, load};
    t->n_images = n;
    pool_for(t->pool, (n + t->chunk - 1) / t->chunk, load_chunk, &run);
}

/* The permutation of an epoch; two are kept, of the running epoch and the next. */
static status order_of(struct nn_trainer *t, int32_t n, int32_t epoch,
                       const uint32_t **out, struct err *err)
{
    struct tr_order *o = &t->orders[epoch & 1];
    *out = o->images;
    if (o->images && o->n == n && o->epoch == epoch) return ST_OK;
    if (!o->images || o->n != n) {
        uint32_t *order = realloc(o->images, sizeof *order * (size_t)n);
        if (!order) return arena_exhausted(err);
        *out = o->images = order;
    }
    for (int32_t i = 0; i < n; i++)
        o->images[i] = (uint32_t)i;
    struct rng rng = rng_seed(t->opt.seed, (uint64_t)(uint32_t)epoch);
    rng_shuffle(&rng, o->images, (uint32_t)n);
    o->n = n;
    o->epoch = epoch;
    return ST_OK;
}

static status load_of(struct nn_trainer *t, const struct nn_images *images,
                      int32_t epoch, int32_t i_batch, bool augment, struct tr_load *out,
                      struct err *err)
{
    *out = (struct tr_load){.images = images,
                            .seed = t->opt.seed,
                            .shift = t->opt.shift,
                            .first = i_batch * t->opt.batch,
                            .epoch = epoch,
                            .augment = augment,
                            .code = t->nodes[0].code,
                            .labels = t->labels};
    return order_of(t, images->n, epoch, &out->order, err);
}

static status check_batch(const struct nn_trainer *t, const struct nn_images *images,
                          int32_t i_batch, struct err *err)
{
    TRY(tr_images_check(t, images, err));
    const int32_t n_batches = images->n / t->opt.batch;
    if (i_batch >= 0 && i_batch < n_batches) return ST_OK;
    return err_set(err, ST_RANGE,
                   "batch %d of %d: %d training images make %d batches of %d",
                   (int)i_batch, (int)n_batches, (int)images->n, (int)n_batches,
                   (int)t->opt.batch);
}

status tr_batch_load(struct nn_trainer *t, const struct nn_images *images,
                     int32_t epoch, int32_t i_batch, bool augment, struct err *err)
{
    struct tr_load load;
    TRY(check_batch(t, images, i_batch, err));
    TRY(load_of(t, images, epoch, i_batch, augment, &load, err));
    load_all(t, &load, t->opt.batch);
    return ST_OK;
}

status tr_batch_step(struct nn_trainer *t, const struct nn_images *images,
                     int32_t epoch, int32_t i_batch, struct err *err)
{
    struct tr_load load, next;
    const bool augment = t->opt.augment;
    TRY(check_batch(t, images, i_batch, err));
    const bool is_last = i_batch + 1 == images->n / t->opt.batch;
    TRY(load_of(t, images, epoch, i_batch, augment, &load, err));
    TRY(load_of(t, images, is_last ? epoch + 1 : epoch, is_last ? 0 : i_batch + 1,
                augment, &next, err));
    t->n_images = t->opt.batch;
    if (!tr_prefetch_take(t, &load)) load_all(t, &load, t->opt.batch);
    tr_prefetch_start(t, &next);
    return ST_OK;
}

void tr_batch_range(struct nn_trainer *t, const struct nn_images *images, int32_t first,
                    int32_t n)
{
    const struct tr_load load = {.images = images,
                                 .first = first,
                                 .code = t->nodes[0].code,
                                 .labels = t->labels};
    load_all(t, &load, n);
}
