/* trainer_prefetch.c -- the next batch, loaded on a thread of its own while a step
 * runs.
 *
 * The thread fills a second pair of buffers (pixels, labels), which change places with
 * the trainer's when a step asks for the batch that they hold; a step that asks for
 * another one loads it itself.  What a batch is made of depends on the seed, the epoch
 * and its number only, so that results are the same with and without the thread.
 * Images are read between tr_prefetch_start and tr_prefetch_wait only. */
#include <pthread.h>
#include <stdlib.h>

#include "nn/trainer_internal.h"

enum state { EMPTY, WANTED, LOADED, STOP };

struct tr_prefetch {
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    enum state state;
    int32_t n;               /* images of a batch                               */
    struct tr_load load;     /* its buffers and `images` are ours               */
    struct nn_images images; /* a copy: the caller's may be gone when compared  */
};

static void *thread_main(void *arg)
{
    struct tr_prefetch *p = arg;
    pthread_mutex_lock(&p->lock);
    for (;;) {
        while (p->state != WANTED && p->state != STOP)
            pthread_cond_wait(&p->changed, &p->lock);
        if (p->state == STOP) break;
        pthread_mutex_unlock(&p->lock);
        tr_load_images(&p->load, 0, p->n);
        pthread_mutex_lock(&p->lock);
        p->state = LOADED;
        pthread_cond_broadcast(&p->changed);
    }
    pthread_mutex_unlock(&p->lock);
    return NULL;
}

static struct tr_prefetch *start(struct nn_trainer *t)
{
    struct tr_prefetch *p = ARENA_NEW(t->arena, struct tr_prefetch, 1);
    if (!p) return NULL;
    const size_t n = (size_t)t->opt.batch;
    *p = (struct tr_prefetch){.state = EMPTY, .n = t->opt.batch};
    p->load.code = arena_alloc(t->arena, n * (size_t)t->nodes[0].size, sizeof(float));
    p->load.labels = arena_alloc(t->arena, n, sizeof *t->labels);
    if (!p->load.code || !p->load.labels) return NULL;
    pthread_mutex_init(&p->lock, NULL);
    pthread_cond_init(&p->changed, NULL);
    if (pthread_create(&p->thread, NULL, thread_main, p) == 0) return p;
    pthread_cond_destroy(&p->changed);
    pthread_mutex_destroy(&p->lock);
    return NULL;
}

static void set_state(struct tr_prefetch *p, enum state s)
{
    pthread_mutex_lock(&p->lock);
    p->state = s;
    pthread_cond_broadcast(&p->changed);
    pthread_mutex_unlock(&p->lock);
}

void tr_prefetch_start(struct nn_trainer *t, const struct tr_load *load)
{
    if (!t->ahead && !t->no_ahead) t->ahead = start(t);
    struct tr_prefetch *p = t->ahead;
    t->no_ahead = !p;
    if (!p) return;
    tr_prefetch_wait(t);
    float *const code = p->load.code;
    uint16_t *const labels = p->load.labels;
    p->images = *load->images;
    p->load = *load;
    p->load.images = &p->images;
    p->load.code = code;
    p->load.labels = labels;
    set_state(p, WANTED);
}

void tr_prefetch_wait(struct nn_trainer *t)
{
    struct tr_prefetch *p = t->ahead;
    if (!p) return;
    pthread_mutex_lock(&p->lock);
    while (p->state == WANTED)
        pthread_cond_wait(&p->changed, &p->lock);
    pthread_mutex_unlock(&p->lock);
}

static bool is_same(const struct tr_load *a, const struct tr_load *b)
{
    return a->images->pixels == b->images->pixels && a->images->n == b->images->n &&
           a->order == b->order && a->first == b->first && a->epoch == b->epoch &&
           a->augment == b->augment;
}

bool tr_prefetch_take(struct nn_trainer *t, const struct tr_load *load)
{
    struct tr_prefetch *p = t->ahead;
    tr_prefetch_wait(t);
    if (!p || p->state != LOADED || !is_same(&p->load, load)) return false;
    float *const code = p->load.code;
    uint16_t *const labels = p->load.labels;
    p->load.code = t->nodes[0].code;
    p->load.labels = t->labels;
    t->nodes[0].code = code;
    t->labels = labels;
    p->state = EMPTY;
    return true;
}

void tr_prefetch_free(struct nn_trainer *t)
{
    struct tr_prefetch *p = t->ahead;
    if (!p) return;
    tr_prefetch_wait(t);
    set_state(p, STOP);
    pthread_join(p->thread, NULL);
    pthread_cond_destroy(&p->changed);
    pthread_mutex_destroy(&p->lock);
}
