/* arena.h -- bump allocator: many allocations, one owner, one free. */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stddef.h>

#include "base/status.h"

struct arena;

struct arena *arena_new(void);    /* NULL on exhaustion; caller owns           */
void arena_free(struct arena *a); /* frees everything in it; NULL allowed     */

/* Zeroed, aligned to 64 bytes; lives until arena_free(a).
 * Returns NULL on exhaustion or if n * size overflows. */
void *arena_alloc(struct arena *a, size_t n, size_t size)
    __attribute__((malloc, warn_unused_result));
#define ARENA_NEW(a, type, n) ((type *)arena_alloc((a), (n), sizeof(type)))

/* Copy of a string (of its first n bytes), in arena; NULL on exhaustion. */
char *arena_strdup(struct arena *a, const char *s);
char *arena_strndup(struct arena *a, const char *s, size_t n);
/* Formatted string, in arena; NULL on exhaustion. */
char *arena_printf(struct arena *a, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* The message that goes with a NULL from any of the above. */
status arena_exhausted(struct err *err);

#endif
