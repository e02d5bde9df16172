/* job_stages.c -- the long stages of a run, each with a result file to resume from. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/progress.h"
#include "base/yaml.h"
#include "search/job.h"
#include "search/supernet.h"

/* ---- search ---- */

/* A search's result is kept as a plan without accuracies. */
static status save_search(struct job *j, const struct search_result *r,
                          const char *path, struct err *err)
{
    struct plan p = {.budget = j->budget, .n_layers = j->space->n_layers};
    p.layers = ARENA_NEW(j->arena, struct plan_layer, (size_t)p.n_layers);
    if (!p.layers) return arena_exhausted(err);
    snprintf(p.method, sizeof p.method, "%s", j->opt->method->name);
    plan_fill_target(&p, &j->opt->space, j->table || j->shared);
    p.seed = j->opt->seed;
    p.n_records = r->n_records;
    p.records = r->records;
    p.proxy_value = r->proxy_value;
    p.proxy_bound = r->proxy_bound;
    for (int32_t i = 0; i < p.n_layers; i++)
        plan_fill_layer(j->space, &r->path, r->has_values ? &r->values : NULL, i,
                        &p.layers[i]);
    return plan_save(&p, &j->provenance, path, err);
}

static status load_search(struct job *j, struct search_result *r, const char *path,
                          struct err *err)
{
    struct plan p;
    TRY(plan_load(path, j->arena, &p, err));
    if (p.n_layers != j->space->n_layers)
        return err_set(err, ST_PARSE, "%s: expected %d layers, found %d", path,
                       (int)j->space->n_layers, (int)p.n_layers);
    r->n_records = p.n_records;
    r->records = p.records;
    r->proxy_value = p.proxy_value;
    r->proxy_bound = p.proxy_bound;
    for (int32_t i = 0; i < p.n_layers; i++) {
        r->path.wbits[i] = (uint8_t)p.layers[i].wbits;
        r->path.abits[i] = (uint8_t)p.layers[i].abits;
        r->has_values = p.layers[i].has_values;
        for (int b = 1; b < 9 && r->has_values; b++) {
            r->values.w[i][b] = p.layers[i].w_value[b];
            r->values.a[i][b] = p.layers[i].a_value[b];
        }
    }
    return ST_OK;
}

status job_search(struct job *j, struct search_result *out, struct err *err)
{
    memset(out, 0, sizeof *out);
    out->proxy_value = out->proxy_bound = NAN;
    const char *path = job_state_file(j, "search.yaml");
    const char *checkpoint = job_state_file(j, "search.ckpt");
    if (!path || !checkpoint) return arena_exhausted(err);
    if (file_exists(path)) return load_search(j, out, path, err);
    const struct search_task task = {.space = j->space,
                                     .budget = &j->search_budget,
                                     .graph = j->graph,
                                     .dataset = &j->dataset,
                                     .fp32_backward = j->opt->fp32_backward,
                                     .pool = j->pool,
                                     .seed = j->opt->seed,
                                     .epochs = j->opt->epochs,
                                     .method = j->opt->method_options,
                                     .ssps = j->opt->ssps,
                                     .checkpoint = checkpoint,
                                     .quiet = j->opt->quiet};
    const double start_s = clock_cpu_s();
    const status st = j->opt->method->run(&task, j->arena, out, err);
    if (!j->opt->quiet)
        cli_note("search: %.1f s of processor time", clock_cpu_s() - start_s);
    TRY(st);
    return save_search(j, out, path, err);
}

/* ---- fine-tuning ---- */

static status save_finetuned(const struct finetuned *f, const char *path,
                             struct err *err)
{
    struct yaml_out *o;
    TRY(yaml_out_open(path, &o, err));
    yaml_out_map(o, false);
    yaml_out_key(o, "loss");
    yaml_out_double(o, f->loss);
    yaml_out_key(o, "n_correct");
    yaml_out_int(o, f->n_correct);
    yaml_out_key(o, "n_images");
    yaml_out_int(o, f->n_images);
    yaml_out_end(o);
    return yaml_out_commit(o, err);
}

