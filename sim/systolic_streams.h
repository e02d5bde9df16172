/* systolic_streams.h -- the operands of a product as the words that an array's ports
 * take, packed once: for i_a one stream per tile of rows (or of K), for i_w one per
 * tile of columns. */
#ifndef SIM_SYSTOLIC_STREAMS_H
#define SIM_SYSTOLIC_STREAMS_H

#include "base/arena.h"
#include "sim/systolic_run.h"

/* Port words, (n_tiles, n_steps, words) row-major, in arena. */
struct systolic_stream {
    int64_t n_steps;
    int32_t words;
    uint32_t *at;
};
uint32_t *systolic_stream_word(const struct systolic_stream *s, int64_t tile,
                               int64_t step);

/* What happens in a tile, and how many there are. */
struct systolic_schedule {
    struct mac_step *steps; /* (n_steps) of one sum, in arena                     */
    int64_t n_steps;
    int64_t tiles, n_tiles_n; /* all; those of the columns                        */
};
status systolic_schedule_make(const struct systolic_config *c,
                              const struct systolic_shape *shape, struct arena *a,
                              struct systolic_schedule *out, struct err *err);

/* The streams of i_a and i_w. */
status systolic_streams_make(const struct systolic_config *c,
                             const struct systolic_job *j,
                             const struct systolic_schedule *s, struct arena *a,
                             struct systolic_stream *acts,
                             struct systolic_stream *weights, struct err *err);

#endif
