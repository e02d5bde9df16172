/* trainer_checkpoint.c -- the whole state of training in one file; this file owns the
 * format.
 *
 *   "bitwright checkpoint 1\n"         magic and version
 *   key[33]                            hash of network shape, options and run, in hex
 *   fit_step i64, fit_loss f64         position of nn_trainer_fit
 *   per layer   weights, gamma, beta, bias (value and velocity each, f32), running
 *               mean and variance (f32), then 2 x 8 steps (value and velocity, f64)
 *   per stream group   its step (value and velocity, f64)
 *   hash[33]                           of everything before
 * Numbers are in the byte order of the machine; a file from the other kind does not
 * match its own hash key. */
#include <string.h>

#include "base/file.h"
#include "base/hash.h"
#include "nn/trainer_internal.h"

static const char magic[] = "bitwright checkpoint 1\n";

/* One walk over the state serves both directions, and hashing alone. */
struct stream {
    FILE *f;          /* writing, or NULL          */
    const char *from; /* reading: rest of the file, or NULL */
    size_t left;
    struct hash *hash;
    bool failed; /* short read, write error */
};

static void bytes(struct stream *s, void *p, size_t n)
{
    if (s->failed) return;
    if (s->f) {
        s->failed = fwrite(p, 1, n, s->f) != n;
    } else if (s->from) {
        s->failed = s->left < n;
        if (s->failed) return;
        memcpy(p, s->from, n);
        s->from += n;
        s->left -= n;
    }
    hash_bytes(s->hash, p, n);
}

static void floats(struct stream *s, float *p, int64_t n)
{
    if (p && n) bytes(s, p, sizeof *p * (size_t)n);
}

static void param(struct stream *s, struct tr_param *p)
{
    floats(s, p->value, p->n);
    floats(s, p->velocity, p->n);
}

static void step(struct stream *s, struct tr_step *p)
{
    bytes(s, &p->value, sizeof p->value);
    bytes(s, &p->velocity, sizeof p->velocity);
}

struct position {
    int64_t step;
    double loss;
};

static void state(struct stream *s, const struct nn_trainer *t, struct position *at)
{
    bytes(s, &at->step, sizeof at->step);
    bytes(s, &at->loss, sizeof at->loss);
    for (int32_t i = 0; i < t->graph->n_layers; i++) {
        struct tr_layer *l = &t->layers[i];
        param(s, &l->weights);
        param(s, &l->gamma);
        param(s, &l->beta);
        param(s, &l->bias);
        floats(s, l->run_mean, l->gamma.n);
        floats(s, l->run_var, l->gamma.n);
        for (int bits = 1; bits < NN_BITS; bits++) {
            step(s, &l->w_step[bits]);
            step(s, &l->a_step[bits]);
        }
    }
    for (int32_t g = 0; g < t->n_groups; g++)
        step(s, &t->groups[g].step);
}

void tr_hash_state(const struct nn_trainer *t, struct hash *h)
{
    struct stream s = {.hash = h};
    struct position at = {0, 0};
    state(&s, t, &at);
}

/* What most networks do not have, and whose states need not know of it. */
static void hash_variants(struct hash *h, const struct nn_node *n)
{
    const struct nn_pool *p = &n->pool;
    if (n->shape.groups > 1) hash_i64(h, n->shape.groups);
    if (n->clip > 0) hash_bytes(h, &n->clip, sizeof n->clip);
    if (n->op != NN_MAXPOOL) return;
    const int64_t fields[] = {p->R,        p->S,       p->stride_h,
                              p->stride_w, p->pad_top, p->pad_left};
    for (size_t k = 0; k < sizeof fields / sizeof *fields; k++)
        hash_i64(h, fields[k]);
}

/* What the state belongs to: the network's structure and the options; "" on
 * exhaustion. */
