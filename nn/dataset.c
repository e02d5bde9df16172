/* dataset.c -- chooses the reader of a --data SPEC and splits the training images.
 *
 * The split gathers images by a seeded permutation: the last n_held_out of it are
 * the held-out part, so that both parts are drawn alike from an ordered file. */
#include "nn/dataset.h"

#include <stdio.h>
#include <string.h>

#include "base/rng.h"
#include "nn/dataset_internal.h"

/* Stream of the split seed. */
static const uint64_t SPLIT_STREAM = 0x73706c; /* "spl" */

status dataset_check_labels(const char *path, const uint16_t *labels, int32_t n,
                            size_t offset_bytes, size_t stride_bytes, struct err *err)
{
    for (int32_t i = 0; i < n; i++)
        if (labels[i] >= DATASET_N_CLASSES)
            return err_set(err, ST_RANGE,
                           "%s: byte %zu: expected a label in 0..%d, found %d", path,
                           offset_bytes + (size_t)i * stride_bytes,
                           DATASET_N_CLASSES - 1, labels[i]);
    return ST_OK;
}

const char *nn_dataset_path(const char *spec)
{
    const char *colon = strchr(spec, ':');
    return colon ? colon + 1 : spec;
}

static status read_part(const char *spec, bool test, struct arena *a,
                        struct nn_images *out, struct err *err)
{
    if (strncmp(spec, "idx:", 4) == 0 && spec[4])
        return dataset_read_idx(spec + 4, test, a, out, err);
    if (strncmp(spec, "cifar10:", 8) == 0 && spec[8])
        return dataset_read_cifar10(spec + 8, test, a, out, err);
    return err_set(err, ST_USAGE, "--data: expected idx:DIR or cifar10:DIR, found '%s'",
                   spec);
}

/* Images order[0..n) of `all`, in arena. */
static status gather(const struct nn_images *all, const uint32_t *order, int32_t n,
                     struct arena *a, struct nn_images *out, struct err *err)
{
    const size_t size = (size_t)all->H * (size_t)all->W * (size_t)all->C;
    uint8_t *pixels = ARENA_NEW(a, uint8_t, (size_t)n * size + 1); /* n may be 0 */
    uint16_t *labels = ARENA_NEW(a, uint16_t, (size_t)n + 1);
    if (!pixels || !labels) return arena_exhausted(err);
    for (int32_t i = 0; i < n; i++) {
        memcpy(pixels + (size_t)i * size, all->pixels + order[i] * size, size);
        labels[i] = all->labels[order[i]];
    }
    *out = *all;
    out->n = n;
    out->pixels = pixels;
    out->labels = labels;
    return ST_OK;
}

static status split(const struct nn_images *all, int32_t n_held_out, uint64_t seed,
                    struct arena *tmp, struct arena *a, struct nn_dataset *out,
                    struct err *err)
{
    if (n_held_out < 0 || n_held_out >= all->n)
        return err_set(err, ST_RANGE,
                       "--data %s: expected 0..%d held-out images, found %d", out->spec,
                       all->n - 1, n_held_out);
    uint32_t *order = ARENA_NEW(tmp, uint32_t, (size_t)all->n);
    if (!order) return arena_exhausted(err);
    for (int32_t i = 0; i < all->n; i++)
        order[i] = (uint32_t)i;
    struct rng rng = rng_seed(seed, SPLIT_STREAM);
    rng_shuffle(&rng, order, (uint32_t)all->n);
    const int32_t n_train = all->n - n_held_out;
    TRY(gather(all, order, n_train, a, &out->train, err));
    return gather(all, order + n_train, n_held_out, a, &out->held_out, err);
}

status nn_dataset_load(const char *spec, int32_t n_held_out, uint64_t split_seed,
                       struct arena *a, struct nn_dataset *out, struct err *err)
{
    *out = (struct nn_dataset){0};
    if (strlen(spec) >= sizeof out->spec)
        return err_set(err, ST_RANGE,
                       "--data: expected at most %zu characters, found %zu",
                       sizeof out->spec - 1, strlen(spec));
    snprintf(out->spec, sizeof out->spec, "%s", spec);
    struct arena *tmp = arena_new(); /* the unsplit images live only here */
    if (!tmp) return arena_exhausted(err);
    struct nn_images all;
    status st = read_part(spec, false, tmp, &all, err);
    if (st == ST_OK) st = split(&all, n_held_out, split_seed, tmp, a, out, err);
    arena_free(tmp);
    return st;
}

status nn_dataset_load_test(const char *spec, struct arena *a, struct nn_images *out,
                            struct err *err)
{
    return read_part(spec, true, a, out, err);
}
