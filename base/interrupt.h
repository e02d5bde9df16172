/* interrupt.h -- SIGINT once: save and stop; twice: abort at once.
 * Two signals within a fifth of a second count as one: timeout(1) sends two. */
#ifndef BASE_INTERRUPT_H
#define BASE_INTERRUPT_H

#include <stdbool.h>

#include "base/status.h"

/* Installs the handler for SIGINT and SIGTERM and brings back the default one for
 * SIGCHLD, which proc_run needs; called once by main. */
void interrupt_install(void);
/* True after the first signal.  Long loops poll it between units of work. */
bool interrupt_requested(void);
/* ST_INTERRUPTED with a message that says how to resume. */
status interrupt_status(struct err *err, const char *how_to_resume);

#endif
