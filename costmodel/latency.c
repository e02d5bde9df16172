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
    if (!(a->act_buffer_bits > 0) || !(a->weight_buffer_bits > 0))
        return err_set(err, ST_RANGE,
                       "latency: expected buffers > 0 bit, found %g for activations "
                       "and %g for weights",
                       a->act_buffer_bits, a->weight_buffer_bits);
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
           (double)(l->groups * ceil_div(l->K / l->groups, a->cols * lanes)) *
           (double)steps;
}

struct systolic_config latency_systolic(const struct latency_array *a)
{
    return (struct systolic_config){.flow = a->schedule == LATENCY_WS ? SYSTOLIC_WS
                                                                      : SYSTOLIC_OS,
                                    .rows = a->rows,
                                    .cols = a->cols,
                                    .unit = a->unit};
}

static status compute_systolic(const struct latency_array *a,
                               const struct layer_shape *l,
                               const struct mac_precision *run, double *out,
                               struct err *err)
{
    const struct systolic_config c = latency_systolic(a);
    const struct systolic_shape s = {.p = *run,
                                     .M = a->batch * layer_shape_n_vec(l),
                                     .K = layer_shape_MW(l),
                                     .N = l->K / l->groups};
    TRY(systolic_check(&c, err));
    TRY(systolic_shape_check(&c, &s, err));
    *out = (double)l->groups * (double)systolic_cycles(&c, &s);
    return ST_OK;
}

/* ---- precision ---- */

/* Bits that a built operand needs for the values of one of `bits`. */
static int32_t bits_needed(int32_t bits, bool is_signed, bool built_signed)
{
    if (is_signed) return bits == 1 ? 2 : bits; /* {-1, +1} in two's complement */
    return built_signed ? bits + 1 : bits;
}

static status run_side(const char *what, int32_t built, bool built_signed, int32_t bits,
                       bool is_signed, struct err *err)
{
    if (built == bits && built_signed == is_signed) return ST_OK;
    if (is_signed <= built_signed && built > 1 &&
        bits_needed(bits, is_signed, built_signed) <= built)
        return ST_OK;
    return err_set(err, ST_RANGE,
                   "the array is built for %s %d-bit %s, found %s %d-bit",
                   built_signed ? "signed" : "unsigned", (int)built, what,
                   is_signed ? "signed" : "unsigned", (int)bits);
}

status latency_run_precision(const struct mac_unit_config *u,
                             const struct mac_precision *p, struct mac_precision *run,
                             struct err *err)
{
    const bool w_built = u->unit != MAC_SERIAL && u->unit != MAC_FUSION;
    const bool a_built = w_built && u->unit != MAC_ACTSERIAL;
    *run = *p;
    if (w_built) {
        TRY(run_side("weights", u->wbits, u->wsigned, p->wbits, p->wsigned, err));
        run->wbits = u->wbits;
        run->wsigned = u->wsigned;
    }
    if (a_built) {
        TRY(run_side("activations", u->abits, u->asigned, p->abits, p->asigned, err));
        run->abits = u->abits;
        run->asigned = u->asigned;
    }
    return ST_OK;
}

/* ---- traffic ---- */

/* Pieces that fit into half a buffer. */
static double pieces(double bits, double buffer_bits)
{
    return fmax(1, ceil(bits / (buffer_bits / 2)));
}

static void move(const struct latency_array *a, double in, double results,
                 double weights, struct latency *out)
{
    const double in_again = in * pieces(weights, a->weight_buffer_bits);
    const double weights_again = weights * pieces(in, a->act_buffer_bits);
    const double keep_in = fmax((in + results) / a->act_bits_per_cycle,
                                weights_again / a->weight_bits_per_cycle);
    const double keep_weights = fmax((in_again + results) / a->act_bits_per_cycle,
                                     weights / a->weight_bits_per_cycle);
    const bool in_kept = keep_in <= keep_weights;
    out->act_bits = (in_kept ? in : in_again) + results;
    out->weight_bits = in_kept ? weights_again : weights;
    out->activations = out->act_bits / a->act_bits_per_cycle;
    out->weights = out->weight_bits / a->weight_bits_per_cycle;
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
    struct mac_precision run;
    TRY(check_array(a, err));
    TRY(latency_run_precision(&a->unit, p, &run, err));
    TRY(mac_unit_precision_check(&a->unit, &run, err));
    const double in = (double)l->C * l->H * l->W * p->abits;
    const double results = (double)l->K * (double)layer_shape_n_vec(l) * out_bits;
    if (a->schedule == LATENCY_BROADCAST)
        out->compute = compute_broadcast(a, l, &run);
    else
        TRY(compute_systolic(a, l, &run, &out->compute, err));
    move(a, a->batch * in, a->batch * results,
         (double)layer_shape_weights(l) * p->wbits, out);
    out->fill = a->fill_cycles;
    choose_bound(out);
    return ST_OK;
}