static struct hash_key identity(const struct nn_trainer *t)
{
    struct hash *h = hash_new();
    if (!h) return (struct hash_key){""};
    for (int32_t i = 0; i < t->graph->n_nodes; i++) {
        const struct nn_node *n = &t->graph->nodes[i];
        hash_text(h, n->name);
        const int64_t fields[] = {n->op,
                                  n->n_inputs,
                                  n->inputs[0],
                                  n->inputs[1],
                                  n->H,
                                  n->W,
                                  n->C,
                                  n->relu,
                                  n->bn != NULL,
                                  n->bias != NULL,
                                  n->shape.R,
                                  n->shape.S,
                                  n->shape.stride_h,
                                  n->shape.stride_w,
                                  n->shape.pad_top,
                                  n->shape.pad_left};
        for (size_t k = 0; k < sizeof fields / sizeof *fields; k++)
            hash_i64(h, fields[k]);
        hash_variants(h, n);
        if (n->op != NN_SHORTCUT) continue;
        hash_i64(h, n->shortcut.stride_h);
        hash_i64(h, n->shortcut.stride_w);
        hash_i64(h, n->shortcut.before);
    }
    if (t->graph->input_zero) {
        const size_t C = (size_t)t->graph->nodes[0].C;
        hash_bytes(h, t->graph->input_zero, C * sizeof(float));
        hash_bytes(h, &t->graph->input_scale, sizeof t->graph->input_scale);
    }
    hash_i64(h, t->opt.batch);
    hash_bytes(h, &t->opt.lr, sizeof t->opt.lr);
    hash_bytes(h, &t->opt.momentum, sizeof t->opt.momentum);
    hash_bytes(h, &t->opt.weight_decay, sizeof t->opt.weight_decay);
    hash_i64(h, t->opt.warmup_steps);
    hash_i64(h, t->opt.augment ? t->opt.shift : -1);
    if (t->opt.fp32_backward) hash_i64(h, 1);
    hash_bytes(h, &t->opt.distill, sizeof t->opt.distill);
    hash_bytes(h, &t->opt.temperature, sizeof t->opt.temperature);
    hash_i64(h, t->opt.equalise);
    hash_i64(h, (int64_t)t->opt.seed);
    hash_bytes(h, &t->fit_key, sizeof t->fit_key);
    return hash_free_key(h);
}

status nn_trainer_save(const struct nn_trainer *t, const char *path, struct err *err)
{
    struct file_out out;
    TRY(file_out_open(path, &out, err));
    struct stream s = {.f = out.f, .hash = hash_new()};
    struct hash_key key = identity(t);
    if (!s.hash || !key.hex[0]) {
        if (s.hash) hash_free_key(s.hash);
        file_out_abort(&out);
        return arena_exhausted(err);
    }
    char head[sizeof magic];
    memcpy(head, magic, sizeof magic);
    bytes(&s, head, sizeof magic - 1);
    bytes(&s, key.hex, sizeof key.hex);
    struct position at = {t->fit_step, t->fit_loss};
    state(&s, t, &at);
    const struct hash_key sum = hash_free_key(s.hash);
    if (!s.failed) fwrite(sum.hex, 1, sizeof sum.hex, out.f);
    return file_out_commit(&out, err); /* reports any write that failed */
}

/* ST_PARSE unless the file is whole, ST_MISMATCH unless it is of this training. */
static status check(const struct nn_trainer *t, const char *path, const char *content,
                    size_t size, struct err *err)
{
    const size_t head = sizeof magic - 1, key_size = sizeof(struct hash_key);
    if (size < head + 2 * key_size || memcmp(content, magic, head) != 0)
        return err_set(err, ST_PARSE, "%s: expected a bitwright checkpoint, version 1",
                       path);
    struct hash_key sum;
    struct hash *h = hash_new();
    if (!h) return arena_exhausted(err);
    hash_bytes(h, content, size - key_size);
    sum = hash_free_key(h);
    if (memcmp(&sum, content + size - key_size, key_size) != 0)
        return err_set(err, ST_PARSE,
                       "%s: damaged: the content does not match its hash", path);
    const struct hash_key key = identity(t);
    if (!key.hex[0]) return arena_exhausted(err);
    if (memcmp(&key, content + head, key_size) != 0)
        return err_set(err, ST_MISMATCH,
                       "%s: is of another network, other options or another run; "
                       "remove it to start anew",
                       path);
    return ST_OK;
}

status nn_trainer_load(struct nn_trainer *t, const char *path, struct err *err)
{
    struct arena *a = arena_new();
    if (!a) return arena_exhausted(err);
    char *content;
    size_t size;
    status st;
    TRY_OUT(file_read(path, a, &content, &size, err));
    TRY_OUT(check(t, path, content, size, err));
    const size_t head = sizeof magic - 1 + sizeof(struct hash_key);
    struct stream s = {.from = content + head,
                       .left = size - head - sizeof(struct hash_key),
                       .hash = hash_new()};
    if (!s.hash) {
        st = arena_exhausted(err);
        goto out;
    }
    struct position at = {0, 0};
    state(&s, t, &at);
    t->fit_step = at.step;
    t->fit_loss = at.loss;
    hash_free_key(s.hash);
    if (s.failed || s.left) /* the hash matched: not a file that save wrote */
        st = err_set(err, ST_PARSE, "%s: expected the state of this network", path);
out:
    arena_free(a);
    return st;
}
