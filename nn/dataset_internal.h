/* dataset_internal.h -- the readers of labelled images, one file each.
 *
 * A reader fills the images of one part, whole and in file order, in arena. */
#ifndef NN_DATASET_INTERNAL_H
#define NN_DATASET_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>

#include "nn/dataset.h"

/* Both formats number ten classes. */
enum { DATASET_N_CLASSES = 10 };

status dataset_read_idx(const char *dir, bool test, struct arena *a,
                        struct nn_images *out, struct err *err);
status dataset_read_cifar10(const char *dir, bool test, struct arena *a,
                            struct nn_images *out, struct err *err);

/* ST_PARSE unless every label is below n_classes; offset_bytes and stride_bytes say
 * where in the (uncompressed) file label i lies. */
status dataset_check_labels(const char *path, const uint16_t *labels, int32_t n,
                            size_t offset_bytes, size_t stride_bytes, struct err *err);

#endif
