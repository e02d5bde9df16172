/* test_qconv.c -- the kernels of every instruction set that this CPU has, against their
 * plain twin, over random shapes. */
#include "tests/cmocka_all.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "nn/qconv.h"
#include "random_shape.h"

/* One layer with operands; scratch as one instruction set wants it. */
struct layer {
    struct arena *a;
    struct qconv c;
    int32_t n, zero;
    uint8_t *x;
    float *wq, *dy;
};

static void *array(struct layer *l, size_t n, size_t size)
{
    void *p = arena_alloc(l->a, n + QCONV_SLACK, size);
    assert_non_null(p);
    return p;
}

static void fill_input(struct layer *l, struct rng *r)
{
    const struct qconv *c = &l->c;
    const struct layer_shape *s = &c->shape;
    l->x = array(l, (size_t)l->n * c->x_image, 1);
    qconv_clear_input(c, l->n, (uint8_t)l->zero, l->x);
    for (int32_t i = 0; i < l->n; i++)
        for (int32_t h = 0; h < s->H; h++)
            for (int32_t w = 0; w < s->W; w++)
                for (int32_t ch = 0; ch < s->C; ch++)
                    l->x[(size_t)i * c->x_image +
                         (size_t)(((h + c->top) * c->Wp + w + c->left) * c->Cx + ch)] =
                        (uint8_t)rng_below(r, 256);
}

static struct layer layer_new(struct rng *r, const struct layer_shape *s)
{
    struct layer l = {.a = arena_new(), .n = between(r, 1, 4)};
    struct err err;
    l.zero = rng_below(r, 2) ? QCONV_SIGNED_ZERO : 0;
    assert_ok(qconv_plan(s, 1, 1, rng_below(r, 2), l.a, &l.c, &err), err);
    fill_input(&l, r);
    const int64_t n_weights = layer_shape_weights(&l.c.shape);
    l.wq = array(&l, (size_t)n_weights, sizeof(float));
    for (int64_t i = 0; i < n_weights; i++)
        l.wq[i] = (float)between(r, -128, 127);
    l.dy = array(&l, (size_t)l.n * l.c.y_image, sizeof(float));
    return l;
}

/* Channels beyond K stay 0, as the trainer has them. */
static void fill_gradient(struct layer *l, struct rng *r, bool integers)
{
    for (size_t i = 0; i < (size_t)l->n * l->c.y_image; i++)
        if ((int32_t)(i % (size_t)l->c.Kp) < l->c.shape.K)
            l->dy[i] = integers ? (float)between(r, -128, 127) : (float)rng_normal(r);
}

struct products {
    int32_t *y;
    double *sums;
    float *dx, *dw;
};

static struct products run(struct layer *l, const struct qconv_isa *set)
{
    const struct qconv *c = &l->c;
    const struct qconv_isa *isa = qconv_kernels(set, c);
    const size_t n = (size_t)l->n;
    struct qconv_scratch s;
    size_t dy_bytes;
    struct products out = {array(l, n * c->y_image, sizeof(int32_t)),
                           array(l, 2 * (size_t)c->Kp, sizeof(double)),
                           array(l, n * c->dx_image, sizeof(float)),
                           array(l, c->dw_size, sizeof(float))};
    void *forward = array(l, qconv_forward_bytes(isa, c), 1);
    void *backward = array(l, qconv_backward_bytes(isa, c) + 64, 1);
    isa->scratch_bytes(c, &dy_bytes, &s.dy_pack_image, &s.x_pack_image);
    s.dy = array(l, dy_bytes, 1);
    s.dy_pack = array(l, n * s.dy_pack_image, 1);
    s.x_pack = array(l, n * s.x_pack_image, 1);
    isa->pack_forward(c, l->wq, l->zero, forward);
    isa->pack_backward(c, l->wq, backward);
    isa->forward(c, l->n, l->x, forward, out.y, out.sums);
    for (int32_t i = 0; i < l->n; i++) {
        isa->spread(c, l->dy + (size_t)i * c->y_image, i, &s);
        isa->data(c, &s, backward, out.dx + (size_t)i * c->dx_image);
    }
    isa->weights(c, l->n, l->x, l->zero, &s, out.dw);
    return out;
}

static void assert_same(const float *a, const float *b, size_t n, double tolerance)
{
    double error = 0, norm = 0;
    for (size_t i = 0; i < n; i++) {
        error += pow((double)a[i] - (double)b[i], 2);
        norm += pow((double)b[i], 2);
    }
    if (sqrt(error) > tolerance * sqrt(norm))
        fail_msg("relative error %g", sqrt(error / norm));
}

/* What has no meaning in dw: input channels beyond C, products between groups. */
static void drop_padding(const struct qconv *c, float *dw)
{
    for (size_t i = 0; i < c->dw_size; i++) {
        const int32_t k = (int32_t)(i % (size_t)c->Kp);
        const int32_t ch = (int32_t)(i / (size_t)c->Kp) % c->Cw;
        const int32_t n = c->shape.C / c->shape.groups;
        const int32_t first = c->is_depthwise || k >= c->shape.K
                                  ? 0
                                  : layer_shape_channel(&c->shape, k, 0);
        if (k >= c->shape.K || ch < first || ch >= first + n) dw[i] = 0;
    }
}

