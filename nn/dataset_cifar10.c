/* dataset_cifar10.c -- CIFAR-10 in its binary layout.
 *
 * data_batch_1..5.bin and test_batch.bin hold records of one label byte and three
 * planes (R, G, B) of 32 x 32 pixels; pixels become NHWC here. */

#include "base/file.h"
#include "nn/dataset_internal.h"

enum { SIDE = 32, PLANE = SIDE * SIDE, CHANNELS = 3, RECORD = 1 + CHANNELS * PLANE };
enum { N_TRAIN_FILES = 5, MAX_RECORDS = 1000000 };

static void unpack(const uint8_t *records, int32_t n, uint8_t *pixels, uint16_t *labels)
{
    for (int32_t i = 0; i < n; i++) {
        const uint8_t *record = records + (size_t)i * RECORD;
        uint8_t *image = pixels + (size_t)i * PLANE * CHANNELS;
        labels[i] = record[0];
        for (int c = 0; c < CHANNELS; c++)
            for (int p = 0; p < PLANE; p++)
                image[p * CHANNELS + c] = record[1 + c * PLANE + p];
    }
}

/* Contents of one file in tmp; *n is its number of records. */
static status read_records(const char *path, struct arena *tmp, const uint8_t **records,
                           int32_t *n, struct err *err)
{
    char *bytes;
    size_t size;
    TRY(file_read(path, tmp, &bytes, &size, err));
    if (size == 0 || size % RECORD != 0 || size / RECORD > MAX_RECORDS)
        return err_set(err, ST_PARSE,
                       "%s: expected 1..%d records of %d bytes, found %zu "
                       "bytes",
                       path, MAX_RECORDS, RECORD, size);
    *records = (const uint8_t *)bytes;
    *n = (int32_t)(size / RECORD);
    return ST_OK;
}

static status read_files(const char *dir, bool test, struct arena *tmp, struct arena *a,
                         struct nn_images *out, struct err *err)
{
    const int n_files = test ? 1 : N_TRAIN_FILES;
    const uint8_t *records[N_TRAIN_FILES];
    const char *paths[N_TRAIN_FILES];
    int32_t n[N_TRAIN_FILES], n_all = 0;
    for (int i = 0; i < n_files; i++) {
        const char *name =
            test ? "test_batch.bin" : arena_printf(tmp, "data_batch_%d.bin", i + 1);
        paths[i] = name ? file_join(tmp, dir, name) : NULL;
        if (!paths[i]) return arena_exhausted(err);
        TRY(read_records(paths[i], tmp, &records[i], &n[i], err));
        n_all += n[i];
    }
    uint8_t *pixels = ARENA_NEW(a, uint8_t, (size_t)n_all * PLANE * CHANNELS);
    uint16_t *labels = ARENA_NEW(a, uint16_t, (size_t)n_all);
    if (!pixels || !labels) return arena_exhausted(err);
    *out = (struct nn_images){.n = n_all, .H = SIDE, .W = SIDE, .C = CHANNELS};
    out->n_classes = DATASET_N_CLASSES;
    out->pixels = pixels;
    out->labels = labels;
    for (int i = 0; i < n_files; i++) {
        unpack(records[i], n[i], pixels, labels);
        TRY(dataset_check_labels(paths[i], labels, n[i], 0, RECORD, err));
        pixels += (size_t)n[i] * PLANE * CHANNELS;
        labels += n[i];
    }
    return ST_OK;
}

status dataset_read_cifar10(const char *dir, bool test, struct arena *a,
                            struct nn_images *out, struct err *err)
{
    struct arena *tmp = arena_new();
    if (!tmp) return arena_exhausted(err);
    const status st = read_files(dir, test, tmp, a, out, err);
    arena_free(tmp);
    return st;
}
