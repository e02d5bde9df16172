/* augment.h -- the pixels of one training image, shifted and flipped at random.
 *
 * The shift (up to NN_SHIFT_MAX pixels each way, zeros move in) and the horizontal
 * flip depend on (seed, epoch, image) alone. */
#ifndef NN_AUGMENT_H
#define NN_AUGMENT_H

#include <stdbool.h>
#include <stdint.h>

#include "nn/dataset.h"

enum { NN_SHIFT_MAX = 2 };

struct nn_augment {
    int dy, dx; /* source = destination + (dy, dx) */
    bool flip;
};
struct nn_augment nn_augment_of(uint64_t seed, int32_t epoch, int32_t i_image);

/* out (H, W, C): pixel codes as floats. */
void nn_augment_image(const struct nn_images *images, int32_t i,
                      const struct nn_augment *how, float *out);

#endif
