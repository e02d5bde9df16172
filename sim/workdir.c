#include "sim/workdir.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/file.h"
#include "base/hash.h"
#include "base/proc.h"

enum {
    STALE_S = 24 * 3600, /* far beyond the limit of any run                     */
    TOOL_LIMIT_S = 600,
};

static void remove_stale(struct arena *a, const char *root)
{
    DIR *dir = opendir(root);
    if (!dir) return;
    for (const struct dirent *e = readdir(dir); e; e = readdir(dir)) {
        if (e->d_name[0] == '.') continue;
        const char *path = file_join(a, root, e->d_name);
        struct stat sb;
        if (path && stat(path, &sb) == 0 && time(NULL) - sb.st_mtime > STALE_S)
            (void)file_remove_tree(path, NULL);
    }
    closedir(dir);
}

status workdir_new(struct arena *a, const char **path, struct err *err)
{
    *path = NULL;
    const char *cache = NULL;
    TRY(file_cache_dir(a, &cache, err));
    const char *root = file_join(a, cache, "tmp");
    char *name = arena_printf(a, "%s/tmp/XXXXXX", cache);
    if (!root || !name) return arena_exhausted(err);
    TRY(file_make_dirs(root, err));
    remove_stale(a, root);
    if (!mkdtemp(name)) return err_set(err, ST_IO, "%s: %s", name, strerror(errno));
    *path = name;
    return ST_OK;
}

void workdir_remove(const char *path)
{
    if (path) (void)file_remove_tree(path, NULL);
}

status workdir_run(const char *path, const char *const argv[], double limit_s,
                   struct err *err)
{
    struct arena *a = arena_new();
    const char *log = a ? file_join(a, path, "log") : NULL;
    const struct proc_options o = {
        .dir = path, .log_path = log, .time_limit_s = limit_s};
    const status st = log ? proc_run(argv, &o, err) : arena_exhausted(err);
    /* The folder does not outlive the run, so the log is no place to point at. */
    char *see = st == ST_TOOL && err ? strstr(err->msg, "; see ") : NULL;
    if (see) *see = '\0';
    arena_free(a);
    return st;
}

status workdir_publish(const char *from, const char *to, struct err *err)
{
    if (rename(from, to) == 0) return ST_OK;
    if (errno == EEXIST || errno == ENOTEMPTY) return ST_OK;
    return err_set(err, ST_IO, "%s: cannot rename to %s: %s", from, to,
                   strerror(errno));
}

void tool_arg(struct tool_args *l, const char *text)
{
    /* A full or failed list is kept too long to pass tool_run. */
    if (!text || l->n >= TOOL_MAX_ARGS - 1) {
        l->n = TOOL_MAX_ARGS;
        return;
    }
    l->v[l->n++] = text;
    l->v[l->n] = NULL;
}

void tool_args_hash(const struct tool_args *l, struct hash *h)
{
    for (int i = 0; i < l->n; i++)
        hash_text(h, l->v[i]);
}

status tool_run(const char *dir, const struct tool_args *l, struct err *err)
{
    if (l->n < TOOL_MAX_ARGS) return workdir_run(dir, l->v, TOOL_LIMIT_S, err);
    return err_set(err, ST_NOMEM, "%s: more than %d arguments, or out of memory",
                   l->v[0], TOOL_MAX_ARGS - 1);
}

static status hash_tool(struct hash *h, const char *tool, struct arena *a,
                        struct err *err)
{
    const char *path = NULL;
    TRY(proc_find(tool, a, &path, err));
    struct stat sb;
    if (stat(path, &sb) != 0)
        return err_set(err, ST_IO, "%s: %s", path, strerror(errno));
    hash_text(h, path);
    hash_i64(h, (int64_t)sb.st_size);
    hash_i64(h, (int64_t)sb.st_mtime);
    return ST_OK;
}

status workdir_hash_tool(struct hash *h, const char *tool, struct err *err)
{
    struct arena *a = arena_new();
    const status st = a ? hash_tool(h, tool, a, err) : arena_exhausted(err);
    arena_free(a);
    return st;
}

static status hash_file(struct hash *h, const char *name, struct arena *a,
                        struct err *err)
{
    const char *home = NULL;
    TRY(file_home_dir(a, &home, err));
    const char *path = file_join(a, home, name);
    if (!path) return arena_exhausted(err);
    char *text = NULL;
    size_t size = 0;
    TRY(file_read(path, a, &text, &size, err));
    hash_text(h, name);
    hash_i64(h, (int64_t)size);
    hash_bytes(h, text, size);
    return ST_OK;
}

status workdir_hash_file(struct hash *h, const char *name, struct err *err)
{
    struct arena *a = arena_new();
    const status st = a ? hash_file(h, name, a, err) : arena_exhausted(err);
    arena_free(a);
    return st;
}
