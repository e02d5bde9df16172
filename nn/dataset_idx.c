/* dataset_idx.c -- MNIST-style IDX files, plain or gzip-compressed.
 *
 * An IDX file is a big-endian magic number (0, 0, element type, dimensions), one
 * 32-bit size per dimension and the elements, row-major.  zlib reads plain files as
 * they are, so both spellings take one path.  The size must be exact: a byte missing
 * or left over is an error. */
#include <sys/stat.h>
#include <zlib.h>

#include "base/file.h"
#include "nn/dataset_internal.h"

enum { MAGIC_IMAGES = 0x00000803, MAGIC_LABELS = 0x00000801 };

struct idx_file {
    gzFile gz;
    const char *path;
};

/* DIR/NAME or DIR/NAME.gz, whichever is there. */
static status idx_open(const char *dir, const char *name, struct arena *a,
                       struct idx_file *f, struct err *err)
{
    f->gz = NULL;
    const char *plain = file_join(a, dir, name);
    const char *packed = plain ? arena_printf(a, "%s.gz", plain) : NULL;
    if (!packed) return arena_exhausted(err);
    f->path = file_exists(plain) ? plain : packed;
    f->gz = gzopen(f->path, "rb");
    if (f->gz) return ST_OK;
    return err_set(err, ST_NOT_FOUND,
                   "%s: expected an IDX file here or at %s, found none", plain, packed);
}

static void idx_close(struct idx_file *f)
{
    if (f->gz) (void)gzclose_r(f->gz);
    f->gz = NULL;
}

/* The failure behind a short read: damaged compression or a short file. */
static status idx_short(const struct idx_file *f, const char *what, size_t want,
                        size_t got, struct err *err)
{
    int code = Z_OK;
    const char *why = gzerror(f->gz, &code);
    if (code != Z_OK && code != Z_BUF_ERROR)
        return err_set(err, ST_PARSE, "%s: expected gzip data, found damage: %s",
                       f->path, why);
    return err_set(err, ST_PARSE,
                   "%s: expected %zu bytes of %s, found %zu; the file is "
                   "truncated",
                   f->path, want, what, got);
}

/* Refuses a header that promises more than a plain file holds before memory is taken
 * for it.  What a compressed file holds is known at its end only. */
static status idx_expect_left(const struct idx_file *f, const char *what, size_t n,
                              struct err *err)
{
    struct stat st;
    if (!gzdirect(f->gz) || stat(f->path, &st) != 0 || !S_ISREG(st.st_mode))
        return ST_OK;
    const size_t size = (size_t)st.st_size, at = (size_t)gztell(f->gz);
    const size_t left = size > at ? size - at : 0;
    return left < n ? idx_short(f, what, n, left, err) : ST_OK;
}

static status idx_read(struct idx_file *f, const char *what, void *p, size_t n,
                       struct err *err)
{
    size_t done = 0;
    while (done < n) {
        const size_t left = n - done;
        const unsigned chunk = left < (1U << 24) ? (unsigned)left : 1U << 24;
        const int got = gzread(f->gz, (char *)p + done, chunk);
        if (got <= 0) return idx_short(f, what, n, done, err);
        done += (size_t)got;
    }
    return ST_OK;
}

