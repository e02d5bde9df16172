/* ssps_train.c -- SSPS over the quantised supernet of a network. */
#include <math.h>
#include <stddef.h>

#include "search/ssps.h"
#include "search/supernet.h"

static status train_step(void *context, int64_t i_step, const struct nn_path *path,
                         double *loss, struct nn_scores *scores, struct err *err)
{
    struct supernet *n = context;
    return nn_trainer_step(
        n->trainer, &n->dataset->train, (int32_t)(i_step / n->steps_per_epoch),
        (int32_t)(i_step % n->steps_per_epoch), path, n->lr, loss, scores, err);
}

/* The same path on the next batch of held-out images, which train nothing. */
static status train_score(void *context, int64_t i_step, const struct nn_path *path,
                          struct nn_scores *scores, struct err *err)
{
    struct supernet *n = context;
    const int64_t per_epoch = n->held_out_steps;
    double loss;
    return nn_trainer_step(n->trainer, &n->dataset->held_out,
                           (int32_t)(i_step / per_epoch), (int32_t)(i_step % per_epoch),
                           path, 0, &loss, scores, err);
}

static status train_save(void *context, const char *path, struct err *err)
{
    const struct supernet *n = context;
    return nn_trainer_save(n->trainer, path, err);
}

static status train_load(void *context, const char *path, struct err *err)
{
    struct supernet *n = context;
    return nn_trainer_load(n->trainer, path, err);
}

static status run(const struct search_task *task, struct arena *a,
                  struct search_result *out, struct err *err)
{
    const struct ssps_options *opt = &task->ssps;
    struct supernet net;
    TRY(supernet_open(task, opt->weight_lr, &net, err));
    const struct ssps_objective objective = {&net, train_step, train_score, train_save,
                                             train_load};
    int64_t n_steps = (int64_t)llround(task->epochs * net.steps_per_epoch);
    if (n_steps < 1) n_steps = 1;
    const status st = ssps_search(task, opt, &objective, n_steps, a, out, err);
    supernet_close(&net);
    return st;
}

const struct search_method search_method_ssps = {
    .name = "ssps",
    .summary = "sequential single path search: bits by gradients, budgets by "
               "multipliers, decisions by certainty",
    .run = run,
};
