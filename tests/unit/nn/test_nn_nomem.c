/* test_nn_nomem.c -- every reader, writer and engine survives every refused allocation.
 */
#include "tests/unit/nn/tiny_qnet.h"

#include "tests/nomem.h"

struct work {
    struct scratch *x;
    const struct nn_graph *g;
    const struct qnet *q;
    struct nn_path path;
    struct tiny_steps storage;
    struct nn_images images;
    const char *file;
};

/* The shipped architecture is large enough for many chunks of an arena. */
static void prepare(struct scratch *x, struct work *w)
{
    struct nn_graph *g = NULL;
    memset(w, 0, sizeof *w);
    w->x = x;
    w->path = uniform_path(4, 4);
    assert_ok(
        nn_graph_load("configs/networks/resnet8-fmnist.yaml", 1, x->a, &g, &x->err),
        x->err);
    w->g = g;
    w->q = fold(x, g, &w->path);
    w->images = random_images(x, g, 3);
    w->file = x->path;
}

static status load_onnx(void *arg, struct err *err)
{
    const struct work *w = arg;
    struct arena *a = arena_new();
    struct nn_graph *g;
    const status st = a ? nn_graph_load(w->file, 0, a, &g, err) : arena_exhausted(err);
    arena_free(a);
    return st;
}

static status save_onnx(void *arg, struct err *err)
{
    const struct work *w = arg;
    return nn_graph_save_onnx(w->g, w->file, err);
}

static status save_qnet(void *arg, struct err *err)
{
    const struct work *w = arg;
    return qnet_save(w->q, w->file, err);
}

static status load_qnet(void *arg, struct err *err)
{
    const struct work *w = arg;
    struct arena *a = arena_new();
    struct qnet *q;
    const status st = a ? qnet_load(w->file, a, &q, err) : arena_exhausted(err);
    arena_free(a);
    return st;
}

static status fold_qnet(void *arg, struct err *err)
{
    struct work *w = arg;
    struct arena *a = arena_new();
    struct qnet *q;
    const struct qnet_steps steps = tiny_steps_for(w->g, &w->path, &w->storage);
    const status st =
        a ? qnet_from_graph(w->g, &w->path, &steps, a, &q, err) : arena_exhausted(err);
    arena_free(a);
    return st;
}

static status run_qnet(void *arg, struct err *err)
{
    struct work *w = arg;
    struct arena *a = arena_new();
    struct qnet_trace traces[16];
    uint16_t class;
    int32_t n_correct;
    status st = a ? ST_OK : arena_exhausted(err);
    if (st == ST_OK) st = qnet_trace_image(w->q, &w->images, 0, a, traces, &class, err);
    arena_free(a);
    if (st != ST_OK) return st;
    return qnet_classify(w->q, &w->images, NULL, NULL, &n_correct, err);
}

static status load_dataset(void *arg, struct err *err)
{
    struct arena *a = arena_new();
    struct nn_images images;
    (void)arg;
    const status st = a ? nn_dataset_load_test("idx:/usr/share/datasets/fashion-mnist",
                                               a, &images, err)
                        : arena_exhausted(err);
    arena_free(a);
    return st;
}

static status copy_graph(void *arg, struct err *err)
{
    const struct work *w = arg;
    struct arena *a = arena_new();
    const bool good = a && nn_graph_copy(w->g, a);
    arena_free(a);
    return good ? ST_OK : arena_exhausted(err);
}

static void networks_survive_refused_allocations(void **state)
{
    struct work w;
    prepare(*state, &w);
    assert_true(nomem_sweep(save_onnx, &w) > 5);
    assert_true(nomem_sweep(load_onnx, &w) > 5);
    assert_true(nomem_sweep(copy_graph, &w) > 2);
}

static void quantised_networks_survive_refused_allocations(void **state)
{
    struct work w;
    prepare(*state, &w);
    assert_true(nomem_sweep(fold_qnet, &w) > 5);
    assert_true(nomem_sweep(save_qnet, &w) > 3);
    assert_true(nomem_sweep(load_qnet, &w) > 5);
    assert_true(nomem_sweep(run_qnet, &w) > 10);
}

static void data_sets_survive_refused_allocations(void **state)
{
    struct work w;
    prepare(*state, &w);
    assert_true(nomem_sweep(load_dataset, &w) > 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCRATCH_TEST(networks_survive_refused_allocations),
        SCRATCH_TEST(quantised_networks_survive_refused_allocations),
        SCRATCH_TEST(data_sets_survive_refused_allocations),
    };
    return cmocka_run_group_tests_name("nn/nomem", tests, NULL, NULL);
}