/* Gradients of (K, R, S, C / groups), whatever the layout of dw. */
static void compare_gathered(struct layer *l, const struct products *want,
                             const struct products *got, double tolerance)
{
    const size_t n = (size_t)layer_shape_weights(&l->c.shape);
    float *a = array(l, n, sizeof *a), *b = array(l, n, sizeof *b);
    qconv_gather(&l->c, 1, want->dw, 0.5f, a);
    qconv_gather(&l->c, 1, got->dw, 0.5f, b);
    assert_same(b, a, n, tolerance);
}

static void compare_set(struct layer *l, const struct products *want,
                        const struct qconv_isa *isa, double tolerance)
{
    const struct qconv *c = &l->c;
    const struct products got = run(l, isa);
    assert_memory_equal(got.y, want->y, sizeof(int32_t) * (size_t)l->n * c->y_image);
    for (int32_t k = 0; k < 2 * c->Kp; k++)
        assert_close(got.sums[k], want->sums[k], 1e-5,
                     1e-5 * sqrt(want->sums[c->Kp + k % c->Kp] * (double)l->n *
                                 (double)(c->shape.P * c->shape.Q)));
    drop_padding(c, got.dw);
    assert_same(got.dx, want->dx, (size_t)l->n * c->dx_image, tolerance);
    assert_same(got.dw, want->dw, c->dw_size, tolerance);
    compare_gathered(l, want, &got, tolerance);
}

/* The instruction sets that this CPU has; NULL at the end. */
static const struct qconv_isa *nth_set(int n)
{
    for (int i = 0; i < NN_N_ISAS; i++)
        if (qconv_isa_of((enum nn_isa)i) && nn_isa_has((enum nn_isa)i) && n-- == 0)
            return qconv_isa_of((enum nn_isa)i);
    return NULL;
}

/* Integer gradients are exact in bf16, and their sums here in fp32 almost so. */
static void compare(struct rng *r, const struct layer_shape *shape, bool integers)
{
    struct layer l = layer_new(r, shape);
    fill_gradient(&l, r, integers);
    const struct products want = run(&l, &qconv_ref);
    const struct qconv_isa *isa;
    for (int i = 0; (isa = nth_set(i)) != NULL; i++) {
        const bool is_rounded = !integers && strstr(isa->name, "bf16");
        compare_set(&l, &want, isa, is_rounded ? 3e-3 : 1e-6);
    }
    arena_free(l.a);
}

static void products_of_integers_are_exact(void **state)
{
    (void)state;
    struct rng r = rng_seed(1, 0);
    for (int i = 0; i < 60; i++) {
        const struct layer_shape s = random_shape(&r, true);
        compare(&r, &s, true);
    }
    for (int i = 0; i < NN_N_ISAS; i++)
        if (!nn_isa_has((enum nn_isa)i))
            print_message("this CPU has no %s: not compared\n",
                          nn_isa_name((enum nn_isa)i));
}

static void only_the_gradient_is_rounded(void **state)
{
    (void)state;
    struct rng r = rng_seed(2, 0);
    for (int i = 0; i < 30; i++) {
        const struct layer_shape s = random_shape(&r, true);
        compare(&r, &s, false);
    }
}

static void special_shapes_agree(void **state)
{
    (void)state;
    static const struct layer_shape shapes[] = {
        {"dense", LAYER_GEMM, 10, 64, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 1},
        {"pointwise", LAYER_CONV, 96, 24, 5, 4, 5, 4, 1, 1, 1, 1, 0, 0, 0, 0, 1},
        {"wide", LAYER_CONV, 48, 16, 7, 7, 7, 7, 1, 1, 1, 1, 0, 0, 0, 0, 1},
        {"shortcut", LAYER_CONV, 32, 16, 8, 8, 4, 4, 1, 1, 2, 2, 0, 0, 0, 0, 1},
        {"stem", LAYER_CONV, 16, 3, 32, 32, 32, 32, 3, 3, 1, 1, 1, 1, 1, 1, 1},
        {"deep", LAYER_CONV, 192, 128, 4, 4, 4, 4, 3, 3, 1, 1, 1, 1, 1, 1, 1},
        {"depthwise", LAYER_CONV, 96, 96, 9, 30, 9, 30, 3, 3, 1, 1, 1, 1, 1, 1, 96},
        {"depthwise, halved", LAYER_CONV, 40, 40, 15, 15, 8, 8, 3, 3, 2, 2, 1, 1, 1, 1,
         40},
        {"depthwise, large", LAYER_CONV, 20, 20, 14, 14, 14, 14, 7, 7, 1, 1, 3, 3, 3, 3,
         20},
        {"depthwise pixels", LAYER_CONV, 3, 3, 8, 8, 8, 8, 3, 3, 1, 1, 1, 1, 1, 1, 3},
        {"grouped", LAYER_CONV, 128, 128, 7, 7, 7, 7, 3, 3, 1, 1, 1, 1, 1, 1, 32},
        {"big stem", LAYER_CONV, 16, 3, 20, 20, 10, 10, 7, 7, 2, 2, 3, 3, 3, 3, 1},
    };
    struct rng r = rng_seed(3, 0);
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
        compare(&r, &shapes[i], true);
}

