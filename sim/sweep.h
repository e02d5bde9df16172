/* sweep.h -- which configurations to measure, and the file that says so.
 *
 * sweep.yaml (version 1):
 *
 *   version: 1
 *   name: demo
 *   seed: 1                     # of `sample`
 *   toolchains: [xc7]           # of groups that name none
 *   operands:                   # networks whose layers a stimulus may name
 *     - {network: configs/networks/resnet8-fmnist.onnx, data: "idx:DIR", images: 4}
 *   groups:
 *     - module: mac_parallel
 *       SIMD: [4, 8]            # a value or a list: the group is the cross product
 *       wbits: [2, 3, 4]
 *       abits: [2, 3, 4]
 *       wsigned: true
 *       asigned: false
 *       acc_bits: [min, min+4]
 *       sample: 10              # keep 10 of the product, drawn with the seed
 *     - module: mvu
 *       simulate: 8             # vectors to run on the RTL too; 0: synthesis only
 *       toolchains: [xc7, ice40]
 *       points:                 # each is crossed with the lists of the group
 *         - {MW: 72, MH: 16, PE: 4, SIMD: 8, wbits: 3, abits: 4}
 *       ...
 *
 * Parameters, by module (as in accel.yaml, configs/README.md):
 *   mac_parallel   SIMD wbits abits wsigned asigned acc_bits
 *   mac_packed     the same, and lanes (toolchains with DSP48 blocks)
 *   mac_serial     SIMD acc_bits
 *   mac_actserial  SIMD wbits wsigned acc_bits
 *   mac_fusion     SIMD acc_bits grouped
 *   systolic_ws, systolic_os   unit (one of these), its parameters, rows cols
 *   requant        acc_bits out_bits out_signed shift requant_mul
 *   mvu            those of mac_parallel and requant, and MW MH PE lanes weight_ram
 * MAC units on a toolchain with a Liberty library also:
 *   stimulus       uniform, gauss, layer:NETWORK/LAYER: measure the energy with such
 *                  operands.  NETWORK is a file of `operands`, without path and from
 *                  its first dot on; paths are as on the command line.  A network that
 *                  is not quantised is quantised to the precision that runs, a
 *                  quantised one must have that precision in that layer
 *                  (sim/operands.h)
 *   op_wbits op_abits wsigned asigned   the precision that runs on a unit that is not
 *                  built for one
 *
 * A group may further say
 *   simulate       vectors of an mvu, dot products of a MAC unit, rows of the first
 *                  matrix of an array to run on the RTL (sim/simulate_point.h)
 *   fmax: true     place and route too (ice40)
 *   sample: N      keep N of its points
 *   only_legal: true   leave out the points that the hardware does not allow, which are
 *                  errors otherwise
 * All must be given, except lanes of an mvu (default min).  Words instead of a number:
 *   acc_bits: min, min+N     the fewest bits that no input overflows, and N more
 *                            (only where the unit is built for one precision)
 *   shift:    max, max-N     the largest that leaves out_bits bits of the product,
 *                            at most 30, and N less
 *   lanes:    min            the fewest that keep up, see mvu_lanes
 *   requant_mul: lut, dsp;   weight_ram: lut, block;   wsigned, ...: true, false
 * The mac_parallel and the requant of every mvu are measured too, after the groups:
 * without them the cost model could not tell what is left for the unit's control. */
#ifndef SIM_SWEEP_H
#define SIM_SWEEP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/status.h"
#include "sim/operands.h"
#include "sim/sample.h"
#include "sim/sweep_operands.h"
#include "sim/toolchain.h"

struct sweep_point {
    struct sample sample; /* parameters, module, toolchain, stimulus; n_vec    */
    const struct toolchain *toolchain;
    bool fmax; /* place and route as well                                      */
    const struct operand_layer *layer; /* of a stimulus layer:...; NULL: not loaded */
};

struct sweep {
    char name[64];
    uint64_t seed;
    int32_t n_operands;
    const struct sweep_operands *operands; /* (n_operands), in arena           */
    int32_t n_points;
    struct sweep_point *points; /* (n_points) in the order of the file, in arena */
};

/* In arena.  ST_NOT_FOUND, ST_PARSE, ST_RANGE with line and column. */
status sweep_load(const char *path, struct arena *a, struct sweep *out,
                  struct err *err);

#endif
