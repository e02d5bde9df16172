/* ptq.c -- scores of paths without training: see ptq.h. */
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

struct entry {
    char name[NAME_SIZE]; /* of the path */
    struct search_score score;
};

struct ptq {
    const struct search_task *task;
    struct supernet net; /* opened by the first that needs it */
    int32_t n, n_allocated;
    struct entry *entries; /* (n_allocated), n known */
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

static const struct entry *find(const struct ptq *p, const char *name)
{
    for (int32_t i = 0; i < p->n; i++)
        if (strcmp(p->entries[i].name, name) == 0) return &p->entries[i];
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
    struct entry *e = ARENA_NEW(p->arena, struct entry, (size_t)n);
    if (!e) return arena_exhausted(err);
    if (p->n) memcpy(e, p->entries, (size_t)p->n * sizeof *e);
    p->entries = e;
    p->n_allocated = n;
    return ST_OK;
}

static status add(struct ptq *p, const char *name, const struct search_score *score,
                  struct err *err)
{
    TRY(grow(p, err));
    struct entry *e = &p->entries[p->n++];
    memcpy(e->name, name, strlen(name) + 1);
    e->score = *score;
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
        yaml_out_put_text(o, "path", p->entries[i].name);
        yaml_out_put_double(o, "loss", p->entries[i].score.loss);
        yaml_out_put_double(o, "accuracy", p->entries[i].score.accuracy);
        yaml_out_end(o);
    }
    yaml_out_end(o);
    yaml_out_end(o);
    return yaml_out_commit(o, err);
}

static status read_score(struct ptq *p, const struct yaml_node *n, struct err *err)
{
    const char *name;
    struct search_score score;
    TRY(yaml_need_text(n, "path", &name, err));
    TRY(yaml_need_double(n, "loss", -1e9, 1e9, &score.loss, err));
    TRY(yaml_need_double(n, "accuracy", 0, 1, &score.accuracy, err));
    const size_t digits = 2 * (size_t)p->task->space->n_layers;
    if (strlen(name) != digits)
        return yaml_fail(n, ST_PARSE, err, "expected a path of %d digits, found %d",
                         (int)digits, (int)strlen(name));
    return add(p, name, &score, err);
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

status ptq_supernet(struct ptq *p, struct supernet **out, struct err *err)
{
    if (!p->net.trainer) TRY(supernet_open(p->task, 0, &p->net, err));
    *out = &p->net;
    return ST_OK;
}

static status evaluate(struct ptq *p, const struct nn_path *path,
                       struct search_score *out, struct err *err)
{
    const struct search_evaluator *e = p->task->evaluator;
    if (e) return e->score(e->context, path, out, err);
    struct nn_images held_out = p->task->dataset->held_out;
    struct supernet *net;
    int32_t n_correct;
    if (held_out.n > HELD_OUT_IMAGES) held_out.n = HELD_OUT_IMAGES;
    TRY(ptq_supernet(p, &net, err));
    TRY(nn_trainer_recalibrate_bn(net->trainer, &p->task->dataset->train, BN_BATCHES,
                                  path, err));
    TRY(nn_trainer_evaluate(net->trainer, &held_out, path, &out->loss, &n_correct,
                            err));
    out->accuracy = (double)n_correct / held_out.n;
    return ST_OK;
}

status ptq_score(struct ptq *p, const struct nn_path *path, struct search_score *out,
                 struct err *err)
{
    char name[NAME_SIZE];
    path_name(path, p->task->space->n_layers, name);
    const struct entry *known = find(p, name);
    if (known) {
        *out = known->score;
        return ST_OK;
    }
    TRY(evaluate(p, path, out, err));
    TRY(add(p, name, out, err));
    if (p->task->checkpoint) TRY(save(p, p->task->checkpoint, err));
    if (interrupt_requested())
        return interrupt_status(err, "run the same command again");
    return ST_OK;
}
