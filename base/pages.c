/* pages.c -- see pages.h.
 *
 * Mapped with one large page to spare, so that the block can start on a boundary; the
 * kernel hands pages out zeroed. */
#define _DEFAULT_SOURCE /* madvise, MAP_ANONYMOUS */
#include "base/pages.h"

#include <stdint.h>
#include <sys/mman.h>

enum { LARGE = 2 * 1024 * 1024 };

static size_t rounded(size_t n) { return (n / LARGE + 1) * LARGE; }

void *pages_new(size_t n)
{
    if (n > SIZE_MAX / 2) return NULL;
    const size_t size = rounded(n) + LARGE;
    unsigned char *map =
        mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (map == MAP_FAILED) return NULL;
    const size_t before = (LARGE - (uintptr_t)map % LARGE) % LARGE;
    if (before) munmap(map, before);
    if (before < LARGE) munmap(map + before + rounded(n), LARGE - before);
#ifdef MADV_HUGEPAGE
    (void)madvise(map + before, rounded(n), MADV_HUGEPAGE); /* may be refused */
#endif
    return map + before;
}

void pages_release(void *from, size_t n)
{
    unsigned char *p = from;
    const size_t before = (LARGE - (uintptr_t)p % LARGE) % LARGE;
    if (n < before + LARGE) return;
    (void)madvise(p + before, (n - before) / LARGE * LARGE, MADV_DONTNEED);
}

void pages_free(void *p, size_t n)
{
    if (p) munmap(p, rounded(n));
}
