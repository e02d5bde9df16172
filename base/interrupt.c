/* interrupt.c -- see interrupt.h.
 *
 * The two marks below are the program's only mutable globals: a signal handler has no
 * other place to leave them. */
#include "base/interrupt.h"

#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* timeout(1) signals the process and then its group: one request that arrives twice.
 * Nobody presses Ctrl-C twice within this time. */
enum { ONE_REQUEST_MS = 200 };

static volatile sig_atomic_t n_signals;
static struct timespec first; /* when the first signal came */

static long ms_since(const struct timespec *then)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (now.tv_sec - then->tv_sec) * 1000 + (now.tv_nsec - then->tv_nsec) / 1000000;
}

static void on_signal(int number)
{
    if (n_signals) {
        if (ms_since(&first) >= ONE_REQUEST_MS) _exit(128 + number);
        return;
    }
    clock_gettime(CLOCK_MONOTONIC, &first);
    n_signals = 1;
    static const char msg[] = "\nstopping after this step; once more to abort\n";
    if (write(2, msg, sizeof msg - 1) < 0) return;
}

void interrupt_install(void)
{
    struct sigaction act;
    memset(&act, 0, sizeof act);
    act.sa_handler = on_signal;
    act.sa_flags = SA_RESTART; /* writes in progress are not cut short */
    sigemptyset(&act.sa_mask);
    sigaction(SIGINT, &act, NULL);
    sigaction(SIGTERM, &act, NULL);
    act.sa_handler = SIG_DFL; /* ignored by our parent, it would take exit statuses */
    sigaction(SIGCHLD, &act, NULL);
}

bool interrupt_requested(void) { return n_signals > 0; }

status interrupt_status(struct err *err, const char *how_to_resume)
{
    return err_set(err, ST_INTERRUPTED, "interrupted; %s", how_to_resume);
}
