/* bench_step.c -- images per second of a quantised training step, beside the peak of
 * sgemm measured in the same run.
 *
 * A step does three products per layer of the forward's size: 6 operations per MAC and
 * image.  The share of the peak says what everything else (unfolding, batch norm,
 * quantisers, update, augmentation) costs.  Best of several repetitions, because other
 * work on the machine only ever makes a figure worse. */
#include "nn/bench_step.h"

#include <cblas.h>
#include <math.h>
#include <time.h>

#include "base/file.h"
#include "base/progress.h"
#include "base/rng.h"
#include "nn/trainer.h"

enum { GEMM_SIZE = 768, STEPS = 8 /* per repetition */ };

struct options {
    const char *network; /* .yaml or .onnx, borrowed                          */
    int32_t batch;       /* images per step                                   */
    int wbits, abits;    /* of all layers but the first                       */
    double seconds;      /* per figure, at least                              */
    int n_threads;       /* of the second row                                 */
};

/* One row of the table. */
struct row {
    int n_threads;
    double images_per_s;     /* by wall clock, best of the repetitions         */
    double images_per_cpu_s; /* by processor time of all threads               */
};

static double cpu_now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* Single-core sgemm [GFLOP/s] of a size that leaves the caches behind. */
static status gemm_peak(struct arena *a, double seconds, double *gflops,
                        struct err *err)
{
    const int n = GEMM_SIZE;
    float *m[3];
    for (int i = 0; i < 3; i++) {
        m[i] = ARENA_NEW(a, float, (size_t)n *(size_t)n);
        if (!m[i]) return arena_exhausted(err);
    }
    struct rng rng = rng_seed(1, 0);
    for (int i = 0; i < n * n; i++)
        m[0][i] = m[1][i] = (float)rng_normal(&rng);
    double best = INFINITY;
    const double end = clock_now_s() + seconds;
    do {
        const double start = cpu_now_s();
        cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, n, n, n, 1, m[0], n,
                    m[1], n, 0, m[2], n);
        best = fmin(best, cpu_now_s() - start);
    } while (clock_now_s() < end);
    *gflops = 2e-9 * n * n * (double)n / best;
    return ST_OK;
}

static status random_images(const struct nn_graph *g, int32_t n, struct arena *a,
                            struct nn_images *out, struct err *err)
{
    const struct nn_node *in = &g->nodes[0];
    const size_t size = (size_t)n * (size_t)in->H * (size_t)in->W * (size_t)in->C;
    uint8_t *pixels = ARENA_NEW(a, uint8_t, size);
    uint8_t *labels = ARENA_NEW(a, uint8_t, (size_t)n);
    if (!pixels || !labels) return arena_exhausted(err);
    struct rng rng = rng_seed(2, 0);
    for (size_t i = 0; i < size; i++)
        pixels[i] = (uint8_t)rng_below(&rng, 256);
    for (int32_t i = 0; i < n; i++)
        labels[i] = (uint8_t)rng_below(&rng, (uint64_t)g->n_classes);
    *out = (struct nn_images){n, in->H, in->W, in->C, g->n_classes, pixels, labels};
    return ST_OK;
}

static status time_steps(struct nn_trainer *t, const struct nn_images *images,
                         const struct nn_path *path, const struct options *opt,
                         struct row *out, struct err *err)
{
    const double end = clock_now_s() + opt->seconds;
    int32_t epoch = 0;
    do {
        const double wall = clock_now_s(), cpu = cpu_now_s();
        for (int32_t i = 0; i < STEPS; i++) {
            double loss;
            TRY(nn_trainer_step(t, images, epoch, i, path, 1e-3, &loss, NULL, err));
        }
        const double n = (double)STEPS * opt->batch;
        out->images_per_s = fmax(out->images_per_s, n / (clock_now_s() - wall));
        out->images_per_cpu_s = fmax(out->images_per_cpu_s, n / (cpu_now_s() - cpu));
        epoch++;
    } while (clock_now_s() < end);
    return ST_OK;
}

static status bench_threads(const struct options *opt, const struct nn_graph *g,
                            const struct nn_images *images, struct row *out,
                            struct err *err)
{
    struct nn_trainer_options o = nn_trainer_defaults();
    struct nn_path path = {{NN_FLOAT}, {NN_FLOAT}};
    struct pool *pool = NULL;
    struct nn_trainer *t = NULL;
    status st;
    o.batch = opt->batch;
    for (int32_t i = 0; i < g->n_layers; i++) {
        path.wbits[i] = (uint8_t)opt->wbits;
        path.abits[i] = i == 0 ? 8 : (uint8_t)opt->abits; /* pixels stay as they are */
    }
    TRY_OUT(pool_new(out->n_threads, &pool, err));
    TRY_OUT(nn_trainer_new(g, &o, pool, &t, err));
    TRY_OUT(nn_trainer_calibrate(t, images, opt->batch, err));
    TRY_OUT(time_steps(t, images, &path, opt, out, err));
out:
    nn_trainer_free(t);
    pool_free(pool);
    return st;
}

/* Prints the sgemm peak of one core, then a row for one thread and one for n_threads,
 * on random images with augmentation. */
static status print_table(const struct options *opt, FILE *f, struct arena *a,
                          struct err *err)
{
    struct nn_graph *g;
    struct nn_images images;
    double peak = 0, macs = 0;
    TRY(nn_graph_load(opt->network, 1, a, &g, err));
    TRY(random_images(g, opt->batch * STEPS, a, &images, err));
    TRY(gemm_peak(a, opt->seconds / 2, &peak, err));
    for (int32_t i = 0; i < g->n_layers; i++)
        macs += (double)layer_shape_macs(nn_graph_layer(g, i));
    fprintf(f, "%s: %.3f M MACs, W%dA%d, batch %d; sgemm of one core %.1f GFLOP/s\n",
            g->name, macs / 1e6, opt->wbits, opt->abits, (int)opt->batch, peak);
    fprintf(f, "%8s %10s %14s %12s\n", "threads", "images/s", "images/s/core",
            "sgemm share");
    for (int i = 0; i < 2; i++) {
        struct row row = {.n_threads = i ? opt->n_threads : 1};
        TRY(bench_threads(opt, g, &images, &row, err));
        const double share = 6e-9 * macs * row.images_per_cpu_s / peak;
        fprintf(f, "%8d %10.0f %14.0f %11.0f%%\n", row.n_threads, row.images_per_s,
                row.images_per_cpu_s, 100 * share);
    }
    return ST_OK;
}

static status run_shipped(double seconds, FILE *f, struct arena *a, struct err *err)
{
    struct options o = {
        .batch = 128, .wbits = 4, .abits = 4, .seconds = seconds, .n_threads = 2};
    const char *home;
    TRY(file_home_dir(a, &home, err));
    o.network = file_join(a, home, "configs/networks/resnet20-cifar10.yaml");
    return o.network ? print_table(&o, f, a, err) : arena_exhausted(err);
}

static status run_figure(double seconds, FILE *f, struct err *err)
{
    struct arena *a = arena_new();
    if (!a) return arena_exhausted(err);
    const status st = run_shipped(seconds, f, a, err);
    arena_free(a);
    return st;
}

const struct bench_figure nn_step_figure = {
    "step", "one quantised training step of the shipped network", run_figure};
