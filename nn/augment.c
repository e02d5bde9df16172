/* augment.c -- random shift and flip of one image. */
#include "nn/augment.h"

#include <stddef.h>

#include "base/rng.h"

/* Streams of the seed: shuffling takes the epochs, augmentation the rest. */
#define AUGMENT_STREAM(epoch, i) \
    ((UINT64_C(1) << 63) | ((uint64_t)(uint32_t)(epoch) << 32) | (uint32_t)(i))

int32_t nn_augment_reach(int32_t width) { return width >= 32 ? width / 8 : 2; }

struct nn_augment nn_augment_of(uint64_t seed, int32_t epoch, int32_t i_image,
                                int32_t reach)
{
    struct rng rng = rng_seed(seed, AUGMENT_STREAM(epoch, i_image));
    const uint32_t span = 2 * (uint32_t)reach + 1;
    struct nn_augment a;
    a.dy = (int)rng_below(&rng, span) - reach;
    a.dx = (int)rng_below(&rng, span) - reach;
    a.flip = rng_below(&rng, 2) == 1;
    return a;
}

static void copy_row(const uint8_t *row, const struct nn_images *images,
                     const struct nn_augment *how, float *out)
{
    for (int32_t x = 0; x < images->W; x++) {
        const int32_t from = (how->flip ? images->W - 1 - x : x) + how->dx;
        const bool is_inside = from >= 0 && from < images->W;
        for (int32_t c = 0; c < images->C; c++)
            out[x * images->C + c] =
                is_inside ? (float)row[from * images->C + c] : 0.0f;
    }
}

void nn_augment_image(const struct nn_images *images, int32_t i,
                      const struct nn_augment *how, float *out)
{
    const int32_t row = images->W * images->C;
    const uint8_t *image = images->pixels + (size_t)i * (size_t)(images->H * row);
    for (int32_t y = 0; y < images->H; y++, out += row) {
        const int32_t from = y + how->dy;
        if (from >= 0 && from < images->H)
            copy_row(image + from * row, images, how, out);
        else
            for (int32_t x = 0; x < row; x++)
                out[x] = 0.0f;
    }
}
