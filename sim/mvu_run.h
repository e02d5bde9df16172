/* mvu_run.h -- one matrix-vector unit in simulation: load, stream, compare, count.
 *
 * Grid integers in, grid integers out; packing into the words of rtl/array/mvu.v
 * happens here and nowhere else. */
#ifndef SIM_MVU_RUN_H
#define SIM_MVU_RUN_H

#include <stdint.h>

#include "base/status.h"
#include "nn/quant.h"
#include "rtl/accel_config.h"
#include "sim/dut.h"

struct mvu_run; /* opaque */

/* Opens the model of c and loads it.  weights: (MH, MW) grid integers, row-major;
 * rq: MH channels whose shift and output grid are those of c (else ST_MISMATCH).
 * Owned. */
status mvu_run_open(const struct mvu_config *c, const int16_t *weights,
                    const struct requant *rq, const struct dut_options *opt,
                    struct mvu_run **out, struct err *err);
void mvu_run_close(struct mvu_run *r); /* NULL allowed */
/* VCD from now on, see dut_trace. */
status mvu_run_trace(struct mvu_run *r, const char *path, struct err *err);

/* Streams vectors (n_vec, MW) through and fills outputs (n_vec, MH).
 * *cycles: from the cycle in which the first word is offered to the cycle in which
 * the last output word is taken, inclusive: mvu_cycles(c, n_vec) without stalls.
 * p_stall: [0, 1), see sim/stream.h.  ST_MISMATCH as stream_run. */
status mvu_run_vectors(struct mvu_run *r, const int16_t *vectors, int32_t n_vec,
                       double p_stall, uint64_t seed, int16_t *outputs, int64_t *cycles,
                       struct err *err);

/* The same outputs computed by the integer semantics of nn/quant.h. */
void mvu_reference(const struct mvu_config *c, const int16_t *weights,
                   const struct requant *rq, const int16_t *vectors, int32_t n_vec,
                   int16_t *outputs);

/* ST_MISMATCH tells how many of the (n_vec, MH) outputs differ and shows the first. */
status mvu_compare(const struct mvu_config *c, const int16_t *got, const int16_t *want,
                   int32_t n_vec, struct err *err);

#endif
