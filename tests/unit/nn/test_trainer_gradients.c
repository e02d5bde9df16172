/* test_trainer_gradients.c -- every gradient of a step against finite differences of a
 * double-precision twin of the network (reference_net.h), at fp32 and at all kinds of
 * precision. */
#include "reference_net.h"
#include "trainer_fixture.h"

#include "nn/isa.h"

/* A rate that trains nothing that a float could show; 0 would leave no gradients. */
static const double tiny_lr = 1e-30;

/* One step that changes nothing but leaves its gradients behind. */
static struct nn_trainer *trainer_after_step(struct fixture *x,
                                             const struct nn_path *path,
                                             struct nn_scores *scores)
{
    struct nn_trainer_options o = fixture_options();
    o.weight_decay = 0;
    o.fp32_backward = true; /* differences are finer than bf16 */
    struct nn_trainer *t = fixture_trainer(x, &o, NULL);
    double loss;
    /* Away from the start: batch norms and biases that do something. */
    const struct nn_path plain = fixture_path(x, NN_FLOAT, NN_FLOAT);
    for (int i = 0; i < 8; i++)
        assert_ok(
            nn_trainer_step(t, &x->images, 0, i, &plain, 0.05, &loss, NULL, &x->err),
            x->err);
    assert_ok(nn_trainer_calibrate(t, &x->images, 48, &x->err), x->err);
    for (int32_t i = 0; i < t->graph->n_layers; i++) {
        struct tr_param *all[] = {&t->layers[i].weights, &t->layers[i].gamma,
                                  &t->layers[i].beta, &t->layers[i].bias};
        for (int k = 0; k < 4; k++)
            for (int64_t j = 0; j < all[k]->n; j++)
                all[k]->velocity[j] = 0;
        /* Steps off their optimum clip some values and have large gradients. */
        for (int bits = 1; bits < NN_BITS; bits++) {
            t->layers[i].w_step[bits].value *= 0.8;
            t->layers[i].a_step[bits].value *= 0.7;
        }
    }
    for (int32_t g = 0; g < t->n_groups; g++)
        t->groups[g].step.value *= 0.5;
    assert_ok(
        nn_trainer_step(t, &x->images, 1, 0, path, tiny_lr, &loss, scores, &x->err),
        x->err);
    return t;
}

static void check_param(struct ref_net *r, const struct tr_param *p, double *value,
                        struct rng *rng)
{
    double largest = 0;
    for (int64_t i = 0; i < p->n; i++)
        largest = fmax(largest, fabs((double)p->velocity[i]));
    for (int k = 0; k < 2 && p->n; k++) {
        const int64_t i = (int64_t)rng_below(rng, (uint64_t)p->n);
        assert_close((double)p->velocity[i], ref_net_difference(r, &value[i]), 1e-3,
                     1e-4 * largest + 1e-6);
    }
}

static void check_step(struct ref_net *r, const struct tr_step *s, double *value)
{
    const double gradient = s->velocity * sqrt(s->n_levels);
    assert_close(gradient, ref_net_difference(r, value), 2e-3, 2e-5);
}

static void check_gradients_of(struct fixture *x, const struct nn_path *which)
{
    const struct nn_path path = *which;
    const int wbits = path.wbits[1], abits = path.abits[1];
    struct nn_trainer *t = trainer_after_step(x, &path, NULL);
    struct ref_net *r = ref_net_new(t);
    struct rng rng = rng_seed(11, 0);
    const double loss = ref_net_loss(r);
    assert_close(tr_loss(t, NULL) / t->n_images, loss, 1e-4, 1e-5);
    for (int32_t i = 0; i < t->graph->n_layers; i++) {
        const struct tr_layer *l = &t->layers[i];
        struct ref_layer *rl = &r->layers[i];
        check_param(r, &l->weights, rl->w, &rng);
        check_param(r, &l->gamma, rl->gamma, &rng);
        check_param(r, &l->beta, rl->beta, &rng);
        check_param(r, &l->bias, rl->bias, &rng);
        if (wbits) check_step(r, &l->w_step[path.wbits[i]], &rl->w_step);
        if (abits && l->needs_dx) check_step(r, &l->a_step[path.abits[i]], &rl->a_step);
    }
    for (int32_t g = 0; (wbits || abits) && g < t->n_groups; g++)
        check_step(r, &t->groups[g].step, &r->stream_step[g]);
    ref_net_free(r);
    nn_trainer_free(t);
}

