/* train_cmd.c -- `bitwright train`: trains a network, in fp32 or at uniform bits.
 *
 * Without bits: reads an architecture (.yaml) or a network (.onnx), writes fp32 ONNX.
 * With --wbits and --abits: fine-tunes at those bits (first and last layer 8/8),
 * writes the integer network and reports the integer engine's accuracy.  Held-out
 * training images are for choices between runs; the test set is read once, at the
 * end. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cli.h"
#include "base/file.h"
#include "base/interrupt.h"
#include "base/pool.h"
#include "base/provenance.h"
#include "nn/augment.h"
#include "nn/commands.h"
#include "nn/trainer.h"

enum {
    CALIBRATION_IMAGES = 512, /* that the first steps of all quantisers are fitted on */
    RECALIBRATION_BATCHES = 30 /* of the statistics of batch norm */
};

struct train {
    const char *network, *images, *out;
    const char *checkpoint; /* "<out>.ckpt" */
    const char *backward;
    int64_t epochs, seed, wbits, abits, batch, n_held_out, n_threads, shift;
    double distill, temperature;
    double lr, weight_decay; /* negative: the default of the kind of run */
    bool no_augment, fp32_backward, no_equalise, no_test, resume;

    struct arena *arena;
    struct pool *pool;
    struct nn_graph *graph;
    struct nn_dataset dataset;
    struct nn_trainer *trainer;
    struct nn_path path;
};

static bool is_quantised(const struct train *c) { return c->wbits > 0; }

static bool is_architecture(const char *path)
{
    const size_t n = strlen(path);
    return n >= 5 && strcmp(path + n - 5, ".yaml") == 0;
}

static status parse(struct train *c, int argc, char **argv, bool *help, struct err *err)
{
    const struct cli_option options[] = {
        {"network", 0, CLI_TEXT, &c->network, "FILE", "architecture .yaml or .onnx", 0,
         0},
        {"data", 0, CLI_TEXT, &c->images, "SPEC", "idx:DIR or cifar10:DIR", 0, 0},
        {"output", 'o', CLI_TEXT, &c->out, "FILE",
         "network to write: .onnx, or .q.onnx with bits", 0, 0},
        {"epochs", 0, CLI_INT, &c->epochs, "N",
         "passes over the images, default 20; 0: bits by calibration alone", 0, 100000},
        {"seed", 0, CLI_INT, &c->seed, "S", "of weights, order and augmentation", 0,
         1e15},
        {"wbits", 0, CLI_INT, &c->wbits, "W", "weight bits of all inner layers", 1, 8},
        {"abits", 0, CLI_INT, &c->abits, "A", "activation bits of all inner layers", 1,
         8},
        {"lr", 0, CLI_DOUBLE, &c->lr, "X",
         "peak learning rate, default 0.1, with bits 0.05", 1e-9, 1e3},
        {"weight-decay", 0, CLI_DOUBLE, &c->weight_decay, "X",
         "default 5e-4, with bits 5e-5", 0, 1},
        {"distill", 0, CLI_DOUBLE, &c->distill, "SHARE",
         "with bits: share of the network given, as a teacher, in the loss; default 0",
         0, 1},
        {"temperature", 0, CLI_DOUBLE, &c->temperature, "T",
         "of teacher and student, default 1", 0.1, 100},
        {"no-equalise", 0, CLI_FLAG, &c->no_equalise, NULL,
         "with bits: leave channels as they are, however small", 0, 0},
        {"batch", 0, CLI_INT, &c->batch, "N", "images per step, default 128", 1, 65536},
        {"held-out", 0, CLI_INT, &c->n_held_out, "N",
         "training images set apart, default 5000", 0, 1e9},
        {"no-augment", 0, CLI_FLAG, &c->no_augment, NULL,
         "no random shift and horizontal flip", 0, 0},
        {"shift", 0, CLI_INT, &c->shift, "PIXELS",
         "random shift, at most; default 4 of 32 pixels and in proportion, 2 of fewer",
         0, 1024},
        {"backward", 0, CLI_TEXT, &c->backward, "FORMAT",
         "gradients in fp32 or, where the CPU can, bf16 (default)", 0, 0},
        {"no-test", 0, CLI_FLAG, &c->no_test, NULL,
         "leave the test images alone: for choices between runs", 0, 0},
        {"threads", 'j', CLI_INT, &c->n_threads, "N",
         "default: one per CPU; results do not depend on it", 0, 1024},
        {"resume", 0, CLI_FLAG, &c->resume, NULL,
         "insist on <output>.ckpt, which an interrupted run left", 0, 0},
        {NULL, 0, CLI_FLAG, NULL, NULL, NULL, 0, 0}};
    TRY(cli_parse(&train_command, options, argc, argv, NULL, help, err));
    if (*help) return ST_OK;
    if (!c->network || !c->images || !c->out)
        return err_set(err, ST_USAGE, "expected --network, --data and -o");
    if ((c->wbits > 0) != (c->abits > 0))
        return err_set(err, ST_USAGE, "expected --wbits and --abits together");
    TRY(nn_backward_parse(c->backward, &c->fp32_backward, err));
    if (c->distill > 0 && (!is_quantised(c) || is_architecture(c->network)))
        return err_set(err, ST_USAGE,
                       "--distill: the teacher is the network given, in fp32: expected "
                       "a trained one (.onnx), --wbits and --abits");
    if (c->lr < 0) c->lr = is_quantised(c) ? 0.05 : 0.1;
    if (c->weight_decay < 0) c->weight_decay = is_quantised(c) ? 5e-5 : 5e-4;
    return ST_OK;
}