static status idx_read_u32(struct idx_file *f, const char *what, uint32_t *out,
                           struct err *err)
{
    uint8_t b[4];
    TRY(idx_read(f, what, b, sizeof b, err));
    *out = (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
    return ST_OK;
}

/* Reads the magic number and n_sizes sizes, each in 1..limit; one more, else 1, where
 * has_more allows it: the number of sizes is the last byte of the magic number. */
static status idx_header(struct idx_file *f, uint32_t magic, int n_sizes, bool has_more,
                         const uint32_t *limits, int32_t *sizes, struct err *err)
{
    uint32_t found;
    TRY(idx_read_u32(f, "header", &found, err));
    if (has_more) sizes[n_sizes] = 1;
    if (has_more && found == magic + 1)
        n_sizes++;
    else if (found != magic)
        return err_set(err, ST_PARSE, "%s: expected magic number 0x%08x, found 0x%08x",
                       f->path, magic, found);
    for (int i = 0; i < n_sizes; i++) {
        TRY(idx_read_u32(f, "header", &found, err));
        if (found < 1 || found > limits[i])
            return err_set(err, ST_RANGE,
                           "%s: byte %d: expected a size in 1..%u, found %u", f->path,
                           4 + 4 * i, limits[i], found);
        sizes[i] = (int32_t)found;
    }
    return ST_OK;
}

/* gzip's checksum is verified by the read that meets the end of the stream. */
static status idx_expect_end(struct idx_file *f, struct err *err)
{
    char extra;
    const int got = gzread(f->gz, &extra, 1);
    if (got == 0) {
        int code = Z_OK;
        (void)gzerror(f->gz, &code);
        if (code == Z_OK) return ST_OK;
    }
    if (got > 0)
        return err_set(err, ST_PARSE,
                       "%s: expected the end of the file after its "
                       "elements, found more bytes",
                       f->path);
    return err_set(err, ST_PARSE,
                   "%s: expected gzip data up to its checksum, found a "
                   "truncated or damaged end",
                   f->path);
}

static status read_images(struct idx_file *f, struct arena *a, struct nn_images *out,
                          struct err *err)
{
    static const uint32_t limits[4] = {10000000, 4096, 4096, 4096};
    int32_t sizes[4]; /* n, H, W, C */
    TRY(idx_header(f, MAGIC_IMAGES, 3, true, limits, sizes, err));
    const size_t n =
        (size_t)sizes[0] * (size_t)sizes[1] * (size_t)sizes[2] * (size_t)sizes[3];
    if (n > (size_t)1 << 34) /* at most 2^60 */
        return err_set(err, ST_RANGE,
                       "%s: expected at most 16 GiB of pixels, found %zu "
                       "bytes",
                       f->path, n);
    TRY(idx_expect_left(f, "pixels", n, err));
    uint8_t *pixels = ARENA_NEW(a, uint8_t, n);
    if (!pixels) return arena_exhausted(err);
    TRY(idx_read(f, "pixels", pixels, n, err));
    TRY(idx_expect_end(f, err));
    *out = (struct nn_images){.n = sizes[0], .H = sizes[1], .W = sizes[2]};
    out->C = sizes[3];
    out->n_classes = DATASET_N_CLASSES;
    out->pixels = pixels;
    return ST_OK;
}

static status read_labels(struct idx_file *f, struct arena *a, struct nn_images *out,
                          struct err *err)
{
    static const uint32_t limits[1] = {10000000};
    int32_t n;
    TRY(idx_header(f, MAGIC_LABELS, 1, false, limits, &n, err));
    if (n != out->n)
        return err_set(err, ST_PARSE,
                       "%s: expected %d labels, as many as images, found "
                       "%d",
                       f->path, out->n, n);
    uint8_t *bytes = ARENA_NEW(a, uint8_t, (size_t)n);
    uint16_t *labels = ARENA_NEW(a, uint16_t, (size_t)n);
    if (!bytes || !labels) return arena_exhausted(err);
    TRY(idx_read(f, "labels", bytes, (size_t)n, err));
    TRY(idx_expect_end(f, err));
    for (int32_t i = 0; i < n; i++)
        labels[i] = bytes[i];
    out->labels = labels;
    return dataset_check_labels(f->path, labels, n, 8, 1, err);
}

status dataset_read_idx(const char *dir, bool test, struct arena *a,
                        struct nn_images *out, struct err *err)
{
    struct idx_file f;
    TRY(idx_open(dir, test ? "t10k-images-idx3-ubyte" : "train-images-idx3-ubyte", a,
                 &f, err));
    status st = read_images(&f, a, out, err);
    idx_close(&f);
    if (st != ST_OK) return st;
    TRY(idx_open(dir, test ? "t10k-labels-idx1-ubyte" : "train-labels-idx1-ubyte", a,
                 &f, err));
    st = read_labels(&f, a, out, err);
    idx_close(&f);
    return st;
}
