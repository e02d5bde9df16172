/* systolic.h -- systolic arrays of MAC units: rtl/array/systolic_os.v, systolic_ws.v.
 *
 *   out (M, N) = a (M, K) * transpose of w (N, K)
 *
 * Output-stationary: a tile of rows x cols results stays, K is streamed.
 * Weight-stationary: a tile of K x cols weights stays, M is streamed; a K that is
 * longer than the array is high is added up after the array.
 *
 * Cycles count from the one in which the first step (or weight) comes to the one in
 * which the last result is at the output, both included; a gap in the steps adds one:
 *
 *   os  (tiles - 1) * max(S, 2 rows - 1) + S + 2 rows + cols + latency - 2
 *         tiles = ceil(M / rows) * ceil(N / (cols * lanes)),  S = mac_unit_steps(K)
 *   ws  tiles * (rows * depth + M * P + rows + cols - 2) + latency + 1
 *         tiles = ceil(ceil(K / products) / rows) * ceil(N / (cols * lanes)),
 *         P = steps of one word, products = mac_unit_products()
 *
 * Against SCALE-Sim (systolic_scale_sim_cycles), which ends when the last unit has
 * multiplied and has no registers behind the units: ws is latency + 2 more in all; a
 * single os tile is rows + latency + 1 more, the results' way out; further os tiles
 * cost us the steps only, because the next tile starts while results leave. */
#ifndef RTL_SYSTOLIC_H
#define RTL_SYSTOLIC_H

#include <stdint.h>

#include "base/status.h"
#include "rtl/mac_unit.h"

enum systolic_flow { SYSTOLIC_OS, SYSTOLIC_WS, SYSTOLIC_N_FLOWS };
extern const char *const systolic_names[]; /* "systolic_os", "systolic_ws", NULL     */
enum { SYSTOLIC_MAX_SIDE = 64 };

struct systolic_config {
    enum systolic_flow flow;
    int32_t rows, cols; /* [1, 64]                                                */
    struct mac_unit_config unit;
    bool loop; /* systolic_os_loop.v, for simulation; os of parallel units only   */
};

/* A product (M, K) * (K, N) at one precision. */
struct systolic_shape {
    struct mac_precision p;
    int64_t M, K, N; /* >= 1 */
};

/* ST_RANGE, ST_UNSUPPORTED: the limit and what was found. */
status systolic_check(const struct systolic_config *c, struct err *err);
/* Can c run s?  In addition to what the unit asks for, M and N are at most 2^20 and
 * M * N * K at most 2^50, so that cycles fit 64 bits; bipolar operands of parallel and
 * packed units must fill the height of a weight-stationary array. */
status systolic_shape_check(const struct systolic_config *c,
                            const struct systolic_shape *s, struct err *err);
struct rtl_instance systolic_instance(const struct systolic_config *c);

/* Weight words that a unit of a weight-stationary array holds: 8 planes of serial
 * units, else 1. */
int32_t systolic_depth(const struct systolic_config *c);
/* Results of a unit times columns: what N is tiled by. */
int32_t systolic_width(const struct systolic_config *c);
/* Cycles between the starts of two tiles. */
int64_t systolic_interval(const struct systolic_config *c,
                          const struct systolic_shape *s);
int64_t systolic_tiles(const struct systolic_config *c, const struct systolic_shape *s);
int64_t systolic_cycles(const struct systolic_config *c,
                        const struct systolic_shape *s);
/* Flip-flops beside the units, exactly, where delays are not built of shift-register
 * LUTs. */
int64_t systolic_ff(const struct systolic_config *c);

/* SCALE-Sim v2's count for elements of one word, which has no bits in it:
 *   os  folds * (rows + cols + K - 2) - 1        folds over M, N
 *   ws  folds * (2 rows + cols + M - 2) - 1      folds over K, N
 * Source: A. Samajdar et al., ISPASS 2020, and the second version of the tool. */
int64_t systolic_scale_sim_cycles(enum systolic_flow flow, int32_t rows, int32_t cols,
                                  int64_t M, int64_t K, int64_t N);

#endif
