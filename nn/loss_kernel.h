/* loss_kernel.h -- softmax cross-entropy and the class of each image. */
#ifndef NN_LOSS_KERNEL_H
#define NN_LOSS_KERNEL_H

#include <stdint.h>

struct nn_loss_sum {
    double loss; /* sum over images of -log p(label)  */
    int32_t n_correct;
};

/* logits (n, K) = acc * scale + offset[k]; offset may be NULL.  grad (n, K), may be
 * NULL: weight * (p - onehot(label)), the gradient of weight * loss in the logits.
 * The class is the first maximum. */
struct nn_loss_sum nn_loss(const float *acc, int32_t n, int32_t K, float scale,
                           const float *offset, const uint16_t *labels, float weight,
                           float *grad);

/* Logits of a teacher, to be imitated (Hinton et al. 2015). */
struct nn_teaching {
    const float *logits; /* (n, K)                                             */
    float share;         /* of the teacher in the gradient, 0..1               */
    float temperature;   /* T > 0: softness of both distributions              */
};
/* grad (n, K), of nn_loss at the same weight, becomes that of
 *   weight * ((1 - share) * loss + share * T^2 * KL(softmax(t / T) || softmax(z / T))),
 * t the teacher's logits and z = acc * scale + offset. */
void nn_loss_teach(const struct nn_teaching *teaching, const float *acc, int32_t n,
                   int32_t K, float scale, const float *offset, float weight,
                   float *grad);

#endif
