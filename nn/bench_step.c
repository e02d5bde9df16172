/* bench_step.c -- images per second of a quantised training step of ResNet-20, and of
 * the same step in PyTorch, measured in turns.
 *
 * Two steps: fine-tuning at 4 bits, and a search's step, which draws the bits of every
 * layer anew and scores seven candidates of each.  Figures are per second of processor
 * time of all threads (`images/s/core`), which other work on the machine disturbs
 * least; images per second of wall time come with how many CPUs the step really had.
 * Best of several repetitions, because other work only ever makes a figure worse.  A
 * ratio to a peer takes our figures from right before and right after it ran.
 *
 * A step does three products per layer of the forward's size: 6 operations per MAC and
 * image; the share of fp32 sgemm's peak says what integers and bf16 gain over it. */
#include "nn/bench_step.h"

#include <cblas.h>
#include <math.h>
#include <sys/resource.h>

#include "base/file.h"
#include "base/progress.h"
#include "base/rng.h"
#include "nn/bench_peer.h"
#include "nn/isa.h"
#include "nn/trainer.h"

enum { GEMM_SIZE = 768, STEPS = 8 /* per repetition */, BATCH = 128, N_THREADS = 2 };
/* Shorter measurements say nothing about the peer, which takes seconds to start. */
static const double peer_least_s = 0.5;

enum kind { FINE_TUNE, SEARCH, N_KINDS };
static const char *const kind_names[N_KINDS] = {"W4A4", "search"};

struct rate {
    double images_per_s;     /* by wall clock, best of the repetitions         */
    double images_per_cpu_s; /* by processor time of all threads               */
    double cpus;             /* that the best repetition by wall clock had     */
};

struct bench {
    double seconds;
    const struct nn_graph *graph;
    struct nn_images images;
    double sgemm_gflops, macs;
    struct arena *arena;
    struct rate own[N_KINDS][N_THREADS + 1];
};

/* Single-core sgemm [GFLOP/s] of a size that leaves the caches behind. */
static status gemm_peak(struct bench *b, struct err *err)
{
    const int n = GEMM_SIZE;
    float *m[3];
    for (int i = 0; i < 3; i++) {
        m[i] = ARENA_NEW(b->arena, float, (size_t)n *(size_t)n);
        if (!m[i]) return arena_exhausted(err);
    }
    struct rng rng = rng_seed(1, 0);
    for (int i = 0; i < n * n; i++)
        m[0][i] = m[1][i] = (float)rng_normal(&rng);
    double best = INFINITY;
    const double end = clock_now_s() + b->seconds / 2;
    do {
        const double start = clock_cpu_s();
        cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, n, n, n, 1, m[0], n,
                    m[1], n, 0, m[2], n);
        best = fmin(best, clock_cpu_s() - start);
    } while (clock_now_s() < end);
    b->sgemm_gflops = 2e-9 * n * n * (double)n / best;
    return ST_OK;
}

static status random_images(struct bench *b, int32_t n, struct err *err)
{
    const struct nn_node *in = &b->graph->nodes[0];
    const size_t size = (size_t)n * (size_t)in->H * (size_t)in->W * (size_t)in->C;
    uint8_t *pixels = ARENA_NEW(b->arena, uint8_t, size);
    uint16_t *labels = ARENA_NEW(b->arena, uint16_t, (size_t)n);
    if (!pixels || !labels) return arena_exhausted(err);
    struct rng rng = rng_seed(2, 0);
    for (size_t i = 0; i < size; i++)
        pixels[i] = (uint8_t)rng_below(&rng, 256);
    for (int32_t i = 0; i < n; i++)
        labels[i] = (uint16_t)rng_below(&rng, (uint64_t)b->graph->n_classes);
    b->images =
        (struct nn_images){n, in->H, in->W, in->C, b->graph->n_classes, pixels, labels};
    return ST_OK;
}

