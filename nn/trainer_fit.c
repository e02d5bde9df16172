/* trainer_fit.c -- a whole training run: schedule, progress, checkpoints, SIGINT. */
#include <stdio.h>

#include "base/cli.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/interrupt.h"
#include "base/progress.h"
#include "nn/trainer_internal.h"

/* Binds a checkpoint to what is being run: path, length, images, and the state that it
 * starts from. */
static status set_key(struct nn_trainer *t, const struct nn_images *train,
                      const struct nn_path *path, int32_t epochs, struct err *err)
{
    struct hash *h = hash_new();
    if (!h) return arena_exhausted(err);
    hash_bytes(h, path->wbits, (size_t)t->graph->n_layers);
    hash_bytes(h, path->abits, (size_t)t->graph->n_layers);
    hash_i64(h, epochs);
    hash_bytes(h, train->pixels,
               (size_t)((int64_t)train->n * train->H * train->W * train->C));
    hash_bytes(h, train->labels, (size_t)train->n * sizeof *train->labels);
    tr_hash_state(t, h);
    t->fit_key = hash_free_key(h);
    return ST_OK;
}

static status stop(const struct nn_trainer *t, const char *checkpoint, struct err *err)
{
    if (!checkpoint) return interrupt_status(err, "nothing was saved");
    TRY(nn_trainer_save(t, checkpoint, err));
    return interrupt_status(err, "state is saved, run the same command again");
}

/* What this run has cost, on any machine however busy. */
static void say_cost(const struct nn_fit_options *opt, double start_s)
{
    if (opt->quiet || opt->epochs == 0) return;
    cli_note("%s: %.1f s of processor time", opt->label, clock_cpu_s() - start_s);
}

/* Goes on from the checkpoint, if there is one. */
static status resume(struct nn_trainer *t, const struct nn_fit_options *opt,
                     struct err *err)
{
    if (!opt->checkpoint || !file_exists(opt->checkpoint)) return ST_OK;
    struct err why = {.code = ST_OK};
    const status st = nn_trainer_load(t, opt->checkpoint, &why);
    if (st == ST_OK) cli_note("resuming from %s", opt->checkpoint);
    if (st == ST_MISMATCH && opt->replaces_other) return ST_OK;
    return st == ST_OK ? ST_OK : err_set(err, st, "%s", why.msg);
}

/* A step that failed has spoiled the state; that of the last whole epoch is kept. */
static status name_kept(const char *checkpoint, status st, struct err *err)
{
    if (!checkpoint || !file_exists(checkpoint)) return st;
    const struct err why = *err;
    return err_set(err, st, "%s; %s keeps the state before this epoch", why.msg,
                   checkpoint);
}

status nn_trainer_fit(struct nn_trainer *t, const struct nn_images *train,
                      const struct nn_path *path, const struct nn_fit_options *opt,
                      double *loss, struct err *err)
{
    const int32_t n_batches = train->n / t->opt.batch;
    const int64_t n_steps = (int64_t)n_batches * opt->epochs;
    t->fit_step = 0;
    t->fit_loss = 0;
    *loss = 0;
    if (n_batches < 1)
        return err_set(err, ST_RANGE, "%d images do not fill a batch of %d",
                       (int)train->n, (int)t->opt.batch);
    TRY(set_key(t, train, path, opt->epochs, err));
    TRY(resume(t, opt, err));

    struct progress progress;
    const double start_s = clock_cpu_s();
    progress_start(&progress, opt->label, "images", n_steps * t->opt.batch, opt->quiet);
    while (t->fit_step < n_steps) {
        const int32_t i_batch = (int32_t)(t->fit_step % n_batches);
        double batch_loss;
        if (interrupt_requested()) {
            say_cost(opt, start_s);
            return stop(t, opt->checkpoint, err);
        }
        if (i_batch == 0) t->fit_loss = 0;
        const status st = nn_trainer_step(
            t, train, (int32_t)(t->fit_step / n_batches), i_batch, path,
            nn_trainer_lr(&t->opt, t->fit_step, n_steps), &batch_loss, NULL, err);
        if (st != ST_OK) return name_kept(opt->checkpoint, st, err);
        t->fit_step++;
        t->fit_loss += batch_loss;
        char note[48];
        snprintf(note, sizeof note, "loss %.4f", t->fit_loss / (i_batch + 1));
        progress_update(&progress, t->fit_step * t->opt.batch, note);
        if (opt->checkpoint && i_batch == n_batches - 1)
            TRY(nn_trainer_save(t, opt->checkpoint, err));
    }
    *loss = t->fit_loss / n_batches;
    progress_end(&progress, NULL);
    say_cost(opt, start_s);
    return ST_OK;
}
