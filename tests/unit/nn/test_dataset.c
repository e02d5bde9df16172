/* test_dataset.c -- IDX and CIFAR-10 files, the split, and what is wrong with files. */
#include "tests/cmocka_all.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/file.h"
#include "nn/dataset.h"

enum { N = 10, SIDE = 3, PIXELS = N * SIDE * SIDE, HEADER = 16, LABEL_HEADER = 8 };

struct fixture {
    struct arena *a;
    char dir[64], spec[80];
    uint8_t images[HEADER + PIXELS + 1], labels[LABEL_HEADER + N];
    struct err err;
};

static void put(const struct fixture *x, const char *name, const void *p, size_t n)
{
    char path[128];
    struct err err;
    snprintf(path, sizeof path, "%s/%s", x->dir, name);
    assert_ok(file_write(path, p, n, &err), err);
}

static void put_gz(const struct fixture *x, const char *name, const void *p, unsigned n)
{
    char path[128];
    snprintf(path, sizeof path, "%s/%s", x->dir, name);
    gzFile f = gzopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(gzwrite(f, p, n), n);
    assert_int_equal(gzclose(f), Z_OK);
}

static int make_fixture(void **state)
{
    struct fixture *x = calloc(1, sizeof *x);
    x->a = arena_new();
    snprintf(x->dir, sizeof x->dir, "/tmp/bitwright_data_XXXXXX");
    if (!mkdtemp(x->dir)) return -1;
    snprintf(x->spec, sizeof x->spec, "idx:%s", x->dir);
    static const uint8_t images[HEADER] = {0, 0, 8, 3,    0, 0, 0, N,
                                           0, 0, 0, SIDE, 0, 0, 0, SIDE};
    static const uint8_t labels[LABEL_HEADER] = {0, 0, 8, 1, 0, 0, 0, N};
    memcpy(x->images, images, sizeof images);
    memcpy(x->labels, labels, sizeof labels);
    for (int i = 0; i < N; i++) {
        memset(x->images + HEADER + i * SIDE * SIDE, 10 * i, SIDE * SIDE);
        x->labels[LABEL_HEADER + i] = (uint8_t)i;
    }
    *state = x;
    return 0;
}

static int drop_fixture(void **state)
{
    struct fixture *x = *state;
    struct err err;
    arena_free(x->a);
    if (file_remove_tree(x->dir, &err) != ST_OK) return -1;
    free(x);
    return 0;
}

/* Writes the test part plain and loads it. */
static status load_test(struct fixture *x, size_t n_images, struct nn_images *out)
{
    put(x, "t10k-images-idx3-ubyte", x->images, n_images);
    put(x, "t10k-labels-idx1-ubyte", x->labels, sizeof x->labels);
    return nn_dataset_load_test(x->spec, x->a, out, &x->err);
}

static void plain_idx_files_are_read(void **state)
{
    struct fixture *x = *state;
    struct nn_images images;
    assert_ok(load_test(x, HEADER + PIXELS, &images), x->err);
    assert_int_equal(images.n, N);
    assert_int_equal(images.H, SIDE);
    assert_int_equal(images.W, SIDE);
    assert_int_equal(images.C, 1);
    assert_int_equal(images.n_classes, 10);
    assert_memory_equal(images.pixels, x->images + HEADER, PIXELS);
    for (int i = 0; i < N; i++)
        assert_int_equal(images.labels[i], x->labels[LABEL_HEADER + i]);
}

static void split_parts_are_disjoint_and_complete(void **state)
{
    struct fixture *x = *state;
    struct nn_dataset d;
    put_gz(x, "train-images-idx3-ubyte.gz", x->images, HEADER + PIXELS);
    put_gz(x, "train-labels-idx1-ubyte.gz", x->labels, sizeof x->labels);
    assert_ok(nn_dataset_load(x->spec, 3, 1, x->a, &d, &x->err), x->err);
    assert_int_equal(d.train.n, N - 3);
    assert_int_equal(d.held_out.n, 3);
    int seen[N] = {0};
    for (int i = 0; i < N; i++) {
        const struct nn_images *part = i < N - 3 ? &d.train : &d.held_out;
        const int j = i < N - 3 ? i : i - (N - 3);
        seen[part->labels[j]]++;
        assert_int_equal(part->pixels[j * SIDE * SIDE], 10 * part->labels[j]);
    }
    for (int i = 0; i < N; i++)
        assert_int_equal(seen[i], 1);
}

