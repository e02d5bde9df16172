/* trainer_calibrate.c -- first values of all learned steps: least squared error.
 *
 * Weights are fitted as they are.  Activations and residual streams are sampled from a
 * run without quantisation (batch statistics, running statistics left alone); a
 * stream's step fits all tensors of its group together, each on its own sign. */
#include <math.h>

#include "nn/quant.h"
#include "nn/trainer_internal.h"

/* Enough values for a step that is then learned. */
enum { SAMPLES = 16384, STREAM_TRIES = 80 };
/* Images of one run: enough for the statistics of batch norm, and few because a run
 * without quantisation takes most memory of all. */
enum { RUN_IMAGES = 64 };

struct sample {
    float *values; /* (SAMPLES + slack) */
    int64_t n;
};

static void gather(struct sample *s, const float *x, int64_t n, int32_t n_batches)
{
    const int64_t share = SAMPLES / n_batches + 1;
    const int64_t stride = n / share | 1; /* odd: visits all channels */
    for (int64_t i = 0, left = share; i < n && left > 0; i += stride, left--)
        if (s->n < SAMPLES) s->values[s->n++] = x[i];
}

static void calibrate_layer(struct tr_layer *l, const struct sample *input)
{
    for (int bits = 1; bits < NN_BITS; bits++) {
        l->w_step[bits].velocity = l->a_step[bits].velocity = 0;
        l->w_step[bits].value =
            (double)nn_lsq_best_step(l->weights.value, l->weights.n, bits, true);
        l->a_step[bits].value =
            (double)nn_lsq_best_step(input->values, input->n, bits, l->asigned);
    }
}

/* Largest magnitude among the tensors of a group, in levels of each one's grid. */
static double group_range(const struct nn_trainer *t, const struct sample *nodes,
                          int32_t group)
{
    double range = 0;
    for (int32_t i = 0; i < t->graph->n_nodes; i++) {
        if (t->nodes[i].group != group) continue;
        const int32_t levels = quant_hi(NN_STREAM_BITS, t->nodes[i].is_signed);
        for (int64_t k = 0; k < nodes[i].n; k++)
            range = fmax(range, fabs((double)nodes[i].values[k]) / levels);
    }
    return range;
}

static void calibrate_group(struct nn_trainer *t, const struct sample *nodes,
                            int32_t group)
{
    const double range = group_range(t, nodes, group);
    double least = INFINITY, best = 1.0 / quant_hi(NN_STREAM_BITS, true);
    for (int k = STREAM_TRIES; k >= 1 && range > 0; k--) {
        const double step = range * k / STREAM_TRIES;
        double error = 0;
        for (int32_t i = 0; i < t->graph->n_nodes; i++) {
            if (t->nodes[i].group != group) continue;
            const struct nn_grid grid =
                nn_grid_of(NN_STREAM_BITS, t->nodes[i].is_signed, (float)step);
            error += nn_lsq_error(nodes[i].values, nodes[i].n, &grid);
        }
        if (error < least) {
            least = error;
            best = step;
        }
    }
    t->groups[group].step.value = best;
    t->groups[group].step.velocity = 0;
}

/* Pixels that stand for themselves are those of the quantiser, in input_scale. */
static const float *input_of(const struct nn_trainer *t, int32_t i_layer)
{
    const struct tr_layer *l = &t->layers[i_layer];
    return l->border ? t->nodes[l->i_in].code : l->x_used;
}

static void scale_pixels(const struct nn_trainer *t, struct sample *layers)
{
    for (int32_t i = 0; i < t->graph->n_layers; i++)
        for (int64_t k = 0; t->layers[i].border && k < layers[i].n; k++)
            layers[i].values[k] *= t->graph->input_scale;
}

static status run_and_gather(struct nn_trainer *t, const struct nn_images *images,
                             int32_t n_images, struct sample *layers,
                             struct sample *nodes, struct err *err)
{
    static const struct nn_path unquantised = {{NN_FLOAT}, {NN_FLOAT}};
    TRY(tr_path_set(t, &unquantised, err));
    t->batch_stats = true;
    t->bn_momentum = 0;
    t->wants_grad = t->wants_scores = false;
    const int32_t batch = t->opt.batch < RUN_IMAGES ? t->opt.batch : RUN_IMAGES;
    const int32_t n_batches = (n_images + batch - 1) / batch;
    for (int32_t first = 0; first < n_images; first += batch) {
        tr_batch_range(t, images, first,
                       n_images - first < batch ? n_images - first : batch);
        tr_run(t);
        for (int32_t i = 0; i < t->graph->n_layers; i++)
            gather(&layers[i], input_of(t, i),
                   t->n_images * t->nodes[t->layers[i].i_in].size, n_batches);
        for (int32_t i = 0; i < t->graph->n_nodes; i++)
            if (t->nodes[i].group >= 0 && !nn_keeps_grid(t->graph->nodes[i].op))
                gather(&nodes[i], t->nodes[i].code, t->n_images * t->nodes[i].size,
                       n_batches);
    }
    return ST_OK;
}

static bool new_samples(struct arena *a, int32_t n, struct sample **out)
{
    *out = ARENA_NEW(a, struct sample, (size_t)n);
    for (int32_t i = 0; *out && i < n; i++) {
        (*out)[i].values = ARENA_NEW(a, float, SAMPLES);
        if (!(*out)[i].values) return false;
    }
    return *out != NULL;
}

status nn_trainer_calibrate(struct nn_trainer *t, const struct nn_images *images,
                            int32_t n_images, struct err *err)
{
    TRY(tr_images_check(t, images, err));
    if (n_images > images->n) n_images = images->n;
    if (n_images < 1) return err_set(err, ST_RANGE, "calibration needs images");
    if (t->opt.equalise) tr_equalise(t);
    TRY(tr_teacher_build(t, images, n_images, err));
    struct arena *a = arena_new();
    if (!a) return arena_exhausted(err);
    struct sample *layers, *nodes;
    status st = ST_OK;
    if (!new_samples(a, t->graph->n_layers, &layers) ||
        !new_samples(a, t->graph->n_nodes, &nodes)) {
        st = arena_exhausted(err);
        goto out;
    }
    TRY_OUT(run_and_gather(t, images, n_images, layers, nodes, err));
    scale_pixels(t, layers);
    for (int32_t i = 0; i < t->graph->n_layers; i++)
        calibrate_layer(&t->layers[i], &layers[i]);
    for (int32_t g = 0; g < t->n_groups; g++)
        calibrate_group(t, nodes, g);
out:
    arena_free(a);
    return st;
}
