/* trainer_update.c -- from gradient parts to new parameters and steps.
 *
 * Weight decay acts on weights alone.  A step's gradient is scaled by
 * 1 / sqrt(n * Qp) (LSQ, section 2.2), n values per image.  A step changes by at most
 * MAX_CHANGE in one update, which keeps it positive; its velocity then forgets the
 * rest, or one large gradient would go on pulling for many updates. */
#include <float.h>
#include <math.h>
#include <string.h>

#include "nn/sgd_kernel.h"
#include "nn/trainer_fast.h"

/* Relative; a tenth lets a step double within eight updates. */
static const double MAX_CHANGE = 0.1;

static void update_step(const struct nn_trainer *t, double lr, double gradient,
                        struct tr_step *s)
{
    s->velocity = t->opt.momentum * s->velocity + gradient / sqrt(s->n_levels);
    const double most = MAX_CHANGE * s->value;
    double change = -lr * s->velocity;
    if (fabs(change) > most) {
        change = copysign(most, change);
        s->velocity = -change / lr;
    }
    s->value = fmax(s->value + change, (double)FLT_MIN);
}

static double sum_of(const struct nn_trainer *t, const double *parts)
{
    double sum = 0;
    for (int32_t c = 0; c < t->n_images_chunks; c++)
        sum += parts[c];
    return sum;
}

static struct nn_lsq_map weight_map(const struct tr_layer *l, struct nn_grid grid)
{
    return (struct nn_lsq_map){.rows = 1,
                               .C = (int32_t)l->weights.n,
                               .uniform = 1.0f / grid.step,
                               .grid = grid};
}

static void score_layer(const struct nn_trainer *t, const struct tr_layer *l,
                        int32_t i_layer, struct nn_scores *scores)
{
    const struct nn_lsq_map real = weight_map(l, nn_grid_real(false));
    scores->w[i_layer][NN_FLOAT] =
        nn_lsq_score(&real, l->weights.value, l->weights.gradient);
    scores->a[i_layer][NN_FLOAT] = 0;
    for (int32_t c = 0; c < t->n_images_chunks && l->needs_dx; c++)
        scores->a[i_layer][NN_FLOAT] += l->score_parts[c][NN_FLOAT];
    for (int bits = 1; bits < NN_BITS; bits++) {
        const float step = (float)l->w_step[bits].value;
        scores->w[i_layer][bits] = scores->a[i_layer][bits] = 0;
        if (l->w_mask >> bits & 1 && step > 0) {
            const struct nn_lsq_map map = weight_map(l, nn_grid_of(bits, true, step));
            scores->w[i_layer][bits] =
                nn_lsq_score(&map, l->weights.value, l->weights.gradient);
        }
        if (!(l->a_mask >> bits & 1) || !l->needs_dx) continue;
        for (int32_t c = 0; c < t->n_images_chunks; c++)
            scores->a[i_layer][bits] += l->score_parts[c][bits];
    }
}

struct update {
    struct nn_trainer *t;
    double lr;
    struct nn_scores *scores;
};

static void update_param(const struct update *u, struct tr_param *p, double decay)
{
    const struct nn_sgd sgd = {(float)u->lr, (float)u->t->opt.momentum, (float)decay};
    if (p->n) nn_sgd_update(&sgd, p->n, p->gradient, p->velocity, p->value);
}

/* No infinity and no NaN: some exponent is all ones in both. */
static bool is_finite(const struct tr_param *p)
{
    uint32_t most = 0;
    for (int64_t i = 0; i < p->n; i++) {
        uint32_t bits;
        memcpy(&bits, &p->value[i], sizeof bits);
        bits &= 0x7fffffff;
        most = bits > most ? bits : most;
    }
    return most < 0x7f800000;
}

static void update_layer(void *arg, int i, int i_thread)
{
    const struct update *u = arg;
    struct nn_trainer *t = u->t;
    struct tr_layer *l = &t->layers[i];
    const int wbits = t->path.wbits[i], abits = t->path.abits[i];
    (void)i_thread;
    l->is_finite = true;
    const float scale = l->a_grid.step / l->w_grid.step;
    if (t->is_fast)
        qconv_gather(&t->fast->layers[i].conv, t->n_images_chunks, l->dw, scale,
                     l->weights.gradient);
    else
        nn_sum_parts(t->n_images_chunks, l->weights.n, l->dw, scale,
                     l->weights.gradient);
    tr_pixels_gradient(l);
    if (u->scores) score_layer(t, l, i, u->scores);
    if (u->lr == 0) return; /* nothing is trained, momentum included */
    const struct nn_lsq_map map = weight_map(l, l->w_grid);
    const double dstep = nn_lsq_backward(&map, l->weights.value, l->weights.gradient,
                                         l->weights.gradient, false);
    update_param(u, &l->weights, t->opt.weight_decay);
    update_param(u, &l->gamma, 0);
    update_param(u, &l->beta, 0);
    update_param(u, &l->bias, 0);
    if (wbits != NN_FLOAT) update_step(t, u->lr, dstep, &l->w_step[wbits]);
    if (abits != NN_FLOAT && l->needs_dx)
        update_step(t, u->lr, sum_of(t, l->a_step_parts), &l->a_step[abits]);
    l->is_finite = is_finite(&l->weights) && is_finite(&l->gamma) &&
                   is_finite(&l->beta) && is_finite(&l->bias) &&
                   isfinite(l->w_step[wbits].value) && isfinite(l->a_step[abits].value);
}

void tr_update(struct nn_trainer *t, double lr, struct nn_scores *scores)
{
    struct update u = {t, lr, scores};
    pool_for(t->pool, t->graph->n_layers, update_layer, &u);
    for (int32_t g = 0; lr != 0 && t->is_quantised && g < t->n_groups; g++) {
        double gradient = 0;
        for (int32_t i = 0; i < t->graph->n_nodes; i++)
            if (t->nodes[i].group == g) gradient += sum_of(t, t->nodes[i].step_parts);
        update_step(t, lr, gradient, &t->groups[g].step);
    }
}
