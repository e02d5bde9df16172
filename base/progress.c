/* progress.c -- see progress.h. */
#include "base/progress.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "base/cli.h"

static const double redraw_s = 0.2; /* on a terminal: readable, no flicker      */
static const double log_s = 10.0;   /* in a log file                            */

double clock_now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

double clock_cpu_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

void progress_start(struct progress *p, const char *label, const char *unit,
                    int64_t total, bool quiet)
{
    const double now = clock_now_s();
    *p = (struct progress){.label = label,
                           .unit = unit,
                           .total = total,
                           .start_s = now,
                           .shown_s = now,
                           .quiet = quiet || cli_quiet(),
                           .tty = isatty(2) == 1};
}

static void show(const struct progress *p, double now, const char *note, bool last)
{
    const double took = now - p->start_s;
    const double rate = took > 0 ? (double)p->done / took : 0;
    char when[32];
    if (last || rate <= 0 || p->total <= 0)
        snprintf(when, sizeof when, "%.1f s", took);
    else
        snprintf(when, sizeof when, "ETA %.0f s", (double)(p->total - p->done) / rate);
    fprintf(stderr, "%s%s: %lld/%lld %s, %.3g/s, %s%s%s%s", p->tty ? "\r" : "",
            p->label, (long long)p->done, (long long)p->total, p->unit, rate, when,
            note ? ", " : "", note ? note : "", p->tty ? "\033[K" : "\n");
    if (p->tty && last) fputc('\n', stderr);
}

void progress_update(struct progress *p, int64_t done, const char *note)
{
    p->done = done;
    const double now = clock_now_s();
    if (p->quiet || now - p->shown_s < (p->tty ? redraw_s : log_s)) return;
    p->shown_s = now;
    show(p, now, note, false);
}

void progress_end(struct progress *p, const char *note)
{
    if (!p->quiet) show(p, clock_now_s(), note, true);
}
