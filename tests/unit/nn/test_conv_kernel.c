/* test_conv_kernel.c -- tiled convolution against its plain twin, and its gradients
 * against finite differences, over random shapes. */
#include "tests/cmocka_all.h"

#include <stdlib.h>

#include "nn/conv_kernel.h"
#include "nn/kernel_ref.h"
#include "random_shape.h"

struct operands {
    struct layer_shape s;
    int32_t n;
    int64_t nx, nw, ny;
    float *x, *w, *y, *dy, *dw, *dx, *workspace;
    double *rx, *rw, *ry, *rdy, *rdw, *rdx;
};

static void fill(struct rng *r, int64_t n, float *p, double *q)
{
    for (int64_t i = 0; i < n; i++)
        q[i] = (double)(p[i] = (float)rng_normal(r));
}

static void *array(int64_t n, size_t size) { return calloc((size_t)n, size); }

static void operands_new(struct operands *o, struct rng *r, struct layer_shape s)
{
    o->s = s;
    o->n = between(r, 1, 4);
    o->nx = (int64_t)o->n * s.H * s.W * s.C;
    o->nw = layer_shape_weights(&s);
    o->ny = (int64_t)o->n * s.P * s.Q * s.K;
    o->x = array(o->nx, sizeof(float)), o->rx = array(o->nx, sizeof(double));
    o->w = array(o->nw, sizeof(float)), o->rw = array(o->nw, sizeof(double));
    o->y = array(o->ny, sizeof(float)), o->ry = array(o->ny, sizeof(double));
    o->dx = array(o->nx, sizeof(float)), o->rdx = array(o->nx, sizeof(double));
    o->dw = array(o->nw, sizeof(float)), o->rdw = array(o->nw, sizeof(double));
    o->dy = array(o->ny, sizeof(float)), o->rdy = array(o->ny, sizeof(double));
    o->workspace = array((int64_t)nn_conv_workspace(&s), sizeof(float));
    fill(r, o->nx, o->x, o->rx);
    fill(r, o->nw, o->w, o->rw);
    fill(r, o->ny, o->dy, o->rdy);
}

static void operands_free(struct operands *o)
{
    void *all[] = {o->x,  o->w,  o->y,   o->dx,  o->dw,  o->dy,       o->rx,
                   o->rw, o->ry, o->rdx, o->rdw, o->rdy, o->workspace};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        free(all[i]);
}

static void assert_near(const float *a, const double *b, int64_t n)
{
    for (int64_t i = 0; i < n; i++)
        assert_close((double)a[i], b[i], 1e-4, 1e-4);
}

static void compare(struct rng *r, struct layer_shape s)
{
    struct operands o;
    operands_new(&o, r, s);
    nn_conv_forward(&o.s, o.n, o.x, o.w, o.y, o.workspace);
    nn_conv_forward_ref(&o.s, o.n, o.rx, o.rw, o.ry);
    assert_near(o.y, o.ry, o.ny);
    nn_conv_backward(&o.s, o.n, o.x, o.w, o.dy, o.dw, o.dx, o.workspace);
    nn_conv_backward_ref(&o.s, o.n, o.rx, o.rw, o.rdy, o.rdw, o.rdx);
    assert_near(o.dw, o.rdw, o.nw);
    assert_near(o.dx, o.rdx, o.nx);
    operands_free(&o);
}

static void random_shapes_agree_with_the_plain_twin(void **state)
{
    (void)state;
    struct rng r = rng_seed(1, 0);
    for (int i = 0; i < 200; i++)
        compare(&r, random_shape(&r, false));
}

static void special_shapes_agree_with_the_plain_twin(void **state)
{
    (void)state;
    static const struct layer_shape shapes[] = {
        {"dense", LAYER_GEMM, 10, 64, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 1},
        {"pointwise", LAYER_CONV, 8, 16, 5, 4, 5, 4, 1, 1, 1, 1, 0, 0, 0, 0, 1},
        {"shortcut", LAYER_CONV, 8, 4, 7, 7, 4, 4, 1, 1, 2, 2, 0, 0, 0, 0, 1},
        {"many tiles", LAYER_CONV, 4, 16, 40, 40, 40, 40, 3, 3, 1, 1, 1, 1, 1, 1, 1},
    };
    struct rng r = rng_seed(2, 0);
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
        compare(&r, shapes[i]);
}

/* sum dy * conv(x, w), whose derivatives are what backward computes. */
static double functional(struct operands *o)
{
    double sum = 0;
    nn_conv_forward_ref(&o->s, o->n, o->rx, o->rw, o->ry);
    for (int64_t i = 0; i < o->ny; i++)
        sum += o->rdy[i] * o->ry[i];
    return sum;
}

static double difference(struct operands *o, double *at)
{
    const double eps = 1e-4, keep = *at;
    *at = keep + eps;
    const double up = functional(o);
    *at = keep - eps;
    const double down = functional(o);
    *at = keep;
    return (up - down) / (2 * eps);
}

static void gradients_agree_with_finite_differences(void **state)
{
    (void)state;
    struct rng r = rng_seed(3, 0);
    for (int i = 0; i < 25; i++) {
        struct operands o;
        operands_new(&o, &r, random_shape(&r, false));
        nn_conv_backward(&o.s, o.n, o.x, o.w, o.dy, o.dw, o.dx, o.workspace);
        for (int k = 0; k < 5; k++) {
            const int64_t iw = (int64_t)rng_below(&r, (uint64_t)o.nw);
            const int64_t ix = (int64_t)rng_below(&r, (uint64_t)o.nx);
            assert_close((double)o.dw[iw], difference(&o, &o.rw[iw]), 1e-4, 1e-4);
            assert_close((double)o.dx[ix], difference(&o, &o.rx[ix]), 1e-4, 1e-4);
        }
        operands_free(&o);
    }
}

static void integers_are_exact(void **state)
{
    (void)state;
    struct rng r = rng_seed(4, 0);
    for (int i = 0; i < 20; i++) {
        struct operands o;
        operands_new(&o, &r, random_shape(&r, false));
        for (int64_t k = 0; k < o.nx; k++)
            o.rx[k] = (double)(o.x[k] = (float)between(&r, 0, 255));
        for (int64_t k = 0; k < o.nw; k++)
            o.rw[k] = (double)(o.w[k] = (float)between(&r, -128, 127));
        nn_conv_forward(&o.s, o.n, o.x, o.w, o.y, o.workspace);
        nn_conv_forward_ref(&o.s, o.n, o.rx, o.rw, o.ry);
        for (int64_t k = 0; k < o.ny; k++)
            assert_true((double)o.y[k] == o.ry[k]);
        operands_free(&o);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_shapes_agree_with_the_plain_twin),
        cmocka_unit_test(special_shapes_agree_with_the_plain_twin),
        cmocka_unit_test(gradients_agree_with_finite_differences),
        cmocka_unit_test(integers_are_exact),
    };
    return cmocka_run_group_tests_name("nn/conv_kernel", tests, NULL, NULL);
}
