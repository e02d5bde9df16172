/* random.c -- the floor: random plans that spend the budget, the best one by loss on
 * held-out images.
 *
 * A plan is drawn by giving every candidate a random value and solving for the best
 * path under the budgets, so it meets them and spends them.  It is scored without
 * training, after calibrating the quantisers once and re-estimating the batch norms
 * for it.  Plan k depends on the seed and on k alone: a checkpoint is the losses so
 * far. */
#include <math.h>
#include <stdio.h>

#include "base/file.h"
#include "base/interrupt.h"
#include "base/progress.h"
#include "base/rng.h"
#include "base/yaml.h"
#include "search/supernet.h"

enum {
    PLANS_PER_EPOCH = 48, /* scoring one takes about 1/48 of an epoch of training */
    MAX_PLANS = 4096,
    BN_BATCHES = 8,
    HELD_OUT_IMAGES = 2000, /* standard error of the loss about 2 % */
};

struct state {
    int32_t n, n_plans;
    double *losses; /* (n_plans), n known */
};

/* A value that is non-decreasing in bits: a random fraction of the range of each. */
static void draw_values(const struct space *s, struct rng *r, struct nn_scores *v)
{
    for (int32_t i = 0; i < s->n_layers; i++) {
        double w = 0, a = 0;
        for (int b = 1; b < 9; b++) {
            v->w[i][b] = w += rng_unit(r);
            v->a[i][b] = a += rng_unit(r);
        }
    }
}

static status draw(const struct search_task *task, int32_t k, struct nn_path *path,
                   struct err *err)
{
    struct rng r = rng_seed(task->seed, 1000 + (uint64_t)k);
    struct nn_scores v = {0};
    draw_values(task->space, &r, &v);
    return search_best_under_budget(task->space, task->budget, &v, NULL, NULL, path,
                                    err);
}

static status save(const struct state *s, const char *path, struct err *err)
{
    struct yaml_out *o;
    TRY(yaml_out_open(path, &o, err));
    yaml_out_map(o, false);
    yaml_out_key(o, "losses");
    yaml_out_seq(o, true);
    for (int32_t i = 0; i < s->n; i++)
        yaml_out_double(o, s->losses[i]);
    yaml_out_end(o);
    yaml_out_end(o);
    return yaml_out_commit(o, err);
}

static status load(struct state *s, const char *path, struct err *err)
{
    struct yaml_doc *doc;
    const struct yaml_node *seq;
    TRY(yaml_open(path, &doc, err));
    status st = yaml_need(yaml_root(doc), "losses", &seq, err);
    if (st == ST_OK) st = yaml_expect(seq, YAML_SEQ, err);
    for (size_t i = 0; st == ST_OK && i < yaml_size(seq) && (int32_t)i < s->n_plans;
         i++) {
        st = yaml_double(yaml_item(seq, i), 0, 1e9, &s->losses[i], err);
        if (st == ST_OK) s->n = (int32_t)i + 1;
    }
    yaml_close(doc);
    return st;
}

static status score(struct supernet *net, const struct nn_path *path, double *loss,
                    struct err *err)
{
    struct nn_images held_out = net->dataset->held_out;
    if (held_out.n > HELD_OUT_IMAGES) held_out.n = HELD_OUT_IMAGES;
    TRY(nn_trainer_recalibrate_bn(net->trainer, &net->dataset->train, BN_BATCHES, path,
                                  err));
    return nn_trainer_evaluate(net->trainer, &held_out, path, loss, NULL, err);
}

static status score_all(const struct search_task *task, struct supernet *net,
                        struct state *s, struct search_result *out, struct err *err)
{
    struct progress p;
    double best = INFINITY;
    char note[64];
    progress_start(&p, "search", "plans", s->n_plans, task->quiet);
    for (int32_t k = 0; k < s->n_plans; k++) {
        struct nn_path path;
        TRY(draw(task, k, &path, err));
        if (k >= s->n) {
            TRY(score(net, &path, &s->losses[k], err));
            s->n = k + 1;
            if (task->checkpoint) TRY(save(s, task->checkpoint, err));
            if (interrupt_requested())
                return interrupt_status(err, "run the same command again");
        }
        struct search_record *rec = &out->records[k];
        rec->step = k + 1;
        rec->loss = s->losses[k];
        space_cost(task->space, &path, rec->expected);
        rec->n_decided = space_n_cells(task->space);
        if (s->losses[k] < best) {
            best = s->losses[k];
            out->path = path;
        }
        snprintf(note, sizeof note, "best loss %.4f", best);
        progress_update(&p, k + 1, note);
    }
    progress_end(&p, note);
    out->n_records = s->n_plans;
    return ST_OK;
}

static status run(const struct search_task *task, struct arena *a,
                  struct search_result *out, struct err *err)
{
    const double start_s = clock_now_s();
    bool several;
    TRY(search_feasible(task->space, task->budget, NULL, NULL, &several, err));
    const double want = fmax(1, fmin(MAX_PLANS, round(task->epochs * PLANS_PER_EPOCH)));
    struct state s = {0, (int32_t)want, ARENA_NEW(a, double, MAX_PLANS)};
    out->records = ARENA_NEW(a, struct search_record, (size_t)s.n_plans);
    if (!s.losses || !out->records) return arena_exhausted(err);
    if (task->checkpoint && file_exists(task->checkpoint))
        TRY(load(&s, task->checkpoint, err));
    struct supernet net;
    TRY(supernet_open(task, 0, &net, err));
    const status st = score_all(task, &net, &s, out, err);
    supernet_close(&net);
    out->search_s = clock_now_s() - start_s;
    return st;
}

const struct search_method search_method_random = {
    .name = "random",
    .summary = "random plans that spend the budget; the best on held-out images",
    .run = run,
};
