/* eval_cmd.c -- `bitwright eval`: accuracy of a network on all test images.
 *
 * A quantised network runs on the integer engine, which equals the RTL; an fp32
 * network runs in floats. */
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/npy.h"
#include "base/progress.h"
#include "base/provenance.h"
#include "nn/commands.h"
#include "nn/qnet.h"
#include "nn/trainer.h"

struct eval {
    const char *network, *data, *logits;
    int64_t n_threads;
    bool json;
    struct nn_images images;
    const char *engine; /* "integer" or "fp32" */
    int32_t n_correct;
};

static status eval_quantised(struct eval *e, struct arena *a, struct pool *pool,
                             struct err *err)
{
    struct qnet *q;
    e->engine = "integer";
    TRY(qnet_load(e->network, a, &q, err));
    return qnet_classify(q, &e->images, pool, NULL, &e->n_correct, err);
}

/* Floats of one image's tensors that a run in fp32 may touch, at most 1 GiB in all. */
static int32_t batch_of(const struct nn_graph *g, int32_t batch)
{
    int64_t size = 0;
    for (int32_t i = 0; i < g->n_nodes; i++)
        size += 2 * (int64_t)g->nodes[i].H * g->nodes[i].W * g->nodes[i].C;
    while (batch > 1 && batch * size > INT64_C(1) << 28)
        batch /= 2;
    return batch;
}

static status save_logits(const struct eval *e, const struct nn_graph *g,
                          struct nn_trainer *t, struct arena *a, struct err *err)
{
    const size_t shape[2] = {(size_t)e->images.n, (size_t)g->n_classes};
    float *logits = ARENA_NEW(a, float, shape[0] * shape[1]);
    if (!logits) return arena_exhausted(err);
    TRY(nn_trainer_logits(t, &e->images, logits, err));
    return npy_save_f32(e->logits, 2, shape, logits, err);
}

/* An fp32 file with quantisers: the integers that they stand for. */
static status eval_given(struct eval *e, const struct nn_graph *g, struct arena *a,
                         struct pool *pool, struct err *err)
{
    struct qnet *q;
    e->engine = "integer";
    if (e->logits)
        return err_set(err, ST_USAGE, "--logits: expected an fp32 network, found '%s'",
                       e->network);
    struct err why;
    const status st = nn_graph_quantise_given(g, a, &q, &why);
    if (st != ST_OK) return err_set(err, st, "%s: %.400s", e->network, why.msg);
    return qnet_classify(q, &e->images, pool, NULL, &e->n_correct, err);
}

static status eval_float(struct eval *e, struct arena *a, struct pool *pool,
                         struct err *err)
{
    static const struct nn_path fp32 = {{NN_FLOAT}, {NN_FLOAT}};
    struct nn_trainer_options options = nn_trainer_defaults();
    struct nn_graph *g;
    struct nn_trainer *t = NULL;
    double loss;
    e->engine = "fp32";
    TRY(nn_graph_load(e->network, 0, a, &g, err));
    if (nn_graph_has_given(g)) return eval_given(e, g, a, pool, err);
    options.batch = batch_of(g, options.batch);
    TRY(nn_trainer_new(g, &options, pool, &t, err));
    status st = nn_trainer_evaluate(t, &e->images, &fp32, &loss, &e->n_correct, err);
    if (st == ST_OK && e->logits) st = save_logits(e, g, t, a, err);
    nn_trainer_free(t);
    return st;
}

static status check_arguments(const struct eval *e, struct err *err)
{
    const size_t n = strlen(e->network);
    if (!e->data)
        return err_set(err, ST_USAGE, "expected --data idx:DIR or --data cifar10:DIR");
    if (n < 5 || strcmp(e->network + n - 5, ".onnx") != 0)
        return err_set(err, ST_UNSUPPORTED,
                       "%s: expected a trained network, *.onnx; an "
                       "architecture file has no weights",
                       e->network);
    return ST_OK;
}

static status print_result(const struct eval *e, struct err *err)
{
    const double accuracy = (double)e->n_correct / e->images.n;
    if (!e->json) {
        printf("%s: %.2f %% (%d of %d test images of %s, %s)\n", e->network,
               100 * accuracy, e->n_correct, e->images.n, e->data,
               strcmp(e->engine, "fp32") == 0 ? "fp32" : "integer engine");
        return ST_OK;
    }
    struct provenance p;
    provenance_init(&p, "bitwright eval", 0);
    TRY(provenance_input(&p, e->network, err));
    json_t *value =
        json_pack("{s:s, s:s, s:s, s:s, s:i, s:i, s:f, s:o}", "schema",
                  "bitwright.eval/1", "network", e->network, "data", e->data, "engine",
                  e->engine, "n_correct", e->n_correct, "n_images", e->images.n,
                  "accuracy", accuracy, "provenance", provenance_json(&p));
    if (!value) return err_set(err, ST_NOMEM, "out of memory while writing JSON");
    const status st = json_file_save("-", value, err);
    json_decref(value);
    return st;
}

static status evaluate(struct eval *e, struct arena *a, struct err *err)
{
    bool is_quantised;
    struct pool *pool = NULL;
    TRY(check_arguments(e, err));
    TRY(qnet_is_quantised(e->network, &is_quantised, err));
    if (is_quantised && e->logits)
        return err_set(err, ST_USAGE, "--logits: expected an fp32 network, found '%s'",
                       e->network);
    TRY(nn_dataset_load_test(e->data, a, &e->images, err));
    TRY(pool_new((int)e->n_threads, &pool, err));
    const double start_s = clock_now_s();
    status st =
        is_quantised ? eval_quantised(e, a, pool, err) : eval_float(e, a, pool, err);
    if (st == ST_OK)
        cli_note("%d images in %.2f s on %d threads", e->images.n,
                 clock_now_s() - start_s, pool_n_threads(pool));
    pool_free(pool);
    return st == ST_OK ? print_result(e, err) : st;
}

static status eval_run(int argc, char **argv, struct err *err)
{
    struct eval e = {0};
    bool help = false;
    struct cli_list files = {0};
    const struct cli_option options[] = {
        {"data", 0, CLI_TEXT, &e.data, "SPEC",
         "idx:DIR or cifar10:DIR; its test images", 0, 0},
        {"logits", 0, CLI_TEXT, &e.logits, "FILE.npy",
         "also write the logits of an fp32 network, (images, classes)", 0, 0},
        {"threads", 'j', CLI_INT, &e.n_threads, "N",
         "threads; 0 = one per CPU (default)", 0, 1024},
        {"json", 0, CLI_FLAG, &e.json, NULL, "one JSON object instead of a line", 0, 0},
        {0}};
    TRY(cli_parse(&eval_command, options, argc, argv, &files, &help, err));
    if (help) return ST_OK;
    if (files.n != 1)
        return err_set(err, ST_USAGE, "expected one network file, found %d", files.n);
    e.network = files.items[0];
    struct arena *a = arena_new();
    if (!a) return arena_exhausted(err);
    const status st = evaluate(&e, a, err);
    arena_free(a);
    return st;
}

const struct cli_command eval_command = {"eval", "NETWORK.onnx --data SPEC [options]",
                                         "accuracy of a network on all test images",
                                         eval_run};