/* Pixels stay as they are; the first layer's weights have 8 bits. */
static struct nn_path path_of(const struct bench *b, enum kind kind, struct rng *rng)
{
    struct nn_path path = {{NN_FLOAT}, {NN_FLOAT}};
    for (int32_t i = 0; i < b->graph->n_layers; i++) {
        const bool draws = kind == SEARCH && i > 0;
        path.wbits[i] = (uint8_t)(draws ? 2 + rng_below(rng, 7) : i ? 4 : 8);
        path.abits[i] = (uint8_t)(draws ? 2 + rng_below(rng, 7) : i ? 4 : 8);
    }
    return path;
}

static status time_steps(const struct bench *b, struct nn_trainer *t, enum kind kind,
                         struct rate *out, struct err *err)
{
    struct rng rng = rng_seed(3, 0);
    struct nn_scores scores;
    const double end = clock_now_s() + b->seconds;
    int32_t epoch = 0;
    do {
        const double wall = clock_now_s(), cpu = clock_cpu_s();
        for (int32_t i = 0; i < STEPS; i++) {
            double loss;
            const struct nn_path path = path_of(b, kind, &rng);
            TRY(nn_trainer_step(t, &b->images, epoch, i, &path, 1e-3, &loss,
                                kind == SEARCH ? &scores : NULL, err));
        }
        const double n = (double)STEPS * BATCH, took = clock_now_s() - wall;
        const double cpu_s = clock_cpu_s() - cpu;
        if (n / took > out->images_per_s) out->cpus = cpu_s / took;
        out->images_per_s = fmax(out->images_per_s, n / took);
        out->images_per_cpu_s = fmax(out->images_per_cpu_s, n / cpu_s);
        epoch++;
    } while (clock_now_s() < end);
    return ST_OK;
}

static status measure(struct bench *b, enum kind kind, int n_threads, struct rate *out,
                      struct err *err)
{
    struct nn_trainer_options o = nn_trainer_defaults();
    struct pool *pool = NULL;
    struct nn_trainer *t = NULL;
    status st;
    *out = (struct rate){0, 0, 0};
    o.batch = BATCH;
    TRY_OUT(pool_new(n_threads, &pool, err));
    TRY_OUT(nn_trainer_new(b->graph, &o, pool, &t, err));
    for (int32_t i = 0; i < b->graph->n_layers; i++)
        nn_trainer_set_candidates(t, i, 0x1fc, 0x1fc); /* 2 to 8 bits */
    TRY_OUT(nn_trainer_calibrate(t, &b->images, BATCH, err));
    TRY_OUT(time_steps(b, t, kind, out, err));
out:
    nn_trainer_free(t);
    pool_free(pool);
    return st;
}

static double peak_mb(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)usage.ru_maxrss / 1024;
}

static status print_own(struct bench *b, FILE *f, struct err *err)
{
    enum nn_isa isa;
    TRY(nn_isa_choose(&isa, err));
    fprintf(f, "%s: %.3f M MACs, batch %d, %s; sgemm of one core %.1f GFLOP/s\n",
            b->graph->name, b->macs / 1e6, BATCH, nn_isa_name(isa), b->sgemm_gflops);
    fprintf(f, "%-8s %8s %10s %14s %6s %12s\n", "step", "threads", "images/s",
            "images/s/core", "CPUs", "sgemm share");
    for (int kind = 0; kind < N_KINDS; kind++)
        for (int n = 1; n <= N_THREADS; n++) {
            struct rate *r = &b->own[kind][n];
            TRY(measure(b, (enum kind)kind, n, r, err));
            const double share = 6e-9 * b->macs * r->images_per_cpu_s / b->sgemm_gflops;
            fprintf(f, "%-8s %8d %10.0f %14.0f %6.2f %11.0f%%\n", kind_names[kind], n,
                    r->images_per_s, r->images_per_cpu_s, r->cpus, 100 * share);
        }
    const struct rate *one = &b->own[FINE_TUNE][1], *two = &b->own[FINE_TUNE][2];
    fprintf(f,
            "two threads: %.2f times one by wall time, %.2f if both always had a CPU\n",
            two->images_per_s / one->images_per_s,
            2 * two->images_per_cpu_s / one->images_per_cpu_s);
    fprintf(f, "peak memory %.0f MB\n", peak_mb());
    return ST_OK;
}

