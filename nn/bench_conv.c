/* bench_conv.c -- the convolutions of common networks on one thread [GOP/s]; two
 * operations per MAC, processor time, best of several repetitions.
 *
 * The share is of what one core does with the same instructions on registers alone,
 * measured in the same run; of a depthwise layer, whose gradients are fp32 whatever
 * the other layers have, it is of fp32. */
#include "nn/bench_conv.h"

#include <math.h>
#include <time.h>

#include "base/progress.h"
#include "base/rng.h"
#include "nn/qconv.h"

enum { N_IMAGES = 8 };

static const struct row {
    const char *of; /* network */
    int32_t C, K, H, kernel, stride;
    bool is_depthwise;
} rows[] = {
    {"ResNet-20", 3, 16, 32, 3, 1, false},
    {"ResNet-20", 16, 16, 32, 3, 1, false},
    {"ResNet-20", 16, 32, 32, 3, 2, false},
    {"ResNet-20", 32, 32, 16, 3, 1, false},
    {"ResNet-20", 32, 64, 16, 3, 2, false},
    {"ResNet-20", 64, 64, 8, 3, 1, false},
    {"ResNet-18/50", 3, 64, 224, 7, 2, false},
    {"ResNet-18/50", 64, 64, 56, 3, 1, false},
    {"ResNet-18", 64, 128, 56, 3, 2, false},
    {"ResNet-18", 64, 128, 56, 1, 2, false},
    {"ResNet-18/50", 128, 128, 28, 3, 1, false},
    {"ResNet-18/50", 256, 256, 14, 3, 1, false},
    {"ResNet-18/50", 512, 512, 7, 3, 1, false},
    {"ResNet-50", 256, 64, 56, 1, 1, false},
    {"ResNet-50", 64, 256, 56, 1, 1, false},
    {"ResNet-50", 1024, 256, 14, 1, 1, false},
    {"ResNet-50", 256, 1024, 14, 1, 1, false},
    {"ResNet-50", 2048, 512, 7, 1, 1, false},
    {"MobileNet-V2", 3, 32, 224, 3, 2, false},
    {"MobileNet-V2", 16, 96, 112, 1, 1, false},
    {"MobileNet-V2", 144, 24, 56, 1, 1, false},
    {"MobileNet-V2", 24, 144, 56, 1, 1, false},
    {"MobileNet-V2", 64, 384, 14, 1, 1, false},
    {"MobileNet-V2", 160, 960, 7, 1, 1, false},
    {"MobileNet-V2", 320, 1280, 7, 1, 1, false},
    {"MobileNet-V2", 32, 32, 112, 3, 1, true},
    {"MobileNet-V2", 96, 96, 112, 3, 2, true},
    {"MobileNet-V2", 144, 144, 56, 3, 1, true},
    {"MobileNet-V2", 192, 192, 28, 3, 1, true},
    {"MobileNet-V2", 576, 576, 14, 3, 2, true},
    {"MobileNet-V2", 960, 960, 7, 3, 1, true},
};

struct operands {
    struct qconv c;
    uint8_t *x;
    float *wq, *dy, *dx, *dw;
    void *forward, *backward;
    int32_t *y;
    struct qconv_scratch s;
    double *sums;
};

static struct layer_shape shape_of(const struct row *r)
{
    const int32_t pad = r->kernel / 2;
    const int32_t out = (r->H + 2 * pad - r->kernel) / r->stride + 1;
    return (struct layer_shape){"layer",
                                LAYER_CONV,
                                r->K,
                                r->C,
                                r->H,
                                r->H,
                                out,
                                out,
                                r->kernel,
                                r->kernel,
                                r->stride,
                                r->stride,
                                pad,
                                pad,
                                pad,
                                pad,
                                r->is_depthwise ? r->C : 1};
}

static status operands_new(const struct row *r, const struct qconv_isa *set,
                           struct arena *a, struct operands *o, struct err *err)
{
    const struct layer_shape s = shape_of(r);
    struct qconv *c = &o->c;
    size_t dy_bytes;
    TRY(qconv_plan(&s, r->H, r->H, r->C == 3, a, c, err));
    const struct qconv_isa *isa = qconv_kernels(set, c);
    isa->scratch_bytes(c, &dy_bytes, &o->s.dy_pack_image, &o->s.x_pack_image);
    o->x = ARENA_NEW(a, uint8_t, N_IMAGES * c->x_image + QCONV_SLACK);
    o->wq = ARENA_NEW(a, float, (size_t)layer_shape_weights(&s));
    o->dy = ARENA_NEW(a, float, c->y_image);
    o->dx = ARENA_NEW(a, float, c->dx_image);
    o->dw = ARENA_NEW(a, float, c->dw_size);
    o->y = ARENA_NEW(a, int32_t, N_IMAGES * c->y_image);
    o->sums = ARENA_NEW(a, double, 2 * (size_t)c->Kp);
    o->forward = arena_alloc(a, qconv_forward_bytes(isa, c), 1);
    o->backward = arena_alloc(a, qconv_backward_bytes(isa, c), 1);
    o->s.dy = arena_alloc(a, dy_bytes + QCONV_SLACK, 1);
    o->s.dy_pack = arena_alloc(a, N_IMAGES * o->s.dy_pack_image, 1);
    o->s.x_pack = arena_alloc(a, N_IMAGES * o->s.x_pack_image, 1);
    if (!o->x || !o->wq || !o->dy || !o->dx || !o->dw || !o->y || !o->sums ||
        !o->forward || !o->backward || !o->s.dy || !o->s.dy_pack || !o->s.x_pack)
        return arena_exhausted(err);
    struct rng rng = rng_seed(1, 0);
    for (size_t i = 0; i < N_IMAGES * c->x_image; i++)
        o->x[i] = (uint8_t)rng_below(&rng, 256);
    for (int64_t i = 0; i < layer_shape_weights(&s); i++)
        o->wq[i] = (float)rng_below(&rng, 256) - 128;
    for (size_t i = 0; i < c->y_image; i++)
        o->dy[i] = (float)rng_normal(&rng);
    isa->pack_forward(c, o->wq, 0, o->forward);
    isa->pack_backward(c, o->wq, o->backward);
    return ST_OK;
}

