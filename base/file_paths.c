/* file_paths.c -- where things are: joined paths, the cache, the installed data. */
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
