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
                           const float *offset, const uint8_t *labels, float weight,
                           float *grad);

#endif
