/* shared.c -- latency and energy of a layer on a shared array. */
#include "costmodel/shared.h"

#include <math.h>

static double ceil_div(double a, double b) { return ceil(a / b); }

static struct cost_value exact(double v)
{
    return (struct cost_value){v, v, v, COST_LEVEL_EXACT};
}

struct shared_layer shared_layer_of(const struct layer_shape *shape, int wbits,
                                    int abits, bool asigned, bool is_last)
{
    return (struct shared_layer){.shape = shape,
                                 .p = {wbits, abits, true, asigned},
                                 .out_bits = is_last ? 16 : abits};
}

/* ---- energy ---- */

/* Bits that the array reads and writes per image. */
struct buffer_traffic {
    double weights, activations;
};

static double planes(int32_t bits, bool is_signed)
{
    return bits == 1 && is_signed ? 2 : bits;
}

static struct buffer_traffic count_traffic(const struct shared_accel *s,
                                           const struct shared_layer *l,
                                           const struct mac_precision *run,
                                           const struct latency *t)
{
    const struct latency_array *a = &s->array;
    const enum mac_unit unit = a->unit.unit;
    const double K = layer_shape_MW(l->shape), N = l->shape->K;
    const double groups = l->shape->groups;
    const double vectors = (double)layer_shape_n_vec(l->shape), batch = a->batch;
    const double products = mac_unit_products(&a->unit, run);
    const bool w_again = unit == MAC_SERIAL || unit == MAC_ACTSERIAL;
    double w_reads = w_again ? planes(l->p.abits, l->p.asigned) : 1;
    const double a_reads = unit == MAC_SERIAL ? planes(l->p.wbits, l->p.wsigned) : 1;
    /* Each group's channels are a product of their own. */
    const double col_groups =
        groups * ceil_div(N / groups, (double)a->cols * a->unit.lanes);
    double sums = 0;
    if (a->schedule == LATENCY_OS)
        w_reads *= ceil_div(batch * vectors, a->rows) / batch;
    else if (a->schedule == LATENCY_BROADCAST)
        w_reads *= vectors;
    else { /* weights stay, all planes of them */
        w_reads = 1 / batch;
        sums = 2 * (ceil_div(ceil_div(K, products), a->rows) - 1) * vectors * N;
    }
    /* What comes from memory is written once more. */
    return (struct buffer_traffic){
        .weights = K * N * l->p.wbits * w_reads + t->weight_bits / batch,
        .activations = vectors * K * l->p.abits * a_reads * col_groups +
                       vectors * N * l->out_bits + sums * a->unit.acc_bits +
                       t->act_bits / batch};
}

/* A profile of one memory alone has one constant; one that knows sizes must know this.
 */
static status buffer_pj(const struct energy_profile *p, double bytes, double constant,
                        double *out, struct err *err)
{
    *out = p->sram.n == 0 ? constant : energy_sram_pj_per_bit(p, bytes);
    if (!isnan(*out)) return ST_OK;
    return err_set(
        err, ST_RANGE,
        "energy profile %s: expected a buffer of %g to %g byte, the sizes it "
        "knows, found %g",
        p->name, p->sram.bytes[0], p->sram.bytes[p->sram.n - 1], bytes);
}

/* One product [pJ] at the precision that the unit runs. */
static status product_energy(const struct shared_accel *s,
                             const struct mac_precision *run,
                             const struct energy_source *e, struct cost_value *out,
                             const char **outside, struct err *err)
{
    if (!e->shape) {
        *out = exact(
            energy_mac_pj(e->profile, run->wbits, run->abits, s->array.unit.acc_bits));
        out->level = COST_LEVEL_PROFILE;
        return ST_OK;
    }
    const struct element unit = element_of_unit(&s->array.unit, run);
    TRY(cost_element(e->shape, e->toolchain, &unit, ELEMENT_ENERGY, out, outside, err));
    out->value *= e->scale;
    out->lo *= e->scale;
    out->hi *= e->scale;
    return ST_OK;
}

