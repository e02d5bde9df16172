/* latency.c -- see latency.h. */
#include "costmodel/latency.h"

#include <math.h>

const char *const latency_schedule_names[] = {"broadcast", "ws", "os", NULL};
const char *const latency_bound_names[] = {"compute", "activations", "weights", NULL};

enum { SIDE_MAX = 1024, BATCH_MAX = 1 << 20 };

static int64_t ceil_div(int64_t a, int64_t b) { return (a + b - 1) / b; }

static status check_array(const struct latency_array *a, struct err *err)
{
    if (a->rows < 1 || a->rows > SIDE_MAX || a->cols < 1 || a->cols > SIDE_MAX)
        return err_set(err, ST_RANGE,
                       "latency: expected rows and cols in [1, %d], found %d and %d",
                       SIDE_MAX, (int)a->rows, (int)a->cols);
    if (a->batch < 1 || a->batch > BATCH_MAX)
        return err_set(err, ST_RANGE, "latency: expected a batch in [1, %d], found %d",
                       BATCH_MAX, (int)a->batch);
    if (!(a->act_bits_per_cycle > 0) || !(a->weight_bits_per_cycle > 0))
        return err_set(err, ST_RANGE,
                       "latency: expected bandwidths > 0 bit/cycle, found %g for "
                       "activations and %g for weights",
                       a->act_bits_per_cycle, a->weight_bits_per_cycle);
    if (!(a->fill_cycles >= 0) || isinf(a->fill_cycles))
        return err_set(err, ST_RANGE, "latency: expected fill >= 0 cycles, found %g",
                       a->fill_cycles);
    return mac_unit_check(&a->unit, err);
}

/* Rows share a dot product of K elements in equal parts. */
static int64_t shared_steps(const struct latency_array *a,
                            const struct mac_precision *p, int64_t K)
{
    return mac_unit_steps(&a->unit, p, ceil_div(K, a->rows));
}

static double compute_broadcast(const struct latency_array *a,
                                const struct layer_shape *l,
                                const struct mac_precision *p)
{
    const int64_t kernel = (int64_t)l->R * l->S;
    const int64_t K = layer_shape_MW(l);
    const int64_t steps = a->kernel_apart ? kernel * shared_steps(a, p, K / kernel)
                                          : shared_steps(a, p, K);
    const int64_t lanes = a->unit.lanes > 1 ? a->unit.lanes : 1;
    return (double)a->batch * (double)layer_shape_n_vec(l) *
           (double)ceil_div(l->K, a->cols * lanes) * (double)steps;
}

/* The forms of SCALE-Sim: s_r and s_c are the dimensions laid over rows and columns. */
static double compute_systolic(const struct latency_array *a,
                               const struct layer_shape *l,
                               const struct mac_precision *p)
{
    const int64_t K = layer_shape_MW(l), products = mac_unit_products(&a->unit, p);
    const int64_t n_vec = a->batch * layer_shape_n_vec(l);
    const int64_t lanes = a->unit.lanes > 1 ? a->unit.lanes : 1;
    const int64_t col_folds = ceil_div(l->K, a->cols * lanes);
    if (a->schedule == LATENCY_WS) {
        const int64_t folds = ceil_div(K, a->rows * products) * col_folds;
        const int64_t streamed = n_vec * mac_unit_steps(&a->unit, p, products);
        return (double)folds * (double)(2 * a->rows + a->cols + streamed - 2) - 1;
    }
    const int64_t folds = ceil_div(n_vec, a->rows) * col_folds;
    return (double)folds *
               (double)(a->rows + a->cols + mac_unit_steps(&a->unit, p, K) - 2) -
           1;
}

static void choose_bound(struct latency *out)
{
    double most = out->compute;
    out->bound = LATENCY_COMPUTE;
    if (out->activations > most) {
        most = out->activations;
        out->bound = LATENCY_ACTIVATIONS;
    }
    if (out->weights > most) {
        most = out->weights;
        out->bound = LATENCY_WEIGHTS;
    }
    out->total = most + out->fill;
}

status latency_layer(const struct latency_array *a, const struct layer_shape *l,
                     const struct mac_precision *p, int32_t out_bits,
                     struct latency *out, struct err *err)
{
    TRY(check_array(a, err));
    TRY(mac_unit_precision_check(&a->unit, p, err));
    const double in = (double)l->C * l->H * l->W * p->abits;
    const double results = (double)l->K * (double)layer_shape_n_vec(l) * out_bits;
    out->compute = a->schedule == LATENCY_BROADCAST ? compute_broadcast(a, l, p)
                                                    : compute_systolic(a, l, p);
    out->activations = a->batch * (in + results) / a->act_bits_per_cycle;
    out->weights = (double)layer_shape_weights(l) * p->wbits / a->weight_bits_per_cycle;
    out->fill = a->fill_cycles;
    choose_bound(out);
    return ST_OK;
}
