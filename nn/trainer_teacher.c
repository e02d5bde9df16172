/* trainer_teacher.c -- the loss of a chunk, and the teacher that may have a share in
 * it.
 *
 * The teacher is a second trainer with the weights that the student starts from, at 8
 * bits: its accuracy is that of fp32 within a few images, and it runs on bytes.  It
 * sees the very pixels that the student sees.  Its share and the temperature are those
 * of Hinton et al. 2015 (nn/loss_kernel.h). */
#include <string.h>

#include "nn/loss_kernel.h"
#include "nn/quant.h"
#include "nn/trainer_internal.h"

status tr_teacher_build(struct nn_trainer *t, const struct nn_images *images,
                        int32_t n_images, struct err *err)
{
    if (!(t->opt.distill > 0) || t->teacher) return ST_OK;
    struct nn_trainer_options opt = t->opt;
    opt.distill = 0;
    TRY(nn_trainer_new(t->graph, &opt, t->pool, &t->teacher, err));
    return nn_trainer_calibrate(t->teacher, images, n_images, err);
}

status tr_teacher_run(struct nn_trainer *t, struct err *err)
{
    struct nn_trainer *teacher = t->teacher;
    struct nn_path path;
    memset(&path, QUANT_MAX_BITS, sizeof path);
    TRY(tr_path_set(teacher, &path, err));
    memcpy(teacher->nodes[0].code, t->nodes[0].code,
           sizeof *t->nodes[0].code * (size_t)(t->n_images * t->nodes[0].size));
    memcpy(teacher->labels, t->labels, sizeof *t->labels * (size_t)t->n_images);
    teacher->n_images = t->n_images;
    teacher->batch_stats = teacher->wants_grad = teacher->wants_scores = false;
    tr_run(teacher);
    return ST_OK;
}

void tr_loss_images(struct nn_trainer *t, int32_t i_chunk, const float *acc,
                    float *grad)
{
    const int32_t first = i_chunk * t->chunk, n = tr_chunk_images(t, i_chunk);
    const int32_t last = t->graph->n_nodes - 1, K = t->graph->nodes[last].C;
    const struct tr_layer *l = &t->layers[t->graph->nodes[last].i_layer];
    const float scale = l->w_grid.step * l->a_grid.step;
    const float weight = 1.0f / (float)t->n_images;
    const float *offset = l->bias.n ? l->bias.value : NULL;
    const struct nn_loss_sum sum =
        nn_loss(acc, n, K, scale, offset, t->labels + first, weight, grad);
    t->loss_parts[i_chunk] = sum.loss;
    t->right_parts[i_chunk] = sum.n_correct;
    for (int32_t i = 0; i < n * K; i++)
        t->logits[(int64_t)first * K + i] =
            acc[i] * scale + (offset ? offset[i % K] : 0);
    if (!t->teacher || !grad) return;
    const struct nn_teaching teaching = {t->teacher->logits + (int64_t)first * K,
                                         (float)t->opt.distill,
                                         (float)t->opt.temperature};
    nn_loss_teach(&teaching, acc, n, K, scale, offset, weight, grad);
}
