/* hash.h -- content keys: XXH3-128 as 32 hexadecimal digits. */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

struct hash_key {
    char hex[33]; /* NUL-terminated */
};

struct hash;                 /* running hash */
struct hash *hash_new(void); /* NULL on exhaustion; owned                     */
void hash_bytes(struct hash *h, const void *p, size_t n);
void hash_text(struct hash *h, const char *s); /* length-prefixed              */
void hash_i64(struct hash *h, int64_t v);
struct hash_key hash_free_key(struct hash *h); /* frees h, returns its key     */

struct hash_key hash_of_bytes(const void *p, size_t n);
status hash_of_file(const char *path, struct hash_key *out, struct err *err);

#endif
