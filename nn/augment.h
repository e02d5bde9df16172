/* augment.h -- the pixels of one training image, shifted and flipped at random.
 *
 * The shift (up to `reach` pixels each way, zeros move in: a random crop of the image
 * padded by as much) and the horizontal flip depend on (seed, epoch, image) alone. */
#ifndef NN_AUGMENT_H
#define NN_AUGMENT_H

#include <stdbool.h>
#include <stdint.h>

#include "nn/dataset.h"

/* An eighth of 32 pixels and more, the usual crop of CIFAR-10; 2 of smaller images,
 * whose subject fills them. */
int32_t nn_augment_reach(int32_t width);

struct nn_augment {
    int dy, dx; /* source = destination + (dy, dx) */
    bool flip;
};
struct nn_augment nn_augment_of(uint64_t seed, int32_t epoch, int32_t i_image,
                                int32_t reach);

/* out (H, W, C): pixel codes as floats. */
void nn_augment_image(const struct nn_images *images, int32_t i,
                      const struct nn_augment *how, float *out);

#endif
