/* proc.h -- running external tools: argv in, exit status out, never a shell. */
#ifndef BASE_PROC_H
#define BASE_PROC_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/status.h"

struct proc_options {
    const char *dir;        /* working directory; NULL = ours                 */
    const char *log_path;   /* stdout and stderr go there; NULL = not kept    */
    double time_limit_s;    /* kill the whole process group after; 0 = none   */
    const char *const *env; /* extra NAME=value, NULL-terminated; may be NULL */
    bool with_stderr;       /* proc_capture: what goes to stderr as well          */
};

/* Runs argv[0] (looked up on PATH) to its end.
 * ST_MISSING_TOOL if it is not there: err names the Debian package;
 * ST_TOOL if it fails or is killed by the limit: err has the end of the log;
 * ST_INTERRUPTED if SIGINT came while it ran (the child is killed). */
status proc_run(const char *const argv[], const struct proc_options *opt,
                struct err *err);
/* The same, with the child's stdout returned, in arena. */
status proc_capture(const char *const argv[], const struct proc_options *opt,
                    struct arena *a, char **text, struct err *err);

/* Full path of a tool on PATH, in arena; ST_MISSING_TOOL names the package. */
status proc_find(const char *tool, struct arena *a, const char **path, struct err *err);
/* Debian package that holds a tool; NULL if unknown.  static. */
const char *proc_package_of(const char *tool);

#endif
