/* proc_internal.h -- what proc.c and proc_tools.c share. */
#ifndef BASE_PROC_INTERNAL_H
#define BASE_PROC_INTERNAL_H

#include <stddef.h>

/* The line of a tool's log that says why it failed: the first one that mentions
 * an error, else the last one that is not empty.  "" if there is none. */
void proc_log_reason(int log_fd, char *out, size_t size);

#endif