static status load_finetuned(const char *path, struct finetuned *f, struct err *err)
{
    struct yaml_doc *doc;
    TRY(yaml_open(path, &doc, err));
    const struct yaml_node *root = yaml_root(doc);
    status st = yaml_need_double(root, "loss", -1e18, 1e18, &f->loss, err);
    if (st == ST_OK)
        st = yaml_need_i32(root, "n_correct", 0, INT32_MAX, &f->n_correct, err);
    if (st == ST_OK)
        st = yaml_need_i32(root, "n_images", 1, INT32_MAX, &f->n_images, err);
    yaml_close(doc);
    return st;
}

static struct nn_trainer_options trainer_options(const struct job *j)
{
    struct nn_trainer_options opt = nn_trainer_defaults();
    opt.seed = j->opt->seed;
    opt.augment = true;
    opt.fp32_backward = j->opt->fp32_backward;
    opt.lr = j->opt->lr;
    return opt;
}

/* Trains from the fp32 weights and folds the result. */
static status train(struct job *j, struct nn_trainer *t, const char *label,
                    const struct nn_path *path, int32_t epochs, struct qnet **q,
                    double *loss, struct err *err)
{
    const struct nn_images *images = &j->dataset.train;
    for (int32_t i = 0; i < j->space->n_layers; i++)
        nn_trainer_set_candidates(t, i, 1u << path->wbits[i], 1u << path->abits[i]);
    const int32_t n = images->n < SUPERNET_CALIBRATION_IMAGES
                          ? images->n
                          : SUPERNET_CALIBRATION_IMAGES;
    TRY(nn_trainer_calibrate(t, images, n, err));
    const char *checkpoint =
        job_state_file(j, arena_printf(j->arena, "%s.ckpt", label));
    if (!checkpoint) return arena_exhausted(err);
    const struct nn_fit_options fit = {.epochs = epochs,
                                       .checkpoint = checkpoint,
                                       .label = label,
                                       .quiet = j->opt->quiet};
    TRY(nn_trainer_fit(t, images, path, &fit, loss, err));
    return nn_trainer_quantise(t, path, j->arena, q, err);
}

status job_finetune(struct job *j, const char *label, const struct nn_path *path,
                    int32_t epochs, struct finetuned *out, struct err *err)
{
    const char *result = job_state_file(j, arena_printf(j->arena, "%s.yaml", label));
    const char *onnx = job_state_file(j, arena_printf(j->arena, "%s.onnx", label));
    if (!result || !onnx) return arena_exhausted(err);
    if (file_exists(result)) return load_finetuned(result, out, err);

    struct nn_trainer_options opt = trainer_options(j);
    opt.distill = j->opt->distill; /* the teacher is the graph, in fp32 */
    struct nn_trainer *t;
    struct qnet *q = NULL;
    TRY(nn_trainer_new(j->graph, &opt, j->pool, &t, err));
    const status st = train(j, t, label, path, epochs, &q, &out->loss, err);
    nn_trainer_free(t);
    TRY(st);
    TRY(qnet_save(q, onnx, err));
    out->n_images = j->test.n;
    TRY(qnet_classify(q, &j->test, j->pool, NULL, &out->n_correct, err));
    return save_finetuned(out, result, err);
}

status job_float_accuracy(struct job *j, struct finetuned *out, struct err *err)
{
    const char *result = job_state_file(j, "float.yaml");
    if (!result) return arena_exhausted(err);
    if (file_exists(result)) return load_finetuned(result, out, err);
    const struct nn_trainer_options opt = trainer_options(j);
    const struct nn_path path = {{0}, {0}}; /* NN_FLOAT everywhere */
    struct nn_trainer *t;
    TRY(nn_trainer_new(j->graph, &opt, j->pool, &t, err));
    out->n_images = j->test.n;
    const status st =
        nn_trainer_evaluate(t, &j->test, &path, &out->loss, &out->n_correct, err);
    nn_trainer_free(t);
    TRY(st);
    return save_finetuned(out, result, err);
}
