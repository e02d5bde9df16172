/* bench_conv.c -- single convolutions of common networks on one thread [GOP/s]; two
 * operations per MAC, processor time, best of several repetitions. */
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
} rows[] = {
    {"ResNet-20", 16, 16, 32, 3, 1},     {"ResNet-20", 16, 32, 32, 3, 2},
    {"ResNet-20", 32, 32, 16, 3, 1},     {"ResNet-20", 64, 64, 8, 3, 1},
    {"ResNet-18", 64, 64, 56, 3, 1},     {"ResNet-18", 128, 128, 28, 3, 1},
    {"ResNet-18", 256, 256, 14, 3, 1},   {"ResNet-18", 512, 512, 7, 3, 1},
    {"ResNet-50", 64, 256, 56, 1, 1},    {"ResNet-50", 2048, 512, 7, 1, 1},
    {"MobileNet-V2", 24, 144, 56, 1, 1}, {"MobileNet-V2", 160, 960, 7, 1, 1},
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
    return (struct layer_shape){
        "layer",   LAYER_CONV, r->K,      r->C, r->H, r->H, out, out, r->kernel,
        r->kernel, r->stride,  r->stride, pad,  pad,  pad,  pad, 1};
}

static status operands_new(const struct row *r, const struct qconv_isa *isa,
                           struct arena *a, struct operands *o, struct err *err)
{
    const struct layer_shape s = shape_of(r);
    struct qconv *c = &o->c;
    size_t dy_bytes;
    TRY(qconv_plan(&s, r->H, r->H, false, a, c, err));
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

static double gops(void (*product)(const struct qconv_isa *, struct operands *),
                   const struct qconv_isa *isa, struct operands *o, double macs,
                   double seconds)
{
    double best = INFINITY;
    const double end = clock_now_s() + seconds;
    do {
        const double start = cpu_now_s();
        product(isa, o);
        best = fmin(best, cpu_now_s() - start);
    } while (clock_now_s() < end);
    return 2e-9 * macs * N_IMAGES / best;
}

static status print_row(const struct row *r, const struct qconv_isa *isa,
                        double seconds, FILE *f, struct err *err)
{
    struct arena *a = arena_new();
    struct operands o;
    const status st = a ? operands_new(r, isa, a, &o, err) : arena_exhausted(err);
    if (st == ST_OK) {
        const double macs = (double)layer_shape_macs(&o.c.shape);
        fprintf(f, "%-13s %4d -> %3d @%-2d %dx%d/%d %9.0f %9.0f %9.0f\n", r->of,
                (int)r->C, (int)r->K, (int)r->H, (int)r->kernel, (int)r->kernel,
                (int)r->stride, gops(forward, isa, &o, macs, seconds),
                gops(data, isa, &o, macs, seconds),
                gops(weights, isa, &o, macs, seconds));
    }
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
    fprintf(f, "%-31s %9s %9s %9s [GOP/s], %s\n", "layer", "forward", "data", "weights",
            isa->name);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        TRY(print_row(&rows[i], isa, seconds / 10, f, err));
    return ST_OK;
}

const struct bench_figure nn_conv_figure = {
    "conv", "integer convolutions of common networks, one thread", run_figure};
