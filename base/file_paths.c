/* file_paths.c -- where things are: joined paths, the cache, the installed data. */
#define _XOPEN_SOURCE 700 /* realpath */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"

char *file_join(struct arena *a, const char *dir, const char *name)
{
    const size_t n = strlen(dir);
    if (n == 0 || name[0] == '/') return arena_strdup(a, name);
    return arena_printf(a, dir[n - 1] == '/' ? "%s%s" : "%s/%s", dir, name);
}

char *file_beside(struct arena *a, const char *base_file, const char *path)
{
    const char *slash = strrchr(base_file, '/');
    if (!slash || path[0] == '/') return arena_strdup(a, path);
    return arena_printf(a, "%.*s%s", (int)(slash - base_file + 1), base_file, path);
}

/* Real paths; NULL if one of them is not there. */
static char *lead(struct arena *a, const char *dir, const char *to)
{
    size_t common = 0, i = 0;
    for (; dir[i] && dir[i] == to[i]; i++)
        if (dir[i] == '/') common = i + 1;
    if (!dir[i] && to[i] == '/') common = i + 1; /* `to` lies in dir itself */
    int n_up = 0;
    for (const char *c = dir + (common <= strlen(dir) ? common : strlen(dir)); *c; c++)
        n_up += c[0] != '/' && (c[1] == '/' || !c[1]);
    char *ups = arena_alloc(a, (size_t)n_up * 3 + 1, 1);
    for (int k = 0; ups && k < n_up; k++)
        strcat(ups, "../");
    return ups ? arena_printf(a, "%s%s", ups, to + common) : NULL;
}

char *file_relative(struct arena *a, const char *base_file, const char *path)
{
    const char *slash = strrchr(base_file, '/');
    const char *folder =
        slash ? arena_strndup(a, base_file, (size_t)(slash - base_file + 1)) : ".";
    if (!folder || path[0] == '/') return arena_strdup(a, path);
    char *dir = realpath(folder, NULL), *to = realpath(path, NULL);
    char *out = dir && to ? lead(a, dir, to) : arena_strdup(a, path);
    free(dir);
    free(to);
    return out;
}

status file_cache_dir(struct arena *a, const char **out, struct err *err)
{
    const char *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
    char *dir;
    if (cache && cache[0] == '/') /* the standard: relative paths are ignored */
        dir = arena_printf(a, "%s/bitwright", cache);
    else if (home && home[0])
        dir = arena_printf(a, "%s/.cache/bitwright", home);
    else
        return err_set(err, ST_NOT_FOUND,
                       "no cache folder: set XDG_CACHE_HOME or HOME");
    if (!dir) return arena_exhausted(err);
    *out = dir;
    return file_make_dirs(dir, err);
}

/* The data lies in dir if the list of packages does. */
static bool holds_data(struct arena *a, const char *dir)
{
    const char *p = file_join(a, dir, "configs/packages.txt");
    return p && file_exists(p);
}

/* The tools that read the data run in folders of their own. */
static status make_absolute(struct arena *a, const char **path, struct err *err)
{
    char cwd[4096];
    if ((*path)[0] == '/') return ST_OK;
    if (!getcwd(cwd, sizeof cwd))
        return err_set(err, ST_IO, "%s: the current folder has no path", *path);
    *path = strcmp(*path, ".") == 0 ? arena_strdup(a, cwd) : file_join(a, cwd, *path);
    return *path ? ST_OK : arena_exhausted(err);
}

status file_home_dir(struct arena *a, const char **out, struct err *err)
{
    const char *set = getenv("BITWRIGHT_HOME");
    if (set && set[0]) {
        *out = arena_strdup(a, set);
        if (!*out) return arena_exhausted(err);
        if (holds_data(a, set)) return make_absolute(a, out, err);
        return err_set(err, ST_NOT_FOUND,
                       "%s: BITWRIGHT_HOME has no configs/packages.txt", set);
    }
    char exe[4096];
    const ssize_t n = readlink("/proc/self/exe", exe, sizeof exe - 1);
    exe[n > 0 ? n : 0] = '\0';
    /* Upwards from the binary: PREFIX/bin has PREFIX/share/bitwright beside it, a
     * build folder lies in the source tree. */
    for (char *slash; (slash = strrchr(exe, '/')) && slash > exe;) {
        *slash = '\0';
        char *share = file_join(a, exe, "share/bitwright");
        if (!share) return arena_exhausted(err);
        *out = holds_data(a, share) ? share : arena_strdup(a, exe);
        if (!*out) return arena_exhausted(err);
        if (holds_data(a, *out)) return ST_OK;
    }
    *out = ".";
    if (holds_data(a, ".")) return make_absolute(a, out, err);
    return err_set(err, ST_NOT_FOUND,
                   "the rtl/ and configs/ folders are not beside the program; "
                   "set BITWRIGHT_HOME to the folder that has them");
}
