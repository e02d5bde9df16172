/* bench_peer.h -- the same training step in PyTorch, if Debian's python3-torch is here.
 */
#ifndef NN_BENCH_PEER_H
#define NN_BENCH_PEER_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/status.h"

struct bench_peer {
    bool is_absent; /* no script or no PyTorch: nothing else is filled            */
    double images_per_s, images_per_cpu_s, peak_mb;
    char version[32];
    char command[256]; /* as it was run                                           */
};

struct bench_peer_options {
    bool bf16, search; /* autocast; bits drawn for every step                     */
    int n_threads, batch;
    double seconds;
};

status bench_peer_run(const struct bench_peer_options *o, struct arena *a,
                      struct bench_peer *out, struct err *err);

#endif
