/* shared.h -- a shared accelerator: one array of MAC units that runs layer after layer.
 *
 * Its LUTs are fixed by the array; the bits of a layer act on cycles, traffic, energy:
 *
 *   latency [us]  batch cycles of costmodel/latency.h / batch / clock
 *   energy  [uJ]  macs + weight buffer + activation buffer + DRAM
 *
 * Latency has the level of a roofline, energy that of the macs.
 *
 * Counted per image, weights shared by the images of a batch:
 *
 *   macs     products times the energy of one on this unit at the precision that it
 *            runs: measured (--energy-model), or by the profile's constants
 *   buffers  what the schedule reads, at the profile's energy of a memory of the
 *            buffer's size
 *   dram     the traffic of costmodel/latency.h
 *
 * An input goes once to each group of columns; weights go once to each group of rows
 * (os), once per batch (ws), once per vector (broadcast).  Bit-serial units, planes
 * outermost, read an operand once for each plane of the other.  ws also writes and
 * reads partial sums where K is longer than the array is high.
 *
 * Left out: the registers between the units, clock tree, wires, leakage.  The output
 * of a layer is taken to be as wide as its input: a search chooses the bits of its
 * reader later.  Accumulators of the last layer leave with 16 bits.
 *
 * File (version 1, schema in configs/README.md), by path or by the name of one in
 * configs/accel/:
 *
 *   version: 1
 *   name: edge-fusion
 *   style: shared
 *   source: where the figures come from
 *   cost_model: xc7                 # of the array's LUT, FF, DSP, area; none
 *   clock_mhz: 100
 *   unit: {unit: mac_fusion, SIMD: 1, acc_bits: 32}
 *   dataflow: os                    # os | ws | broadcast
 *   rows: 8
 *   cols: 8
 *   batch: 1
 *   fill_cycles: 100
 *   weights: {buffer_kib: 64, bytes_per_cycle: 16}
 *   activations: {buffer_kib: 64, bytes_per_cycle: 16} */
#ifndef COSTMODEL_SHARED_H
#define COSTMODEL_SHARED_H

#include "costmodel/array.h"
#include "costmodel/energy.h"
#include "costmodel/latency.h"

struct shared_accel {
    char name[64], source[256];
    char cost_model[160]; /* name or path; "" where there is none              */
    double clock_mhz;
    struct latency_array array;
    double act_buffer_bytes, weight_buffer_bytes;
};

/* ---- file ---- */
/* The path of one given by name, or with a '/' or '.' by path; in arena. */
status shared_accel_find(const char *name, struct arena *a, const char **path,
                         struct err *err);
/* True if the file is one of style shared, false for any other, readable or not. */
bool shared_accel_is_file(const char *path);
status shared_accel_load(const char *path, struct shared_accel *out, struct err *err);

/* ---- a layer ---- */
struct shared_layer {
    const struct layer_shape *shape;
    struct mac_precision p;
    int32_t out_bits;
};
/* latency_us, energy_uj (NaN without an energy source), size_bytes and bitops of *out,
 * the rest NaN.  latency and parts (ENERGY_N_PARTS, [uJ]) may be NULL.
 * ST_RANGE, ST_UNSUPPORTED: the array does not run this precision, or the energy model
 * knows no energy of such a product. */
status shared_layer_cost(const struct shared_accel *s, const struct shared_layer *l,
                         const struct energy_source *energy, struct cost_estimate *out,
                         struct latency *latency, double *parts, struct err *err);
/* The layer of a network at wbits x abits, its signs by asigned. */
struct shared_layer shared_layer_of(const struct layer_shape *shape, int wbits,
                                    int abits, bool asigned, bool is_last);

/* ---- the array ---- */
/* ST_UNSUPPORTED for broadcast, of which there is no composition. */
status shared_accel_array(const struct shared_accel *s, const struct cost_model *m,
                          int toolchain, struct cost_array *out, struct err *err);
/* LUT, FF and DSP of the array into metric[]; the others stay.  What the model cannot
 * say, or says from outside its box, is a note on stderr.  ST_NOMEM. */
status shared_accel_price(const struct shared_accel *s, const struct cost_model *m,
                          int toolchain, struct cost_value metric[COST_N_METRICS],
                          struct err *err);

#endif