/* Our rate near the peer's turn: the better of the one before and the one after. */
static status print_peer(struct bench *b, bool bf16, enum kind kind, int n_threads,
                         FILE *f, struct err *err)
{
    const struct bench_peer_options o = {bf16, kind == SEARCH, n_threads, BATCH,
                                         b->seconds};
    struct bench_peer peer;
    struct rate *before = &b->own[kind][n_threads], after;
    TRY(bench_peer_run(&o, b->arena, &peer, err));
    if (peer.is_absent) return ST_OK;
    TRY(measure(b, kind, n_threads, &after, err));
    const double own = fmax(before->images_per_cpu_s, after.images_per_cpu_s);
    *before = after;
    fprintf(f, "%-6s %-8s %8d %10.0f %14.0f %9.0f MB %7.2f\n", bf16 ? "bf16" : "fp32",
            kind_names[kind], n_threads, peer.images_per_s, peer.images_per_cpu_s,
            peer.peak_mb, own / peer.images_per_cpu_s);
    return ST_OK;
}

static status print_peers(struct bench *b, FILE *f, struct err *err)
{
    const struct bench_peer_options o = {false, false, 1, BATCH, b->seconds};
    struct bench_peer peer;
    if (b->seconds < peer_least_s) {
        fprintf(f, "peer: not run, it needs --seconds %g or more\n", peer_least_s);
        return ST_OK;
    }
    TRY(bench_peer_run(&o, b->arena, &peer, err));
    if (peer.is_absent) {
        fprintf(f, "peer: not run, Debian's python3-torch is not installed\n");
        return ST_OK;
    }
    fprintf(f,
            "peer: PyTorch %s, fused fake-quantise, channels_last: %s [--bf16] "
            "[--search]\n",
            peer.version, peer.command);
    fprintf(f, "%-6s %-8s %8s %10s %14s %12s %7s\n", "peer", "step", "threads",
            "images/s", "images/s/core", "peak memory", "ratio");
    for (int kind = 0; kind < N_KINDS; kind++)
        for (int bf16 = 0; bf16 < 2; bf16++)
            TRY(print_peer(b, bf16 == 1, (enum kind)kind, 1, f, err));
    fprintf(f, "ratio: images per second of processor time, ours over the peer's\n");
    return ST_OK;
}

static status print_all(struct bench *b, FILE *f, struct err *err)
{
    const char *home;
    struct nn_graph *g;
    TRY(file_home_dir(b->arena, &home, err));
    const char *path =
        file_join(b->arena, home, "configs/networks/resnet20-cifar10.yaml");
    if (!path) return arena_exhausted(err);
    TRY(nn_graph_load(path, 1, b->arena, &g, err));
    b->graph = g;
    TRY(random_images(b, BATCH * STEPS, err));
    TRY(gemm_peak(b, err));
    for (int32_t i = 0; i < g->n_layers; i++)
        b->macs += (double)layer_shape_macs(nn_graph_layer(g, i));
    TRY(print_own(b, f, err));
    return print_peers(b, f, err);
}

static status run_figure(double seconds, FILE *f, struct err *err)
{
    struct arena *a = arena_new();
    if (!a) return arena_exhausted(err);
    struct bench b = {.seconds = seconds, .arena = a};
    const status st = print_all(&b, f, err);
    arena_free(a);
    return st;
}

const struct bench_figure nn_step_figure = {
    "step", "quantised training steps of ResNet-20", run_figure};
