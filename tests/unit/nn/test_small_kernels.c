/* test_small_kernels.c -- batch norm's sums, loss, update, residual sum, pool and
 * augmentation against plain loops, over random shapes. */
#include "tests/cmocka_all.h"

#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "nn/augment.h"
#include "nn/bn_kernel.h"
#include "nn/kernel_ref.h"
#include "nn/loss_kernel.h"
#include "nn/sgd_kernel.h"
#include "nn/tensor_kernel.h"

enum { C_MAX = 50, ROWS_MAX = 60, N_MAX = C_MAX * ROWS_MAX };

struct arrays {
    float a[N_MAX], b[N_MAX], c[N_MAX], d[N_MAX];
};

static int setup(void **state)
{
    *state = calloc(1, sizeof(struct arrays));
    return *state ? 0 : -1;
}

static int teardown(void **state)
{
    free(*state);
    return 0;
}

static int32_t between(struct rng *r, int32_t lo, int32_t hi)
{
    return lo + (int32_t)rng_below(r, (uint64_t)(hi - lo + 1));
}

static void fill(struct rng *r, int64_t n, float *p)
{
    for (int64_t i = 0; i < n; i++)
        p[i] = (float)rng_normal(r);
}

static void sums_per_channel_agree_with_plain_loops(void **state)
{
    struct arrays *t = *state;
    struct rng r = rng_seed(1, 0);
    for (int k = 0; k < 100; k++) {
        const int32_t C = between(&r, 1, C_MAX), rows = between(&r, 1, ROWS_MAX);
        double sum[C_MAX] = {0}, sq[C_MAX] = {0}, g[C_MAX] = {0}, gy[C_MAX] = {0};
        fill(&r, rows * C, t->a);
        fill(&r, rows * C, t->b);
        fill(&r, C, t->c);
        nn_bn_sums(t->a, rows, C, sum, sq);
        nn_bn_backward_sums(t->b, t->a, t->c, rows, C, g, gy);
        for (int32_t c = 0; c < C; c++) {
            double s = 0, s2 = 0, sg = 0, sgy = 0;
            for (int32_t i = 0; i < rows; i++) {
                const double y = (double)t->a[i * C + c],
                             from = (double)t->b[i * C + c];
                s += y;
                s2 += y * y;
                sg += from;
                sgy += from * (y - (double)t->c[c]);
            }
            assert_close(sum[c], s, 1e-5, 1e-4);
            assert_close(sq[c], s2, 1e-5, 1e-4);
            assert_close(g[c], sg, 1e-5, 1e-4);
            assert_close(gy[c], sgy, 1e-5, 1e-4);
        }
    }
}

static void batch_norm_backward_is_linear_per_channel(void **state)
{
    struct arrays *t = *state;
    struct rng r = rng_seed(2, 0);
    for (int k = 0; k < 50; k++) {
        const int32_t C = between(&r, 1, C_MAX), rows = between(&r, 1, ROWS_MAX);
        float mean[C_MAX], k0[C_MAX], k1[C_MAX], k2[C_MAX];
        fill(&r, C, mean);
        fill(&r, C, k0);
        fill(&r, C, k1);
        fill(&r, C, k2);
        fill(&r, rows * C, t->a);
        fill(&r, rows * C, t->b);
        memcpy(t->c, t->a, sizeof t->a);
        nn_bn_backward(t->c, t->b, mean, k0, k1, k2, rows, C);
        for (int32_t i = 0; i < rows * C; i++) {
            const int32_t c = i % C;
            const double expected =
                (double)k0[c] * (double)t->a[i] +
                (double)k1[c] * ((double)t->b[i] - (double)mean[c]) + (double)k2[c];
            assert_close((double)t->c[i], expected, 1e-5, 1e-5);
        }
    }
}

static void the_gradient_of_the_loss_is_its_difference(void **state)
{
    (void)state;
    struct rng r = rng_seed(3, 0);
    enum { N = 5, K = 7 };
    float acc[N * K], offset[K], grad[N * K];
    double logits[N * K];
    uint16_t labels[N];
    fill(&r, N * K, acc);
    fill(&r, K, offset);
    for (int i = 0; i < N; i++)
        labels[i] = (uint16_t)rng_below(&r, K);
    const struct nn_loss_sum sum =
        nn_loss(acc, N, K, 1.5f, offset, labels, 0.25f, grad);
    for (int i = 0; i < N * K; i++)
        logits[i] = (double)(acc[i] * 1.5f + offset[i % K]);
    assert_close(sum.loss, nn_loss_ref(logits, N, K, labels), 1e-6, 0);
    for (int i = 0; i < N * K; i++) {
        const double keep = logits[i], eps = 1e-5;
        logits[i] = keep + eps;
        const double up = nn_loss_ref(logits, N, K, labels);
        logits[i] = keep - eps;
        const double down = nn_loss_ref(logits, N, K, labels);
        logits[i] = keep;
        assert_close((double)grad[i], 0.25 * (up - down) / (2 * eps), 1e-4, 1e-6);
    }
}

