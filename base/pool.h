/* pool.h -- a fixed team of threads that share a counted loop.
 *
 * Results must not depend on the number of threads: write per-item output and
 * reduce it in order afterwards. */
#ifndef BASE_POOL_H
#define BASE_POOL_H

#include "base/status.h"

struct pool;
/* n_threads >= 1; 0 means one per online CPU.  Owned. */
status pool_new(int n_threads, struct pool **out, struct err *err);
void pool_free(struct pool *p); /* NULL allowed */
int pool_n_threads(const struct pool *p);

/* Calls body(arg, i, i_thread) for every i in [0, n), each once, on any thread
 * (i_thread in [0, n_threads)), and returns when all are done.  Thread 0 is the
 * caller.  p may be NULL: then it is a plain loop. */
void pool_for(struct pool *p, int n, void (*body)(void *arg, int i, int i_thread),
              void *arg);

#endif
