/* pool.c -- see pool.h.
 *
 * A loop is announced by a new generation number under the mutex; every thread
 * takes indices from an atomic counter until they run out and reports back.  The
 * caller is thread 0 and waits for the last report. */
#include "base/pool.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct worker {
    struct pool *pool;
    int i_thread;
    pthread_t thread;
};

struct pool {
    int n_threads;
    struct worker *workers; /* (n_threads); entry 0 is the caller, not started */
    pthread_mutex_t lock;
    pthread_cond_t go, done;
    unsigned generation; /* of the loop being run                             */
    int n_busy;          /* workers that have not finished this loop          */
    bool stop;
    int n; /* the loop: bound, body, next index             */
    void (*body)(void *arg, int i, int i_thread);
    void *arg;
    atomic_int next;
};

static void run_items(struct pool *p, int i_thread)
{
    for (int i; (i = atomic_fetch_add(&p->next, 1)) < p->n;)
        p->body(p->arg, i, i_thread);
}

static void *worker_main(void *arg)
{
    const struct worker *w = arg;
    struct pool *p = w->pool;
    unsigned seen = 0;
    pthread_mutex_lock(&p->lock);
    for (;;) {
        while (!p->stop && p->generation == seen)
            pthread_cond_wait(&p->go, &p->lock);
        if (p->stop) break;
        seen = p->generation;
        pthread_mutex_unlock(&p->lock);
        run_items(p, w->i_thread);
        pthread_mutex_lock(&p->lock);
        if (--p->n_busy == 0) pthread_cond_signal(&p->done);
    }
    pthread_mutex_unlock(&p->lock);
    return NULL;
}

static void pool_stop(struct pool *p, int n_started)
{
    pthread_mutex_lock(&p->lock);
    p->stop = true;
    pthread_cond_broadcast(&p->go);
    pthread_mutex_unlock(&p->lock);
    for (int i = 1; i < n_started; i++)
        pthread_join(p->workers[i].thread, NULL);
    pthread_cond_destroy(&p->go);
    pthread_cond_destroy(&p->done);
    pthread_mutex_destroy(&p->lock);
    free(p->workers);
    free(p);
}

status pool_new(int n_threads, struct pool **out, struct err *err)
{
    if (n_threads == 0) n_threads = (int)sysconf(_SC_NPROCESSORS_ONLN);
    if (n_threads < 1 || n_threads > 1024)
        return err_set(err, ST_RANGE, "expected 1 to 1024 threads, found %d",
                       n_threads);
    struct pool *p = calloc(1, sizeof *p);
    struct worker *w = calloc((size_t)n_threads, sizeof *w);
    if (!p || !w) {
        free(p);
        free(w);
        return err_set(err, ST_NOMEM, "out of memory for %d threads", n_threads);
    }
    p->n_threads = n_threads;
    p->workers = w;
    pthread_mutex_init(&p->lock, NULL);
    pthread_cond_init(&p->go, NULL);
    pthread_cond_init(&p->done, NULL);
    for (int i = 1; i < n_threads; i++) {
        w[i] = (struct worker){.pool = p, .i_thread = i};
        const int rc = pthread_create(&w[i].thread, NULL, worker_main, &w[i]);
        if (rc == 0) continue;
        pool_stop(p, i);
        return err_set(err, ST_NOMEM, "cannot start thread %d: %s", i, strerror(rc));
    }
    *out = p;
    return ST_OK;
}

void pool_free(struct pool *p)
{
    if (p) pool_stop(p, p->n_threads);
}

int pool_n_threads(const struct pool *p) { return p ? p->n_threads : 1; }

void pool_for(struct pool *p, int n, void (*body)(void *arg, int i, int i_thread),
              void *arg)
{
    if (!p || p->n_threads == 1 || n <= 1) {
        for (int i = 0; i < n; i++)
            body(arg, i, 0);
        return;
    }
    pthread_mutex_lock(&p->lock);
    p->n = n;
    p->body = body;
    p->arg = arg;
    atomic_store(&p->next, 0);
    p->n_busy = p->n_threads - 1;
    p->generation++;
    pthread_cond_broadcast(&p->go);
    pthread_mutex_unlock(&p->lock);
    run_items(p, 0);
    pthread_mutex_lock(&p->lock);
    while (p->n_busy > 0)
        pthread_cond_wait(&p->done, &p->lock);
    pthread_mutex_unlock(&p->lock);
}