static void check_gradients(struct fixture *x, int wbits, int abits)
{
    const struct nn_path path = fixture_path(x, wbits, abits);
    check_gradients_of(x, &path);
}

static void gradients_in_fp32(void **state) { check_gradients(*state, 0, 0); }
static void gradients_at_8_bits(void **state) { check_gradients(*state, 8, 8); }
static void gradients_at_3_bits(void **state) { check_gradients(*state, 3, 3); }
static void gradients_at_1_bit(void **state) { check_gradients(*state, 1, 1); }
static void gradients_of_quantised_weights(void **state)
{
    check_gradients(*state, 2, NN_FLOAT);
}
static void gradients_of_quantised_activations(void **state)
{
    check_gradients(*state, NN_FLOAT, 4);
}

/* With and without batch norm after the layer that reads them, as codes and quantised.
 */
static void gradients_on_normalised_images(void **state)
{
    struct fixture *x = *state;
    struct nn_node *stem = &x->graph->nodes[1];
    struct nn_batch_norm *bn = stem->bn;
    const double mean = 0.4312, deviation = 0.31;
    const float scale = x->graph->input_scale;
    assert_ok(nn_graph_normalise(x->graph, &mean, &deviation, x->a, &x->err), x->err);
    for (int i = 0; i < 6; i++) {
        struct nn_path path = fixture_path(x, i / 2 ? 4 : 0, i / 2 ? 4 : 0);
        if (i / 2 == 2) path.abits[0] = 3;
        stem->bn = i % 2 ? NULL : bn;
        check_gradients_of(x, &path);
    }
    stem->bn = bn;
    x->graph->input_zero = NULL;
    x->graph->input_scale = scale;
}

/* Depthwise layers, groups, and a layer without ReLU whose readers see signed codes. */
static void gradients_of_groups(void **state)
{
    static const char yaml[] =
        "name: grouped\n"
        "input: {name: image, H: 8, W: 7, C: 1, scale: 0.00392156862745098}\n"
        "nodes:\n"
        "- {name: stem, op: conv, inputs: [image], channels: 8, kernel: 3, stride: 1,"
        " pad: 1, bn: true, relu: true}\n"
        "- {name: d1, op: conv, inputs: [stem], channels: 8, kernel: 3, stride: 1,"
        " pad: 1, bn: true, relu: true}\n"
        "- {name: p1, op: conv, inputs: [d1], channels: 12, kernel: 1, stride: 1,"
        " pad: 0, bn: true, relu: false}\n"
        "- {name: g1, op: conv, inputs: [p1], channels: 18, kernel: 3, stride: 1,"
        " pad: 1, bn: true, relu: false}\n"
        "- {name: d2, op: conv, inputs: [g1], channels: 18, kernel: 3, stride: 2,"
        " pad: 1, bn: false, relu: true}\n"
        "- {name: pool, op: gap, inputs: [d2]}\n"
        "- {name: fc, op: gemm, inputs: [pool], channels: 4}\n";
    static const int32_t groups[] = {1, 1, 8, 1, 6, 18, 1, 1}; /* of the nodes */
    struct fixture x = *(struct fixture *)*state;
    assert_ok(fixture_graph(&x, yaml), x.err);
    for (int32_t i = 0; i < x.graph->n_nodes; i++)
        if (x.graph->nodes[i].i_layer >= 0) x.graph->nodes[i].shape.groups = groups[i];
    check_gradients(&x, 0, 0);
    check_gradients(&x, 3, 3);
}

/* The loss's derivative when a quantiser's value moves along Q_b(x); NN_FLOAT: along x
 * itself. */
static double directional(struct ref_net *r, struct ref_layer *l, bool is_weight,
                          int bits, bool is_signed, double step)
{
    const struct frozen *f = is_weight ? &l->weights : &l->input;
    const struct nn_grid grid = bits == NN_FLOAT
                                    ? nn_grid_real(!is_signed)
                                    : nn_grid_of(bits, is_signed, (float)step);
    double *direction = doubles(f->n);
    for (int64_t i = 0; i < f->n; i++)
        direction[i] = step * nn_grid_ref(&grid, f->x0[i] / step);
    *(is_weight ? &l->push_w : &l->push_x) = direction;
    const double derivative = ref_net_difference(r, &l->push);
    l->push_w = l->push_x = NULL;
    free(direction);
    return derivative;
}