/* What the files written say of their making: enough to repeat it. */
static status describe(struct train *c, struct err *err)
{
    struct provenance p;
    provenance_init(&p, "bitwright train", (uint64_t)c->seed);
    TRY(provenance_input(&p, c->network, err));
    json_t *o = provenance_json(&p);
    json_t *run = json_pack(
        "{s:s, s:I, s:I, s:I, s:I, s:I, s:f, s:f, s:f, s:f, s:b, s:b, s:I, s:s}",
        "data", c->images, "held_out", (json_int_t)c->n_held_out, "epochs",
        (json_int_t)c->epochs, "batch", (json_int_t)c->batch, "wbits",
        (json_int_t)c->wbits, "abits", (json_int_t)c->abits, "lr", c->lr,
        "weight_decay", c->weight_decay, "distill", c->distill, "temperature",
        c->temperature, "equalise", !c->no_equalise, "augment", !c->no_augment, "shift",
        (json_int_t)(c->no_augment ? 0 : c->shift), "backward", c->backward);
    const bool is_whole = o && run && json_object_set(o, "train", run) == 0;
    char *text =
        is_whole
            ? json_dumps(o, JSON_COMPACT | JSON_SORT_KEYS | JSON_REAL_PRECISION(15))
            : NULL;
    c->graph->provenance = text ? arena_strdup(c->arena, text) : NULL;
    free(text);
    json_decref(run);
    json_decref(o);
    return c->graph->provenance ? ST_OK : arena_exhausted(err);
}

/* Every command that reads a network tells its format by the name. */
static status check_output(const struct train *c, struct err *err)
{
    const size_t n = strlen(c->out);
    if (n < 6 || strcmp(c->out + n - 5, ".onnx") != 0)
        return err_set(err, ST_USAGE, "-o: expected a file named *.onnx, found '%s'",
                       c->out);
    return file_check_writable(c->out, err);
}

/* First and last layer keep 8 bits: the first reads pixels, both are small. */
static void set_path(struct train *c)
{
    const int32_t n = c->graph->n_layers;
    for (int32_t i = 0; i < n; i++) {
        const bool is_edge = i == 0 || i == n - 1;
        c->path.wbits[i] = !is_quantised(c) ? NN_FLOAT
                           : is_edge        ? 8
                                            : (uint8_t)c->wbits;
        c->path.abits[i] = !is_quantised(c) ? NN_FLOAT
                           : is_edge        ? 8
                                            : (uint8_t)c->abits;
    }
}

static status open_all(struct train *c, struct err *err)
{
    TRY(check_output(c, err));
    if (c->epochs == 0 && !is_quantised(c))
        return err_set(err, ST_USAGE, "--epochs 0: expected --wbits and --abits");
    TRY(pool_new((int)c->n_threads, &c->pool, err));
    TRY(nn_graph_load(c->network, (uint64_t)c->seed, c->arena, &c->graph, err));
    if (c->shift == NN_SHIFT_BY_SIZE) c->shift = nn_augment_reach(c->graph->nodes[0].W);
    TRY(describe(c, err));
    TRY(nn_dataset_load(c->images, (int32_t)c->n_held_out, NN_SPLIT_SEED, c->arena,
                        &c->dataset, err));
    struct nn_trainer_options o = nn_trainer_defaults();
    o.batch = (int32_t)c->batch;
    o.lr = c->lr;
    o.weight_decay = c->weight_decay;
    o.augment = !c->no_augment;
    o.shift = (int32_t)c->shift;
    o.fp32_backward = c->fp32_backward;
    o.seed = (uint64_t)c->seed;
    o.distill = c->distill;
    o.temperature = c->temperature;
    o.equalise = !c->no_equalise;
    TRY(nn_trainer_new(c->graph, &o, c->pool, &c->trainer, err));
    set_path(c);
    c->checkpoint = arena_printf(c->arena, "%s.ckpt", c->out);
    if (!c->checkpoint) return arena_exhausted(err);
    if (c->resume && !file_exists(c->checkpoint))
        return err_set(err, ST_NOT_FOUND, "%s: no checkpoint to resume from",
                       c->checkpoint);
    return ST_OK;
}

