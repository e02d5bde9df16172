/* hash.c -- see hash.h. */
#include "base/hash.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

struct hash {
    XXH3_state_t *state;
};

struct hash *hash_new(void)
{
    struct hash *h = malloc(sizeof *h);
    if (h && !(h->state = XXH3_createState())) {
        free(h);
        return NULL;
    }
    if (h) XXH3_128bits_reset(h->state);
    return h;
}

void hash_bytes(struct hash *h, const void *p, size_t n)
{
    if (n) XXH3_128bits_update(h->state, p, n);
}

void hash_text(struct hash *h, const char *s)
{
    const size_t n = strlen(s);
    hash_i64(h, (int64_t)n);
    hash_bytes(h, s, n);
}

void hash_i64(struct hash *h, int64_t v)
{
    unsigned char b[8]; /* little endian on every machine */
    for (int i = 0; i < 8; i++)
        b[i] = (unsigned char)((uint64_t)v >> (8 * i));
    hash_bytes(h, b, sizeof b);
}

static struct hash_key key_of(XXH128_hash_t v)
{
    struct hash_key k;
    snprintf(k.hex, sizeof k.hex, "%016llx%016llx", (unsigned long long)v.high64,
             (unsigned long long)v.low64);
    return k;
}

struct hash_key hash_free_key(struct hash *h)
{
    const struct hash_key k = key_of(XXH3_128bits_digest(h->state));
    XXH3_freeState(h->state);
    free(h);
    return k;
}

struct hash_key hash_of_bytes(const void *p, size_t n)
{
    return key_of(XXH3_128bits(p, n));
}

status hash_of_file(const char *path, struct hash_key *out, struct err *err)
{
    FILE *f = fopen(path, "rb");
    if (!f)
        return err_set(err, ST_NOT_FOUND, "%s: cannot open: %s", path, strerror(errno));
    struct hash *h = hash_new();
    if (!h) {
        fclose(f);
        return err_set(err, ST_NOMEM, "out of memory");
    }
    unsigned char block[16384];
    size_t n;
    while ((n = fread(block, 1, sizeof block, f)) > 0)
        hash_bytes(h, block, n);
    const int failed = ferror(f), saved = errno;
    fclose(f);
    *out = hash_free_key(h);
    if (failed)
        return err_set(err, ST_IO, "%s: cannot read: %s", path, strerror(saved));
    return ST_OK;
}
