/* workdir.h -- a temporary folder in the cache for one run of external tools.
 *
 * It lies in <cache>/tmp, on the file system of what is kept, so that a finished
 * folder can be renamed to its final name.  Folders left by killed processes are
 * removed by whoever comes hours later. */
#ifndef SIM_WORKDIR_H
#define SIM_WORKDIR_H

#include "base/arena.h"
#include "base/hash.h"
#include "base/status.h"

/* Path in arena.  ST_IO. */
status workdir_new(struct arena *a, const char **path, struct err *err);
void workdir_remove(const char *path); /* NULL allowed */

/* Runs a tool in the folder for at most limit_s seconds; its output goes to the file
 * `log` there.  As proc_run. */
status workdir_run(const char *path, const char *const argv[], double limit_s,
                   struct err *err);

/* Gives a finished folder its final name.  An identical one that somebody else has put
 * there first is as good. */
status workdir_publish(const char *from, const char *to, struct err *err);

/* A command line in the making; ends with NULL. */
enum { TOOL_MAX_ARGS = 96 };
struct tool_args {
    int n;
    const char *v[TOOL_MAX_ARGS];
};
void tool_arg(struct tool_args *l, const char *text); /* borrowed; NULL is refused
                                                         by tool_run            */
void tool_args_hash(const struct tool_args *l, struct hash *h);
/* workdir_run with a limit that no compilation of ours comes near. */
status tool_run(const char *dir, const struct tool_args *l, struct err *err);

/* Adds to a key what identifies an installed tool: path, size and date of its file
 * (asking for its version takes longer than much of what the key is for). */
status workdir_hash_tool(struct hash *h, const char *tool, struct err *err);
/* Name and text of a file of the home directory. */
status workdir_hash_file(struct hash *h, const char *name, struct err *err);

#endif