/* (1 - share) CE + share T^2 KL(teacher || student) of one image, in double. */
static double taught_loss(const double *z, const float *t, int K, int label, double T,
                          double share)
{
    double z_sum = 0, zT_sum = 0, tT_sum = 0, kl = 0;
    for (int k = 0; k < K; k++) {
        z_sum += exp(z[k]);
        zT_sum += exp(z[k] / T);
        tT_sum += exp((double)t[k] / T);
    }
    for (int k = 0; k < K; k++) {
        const double q = exp((double)t[k] / T) / tT_sum;
        kl += q * (log(q) - log(exp(z[k] / T) / zT_sum));
    }
    return (1 - share) * (log(z_sum) - z[label]) + share * T * T * kl;
}

static void a_teacher_s_gradient_is_the_difference_of_the_shared_loss(void **state)
{
    (void)state;
    struct rng r = rng_seed(6, 0);
    enum { N = 4, K = 5 };
    float acc[N * K], offset[K], teacher[N * K], grad[N * K];
    const uint16_t labels[N] = {0, 4, 2, 2};
    const struct nn_teaching how = {teacher, 0.3f, 2.5f};
    fill(&r, N * K, acc);
    fill(&r, K, offset);
    fill(&r, N * K, teacher);
    nn_loss(acc, N, K, 1.5f, offset, labels, 0.25f, grad);
    nn_loss_teach(&how, acc, N, K, 1.5f, offset, 0.25f, grad);
    for (int i = 0; i < N; i++) {
        double z[K];
        for (int k = 0; k < K; k++)
            z[k] = (double)(acc[i * K + k] * 1.5f + offset[k]);
        for (int k = 0; k < K; k++) {
            const double keep = z[k], eps = 1e-5;
            z[k] = keep + eps;
            const double up = taught_loss(z, teacher + i * K, K, labels[i], 2.5, 0.3);
            z[k] = keep - eps;
            const double down = taught_loss(z, teacher + i * K, K, labels[i], 2.5, 0.3);
            z[k] = keep;
            assert_close((double)grad[i * K + k], 0.25 * (up - down) / (2 * eps), 1e-4,
                         1e-6);
        }
    }
}

static void the_class_is_the_first_maximum(void **state)
{
    (void)state;
    const float acc[2][3] = {{1, 2, 2}, {0, 0, 0}};
    const uint16_t first[2] = {1, 0}, second[2] = {2, 1};
    assert_int_equal(nn_loss(acc[0], 2, 3, 1, NULL, first, 1, NULL).n_correct, 2);
    assert_int_equal(nn_loss(acc[0], 2, 3, 1, NULL, second, 1, NULL).n_correct, 0);
}

static void updates_follow_the_formula(void **state)
{
    struct arrays *t = *state;
    struct rng r = rng_seed(4, 0);
    const struct nn_sgd o = {0.1f, 0.9f, 0.01f};
    fill(&r, 100, t->a);
    fill(&r, 100, t->b);
    fill(&r, 100, t->c);
    memcpy(t->d, t->c, sizeof t->c);
    float v[100];
    memcpy(v, t->b, sizeof v);
    nn_sgd_update(&o, 100, t->a, v, t->d);
    for (int i = 0; i < 100; i++) {
        const double expected =
            0.9 * (double)t->b[i] + (double)t->a[i] + 0.01 * (double)t->c[i];
        assert_close((double)v[i], expected, 1e-5, 1e-6);
        assert_close((double)t->d[i], (double)t->c[i] - 0.1 * expected, 1e-5, 1e-6);
    }
}

static void parts_are_added_in_order(void **state)
{
    (void)state;
    /* 1e8 + 1 - 1e8 is 0 in single precision, in another order 1 */
    const float parts[3][2] = {{1e8f, 1}, {1, 2}, {-1e8f, 3}};
    float sum[2];
    nn_sum_parts(3, 2, parts[0], 2, sum);
    assert_true(sum[0] == 0.0f && sum[1] == 12.0f);
}

