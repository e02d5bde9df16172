/* supernet.c -- a trainer whose quantisers are calibrated for every candidate. */
#include "search/supernet.h"

status supernet_open(const struct search_task *task, double lr, struct supernet *out,
                     struct err *err)
{
    struct nn_trainer_options opt = nn_trainer_defaults();
    opt.seed = task->seed;
    opt.augment = true;
    opt.fp32_backward = task->fp32_backward;
    const struct nn_images *train = &task->dataset->train;
    *out = (struct supernet){.dataset = task->dataset, .lr = lr};
    out->steps_per_epoch = train->n / opt.batch;
    out->held_out_steps = task->dataset->held_out.n / opt.batch;
    if (task->ssps.images == SSPS_HELD_OUT && out->held_out_steps < 1)
        return err_set(err, ST_RANGE,
                       "--logits held-out: expected at least one batch of %d held-out "
                       "images, found %d; give more with --held-out",
                       (int)opt.batch, (int)task->dataset->held_out.n);
    if (out->steps_per_epoch < 1)
        return err_set(err, ST_RANGE,
                       "data %s: expected at least one batch of %d training images, "
                       "found %d images",
                       task->dataset->spec, (int)opt.batch, (int)train->n);
    TRY(nn_trainer_new(task->graph, &opt, task->pool, &out->trainer, err));
    for (int32_t i = 0; i < task->space->n_layers; i++)
        nn_trainer_set_candidates(out->trainer, i, task->space->w_mask[i],
                                  task->space->a_mask[i]);
    const int32_t n =
        train->n < SUPERNET_CALIBRATION_IMAGES ? train->n : SUPERNET_CALIBRATION_IMAGES;
    const status st = nn_trainer_calibrate(out->trainer, train, n, err);
    if (st != ST_OK) supernet_close(out);
    return st;
}

void supernet_close(struct supernet *n)
{
    nn_trainer_free(n->trainer);
    n->trainer = NULL;
}
