/* ssps_options.c -- names and defaults, with their reasons. */
#include "search/ssps_options.h"

#include "base/hash.h"

const char *const ssps_penalty_names[] = {"multiplier", "absolute", "hinge", "linear",
                                          NULL};
const char *const ssps_decision_names[] = {"joint", "argmax", NULL};
const char *const ssps_estimator_names[] = {"sampled", "all", NULL};
const char *const ssps_images_names[] = {"one-level", "held-out", NULL};
const char *const ssps_normaliser_names[] = {"shared", "per-logit", NULL};

struct ssps_options ssps_defaults(void)
{
    return (struct ssps_options){
        .penalty = SSPS_MULTIPLIER,
        .decision = SSPS_JOINT,
        .estimator = SSPS_SAMPLED,
        .images = SSPS_ONE_LEVEL, /* as good as held-out images for half the time */
        .normaliser = SSPS_SHARED,
        .penalty_weight = 2, /* of the literal recipe */
        .weight_lr = .03,    /* from fp32 weights; more destroys what they know */
        /* Weights learn to live with their grid, activations cannot.  ResNet-20 on
           CIFAR-10, last loss after 2 epochs at W/A 2/2, 2/3, 3/2, 3/3 bits: .330,
           .199, .234, .126; so the third bit is worth .12 nats to activations, .12 by
           the search's own estimate, and .09 to weights, .19 by the estimate */
        .w_recovery = .45,
        .logit_lr = .03, /* a choice is settled within a few hundred steps */
        .clip = 3,       /* a step of three deviations, not an outlier's */
        .momentum = .9,
        .rms_decay = .99,
        .warmup = .08,        /* steps of the quantisers settle first */
        .first_decision = .5, /* layers separate within half an epoch */
        .n_rounds = 3,
        .gain_p = 10, /* 1 % over the limit raises the pressure by 10 %: no overshoot */
        .gain_i = .2,
        .checkpoint_steps = 200, /* half an epoch of CIFAR-10 */
    };
}

void ssps_options_hash(const struct ssps_options *o, struct hash *h)
{
    const int64_t choices[] = {o->penalty, o->decision,   o->estimator,
                               o->images,  o->normaliser, o->n_rounds};
    const double numbers[] = {o->penalty_weight, o->weight_lr, o->w_recovery,
                              o->logit_lr,       o->clip,      o->momentum,
                              o->rms_decay,      o->warmup,    o->first_decision,
                              o->gain_p,         o->gain_i};
    hash_bytes(h, choices, sizeof choices);
    hash_bytes(h, numbers, sizeof numbers);
}
