/* ptq.c -- the loss of paths without training: see ptq.h. */
#include "search/ptq.h"

#include <string.h>

#include "base/file.h"
#include "base/interrupt.h"
#include "base/yaml.h"

enum {
    BN_BATCHES = 8,
    HELD_OUT_IMAGES = 2000, /* standard error of the loss about 2 % */
    NAME_SIZE = 2 * NN_MAX_LAYERS + 1,
};

struct score {
    char name[NAME_SIZE]; /* of the path */
    double loss;
};

struct ptq {
    const struct search_task *task;
    struct supernet net;
    int32_t n, n_allocated;
    struct score *scores; /* (n_allocated), n known */
    struct arena *arena;
};

static void path_name(const struct nn_path *path, int32_t n_layers,
                      char name[NAME_SIZE])
{
    for (int32_t i = 0; i < n_layers; i++) {
        name[2 * i] = (char)('0' + path->wbits[i]);
        name[2 * i + 1] = (char)('0' + path->abits[i]);
    }
    name[2 * n_layers] = '\0';
}

static struct score *find(struct ptq *p, const char *name)
{
    for (int32_t i = 0; i < p->n; i++)
        if (strcmp(p->scores[i].name, name) == 0) return &p->scores[i];
    return NULL;
}

/* Room for one more.  The arena keeps the smaller tables: as much again at most. */
static status grow(struct ptq *p, struct err *err)
{
    if (p->n < p->n_allocated) return ST_OK;
    if (p->n == PTQ_MAX_PATHS)
        return err_set(err, ST_RANGE, "search: more than %d plans to score",
                       PTQ_MAX_PATHS);
    const int32_t n = p->n_allocated ? 2 * p->n_allocated : 64;
    struct score *s = ARENA_NEW(p->arena, struct score, (size_t)n);
    if (!s) return arena_exhausted(err);
    if (p->n) memcpy(s, p->scores, (size_t)p->n * sizeof *s);
    p->scores = s;
    p->n_allocated = n;
    return ST_OK;
}

static status add(struct ptq *p, const char *name, double loss, struct err *err)
{
    TRY(grow(p, err));
    struct score *s = &p->scores[p->n++];
    memcpy(s->name, name, strlen(name) + 1);
    s->loss = loss;
    return ST_OK;
}

static status save(const struct ptq *p, const char *path, struct err *err)
{
    struct yaml_out *o;
    TRY(yaml_out_open(path, &o, err));
    yaml_out_map(o, false);
    yaml_out_put_int(o, "version", 1);
    yaml_out_key(o, "scores");
    yaml_out_seq(o, false);
    for (int32_t i = 0; i < p->n; i++) {
        yaml_out_map(o, true);
        yaml_out_put_text(o, "path", p->scores[i].name);
        yaml_out_put_double(o, "loss", p->scores[i].loss);
        yaml_out_end(o);
    }
    yaml_out_end(o);
    yaml_out_end(o);
    return yaml_out_commit(o, err);
}

static status read_score(struct ptq *p, const struct yaml_node *n, struct err *err)
{
    const char *name;
    double loss;
    TRY(yaml_need_text(n, "path", &name, err));
    TRY(yaml_need_double(n, "loss", 0, 1e9, &loss, err));
    const size_t digits = 2 * (size_t)p->task->space->n_layers;
    if (strlen(name) != digits)
        return yaml_fail(n, ST_PARSE, err, "expected a path of %d digits, found %d",
                         (int)digits, (int)strlen(name));
    return add(p, name, loss, err);
}

static status load(struct ptq *p, const char *path, struct err *err)
{
    struct yaml_doc *doc;
    const struct yaml_node *seq = NULL;
    int64_t version;
    TRY(yaml_open(path, &doc, err));
    status st = yaml_need_int(yaml_root(doc), "version", 1, 1, &version, err);
    if (st == ST_OK) st = yaml_need(yaml_root(doc), "scores", &seq, err);
    if (st == ST_OK) st = yaml_expect(seq, YAML_SEQ, err);
    for (size_t i = 0; st == ST_OK && i < yaml_size(seq); i++)
        st = read_score(p, yaml_item(seq, i), err);
    yaml_close(doc);
    return st;
}

status ptq_open(const struct search_task *task, struct ptq **out, struct err *err)
{
    struct arena *a = arena_new();
    struct ptq *p = a ? ARENA_NEW(a, struct ptq, 1) : NULL;
    if (!p) {
        arena_free(a);
        return arena_exhausted(err);
    }
    p->arena = a;
    p->task = task;
    status st = ST_OK;
    if (task->checkpoint && file_exists(task->checkpoint))
        st = load(p, task->checkpoint, err);
    if (st == ST_OK) st = supernet_open(task, 0, &p->net, err);
    if (st != ST_OK) {
        arena_free(a);
        return st;
    }
    *out = p;
    return ST_OK;
}

void ptq_close(struct ptq *p)
{
    if (!p) return;
    supernet_close(&p->net);
    arena_free(p->arena);
}

status ptq_loss(struct ptq *p, const struct nn_path *path, double *loss,
                struct err *err)
{
    char name[NAME_SIZE];
    path_name(path, p->task->space->n_layers, name);
    const struct score *known = find(p, name);
    if (known) {
        *loss = known->loss;
        return ST_OK;
    }
    struct nn_images held_out = p->task->dataset->held_out;
    if (held_out.n > HELD_OUT_IMAGES) held_out.n = HELD_OUT_IMAGES;
    TRY(nn_trainer_recalibrate_bn(p->net.trainer, &p->task->dataset->train, BN_BATCHES,
                                  path, err));
    TRY(nn_trainer_evaluate(p->net.trainer, &held_out, path, loss, NULL, err));
    TRY(add(p, name, *loss, err));
    if (p->task->checkpoint) TRY(save(p, p->task->checkpoint, err));
    if (interrupt_requested())
        return interrupt_status(err, "run the same command again");
    return ST_OK;
}

int32_t ptq_n_scored(const struct ptq *p) { return p->n; }

struct supernet *ptq_supernet(struct ptq *p) { return &p->net; }
