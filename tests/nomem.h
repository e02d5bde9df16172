/* nomem.h -- "fail the Nth allocation": for tests named test_*_nomem.c, which the
 * Makefile links with -Wl,--wrap=malloc and its kin.  Include it once per test.
 *
 * Only allocations of our own code are counted and refused: libraries that are
 * linked dynamically keep their own malloc. */
#ifndef TESTS_NOMEM_H
#define TESTS_NOMEM_H

#include <stddef.h>

/* Allocations until one is refused; negative: none is. */
static long nomem_countdown = -1;

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t size);
void *__real_aligned_alloc(size_t alignment, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t size);
void *__wrap_aligned_alloc(size_t alignment, size_t size);

static int nomem_refuses(void)
{
    return nomem_countdown >= 0 && nomem_countdown-- == 0;
}

void *__wrap_malloc(size_t size)
{
    return nomem_refuses() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t n, size_t size)
{
    return nomem_refuses() ? NULL : __real_calloc(n, size);
}

void *__wrap_realloc(void *p, size_t size)
{
    return nomem_refuses() ? NULL : __real_realloc(p, size);
}

void *__wrap_aligned_alloc(size_t alignment, size_t size)
{
    return nomem_refuses() ? NULL : __real_aligned_alloc(alignment, size);
}

/* Runs task with its allocation 0, 1, 2, ... refused until one run needs no more
 * of them.  Every run before that must return ST_NOMEM; what it leaks is for the
 * sanitizer.  Returns how many runs were refused memory. */
static int nomem_sweep(status (*task)(void *arg, struct err *err), void *arg)
{
    for (int n = 0;; n++) {
        struct err err = {.msg = ""};
        nomem_countdown = n;
        const status st = task(arg, &err);
        const int refused = nomem_countdown < 0;
        nomem_countdown = -1;
        if (!refused) {
            if (st != ST_OK) fail_msg("with memory enough: %s", err.msg);
            return n;
        }
        if (st != ST_NOMEM || !err.msg[0])
            fail_msg("allocation %d refused: status %d, message '%s'", n, (int)st,
                     err.msg);
    }
}

#endif