static void scores_are_directional_derivatives(void **state)
{
    struct fixture *x = *state;
    const struct nn_path path = fixture_path(x, 3, 2);
    struct nn_scores s;
    struct nn_trainer *t = trainer_after_step(x, &path, &s);
    struct ref_net *r = ref_net_new(t);
    ref_net_loss(r);
    for (int32_t i = 1; i < t->graph->n_layers; i++)
        for (int bits = 0; bits < NN_BITS; bits += i == 2 ? 1 : 3) {
            const struct tr_layer *l = &t->layers[i];
            const double w_step = bits ? l->w_step[bits].value : 1;
            const double a_step = bits ? l->a_step[bits].value : 1;
            assert_close(s.w[i][bits],
                         directional(r, &r->layers[i], true, bits, true, w_step), 5e-3,
                         1e-4);
            assert_close(s.a[i][bits],
                         directional(r, &r->layers[i], false, bits, l->asigned, a_step),
                         5e-3, 1e-3);
        }
    ref_net_free(r);
    nn_trainer_free(t);
}

/* ---- bf16 ---- */

/* The same forward pass to the last bit; every product of the backward pass rounds its
 * gradient once more (tests/unit/nn/test_qconv.c has one product alone). */
static void compare_rounding(struct fixture *x, int bits)
{
    struct nn_trainer_options o = fixture_options();
    struct nn_trainer *t[2];
    const struct nn_path path = fixture_path(x, bits, bits);
    double loss[2];
    for (int i = 0; i < 2; i++) {
        o.fp32_backward = i == 0;
        t[i] = fixture_trainer(x, &o, NULL);
        assert_ok(nn_trainer_calibrate(t[i], &x->images, 48, &x->err), x->err);
        assert_ok(nn_trainer_step(t[i], &x->images, 0, 0, &path, tiny_lr, &loss[i],
                                  NULL, &x->err),
                  x->err);
    }
    assert_true(loss[0] == loss[1]);
    for (int32_t l = 0; l < x->graph->n_layers; l++) {
        const struct tr_param *a = &t[0]->layers[l].weights,
                              *b = &t[1]->layers[l].weights;
        double error = 0, norm = 0;
        for (int64_t i = 0; i < a->n; i++) {
            error += pow((double)a->velocity[i] - (double)b->velocity[i], 2);
            norm += pow((double)a->velocity[i], 2);
        }
        assert_true(norm > 0);
        assert_true(sqrt(error / norm) < 0.02);
    }
    nn_trainer_free(t[0]);
    nn_trainer_free(t[1]);
}

static void bf16_gradients_stay_close_to_fp32(void **state)
{
    compare_rounding(*state, 8);
    compare_rounding(*state, 3);
    compare_rounding(*state, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gradients_in_fp32),
        cmocka_unit_test(gradients_at_8_bits),
        cmocka_unit_test(gradients_at_3_bits),
        cmocka_unit_test(gradients_at_1_bit),
        cmocka_unit_test(gradients_of_quantised_weights),
        cmocka_unit_test(gradients_of_quantised_activations),
        cmocka_unit_test(gradients_on_normalised_images),
        cmocka_unit_test(gradients_of_groups),
        cmocka_unit_test(scores_are_directional_derivatives),
        cmocka_unit_test(bf16_gradients_stay_close_to_fp32),
    };
    /* The other instruction sets: what depends on them, at precisions of both kinds. */
    const struct CMUnitTest others[] = {
        cmocka_unit_test(gradients_at_3_bits),
        cmocka_unit_test(gradients_at_1_bit),
        cmocka_unit_test(gradients_on_normalised_images),
        cmocka_unit_test(gradients_of_groups),
    };
    int n_failed = cmocka_run_group_tests_name("nn/trainer gradients", tests,
                                               fixture_setup, fixture_teardown);
    for (int i = 0; i < (int)nn_isa_best(); i++) {
        if (i == NN_ISA_AVX512) continue; /* ran above: the backward pass in fp32 */
        setenv("BITWRIGHT_ISA", nn_isa_name((enum nn_isa)i), 1);
        print_message("instruction set: %s\n", nn_isa_name((enum nn_isa)i));
        n_failed += cmocka_run_group_tests_name("nn/trainer gradients", others,
                                                fixture_setup, fixture_teardown);
    }
    return n_failed;
}
