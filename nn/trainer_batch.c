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

struct load {
    struct nn_trainer *t;
    const struct nn_images *images;
    const uint32_t *order; /* NULL: from `first` on                            */
    int32_t first, epoch;
    bool augment;
};

static void load_chunk(void *arg, int i_chunk, int i_thread)
{
    const struct load *load = arg;
    struct nn_trainer *t = load->t;
    (void)i_thread;
    for (int32_t k = 0; k < tr_chunk_images(t, i_chunk); k++) {
        const int32_t at = i_chunk * t->chunk + k, place = load->first + at;
        const int32_t i = load->order ? (int32_t)load->order[place] : place;
        struct nn_augment how = {0, 0, false};
        if (load->augment)
            how = nn_augment_of(t->opt.seed, load->epoch, i, t->opt.shift);
        nn_augment_image(load->images, i, &how,
                         t->nodes[0].code + at * t->nodes[0].size);
        t->labels[at] = load->images->labels[i];
    }
}

static void load_all(struct load *load, int32_t n)
{
    load->t->n_images = n;
    pool_for(load->t->pool, (n + load->t->chunk - 1) / load->t->chunk, load_chunk,
             load);
}

/* The permutation of this epoch; kept until another is asked for. */
static status set_order(struct nn_trainer *t, int32_t n, int32_t epoch, struct err *err)
{
    if (t->order && t->order_n == n && t->order_epoch == epoch) return ST_OK;
    if (!t->order || t->order_n != n) {
        uint32_t *order = realloc(t->order, sizeof *order * (size_t)n);
        if (!order) return arena_exhausted(err);
        t->order = order;
    }
    for (int32_t i = 0; i < n; i++)
        t->order[i] = (uint32_t)i;
    struct rng rng = rng_seed(t->opt.seed, (uint64_t)(uint32_t)epoch);
    rng_shuffle(&rng, t->order, (uint32_t)n);
    t->order_n = n;
    t->order_epoch = epoch;
    return ST_OK;
}

status tr_batch_load(struct nn_trainer *t, const struct nn_images *images,
                     int32_t epoch, int32_t i_batch, bool augment, struct err *err)
{
    TRY(tr_images_check(t, images, err));
    const int32_t n_batches = images->n / t->opt.batch;
    if (i_batch < 0 || i_batch >= n_batches)
        return err_set(err, ST_RANGE,
                       "batch %d of %d: %d training images make %d batches of %d",
                       (int)i_batch, (int)n_batches, (int)images->n, (int)n_batches,
                       (int)t->opt.batch);
    TRY(set_order(t, images->n, epoch, err));
    struct load load = {t, images, t->order, i_batch * t->opt.batch, epoch, augment};
    load_all(&load, t->opt.batch);
    return ST_OK;
}

void tr_batch_range(struct nn_trainer *t, const struct nn_images *images, int32_t first,
                    int32_t n)
{
    struct load load = {t, images, NULL, first, 0, false};
    load_all(&load, n);
}
