/* pages.h -- a large zeroed block of memory, on large pages where the system has them.
 *
 * Pages come with their first use: memory that is asked for and never touched costs
 * nothing.  Streams through hundreds of MiB run faster on pages of 2 MiB, which are not
 * cut off every 4 KiB by a translation and where prefetching stops. */
#ifndef BASE_PAGES_H
#define BASE_PAGES_H

#include <stddef.h>

/* At least n bytes, aligned to 2 MiB; NULL on exhaustion.  Owned: pages_free. */
void *pages_new(size_t n);
void pages_free(void *p, size_t n); /* n as asked for; NULL allowed */
/* Gives back the memory of the whole pages in [from, from + n) of a block; what is
 * there afterwards is undefined. */
void pages_release(void *from, size_t n);

#endif
