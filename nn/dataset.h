/* dataset.h -- labelled images as u8, NHWC, held in memory.
 *
 * `--data idx:DIR` reads MNIST-style IDX files (plain or .gz): train-images-idx3-
 * ubyte, train-labels-idx1-ubyte, t10k-...; a fourth dimension of the images is their
 * channels.  `--data cifar10:DIR` reads the official
 * binary layout.  The last `n_held_out` training images of a seeded shuffle are
 * set apart for every choice that is made; the test set is read only by
 * nn_dataset_load_test. */
#ifndef NN_DATASET_H
#define NN_DATASET_H

#include <stdint.h>

#include "base/arena.h"
#include "base/status.h"

struct nn_images {
    int32_t n, H, W, C;
    int32_t n_classes;
    const uint8_t *pixels;  /* (n, H, W, C)                                    */
    const uint16_t *labels; /* (n)                                             */
};

/* Seed of the split in every command: none may train on images that another one has
 * held out. */
enum { NN_SPLIT_SEED = 1 };

struct nn_dataset {
    char spec[256]; /* as given to --data                                     */
    struct nn_images train, held_out;
};

/* spec: "idx:DIR" or "cifar10:DIR"; the split depends on split_seed alone. */
status nn_dataset_load(const char *spec, int32_t n_held_out, uint64_t split_seed,
                       struct arena *a, struct nn_dataset *out, struct err *err);
/* Where the path of a spec begins: "DIR" of "idx:DIR"; spec itself without a kind. */
const char *nn_dataset_path(const char *spec);
status nn_dataset_load_test(const char *spec, struct arena *a, struct nn_images *out,
                            struct err *err);

#endif