static status layer_energy(const struct shared_accel *s, const struct shared_layer *l,
                           const struct latency *t, const struct energy_source *e,
                           double parts[ENERGY_N_PARTS], struct cost_estimate *out,
                           struct err *err)
{
    const struct energy_profile *p = e->profile;
    struct cost_value pj;
    double w_pj, a_pj;
    struct mac_precision run;
    const char *outside = NULL;
    if (energy_of_fpga(p))
        return err_set(
            err, ST_RANGE,
            "energy profile %s: expected energies of arithmetic and "
            "memories, which a shared array is counted by, found those of an "
            "FPGA's blocks",
            p->name);
    if (isnan(energy_dram_pj_per_bit(p)))
        return err_set(
            err, ST_RANGE,
            "energy profile %s: expected a part 'dram', which a shared array "
            "reads its operands from, found none",
            p->name);
    TRY(latency_run_precision(&s->array.unit, &l->p, &run, err));
    TRY(product_energy(s, &run, e, &pj, &outside, err));
    const struct buffer_traffic b = count_traffic(s, l, &run, t);
    const double macs = 1e-6 * (double)layer_shape_macs(l->shape);
    parts[ENERGY_MACS] = macs * pj.value;
    TRY(buffer_pj(p, s->weight_buffer_bytes, p->weight_read_pj_per_bit, &w_pj, err));
    TRY(buffer_pj(p, s->act_buffer_bytes, p->act_pj_per_bit, &a_pj, err));
    parts[ENERGY_WEIGHTS] = 1e-6 * b.weights * w_pj;
    parts[ENERGY_ACTIVATIONS] = 1e-6 * b.activations * a_pj;
    parts[ENERGY_DRAM] = 1e-6 * (t->act_bits + t->weight_bits) / s->array.batch *
                         energy_dram_pj_per_bit(p);
    double sum = 0;
    for (int k = 0; k < ENERGY_N_PARTS; k++)
        sum += parts[k];
    out->metric[COST_ENERGY_UJ] =
        (struct cost_value){sum, sum - macs * (pj.value - pj.lo),
                            sum + macs * (pj.hi - pj.value), pj.level};
    out->outside = outside;
    out->outside_box = outside != NULL;
    return ST_OK;
}

/* ---- a layer ---- */

status shared_layer_cost(const struct shared_accel *s, const struct shared_layer *l,
                         const struct energy_source *energy, struct cost_estimate *out,
                         struct latency *latency, double *parts, struct err *err)
{
    struct latency t;
    double own[ENERGY_N_PARTS];
    const double weights = (double)layer_shape_weights(l->shape);
    const double macs = (double)layer_shape_macs(l->shape);
    TRY(latency_layer(&s->array, l->shape, &l->p, l->out_bits, &t, err));
    const double us = t.total / s->array.batch / s->clock_mhz;
    *out = (struct cost_estimate){.outside = NULL};
    for (int m = 0; m < COST_N_METRICS; m++)
        out->metric[m] = exact(NAN);
    out->metric[COST_LATENCY_US] = (struct cost_value){us, us, us, COST_LEVEL_ROOFLINE};
    out->metric[COST_SIZE_BYTES] = exact(weights * l->p.wbits / 8);
    out->metric[COST_BITOPS] = exact(macs * l->p.wbits * l->p.abits);
    if (latency) *latency = t;
    if (!energy) return ST_OK;
    return layer_energy(s, l, &t, energy, parts ? parts : own, out, err);
}

/* ---- the array ---- */

status shared_accel_array(const struct shared_accel *s, const struct cost_model *m,
                          int toolchain, struct cost_array *out, struct err *err)
{
    if (s->array.schedule == LATENCY_BROADCAST)
        return err_set(
            err, ST_UNSUPPORTED,
            "accelerator %s: an array of dataflow broadcast is none of ours, "
            "so its LUTs are not known; expected os or ws",
            s->name);
    const struct systolic_config c = latency_systolic(&s->array);
    return cost_array(m, toolchain, &c, out, err);
}