static void print_network(const struct train *c)
{
    int64_t macs = 0, weights = 0;
    for (int32_t i = 0; i < c->graph->n_layers; i++) {
        macs += layer_shape_macs(nn_graph_layer(c->graph, i));
        weights += layer_shape_weights(nn_graph_layer(c->graph, i));
    }
    printf("network    %s: %d layers, %.3f M MACs, %lld weights\n", c->graph->name,
           (int)c->graph->n_layers, (double)macs / 1e6, (long long)weights);
}

static void print_accuracy(const char *set, int32_t n_correct, int32_t n)
{
    printf("%-10s accuracy %.2f %% (%d of %d)\n", set, 100.0 * n_correct / n,
           (int)n_correct, (int)n);
}

/* The integer engine's accuracy if there is an integer network, else the trainer's. */
static status report(struct train *c, const char *set, const struct nn_images *images,
                     const struct qnet *q, struct err *err)
{
    int32_t n_correct;
    if (images->n == 0) return ST_OK;
    const status st =
        q ? qnet_classify(q, images, c->pool, NULL, &n_correct, err)
          : nn_trainer_evaluate(c->trainer, images, &c->path, NULL, &n_correct, err);
    if (st == ST_INTERRUPTED)
        return interrupt_status(err, "the network is written; for its accuracy run "
                                     "the same command again");
    TRY(st);
    print_accuracy(set, n_correct, images->n);
    return ST_OK;
}

/* Without training, statistics are still those of the fp32 network: at 3 bits the
 * quantised one's own are worth tens of points.  Training leaves its own. */
static status recalibrate(struct train *c, struct err *err)
{
    const int32_t n_all = c->dataset.train.n / (int32_t)c->batch;
    if (n_all < 1) return ST_OK; /* too few images for a batch's statistics */
    return nn_trainer_recalibrate_bn(
        c->trainer, &c->dataset.train,
        n_all < RECALIBRATION_BATCHES ? n_all : RECALIBRATION_BATCHES, &c->path, err);
}

static status run(struct train *c, struct err *err)
{
    double loss;
    struct nn_graph *trained;
    struct qnet *q = NULL;
    struct nn_images test;
    TRY(open_all(c, err));
    print_network(c);
    if (is_quantised(c))
        TRY(nn_trainer_calibrate(c->trainer, &c->dataset.train, CALIBRATION_IMAGES,
                                 err));
    const struct nn_fit_options fit = {.epochs = (int32_t)c->epochs,
                                       .checkpoint = c->checkpoint,
                                       .label = "train",
                                       .replaces_other = !c->resume};
    TRY(nn_trainer_fit(c->trainer, &c->dataset.train, &c->path, &fit, &loss, err));
    if (c->epochs == 0) TRY(recalibrate(c, err));
    if (c->epochs > 0)
        printf("training   loss %.4f in epoch %lld\n", loss, (long long)c->epochs);
    if (is_quantised(c)) {
        TRY(nn_trainer_quantise(c->trainer, &c->path, c->arena, &q, err));
        TRY(qnet_save(q, c->out, err));
    } else {
        TRY(nn_trainer_graph(c->trainer, c->arena, &trained, err));
        TRY(nn_graph_save_onnx(trained, c->out, err));
    }
    TRY(report(c, "held-out", &c->dataset.held_out, q, err));
    if (!c->no_test) {
        TRY(nn_dataset_load_test(c->images, c->arena, &test, err));
        TRY(report(c, "test", &test, q, err));
    }
    unlink(c->checkpoint); /* the result is written; nothing is left to resume */
    printf("wrote      %s\n", c->out);
    return ST_OK;
}

static status train_run(int argc, char **argv, struct err *err)
{
    struct train c = {.epochs = 20,
                      .seed = 1,
                      .batch = 128,
                      .n_held_out = 5000,
                      .shift = NN_SHIFT_BY_SIZE,
                      .backward = "bf16",
                      .lr = -1,
                      .temperature = 1,
                      .weight_decay = -1};
    bool help = false;
    TRY(parse(&c, argc, argv, &help, err));
    if (help) return ST_OK;
    c.arena = arena_new();
    if (!c.arena) return arena_exhausted(err);
    const status st = run(&c, err);
    nn_trainer_free(c.trainer);
    pool_free(c.pool);
    arena_free(c.arena);
    return st;
}

const struct cli_command train_command = {
    "train", "--network FILE --data SPEC -o FILE [options]",
    "train a network in fp32, or fine-tune it at uniform bits", train_run};
