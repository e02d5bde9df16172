/* sensitivity.c -- the loss that each candidate adds alone: see sensitivity.h. */
#include "search/sensitivity.h"

#include <math.h>
#include <string.h>

#include "base/interrupt.h"
#include "base/progress.h"

const char *const sensitivity_names[] = {"loss", "fisher", NULL};

/* The sum over this many batches of 128 orders the candidates of a layer stably. */
enum { FISHER_BATCHES = 48 };

static int32_t n_alternatives(const struct space *s)
{
    int32_t n = 0;
    for (int32_t i = 0; i < s->n_layers; i++)
        n += mask_count(s->w_mask[i]) + mask_count(s->a_mask[i]) - 2;
    return n;
}

/* ---- measured ---- */

struct measurement {
    struct ptq *ptq;
    struct search_score reference;
    struct progress progress;
};

/* All candidates of one tensor; its bits are *bits of `path`. */
static status measure_tensor(struct measurement *m, struct nn_path *path, uint8_t *bits,
                             uint32_t mask, double value[9], struct err *err)
{
    const uint8_t most = *bits;
    for (int b = 1; b < most; b++) {
        if (!(mask >> b & 1u)) continue;
        struct search_score score;
        *bits = (uint8_t)b;
        TRY(ptq_score(m->ptq, path, &score, err));
        value[b] = m->reference.loss - score.loss;
        progress_update(&m->progress, m->progress.done + 1, NULL);
    }
    *bits = most;
    return ST_OK;
}

static status measure(struct ptq *p, const struct search_task *task,
                      struct nn_scores *values, struct err *err)
{
    const struct space *s = task->space;
    struct nn_path path;
    struct measurement m = {.ptq = p};
    space_highest(s, &path);
    TRY(ptq_score(p, &path, &m.reference, err));
    progress_start(&m.progress, "sensitivity", "candidates", n_alternatives(s),
                   task->quiet);
    for (int32_t i = 0; i < s->n_layers; i++) {
        TRY(measure_tensor(&m, &path, &path.wbits[i], s->w_mask[i], values->w[i], err));
        TRY(measure_tensor(&m, &path, &path.abits[i], s->a_mask[i], values->a[i], err));
    }
    progress_end(&m.progress, NULL);
    return ST_OK;
}

/* ---- from gradients ---- */

/* Adds <G, e_b>^2 of one batch. */
static void add_squares(const double score[9], uint32_t mask, double sum[9])
{
    for (int b = 1; b < 9; b++)
        if (mask >> b & 1u) {
            const double added = score[b] - score[NN_FLOAT];
            sum[b] += added * added;
        }
}

static void to_values(double sum[9], uint32_t mask, double scale)
{
    const double least = sum[mask_highest(mask)];
    for (int b = 1; b < 9; b++)
        if (mask >> b & 1u) sum[b] = scale * (least - sum[b]);
}

static status fisher(struct ptq *p, const struct search_task *task,
                     struct nn_scores *values, struct err *err)
{
    const struct space *s = task->space;
    struct nn_path path;
    struct supernet *net;
    space_highest(s, &path);
    TRY(ptq_supernet(p, &net, err));
    const int32_t n =
        net->steps_per_epoch < FISHER_BATCHES ? net->steps_per_epoch : FISHER_BATCHES;
    struct progress progress;
    progress_start(&progress, "sensitivity", "batches", n, task->quiet);
    for (int32_t k = 0; k < n; k++) {
        double loss;
        struct nn_scores scores;
        TRY(nn_trainer_step(net->trainer, &task->dataset->train, 0, k, &path, 0, &loss,
                            &scores, err)); /* at rate 0 nothing is trained */
        for (int32_t i = 0; i < s->n_layers; i++) {
            add_squares(scores.w[i], s->w_mask[i], values->w[i]);
            add_squares(scores.a[i], s->a_mask[i], values->a[i]);
        }
        if (interrupt_requested())
            return interrupt_status(err, "run the same command again");
        progress_update(&progress, k + 1, NULL);
    }
    progress_end(&progress, NULL);
    const double scale = (double)nn_trainer_defaults().batch / (2.0 * n);
    for (int32_t i = 0; i < s->n_layers; i++) {
        to_values(values->w[i], s->w_mask[i], scale);
        to_values(values->a[i], s->a_mask[i], scale);
    }
    return ST_OK;
}

/* ---- both ---- */

/* From the most bits down, no candidate is worth more than the next higher one. */
static void level(double value[9], uint32_t mask)
{
    double most = 0;
    for (int b = 8; b >= 1; b--)
        if (mask >> b & 1u) value[b] = most = fmin(most, value[b]);
}

status sensitivity_measure(struct ptq *p, const struct search_task *task,
                           enum sensitivity kind, struct nn_scores *values,
                           struct err *err)
{
    memset(values, 0, sizeof *values);
    if (kind == SENS_LOSS)
        TRY(measure(p, task, values, err));
    else
        TRY(fisher(p, task, values, err));
    for (int32_t i = 0; i < task->space->n_layers; i++) {
        level(values->w[i], task->space->w_mask[i]);
        level(values->a[i], task->space->a_mask[i]);
    }
    return ST_OK;
}
