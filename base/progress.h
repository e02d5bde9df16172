/* progress.h -- one line on stderr: done, rate, ETA.
 *
 * On a terminal it is redrawn in place; otherwise a line is logged at most every
 * 10 s.  Silent if asked so, and with the global option --quiet. */
#ifndef BASE_PROGRESS_H
#define BASE_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct progress {
    const char *label; /* borrowed */
    const char *unit;  /* borrowed, e.g. "images" */
    int64_t total, done;
    double start_s, shown_s;
    bool quiet, tty;
};

void progress_start(struct progress *p, const char *label, const char *unit,
                    int64_t total, bool quiet);
/* note (may be NULL) is shown after the rate, e.g. "loss 0.31". */
void progress_update(struct progress *p, int64_t done, const char *note);
void progress_end(struct progress *p, const char *note);

double clock_now_s(void); /* monotonic [s] */
double clock_cpu_s(void); /* of all threads of this process so far [s] */

#endif
