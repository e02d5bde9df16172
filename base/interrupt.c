/* interrupt.c -- see interrupt.h.
 *
 * The counter below is the program's one mutable global: a signal handler has no
 * other place to leave its mark. */
#include "base/interrupt.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

static volatile sig_atomic_t n_signals;

static void on_signal(int number)
{
    if (n_signals++) _exit(128 + number);
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
