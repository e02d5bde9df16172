/* bench_peer.c -- runs tests/bench/step_peer.py and reads its line. */
#include "nn/bench_peer.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/proc.h"

/* Debian's, which alone sees Debian's PyTorch. */
static const char python[] = "/usr/bin/python3";

status bench_peer_run(const struct bench_peer_options *o, struct arena *a,
                      struct bench_peer *out, struct err *err)
{
    const char *home;
    char threads[16], batch[16], seconds[32], *text;
    *out = (struct bench_peer){.is_absent = true};
    TRY(file_home_dir(a, &home, err));
    const char *script = file_join(a, home, "tests/bench/step_peer.py");
    if (!script) return arena_exhausted(err);
    if (access(script, R_OK) != 0 || access(python, X_OK) != 0) return ST_OK;
    snprintf(threads, sizeof threads, "%d", o->n_threads);
    snprintf(batch, sizeof batch, "%d", o->batch);
    snprintf(seconds, sizeof seconds, "%g", o->seconds);
    /* Threads that spin while they wait lose most on a machine with other work. */
    static const char *const env[] = {"OMP_WAIT_POLICY=passive", NULL};
    const char *argv[12] = {python,    script, "--threads", threads,
                            "--batch", batch,  "--seconds", seconds};
    int n = 8;
    if (o->bf16) argv[n++] = "--bf16";
    if (o->search) argv[n++] = "--search";
    const struct proc_options how = {.env = env, .time_limit_s = 60 + 20 * o->seconds};
    TRY(proc_capture(argv, &how, a, &text, err));
    if (strncmp(text, "absent", 6) == 0) return ST_OK;
    out->is_absent = false;
    for (int i = 0, at = snprintf(out->command, sizeof out->command, "%s", env[0]);
         i < n && at < (int)sizeof out->command; i++)
        at += snprintf(out->command + at, sizeof out->command - (size_t)at, " %s",
                       i == 1 ? "tests/bench/step_peer.py" : argv[i]);
    if (sscanf(text, "%lf %lf %lf %31s", &out->images_per_s, &out->images_per_cpu_s,
               &out->peak_mb, out->version) != 4)
        return err_set(err, ST_TOOL, "%s: expected four values, found '%.80s'", script,
                       text);
    return ST_OK;
}
