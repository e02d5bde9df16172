/* gate_shape.h -- a truth table as one of a few shapes that are fast on words of lanes.
 *
 *   GATE_COPY  x0
 *   GATE_AND2  (x0 ^ m0) & (x1 ^ m1)
 *   GATE_XOR2  x0 ^ x1
 *   GATE_AO21  (((x0 ^ m0) & (x1 ^ m1)) ^ mt) & (x2 ^ m2)
 *   GATE_MUX   x2 ? x0 ^ m0 : x1 ^ m1
 *   GATE_AO22  (((x0 ^ m0) & (x1 ^ m1)) ^ mt) & (((x2 ^ m2) & (x3 ^ m3)) ^ mu)
 *   GATE_TABLE any function of up to 6 inputs, by its table
 * each ^ mo.  The masks m are 0 or all ones; x are the inputs in the order of `input`.
 * Constants are GATE_TABLE. */
#ifndef SIM_GATE_SHAPE_H
#define SIM_GATE_SHAPE_H

#include <stdint.h>

enum gate_kind {
    GATE_COPY,
    GATE_AND2,
    GATE_XOR2,
    GATE_AO21,
    GATE_MUX,
    GATE_AO22,
    GATE_TABLE
};

enum gate_mask { GATE_M0, GATE_M1, GATE_M2, GATE_M3, GATE_MT, GATE_MU, GATE_MO };

struct gate_shape {
    enum gate_kind kind;
    uint8_t masks;    /* bit enum gate_mask: that mask is all ones            */
    uint8_t input[6]; /* x[k] is input input[k] of the truth table            */
    uint64_t truth;   /* as given, for GATE_TABLE                             */
};

/* truth: bit i is the value where input k is bit k of i; n_inputs in [0, 6]. */
struct gate_shape gate_shape_find(uint64_t truth, int n_inputs);

#endif