static void forward(const struct qconv_isa *isa, struct operands *o)
{
    isa->forward(&o->c, N_IMAGES, o->x, o->forward, o->y, o->sums);
}

/* With the conversion of its operand, as in a step. */
static void data(const struct qconv_isa *isa, struct operands *o)
{
    for (int32_t i = 0; i < N_IMAGES; i++) {
        isa->spread(&o->c, o->dy, i, &o->s);
        isa->data(&o->c, &o->s, o->backward, o->dx);
    }
}

static void weights(const struct qconv_isa *isa, struct operands *o)
{
    isa->weights(&o->c, N_IMAGES, o->x, 0, &o->s, o->dw);
}

static double cpu_now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* Best rate of `seconds` of repetitions. */
static double gops(void (*product)(const struct qconv_isa *, struct operands *),
                   const struct qconv_isa *isa, struct operands *o, double seconds)
{
    const double ops = 2.0 * (double)layer_shape_macs(&o->c.shape) * N_IMAGES;
    double best = INFINITY;
    const double end = clock_now_s() + seconds;
    do {
        const double start = cpu_now_s();
        product(isa, o);
        best = fmin(best, cpu_now_s() - start);
    } while (clock_now_s() < end);
    return 1e-9 * ops / best;
}

static double peak_gops(double (*peak)(int64_t, float *), double seconds)
{
    enum { ROUNDS = 100000 };
    float sink = 0;
    double best = 0;
    const double end = clock_now_s() + seconds;
    do {
        const double start = cpu_now_s();
        const double ops = peak(ROUNDS, &sink);
        best = fmax(best, 1e-9 * ops / (cpu_now_s() - start));
    } while (clock_now_s() < end);
    return best;
}

struct peaks { /* [GOP/s] */
    double forward, backward, backward_f32;
};

static void print_rates(const struct row *r, const struct operands *o,
                        const struct qconv_isa *isa, const struct peaks *top,
                        double seconds, FILE *f)
{
    const double back = r->is_depthwise ? top->backward_f32 : top->backward;
    const double of[] = {top->forward, back, back};
    struct operands use = *o;
    const double rates[] = {gops(forward, isa, &use, seconds),
                            gops(data, isa, &use, seconds),
                            gops(weights, isa, &use, seconds)};
    fprintf(f, "%-13s %4d -> %4d @%-3d %dx%d/%d %-9s", r->of, (int)r->C, (int)r->K,
            (int)r->H, (int)r->kernel, (int)r->kernel, (int)r->stride,
            r->is_depthwise ? "depthwise" : "");
    for (int i = 0; i < 3; i++)
        fprintf(f, " %5.0f %3.0f%%", rates[i], 100 * rates[i] / of[i]);
    fprintf(f, "\n");
}

static status print_row(const struct row *r, const struct qconv_isa *set,
                        const struct peaks *top, double seconds, FILE *f,
                        struct err *err)
{
    struct arena *a = arena_new();
    struct operands o;
    const status st = a ? operands_new(r, set, a, &o, err) : arena_exhausted(err);
    if (st == ST_OK) print_rates(r, &o, qconv_kernels(set, &o.c), top, seconds, f);
    arena_free(a);
    return st;
}

static status run_figure(double seconds, FILE *f, struct err *err)
{
    enum nn_isa set;
    TRY(nn_isa_choose(&set, err));
    const struct qconv_isa *isa = qconv_isa_of(set);
    if (!isa) {
        fprintf(f, "%s: no integer convolutions\n", nn_isa_name(set));
        return ST_OK;
    }
    const struct qconv_isa *f32 =
        qconv_isa_of(set == NN_ISA_AVX512_BF16 ? NN_ISA_AVX512 : set);
    const struct peaks top = {peak_gops(isa->forward_peak, seconds / 10),
                              peak_gops(isa->backward_peak, seconds / 10),
                              peak_gops(f32->backward_peak, seconds / 10)};
    fprintf(f, "%s, one core's peak: forward %.0f, backward %.0f, in fp32 %.0f GOP/s\n",
            isa->name, top.forward, top.backward, top.backward_f32);
    fprintf(f, "%-47s %10s %10s %10s\n", "layer [GOP/s, share of the peak]", "forward",
            "data", "weights");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        TRY(print_row(&rows[i], isa, &top, seconds / 20, f, err));
    return ST_OK;
}

const struct bench_figure nn_conv_figure = {
    "conv", "integer convolutions of common networks, one thread", run_figure};
