/* arena.c -- see arena.h.
 *
 * A list of chunks; the newest serves requests until it is full.  A request that
 * is larger than a quarter of a chunk gets a chunk of its own, placed behind the
 * newest, so that little of the current chunk is wasted. */
#include "base/arena.h"

#include <stdalign.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    ALIGN = 64,             /* a cache line; enough for every vector type      */
    CHUNK_BYTES = 64 * 1024 /* payload of an ordinary chunk                    */
};

struct chunk {
    alignas(ALIGN) struct chunk *next;
    size_t size, used; /* payload [byte] */
    alignas(ALIGN) unsigned char payload[];
};

struct arena {
    struct chunk *head;
};

struct arena *arena_new(void) { return calloc(1, sizeof(struct arena)); }

void arena_free(struct arena *a)
{
    if (!a) return;
    for (struct chunk *c = a->head, *next; c; c = next) {
        next = c->next;
        free(c);
    }
    free(a);
}

/* n bytes of payload, linked in as head (or behind it). */
static struct chunk *chunk_add(struct arena *a, size_t n, int behind)
{
    struct chunk *c = aligned_alloc(ALIGN, sizeof *c + n);
    if (!c) return NULL;
    c->size = n;
    c->used = 0;
    struct chunk **link = behind && a->head ? &a->head->next : &a->head;
    c->next = *link;
    *link = c;
    return c;
}

void *arena_alloc(struct arena *a, size_t n, size_t size)
{
    if (size && n > (SIZE_MAX - CHUNK_BYTES) / size) return NULL;
    const size_t bytes = n * size;
    const size_t room = (bytes ? bytes + ALIGN - 1 : ALIGN) / ALIGN * ALIGN;
    struct chunk *c = a->head;
    if (!c || c->size - c->used < room) {
        const int own = room > CHUNK_BYTES / 4;
        c = chunk_add(a, own ? room : CHUNK_BYTES, own);
        if (!c) return NULL;
    }
    void *p = c->payload + c->used;
    c->used += room;
    return memset(p, 0, bytes);
}

char *arena_strndup(struct arena *a, const char *s, size_t n)
{
    const char *end = memchr(s, '\0', n);
    const size_t len = end ? (size_t)(end - s) : n;
    char *p = arena_alloc(a, len + 1, 1);
    return p ? memcpy(p, s, len) : NULL;
}

char *arena_strdup(struct arena *a, const char *s)
{
    return arena_strndup(a, s, strlen(s));
}

char *arena_printf(struct arena *a, const char *fmt, ...)
{
    va_list ap, again;
    va_start(ap, fmt);
    va_copy(again, ap);
    const int n = vsnprintf(NULL, 0, fmt, ap);
    va_end(ap);
    char *p = n < 0 ? NULL : arena_alloc(a, (size_t)n + 1, 1);
    if (p) vsnprintf(p, (size_t)n + 1, fmt, again);
    va_end(again);
    return p;
}

status arena_exhausted(struct err *err)
{
    return err_set(err, ST_NOMEM, "out of memory");
}
