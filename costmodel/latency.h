/* latency.h -- cycles of a layer on a shared array of MAC units: a roofline.
 *
 *   total = max(compute, activation traffic, weight traffic) + fill        [cycle]
 *
 * Memory works ahead while the array computes (double buffering), so the slowest of
 * the three decides.  Measured per-layer latencies follow this form within 3 % where
 * W * A alone is off by half: one of the three stops shrinking with the bits.
 *
 * The array has rows x cols units; its schedule says who computes what.
 *   broadcast   (BitFusion, BISMO) each column is an output channel; the rows of a
 *               column share one dot product, whose words lie side by side
 *                 compute = N P Q ceil(K / (cols lanes)) steps
 *               with steps of mac_unit_steps(): for each kernel position of C / rows
 *               channels (kernel_apart), or of R S C / rows elements together (im2col)
 *   ws, os      our systolic arrays: systolic_cycles() of (N P Q, R S C) * (R S C, K),
 *               the count that their RTL was simulated to take
 * The groups of a grouped convolution are products of their own, one after the other.
 * Compute is exact; fill is what passes before the first operand and after the last
 * result, an input.  A unit built for one precision runs narrower operands as well,
 * sign extended: they then cost its own steps, but move their own bits.
 *
 * Traffic: every input and output once per image, every weight once per batch, each at
 * its own bits, while one of the operands fits into half of its buffer (the other half
 * is being filled).  Where neither fits, the layer is cut into pieces of one of them
 * and the other is read again for each; of the two orders the faster one is taken.
 * Sources: conv cycles of BitFusion (ISCA 2018) as in its simulator; roofline:
 * Williams, Waterman and Patterson 2009. */
#ifndef COSTMODEL_LATENCY_H
#define COSTMODEL_LATENCY_H

#include "base/status.h"
#include "nn/layer_shape.h"
#include "rtl/systolic.h"

enum latency_schedule {
    LATENCY_BROADCAST,
    LATENCY_WS,
    LATENCY_OS,
    LATENCY_N_SCHEDULES
};
extern const char *const latency_schedule_names[]; /* NULL-terminated */

struct latency_array {
    struct mac_unit_config unit;
    enum latency_schedule schedule;
    int32_t rows, cols; /* [1, 1024]; ws, os [1, 64]                          */
    bool kernel_apart;  /* broadcast: kernel positions one after the other    */
    int32_t batch;      /* images per run, >= 1                               */
    double act_bits_per_cycle, weight_bits_per_cycle; /* bandwidths, > 0; INFINITY:
                                                         no limit             */
    double act_buffer_bits, weight_buffer_bits;       /* > 0; INFINITY: all fits */
    double fill_cycles;                               /* >= 0                 */
};

enum latency_bound { LATENCY_COMPUTE, LATENCY_ACTIVATIONS, LATENCY_WEIGHTS };
extern const char *const latency_bound_names[]; /* NULL-terminated */

/* All [cycle], of the whole batch. */
struct latency {
    double compute, activations, weights, fill, total;
    double act_bits, weight_bits; /* moved to and from memory [bit]           */
    enum latency_bound bound;     /* which of the three is the largest            */
};

/* The precision that the unit is set to for p: its built one, wide enough, where it is
 * built for one.  ST_RANGE if p does not fit. */
status latency_run_precision(const struct mac_unit_config *u,
                             const struct mac_precision *p, struct mac_precision *run,
                             struct err *err);
/* The array as rtl/systolic.h has it; schedule is not broadcast. */
struct systolic_config latency_systolic(const struct latency_array *a);

/* out_bits: of an output code.
 * ST_RANGE, ST_UNSUPPORTED: parameters out of range, a precision that the unit does not
 * run. */
status latency_layer(const struct latency_array *a, const struct layer_shape *l,
                     const struct mac_precision *p, int32_t out_bits,
                     struct latency *out, struct err *err);

#endif