/* The largest sums of a layer: nothing saturates on the way. */
static void extremes_of(const struct layer_shape *shape)
{
    struct rng r = rng_seed(4, 0);
    const struct layer_shape s = *shape;
    for (int sign = 0; sign < 2; sign++) {
        struct layer l = layer_new(&r, &s);
        memset(l.x, 255, (size_t)l.n * l.c.x_image);
        for (int64_t i = 0; i < layer_shape_weights(&s); i++)
            l.wq[i] = sign ? -128.0f : 127.0f;
        const struct qconv_isa *isa;
        for (int i = 0; (isa = nth_set(i)) != NULL; i++) {
            const struct products got = run(&l, isa);
            assert_int_equal(got.y[0],
                             (255 - l.zero) * layer_shape_MW(&s) * (sign ? -128 : 127));
        }
        arena_free(l.a);
    }
}

static void the_largest_sums_are_exact(void **state)
{
    (void)state;
    const struct layer_shape dense = {"extreme", LAYER_CONV, 32, 64, 6, 6, 6, 6, 3,
                                      3,         1,          1,  1,  1, 1, 1, 1};
    const struct layer_shape depthwise = {"extreme", LAYER_CONV, 32, 32, 6, 6, 6, 6, 3,
                                          3,         1,          1,  1,  1, 1, 1, 32};
    extremes_of(&dense);
    extremes_of(&depthwise);
}

/* A fully connected layer that reads a map is a convolution of the map's size. */
static void a_dense_layer_reads_a_map(void **state)
{
    (void)state;
    const struct layer_shape s = {"fc", LAYER_GEMM, 10, 60, 1, 1, 1, 1, 1,
                                  1,    1,          1,  0,  0, 0, 0, 1};
    struct qconv c;
    struct err err;
    struct arena *a = arena_new();
    assert_ok(qconv_plan(&s, 3, 4, true, a, &c, &err), err);
    assert_int_equal(c.shape.C, 5);
    assert_int_equal(c.n_taps, 12);
    assert_int_equal(c.Cx, 8);
    assert_int_equal(c.x_image, 3 * 4 * 8);
    assert_int_equal(c.y_image, 16);
    arena_free(a);
}

static void sums_beyond_32_bits_are_refused(void **state)
{
    (void)state;
    const struct layer_shape s = {"huge", LAYER_CONV, 16, 65000, 5, 5, 5, 5, 3,
                                  3,      1,          1,  1,     1, 1, 1, 1};
    struct qconv c;
    struct err err;
    struct arena *a = arena_new();
    assert_int_equal(qconv_plan(&s, 1, 1, false, a, &c, &err), ST_UNSUPPORTED);
    assert_string_equal(err.msg,
                        "layer 'huge': sums of 585000 products may exceed 32 bits");
    arena_free(a);
}

/* ---- nn/isa.h ---- */

static void another_instruction_set_can_be_forced(void **state)
{
    (void)state;
    enum nn_isa isa;
    struct err err;
    setenv("BITWRIGHT_ISA", "blas", 1);
    assert_ok(nn_isa_choose(&isa, &err), err);
    assert_int_equal(isa, NN_ISA_BLAS);
    assert_null(qconv_isa_of(isa));
    unsetenv("BITWRIGHT_ISA");
    assert_ok(nn_isa_choose(&isa, &err), err);
    assert_int_equal(isa, nn_isa_best());
}

static void an_unknown_instruction_set_is_refused(void **state)
{
    (void)state;
    enum nn_isa isa;
    struct err err;
    setenv("BITWRIGHT_ISA", "neon", 1);
    assert_int_equal(nn_isa_choose(&isa, &err), ST_RANGE);
    assert_non_null(strstr(err.msg, "BITWRIGHT_ISA: expected one of blas"));
    assert_non_null(strstr(err.msg, "found 'neon'"));
    unsetenv("BITWRIGHT_ISA");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(products_of_integers_are_exact),
        cmocka_unit_test(only_the_gradient_is_rounded),
        cmocka_unit_test(special_shapes_agree),
        cmocka_unit_test(the_largest_sums_are_exact),
        cmocka_unit_test(a_dense_layer_reads_a_map),
        cmocka_unit_test(sums_beyond_32_bits_are_refused),
        cmocka_unit_test(another_instruction_set_can_be_forced),
        cmocka_unit_test(an_unknown_instruction_set_is_refused),
    };
    return cmocka_run_group_tests_name("nn/qconv", tests, NULL, NULL);
}