static void split_depends_on_its_seed(void **state)
{
    struct fixture *x = *state;
    struct nn_dataset d, same, other;
    put_gz(x, "train-images-idx3-ubyte.gz", x->images, HEADER + PIXELS);
    put_gz(x, "train-labels-idx1-ubyte.gz", x->labels, sizeof x->labels);
    assert_ok(nn_dataset_load(x->spec, 3, 1, x->a, &d, &x->err), x->err);
    assert_ok(nn_dataset_load(x->spec, 3, 1, x->a, &same, &x->err), x->err);
    assert_ok(nn_dataset_load(x->spec, 0, 2, x->a, &other, &x->err), x->err);
    assert_memory_equal(d.train.labels, same.train.labels, 2 * (N - 3));
    assert_memory_equal(d.held_out.labels, same.held_out.labels, 2 * 3);
    assert_memory_not_equal(d.train.labels, other.train.labels, 2 * (N - 3));
    assert_int_equal(other.held_out.n, 0);
    assert_int_equal(nn_dataset_load(x->spec, N, 1, x->a, &d, &x->err), ST_RANGE);
    assert_non_null(strstr(x->err.msg, "expected 0..9 held-out images, found 10"));
}

static void idx_mistakes_are_named(void **state)
{
    static const struct {
        size_t at; /* byte that changes: images, or labels if beyond them     */
        uint8_t to;
        size_t n; /* bytes of the image file                                 */
        status st;
        const char *message;
    } rows[] = {
        {3, 1, HEADER + PIXELS, ST_PARSE,
         "expected magic number 0x00000803, found 0x0"},
        {7, N + 1, HEADER + PIXELS, ST_PARSE, "expected 99 bytes of pixels, found 90"},
        {0, 0, HEADER + PIXELS - 1, ST_PARSE, "found 89; the file is truncated"},
        {0, 0, 6, ST_PARSE, "expected 4 bytes of header, found 2"},
        {0, 0, 0, ST_PARSE, "expected 4 bytes of header, found 0"},
        {0, 0, HEADER + PIXELS + 1, ST_PARSE, "found more bytes"},
        {7, 0, HEADER + PIXELS, ST_RANGE, "byte 4: expected a size in 1..10000000"},
        {8, 1, HEADER + PIXELS, ST_RANGE, "byte 8: expected a size in 1..4096"},
        {1000 + 3, 3, HEADER + PIXELS, ST_PARSE, "expected magic number 0x00000801"},
        {1000 + 7, 9, HEADER + PIXELS, ST_PARSE, "expected 10 labels"},
        {1000 + 12, 17, HEADER + PIXELS, ST_RANGE,
         "byte 12: expected a label in 0..9, found 17"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct fixture *x;
        struct nn_images images;
        (void)state;
        assert_int_equal(make_fixture((void **)&x), 0);
        if (rows[i].at >= 1000)
            x->labels[rows[i].at - 1000] = rows[i].to;
        else
            x->images[rows[i].at] = rows[i].to;
        const status st = load_test(x, rows[i].n, &images);
        if (st != rows[i].st || !strstr(x->err.msg, rows[i].message))
            fail_msg("row %zu: status %d: %s", i, (int)st, x->err.msg);
        assert_non_null(strstr(x->err.msg, x->dir));
        drop_fixture((void **)&x);
    }
}

/* Reserving what the header promises would take 16 GiB. */
static void a_promise_beyond_the_file_takes_no_memory(void **state)
{
    struct fixture *x = *state;
    struct nn_images images;
    static const uint8_t huge[12] = {0, 0x98, 0x96, 0x80, 0, 0, 0, 41, 0, 0, 0, 41};
    memcpy(x->images + 4, huge, sizeof huge); /* 10,000,000 images of 41 x 41 */
    assert_int_equal(load_test(x, HEADER + PIXELS, &images), ST_PARSE);
    assert_non_null(strstr(x->err.msg, "expected 16810000000 bytes of pixels, found 90;"
                                       " the file is truncated"));
}

static void damaged_gzip_files_are_refused(void **state)
{
    struct fixture *x = *state;
    struct nn_images images;
    char *bytes, path[128];
    size_t size;
    for (int i = 0; i < PIXELS; i++) /* hard to compress, so that cuts hit pixels */
        x->images[HEADER + i] = (uint8_t)(i * 151 ^ i >> 2);
    put(x, "t10k-labels-idx1-ubyte", x->labels, sizeof x->labels);
    put_gz(x, "t10k-images-idx3-ubyte.gz", x->images, HEADER + PIXELS);
    snprintf(path, sizeof path, "%s/t10k-images-idx3-ubyte.gz", x->dir);
    assert_ok(file_read(path, x->a, &bytes, &size, &x->err), x->err);
    for (size_t n = 0; n < size; n++) {
        put(x, "t10k-images-idx3-ubyte.gz", bytes, n);
        const status st = nn_dataset_load_test(x->spec, x->a, &images, &x->err);
        if (st != ST_PARSE) fail_msg("cut to %zu of %zu: %d", n, size, (int)st);
        assert_non_null(strstr(x->err.msg, path));
    }
    bytes[size - 5] ^= 0x10; /* the checksum */
    put(x, "t10k-images-idx3-ubyte.gz", bytes, size);
    assert_int_equal(nn_dataset_load_test(x->spec, x->a, &images, &x->err), ST_PARSE);
}

static void missing_files_and_unknown_specs_are_named(void **state)
{
    struct fixture *x = *state;
    struct nn_images images;
    assert_int_equal(nn_dataset_load_test(x->spec, x->a, &images, &x->err),
                     ST_NOT_FOUND);
    assert_non_null(strstr(x->err.msg, "t10k-images-idx3-ubyte"));
    assert_int_equal(nn_dataset_load_test("mnist", x->a, &images, &x->err), ST_USAGE);
    assert_non_null(
        strstr(x->err.msg, "expected idx:DIR or cifar10:DIR, found 'mnist'"));
}

static void cifar10_records_become_nhwc(void **state)
{
    enum { RECORD = 3073, PLANE = 1024 };
    struct fixture *x = *state;
    struct nn_images images;
    static uint8_t records[2 * RECORD];
    for (int i = 0; i < 2 * RECORD; i++)
        records[i] = (uint8_t)(i * 7 + i / 256);
    records[0] = 3;
    records[RECORD] = 9;
    put(x, "test_batch.bin", records, sizeof records);
    snprintf(x->spec, sizeof x->spec, "cifar10:%s", x->dir);
    assert_ok(nn_dataset_load_test(x->spec, x->a, &images, &x->err), x->err);
    assert_int_equal(images.n, 2);
    assert_int_equal(images.C, 3);
    assert_int_equal(images.labels[1], 9);
    for (int c = 0; c < 3; c++)
        assert_int_equal(images.pixels[3072 + 77 * 3 + c],
                         records[RECORD + 1 + c * PLANE + 77]);
    records[RECORD] = 10;
    put(x, "test_batch.bin", records, sizeof records);
    assert_int_equal(nn_dataset_load_test(x->spec, x->a, &images, &x->err), ST_RANGE);
    assert_non_null(
        strstr(x->err.msg, "byte 3073: expected a label in 0..9, found 10"));
    put(x, "test_batch.bin", records, sizeof records - 1);
    assert_int_equal(nn_dataset_load_test(x->spec, x->a, &images, &x->err), ST_PARSE);
    assert_non_null(strstr(x->err.msg, "records of 3073 bytes, found 6145 bytes"));
}

static void the_packaged_test_set_is_whole(void **state)
{
    struct fixture *x = *state;
    struct nn_images images;
    assert_ok(nn_dataset_load_test("idx:/usr/share/datasets/fashion-mnist", x->a,
                                   &images, &x->err),
              x->err);
    assert_int_equal(images.n, 10000);
    int per_class[10] = {0};
    for (int i = 0; i < images.n; i++)
        per_class[images.labels[i]]++;
    for (int c = 0; c < 10; c++)
        assert_int_equal(per_class[c], 1000);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, make_fixture, drop_fixture)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(plain_idx_files_are_read),
        TEST(split_parts_are_disjoint_and_complete),
        TEST(split_depends_on_its_seed),
        cmocka_unit_test(idx_mistakes_are_named),
        TEST(a_promise_beyond_the_file_takes_no_memory),
        TEST(damaged_gzip_files_are_refused),
        TEST(missing_files_and_unknown_specs_are_named),
        TEST(cifar10_records_become_nhwc),
        TEST(the_packaged_test_set_is_whole),
    };
    return cmocka_run_group_tests_name("nn/dataset", tests, NULL, NULL);
}
