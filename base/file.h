/* file.h -- whole-file reading and all-or-nothing writing.
 *
 * A result is written to a temporary file beside its final name, flushed,
 * fsynced and renamed: a reader sees the old file or the new one, never part. */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/arena.h"
#include "base/status.h"

struct file_out {
    FILE *f;               /* write here */
    char *path, *tmp_path; /* owned */
};

status file_out_open(const char *path, struct file_out *o, struct err *err);
/* Makes it the file `path`; on any failure removes the temporary file. */
status file_out_commit(struct file_out *o, struct err *err);
void file_out_abort(struct file_out *o);
/* Whether a result can appear there, asked before the work.  ST_IO. */
status file_check_writable(const char *path, struct err *err);

/* Whole file, NUL appended beyond *size, in arena.  ST_NOT_FOUND, ST_IO. */
status file_read(const char *path, struct arena *a, char **bytes, size_t *size,
                 struct err *err);
/* Writes bytes as the whole file, all or nothing. */
status file_write(const char *path, const void *bytes, size_t size, struct err *err);

bool file_exists(const char *path);
/* mkdir -p.  ST_IO. */
status file_make_dirs(const char *path, struct err *err);
/* Removes a directory tree that we made; missing is fine. */
status file_remove_tree(const char *path, struct err *err);
/* "dir/name"; `path` relative to the directory of `base_file`.  In arena. */
char *file_join(struct arena *a, const char *dir, const char *name);
char *file_beside(struct arena *a, const char *base_file, const char *path);
/* The inverse: what leads from the directory of base_file, which must exist, to `path`.
 * An absolute path stays as it is, and so does one that names nothing.  In arena. */
char *file_relative(struct arena *a, const char *base_file, const char *path);
/* $XDG_CACHE_HOME/bitwright (or ~/.cache/bitwright), made if missing. */
status file_cache_dir(struct arena *a, const char **out, struct err *err);
/* Where the installed data (rtl/, configs/) lies, absolute: $BITWRIGHT_HOME, or the
 * folder found from the running binary.  In arena. */
status file_home_dir(struct arena *a, const char **out, struct err *err);

#endif