static void the_residual_sum_clips_and_its_gradient_stops_there(void **state)
{
    struct arrays *t = *state;
    struct rng r = rng_seed(5, 0);
    for (int k = 0; k < 50; k++) {
        const int32_t n = between(&r, 1, 300);
        double clipped = 0;
        for (int32_t i = 0; i < n; i++) {
            t->a[i] = (float)between(&r, -128, 127);
            t->b[i] = (float)between(&r, -50, 255);
        }
        fill(&r, n, t->d);
        nn_add_forward(t->a, t->b, n, 0, 255, t->c);
        float G[300];
        memcpy(G, t->d, sizeof G);
        const double share = nn_add_backward(t->c, n, 0, 255, G);
        for (int32_t i = 0; i < n; i++) {
            const float sum = t->a[i] + t->b[i];
            const bool inside = sum > 0 && sum < 255;
            assert_true(t->c[i] == (sum < 0 ? 0 : sum > 255 ? 255 : sum));
            assert_true(G[i] == (inside ? t->d[i] : 0));
            if (!inside) clipped += (double)(t->c[i] * t->d[i]);
        }
        assert_close(share, clipped, 1e-5, 1e-2);
    }
}

static void the_pool_sums_and_spreads(void **state)
{
    struct arrays *t = *state;
    struct rng r = rng_seed(6, 0);
    enum { N = 3, PIXELS = 9, C = 21 };
    fill(&r, N * PIXELS * C, t->a);
    nn_gap_forward(t->a, N, PIXELS, C, t->b);
    for (int i = 0; i < N * C; i++) {
        double sum = 0;
        for (int p = 0; p < PIXELS; p++)
            sum += (double)t->a[(i / C * PIXELS + p) * C + i % C];
        assert_close((double)t->b[i], sum, 1e-5, 1e-5);
    }
    for (int add = 0; add < 2; add++) {
        fill(&r, N * PIXELS * C, t->c);
        memcpy(t->d, t->c, sizeof t->c);
        nn_gap_backward(t->b, N, PIXELS, C, 0.5f, add, t->d);
        for (int i = 0; i < N * PIXELS * C; i++)
            assert_close((double)t->d[i],
                         (add ? (double)t->c[i] : 0) +
                             0.5 * (double)t->b[i / (PIXELS * C) * C + i % C],
                         1e-5, 1e-6);
    }
}

static void augmentation_is_a_shift_and_a_flip(void **state)
{
    (void)state;
    enum { H = 5, W = 6, C = 2 };
    uint8_t pixels[2 * H * W * C];
    uint16_t labels[2] = {0, 1};
    for (int i = 0; i < 2 * H * W * C; i++)
        pixels[i] = (uint8_t)(i * 3 + 1);
    const struct nn_images images = {2, H, W, C, 2, pixels, labels};
    enum { REACH = 4, SPAN = 2 * REACH + 1 };
    bool seen[SPAN][SPAN][2] = {{{false}}};
    for (int epoch = 0; epoch < 2000; epoch++) {
        const struct nn_augment how = nn_augment_of(9, epoch, 1, REACH);
        float out[H * W * C];
        nn_augment_image(&images, 1, &how, out);
        assert_in_range(how.dy + REACH, 0, 2 * REACH);
        assert_in_range(how.dx + REACH, 0, 2 * REACH);
        seen[how.dy + REACH][how.dx + REACH][how.flip] = true;
        for (int i = 0; i < H * W * C; i++) {
            const int y = i / (W * C) + how.dy, x = i / C % W;
            const int from = (how.flip ? W - 1 - x : x) + how.dx;
            const bool inside = y >= 0 && y < H && from >= 0 && from < W;
            const int at = ((1 * H + y) * W + from) * C + i % C;
            assert_true(out[i] == (inside ? (float)pixels[at] : 0.0f));
        }
    }
    for (int i = 0; i < 2 * SPAN * SPAN; i++)
        assert_true(seen[i / 2 / SPAN][i / 2 % SPAN][i % 2]);
}

static void the_shift_follows_the_size_of_the_images(void **state)
{
    (void)state;
    assert_int_equal(nn_augment_reach(28), 2);
    assert_int_equal(nn_augment_reach(32), 4);
    assert_int_equal(nn_augment_reach(224), 28);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sums_per_channel_agree_with_plain_loops),
        cmocka_unit_test(batch_norm_backward_is_linear_per_channel),
        cmocka_unit_test(the_gradient_of_the_loss_is_its_difference),
        cmocka_unit_test(a_teacher_s_gradient_is_the_difference_of_the_shared_loss),
        cmocka_unit_test(the_class_is_the_first_maximum),
        cmocka_unit_test(updates_follow_the_formula),
        cmocka_unit_test(parts_are_added_in_order),
        cmocka_unit_test(the_residual_sum_clips_and_its_gradient_stops_there),
        cmocka_unit_test(the_pool_sums_and_spreads),
        cmocka_unit_test(augmentation_is_a_shift_and_a_flip),
        cmocka_unit_test(the_shift_follows_the_size_of_the_images),
    };
    return cmocka_run_group_tests_name("nn/small kernels", tests, setup, teardown);
}
