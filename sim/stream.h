/* stream.h -- drivers and monitors of ready/valid streams.
 *
 * A stream named `s` is the ports s_data, s_valid, s_ready; a word moves in a cycle
 * in which valid and ready are both high at the rising edge.  Stalls are random:
 * in each cycle a driver that holds no word offers none, and a monitor is not ready,
 * with probability p_stall.  While nothing is offered, data carries random bits. The
 * monitor checks the rule of the other side: valid never drops before the transfer
 * and data is stable while stalled. */
#ifndef SIM_STREAM_H
#define SIM_STREAM_H

#include <stdbool.h>
#include <stdint.h>

#include "base/rng.h"
#include "base/status.h"
#include "sim/dut.h"

/* Packed words: word i at data[i * n_words32], least significant bits first. */
struct stream_words {
    int32_t bits;      /* of one word, that of the port                      */
    int32_t n_words32; /* 32-bit words that hold it                          */
    int64_t n;
    uint32_t *data; /* (n, n_words32)                                        */
};
/* Zeroed storage for n words of `bits` bits, in arena. */
status stream_words_new(struct arena *a, int32_t bits, int64_t n,
                        struct stream_words *out, struct err *err);
uint32_t *stream_word(const struct stream_words *w, int64_t i);

struct stream_options {
    double p_stall; /* [0, 1) on both sides                                   */
    uint64_t seed;
    int64_t timeout_cycles; /* >= 1: the run fails after that many           */
};

/* One driver or monitor; fields are private to stream.c. */
struct stream_port {
    struct dut *d;
    int data, valid, ready;
    struct stream_words *words;
    int64_t next; /* word that moves next                                    */
    double p_stall;
    struct rng rng;
    bool active;    /* source: offers a word; sink: is ready                   */
    bool waiting;   /* sink: a valid word was not taken in the previous cycle  */
    uint32_t *held; /* (n_words32) sink: that word; source: idle data         */
    uint32_t *now;  /* (n_words32) sink: the word at the port                 */
};

/* Binds the ports `name`_data, ..._valid, ..._ready.  ST_MISMATCH names a missing
 * port or the width that was expected.  Scratch in arena. */
status stream_source_init(struct stream_port *p, struct dut *d, const char *name,
                          struct stream_words *words, const struct stream_options *opt,
                          struct arena *a, struct err *err);
status stream_sink_init(struct stream_port *p, struct dut *d, const char *name,
                        struct stream_words *words, const struct stream_options *opt,
                        struct arena *a, struct err *err);

/* One cycle is: drive every port, dut_eval, sample every port, dut_tick. */
void stream_source_drive(struct stream_port *p);
void stream_source_sample(struct stream_port *p);
void stream_sink_drive(struct stream_port *p);
status stream_sink_sample(struct stream_port *p, struct err *err);

/* Feeds all of `in` to stream s and collects out->n words from stream m.
 * *cycles: from the first cycle, in which the first word is offered unless stalled,
 * to the cycle in which the last word is taken, inclusive.  A few idle cycles later
 * it has also seen that no word too many comes.
 * ST_MISMATCH: time-out (with the words moved so far), a broken stream rule, an extra
 * word, or a fired assertion. */
status stream_run(struct dut *d, struct stream_words *in, struct stream_words *out,
                  const struct stream_options *opt, int64_t *cycles, struct err *err);

#endif
